-- Findings that were left out until now. All may be empty: what a seal is over leaves empty columns
-- out, so the seals of before stay as they are.
ALTER TABLE palpations ADD COLUMN range_of_motion_restricted text;
ALTER TABLE palpations ADD COLUMN autonomic_signs text;
ALTER TABLE palpations ADD COLUMN referred_qualities text[];
ALTER TABLE palpations ADD COLUMN taut_band_diameter_mm numeric(3,1);
ALTER TABLE palpations ADD COLUMN classification_reason text;
ALTER TABLE palpations ADD COLUMN placement_reason text;
ALTER TABLE palpations ADD CONSTRAINT palpations_range_of_motion_known CHECK (range_of_motion_restricted IN ('yes', 'no'));
ALTER TABLE palpations ADD CONSTRAINT palpations_autonomic_signs_known CHECK (autonomic_signs IN ('yes', 'no'));
ALTER TABLE palpations ADD CONSTRAINT palpations_referred_qualities_known CHECK (cardinality(referred_qualities) > 0 AND referred_qualities <@ ARRAY['spreading_pain', 'deep_pain', 'dull_ache', 'tingling', 'burning', 'other']);
ALTER TABLE palpations ADD CONSTRAINT palpations_taut_band_range CHECK (taut_band_diameter_mm BETWEEN 0.5 AND 10);
ALTER TABLE palpations ADD CONSTRAINT palpations_classification_reason_length CHECK (char_length(classification_reason) BETWEEN 1 AND 500);
ALTER TABLE palpations ADD CONSTRAINT palpations_placement_reason_length CHECK (char_length(placement_reason) BETWEEN 1 AND 500);
COMMENT ON COLUMN palpations.range_of_motion_restricted IS 'Restricted range of motion; empty where it was not assessed.';
COMMENT ON COLUMN palpations.autonomic_signs IS 'Autonomic signs; empty where they were not assessed.';
COMMENT ON COLUMN palpations.referred_qualities IS 'How the patient describes the referred pain; empty where nothing was said.';
COMMENT ON COLUMN palpations.taut_band_diameter_mm IS 'How thick the taut band feels.';
COMMENT ON COLUMN palpations.classification_reason IS 'Why the provider judged otherwise than the criteria; empty where they did not.';
COMMENT ON COLUMN palpations.placement_reason IS 'Why the place stands though muscle, side, view and coordinates do not agree.';

-- A muscle of a practice's own stands beside the shipped ones and is seen by that practice alone.
ALTER TABLE muscles ADD COLUMN added_by_practice_id uuid;
ALTER TABLE muscles ADD CONSTRAINT muscles_own_code_spelt CHECK ((added_by_practice_id IS NOT NULL) = starts_with(code, 'own_'));
COMMENT ON COLUMN muscles.added_by_practice_id IS 'The practice that added it; empty for what is shipped.';
ALTER TABLE muscles ENABLE ROW LEVEL SECURITY;
CREATE POLICY muscles_shipped_or_own ON muscles FOR SELECT TO tautband_app
    USING (added_by_practice_id IS NULL OR added_by_practice_id = nullif(current_setting('app.practice_id', true), '')::uuid);
CREATE POLICY muscles_insert_own ON muscles FOR INSERT TO tautband_app
    WITH CHECK (added_by_practice_id = nullif(current_setting('app.practice_id', true), '')::uuid);
GRANT INSERT ON muscles TO tautband_app;

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
CREATE UNIQUE INDEX note_templates_name_unique ON note_templates (practice_id, lower(name)) WHERE archived_at IS NULL;
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
GRANT SELECT, INSERT, UPDATE ON note_templates TO tautband_app;
