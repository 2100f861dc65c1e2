-- Lots, procedures and what goes through the needle. Stock movements, wastes and overrides are only
-- ever added. Adverse events are found out after the signature as well, so they are not under the seal.

CREATE TABLE rule_sets (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    version text NOT NULL,
    source text NOT NULL,
    review_state text NOT NULL,
    reviewed_by uuid,
    reviewed_on date,
    content jsonb NOT NULL,
    published_by uuid NOT NULL,
    published_at timestamptz NOT NULL,
    confirmed_by uuid,
    confirmed_at timestamptz,
    CONSTRAINT rule_sets_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT rule_sets_version_once UNIQUE (practice_id, version),
    CONSTRAINT rule_sets_version_length CHECK (char_length(version) BETWEEN 1 AND 40),
    CONSTRAINT rule_sets_source_length CHECK (char_length(source) BETWEEN 1 AND 500),
    CONSTRAINT rule_sets_review_state_known CHECK (review_state IN ('awaiting_clinician_review', 'sources_conflict', 'reviewed')),
    CONSTRAINT rule_sets_confirmed_whole CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
    CONSTRAINT rule_sets_reviewed_whole CHECK ( (review_state = 'reviewed') = (reviewed_by IS NOT NULL) AND (reviewed_by IS NULL) = (reviewed_on IS NULL))
);
COMMENT ON TABLE rule_sets IS 'Safety rules of a practice: published by an admin, or proposed by a provider and confirmed by somebody else. The one confirmed last is in force, before those that come with the program.';
COMMENT ON COLUMN rule_sets.practice_id IS 'The practice.';
COMMENT ON COLUMN rule_sets.id IS 'UUIDv7.';
COMMENT ON COLUMN rule_sets.version IS 'The name results repeat.';
COMMENT ON COLUMN rule_sets.source IS 'Where its figures come from.';
COMMENT ON COLUMN rule_sets.review_state IS 'How far it was reviewed.';
COMMENT ON COLUMN rule_sets.reviewed_by IS 'The provider who was signed in and said that they reviewed it.';
COMMENT ON COLUMN rule_sets.reviewed_on IS 'When it was reviewed.';
COMMENT ON COLUMN rule_sets.content IS 'Every figure and row, each with source and review state.';
COMMENT ON COLUMN rule_sets.published_by IS 'The user who published or proposed it.';
COMMENT ON COLUMN rule_sets.published_at IS 'When they did.';
COMMENT ON COLUMN rule_sets.confirmed_by IS 'The admin who published it, or the second person; nobody while it is a proposal.';
COMMENT ON COLUMN rule_sets.confirmed_at IS 'In force from then on, until one is confirmed later.';
CALL control.protect_practice_table('rule_sets');

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
    maker_number text NOT NULL GENERATED ALWAYS AS (upper(regexp_replace(lot_number, '[[:space:]]', '', 'g'))) STORED,
    strength numeric(12,4),
    strength_unit text,
    units_per_vial numeric(12,4),
    manufacturer text,
    ndc text,
    barcode text,
    received_units numeric(14,4),
    remaining_units numeric(14,4),
    CONSTRAINT lots_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT lots_number_unique UNIQUE (practice_id, location_id, drug_code, maker_number),
    CONSTRAINT lots_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT lots_drug_code_length CHECK (char_length(drug_code) BETWEEN 1 AND 60),
    CONSTRAINT lots_lot_number_length CHECK (char_length(lot_number) BETWEEN 1 AND 60),
    CONSTRAINT lots_vial_type_known CHECK (vial_type IN ('single_dose', 'multi_dose')),
    CONSTRAINT lots_status_known CHECK (status IN ('available', 'quarantined', 'recalled')),
    CONSTRAINT lots_received_positive CHECK (CASE WHEN received_units IS NULL THEN received_ml > 0 ELSE received_ml = 0 AND remaining_ml = 0 END),
    CONSTRAINT lots_powder_whole CHECK ((received_units IS NULL) = (remaining_units IS NULL) AND (received_units IS NULL OR units_per_vial IS NOT NULL)),
    CONSTRAINT lots_received_units_positive CHECK (received_units > 0),
    CONSTRAINT lots_units_never_negative CHECK (remaining_units >= 0),
    CONSTRAINT lots_never_negative CHECK (remaining_ml >= 0),
    CONSTRAINT lots_strength_positive CHECK (strength > 0),
    CONSTRAINT lots_strength_whole CHECK ((strength IS NULL) = (strength_unit IS NULL)),
    CONSTRAINT lots_strength_unit_known CHECK (strength_unit IN ('mg_per_ml', 'mcg_per_ml', 'units_per_ml', 'percent', 'ratio')),
    CONSTRAINT lots_units_per_vial_positive CHECK (units_per_vial > 0),
    CONSTRAINT lots_manufacturer_length CHECK (char_length(manufacturer) BETWEEN 1 AND 200),
    CONSTRAINT lots_ndc_length CHECK (char_length(ndc) BETWEEN 10 AND 14),
    CONSTRAINT lots_barcode_length CHECK (char_length(barcode) BETWEEN 8 AND 200),
    CONSTRAINT lots_status_reason_length CHECK (char_length(status_reason) BETWEEN 1 AND 500)
);
CREATE INDEX lots_by_maker_number ON lots (practice_id, drug_code, maker_number, id);
CREATE INDEX lots_by_drug ON lots (practice_id, drug_code, expires_on, id);
COMMENT ON TABLE lots IS 'A lot of a drug at a location: what can be drawn, and what a recall is traced by.';
COMMENT ON COLUMN lots.practice_id IS 'The practice.';
COMMENT ON COLUMN lots.id IS 'UUIDv7.';
COMMENT ON COLUMN lots.drug_code IS 'The drug, by the code of the formulary.';
COMMENT ON COLUMN lots.lot_number IS 'As printed on the vial.';
COMMENT ON COLUMN lots.maker_number IS 'The number without blanks and in capitals: what is the same here is one lot of the maker.';
COMMENT ON COLUMN lots.strength IS 'What is printed on the vial, where it was recorded.';
COMMENT ON COLUMN lots.strength_unit IS 'Unit of the strength.';
COMMENT ON COLUMN lots.units_per_vial IS 'Of a powder, how many units a vial holds.';
COMMENT ON COLUMN lots.manufacturer IS 'Who made it.';
COMMENT ON COLUMN lots.ndc IS 'National Drug Code as printed.';
COMMENT ON COLUMN lots.barcode IS 'What the code on the package says (GS1).';
COMMENT ON COLUMN lots.received_units IS 'Of a powder, how many units came in; its millilitres are then none.';
COMMENT ON COLUMN lots.remaining_units IS 'Of a powder, how many units are left.';
COMMENT ON COLUMN lots.expires_on IS 'Last day of use.';
COMMENT ON COLUMN lots.vial_type IS 'Whether a vial serves one patient or several.';
COMMENT ON COLUMN lots.location_id IS 'Where it is kept.';
COMMENT ON COLUMN lots.status IS 'Set by people; expired and empty follow from the other columns.';
COMMENT ON COLUMN lots.received_ml IS 'How much fluid came in; none where the lot is a powder.';
COMMENT ON COLUMN lots.remaining_ml IS 'How much fluid is left; none where the lot is a powder.';
COMMENT ON COLUMN lots.status_reason IS 'Why it was quarantined or recalled.';
COMMENT ON COLUMN lots.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN lots.created_at IS 'When it was recorded.';
COMMENT ON COLUMN lots.updated_at IS 'When it last changed.';
CALL control.protect_practice_table('lots');

