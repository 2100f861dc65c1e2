-- Vials: a single-dose vial serves one procedure of one patient, and an opened one does not last.
CREATE TABLE vials (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    lot_id uuid NOT NULL,
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
COMMENT ON TABLE vials IS 'A vial that was opened. A single-dose vial serves the first procedure it was drawn for and no other.';
COMMENT ON COLUMN vials.practice_id IS 'The practice.';
COMMENT ON COLUMN vials.id IS 'UUIDv7.';
COMMENT ON COLUMN vials.lot_id IS 'The lot it belongs to.';
COMMENT ON COLUMN vials.vial_type IS 'Whether it serves one patient or several, as its lot says.';
COMMENT ON COLUMN vials.patient_id IS 'Whom a single-dose vial was drawn for; nobody yet while empty.';
COMMENT ON COLUMN vials.procedure_id IS 'The procedure a single-dose vial was drawn for.';
COMMENT ON COLUMN vials.opened_at IS 'When it was opened.';
COMMENT ON COLUMN vials.opened_by IS 'The user who opened it.';
COMMENT ON COLUMN vials.discarded_at IS 'When it was thrown away.';
COMMENT ON COLUMN vials.discarded_by IS 'The user who threw it away.';
CALL control.protect_patient_table('vials', 'patient_id');
GRANT SELECT, INSERT, UPDATE ON vials TO tautband_app;

ALTER TABLE solution_components ADD COLUMN vial_id uuid;
ALTER TABLE solution_components ADD CONSTRAINT solution_components_vial_exists
    FOREIGN KEY (practice_id, vial_id) REFERENCES vials (practice_id, id);
CREATE INDEX solution_components_by_vial ON solution_components (practice_id, vial_id) WHERE vial_id IS NOT NULL;
COMMENT ON COLUMN solution_components.vial_id IS 'The vial it was drawn from, where that is known.';

ALTER TABLE solutions ADD COLUMN beyond_use_at timestamptz;
ALTER TABLE solutions ADD CONSTRAINT solutions_beyond_use_later CHECK (beyond_use_at > prepared_at);
COMMENT ON COLUMN solutions.beyond_use_at IS 'When it is too old to inject, where someone set a time.';

-- What is left in a syringe is thrown away in front of a second person.
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
    CONSTRAINT solution_wastes_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT solution_wastes_solution_exists FOREIGN KEY (practice_id, solution_id) REFERENCES solutions (practice_id, id),
    CONSTRAINT solution_wastes_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT solution_wastes_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT solution_wastes_volume_range CHECK (volume_ml > 0 AND volume_ml <= 100),
    CONSTRAINT solution_wastes_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500),
    CONSTRAINT solution_wastes_second_person CHECK (witnessed_by <> recorded_by)
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
CALL control.protect_patient_table('solution_wastes', 'patient_id');
CALL control.seal_with_visit('solution_wastes');
CREATE POLICY solution_wastes_signed_for_patients ON solution_wastes AS RESTRICTIVE FOR SELECT TO tautband_app
    USING (current_setting('app.patient_ids', true) = '*' OR EXISTS (
        SELECT 1 FROM visits v WHERE v.practice_id = solution_wastes.practice_id AND v.id = solution_wastes.visit_id));
GRANT SELECT, INSERT ON solution_wastes TO tautband_app;

-- Stock tells what went into patients from what was thrown away.
ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_cause_known;
ALTER TABLE stock_movements ADD CONSTRAINT stock_movements_cause_known
    CHECK (cause IN ('received', 'drawn', 'wasted', 'adjusted'));

-- What goes with the needle: the answers before it, how the patient lay, and the time after it.
ALTER TABLE procedures ADD COLUMN checklist jsonb;
ALTER TABLE procedures ADD COLUMN checklist_by uuid;
ALTER TABLE procedures ADD COLUMN checklist_at timestamptz;
ALTER TABLE procedures ADD COLUMN patient_position text;
ALTER TABLE procedures ADD COLUMN skin_preparation text;
ALTER TABLE procedures ADD COLUMN guidance text;
ALTER TABLE procedures ADD COLUMN discharged_at timestamptz;
ALTER TABLE procedures ADD COLUMN discharged_by uuid;
ALTER TABLE procedures ADD COLUMN aftercare_given boolean;
ALTER TABLE procedures ADD COLUMN discharge_note text;
ALTER TABLE procedures ADD COLUMN early_discharge_reason text;
ALTER TABLE procedures ADD CONSTRAINT procedures_checklist_whole
    CHECK ((checklist IS NULL) = (checklist_at IS NULL) AND (checklist IS NULL) = (checklist_by IS NULL));
