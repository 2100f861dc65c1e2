ALTER TABLE openings DROP COLUMN appointment_id;
