-- Who palpated, and how the patient lay or sat: a muscle feels another in another position.
ALTER TABLE palpations ADD COLUMN patient_position text;
ALTER TABLE palpations ADD COLUMN examined_by uuid;
ALTER TABLE palpations ADD CONSTRAINT palpations_patient_position_known CHECK (patient_position IN ('prone', 'supine', 'side_lying', 'seated'));
COMMENT ON COLUMN palpations.patient_position IS 'How the patient lay or sat; null where nobody said.';
COMMENT ON COLUMN palpations.examined_by IS 'The user who recorded what was felt; null in rows of before.';

-- The total tenderness score: eight sites on both sides, 0 to 3 each.
ALTER TABLE visits ADD COLUMN tenderness_scores smallint[];
ALTER TABLE visits ADD CONSTRAINT visits_tenderness_scores_whole CHECK (
    array_ndims(tenderness_scores) = 1 AND cardinality(tenderness_scores) = 16
    AND tenderness_scores <@ ARRAY[0, 1, 2, 3]::smallint[]);
COMMENT ON COLUMN visits.tenderness_scores IS 'Tenderness of eight sites, 0 to 3, left and right by turns: frontal, temporal, masseter, lateral pterygoid, mastoid, sternocleidomastoid, splenius, trapezius; null where it was not examined.';

-- Codes of terminologies whose licence keeps them out of the catalogue, loaded by those who hold one.
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
GRANT SELECT ON muscle_mappings TO tautband_app;
