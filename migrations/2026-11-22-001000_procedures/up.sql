CREATE TABLE lots (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    drug_code text NOT NULL,
    lot_number text NOT NULL,
    expires_on date NOT NULL,
    vial_type text NOT NULL,
    location_id uuid NOT NULL,
    status text NOT NULL,
    received_ml numeric(10,3) NOT NULL,
    remaining_ml numeric(10,3) NOT NULL,
    status_reason text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT lots_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT lots_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT lots_number_unique UNIQUE (practice_id, location_id, drug_code, lot_number),
    CONSTRAINT lots_drug_code_length CHECK (char_length(drug_code) BETWEEN 1 AND 60),
    CONSTRAINT lots_lot_number_length CHECK (char_length(lot_number) BETWEEN 1 AND 60),
    CONSTRAINT lots_vial_type_known CHECK (vial_type IN ('single_dose', 'multi_dose')),
    CONSTRAINT lots_status_known CHECK (status IN ('available', 'quarantined', 'recalled')),
    CONSTRAINT lots_received_positive CHECK (received_ml > 0),
    CONSTRAINT lots_never_negative CHECK (remaining_ml >= 0),
    CONSTRAINT lots_status_reason_length CHECK (char_length(status_reason) BETWEEN 1 AND 500)
);
CREATE INDEX lots_by_drug ON lots (practice_id, drug_code, expires_on, id);
COMMENT ON TABLE lots IS 'A lot of a drug at a location: what can be drawn, and what a recall is traced by.';
COMMENT ON COLUMN lots.practice_id IS 'The practice.';
COMMENT ON COLUMN lots.id IS 'UUIDv7.';
COMMENT ON COLUMN lots.drug_code IS 'The drug, by the code of the formulary.';
COMMENT ON COLUMN lots.lot_number IS 'As printed on the vial.';
COMMENT ON COLUMN lots.expires_on IS 'Last day of use.';
COMMENT ON COLUMN lots.vial_type IS 'Whether a vial serves one patient or several.';
COMMENT ON COLUMN lots.location_id IS 'Where it is kept.';
COMMENT ON COLUMN lots.status IS 'Set by people; expired and empty follow from the other columns.';
COMMENT ON COLUMN lots.received_ml IS 'How much came in.';
COMMENT ON COLUMN lots.remaining_ml IS 'How much is left.';
COMMENT ON COLUMN lots.status_reason IS 'Why it was quarantined or recalled.';
COMMENT ON COLUMN lots.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN lots.created_at IS 'When it was recorded.';
COMMENT ON COLUMN lots.updated_at IS 'When it last changed.';
CALL control.protect_practice_table('lots');
GRANT SELECT, INSERT, UPDATE ON lots TO tautband_app;

CREATE TABLE stock_movements (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    lot_id uuid NOT NULL,
    change_ml numeric(10,3) NOT NULL,
    cause text NOT NULL,
    procedure_id uuid,
    note text,
    moved_by uuid NOT NULL,
    moved_at timestamptz NOT NULL,
    CONSTRAINT stock_movements_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT stock_movements_lot_exists FOREIGN KEY (practice_id, lot_id) REFERENCES lots (practice_id, id),
    CONSTRAINT stock_movements_cause_known CHECK (cause IN ('received', 'drawn', 'adjusted')),
    CONSTRAINT stock_movements_not_nothing CHECK (change_ml <> 0),
    CONSTRAINT stock_movements_note_length CHECK (char_length(note) BETWEEN 1 AND 500)
);
CREATE INDEX stock_movements_by_lot ON stock_movements (practice_id, lot_id, id);
COMMENT ON TABLE stock_movements IS 'Every change of stock, with its cause; the sum of a lot''s movements is what is left of it.';
COMMENT ON COLUMN stock_movements.practice_id IS 'The practice.';
COMMENT ON COLUMN stock_movements.id IS 'UUIDv7.';
COMMENT ON COLUMN stock_movements.lot_id IS 'The lot.';
COMMENT ON COLUMN stock_movements.change_ml IS 'How much came (positive) or went.';
COMMENT ON COLUMN stock_movements.cause IS 'Why.';
COMMENT ON COLUMN stock_movements.procedure_id IS 'The procedure it was drawn for.';
COMMENT ON COLUMN stock_movements.note IS 'More on it.';
COMMENT ON COLUMN stock_movements.moved_by IS 'The user.';
COMMENT ON COLUMN stock_movements.moved_at IS 'When.';
CALL control.protect_practice_table('stock_movements');
GRANT SELECT, INSERT ON stock_movements TO tautband_app;