CREATE TABLE lot_corrections (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    lot_id uuid NOT NULL,
    field text NOT NULL,
    old_value text,
    new_value text,
    reason text NOT NULL,
    corrected_by uuid NOT NULL,
    corrected_at timestamptz NOT NULL,
    CONSTRAINT lot_corrections_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT lot_corrections_lot_exists FOREIGN KEY (practice_id, lot_id) REFERENCES lots (practice_id, id),
    CONSTRAINT lot_corrections_field_known CHECK (field IN ('expires_on', 'lot_number', 'strength', 'units_per_vial', 'manufacturer', 'ndc', 'barcode')),
    CONSTRAINT lot_corrections_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500)
);
CREATE INDEX lot_corrections_by_lot ON lot_corrections (practice_id, lot_id, id);
COMMENT ON TABLE lot_corrections IS 'What was mistyped of a lot, and what it was put right to.';
COMMENT ON COLUMN lot_corrections.practice_id IS 'The practice.';
COMMENT ON COLUMN lot_corrections.id IS 'UUIDv7.';
COMMENT ON COLUMN lot_corrections.lot_id IS 'The lot.';
COMMENT ON COLUMN lot_corrections.field IS 'What was wrong.';
COMMENT ON COLUMN lot_corrections.old_value IS 'What it was.';
COMMENT ON COLUMN lot_corrections.new_value IS 'What it is.';
COMMENT ON COLUMN lot_corrections.reason IS 'Why.';
COMMENT ON COLUMN lot_corrections.corrected_by IS 'The user.';
COMMENT ON COLUMN lot_corrections.corrected_at IS 'When.';
CALL control.protect_practice_table('lot_corrections');

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
    checklist jsonb,
    checklist_by uuid,
    checklist_at timestamptz,
    patient_position text,
    skin_preparation text,
    guidance text,
    discharged_at timestamptz,
    discharged_by uuid,
    aftercare_given boolean,
    discharge_note text,
    early_discharge_reason text,
    stopped_at timestamptz,
    stopped_by uuid,
    stop_reason text,
    voided_at timestamptz,
    voided_by uuid,
    void_reason text,
    is_open boolean DEFAULT true,
    CONSTRAINT procedures_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT procedures_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT procedures_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT procedures_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT procedures_kind_known CHECK (kind IN ('trigger_point_injection', 'dry_needling', 'botulinum_toxin')),
    CONSTRAINT procedures_status_known CHECK (status IN ('planned', 'in_progress', 'completed', 'abandoned')),
    CONSTRAINT procedures_ended_under_seal CHECK (is_open IS NOT NULL OR status IN ('completed', 'abandoned') OR voided_at IS NOT NULL),
    CONSTRAINT procedures_template_code_length CHECK (char_length(template_code) BETWEEN 1 AND 60),
    CONSTRAINT procedures_consent_given_by_length CHECK (char_length(consent_given_by) BETWEEN 1 AND 200),
    CONSTRAINT procedures_consent_method_known CHECK (consent_method IN ('written', 'verbal', 'electronic')),
    CONSTRAINT procedures_consent_text_version_length CHECK (char_length(consent_text_version) BETWEEN 1 AND 60),
    CONSTRAINT procedures_completed_whole CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
    CONSTRAINT procedures_checklist_whole CHECK ((checklist IS NULL) = (checklist_at IS NULL) AND (checklist IS NULL) = (checklist_by IS NULL)),
    CONSTRAINT procedures_position_known CHECK (patient_position IN ('prone', 'supine', 'side_lying', 'seated')),
    CONSTRAINT procedures_skin_preparation_known CHECK (skin_preparation IN ('alcohol', 'chlorhexidine_alcohol', 'povidone_iodine')),
    CONSTRAINT procedures_guidance_known CHECK (guidance IN ('palpation', 'ultrasound', 'electromyography')),
    CONSTRAINT procedures_discharge_whole CHECK ((discharged_at IS NULL) = (discharged_by IS NULL) AND (discharged_at IS NULL) = (aftercare_given IS NULL)),
    CONSTRAINT procedures_discharge_note_length CHECK (char_length(discharge_note) BETWEEN 1 AND 1000),
    CONSTRAINT procedures_early_discharge_length CHECK (char_length(early_discharge_reason) BETWEEN 1 AND 500),
    CONSTRAINT procedures_stopped_whole CHECK ((status = 'abandoned') = (stopped_at IS NOT NULL) AND (stopped_at IS NULL) = (stopped_by IS NULL) AND (stopped_at IS NULL) = (stop_reason IS NULL)),
    CONSTRAINT procedures_stop_reason_length CHECK (char_length(stop_reason) BETWEEN 1 AND 1000),
    CONSTRAINT procedures_discharged_when_begun CHECK (discharged_at IS NULL OR started_at IS NOT NULL),
    CONSTRAINT procedures_voided_whole CHECK ((voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)),
    CONSTRAINT procedures_void_reason_length CHECK (char_length(void_reason) BETWEEN 1 AND 1000),
    CONSTRAINT procedures_is_open_known CHECK (is_open),
    CONSTRAINT procedures_visit_open FOREIGN KEY (practice_id, visit_id, is_open) REFERENCES visits (practice_id, id, is_open)
);
CREATE INDEX procedures_by_visit ON procedures (practice_id, visit_id, id);
CREATE INDEX procedures_by_patient ON procedures (practice_id, patient_id, completed_at, id);
CREATE INDEX procedures_by_patient_created ON procedures (practice_id, patient_id, created_at, id);
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
COMMENT ON COLUMN procedures.completed_at IS 'When it was over, if it was finished.';
COMMENT ON COLUMN procedures.safety IS 'The binding assessment at completion, with the version of the rules.';
COMMENT ON COLUMN procedures.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN procedures.created_at IS 'When it was recorded.';
COMMENT ON COLUMN procedures.updated_at IS 'When it last changed.';
COMMENT ON COLUMN procedures.checklist IS 'Answers, pregnancy and laboratory values that the rules look at.';
COMMENT ON COLUMN procedures.checklist_by IS 'The user who asked.';
COMMENT ON COLUMN procedures.checklist_at IS 'When.';
COMMENT ON COLUMN procedures.patient_position IS 'How the patient lay or sat.';
COMMENT ON COLUMN procedures.skin_preparation IS 'What the skin was cleaned with.';
COMMENT ON COLUMN procedures.guidance IS 'How the needle was guided.';
COMMENT ON COLUMN procedures.discharged_at IS 'When the patient was let go.';
COMMENT ON COLUMN procedures.discharged_by IS 'The user who let the patient go.';
COMMENT ON COLUMN procedures.aftercare_given IS 'Whether the patient was told what to do and when to call.';
COMMENT ON COLUMN procedures.discharge_note IS 'More on it.';
COMMENT ON COLUMN procedures.early_discharge_reason IS 'Why the patient left before the time of observation was over.';
COMMENT ON COLUMN procedures.stopped_at IS 'When it was abandoned; before it began where it never did.';
COMMENT ON COLUMN procedures.stopped_by IS 'The user who stopped it.';
COMMENT ON COLUMN procedures.stop_reason IS 'Why it was not finished.';
COMMENT ON COLUMN procedures.voided_at IS 'When it was marked as entered in error; such a row counts nowhere.';
COMMENT ON COLUMN procedures.voided_by IS 'The user who marked it.';
COMMENT ON COLUMN procedures.void_reason IS 'Why.';
COMMENT ON COLUMN procedures.is_open IS 'True while the visit is open; empty under the seal.';
CALL control.protect_voidable_table('procedures');

