-- A procedure that is begun or planned cannot always be finished.
ALTER TABLE procedures
    ADD COLUMN stopped_at timestamptz,
    ADD COLUMN stopped_by uuid,
    ADD COLUMN stop_reason text,
    ADD CONSTRAINT procedures_stopped_whole CHECK ((status = 'abandoned') = (stopped_at IS NOT NULL)
        AND (stopped_at IS NULL) = (stopped_by IS NULL) AND (stopped_at IS NULL) = (stop_reason IS NULL)),
    ADD CONSTRAINT procedures_stop_reason_length CHECK (char_length(stop_reason) BETWEEN 1 AND 1000),
    DROP CONSTRAINT procedures_discharged_when_completed,
    ADD CONSTRAINT procedures_discharged_when_over CHECK (discharged_at IS NULL
        OR (coalesce(completed_at, stopped_at) IS NOT NULL AND discharged_at >= coalesce(completed_at, stopped_at)));
COMMENT ON COLUMN procedures.completed_at IS 'When it was over, if it was finished.';
COMMENT ON COLUMN procedures.stopped_at IS 'When it was abandoned; before it began where it never did.';
COMMENT ON COLUMN procedures.stopped_by IS 'The user who stopped it.';
COMMENT ON COLUMN procedures.stop_reason IS 'Why it was not finished.';