CREATE TABLE procedures (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    indication_codes text[] NOT NULL,
    template_code text,
    consent_given_by text,
    consent_method text,
    consent_text_version text,
    consent_at timestamptz,
    time_out_patient boolean,
    time_out_procedure boolean,
    time_out_site boolean,
    time_out_allergies boolean,
    time_out_anticoagulants boolean,
    time_out_by uuid,
    time_out_at timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    safety jsonb,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT procedures_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT procedures_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT procedures_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT procedures_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT procedures_kind_known CHECK (kind IN ('trigger_point_injection', 'dry_needling', 'botulinum_toxin')),
    CONSTRAINT procedures_status_known CHECK (status IN ('planned', 'in_progress', 'completed', 'abandoned')),
    CONSTRAINT procedures_template_code_length CHECK (char_length(template_code) BETWEEN 1 AND 60),
    CONSTRAINT procedures_consent_given_by_length CHECK (char_length(consent_given_by) BETWEEN 1 AND 200),
    CONSTRAINT procedures_consent_method_known CHECK (consent_method IN ('written', 'verbal', 'electronic')),
    CONSTRAINT procedures_consent_text_version_length CHECK (char_length(consent_text_version) BETWEEN 1 AND 60),
    CONSTRAINT procedures_completed_whole CHECK ((status = 'completed') = (completed_at IS NOT NULL))
);
CREATE INDEX procedures_by_visit ON procedures (practice_id, visit_id, id);
CREATE INDEX procedures_by_patient ON procedures (practice_id, patient_id, completed_at, id);
COMMENT ON TABLE procedures IS 'One trigger point injection, dry needling or toxin session within a visit.';
COMMENT ON COLUMN procedures.practice_id IS 'The practice.';
COMMENT ON COLUMN procedures.id IS 'UUIDv7.';
COMMENT ON COLUMN procedures.visit_id IS 'The visit.';
COMMENT ON COLUMN procedures.patient_id IS 'The patient.';
COMMENT ON COLUMN procedures.provider_id IS 'Who performs it.';
COMMENT ON COLUMN procedures.kind IS 'What is done.';
COMMENT ON COLUMN procedures.status IS 'Where it stands.';
COMMENT ON COLUMN procedures.indication_codes IS 'ICD-10-CM codes it is done for.';
COMMENT ON COLUMN procedures.template_code IS 'The template it began from.';
COMMENT ON COLUMN procedures.consent_given_by IS 'Who consented: the patient or who acts for them.';
COMMENT ON COLUMN procedures.consent_method IS 'How.';
COMMENT ON COLUMN procedures.consent_text_version IS 'Which text they consented to.';
COMMENT ON COLUMN procedures.consent_at IS 'When.';
COMMENT ON COLUMN procedures.time_out_patient IS 'Identity confirmed.';
COMMENT ON COLUMN procedures.time_out_procedure IS 'Procedure confirmed.';
COMMENT ON COLUMN procedures.time_out_site IS 'Sites confirmed.';
COMMENT ON COLUMN procedures.time_out_allergies IS 'Allergies reviewed.';
COMMENT ON COLUMN procedures.time_out_anticoagulants IS 'Anticoagulants reviewed.';
COMMENT ON COLUMN procedures.time_out_by IS 'The user who led it.';
COMMENT ON COLUMN procedures.time_out_at IS 'When.';
COMMENT ON COLUMN procedures.started_at IS 'When the gate was passed.';
COMMENT ON COLUMN procedures.completed_at IS 'When it was over.';
COMMENT ON COLUMN procedures.safety IS 'The binding assessment at completion, with the version of the rules.';
COMMENT ON COLUMN procedures.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN procedures.created_at IS 'When it was recorded.';
COMMENT ON COLUMN procedures.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('procedures', 'patient_id');
GRANT SELECT, INSERT, UPDATE ON procedures TO tautband_app;

