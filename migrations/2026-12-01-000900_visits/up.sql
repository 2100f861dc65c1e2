-- Visits and what is found by hand. A signed visit is sealed: visits.is_open turns false, and every row
-- under the visit refers to (visit, is_open). The foreign key refuses a row that is added after the
-- signature, and a signature that leaves a row open. Policies refuse every later change.
--
-- What was entered in error stays and is marked (voided_at); it counts nowhere. While the visit is open the
-- mark is set on single rows. The retraction of a signed visit sets it on the visit and on all rows
-- under it, by the one function that may (retract_visit).

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
    tenderness_scores smallint[],
    changes_at_version bigint NOT NULL DEFAULT 0,
    late_entry_reason text,
    discarded_at timestamptz,
    discarded_by uuid,
    discard_reason text,
    retracted_at timestamptz,
    retracted_by uuid,
    retraction_reason text,
    belongs_to_patient_id uuid,
    retraction_sha256 bytea,
    content_format smallint NOT NULL DEFAULT 2,
    content_signature bytea,
    retraction_signature bytea,
    is_open boolean NOT NULL GENERATED ALWAYS AS (signed_at IS NULL AND discarded_at IS NULL) STORED,
    CONSTRAINT visits_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT visits_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT visits_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT visits_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT visits_appointment_exists FOREIGN KEY (practice_id, appointment_id) REFERENCES appointments (practice_id, id),
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
    CONSTRAINT visits_content_signature_length CHECK (octet_length(content_signature) = 96),
    CONSTRAINT visits_retraction_signature_length CHECK (octet_length(retraction_signature) = 96),
    CONSTRAINT visits_seal_length CHECK (octet_length(content_sha256) = 32),
    CONSTRAINT visits_tenderness_scores_whole CHECK ( array_ndims(tenderness_scores) = 1 AND cardinality(tenderness_scores) = 16 AND tenderness_scores <@ ARRAY[0, 1, 2, 3]::smallint[]),
    CONSTRAINT visits_belongs_to_exists FOREIGN KEY (practice_id, belongs_to_patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT visits_late_entry_reason_length CHECK (char_length(late_entry_reason) BETWEEN 1 AND 1000),
    CONSTRAINT visits_discard_reason_length CHECK (char_length(discard_reason) BETWEEN 1 AND 1000),
    CONSTRAINT visits_retraction_reason_length CHECK (char_length(retraction_reason) BETWEEN 1 AND 1000),
    CONSTRAINT visits_discarded_whole CHECK ((discarded_at IS NULL) = (discarded_by IS NULL) AND (discarded_at IS NULL) = (discard_reason IS NULL)),
    CONSTRAINT visits_discarded_unsigned CHECK (discarded_at IS NULL OR signed_at IS NULL),
    CONSTRAINT visits_retracted_whole CHECK ((retracted_at IS NULL) = (retracted_by IS NULL) AND (retracted_at IS NULL) = (retraction_reason IS NULL)
        AND (retracted_at IS NULL) = (retraction_sha256 IS NULL) AND (retracted_at IS NOT NULL OR belongs_to_patient_id IS NULL)),
    CONSTRAINT visits_retracted_when_signed CHECK (retracted_at IS NULL OR signed_at IS NOT NULL),
    CONSTRAINT visits_openness UNIQUE (practice_id, id, is_open)
);
CREATE UNIQUE INDEX visits_appointment_once ON visits (practice_id, appointment_id) WHERE (discarded_at IS NULL);
CREATE INDEX visits_by_patient ON visits (practice_id, patient_id, started_at, id);
CREATE INDEX visits_by_provider ON visits (practice_id, provider_id, started_at, id);
CREATE INDEX visits_scored_by_patient ON visits (practice_id, patient_id, started_at) WHERE (tenderness_scores IS NOT NULL);
COMMENT ON TABLE visits IS 'One encounter from arrival to signature; signed, it is sealed.';
COMMENT ON COLUMN visits.practice_id IS 'The practice.';
COMMENT ON COLUMN visits.id IS 'UUIDv7.';
COMMENT ON COLUMN visits.patient_id IS 'Who was seen.';
COMMENT ON COLUMN visits.provider_id IS 'Who answers for it and alone may sign; a hand-over names another.';
COMMENT ON COLUMN visits.location_id IS 'Where.';
COMMENT ON COLUMN visits.appointment_id IS 'The appointment it came from; empty for a walk-in.';
COMMENT ON COLUMN visits.started_at IS 'When it began; earlier than created_at where it was entered later.';
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
COMMENT ON COLUMN visits.version IS 'The version after the last change of the visit itself. What changed under it since is added in the ETag.';
COMMENT ON COLUMN visits.created_at IS 'When it was recorded.';
COMMENT ON COLUMN visits.updated_at IS 'When it last changed.';
COMMENT ON COLUMN visits.tenderness_scores IS 'Tenderness of eight sites, 0 to 3, left and right by turns: frontal, temporal, masseter, lateral pterygoid, mastoid, sternocleidomastoid, splenius, trapezius; null where it was not examined.';
COMMENT ON COLUMN visits.changes_at_version IS 'How many changes under the visit its version counts already.';
COMMENT ON COLUMN visits.late_entry_reason IS 'Why it was entered later than it happened.';
COMMENT ON COLUMN visits.discarded_at IS 'When it was discarded, empty and open.';
COMMENT ON COLUMN visits.discarded_by IS 'The user who discarded it.';
COMMENT ON COLUMN visits.discard_reason IS 'Why it was discarded.';
COMMENT ON COLUMN visits.retracted_at IS 'When the signed visit was taken back as entered in error.';
COMMENT ON COLUMN visits.retracted_by IS 'The user who took it back.';
COMMENT ON COLUMN visits.retraction_reason IS 'Why it was taken back.';
COMMENT ON COLUMN visits.belongs_to_patient_id IS 'Whose visit it really was, where it was written to another patient.';
COMMENT ON COLUMN visits.retraction_sha256 IS 'Seal over the retraction and the seal of the visit.';
COMMENT ON COLUMN visits.content_format IS 'Which text the seal is over; older seals are checked by theirs.';
COMMENT ON COLUMN visits.content_signature IS 'The public key of the service (32 bytes) and its Ed25519 signature of the seal (64); empty where it was sealed before there was a key.';
COMMENT ON COLUMN visits.retraction_signature IS 'The same for the seal of the retraction.';
COMMENT ON COLUMN visits.is_open IS 'Whether the visit can still be changed. Rows under the visit refer to it, so that none can be added after the signature.';

