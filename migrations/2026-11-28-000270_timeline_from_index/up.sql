-- What a timeline tells of an appointment lies beside its place in it: the appointments of a patient
-- are spread over years, and each was a page of its own, of which a large practice has few in
-- memory. Every change of an appointment writes to an index already, for what was changed last.
DROP INDEX appointments_by_patient;
CREATE INDEX appointments_by_patient ON appointments (practice_id, patient_id, starts_at, id)
    INCLUDE (status, location_id, appointment_type_id);
