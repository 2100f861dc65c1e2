COMMENT ON COLUMN procedures.completed_at IS 'When it was over.';
ALTER TABLE procedures
    DROP CONSTRAINT procedures_discharged_when_over,
    ADD CONSTRAINT procedures_discharged_when_completed
        CHECK (discharged_at IS NULL OR (completed_at IS NOT NULL AND discharged_at >= completed_at)) NOT VALID,
    DROP CONSTRAINT procedures_stop_reason_length,
    DROP CONSTRAINT procedures_stopped_whole,
    DROP COLUMN stop_reason,
    DROP COLUMN stopped_by,
    DROP COLUMN stopped_at;
