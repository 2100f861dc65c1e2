DROP TABLE muscles;
