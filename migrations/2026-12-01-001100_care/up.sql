-- What comes after the needle: protocols, follow-ups, the diary, assessments and the plan.

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
    raised_by uuid,
    urgent boolean NOT NULL,
    status text NOT NULL,
    outcome text,
    adverse_symptoms text[] NOT NULL,
    relief_percent smallint,
    next_step text,
    cancel_reason text,
    closed_at timestamptz,
    closed_by uuid,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    symptoms_asked text[],
    attempt_count smallint NOT NULL DEFAULT 0,
    last_attempt_at timestamptz,
    CONSTRAINT follow_ups_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT follow_ups_raised_once UNIQUE (practice_id, raised_by),
    CONSTRAINT follow_ups_step_once UNIQUE (practice_id, procedure_id, protocol_step),
    CONSTRAINT follow_ups_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT follow_ups_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT follow_ups_protocol_exists FOREIGN KEY (practice_id, protocol_id) REFERENCES follow_up_protocols (practice_id, id),
    CONSTRAINT follow_ups_appointment_exists FOREIGN KEY (practice_id, appointment_id) REFERENCES appointments (practice_id, id),
    CONSTRAINT follow_ups_raised_by_exists FOREIGN KEY (practice_id, raised_by) REFERENCES follow_ups (practice_id, id),
    CONSTRAINT follow_ups_kind_known CHECK (kind IN ('visit', 'call', 'message', 'questionnaire')),
    CONSTRAINT follow_ups_status_known CHECK (status IN ('open', 'done', 'cancelled')),
    CONSTRAINT follow_ups_window_order CHECK (due_by >= due_from),
    CONSTRAINT follow_ups_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500),
    CONSTRAINT follow_ups_outcome_length CHECK (char_length(outcome) BETWEEN 1 AND 2000),
    CONSTRAINT follow_ups_next_step_length CHECK (char_length(next_step) BETWEEN 1 AND 1000),
    CONSTRAINT follow_ups_cancel_reason_length CHECK (char_length(cancel_reason) BETWEEN 1 AND 500),
    CONSTRAINT follow_ups_relief_range CHECK (relief_percent BETWEEN -100 AND 100),
    CONSTRAINT follow_ups_symptoms_known CHECK (adverse_symptoms <@ ARRAY['chest_pain', 'breathlessness', 'fever', 'weakness', 'spreading_redness', 'soreness', 'bruising', 'bleeding', 'dizziness', 'worse_headache', 'other']),
    CONSTRAINT follow_ups_cancelled_why CHECK ((status = 'cancelled') = (cancel_reason IS NOT NULL)),
    CONSTRAINT follow_ups_protocol_step_length CHECK (char_length(protocol_step) BETWEEN 1 AND 60),
    CONSTRAINT follow_ups_closed_whole CHECK ((status = 'open') = (closed_at IS NULL)),
    CONSTRAINT follow_ups_asked_known CHECK (symptoms_asked <@ ARRAY['chest_pain', 'breathlessness', 'fever', 'weakness', 'spreading_redness', 'soreness', 'bruising', 'bleeding', 'dizziness', 'worse_headache', 'other']),
    CONSTRAINT follow_ups_reported_were_asked CHECK (adverse_symptoms <@ coalesce(symptoms_asked, '{}')),
    CONSTRAINT follow_ups_attempts_counted CHECK (attempt_count >= 0 AND (attempt_count = 0) = (last_attempt_at IS NULL)),
    CONSTRAINT follow_ups_calls_screened CHECK (kind <> 'call' OR outcome IS NULL OR (symptoms_asked IS NOT NULL AND relief_percent IS NOT NULL AND next_step IS NOT NULL)) NOT VALID
);
CREATE INDEX follow_ups_open_by_due ON follow_ups (practice_id, due_by, id) WHERE (status = 'open');
CREATE INDEX follow_ups_by_patient ON follow_ups (practice_id, patient_id, due_from, id);
CREATE INDEX follow_ups_by_appointment ON follow_ups (practice_id, appointment_id) WHERE (appointment_id IS NOT NULL);
CREATE INDEX follow_ups_by_due ON follow_ups (practice_id, due_by, id);
CREATE INDEX follow_ups_open_urgent ON follow_ups (practice_id, due_by, id) WHERE ((status = 'open') AND urgent);
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
COMMENT ON COLUMN follow_ups.raised_by IS 'The follow-up whose red flag raised this one.';
COMMENT ON COLUMN follow_ups.urgent IS 'Whether it goes before everything else.';
COMMENT ON COLUMN follow_ups.status IS 'Open until done or cancelled; due and overdue follow from the window.';
COMMENT ON COLUMN follow_ups.outcome IS 'What came of it.';
COMMENT ON COLUMN follow_ups.adverse_symptoms IS 'What the patient reported when asked for adverse events.';
COMMENT ON COLUMN follow_ups.relief_percent IS 'Pain relief in percent, negative when worse.';
COMMENT ON COLUMN follow_ups.next_step IS 'What was agreed to do next.';
COMMENT ON COLUMN follow_ups.cancel_reason IS 'Why it is not needed any more.';
COMMENT ON COLUMN follow_ups.closed_at IS 'When it was done or cancelled.';
COMMENT ON COLUMN follow_ups.closed_by IS 'The user who closed it.';
COMMENT ON COLUMN follow_ups.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN follow_ups.created_at IS 'When it was recorded.';
COMMENT ON COLUMN follow_ups.updated_at IS 'When it last changed.';
COMMENT ON COLUMN follow_ups.symptoms_asked IS 'The questions of the screen for adverse events that were answered; null where nobody was screened.';
COMMENT ON COLUMN follow_ups.attempt_count IS 'How often one has tried to reach the patient in vain.';
COMMENT ON COLUMN follow_ups.last_attempt_at IS 'When one last tried in vain.';
CALL control.protect_patient_table('follow_ups', 'patient_id');

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