CREATE TABLE vials (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    lot_id uuid NOT NULL,
    drug_code text NOT NULL,
    vial_type text NOT NULL,
    patient_id uuid,
    procedure_id uuid,
    opened_at timestamptz NOT NULL,
    opened_by uuid NOT NULL,
    discarded_at timestamptz,
    discarded_by uuid,
    CONSTRAINT vials_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT vials_lot_exists FOREIGN KEY (practice_id, lot_id) REFERENCES lots (practice_id, id),
    CONSTRAINT vials_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT vials_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT vials_vial_type_known CHECK (vial_type IN ('single_dose', 'multi_dose')),
    CONSTRAINT vials_patient_of_single_dose CHECK (vial_type = 'single_dose' OR patient_id IS NULL),
    CONSTRAINT vials_patient_with_procedure CHECK ((patient_id IS NULL) = (procedure_id IS NULL)),
    CONSTRAINT vials_discarded_whole CHECK ((discarded_at IS NULL) = (discarded_by IS NULL)),
    CONSTRAINT vials_discarded_after_opened CHECK (discarded_at >= opened_at)
);
CREATE INDEX vials_by_lot ON vials (practice_id, lot_id, id);
CREATE INDEX vials_open_by_lot ON vials (practice_id, lot_id, procedure_id) WHERE (discarded_at IS NULL);
COMMENT ON TABLE vials IS 'A vial that was opened. A single-dose vial serves the first procedure it was drawn for and no other.';
COMMENT ON COLUMN vials.practice_id IS 'The practice.';
COMMENT ON COLUMN vials.id IS 'UUIDv7.';
COMMENT ON COLUMN vials.lot_id IS 'The lot it belongs to.';
COMMENT ON COLUMN vials.drug_code IS 'The drug, as its lot says; it decides how long the vial lasts.';
COMMENT ON COLUMN vials.vial_type IS 'Whether it serves one patient or several, as its lot says.';
COMMENT ON COLUMN vials.patient_id IS 'Whom a single-dose vial was drawn for; nobody yet while empty.';
COMMENT ON COLUMN vials.procedure_id IS 'The procedure a single-dose vial was drawn for.';
COMMENT ON COLUMN vials.opened_at IS 'When it was opened.';
COMMENT ON COLUMN vials.opened_by IS 'The user who opened it.';
COMMENT ON COLUMN vials.discarded_at IS 'When it was thrown away.';
COMMENT ON COLUMN vials.discarded_by IS 'The user who threw it away.';
CALL control.protect_patient_table('vials', 'patient_id');

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
    change_units numeric(14,4),
    CONSTRAINT stock_movements_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT stock_movements_lot_exists FOREIGN KEY (practice_id, lot_id) REFERENCES lots (practice_id, id),
    CONSTRAINT stock_movements_not_nothing CHECK (CASE WHEN change_units IS NULL THEN change_ml <> 0 ELSE change_ml = 0 AND change_units <> 0 END),
    CONSTRAINT stock_movements_note_length CHECK (char_length(note) BETWEEN 1 AND 500),
    CONSTRAINT stock_movements_cause_known CHECK (cause IN ('received', 'drawn', 'wasted', 'adjusted'))
);
CREATE INDEX stock_movements_by_lot ON stock_movements (practice_id, lot_id, id);
COMMENT ON TABLE stock_movements IS 'Every change of stock, with its cause; the sum of a lot''s movements is what is left of it.';
COMMENT ON COLUMN stock_movements.practice_id IS 'The practice.';
COMMENT ON COLUMN stock_movements.id IS 'UUIDv7.';
COMMENT ON COLUMN stock_movements.lot_id IS 'The lot.';
COMMENT ON COLUMN stock_movements.change_ml IS 'How much fluid came (positive) or went.';
COMMENT ON COLUMN stock_movements.change_units IS 'Of a powder, how many units came (positive) or went.';
COMMENT ON COLUMN stock_movements.cause IS 'Why.';
COMMENT ON COLUMN stock_movements.procedure_id IS 'The procedure it was drawn for.';
COMMENT ON COLUMN stock_movements.note IS 'More on it.';
COMMENT ON COLUMN stock_movements.moved_by IS 'The user.';
COMMENT ON COLUMN stock_movements.moved_at IS 'When.';
CALL control.protect_practice_table('stock_movements');

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
    beyond_use_at timestamptz,
    voided_at timestamptz,
    voided_by uuid,
    void_reason text,
    is_open boolean DEFAULT true,
    CONSTRAINT solutions_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT solutions_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT solutions_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT solutions_label_length CHECK (char_length(label) BETWEEN 1 AND 100),
    CONSTRAINT solutions_volume_range CHECK (volume_ml > 0 AND volume_ml <= 100),
    CONSTRAINT solutions_beyond_use_later CHECK (beyond_use_at > prepared_at),
    CONSTRAINT solutions_voided_whole CHECK ((voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)),
    CONSTRAINT solutions_void_reason_length CHECK (char_length(void_reason) BETWEEN 1 AND 1000),
    CONSTRAINT solutions_is_open_known CHECK (is_open),
    CONSTRAINT solutions_visit_open FOREIGN KEY (practice_id, visit_id, is_open) REFERENCES visits (practice_id, id, is_open)
);
CREATE INDEX solutions_by_procedure ON solutions (practice_id, procedure_id, id);
CREATE INDEX solutions_by_visit ON solutions (practice_id, visit_id, id);
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
COMMENT ON COLUMN solutions.beyond_use_at IS 'When it is too old to inject, where someone set a time.';
COMMENT ON COLUMN solutions.voided_at IS 'When it was marked as entered in error; such a row counts nowhere.';
COMMENT ON COLUMN solutions.voided_by IS 'The user who marked it.';
COMMENT ON COLUMN solutions.void_reason IS 'Why.';
COMMENT ON COLUMN solutions.is_open IS 'True while the visit is open; empty under the seal.';
CALL control.protect_voidable_table('solutions');

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
    vial_id uuid,
    is_open boolean DEFAULT true,
    differs_from_last_draw boolean,
    CONSTRAINT solution_components_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT solution_components_solution_exists FOREIGN KEY (practice_id, solution_id) REFERENCES solutions (practice_id, id),
    CONSTRAINT solution_components_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT solution_components_lot_exists FOREIGN KEY (practice_id, lot_id) REFERENCES lots (practice_id, id),
    CONSTRAINT solution_components_vial_exists FOREIGN KEY (practice_id, vial_id) REFERENCES vials (practice_id, id),
    CONSTRAINT solution_components_concentration_unit_known CHECK (concentration_unit IN ('mg_per_ml', 'mcg_per_ml', 'units_per_ml', 'percent', 'ratio')),
    CONSTRAINT solution_components_concentration_positive CHECK (concentration > 0),
    CONSTRAINT solution_components_concentration_whole CHECK ((concentration IS NULL) = (concentration_unit IS NULL)),
    CONSTRAINT solution_components_volume_range CHECK (volume_ml > 0 AND volume_ml <= 100),
    CONSTRAINT solution_components_is_open_known CHECK (is_open),
    CONSTRAINT solution_components_visit_open FOREIGN KEY (practice_id, visit_id, is_open) REFERENCES visits (practice_id, id, is_open)
);
CREATE INDEX solution_components_by_solution ON solution_components (practice_id, solution_id, "position");
CREATE INDEX solution_components_by_lot ON solution_components (practice_id, lot_id, id);
CREATE INDEX solution_components_by_visit ON solution_components (practice_id, visit_id, id);
CREATE INDEX solution_components_by_vial ON solution_components (practice_id, vial_id) WHERE (vial_id IS NOT NULL);
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
COMMENT ON COLUMN solution_components.vial_id IS 'The vial it was drawn from, where that is known.';
COMMENT ON COLUMN solution_components.differs_from_last_draw IS 'True where the strength of the lot was not recorded and it was last drawn from with another concentration.';
COMMENT ON COLUMN solution_components.is_open IS 'True while the visit is open; empty under the seal.';
CALL control.protect_sealed_table('solution_components');

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
    caution_acknowledged boolean,
    site_findings text[],
    voided_at timestamptz,
    voided_by uuid,
    void_reason text,
    is_open boolean DEFAULT true,
    CONSTRAINT injections_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT injections_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT injections_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT injections_point_exists FOREIGN KEY (practice_id, point_id) REFERENCES trigger_points (practice_id, id),
    CONSTRAINT injections_solution_exists FOREIGN KEY (practice_id, solution_id) REFERENCES solutions (practice_id, id),
    CONSTRAINT injections_muscle_known FOREIGN KEY (muscle_code) REFERENCES muscles (code),
    CONSTRAINT injections_side_known CHECK (side IN ('left', 'right', 'midline')),
    CONSTRAINT injections_view_known CHECK (view IN ('HN_POST', 'HN_ANT', 'HN_LAT_L', 'HN_LAT_R', 'UB_POST', 'UB_ANT', 'LB_POST')),
    CONSTRAINT injections_x_range CHECK (x BETWEEN 0 AND 1),
    CONSTRAINT injections_y_range CHECK (y BETWEEN 0 AND 1),
    CONSTRAINT injections_volume_range CHECK (volume_ml BETWEEN 0 AND 5),
    CONSTRAINT injections_dry_or_wet CHECK ((solution_id IS NULL) = (volume_ml = 0)),
    CONSTRAINT injections_gauge_range CHECK (needle_gauge BETWEEN 18 AND 34),
    CONSTRAINT injections_length_range CHECK (needle_length_mm BETWEEN 4 AND 100),
    CONSTRAINT injections_approach_known CHECK (approach IN ('perpendicular', 'tangential', 'pincer')),
    CONSTRAINT injections_passes_range CHECK (passes BETWEEN 0 AND 20),
    CONSTRAINT injections_before_range CHECK (pain_nrs_before BETWEEN 0 AND 10),
    CONSTRAINT injections_after_range CHECK (pain_nrs_after BETWEEN 0 AND 10),
    CONSTRAINT injections_site_findings_known CHECK (site_findings <@ ARRAY['infection_local', 'acute_trauma', 'skull_defect', 'implant_or_shunt', 'unsafe_site']),
    CONSTRAINT injections_voided_whole CHECK ((voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)),
    CONSTRAINT injections_void_reason_length CHECK (char_length(void_reason) BETWEEN 1 AND 1000),
    CONSTRAINT injections_is_open_known CHECK (is_open),
    CONSTRAINT injections_visit_open FOREIGN KEY (practice_id, visit_id, is_open) REFERENCES visits (practice_id, id, is_open)
);
CREATE INDEX injections_by_procedure ON injections (practice_id, procedure_id, id);
CREATE INDEX injections_by_point ON injections (practice_id, point_id, id) WHERE (point_id IS NOT NULL);
CREATE INDEX injections_by_patient ON injections (practice_id, patient_id, injected_at);
CREATE INDEX injections_by_visit ON injections (practice_id, visit_id, id);
CREATE INDEX injections_by_time ON injections (practice_id, injected_at);
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
COMMENT ON COLUMN injections.caution_acknowledged IS 'Whether depth and direction were confirmed over lung, dura or artery.';
COMMENT ON COLUMN injections.site_findings IS 'What was seen there that speaks against a needle.';
COMMENT ON COLUMN injections.voided_at IS 'When it was marked as entered in error; such a row counts nowhere.';
COMMENT ON COLUMN injections.voided_by IS 'The user who marked it.';
COMMENT ON COLUMN injections.void_reason IS 'Why.';
COMMENT ON COLUMN injections.is_open IS 'True while the visit is open; empty under the seal.';
CALL control.protect_voidable_table('injections');

