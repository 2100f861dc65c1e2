-- Every part of a chart asks which records a person has. From a hash index that is two pages,
-- however many patients there are, as it is for a patient by id.
DROP INDEX patients_by_person;
CREATE INDEX patients_by_person ON patients USING hash (person_id);
