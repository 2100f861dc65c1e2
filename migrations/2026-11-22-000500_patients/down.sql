DROP TABLE conditions;
DROP TABLE medications;
DROP TABLE allergies;
DROP FUNCTION search_patients;
DROP TABLE patients;