ALTER TABLE procedures ADD CONSTRAINT procedures_position_known
    CHECK (patient_position IN ('prone', 'supine', 'side_lying', 'seated'));
ALTER TABLE procedures ADD CONSTRAINT procedures_skin_preparation_known
    CHECK (skin_preparation IN ('alcohol', 'chlorhexidine_alcohol', 'povidone_iodine'));
ALTER TABLE procedures ADD CONSTRAINT procedures_guidance_known
    CHECK (guidance IN ('palpation', 'ultrasound', 'electromyography'));
ALTER TABLE procedures ADD CONSTRAINT procedures_discharged_when_completed
    CHECK (discharged_at IS NULL OR (completed_at IS NOT NULL AND discharged_at >= completed_at));
ALTER TABLE procedures ADD CONSTRAINT procedures_discharge_whole
    CHECK ((discharged_at IS NULL) = (discharged_by IS NULL) AND (discharged_at IS NULL) = (aftercare_given IS NULL));
ALTER TABLE procedures ADD CONSTRAINT procedures_discharge_note_length
    CHECK (char_length(discharge_note) BETWEEN 1 AND 1000);
ALTER TABLE procedures ADD CONSTRAINT procedures_early_discharge_length
    CHECK (char_length(early_discharge_reason) BETWEEN 1 AND 500);
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
    CONSTRAINT procedure_observations_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT procedure_observations_procedure_exists FOREIGN KEY (practice_id, procedure_id) REFERENCES procedures (practice_id, id),
    CONSTRAINT procedure_observations_visit_exists FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id),
    CONSTRAINT procedure_observations_heart_rate_range CHECK (heart_rate_bpm BETWEEN 20 AND 300),
    CONSTRAINT procedure_observations_systolic_range CHECK (systolic_mmhg BETWEEN 40 AND 300),
    CONSTRAINT procedure_observations_diastolic_range CHECK (diastolic_mmhg BETWEEN 20 AND 200),
    CONSTRAINT procedure_observations_pressure_order CHECK (systolic_mmhg > diastolic_mmhg),
    CONSTRAINT procedure_observations_oxygen_range CHECK (spo2_percent BETWEEN 50 AND 100),
    CONSTRAINT procedure_observations_note_length CHECK (char_length(note) BETWEEN 1 AND 500)
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
CALL control.protect_patient_table('procedure_observations', 'patient_id');
CALL control.seal_with_visit('procedure_observations');
CREATE POLICY procedure_observations_signed_for_patients ON procedure_observations AS RESTRICTIVE FOR SELECT TO tautband_app
    USING (current_setting('app.patient_ids', true) = '*' OR EXISTS (
        SELECT 1 FROM visits v WHERE v.practice_id = procedure_observations.practice_id AND v.id = procedure_observations.visit_id));
GRANT SELECT, INSERT ON procedure_observations TO tautband_app;

-- What was seen at a site, and that its dangers were confirmed.
ALTER TABLE injections ADD COLUMN caution_acknowledged boolean;
ALTER TABLE injections ADD COLUMN site_findings text[];
ALTER TABLE injections ADD CONSTRAINT injections_site_findings_known
    CHECK (site_findings <@ ARRAY['infection_local', 'acute_trauma', 'skull_defect', 'implant_or_shunt', 'unsafe_site']);
COMMENT ON COLUMN injections.caution_acknowledged IS 'Whether depth and direction were confirmed over lung, dura or artery.';
COMMENT ON COLUMN injections.site_findings IS 'What was seen there that speaks against a needle.';

-- Sites that a template or the last session proposes; none is done until it is confirmed.
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
    CONSTRAINT injection_drafts_settled_whole CHECK ((status = 'open') = (settled_at IS NULL))
);
CREATE INDEX injection_drafts_by_procedure ON injection_drafts (practice_id, procedure_id, position, id);
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
CALL control.protect_patient_table('injection_drafts', 'patient_id');
CALL control.seal_with_visit('injection_drafts');
CREATE POLICY injection_drafts_signed_for_patients ON injection_drafts AS RESTRICTIVE FOR SELECT TO tautband_app
    USING (current_setting('app.patient_ids', true) = '*' OR EXISTS (
        SELECT 1 FROM visits v WHERE v.practice_id = injection_drafts.practice_id AND v.id = injection_drafts.visit_id));
