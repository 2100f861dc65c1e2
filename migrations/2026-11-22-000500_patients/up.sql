CREATE TABLE patients (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    record_number text NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    search_name text NOT NULL,
    birth_date date NOT NULL,
    sex_at_birth text,
    phone text,
    phone_digits text,
    email text,
    address text,
    preferred_language text,
    weight_kg numeric(5,2),
    weight_measured_at timestamptz,
    archived_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT patients_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT patients_record_number_unique UNIQUE (practice_id, record_number),
    CONSTRAINT patients_given_name_length CHECK (char_length(given_name) BETWEEN 1 AND 100),
    CONSTRAINT patients_family_name_length CHECK (char_length(family_name) BETWEEN 1 AND 100),
    CONSTRAINT patients_phone_length CHECK (char_length(phone) BETWEEN 3 AND 40),
    CONSTRAINT patients_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    CONSTRAINT patients_address_length CHECK (char_length(address) BETWEEN 1 AND 500),
    CONSTRAINT patients_preferred_language_length CHECK (char_length(preferred_language) BETWEEN 2 AND 35),
    CONSTRAINT patients_sex_at_birth_known CHECK (sex_at_birth IN ('female', 'male', 'intersex', 'unknown')),
    CONSTRAINT patients_weight_range CHECK (weight_kg BETWEEN 1 AND 500),
    CONSTRAINT patients_weight_dated CHECK ((weight_kg IS NULL) = (weight_measured_at IS NULL)),
    CONSTRAINT patients_birth_date_range CHECK (birth_date >= '1880-01-01')
);
CREATE INDEX patients_by_name ON patients (practice_id, family_name, given_name, id);
CREATE INDEX patients_by_birth_date ON patients (practice_id, birth_date, id);
CREATE INDEX patients_by_phone ON patients (practice_id, phone_digits, id) WHERE phone_digits IS NOT NULL;
CREATE INDEX patients_by_update ON patients (practice_id, updated_at, id);
CREATE INDEX patients_by_spelling ON patients USING gin (search_name gin_trgm_ops);
COMMENT ON TABLE patients IS 'A person the practice looks after. Archived, never deleted.';
COMMENT ON COLUMN patients.practice_id IS 'The practice.';
COMMENT ON COLUMN patients.id IS 'UUIDv7.';
COMMENT ON COLUMN patients.record_number IS 'Medical record number, unique in the practice.';
COMMENT ON COLUMN patients.given_name IS 'Given name or names.';
COMMENT ON COLUMN patients.family_name IS 'Family name.';
COMMENT ON COLUMN patients.search_name IS 'Both names in plain lower-case letters, for search.';
COMMENT ON COLUMN patients.birth_date IS 'Date of birth.';
COMMENT ON COLUMN patients.sex_at_birth IS 'As recorded at birth.';
COMMENT ON COLUMN patients.phone IS 'Telephone as given.';
COMMENT ON COLUMN patients.phone_digits IS 'The digits of it, for search.';
COMMENT ON COLUMN patients.email IS 'E-mail address as given; never used to link accounts.';
COMMENT ON COLUMN patients.address IS 'Postal address as one text.';
COMMENT ON COLUMN patients.preferred_language IS 'BCP 47 tag.';
COMMENT ON COLUMN patients.weight_kg IS 'Last known body weight; doses are checked against it.';
COMMENT ON COLUMN patients.weight_measured_at IS 'When it was measured; an old weight is no weight.';
COMMENT ON COLUMN patients.archived_at IS 'Set when the record is out of use.';
COMMENT ON COLUMN patients.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN patients.created_at IS 'When it was recorded.';
COMMENT ON COLUMN patients.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('patients', 'id');
GRANT SELECT, INSERT, UPDATE ON patients TO tautband_app;

-- Under row-level security a trigram index cannot be used, since its operators are not leakproof.
-- This function runs as a role whose policy hides nothing, and narrows to the caller's practice itself.
GRANT SELECT (practice_id, id, search_name, archived_at) ON patients TO tautband_search;
CREATE POLICY patients_searched ON patients FOR SELECT TO tautband_search USING (true);
CREATE FUNCTION search_patients(spoken text, at_most integer)
RETURNS TABLE (patient_id uuid, likeness real)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
SET pg_trgm.word_similarity_threshold = 0.45
AS $$
    SELECT p.id, word_similarity(spoken, p.search_name)
    FROM patients p
    WHERE p.practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
      AND current_setting('app.patient_ids', true) = '*'
      AND p.archived_at IS NULL
      AND spoken <% p.search_name
    ORDER BY word_similarity(spoken, p.search_name) DESC, similarity(spoken, p.search_name) DESC, p.id
    LIMIT at_most
$$;
COMMENT ON FUNCTION search_patients IS 'Patients of the current practice whose names sound like the text, most alike first; staff only.';
GRANT CREATE ON SCHEMA public TO tautband_search;
ALTER FUNCTION search_patients OWNER TO tautband_search;
REVOKE CREATE ON SCHEMA public FROM tautband_search;
REVOKE ALL ON FUNCTION search_patients FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_patients TO tautband_app;

