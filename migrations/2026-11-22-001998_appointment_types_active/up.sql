-- What a practice no longer offers stays on record with those who had it.
ALTER TABLE appointment_types ADD COLUMN active boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN appointment_types.active IS 'Whether anything new of it is booked.';
