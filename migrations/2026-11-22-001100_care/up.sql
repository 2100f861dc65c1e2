CREATE TABLE follow_up_protocols (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    procedure_kind text NOT NULL,
    name text NOT NULL,
    steps jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT follow_up_protocols_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT follow_up_protocols_procedure_kind_known CHECK (procedure_kind IN ('trigger_point_injection', 'dry_needling', 'botulinum_toxin')),
    CONSTRAINT follow_up_protocols_name_length CHECK (char_length(name) BETWEEN 1 AND 200)
);
CREATE INDEX follow_up_protocols_by_kind ON follow_up_protocols (practice_id, procedure_kind, id);
COMMENT ON TABLE follow_up_protocols IS 'Which follow-ups a kind of procedure brings, by version; the newest is in force.';
COMMENT ON COLUMN follow_up_protocols.practice_id IS 'The practice.';
COMMENT ON COLUMN follow_up_protocols.id IS 'UUIDv7.';
COMMENT ON COLUMN follow_up_protocols.procedure_kind IS 'The kind of procedure.';
COMMENT ON COLUMN follow_up_protocols.name IS 'Name as shown to people.';
COMMENT ON COLUMN follow_up_protocols.steps IS 'The steps in order: code, kind, window after the procedure, reason.';
COMMENT ON COLUMN follow_up_protocols.created_at IS 'When it was recorded.';
CALL control.protect_practice_table('follow_up_protocols');
GRANT SELECT, INSERT ON follow_up_protocols TO tautband_app;

CREATE TABLE follow_ups (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    due_from timestamptz NOT NULL,
    due_by timestamptz NOT NULL,
    procedure_id uuid,
    protocol_id uuid,
    protocol_step text,
    appointment_id uuid,
    status text NOT NULL,
    outcome text,
    closed_at timestamptz,
    closed_by uuid,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT follow_ups_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT follow_ups_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT follow_ups_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT follow_ups_protocol_exists FOREIGN KEY (practice_id, protocol_id) REFERENCES follow_up_protocols (practice_id, id),
    CONSTRAINT follow_ups_appointment_exists FOREIGN KEY (practice_id, appointment_id) REFERENCES appointments (practice_id, id),
    CONSTRAINT follow_ups_kind_known CHECK (kind IN ('visit', 'call', 'message', 'questionnaire')),
    CONSTRAINT follow_ups_status_known CHECK (status IN ('open', 'done', 'cancelled')),
    CONSTRAINT follow_ups_window_order CHECK (due_by >= due_from),
    CONSTRAINT follow_ups_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500),
    CONSTRAINT follow_ups_outcome_length CHECK (char_length(outcome) BETWEEN 1 AND 2000),
    CONSTRAINT follow_ups_protocol_step_length CHECK (char_length(protocol_step) BETWEEN 1 AND 60),
    CONSTRAINT follow_ups_closed_whole CHECK ((status = 'open') = (closed_at IS NULL)),
    CONSTRAINT follow_ups_step_once UNIQUE (practice_id, procedure_id, protocol_step)
);
CREATE INDEX follow_ups_open_by_due ON follow_ups (practice_id, due_by, id) WHERE status = 'open';
CREATE INDEX follow_ups_by_patient ON follow_ups (practice_id, patient_id, due_from, id);
CREATE INDEX follow_ups_by_appointment ON follow_ups (practice_id, appointment_id) WHERE appointment_id IS NOT NULL;
CREATE INDEX follow_ups_closed ON follow_ups (practice_id, due_by, id) WHERE status <> 'open';
COMMENT ON TABLE follow_ups IS 'Something owed to a patient within a window of time.';
COMMENT ON COLUMN follow_ups.practice_id IS 'The practice.';
COMMENT ON COLUMN follow_ups.id IS 'UUIDv7.';
COMMENT ON COLUMN follow_ups.patient_id IS 'The patient.';
COMMENT ON COLUMN follow_ups.kind IS 'How the patient is followed up.';
COMMENT ON COLUMN follow_ups.reason IS 'What for, in words a patient may read.';
COMMENT ON COLUMN follow_ups.due_from IS 'When the window opens.';
COMMENT ON COLUMN follow_ups.due_by IS 'When it is overdue.';
COMMENT ON COLUMN follow_ups.procedure_id IS 'The procedure it follows.';
COMMENT ON COLUMN follow_ups.protocol_id IS 'The protocol that asked for it.';
COMMENT ON COLUMN follow_ups.protocol_step IS 'The step of the protocol.';
COMMENT ON COLUMN follow_ups.appointment_id IS 'The appointment made for it.';
COMMENT ON COLUMN follow_ups.status IS 'Open until done or cancelled; due and overdue follow from the window.';
COMMENT ON COLUMN follow_ups.outcome IS 'What came of it.';
COMMENT ON COLUMN follow_ups.closed_at IS 'When it was done or cancelled.';
COMMENT ON COLUMN follow_ups.closed_by IS 'The user who closed it.';
COMMENT ON COLUMN follow_ups.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN follow_ups.created_at IS 'When it was recorded.';
COMMENT ON COLUMN follow_ups.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('follow_ups', 'patient_id');
GRANT SELECT, INSERT, UPDATE ON follow_ups TO tautband_app;

