-- Who was gravely harmed is not booked again before a provider has looked into it. Booking asks for
-- the patient, not for events: those are of a feature above it, and not for the front desk to read.
ALTER TABLE patients ADD COLUMN awaited_reviews integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT patients_awaited_reviews_counted CHECK (awaited_reviews >= 0);
COMMENT ON COLUMN patients.awaited_reviews IS 'How many things written to this record a provider must review before anything is booked for the person.';

-- The owner of forced tables sees no row of them either.
ALTER TABLE patients NO FORCE ROW LEVEL SECURITY;
ALTER TABLE adverse_events NO FORCE ROW LEVEL SECURITY;
UPDATE patients p SET awaited_reviews = awaited.events
FROM (SELECT practice_id, patient_id, count(*) AS events FROM adverse_events
    WHERE review_due_by IS NOT NULL AND reviewed_at IS NULL GROUP BY practice_id, patient_id) awaited
WHERE p.practice_id = awaited.practice_id AND p.id = awaited.patient_id;
ALTER TABLE adverse_events FORCE ROW LEVEL SECURITY;
ALTER TABLE patients FORCE ROW LEVEL SECURITY;
