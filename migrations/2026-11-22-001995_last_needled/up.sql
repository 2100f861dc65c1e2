-- Who walked in for a needle yesterday is as little booked for another tomorrow as who was booked for it. Booking asks for the
-- patient, not for procedures: those are of a feature above it.
ALTER TABLE patients ADD COLUMN last_needled_at timestamptz;
COMMENT ON COLUMN patients.last_needled_at IS 'When a procedure ended in which a needle went in, the last time.';

-- The owner of forced tables sees no row of them either.
ALTER TABLE patients NO FORCE ROW LEVEL SECURITY;
ALTER TABLE procedures NO FORCE ROW LEVEL SECURITY;
ALTER TABLE injections NO FORCE ROW LEVEL SECURITY;
UPDATE patients p SET last_needled_at = needled.at
FROM (SELECT practice_id, patient_id, max(coalesce(completed_at, stopped_at)) AS at FROM procedures r
    WHERE EXISTS (SELECT FROM injections i WHERE i.practice_id = r.practice_id AND i.procedure_id = r.id)
    GROUP BY practice_id, patient_id) needled
WHERE p.practice_id = needled.practice_id AND p.id = needled.patient_id;
ALTER TABLE injections FORCE ROW LEVEL SECURITY;
ALTER TABLE procedures FORCE ROW LEVEL SECURITY;
ALTER TABLE patients FORCE ROW LEVEL SECURITY;