CREATE TABLE allergies (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    substance text NOT NULL,
    allergen_class text,
    reaction text,
    severity text NOT NULL,
    ended_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT allergies_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT allergies_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT allergies_substance_length CHECK (char_length(substance) BETWEEN 1 AND 200),
    CONSTRAINT allergies_allergen_class_known CHECK (allergen_class IN ('la_amide', 'la_ester', 'la_any', 'paraben', 'benzyl_alcohol', 'sulfite', 'benzalkonium', 'cobalamin_cobalt', 'botulinum_toxin', 'latex', 'chlorhexidine', 'iodine')),
    CONSTRAINT allergies_reaction_length CHECK (char_length(reaction) BETWEEN 1 AND 500),
    CONSTRAINT allergies_severity_known CHECK (severity IN ('mild', 'moderate', 'severe', 'unknown'))
);
CREATE INDEX allergies_by_patient ON allergies (practice_id, patient_id, id);
COMMENT ON TABLE allergies IS 'What a patient reacts to.';
COMMENT ON COLUMN allergies.practice_id IS 'The practice.';
COMMENT ON COLUMN allergies.id IS 'UUIDv7.';
COMMENT ON COLUMN allergies.patient_id IS 'The patient.';
COMMENT ON COLUMN allergies.substance IS 'The substance as told.';
COMMENT ON COLUMN allergies.allergen_class IS 'The class the dose and contraindication checks look for.';
COMMENT ON COLUMN allergies.reaction IS 'What happened.';
COMMENT ON COLUMN allergies.severity IS 'How bad it was.';
COMMENT ON COLUMN allergies.ended_at IS 'When it was found not to hold any longer.';
COMMENT ON COLUMN allergies.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN allergies.created_at IS 'When it was recorded.';
COMMENT ON COLUMN allergies.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('allergies', 'patient_id');
GRANT SELECT, INSERT, UPDATE ON allergies TO tautband_app;

CREATE TABLE medications (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    name text NOT NULL,
    medication_class text,
    dose text,
    last_taken_at timestamptz,
    ended_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT medications_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT medications_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT medications_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT medications_medication_class_known CHECK (medication_class IN ('anticoagulant', 'antiplatelet', 'maoi', 'tca', 'systemic_corticosteroid', 'immunosuppressant', 'methaemoglobin_inducer', 'other')),
    CONSTRAINT medications_dose_length CHECK (char_length(dose) BETWEEN 1 AND 200)
);
CREATE INDEX medications_by_patient ON medications (practice_id, patient_id, id);
COMMENT ON TABLE medications IS 'What a patient takes.';
COMMENT ON COLUMN medications.practice_id IS 'The practice.';
COMMENT ON COLUMN medications.id IS 'UUIDv7.';
COMMENT ON COLUMN medications.patient_id IS 'The patient.';
COMMENT ON COLUMN medications.name IS 'The medicine as told.';
COMMENT ON COLUMN medications.medication_class IS 'The class the contraindication checks look for.';
COMMENT ON COLUMN medications.dose IS 'Dose and frequency as told.';
COMMENT ON COLUMN medications.last_taken_at IS 'When it was last taken.';
COMMENT ON COLUMN medications.ended_at IS 'When the patient stopped taking it.';
COMMENT ON COLUMN medications.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN medications.created_at IS 'When it was recorded.';
COMMENT ON COLUMN medications.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('medications', 'patient_id');
GRANT SELECT, INSERT, UPDATE ON medications TO tautband_app;

CREATE TABLE conditions (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    code text NOT NULL,
    text text,
    onset_on date,
    resolved_on date,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT conditions_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT conditions_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT conditions_code_spelling CHECK (code ~ '^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$'),
    CONSTRAINT conditions_text_length CHECK (char_length(text) BETWEEN 1 AND 500)
);
CREATE INDEX conditions_by_patient ON conditions (practice_id, patient_id, id);
COMMENT ON TABLE conditions IS 'What a patient has or had.';
COMMENT ON COLUMN conditions.practice_id IS 'The practice.';
COMMENT ON COLUMN conditions.id IS 'UUIDv7.';
COMMENT ON COLUMN conditions.patient_id IS 'The patient.';
COMMENT ON COLUMN conditions.code IS 'ICD-10-CM code.';
COMMENT ON COLUMN conditions.text IS 'In the words of who recorded it.';
COMMENT ON COLUMN conditions.onset_on IS 'When it began.';
COMMENT ON COLUMN conditions.resolved_on IS 'When it ended.';
COMMENT ON COLUMN conditions.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN conditions.created_at IS 'When it was recorded.';
COMMENT ON COLUMN conditions.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('conditions', 'patient_id');
GRANT SELECT, INSERT, UPDATE ON conditions TO tautband_app;
