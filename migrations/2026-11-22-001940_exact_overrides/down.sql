COMMENT ON TABLE safety_overrides IS 'A provider''s decision to go on against a check, with the reason.';
-- Sealed rows are not taken away: what was acknowledged stays, and no more of it comes.
ALTER TABLE safety_overrides
    DROP CONSTRAINT safety_overrides_check_status_known,
    ADD CONSTRAINT safety_overrides_check_status_known CHECK (check_status IN ('indeterminate', 'block')) NOT VALID;
COMMENT ON COLUMN safety_overrides.actual IS 'What was measured then; it covers no more than that.';
ALTER TABLE safety_overrides
    DROP CONSTRAINT safety_overrides_exact_actual_has_actual,
    DROP CONSTRAINT safety_overrides_exact_actual_is_fraction,
    DROP COLUMN exact_actual;
