-- What was measured is often no finite decimal, and a rounded one lets a little more through than
-- was decided on, or stops what has not changed. The fraction is kept beside it. Rows of before have
-- none, so that they have the text they were sealed with.
ALTER TABLE safety_overrides
    ADD COLUMN exact_actual text,
    ADD CONSTRAINT safety_overrides_exact_actual_is_fraction CHECK (exact_actual ~ '^[0-9]{1,39}/[0-9]{1,39}$'),
    ADD CONSTRAINT safety_overrides_exact_actual_has_actual CHECK (exact_actual IS NULL OR actual IS NOT NULL);
COMMENT ON COLUMN safety_overrides.actual IS 'What was measured then, rounded for reading.';
COMMENT ON COLUMN safety_overrides.exact_actual IS 'What was measured then, as numerator and denominator; it covers no more than that.';
-- What needs no override may have to be acknowledged.
ALTER TABLE safety_overrides
    DROP CONSTRAINT safety_overrides_check_status_known,
    ADD CONSTRAINT safety_overrides_check_status_known CHECK (check_status IN ('warn', 'indeterminate', 'block'));
COMMENT ON TABLE safety_overrides IS 'A provider''s decision to go on against a check, or having read it, with the reason.';