CREATE TABLE injection_drafts (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    procedure_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    position smallint NOT NULL,
    point_id uuid,
    muscle_code text NOT NULL,
    side text NOT NULL,
    view text NOT NULL,
    x numeric(6,5) NOT NULL,
    y numeric(6,5) NOT NULL,
    volume_ml numeric(6,3) NOT NULL,
    needle_gauge smallint,
    needle_length_mm smallint,
    approach text,
    source text NOT NULL,
    source_solution_id uuid,
    status text NOT NULL,
    injection_id uuid,
    settled_by uuid,
    settled_at timestamptz,
    created_at timestamptz NOT NULL,
    is_open boolean DEFAULT true,
    CONSTRAINT injection_drafts_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT injection_drafts_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT injection_drafts_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT injection_drafts_point_exists FOREIGN KEY (practice_id, point_id) REFERENCES trigger_points (practice_id, id),
    CONSTRAINT injection_drafts_muscle_known FOREIGN KEY (muscle_code) REFERENCES muscles (code),
    CONSTRAINT injection_drafts_injection_exists FOREIGN KEY (practice_id, injection_id) REFERENCES injections (practice_id, id),
    CONSTRAINT injection_drafts_solution_exists FOREIGN KEY (practice_id, source_solution_id) REFERENCES solutions (practice_id, id),
    CONSTRAINT injection_drafts_side_known CHECK (side IN ('left', 'right', 'midline')),
    CONSTRAINT injection_drafts_view_known CHECK (view IN ('HN_POST', 'HN_ANT', 'HN_LAT_L', 'HN_LAT_R', 'UB_POST', 'UB_ANT', 'LB_POST')),
    CONSTRAINT injection_drafts_x_range CHECK (x BETWEEN 0 AND 1),
    CONSTRAINT injection_drafts_y_range CHECK (y BETWEEN 0 AND 1),
    CONSTRAINT injection_drafts_volume_range CHECK (volume_ml BETWEEN 0 AND 5),
    CONSTRAINT injection_drafts_source_length CHECK (char_length(source) BETWEEN 1 AND 60),
    CONSTRAINT injection_drafts_status_known CHECK (status IN ('open', 'confirmed', 'dismissed')),
    CONSTRAINT injection_drafts_confirmed_whole CHECK ((status = 'confirmed') = (injection_id IS NOT NULL)),
    CONSTRAINT injection_drafts_settled_whole CHECK ((status = 'open') = (settled_at IS NULL)),
    CONSTRAINT injection_drafts_is_open_known CHECK (is_open),
    CONSTRAINT injection_drafts_visit_open FOREIGN KEY (practice_id, visit_id, is_open) REFERENCES visits (practice_id, id, is_open)
);
CREATE INDEX injection_drafts_by_procedure ON injection_drafts (practice_id, procedure_id, "position", id);
CREATE INDEX injection_drafts_by_visit ON injection_drafts (practice_id, visit_id, id);
COMMENT ON TABLE injection_drafts IS 'A site that a template or the last session proposes; it counts for nothing until it is confirmed.';
COMMENT ON COLUMN injection_drafts.practice_id IS 'The practice.';
COMMENT ON COLUMN injection_drafts.id IS 'UUIDv7.';
COMMENT ON COLUMN injection_drafts.procedure_id IS 'The procedure it is proposed for.';
COMMENT ON COLUMN injection_drafts.visit_id IS 'The visit.';
COMMENT ON COLUMN injection_drafts.patient_id IS 'The patient.';
COMMENT ON COLUMN injection_drafts.position IS 'Order in the proposal.';
COMMENT ON COLUMN injection_drafts.point_id IS 'The recorded trigger point, if it is one.';
COMMENT ON COLUMN injection_drafts.muscle_code IS 'The muscle, by the code of the catalogue.';
COMMENT ON COLUMN injection_drafts.side IS 'Side of the body, of the patient.';
COMMENT ON COLUMN injection_drafts.view IS 'View of the body chart.';
COMMENT ON COLUMN injection_drafts.x IS 'Across the view from the viewer''s left, 0 to 1.';
COMMENT ON COLUMN injection_drafts.y IS 'Down the view, 0 to 1.';
COMMENT ON COLUMN injection_drafts.volume_ml IS 'How much is proposed; 0 for a dry needle.';
COMMENT ON COLUMN injection_drafts.needle_gauge IS 'Gauge of the needle that is proposed.';
COMMENT ON COLUMN injection_drafts.needle_length_mm IS 'Length of the needle that is proposed.';
COMMENT ON COLUMN injection_drafts.approach IS 'How to lead the needle.';
COMMENT ON COLUMN injection_drafts.source IS 'The code of the template, or last_time.';
COMMENT ON COLUMN injection_drafts.source_solution_id IS 'What was injected there last time.';
COMMENT ON COLUMN injection_drafts.status IS 'Open until someone confirms or dismisses it.';
COMMENT ON COLUMN injection_drafts.injection_id IS 'The needle site it became.';
COMMENT ON COLUMN injection_drafts.settled_by IS 'The user who confirmed or dismissed it.';
COMMENT ON COLUMN injection_drafts.settled_at IS 'When.';
COMMENT ON COLUMN injection_drafts.created_at IS 'When it was proposed.';
COMMENT ON COLUMN injection_drafts.is_open IS 'True while the visit is open; empty under the seal.';
CALL control.protect_sealed_table('injection_drafts');