CREATE TABLE diary_entries (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    entry_date date NOT NULL,
    headache boolean NOT NULL,
    migraine boolean NOT NULL,
    peak_pain_nrs smallint,
    duration_minutes integer,
    medications jsonb NOT NULL,
    triggers text[] NOT NULL,
    sleep_hours numeric(3,1),
    stress_nrs smallint,
    note text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT diary_entries_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT diary_entries_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT diary_entries_day_once UNIQUE (practice_id, patient_id, entry_date),
    CONSTRAINT diary_entries_pain_range CHECK (peak_pain_nrs BETWEEN 0 AND 10),
    CONSTRAINT diary_entries_duration_range CHECK (duration_minutes BETWEEN 0 AND 1440),
    CONSTRAINT diary_entries_sleep_range CHECK (sleep_hours BETWEEN 0 AND 24),
    CONSTRAINT diary_entries_stress_range CHECK (stress_nrs BETWEEN 0 AND 10),
    CONSTRAINT diary_entries_migraine_is_headache CHECK (headache OR NOT migraine),
    CONSTRAINT diary_entries_note_length CHECK (char_length(note) BETWEEN 1 AND 2000)
);
COMMENT ON TABLE diary_entries IS 'One day in a patient''s headache diary.';
COMMENT ON COLUMN diary_entries.practice_id IS 'The practice.';
COMMENT ON COLUMN diary_entries.id IS 'UUIDv7.';
COMMENT ON COLUMN diary_entries.patient_id IS 'The patient.';
COMMENT ON COLUMN diary_entries.entry_date IS 'The local day.';
COMMENT ON COLUMN diary_entries.headache IS 'Whether there was any headache.';
COMMENT ON COLUMN diary_entries.migraine IS 'Whether it had migraine features.';
COMMENT ON COLUMN diary_entries.peak_pain_nrs IS 'Worst pain, 0 to 10.';
COMMENT ON COLUMN diary_entries.duration_minutes IS 'How long it lasted.';
COMMENT ON COLUMN diary_entries.medications IS 'Acute medicines taken: name and class.';
COMMENT ON COLUMN diary_entries.triggers IS 'What may have set it off, by category.';
COMMENT ON COLUMN diary_entries.sleep_hours IS 'Hours slept.';
COMMENT ON COLUMN diary_entries.stress_nrs IS 'Stress, 0 to 10.';
COMMENT ON COLUMN diary_entries.note IS 'In the patient''s words.';
COMMENT ON COLUMN diary_entries.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN diary_entries.created_at IS 'When it was recorded.';
COMMENT ON COLUMN diary_entries.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('diary_entries', 'patient_id');
GRANT SELECT, INSERT, UPDATE ON diary_entries TO tautband_app;
