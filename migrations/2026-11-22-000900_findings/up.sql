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
    CONSTRAINT trigger_points_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT trigger_points_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT trigger_points_visit_exists FOREIGN KEY (practice_id, first_visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT trigger_points_side_known CHECK (side IN ('left', 'right', 'midline')),
    CONSTRAINT trigger_points_view_known CHECK (view IN ('HN_POST', 'HN_ANT', 'HN_LAT_L', 'HN_LAT_R', 'UB_POST', 'UB_ANT', 'LB_POST')),
    CONSTRAINT trigger_points_x_range CHECK (x BETWEEN 0 AND 1),
    CONSTRAINT trigger_points_y_range CHECK (y BETWEEN 0 AND 1),
    CONSTRAINT trigger_points_muscle_known FOREIGN KEY (muscle_code) REFERENCES muscles (code)
);
CREATE INDEX trigger_points_by_patient ON trigger_points (practice_id, patient_id, muscle_code, side, id);
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
CALL control.protect_patient_table('trigger_points', 'patient_id');
GRANT SELECT, INSERT ON trigger_points TO tautband_app;
-- A point is found at an open visit, and a patient reads of it once that visit is signed.
CREATE POLICY trigger_points_insert_open ON trigger_points AS RESTRICTIVE FOR INSERT TO tautband_app
    WITH CHECK (EXISTS (SELECT 1 FROM visits v WHERE v.practice_id = trigger_points.practice_id
        AND v.id = trigger_points.first_visit_id AND v.signed_at IS NULL));
CREATE POLICY trigger_points_signed_for_patients ON trigger_points AS RESTRICTIVE FOR SELECT TO tautband_app
    USING (current_setting('app.patient_ids', true) = '*' OR EXISTS (
        SELECT 1 FROM visits v WHERE v.practice_id = trigger_points.practice_id AND v.id = trigger_points.first_visit_id));

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
    CONSTRAINT palpations_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT palpations_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT palpations_point_exists FOREIGN KEY (practice_id, point_id) REFERENCES trigger_points (practice_id, id),
    CONSTRAINT palpations_point_once UNIQUE (practice_id, visit_id, point_id),
    CONSTRAINT palpations_side_known CHECK (side IN ('left', 'right', 'midline')),
    CONSTRAINT palpations_view_known CHECK (view IN ('HN_POST', 'HN_ANT', 'HN_LAT_L', 'HN_LAT_R', 'UB_POST', 'UB_ANT', 'LB_POST')),
    CONSTRAINT palpations_x_range CHECK (x BETWEEN 0 AND 1),
    CONSTRAINT palpations_y_range CHECK (y BETWEEN 0 AND 1),
    CONSTRAINT palpations_muscle_known FOREIGN KEY (muscle_code) REFERENCES muscles (code),
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
    CONSTRAINT palpations_course_known CHECK (course IN ('new', 'persistent', 'resolved', 'recurred'))
);
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
CALL control.protect_patient_table('palpations', 'patient_id');
GRANT SELECT, INSERT, UPDATE ON palpations TO tautband_app;

CALL control.seal_with_visit('palpations');
CREATE POLICY palpations_signed_for_patients ON palpations AS RESTRICTIVE FOR SELECT TO tautband_app
    USING (current_setting('app.patient_ids', true) = '*' OR EXISTS (
        SELECT 1 FROM visits v WHERE v.practice_id = palpations.practice_id AND v.id = palpations.visit_id));