CALL control.seal_with_visit('procedures');

CREATE TABLE solutions (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    procedure_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    label text NOT NULL,
    volume_ml numeric(8,3) NOT NULL,
    prepared_at timestamptz NOT NULL,
    prepared_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT solutions_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT solutions_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT solutions_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT solutions_label_length CHECK (char_length(label) BETWEEN 1 AND 100),
    CONSTRAINT solutions_volume_range CHECK (volume_ml > 0 AND volume_ml <= 100)
);
CREATE INDEX solutions_by_procedure ON solutions (practice_id, procedure_id, id);
COMMENT ON TABLE solutions IS 'What is in a syringe.';
COMMENT ON COLUMN solutions.practice_id IS 'The practice.';
COMMENT ON COLUMN solutions.id IS 'UUIDv7.';
COMMENT ON COLUMN solutions.procedure_id IS 'The procedure it was drawn up for.';
COMMENT ON COLUMN solutions.visit_id IS 'The visit.';
COMMENT ON COLUMN solutions.patient_id IS 'The patient.';
COMMENT ON COLUMN solutions.label IS 'As written on the syringe.';
COMMENT ON COLUMN solutions.volume_ml IS 'Volume drawn up.';
COMMENT ON COLUMN solutions.prepared_at IS 'When.';
COMMENT ON COLUMN solutions.prepared_by IS 'The user.';
COMMENT ON COLUMN solutions.created_at IS 'When it was recorded.';
CALL control.protect_patient_table('solutions', 'patient_id');
GRANT SELECT, INSERT ON solutions TO tautband_app;

CALL control.seal_with_visit('solutions');

CREATE TABLE solution_components (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    solution_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    position smallint NOT NULL,
    drug_code text NOT NULL,
    concentration numeric(12,4),
    concentration_unit text,
    volume_ml numeric(8,3) NOT NULL,
    lot_id uuid NOT NULL,
    CONSTRAINT solution_components_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT solution_components_solution_exists FOREIGN KEY (practice_id, solution_id) REFERENCES solutions (practice_id, id),
    CONSTRAINT solution_components_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT solution_components_lot_exists FOREIGN KEY (practice_id, lot_id) REFERENCES lots (practice_id, id),
    CONSTRAINT solution_components_concentration_unit_known CHECK (concentration_unit IN ('mg_per_ml', 'mcg_per_ml', 'units_per_ml', 'percent', 'ratio')),
    CONSTRAINT solution_components_concentration_positive CHECK (concentration > 0),
    CONSTRAINT solution_components_concentration_whole CHECK ((concentration IS NULL) = (concentration_unit IS NULL)),
    CONSTRAINT solution_components_volume_range CHECK (volume_ml > 0 AND volume_ml <= 100)
);
CREATE INDEX solution_components_by_solution ON solution_components (practice_id, solution_id, position);
CREATE INDEX solution_components_by_lot ON solution_components (practice_id, lot_id, id);
COMMENT ON TABLE solution_components IS 'One drug in a syringe, from one lot.';
COMMENT ON COLUMN solution_components.practice_id IS 'The practice.';
COMMENT ON COLUMN solution_components.id IS 'UUIDv7.';
COMMENT ON COLUMN solution_components.solution_id IS 'The solution.';
COMMENT ON COLUMN solution_components.visit_id IS 'The visit.';
COMMENT ON COLUMN solution_components.patient_id IS 'The patient.';
COMMENT ON COLUMN solution_components.position IS 'Order in the recipe.';
COMMENT ON COLUMN solution_components.drug_code IS 'The drug.';
COMMENT ON COLUMN solution_components.concentration IS 'Its concentration; empty for a plain diluent.';
COMMENT ON COLUMN solution_components.concentration_unit IS 'Unit of that.';
COMMENT ON COLUMN solution_components.volume_ml IS 'How much of it.';
COMMENT ON COLUMN solution_components.lot_id IS 'The lot it was drawn from.';
CALL control.protect_patient_table('solution_components', 'patient_id');
GRANT SELECT, INSERT ON solution_components TO tautband_app;

