-- What was asked on the telephone, how often one has tried, and follow-ups that the life of their
-- appointment moves: stored with the step of the appointment, so that whoever reads a follow-up
-- reads the same, a client that syncs by time of change sees it, and its ETag says so.
ALTER TABLE follow_ups ADD COLUMN symptoms_asked text[];
ALTER TABLE follow_ups ADD COLUMN attempt_count smallint NOT NULL DEFAULT 0;
ALTER TABLE follow_ups ADD COLUMN last_attempt_at timestamptz;
COMMENT ON COLUMN follow_ups.symptoms_asked IS 'The questions of the screen for adverse events that were answered; null where nobody was screened.';
COMMENT ON COLUMN follow_ups.attempt_count IS 'How often one has tried to reach the patient in vain.';
COMMENT ON COLUMN follow_ups.last_attempt_at IS 'When one last tried in vain.';
ALTER TABLE follow_ups ADD CONSTRAINT follow_ups_asked_known CHECK (symptoms_asked <@ ARRAY['chest_pain', 'breathlessness', 'fever', 'weakness', 'spreading_redness', 'soreness', 'bruising', 'bleeding', 'dizziness', 'worse_headache', 'other']);
ALTER TABLE follow_ups ADD CONSTRAINT follow_ups_reported_were_asked CHECK (adverse_symptoms <@ coalesce(symptoms_asked, '{}'));
ALTER TABLE follow_ups ADD CONSTRAINT follow_ups_attempts_counted CHECK (attempt_count >= 0 AND (attempt_count = 0) = (last_attempt_at IS NULL));

-- The owner of forced tables sees no row of them either.
ALTER TABLE follow_ups NO FORCE ROW LEVEL SECURITY;
ALTER TABLE appointments NO FORCE ROW LEVEL SECURITY;
UPDATE follow_ups SET symptoms_asked = adverse_symptoms WHERE cardinality(adverse_symptoms) > 0;
UPDATE follow_ups f SET status = 'done', closed_at = coalesce(a.completed_at, a.ends_at), version = f.version + 1
FROM appointments a
WHERE f.status = 'open' AND a.practice_id = f.practice_id AND a.id = f.appointment_id AND a.status = 'completed';
ALTER TABLE appointments FORCE ROW LEVEL SECURITY;
ALTER TABLE follow_ups FORCE ROW LEVEL SECURITY;
-- Calls of before were not asked for all of it.
ALTER TABLE follow_ups ADD CONSTRAINT follow_ups_calls_screened CHECK (kind <> 'call' OR outcome IS NULL OR
    (symptoms_asked IS NOT NULL AND relief_percent IS NOT NULL AND next_step IS NOT NULL)) NOT VALID;
CREATE INDEX follow_ups_open_urgent ON follow_ups (practice_id, due_by, id) WHERE status = 'open' AND urgent;

CREATE TABLE follow_up_attempts (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    follow_up_id uuid NOT NULL,
    result text NOT NULL,
    attempted_by uuid NOT NULL,
    attempted_at timestamptz NOT NULL,
    CONSTRAINT follow_up_attempts_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT follow_up_attempts_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT follow_up_attempts_follow_up_exists FOREIGN KEY (practice_id, follow_up_id) REFERENCES follow_ups (practice_id, id),
    CONSTRAINT follow_up_attempts_result_known CHECK (result IN ('no_answer', 'left_message', 'busy', 'wrong_number', 'call_back_later'))
);
CREATE INDEX follow_up_attempts_by_follow_up ON follow_up_attempts (practice_id, follow_up_id, id);
CREATE INDEX follow_up_attempts_by_patient ON follow_up_attempts (practice_id, patient_id, id);
COMMENT ON TABLE follow_up_attempts IS 'A try to reach a patient about a follow-up that did not reach them; never changed.';
COMMENT ON COLUMN follow_up_attempts.practice_id IS 'The practice.';
COMMENT ON COLUMN follow_up_attempts.id IS 'UUIDv7.';
COMMENT ON COLUMN follow_up_attempts.patient_id IS 'The patient.';
COMMENT ON COLUMN follow_up_attempts.follow_up_id IS 'What it was about.';
COMMENT ON COLUMN follow_up_attempts.result IS 'Why nobody was reached.';
COMMENT ON COLUMN follow_up_attempts.attempted_by IS 'The user who tried.';
COMMENT ON COLUMN follow_up_attempts.attempted_at IS 'When.';
CALL control.protect_patient_table('follow_up_attempts', 'patient_id');
GRANT SELECT, INSERT ON follow_up_attempts TO tautband_app;
