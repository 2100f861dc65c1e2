DROP INDEX patients_by_person;
ALTER TABLE patients DROP COLUMN person_id;
CREATE INDEX patients_by_person ON patients (practice_id, coalesce(merged_into_id, id));