-- A patient reads a visit once it is signed, until it is retracted. A visit that is signed or discarded
-- cannot be updated: the statement finds no row to change.
ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY visits_read ON visits FOR SELECT
    USING (practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
        AND (nullif(current_setting('app.patient_ids', true) = '*', false) IS NOT NULL
            OR (patient_id = ANY (string_to_array(nullif(current_setting('app.patient_ids', true), '*'), ',')::uuid[])
                AND signed_at IS NOT NULL AND retracted_at IS NULL)));
CREATE POLICY visits_add ON visits FOR INSERT
    WITH CHECK (practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
        AND nullif(current_setting('app.patient_ids', true) = '*', false) IS NOT NULL
        AND signed_at IS NULL AND discarded_at IS NULL);
CREATE POLICY visits_change ON visits FOR UPDATE
    USING (practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
        AND nullif(current_setting('app.patient_ids', true) = '*', false) IS NOT NULL
        AND signed_at IS NULL AND discarded_at IS NULL)
    WITH CHECK (practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
        AND nullif(current_setting('app.patient_ids', true) = '*', false) IS NOT NULL);
DO $$
BEGIN
    EXECUTE format('CREATE POLICY visits_retracted ON visits FOR UPDATE TO %I USING (%s) WITH CHECK (%s)', control.role_name('retract'),
        control.policy_condition('practice') || ' AND ' || control.policy_condition('staff') || ' AND signed_at IS NOT NULL AND retracted_at IS NULL',
        control.policy_condition('practice') || ' AND ' || control.policy_condition('staff') || ' AND retracted_at IS NOT NULL');
END $$;