CREATE TABLE diary_entries (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    entry_date date NOT NULL,
    headache boolean NOT NULL,
    migraine boolean NOT NULL,
    features text[] NOT NULL,
    peak_pain_nrs smallint,
    duration_minutes integer,
    medications jsonb NOT NULL,
    triggers text[] NOT NULL,
    sleep_hours numeric(3,1),
    stress_nrs smallint,
    note text,
    import_source text,
    imported_by uuid,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT diary_entries_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT diary_entries_day_once UNIQUE (practice_id, patient_id, entry_date),
    CONSTRAINT diary_entries_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT diary_entries_pain_range CHECK (peak_pain_nrs BETWEEN 0 AND 10),
    CONSTRAINT diary_entries_duration_range CHECK (duration_minutes BETWEEN 0 AND 1440),
    CONSTRAINT diary_entries_sleep_range CHECK (sleep_hours BETWEEN 0 AND 24),
    CONSTRAINT diary_entries_stress_range CHECK (stress_nrs BETWEEN 0 AND 10),
    CONSTRAINT diary_entries_migraine_is_headache CHECK (headache OR NOT migraine),
    CONSTRAINT diary_entries_features_known CHECK (features <@ ARRAY['unilateral', 'pulsating', 'moderate_or_severe', 'aggravated_by_activity', 'nausea_or_vomiting', 'photophobia', 'phonophobia', 'aura']),
    CONSTRAINT diary_entries_triggers_known CHECK (triggers <@ ARRAY['environmental', 'dietary', 'lifestyle', 'genetic', 'musculoskeletal_neck', 'hormonal', 'sleep', 'stress', 'other']),
    CONSTRAINT diary_entries_import_whole CHECK ((import_source IS NULL) = (imported_by IS NULL)),
    CONSTRAINT diary_entries_import_source_length CHECK (char_length(import_source) BETWEEN 1 AND 200),
    CONSTRAINT diary_entries_note_length CHECK (char_length(note) BETWEEN 1 AND 2000)
);
COMMENT ON TABLE diary_entries IS 'One day in a patient''s headache diary.';
COMMENT ON COLUMN diary_entries.practice_id IS 'The practice.';
COMMENT ON COLUMN diary_entries.id IS 'UUIDv7.';
COMMENT ON COLUMN diary_entries.patient_id IS 'The patient.';
COMMENT ON COLUMN diary_entries.entry_date IS 'The local day.';
COMMENT ON COLUMN diary_entries.headache IS 'Whether there was any headache.';
COMMENT ON COLUMN diary_entries.migraine IS 'Whether it counts as a migraine day.';
COMMENT ON COLUMN diary_entries.features IS 'Features of migraine that the patient noticed.';
COMMENT ON COLUMN diary_entries.peak_pain_nrs IS 'Worst pain, 0 to 10.';
COMMENT ON COLUMN diary_entries.duration_minutes IS 'How long it lasted.';
COMMENT ON COLUMN diary_entries.medications IS 'Acute medicines taken: name and class.';
COMMENT ON COLUMN diary_entries.triggers IS 'What may have set it off, by category.';
COMMENT ON COLUMN diary_entries.sleep_hours IS 'Hours slept.';
COMMENT ON COLUMN diary_entries.stress_nrs IS 'Stress, 0 to 10.';
COMMENT ON COLUMN diary_entries.note IS 'In the patient''s words.';
COMMENT ON COLUMN diary_entries.import_source IS 'Where a day was taken over from afterwards, such as a paper diary; empty for a day written in time.';
COMMENT ON COLUMN diary_entries.imported_by IS 'The user who took it over.';
COMMENT ON COLUMN diary_entries.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN diary_entries.created_at IS 'When it was recorded.';
COMMENT ON COLUMN diary_entries.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('diary_entries', 'patient_id');

