DROP INDEX appointments_by_patient;
CREATE INDEX appointments_by_patient ON appointments (practice_id, patient_id, starts_at, id);