CREATE TABLE solution_wastes (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    solution_id uuid NOT NULL,
    procedure_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    volume_ml numeric(8,3) NOT NULL,
    reason text,
    witnessed_by uuid NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    is_open boolean DEFAULT true,
    CONSTRAINT solution_wastes_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT solution_wastes_solution_exists FOREIGN KEY (practice_id, solution_id) REFERENCES solutions (practice_id, id),
    CONSTRAINT solution_wastes_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT solution_wastes_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT solution_wastes_volume_range CHECK (volume_ml > 0 AND volume_ml <= 100),
    CONSTRAINT solution_wastes_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500),
    CONSTRAINT solution_wastes_second_person CHECK (witnessed_by <> recorded_by),
    CONSTRAINT solution_wastes_is_open_known CHECK (is_open),
    CONSTRAINT solution_wastes_visit_open FOREIGN KEY (practice_id, visit_id, is_open) REFERENCES visits (practice_id, id, is_open)
);
CREATE INDEX solution_wastes_by_procedure ON solution_wastes (practice_id, procedure_id, id);
CREATE INDEX solution_wastes_by_visit ON solution_wastes (practice_id, visit_id, id);
COMMENT ON TABLE solution_wastes IS 'What of a syringe was thrown away, and who saw it.';
COMMENT ON COLUMN solution_wastes.practice_id IS 'The practice.';
COMMENT ON COLUMN solution_wastes.id IS 'UUIDv7.';
COMMENT ON COLUMN solution_wastes.solution_id IS 'The syringe.';
COMMENT ON COLUMN solution_wastes.procedure_id IS 'The procedure it was drawn up for.';
COMMENT ON COLUMN solution_wastes.visit_id IS 'The visit.';
COMMENT ON COLUMN solution_wastes.patient_id IS 'The patient.';
COMMENT ON COLUMN solution_wastes.volume_ml IS 'How much was thrown away.';
COMMENT ON COLUMN solution_wastes.reason IS 'Why.';
COMMENT ON COLUMN solution_wastes.witnessed_by IS 'The user who saw it; never the one who recorded it.';
COMMENT ON COLUMN solution_wastes.recorded_by IS 'The user who threw it away.';
COMMENT ON COLUMN solution_wastes.recorded_at IS 'When.';
COMMENT ON COLUMN solution_wastes.is_open IS 'True while the visit is open; empty under the seal.';
CALL control.protect_sealed_table('solution_wastes');

