DROP TABLE visit_addenda;
DROP TABLE visits;
