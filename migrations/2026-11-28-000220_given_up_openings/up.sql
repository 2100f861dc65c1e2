-- Whoever gives up a time and waits for another is not offered that very time again.
ALTER TABLE openings
    ADD COLUMN appointment_id uuid,
    ADD CONSTRAINT openings_appointment_exists FOREIGN KEY (practice_id, appointment_id) REFERENCES appointments (practice_id, id);
COMMENT ON COLUMN openings.appointment_id IS 'The appointment that gave it up, where one did.';