CALL control.seal_with_visit('solution_components');

CREATE TABLE injections (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    procedure_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    point_id uuid,
    muscle_code text NOT NULL,
    side text NOT NULL,
    view text NOT NULL,
    x numeric(6,5) NOT NULL,
    y numeric(6,5) NOT NULL,
    chart_version smallint NOT NULL,
    solution_id uuid,
    volume_ml numeric(6,3) NOT NULL,
    needle_gauge smallint NOT NULL,
    needle_length_mm smallint NOT NULL,
    approach text NOT NULL,
    passes smallint,
    aspirated boolean NOT NULL,
    twitch_elicited boolean NOT NULL,
    pain_nrs_before smallint,
    pain_nrs_after smallint,
    injected_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT injections_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT injections_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT injections_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT injections_point_exists FOREIGN KEY (practice_id, point_id) REFERENCES trigger_points (practice_id, id),
    CONSTRAINT injections_solution_exists FOREIGN KEY (practice_id, solution_id) REFERENCES solutions (practice_id, id),
    CONSTRAINT injections_side_known CHECK (side IN ('left', 'right', 'midline')),
    CONSTRAINT injections_view_known CHECK (view IN ('HN_POST', 'HN_ANT', 'HN_LAT_L', 'HN_LAT_R', 'UB_POST', 'UB_ANT', 'LB_POST')),
    CONSTRAINT injections_x_range CHECK (x BETWEEN 0 AND 1),
    CONSTRAINT injections_y_range CHECK (y BETWEEN 0 AND 1),
    CONSTRAINT injections_muscle_known FOREIGN KEY (muscle_code) REFERENCES muscles (code),
    CONSTRAINT injections_volume_range CHECK (volume_ml BETWEEN 0 AND 5),
    CONSTRAINT injections_dry_or_wet CHECK ((solution_id IS NULL) = (volume_ml = 0)),
    CONSTRAINT injections_gauge_range CHECK (needle_gauge BETWEEN 18 AND 34),
    CONSTRAINT injections_length_range CHECK (needle_length_mm BETWEEN 4 AND 100),
    CONSTRAINT injections_approach_known CHECK (approach IN ('perpendicular', 'tangential', 'pincer')),
    CONSTRAINT injections_passes_range CHECK (passes BETWEEN 0 AND 20),
    CONSTRAINT injections_before_range CHECK (pain_nrs_before BETWEEN 0 AND 10),
    CONSTRAINT injections_after_range CHECK (pain_nrs_after BETWEEN 0 AND 10)
);
CREATE INDEX injections_by_procedure ON injections (practice_id, procedure_id, id);
CREATE INDEX injections_by_point ON injections (practice_id, point_id, id) WHERE point_id IS NOT NULL;
CREATE INDEX injections_by_patient ON injections (practice_id, patient_id, injected_at);
COMMENT ON TABLE injections IS 'One needle site of a procedure.';
COMMENT ON COLUMN injections.practice_id IS 'The practice.';
COMMENT ON COLUMN injections.id IS 'UUIDv7.';
COMMENT ON COLUMN injections.procedure_id IS 'The procedure.';
COMMENT ON COLUMN injections.visit_id IS 'The visit.';
COMMENT ON COLUMN injections.patient_id IS 'The patient.';
COMMENT ON COLUMN injections.point_id IS 'The trigger point treated, when it is a recorded one.';
COMMENT ON COLUMN injections.muscle_code IS 'The muscle, by the code of the catalogue.';
COMMENT ON COLUMN injections.side IS 'Side of the body, of the patient.';
COMMENT ON COLUMN injections.view IS 'View of the body chart.';
COMMENT ON COLUMN injections.x IS 'Across the view from the viewer''s left, 0 to 1.';
COMMENT ON COLUMN injections.y IS 'Down the view, 0 to 1.';
COMMENT ON COLUMN injections.chart_version IS 'Version of the drawings the coordinates belong to.';
COMMENT ON COLUMN injections.solution_id IS 'What was injected; empty for a dry needle.';
COMMENT ON COLUMN injections.volume_ml IS 'How much.';
COMMENT ON COLUMN injections.needle_gauge IS 'Gauge of the needle.';
COMMENT ON COLUMN injections.needle_length_mm IS 'Length of the needle.';
COMMENT ON COLUMN injections.approach IS 'How the needle was led.';
COMMENT ON COLUMN injections.passes IS 'Passes of the needle.';
COMMENT ON COLUMN injections.aspirated IS 'Whether it was aspirated before injecting.';
COMMENT ON COLUMN injections.twitch_elicited IS 'Whether a local twitch was seen.';
COMMENT ON COLUMN injections.pain_nrs_before IS 'Pain before, 0 to 10.';
COMMENT ON COLUMN injections.pain_nrs_after IS 'Pain after, 0 to 10.';
COMMENT ON COLUMN injections.injected_at IS 'When.';
COMMENT ON COLUMN injections.created_at IS 'When it was recorded.';
CALL control.protect_patient_table('injections', 'patient_id');
GRANT SELECT, INSERT ON injections TO tautband_app;

