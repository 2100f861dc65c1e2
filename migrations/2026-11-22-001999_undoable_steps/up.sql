-- Whether there is anything to take back is shown with every appointment on every list: it is not asked of the history each time.
ALTER TABLE appointments
    ADD COLUMN undoable_steps smallint NOT NULL DEFAULT 0,
    ADD CONSTRAINT appointments_undoable_steps_range CHECK (undoable_steps >= 0);
COMMENT ON COLUMN appointments.undoable_steps IS 'How many steps since the booking can be taken back, one after the other.';

-- The owner of forced tables sees no row of them either.
ALTER TABLE appointments NO FORCE ROW LEVEL SECURITY;
ALTER TABLE appointment_changes NO FORCE ROW LEVEL SECURITY;
UPDATE appointments a SET undoable_steps = h.steps
FROM (SELECT practice_id, appointment_id, sum(CASE change WHEN 'book' THEN 0 WHEN 'undo' THEN -1 ELSE 1 END) AS steps
    FROM appointment_changes GROUP BY practice_id, appointment_id) h
WHERE a.practice_id = h.practice_id AND a.id = h.appointment_id AND h.steps > 0;
ALTER TABLE appointment_changes FORCE ROW LEVEL SECURITY;
ALTER TABLE appointments FORCE ROW LEVEL SECURITY;