GRANT SELECT, INSERT, UPDATE ON injection_drafts TO tautband_app;

-- Rules of the practice's own. A version is never changed, so that what was judged by it can be
-- judged again.
CREATE TABLE rule_sets (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    version text NOT NULL,
    source text NOT NULL,
    review_state text NOT NULL,
    reviewed_by text,
    reviewed_on date,
    content jsonb NOT NULL,
    published_by uuid NOT NULL,
    published_at timestamptz NOT NULL,
    CONSTRAINT rule_sets_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT rule_sets_version_once UNIQUE (practice_id, version),
    CONSTRAINT rule_sets_version_length CHECK (char_length(version) BETWEEN 1 AND 40),
    CONSTRAINT rule_sets_source_length CHECK (char_length(source) BETWEEN 1 AND 500),
    CONSTRAINT rule_sets_review_state_known CHECK (review_state IN ('awaiting_clinician_review', 'sources_conflict', 'reviewed')),
    CONSTRAINT rule_sets_reviewed_by_length CHECK (char_length(reviewed_by) BETWEEN 1 AND 200),
    CONSTRAINT rule_sets_reviewed_whole CHECK (
        (review_state = 'reviewed') = (reviewed_by IS NOT NULL) AND (reviewed_by IS NULL) = (reviewed_on IS NULL))
);
COMMENT ON TABLE rule_sets IS 'Safety rules a practice published; the last one is in force, before those that come with the program.';
COMMENT ON COLUMN rule_sets.practice_id IS 'The practice.';
COMMENT ON COLUMN rule_sets.id IS 'UUIDv7; the greatest is in force.';
COMMENT ON COLUMN rule_sets.version IS 'The name results repeat.';
COMMENT ON COLUMN rule_sets.source IS 'Where its figures come from.';
COMMENT ON COLUMN rule_sets.review_state IS 'How far it was reviewed.';
COMMENT ON COLUMN rule_sets.reviewed_by IS 'The clinician who reviewed it.';
COMMENT ON COLUMN rule_sets.reviewed_on IS 'When it was reviewed.';
COMMENT ON COLUMN rule_sets.content IS 'Every figure and row, each with source and review state.';
COMMENT ON COLUMN rule_sets.published_by IS 'The user who published it.';
COMMENT ON COLUMN rule_sets.published_at IS 'In force from then on.';
CALL control.protect_practice_table('rule_sets');
GRANT SELECT, INSERT ON rule_sets TO tautband_app;

-- Harm is found out after the signature as well, so it does not lie under the seal.
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
CREATE INDEX adverse_events_by_lot ON adverse_events (practice_id, lot_id, id) WHERE lot_id IS NOT NULL;
CREATE INDEX adverse_events_awaiting_review ON adverse_events (practice_id, id) WHERE review_due_by IS NOT NULL AND reviewed_at IS NULL;
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
GRANT SELECT, INSERT, UPDATE ON adverse_events TO tautband_app;

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
GRANT SELECT, INSERT ON adverse_event_entries TO tautband_app;

-- The seal is over the new rows as well; a visit without any has the text it had before.
CREATE OR REPLACE FUNCTION visit_content(of_practice uuid, of_visit uuid) RETURNS text
LANGUAGE sql STABLE SECURITY INVOKER
SET timezone = 'UTC' SET search_path = public, pg_temp AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'format', 'tautband-visit-1',
        'visit', to_jsonb(v) - ARRAY['signed_at', 'signed_by', 'content_sha256', 'version', 'updated_at'],
        'trigger_points', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM trigger_points r
            WHERE r.practice_id = of_practice AND r.first_visit_id = of_visit),
        'palpations', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM palpations r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'procedures', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM procedures r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'solutions', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM solutions r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'solution_components', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM solution_components r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'injections', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM injections r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'safety_overrides', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM safety_overrides r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'solution_wastes', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM solution_wastes r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'procedure_observations', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM procedure_observations r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'injection_drafts', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM injection_drafts r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit)
    ))::text
    FROM visits v WHERE v.practice_id = of_practice AND v.id = of_visit
$$;
