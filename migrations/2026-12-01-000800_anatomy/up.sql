-- The muscle catalogue: reference data shared by every practice. A code never changes its meaning; a
-- correction is a new catalogue version. External identifiers are attributes, never keys: FMA and
-- UBERON are open, TA98 identifiers are kept without the terminology's own text.

CREATE TABLE muscles (
    code text NOT NULL,
    parent_code text,
    kind text NOT NULL,
    latin text NOT NULL,
    name text NOT NULL,
    region text NOT NULL,
    paired boolean NOT NULL,
    nerve text NOT NULL,
    referral text NOT NULL,
    needle text NOT NULL,
    cautions text[] NOT NULL,
    fma text,
    uberon text,
    ta98 text,
    broader_ids text[] NOT NULL,
    chart_view text NOT NULL,
    chart_x numeric(6,5) NOT NULL,
    chart_y numeric(6,5) NOT NULL,
    catalogue_version text NOT NULL,
    added_by_practice_id uuid,
    CONSTRAINT muscles_pkey PRIMARY KEY (code),
    CONSTRAINT muscles_parent_fkey FOREIGN KEY (parent_code) REFERENCES muscles (code),
    CONSTRAINT muscles_code_spelt CHECK (code ~ '^[a-z][a-z0-9_]{1,63}$'),
    CONSTRAINT muscles_parent_is_another CHECK (parent_code <> code),
    CONSTRAINT muscles_part_has_parent CHECK (kind <> 'part' OR parent_code IS NOT NULL),
    CONSTRAINT muscles_kind_known CHECK (kind IN ('muscle', 'part', 'group')),
    CONSTRAINT muscles_names_given CHECK (latin <> '' AND name <> ''),
    CONSTRAINT muscles_region_known CHECK (region IN ( 'head', 'neck', 'shoulder_girdle', 'upper_back', 'chest', 'abdomen', 'low_back', 'gluteal' )),
    CONSTRAINT muscles_cautions_known CHECK ( array_to_string(cautions, ';') ~ ('^((PTX|VASC|NERVE|DURA|EYE|AIRWAY|PAROTID|RENAL|SCIATIC' || '|DEEP|RETROPERITONEAL|PERITONEUM)(\([^();]+\))?(;|$))*$') ),
    CONSTRAINT muscles_fma_digits CHECK (fma ~ '^[0-9]{4,6}$'),
    CONSTRAINT muscles_uberon_digits CHECK (uberon ~ '^[0-9]{7}$'),
    CONSTRAINT muscles_ta98_spelt CHECK (ta98 ~ '^A[0-9]{2}(\.[0-9]{1,2}){2}\.[0-9]{3}$'),
    CONSTRAINT muscles_broader_ids_known CHECK (broader_ids <@ ARRAY['fma', 'uberon', 'ta98']),
    CONSTRAINT muscles_chart_view_known CHECK (chart_view IN ( 'HN_POST', 'HN_ANT', 'HN_LAT_L', 'HN_LAT_R', 'UB_POST', 'UB_ANT', 'LB_POST' )),
    CONSTRAINT muscles_chart_x_range CHECK (chart_x BETWEEN 0 AND 1),
    CONSTRAINT muscles_chart_y_range CHECK (chart_y BETWEEN 0 AND 1),
    CONSTRAINT muscles_own_code_spelt CHECK ((added_by_practice_id IS NOT NULL) = starts_with(code, 'own_'))
);
CREATE INDEX muscles_parent_idx ON muscles (parent_code);
COMMENT ON TABLE muscles IS 'Muscles, their parts and groups that a finding or an injection can name; reference data, the same for every practice.';
COMMENT ON COLUMN muscles.code IS 'Our own lasting code; what findings and injections refer to.';
COMMENT ON COLUMN muscles.parent_code IS 'The muscle a part belongs to, or the group a muscle belongs to.';
COMMENT ON COLUMN muscles.kind IS 'muscle, part or group; for counting muscles a part counts as its parent, a group as its members.';
COMMENT ON COLUMN muscles.latin IS 'Latin anatomical name.';
COMMENT ON COLUMN muscles.name IS 'English name as shown to clinicians and on the body chart.';
COMMENT ON COLUMN muscles.region IS 'Body region; decides which views of the body chart can show the muscle.';
COMMENT ON COLUMN muscles.paired IS 'True when there is a left and a right one; false when it lies in the midline.';
COMMENT ON COLUMN muscles.nerve IS 'Innervation; general knowledge awaiting a clinician''s review.';
COMMENT ON COLUMN muscles.referral IS 'Referred pain often described; a hint only, the observed referral is recorded with each finding.';
COMMENT ON COLUMN muscles.needle IS 'Usual needle and technique; a hint awaiting a clinician''s review.';
COMMENT ON COLUMN muscles.cautions IS 'Structures at risk at this site, such as PTX or VASC(vertebral a.); PTX, DURA and the vertebral artery ask for acknowledgement.';
COMMENT ON COLUMN muscles.fma IS 'FMA identifier without its prefix; null where none was found.';
COMMENT ON COLUMN muscles.uberon IS 'UBERON identifier without its prefix; null where none was found.';
COMMENT ON COLUMN muscles.ta98 IS 'TA98 identifier; null where none was found.';
COMMENT ON COLUMN muscles.broader_ids IS 'Which of fma, uberon and ta98 name the broader structure because the row has no identifier of its own there.';
COMMENT ON COLUMN muscles.chart_view IS 'View of the body chart the default point lies on.';
COMMENT ON COLUMN muscles.chart_x IS 'Default point, across from the viewer''s left, 0 to 1; the left muscle where paired. A first cursor only.';
COMMENT ON COLUMN muscles.chart_y IS 'Default point, down from the top, 0 to 1.';
COMMENT ON COLUMN muscles.catalogue_version IS 'Version of the catalogue this row came with.';
COMMENT ON COLUMN muscles.added_by_practice_id IS 'The practice that added it; empty for what is shipped.';
ALTER TABLE muscles ENABLE ROW LEVEL SECURITY;
-- A muscle that a practice added is seen by that practice alone.
CREATE POLICY muscles_read ON muscles FOR SELECT
    USING (added_by_practice_id IS NULL OR added_by_practice_id = nullif(current_setting('app.practice_id', true), '')::uuid);
CREATE POLICY muscles_add ON muscles FOR INSERT
    WITH CHECK (added_by_practice_id = nullif(current_setting('app.practice_id', true), '')::uuid);

CREATE TABLE muscle_mappings (
    system text NOT NULL,
    muscle_code text NOT NULL,
    code text NOT NULL,
    CONSTRAINT muscle_mappings_pkey PRIMARY KEY (system, muscle_code),
    CONSTRAINT muscle_mappings_muscle_known FOREIGN KEY (muscle_code) REFERENCES muscles (code),
    CONSTRAINT muscle_mappings_system_known CHECK (system IN ('snomed_ct')),
    CONSTRAINT muscle_mappings_code_spelt CHECK (code ~ '^[1-9][0-9]{5,17}$')
);
COMMENT ON TABLE muscle_mappings IS 'Muscles in terminologies that need a licence; empty until somebody who holds one loads a file.';
COMMENT ON COLUMN muscle_mappings.system IS 'The terminology.';
COMMENT ON COLUMN muscle_mappings.muscle_code IS 'Our own code.';
COMMENT ON COLUMN muscle_mappings.code IS 'The code there.';