CALL control.seal_with_visit('injections');

CREATE TABLE safety_overrides (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    procedure_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    check_code text NOT NULL,
    check_status text NOT NULL,
    actual numeric(20,4),
    reason text NOT NULL,
    overridden_by uuid NOT NULL,
    overridden_at timestamptz NOT NULL,
    CONSTRAINT safety_overrides_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT safety_overrides_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT safety_overrides_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT safety_overrides_check_code_length CHECK (char_length(check_code) BETWEEN 1 AND 100),
    CONSTRAINT safety_overrides_check_status_known CHECK (check_status IN ('indeterminate', 'block')),
    CONSTRAINT safety_overrides_reason_length CHECK (char_length(reason) BETWEEN 1 AND 1000)
);
CREATE INDEX safety_overrides_by_procedure ON safety_overrides (practice_id, procedure_id, id);
COMMENT ON TABLE safety_overrides IS 'A provider''s decision to go on against a check, with the reason.';
COMMENT ON COLUMN safety_overrides.practice_id IS 'The practice.';
COMMENT ON COLUMN safety_overrides.id IS 'UUIDv7.';
COMMENT ON COLUMN safety_overrides.procedure_id IS 'The procedure.';
COMMENT ON COLUMN safety_overrides.visit_id IS 'The visit.';
COMMENT ON COLUMN safety_overrides.patient_id IS 'The patient.';
COMMENT ON COLUMN safety_overrides.check_code IS 'The check.';
COMMENT ON COLUMN safety_overrides.check_status IS 'How the check stood when it was overridden; it covers nothing stricter.';
COMMENT ON COLUMN safety_overrides.actual IS 'What was measured then; it covers no more than that.';
COMMENT ON COLUMN safety_overrides.reason IS 'Why.';
COMMENT ON COLUMN safety_overrides.overridden_by IS 'The user.';
COMMENT ON COLUMN safety_overrides.overridden_at IS 'When.';
CALL control.protect_patient_table('safety_overrides', 'patient_id');
GRANT SELECT, INSERT ON safety_overrides TO tautband_app;

CALL control.seal_with_visit('safety_overrides');