CREATE TABLE visit_hand_overs (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    from_provider_id uuid NOT NULL,
    to_provider_id uuid NOT NULL,
    reason text NOT NULL,
    handed_over_by uuid NOT NULL,
    handed_over_at timestamptz NOT NULL,
    is_open boolean DEFAULT true,
    CONSTRAINT visit_hand_overs_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT visit_hand_overs_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT visit_hand_overs_from_exists FOREIGN KEY (practice_id, from_provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT visit_hand_overs_to_exists FOREIGN KEY (practice_id, to_provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT visit_hand_overs_to_another CHECK (from_provider_id <> to_provider_id),
    CONSTRAINT visit_hand_overs_reason_length CHECK (char_length(reason) BETWEEN 1 AND 1000),
    CONSTRAINT visit_hand_overs_is_open_known CHECK (is_open),
    CONSTRAINT visit_hand_overs_visit_open FOREIGN KEY (practice_id, visit_id, is_open) REFERENCES visits (practice_id, id, is_open)
);
CREATE INDEX visit_hand_overs_by_visit ON visit_hand_overs (practice_id, visit_id, id);
COMMENT ON TABLE visit_hand_overs IS 'An open visit that another provider went on with.';
COMMENT ON COLUMN visit_hand_overs.practice_id IS 'The practice.';
COMMENT ON COLUMN visit_hand_overs.id IS 'UUIDv7.';
COMMENT ON COLUMN visit_hand_overs.visit_id IS 'The visit.';
COMMENT ON COLUMN visit_hand_overs.patient_id IS 'Whose visit.';
COMMENT ON COLUMN visit_hand_overs.from_provider_id IS 'Who answered for it before.';
COMMENT ON COLUMN visit_hand_overs.to_provider_id IS 'Who answers for it since.';
COMMENT ON COLUMN visit_hand_overs.reason IS 'Why.';
COMMENT ON COLUMN visit_hand_overs.handed_over_by IS 'The user.';
COMMENT ON COLUMN visit_hand_overs.handed_over_at IS 'When.';
COMMENT ON COLUMN visit_hand_overs.is_open IS 'True while the visit is open; empty under the seal.';
CALL control.protect_sealed_table('visit_hand_overs');

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

CREATE TABLE note_templates (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    chief_complaint text,
    subjective text,
    objective text,
    assessment text,
    plan text,
    archived_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT note_templates_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT note_templates_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT note_templates_chief_complaint_length CHECK (char_length(chief_complaint) BETWEEN 1 AND 1000),
    CONSTRAINT note_templates_subjective_length CHECK (char_length(subjective) BETWEEN 1 AND 10000),
    CONSTRAINT note_templates_objective_length CHECK (char_length(objective) BETWEEN 1 AND 10000),
    CONSTRAINT note_templates_assessment_length CHECK (char_length(assessment) BETWEEN 1 AND 10000),
    CONSTRAINT note_templates_plan_length CHECK (char_length(plan) BETWEEN 1 AND 10000)
);
CREATE UNIQUE INDEX note_templates_name_unique ON note_templates (practice_id, lower(name)) WHERE (archived_at IS NULL);
COMMENT ON TABLE note_templates IS 'Texts a practice begins the notes of its visits with.';
COMMENT ON COLUMN note_templates.practice_id IS 'The practice.';
COMMENT ON COLUMN note_templates.id IS 'UUIDv7.';
COMMENT ON COLUMN note_templates.name IS 'What it is chosen by; one of its name at a time.';
COMMENT ON COLUMN note_templates.chief_complaint IS 'Text for the chief complaint.';
COMMENT ON COLUMN note_templates.subjective IS 'Text for what the patient tells.';
COMMENT ON COLUMN note_templates.objective IS 'Text for what is found.';
COMMENT ON COLUMN note_templates.assessment IS 'Text for what it means.';
COMMENT ON COLUMN note_templates.plan IS 'Text for what is to be done.';
COMMENT ON COLUMN note_templates.archived_at IS 'When it was taken out of use.';
COMMENT ON COLUMN note_templates.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN note_templates.created_at IS 'When it was recorded.';
COMMENT ON COLUMN note_templates.updated_at IS 'When it last changed.';
CALL control.protect_practice_table('note_templates');

CREATE TABLE trigger_points (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    muscle_code text NOT NULL,
    side text NOT NULL,
    view text NOT NULL,
    x numeric(6,5) NOT NULL,
    y numeric(6,5) NOT NULL,
    chart_version smallint NOT NULL,
    first_visit_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    is_open boolean DEFAULT true,
    CONSTRAINT trigger_points_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT trigger_points_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT trigger_points_visit_exists FOREIGN KEY (practice_id, first_visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT trigger_points_muscle_known FOREIGN KEY (muscle_code) REFERENCES muscles (code),
    CONSTRAINT trigger_points_side_known CHECK (side IN ('left', 'right', 'midline')),
    CONSTRAINT trigger_points_view_known CHECK (view IN ('HN_POST', 'HN_ANT', 'HN_LAT_L', 'HN_LAT_R', 'UB_POST', 'UB_ANT', 'LB_POST')),
    CONSTRAINT trigger_points_x_range CHECK (x BETWEEN 0 AND 1),
    CONSTRAINT trigger_points_y_range CHECK (y BETWEEN 0 AND 1),
    CONSTRAINT trigger_points_is_open_known CHECK (is_open),
    CONSTRAINT trigger_points_visit_open FOREIGN KEY (practice_id, first_visit_id, is_open) REFERENCES visits (practice_id, id, is_open)
);
CREATE INDEX trigger_points_by_patient ON trigger_points (practice_id, patient_id, muscle_code, side, id);
CREATE INDEX trigger_points_by_first_visit ON trigger_points (practice_id, first_visit_id, id);
COMMENT ON TABLE trigger_points IS 'A trigger point as a lasting thing of a patient: one identity over all visits at which it is palpated or treated.';
COMMENT ON COLUMN trigger_points.practice_id IS 'The practice.';
COMMENT ON COLUMN trigger_points.id IS 'UUIDv7.';
COMMENT ON COLUMN trigger_points.patient_id IS 'Whose it is.';
COMMENT ON COLUMN trigger_points.muscle_code IS 'The muscle, by the code of the catalogue.';
COMMENT ON COLUMN trigger_points.side IS 'Side of the body, of the patient.';
COMMENT ON COLUMN trigger_points.view IS 'View of the body chart.';
COMMENT ON COLUMN trigger_points.x IS 'Across the view from the viewer''s left, 0 to 1.';
COMMENT ON COLUMN trigger_points.y IS 'Down the view, 0 to 1.';
COMMENT ON COLUMN trigger_points.chart_version IS 'Version of the drawings the coordinates belong to.';
COMMENT ON COLUMN trigger_points.first_visit_id IS 'Where it was first found.';
COMMENT ON COLUMN trigger_points.created_at IS 'When it was recorded.';
COMMENT ON COLUMN trigger_points.is_open IS 'True while the visit is open; empty under the seal.';
CALL control.protect_sealed_table('trigger_points');

CREATE TABLE palpations (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    point_id uuid NOT NULL,
    muscle_code text NOT NULL,
    side text NOT NULL,
    view text NOT NULL,
    x numeric(6,5) NOT NULL,
    y numeric(6,5) NOT NULL,
    chart_version smallint NOT NULL,
    taut_band text NOT NULL,
    hypersensitive_spot text NOT NULL,
    referred_pain text NOT NULL,
    pain_recognised text NOT NULL,
    local_twitch text NOT NULL,
    jump_sign text NOT NULL,
    palpable_nodule text NOT NULL,
    tenderness_grade smallint NOT NULL,
    pressure_threshold_kpa numeric(7,2),
    pain_nrs smallint,
    referred_zones text[] NOT NULL,
    depth_mm smallint,
    note text,
    classification text NOT NULL,
    activity text NOT NULL,
    course text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    range_of_motion_restricted text,
    autonomic_signs text,
    referred_qualities text[],
    taut_band_diameter_mm numeric(3,1),
    classification_reason text,
    placement_reason text,
    patient_position text,
    examined_by uuid,
    voided_at timestamptz,
    voided_by uuid,
    void_reason text,
    is_open boolean DEFAULT true,
    palpated_at timestamptz,
    CONSTRAINT palpations_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT palpations_palpated_before_entered CHECK (palpated_at <= created_at),
    CONSTRAINT palpations_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT palpations_point_exists FOREIGN KEY (practice_id, point_id) REFERENCES trigger_points (practice_id, id),
    CONSTRAINT palpations_muscle_known FOREIGN KEY (muscle_code) REFERENCES muscles (code),
    CONSTRAINT palpations_side_known CHECK (side IN ('left', 'right', 'midline')),
    CONSTRAINT palpations_view_known CHECK (view IN ('HN_POST', 'HN_ANT', 'HN_LAT_L', 'HN_LAT_R', 'UB_POST', 'UB_ANT', 'LB_POST')),
    CONSTRAINT palpations_x_range CHECK (x BETWEEN 0 AND 1),
    CONSTRAINT palpations_y_range CHECK (y BETWEEN 0 AND 1),
    CONSTRAINT palpations_taut_band_known CHECK (taut_band IN ('yes', 'no', 'not_assessed')),
    CONSTRAINT palpations_hypersensitive_spot_known CHECK (hypersensitive_spot IN ('yes', 'no', 'not_assessed')),
    CONSTRAINT palpations_referred_pain_known CHECK (referred_pain IN ('yes', 'no', 'not_assessed')),
    CONSTRAINT palpations_pain_recognised_known CHECK (pain_recognised IN ('yes', 'no', 'not_assessed')),
    CONSTRAINT palpations_local_twitch_known CHECK (local_twitch IN ('yes', 'no', 'not_assessed')),
    CONSTRAINT palpations_jump_sign_known CHECK (jump_sign IN ('yes', 'no', 'not_assessed')),
    CONSTRAINT palpations_palpable_nodule_known CHECK (palpable_nodule IN ('yes', 'no', 'not_assessed')),
    CONSTRAINT palpations_tenderness_range CHECK (tenderness_grade BETWEEN 0 AND 4),
    CONSTRAINT palpations_threshold_range CHECK (pressure_threshold_kpa > 0 AND pressure_threshold_kpa <= 1500),
    CONSTRAINT palpations_pain_range CHECK (pain_nrs BETWEEN 0 AND 10),
    CONSTRAINT palpations_depth_range CHECK (depth_mm BETWEEN 0 AND 120),
    CONSTRAINT palpations_zones_length CHECK (cardinality(referred_zones) <= 20 AND char_length(array_to_string(referred_zones, '')) <= 1200),
    CONSTRAINT palpations_note_length CHECK (char_length(note) BETWEEN 1 AND 2000),
    CONSTRAINT palpations_classification_known CHECK (classification IN ('definite', 'probable', 'tender_point', 'none')),
    CONSTRAINT palpations_activity_known CHECK (activity IN ('active', 'latent', 'none')),
    CONSTRAINT palpations_course_known CHECK (course IN ('new', 'persistent', 'resolved', 'recurred')),
    CONSTRAINT palpations_range_of_motion_known CHECK (range_of_motion_restricted IN ('yes', 'no')),
    CONSTRAINT palpations_autonomic_signs_known CHECK (autonomic_signs IN ('yes', 'no')),
    CONSTRAINT palpations_referred_qualities_known CHECK (cardinality(referred_qualities) > 0 AND referred_qualities <@ ARRAY['spreading_pain', 'deep_pain', 'dull_ache', 'tingling', 'burning', 'other']),
    CONSTRAINT palpations_taut_band_range CHECK (taut_band_diameter_mm BETWEEN 0.5 AND 10),
    CONSTRAINT palpations_classification_reason_length CHECK (char_length(classification_reason) BETWEEN 1 AND 500),
    CONSTRAINT palpations_placement_reason_length CHECK (char_length(placement_reason) BETWEEN 1 AND 500),
    CONSTRAINT palpations_patient_position_known CHECK (patient_position IN ('prone', 'supine', 'side_lying', 'seated')),
    CONSTRAINT palpations_voided_whole CHECK ((voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)),
    CONSTRAINT palpations_void_reason_length CHECK (char_length(void_reason) BETWEEN 1 AND 1000),
    CONSTRAINT palpations_is_open_known CHECK (is_open),
    CONSTRAINT palpations_visit_open FOREIGN KEY (practice_id, visit_id, is_open) REFERENCES visits (practice_id, id, is_open)
);
CREATE UNIQUE INDEX palpations_point_once ON palpations (practice_id, visit_id, point_id) WHERE (voided_at IS NULL);
CREATE INDEX palpations_by_visit ON palpations (practice_id, visit_id, id);
CREATE INDEX palpations_by_point ON palpations (practice_id, point_id, id);
CREATE INDEX palpations_by_patient ON palpations (practice_id, patient_id, id);
COMMENT ON TABLE palpations IS 'What was felt at a trigger point at one visit; raw findings beside what follows from them.';
COMMENT ON COLUMN palpations.practice_id IS 'The practice.';
COMMENT ON COLUMN palpations.id IS 'UUIDv7.';
COMMENT ON COLUMN palpations.visit_id IS 'The visit.';
COMMENT ON COLUMN palpations.patient_id IS 'The patient.';
COMMENT ON COLUMN palpations.point_id IS 'The lasting trigger point.';
COMMENT ON COLUMN palpations.muscle_code IS 'The muscle, by the code of the catalogue.';
COMMENT ON COLUMN palpations.side IS 'Side of the body, of the patient.';
COMMENT ON COLUMN palpations.view IS 'View of the body chart.';
COMMENT ON COLUMN palpations.x IS 'Across the view from the viewer''s left, 0 to 1.';
COMMENT ON COLUMN palpations.y IS 'Down the view, 0 to 1.';
COMMENT ON COLUMN palpations.chart_version IS 'Version of the drawings the coordinates belong to.';
COMMENT ON COLUMN palpations.taut_band IS 'A taut band in the muscle.';
COMMENT ON COLUMN palpations.hypersensitive_spot IS 'A hypersensitive spot within it.';
COMMENT ON COLUMN palpations.referred_pain IS 'Pressure refers pain elsewhere.';
COMMENT ON COLUMN palpations.pain_recognised IS 'The patient recognises the pain as theirs.';
COMMENT ON COLUMN palpations.local_twitch IS 'A local twitch response.';
COMMENT ON COLUMN palpations.jump_sign IS 'A jump sign.';
COMMENT ON COLUMN palpations.palpable_nodule IS 'A palpable nodule.';
COMMENT ON COLUMN palpations.tenderness_grade IS '0 none to 4 withdrawal from light touch.';
COMMENT ON COLUMN palpations.pressure_threshold_kpa IS 'Pressure pain threshold under a 1 cm² probe.';
COMMENT ON COLUMN palpations.pain_nrs IS 'Pain there, 0 to 10.';
COMMENT ON COLUMN palpations.referred_zones IS 'Regions to which pain is referred, as observed.';
COMMENT ON COLUMN palpations.depth_mm IS 'Depth under the skin.';
COMMENT ON COLUMN palpations.note IS 'More on it.';
COMMENT ON COLUMN palpations.classification IS 'What the findings amount to, by the published criteria.';
COMMENT ON COLUMN palpations.activity IS 'Whether it gives the patient their symptoms.';
COMMENT ON COLUMN palpations.course IS 'What it has become since the visits before.';
COMMENT ON COLUMN palpations.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN palpations.created_at IS 'When it was recorded.';
COMMENT ON COLUMN palpations.updated_at IS 'When it last changed.';
COMMENT ON COLUMN palpations.range_of_motion_restricted IS 'Restricted range of motion; empty where it was not assessed.';
COMMENT ON COLUMN palpations.autonomic_signs IS 'Autonomic signs; empty where they were not assessed.';
COMMENT ON COLUMN palpations.referred_qualities IS 'How the patient describes the referred pain; empty where nothing was said.';
COMMENT ON COLUMN palpations.taut_band_diameter_mm IS 'How thick the taut band feels.';
COMMENT ON COLUMN palpations.classification_reason IS 'Why the provider judged otherwise than the criteria; empty where they did not.';
COMMENT ON COLUMN palpations.placement_reason IS 'Why the place stands though muscle, side, view and coordinates do not agree.';
COMMENT ON COLUMN palpations.patient_position IS 'How the patient lay or sat; null where nobody said.';
COMMENT ON COLUMN palpations.examined_by IS 'The user who recorded what was felt; null in rows of before.';
COMMENT ON COLUMN palpations.voided_at IS 'When it was marked as entered in error; such a row counts nowhere.';
COMMENT ON COLUMN palpations.voided_by IS 'The user who marked it.';
COMMENT ON COLUMN palpations.void_reason IS 'Why.';
COMMENT ON COLUMN palpations.palpated_at IS 'When it was felt, where it was entered later; empty where it was entered at once.';
COMMENT ON COLUMN palpations.is_open IS 'True while the visit is open; empty under the seal.';
CALL control.protect_voidable_table('palpations');
