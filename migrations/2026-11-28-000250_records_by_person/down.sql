DROP INDEX patients_by_person;
CREATE INDEX patients_by_person ON patients (practice_id, person_id);
