DROP TABLE palpations;
DROP TABLE trigger_points;
DROP TABLE note_templates;
DROP TABLE visit_hand_overs;
DROP TABLE visit_addenda;
DROP TABLE visits;