CREATE TABLE assessments (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    instrument text NOT NULL,
    taken_on date NOT NULL,
    answers smallint[],
    score numeric(6,2) NOT NULL,
    band text,
    scale_id text NOT NULL,
    entered_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT assessments_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT assessments_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT assessments_instrument_known CHECK (instrument IN ('nrs', 'pgic', 'midas', 'hit_6', 'ndi', 'pseq', 'tts', 'promis_pain_interference')),
    CONSTRAINT assessments_band_length CHECK (char_length(band) BETWEEN 1 AND 60),
    CONSTRAINT assessments_scale_id_length CHECK (char_length(scale_id) BETWEEN 1 AND 60),
    CONSTRAINT assessments_score_range CHECK (score BETWEEN 0 AND 460)
);
CREATE INDEX assessments_by_patient ON assessments (practice_id, patient_id, taken_on, id);
COMMENT ON TABLE assessments IS 'A questionnaire answered by a patient, as its score; the items of licensed instruments are never kept as text.';
COMMENT ON COLUMN assessments.practice_id IS 'The practice.';
COMMENT ON COLUMN assessments.id IS 'UUIDv7.';
COMMENT ON COLUMN assessments.patient_id IS 'The patient.';
COMMENT ON COLUMN assessments.instrument IS 'Which questionnaire.';
COMMENT ON COLUMN assessments.taken_on IS 'The local day it was answered.';
COMMENT ON COLUMN assessments.answers IS 'The answers as numbers in order, null where one was left out; nothing when only the score is known.';
COMMENT ON COLUMN assessments.score IS 'The score by the rule of the scale.';
COMMENT ON COLUMN assessments.band IS 'What the score means.';
COMMENT ON COLUMN assessments.scale_id IS 'Which version and direction of the scale the score is on.';
COMMENT ON COLUMN assessments.entered_by IS 'The user who entered it.';
COMMENT ON COLUMN assessments.created_at IS 'When it was recorded.';
CALL control.protect_patient_table('assessments', 'patient_id');

CREATE TABLE treatment_plans (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT treatment_plans_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT treatment_plans_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT treatment_plans_status_known CHECK (status IN ('draft', 'active', 'completed', 'revoked'))
);
CREATE INDEX treatment_plans_by_patient ON treatment_plans (practice_id, patient_id, id);
CREATE UNIQUE INDEX treatment_plans_one_active ON treatment_plans (practice_id, patient_id) WHERE (status = 'active');
COMMENT ON TABLE treatment_plans IS 'What patient and practice have agreed to do; what it says is in its versions.';
COMMENT ON COLUMN treatment_plans.practice_id IS 'The practice.';
COMMENT ON COLUMN treatment_plans.id IS 'UUIDv7.';
COMMENT ON COLUMN treatment_plans.patient_id IS 'The patient.';
COMMENT ON COLUMN treatment_plans.status IS 'Where the plan stands; a patient has one active plan at a time.';
COMMENT ON COLUMN treatment_plans.version IS 'The version in force; answered as the ETag.';
COMMENT ON COLUMN treatment_plans.created_at IS 'When it was recorded.';
COMMENT ON COLUMN treatment_plans.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('treatment_plans', 'patient_id');

CREATE TABLE treatment_plan_versions (
    practice_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    version bigint NOT NULL,
    patient_id uuid NOT NULL,
    status text NOT NULL,
    content jsonb NOT NULL,
    written_by uuid NOT NULL,
    written_at timestamptz NOT NULL,
    CONSTRAINT treatment_plan_versions_pkey PRIMARY KEY (practice_id, plan_id, version),
    CONSTRAINT treatment_plan_versions_plan_exists FOREIGN KEY (practice_id, plan_id) REFERENCES treatment_plans (practice_id, id),
    CONSTRAINT treatment_plan_versions_status_known CHECK (status IN ('draft', 'active', 'completed', 'revoked'))
);
COMMENT ON TABLE treatment_plan_versions IS 'What a treatment plan said from one change to the next; never changed.';
COMMENT ON COLUMN treatment_plan_versions.practice_id IS 'The practice.';
COMMENT ON COLUMN treatment_plan_versions.plan_id IS 'The plan.';
COMMENT ON COLUMN treatment_plan_versions.version IS 'Counts from 1.';
COMMENT ON COLUMN treatment_plan_versions.patient_id IS 'The patient.';
COMMENT ON COLUMN treatment_plan_versions.status IS 'Where the plan stood.';
COMMENT ON COLUMN treatment_plan_versions.content IS 'Title, summary, goals and activities.';
COMMENT ON COLUMN treatment_plan_versions.written_by IS 'The user who wrote it.';
COMMENT ON COLUMN treatment_plan_versions.written_at IS 'When it was written.';
CALL control.protect_patient_table('treatment_plan_versions', 'patient_id');
