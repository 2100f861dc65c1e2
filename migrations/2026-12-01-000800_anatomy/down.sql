DROP TABLE muscle_mappings;
DROP TABLE muscles;
