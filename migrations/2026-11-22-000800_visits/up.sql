CREATE TABLE visits (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    location_id uuid NOT NULL,
    appointment_id uuid,
    started_at timestamptz NOT NULL,
    chief_complaint text,
    subjective text,
    objective text,
    assessment text,
    plan text,
    diagnoses jsonb NOT NULL,
    weight_kg numeric(5,2),
    height_cm numeric(5,1),
    systolic_mmhg integer,
    diastolic_mmhg integer,
    heart_rate_bpm integer,
    spo2_percent integer,
    temperature_c numeric(4,1),
    vitals_at timestamptz,
    signed_at timestamptz,
    signed_by uuid,
    content_sha256 bytea,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT visits_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT visits_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT visits_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT visits_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT visits_appointment_exists FOREIGN KEY (practice_id, appointment_id) REFERENCES appointments (practice_id, id),
    CONSTRAINT visits_appointment_once UNIQUE (practice_id, appointment_id),
    CONSTRAINT visits_chief_complaint_length CHECK (char_length(chief_complaint) BETWEEN 1 AND 1000),
    CONSTRAINT visits_subjective_length CHECK (char_length(subjective) BETWEEN 1 AND 10000),
    CONSTRAINT visits_objective_length CHECK (char_length(objective) BETWEEN 1 AND 10000),
    CONSTRAINT visits_assessment_length CHECK (char_length(assessment) BETWEEN 1 AND 10000),
    CONSTRAINT visits_plan_length CHECK (char_length(plan) BETWEEN 1 AND 10000),
    CONSTRAINT visits_weight_range CHECK (weight_kg BETWEEN 1 AND 500),
    CONSTRAINT visits_height_range CHECK (height_cm BETWEEN 30 AND 260),
    CONSTRAINT visits_systolic_range CHECK (systolic_mmhg BETWEEN 40 AND 300),
    CONSTRAINT visits_diastolic_range CHECK (diastolic_mmhg BETWEEN 20 AND 200),
    CONSTRAINT visits_pressure_order CHECK (systolic_mmhg > diastolic_mmhg),
    CONSTRAINT visits_heart_rate_range CHECK (heart_rate_bpm BETWEEN 20 AND 300),
    CONSTRAINT visits_spo2_range CHECK (spo2_percent BETWEEN 50 AND 100),
    CONSTRAINT visits_temperature_range CHECK (temperature_c BETWEEN 30 AND 45),
    CONSTRAINT visits_seal_whole CHECK ((signed_at IS NULL) = (signed_by IS NULL) AND (signed_at IS NULL) = (content_sha256 IS NULL)),
    CONSTRAINT visits_seal_length CHECK (octet_length(content_sha256) = 32)
);
CREATE INDEX visits_by_patient ON visits (practice_id, patient_id, started_at, id);
CREATE INDEX visits_by_provider ON visits (practice_id, provider_id, started_at, id);
CREATE INDEX visits_by_update ON visits (practice_id, updated_at, id);
COMMENT ON TABLE visits IS 'One encounter from arrival to signature; signed, it is sealed.';
COMMENT ON COLUMN visits.practice_id IS 'The practice.';
COMMENT ON COLUMN visits.id IS 'UUIDv7.';
COMMENT ON COLUMN visits.patient_id IS 'Who was seen.';
COMMENT ON COLUMN visits.provider_id IS 'Who answers for it and alone may sign.';
COMMENT ON COLUMN visits.location_id IS 'Where.';
COMMENT ON COLUMN visits.appointment_id IS 'The appointment it came from; empty for a walk-in.';
COMMENT ON COLUMN visits.started_at IS 'When it was opened.';
COMMENT ON COLUMN visits.chief_complaint IS 'In the words of the patient.';
COMMENT ON COLUMN visits.subjective IS 'What the patient tells.';
COMMENT ON COLUMN visits.objective IS 'What is found.';
COMMENT ON COLUMN visits.assessment IS 'What it means.';
COMMENT ON COLUMN visits.plan IS 'What is to be done.';
COMMENT ON COLUMN visits.diagnoses IS 'ICD-10-CM codes with own words, in order of weight.';
COMMENT ON COLUMN visits.weight_kg IS 'Body weight.';
COMMENT ON COLUMN visits.height_cm IS 'Height.';
COMMENT ON COLUMN visits.systolic_mmhg IS 'Systolic blood pressure.';
COMMENT ON COLUMN visits.diastolic_mmhg IS 'Diastolic blood pressure.';
COMMENT ON COLUMN visits.heart_rate_bpm IS 'Heart rate.';
COMMENT ON COLUMN visits.spo2_percent IS 'Oxygen saturation.';
COMMENT ON COLUMN visits.temperature_c IS 'Body temperature.';
COMMENT ON COLUMN visits.vitals_at IS 'When the vitals were taken.';
COMMENT ON COLUMN visits.signed_at IS 'When it was signed; from then on nothing under it changes.';
COMMENT ON COLUMN visits.signed_by IS 'The user who signed.';
COMMENT ON COLUMN visits.content_sha256 IS 'Seal over the visit and everything under it.';
COMMENT ON COLUMN visits.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN visits.created_at IS 'When it was recorded.';
COMMENT ON COLUMN visits.updated_at IS 'When it last changed.';
GRANT SELECT, INSERT, UPDATE ON visits TO tautband_app;

CALL control.protect_patient_table('visits', 'patient_id');
-- A patient reads their visits once they are signed.
CREATE POLICY visits_signed_for_patients ON visits AS RESTRICTIVE FOR SELECT TO tautband_app
    USING (current_setting('app.patient_ids', true) = '*' OR signed_at IS NOT NULL);
-- A signed visit is beyond every update: the statement finds no row to change.
CREATE POLICY visits_update_open ON visits AS RESTRICTIVE FOR UPDATE TO tautband_app
    USING (signed_at IS NULL) WITH CHECK (true);

CREATE TABLE visit_addenda (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    text text NOT NULL,
    written_by uuid NOT NULL,
    written_at timestamptz NOT NULL,
    CONSTRAINT visit_addenda_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT visit_addenda_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT visit_addenda_text_length CHECK (char_length(text) BETWEEN 1 AND 20000)
);
CREATE INDEX visit_addenda_by_visit ON visit_addenda (practice_id, visit_id, id);
COMMENT ON TABLE visit_addenda IS 'What was added after the signature; the only way on.';
COMMENT ON COLUMN visit_addenda.practice_id IS 'The practice.';
COMMENT ON COLUMN visit_addenda.id IS 'UUIDv7.';
COMMENT ON COLUMN visit_addenda.visit_id IS 'The signed visit.';
COMMENT ON COLUMN visit_addenda.patient_id IS 'Whose visit.';
COMMENT ON COLUMN visit_addenda.text IS 'The addition.';
COMMENT ON COLUMN visit_addenda.written_by IS 'The user who wrote it.';
COMMENT ON COLUMN visit_addenda.written_at IS 'When.';
CALL control.protect_patient_table('visit_addenda', 'patient_id');
GRANT SELECT, INSERT ON visit_addenda TO tautband_app;
