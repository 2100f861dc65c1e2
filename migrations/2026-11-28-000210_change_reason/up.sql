-- Why a patient comes is often told better on the telephone than it was when booking.
ALTER TABLE appointment_changes
    DROP CONSTRAINT appointment_changes_change_known,
    ADD CONSTRAINT appointment_changes_change_known CHECK (change IN ('book', 'confirm', 'check_in', 'room', 'start', 'complete',
        'cancel', 'no_show', 'reschedule', 'undo', 'change_reason'));
COMMENT ON COLUMN appointment_changes.reason IS 'Why. Where it was changed why the patient comes, what had been told until then.';