CREATE TABLE procedure_observations (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    procedure_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    heart_rate_bpm smallint,
    systolic_mmhg smallint,
    diastolic_mmhg smallint,
    spo2_percent smallint,
    symptoms text[] NOT NULL,
    note text,
    observed_by uuid NOT NULL,
    observed_at timestamptz NOT NULL,
    is_open boolean DEFAULT true,
    CONSTRAINT procedure_observations_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT procedure_observations_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT procedure_observations_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT procedure_observations_heart_rate_range CHECK (heart_rate_bpm BETWEEN 20 AND 300),
    CONSTRAINT procedure_observations_systolic_range CHECK (systolic_mmhg BETWEEN 40 AND 300),
    CONSTRAINT procedure_observations_diastolic_range CHECK (diastolic_mmhg BETWEEN 20 AND 200),
    CONSTRAINT procedure_observations_pressure_order CHECK (systolic_mmhg > diastolic_mmhg),
    CONSTRAINT procedure_observations_oxygen_range CHECK (spo2_percent BETWEEN 50 AND 100),
    CONSTRAINT procedure_observations_note_length CHECK (char_length(note) BETWEEN 1 AND 500),
    CONSTRAINT procedure_observations_is_open_known CHECK (is_open),
    CONSTRAINT procedure_observations_visit_open FOREIGN KEY (practice_id, visit_id, is_open) REFERENCES visits (practice_id, id, is_open)
);
CREATE INDEX procedure_observations_by_procedure ON procedure_observations (practice_id, procedure_id, id);
CREATE INDEX procedure_observations_by_visit ON procedure_observations (practice_id, visit_id, id);
COMMENT ON TABLE procedure_observations IS 'How the patient was after the needle, each time someone looked.';
COMMENT ON COLUMN procedure_observations.practice_id IS 'The practice.';
COMMENT ON COLUMN procedure_observations.id IS 'UUIDv7.';
COMMENT ON COLUMN procedure_observations.procedure_id IS 'The procedure.';
COMMENT ON COLUMN procedure_observations.visit_id IS 'The visit.';
COMMENT ON COLUMN procedure_observations.patient_id IS 'The patient.';
COMMENT ON COLUMN procedure_observations.heart_rate_bpm IS 'Beats a minute.';
COMMENT ON COLUMN procedure_observations.systolic_mmhg IS 'Systolic blood pressure.';
COMMENT ON COLUMN procedure_observations.diastolic_mmhg IS 'Diastolic blood pressure.';
COMMENT ON COLUMN procedure_observations.spo2_percent IS 'Oxygen saturation in percent.';
COMMENT ON COLUMN procedure_observations.symptoms IS 'What the patient told or showed; empty when nothing.';
COMMENT ON COLUMN procedure_observations.note IS 'More on it.';
COMMENT ON COLUMN procedure_observations.observed_by IS 'The user.';
COMMENT ON COLUMN procedure_observations.observed_at IS 'When.';
COMMENT ON COLUMN procedure_observations.is_open IS 'True while the visit is open; empty under the seal.';
CALL control.protect_sealed_table('procedure_observations');

CREATE TABLE late_observations (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    procedure_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    heart_rate_bpm smallint,
    systolic_mmhg smallint,
    diastolic_mmhg smallint,
    spo2_percent smallint,
    symptoms text[] NOT NULL,
    note text,
    observed_by uuid NOT NULL,
    observed_at timestamptz NOT NULL,
    CONSTRAINT late_observations_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT late_observations_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT late_observations_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT late_observations_heart_rate_range CHECK (heart_rate_bpm BETWEEN 20 AND 300),
    CONSTRAINT late_observations_systolic_range CHECK (systolic_mmhg BETWEEN 40 AND 300),
    CONSTRAINT late_observations_diastolic_range CHECK (diastolic_mmhg BETWEEN 20 AND 200),
    CONSTRAINT late_observations_pressure_order CHECK (systolic_mmhg > diastolic_mmhg),
    CONSTRAINT late_observations_oxygen_range CHECK (spo2_percent BETWEEN 50 AND 100),
    CONSTRAINT late_observations_note_length CHECK (char_length(note) BETWEEN 1 AND 500)
);
CREATE INDEX late_observations_by_procedure ON late_observations (practice_id, procedure_id, id);
COMMENT ON TABLE late_observations IS 'How the patient was after the needle, seen after the visit was signed; added beside the seal as an adverse event is.';
COMMENT ON COLUMN late_observations.practice_id IS 'The practice.';
COMMENT ON COLUMN late_observations.id IS 'UUIDv7.';
COMMENT ON COLUMN late_observations.procedure_id IS 'The procedure.';
COMMENT ON COLUMN late_observations.visit_id IS 'The signed visit.';
COMMENT ON COLUMN late_observations.patient_id IS 'The patient.';
COMMENT ON COLUMN late_observations.heart_rate_bpm IS 'Beats a minute.';
COMMENT ON COLUMN late_observations.systolic_mmhg IS 'Systolic blood pressure.';
COMMENT ON COLUMN late_observations.diastolic_mmhg IS 'Diastolic blood pressure.';
COMMENT ON COLUMN late_observations.spo2_percent IS 'Oxygen saturation in percent.';
COMMENT ON COLUMN late_observations.symptoms IS 'What the patient told or showed; empty when nothing.';
COMMENT ON COLUMN late_observations.note IS 'More on it.';
COMMENT ON COLUMN late_observations.observed_by IS 'The user.';
COMMENT ON COLUMN late_observations.observed_at IS 'When.';
CALL control.protect_patient_table('late_observations', 'patient_id');

CREATE TABLE late_discharges (
    practice_id uuid NOT NULL,
    procedure_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    aftercare_given boolean NOT NULL,
    note text,
    early_reason text,
    discharged_by uuid NOT NULL,
    discharged_at timestamptz NOT NULL,
    CONSTRAINT late_discharges_pkey PRIMARY KEY (practice_id, procedure_id),
    CONSTRAINT late_discharges_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT late_discharges_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT late_discharges_note_length CHECK (char_length(note) BETWEEN 1 AND 1000),
    CONSTRAINT late_discharges_early_reason_length CHECK (char_length(early_reason) BETWEEN 1 AND 500)
);
COMMENT ON TABLE late_discharges IS 'How a patient was let go after the visit was signed; a patient is let go once.';
COMMENT ON COLUMN late_discharges.practice_id IS 'The practice.';
COMMENT ON COLUMN late_discharges.procedure_id IS 'The procedure.';
COMMENT ON COLUMN late_discharges.visit_id IS 'The signed visit.';
COMMENT ON COLUMN late_discharges.patient_id IS 'The patient.';
COMMENT ON COLUMN late_discharges.aftercare_given IS 'Whether the patient was told what to do and when to call.';
COMMENT ON COLUMN late_discharges.note IS 'More on it.';
COMMENT ON COLUMN late_discharges.early_reason IS 'Why the patient left although something was missing.';
COMMENT ON COLUMN late_discharges.discharged_by IS 'The user.';
COMMENT ON COLUMN late_discharges.discharged_at IS 'When.';
CALL control.protect_patient_table('late_discharges', 'patient_id');

CREATE TABLE safety_overrides (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    procedure_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    check_code text NOT NULL,
    check_status text NOT NULL,
    actual numeric(20,4),
    reason text,
    overridden_by uuid NOT NULL,
    overridden_at timestamptz NOT NULL,
    exact_actual text,
    is_open boolean DEFAULT true,
    CONSTRAINT safety_overrides_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT safety_overrides_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT safety_overrides_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT safety_overrides_check_code_length CHECK (char_length(check_code) BETWEEN 1 AND 100),
    CONSTRAINT safety_overrides_reason_length CHECK (char_length(reason) BETWEEN 1 AND 1000),
    CONSTRAINT safety_overrides_exact_actual_is_fraction CHECK (exact_actual ~ '^[0-9]{1,39}/[0-9]{1,39}$'),
    CONSTRAINT safety_overrides_exact_actual_has_actual CHECK (exact_actual IS NULL OR actual IS NOT NULL),
    CONSTRAINT safety_overrides_check_status_known CHECK (check_status IN ('warn', 'indeterminate', 'block')),
    CONSTRAINT safety_overrides_is_open_known CHECK (is_open),
    CONSTRAINT safety_overrides_visit_open FOREIGN KEY (practice_id, visit_id, is_open) REFERENCES visits (practice_id, id, is_open)
);
CREATE INDEX safety_overrides_by_procedure ON safety_overrides (practice_id, procedure_id, id);
CREATE INDEX safety_overrides_by_visit ON safety_overrides (practice_id, visit_id, id);
COMMENT ON TABLE safety_overrides IS 'A provider''s decision to go on against a check, or having read it, with the reason.';
COMMENT ON COLUMN safety_overrides.practice_id IS 'The practice.';
COMMENT ON COLUMN safety_overrides.id IS 'UUIDv7.';
COMMENT ON COLUMN safety_overrides.procedure_id IS 'The procedure.';
COMMENT ON COLUMN safety_overrides.visit_id IS 'The visit.';
COMMENT ON COLUMN safety_overrides.patient_id IS 'The patient.';
COMMENT ON COLUMN safety_overrides.check_code IS 'The check.';
COMMENT ON COLUMN safety_overrides.check_status IS 'How the check stood when it was overridden; it covers nothing stricter.';
COMMENT ON COLUMN safety_overrides.actual IS 'What was measured then, rounded for reading.';
COMMENT ON COLUMN safety_overrides.reason IS 'Why to go on; empty when a warning was read.';
COMMENT ON COLUMN safety_overrides.overridden_by IS 'The user.';
COMMENT ON COLUMN safety_overrides.overridden_at IS 'When.';
COMMENT ON COLUMN safety_overrides.exact_actual IS 'What was measured then, as numerator and denominator; it covers no more than that.';
COMMENT ON COLUMN safety_overrides.is_open IS 'True while the visit is open; empty under the seal.';
CALL control.protect_sealed_table('safety_overrides');

CREATE TABLE outside_doses (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    drug_code text NOT NULL,
    amount numeric(12,4) NOT NULL,
    unit text NOT NULL,
    given_on date NOT NULL,
    given_on_precision text NOT NULL,
    muscle_code text,
    given_by text,
    told_by text NOT NULL,
    recorded_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    voided_at timestamptz,
    voided_by uuid,
    void_reason text,
    CONSTRAINT outside_doses_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT outside_doses_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT outside_doses_muscle_known FOREIGN KEY (muscle_code) REFERENCES muscles (code),
    CONSTRAINT outside_doses_drug_code_length CHECK (char_length(drug_code) BETWEEN 1 AND 60),
    CONSTRAINT outside_doses_amount_positive CHECK (amount > 0),
    CONSTRAINT outside_doses_unit_known CHECK (unit IN ('mg', 'mcg', 'units')),
    CONSTRAINT outside_doses_precision_known CHECK (given_on_precision IN ('day', 'month', 'year')),
    CONSTRAINT outside_doses_given_by_length CHECK (char_length(given_by) BETWEEN 1 AND 200),
    CONSTRAINT outside_doses_told_by_length CHECK (char_length(told_by) BETWEEN 1 AND 200),
    CONSTRAINT outside_doses_voided_whole CHECK ((voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)),
    CONSTRAINT outside_doses_void_reason_length CHECK (char_length(void_reason) BETWEEN 1 AND 1000)
);
CREATE INDEX outside_doses_by_patient ON outside_doses (practice_id, patient_id, given_on, id);
COMMENT ON TABLE outside_doses IS 'A dose that was given elsewhere, as it was told. It counts in ceilings and intervals.';
COMMENT ON COLUMN outside_doses.practice_id IS 'The practice.';
COMMENT ON COLUMN outside_doses.id IS 'UUIDv7.';
COMMENT ON COLUMN outside_doses.patient_id IS 'Who received it.';
COMMENT ON COLUMN outside_doses.drug_code IS 'The drug, by the code of the formulary.';
COMMENT ON COLUMN outside_doses.amount IS 'How much of it.';
COMMENT ON COLUMN outside_doses.unit IS 'Unit of the amount.';
COMMENT ON COLUMN outside_doses.given_on IS 'The day, or a day of the month or of the year.';
COMMENT ON COLUMN outside_doses.given_on_precision IS 'How exactly the day is known.';
COMMENT ON COLUMN outside_doses.muscle_code IS 'The muscle, where that is known.';
COMMENT ON COLUMN outside_doses.given_by IS 'Who gave it, where that is known.';
COMMENT ON COLUMN outside_doses.told_by IS 'Who said so.';
COMMENT ON COLUMN outside_doses.recorded_by IS 'The user who recorded it.';
COMMENT ON COLUMN outside_doses.created_at IS 'When it was recorded.';
COMMENT ON COLUMN outside_doses.voided_at IS 'When it was marked as entered in error; such a row counts nowhere.';
COMMENT ON COLUMN outside_doses.voided_by IS 'The user who marked it.';
COMMENT ON COLUMN outside_doses.void_reason IS 'Why.';
CALL control.protect_patient_table('outside_doses', 'patient_id');

CREATE TABLE adverse_events (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    procedure_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    injection_id uuid,
    lot_id uuid,
    event_code text NOT NULL,
    description text,
    grade smallint NOT NULL,
    causality text NOT NULL,
    is_serious boolean NOT NULL,
    serious_reason text,
    onset_at timestamptz NOT NULL,
    detected_at timestamptz NOT NULL,
    action_taken text,
    outcome text NOT NULL,
    resolved_at timestamptz,
    review_due_by timestamptz,
    reviewed_by uuid,
    reviewed_at timestamptz,
    reported_by uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT adverse_events_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT adverse_events_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT adverse_events_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT adverse_events_injection_exists FOREIGN KEY (practice_id, injection_id) REFERENCES injections (practice_id, id),
    CONSTRAINT adverse_events_lot_exists FOREIGN KEY (practice_id, lot_id) REFERENCES lots (practice_id, id),
    CONSTRAINT adverse_events_event_code_length CHECK (char_length(event_code) BETWEEN 1 AND 60),
    CONSTRAINT adverse_events_description_length CHECK (char_length(description) BETWEEN 1 AND 2000),
    CONSTRAINT adverse_events_grade_range CHECK (grade BETWEEN 1 AND 5),
    CONSTRAINT adverse_events_causality_known CHECK (causality IN ('certain', 'probable', 'possible', 'unlikely', 'unrelated', 'not_assessed')),
    CONSTRAINT adverse_events_grave_is_serious CHECK (is_serious OR grade < 3),
    CONSTRAINT adverse_events_serious_reason_length CHECK (char_length(serious_reason) BETWEEN 1 AND 500),
    CONSTRAINT adverse_events_serious_is_reviewed CHECK (NOT is_serious OR review_due_by IS NOT NULL),
    CONSTRAINT adverse_events_onset_before_detection CHECK (detected_at >= onset_at),
    CONSTRAINT adverse_events_action_taken_length CHECK (char_length(action_taken) BETWEEN 1 AND 1000),
    CONSTRAINT adverse_events_outcome_known CHECK (outcome IN ('ongoing', 'recovering', 'resolved', 'resolved_with_sequelae', 'fatal', 'unknown')),
    CONSTRAINT adverse_events_death_is_grade_five CHECK ((outcome = 'fatal') = (grade = 5)),
    CONSTRAINT adverse_events_resolved_whole CHECK ((outcome IN ('resolved', 'resolved_with_sequelae')) = (resolved_at IS NOT NULL)),
    CONSTRAINT adverse_events_resolved_after_onset CHECK (resolved_at >= onset_at),
    CONSTRAINT adverse_events_reviewed_whole CHECK ((reviewed_by IS NULL) = (reviewed_at IS NULL))
);
CREATE INDEX adverse_events_by_procedure ON adverse_events (practice_id, procedure_id, id);
CREATE INDEX adverse_events_by_patient ON adverse_events (practice_id, patient_id, id);
CREATE INDEX adverse_events_by_lot ON adverse_events (practice_id, lot_id, id) WHERE (lot_id IS NOT NULL);
CREATE INDEX adverse_events_awaiting_review ON adverse_events (practice_id, id) WHERE ((review_due_by IS NOT NULL) AND (reviewed_at IS NULL));
COMMENT ON TABLE adverse_events IS 'Harm during or after a procedure; recorded at any time, also after the visit is sealed.';
COMMENT ON COLUMN adverse_events.practice_id IS 'The practice.';
COMMENT ON COLUMN adverse_events.id IS 'UUIDv7.';
COMMENT ON COLUMN adverse_events.procedure_id IS 'The procedure.';
COMMENT ON COLUMN adverse_events.patient_id IS 'The patient.';
COMMENT ON COLUMN adverse_events.injection_id IS 'The needle site, if it is one.';
COMMENT ON COLUMN adverse_events.lot_id IS 'The lot suspected of it.';
COMMENT ON COLUMN adverse_events.event_code IS 'What happened, by the code of the catalogue.';
COMMENT ON COLUMN adverse_events.description IS 'More on it.';
COMMENT ON COLUMN adverse_events.grade IS 'How bad it was, 1 mild to 5 death.';
COMMENT ON COLUMN adverse_events.causality IS 'How likely the procedure caused it.';
COMMENT ON COLUMN adverse_events.is_serious IS 'Whether somebody has to look into it within a day.';
COMMENT ON COLUMN adverse_events.serious_reason IS 'Why it is serious although neither kind nor grade makes it so.';
COMMENT ON COLUMN adverse_events.onset_at IS 'When it began.';
COMMENT ON COLUMN adverse_events.detected_at IS 'When it was noticed.';
COMMENT ON COLUMN adverse_events.action_taken IS 'What was done.';
COMMENT ON COLUMN adverse_events.outcome IS 'How it went.';
COMMENT ON COLUMN adverse_events.resolved_at IS 'When it was over.';
COMMENT ON COLUMN adverse_events.review_due_by IS 'Until when somebody has to review it; empty when nobody has to.';
COMMENT ON COLUMN adverse_events.reviewed_by IS 'The user who reviewed it last.';
COMMENT ON COLUMN adverse_events.reviewed_at IS 'When.';
COMMENT ON COLUMN adverse_events.reported_by IS 'The user who reported it.';
COMMENT ON COLUMN adverse_events.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN adverse_events.created_at IS 'When it was recorded.';
COMMENT ON COLUMN adverse_events.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('adverse_events', 'patient_id');

CREATE TABLE adverse_event_entries (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    adverse_event_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    kind text NOT NULL,
    grade smallint NOT NULL,
    outcome text NOT NULL,
    note text,
    entered_by uuid NOT NULL,
    entered_at timestamptz NOT NULL,
    CONSTRAINT adverse_event_entries_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT adverse_event_entries_event_exists FOREIGN KEY (practice_id, adverse_event_id) REFERENCES adverse_events (practice_id, id),
    CONSTRAINT adverse_event_entries_kind_known CHECK (kind IN ('report', 'update', 'review')),
    CONSTRAINT adverse_event_entries_grade_range CHECK (grade BETWEEN 1 AND 5),
    CONSTRAINT adverse_event_entries_outcome_known CHECK (outcome IN ('ongoing', 'recovering', 'resolved', 'resolved_with_sequelae', 'fatal', 'unknown')),
    CONSTRAINT adverse_event_entries_note_length CHECK (char_length(note) BETWEEN 1 AND 2000)
);
CREATE INDEX adverse_event_entries_by_event ON adverse_event_entries (practice_id, adverse_event_id, id);
COMMENT ON TABLE adverse_event_entries IS 'How an adverse event went: its report, every later word on it and its reviews; only ever added to.';
COMMENT ON COLUMN adverse_event_entries.practice_id IS 'The practice.';
COMMENT ON COLUMN adverse_event_entries.id IS 'UUIDv7.';
COMMENT ON COLUMN adverse_event_entries.adverse_event_id IS 'The adverse event.';
COMMENT ON COLUMN adverse_event_entries.patient_id IS 'The patient.';
COMMENT ON COLUMN adverse_event_entries.kind IS 'Report, update or review.';
COMMENT ON COLUMN adverse_event_entries.grade IS 'The grade from then on.';
COMMENT ON COLUMN adverse_event_entries.outcome IS 'The outcome from then on.';
COMMENT ON COLUMN adverse_event_entries.note IS 'What was said.';
COMMENT ON COLUMN adverse_event_entries.entered_by IS 'The user.';
COMMENT ON COLUMN adverse_event_entries.entered_at IS 'When.';
CALL control.protect_patient_table('adverse_event_entries', 'patient_id');
