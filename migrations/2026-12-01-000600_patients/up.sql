-- Patients and what is known of them before any visit. Two records can turn out to be one person.
-- Nothing is rewritten then: every row keeps the record it was written to, and reads ask for all
-- records of the person. Sealed rows stay as they were signed, and undoing a merge repairs nothing.

CREATE FUNCTION one_letter_short(word text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT left(word, place - 1) || right(word, -place)) || word
    FROM generate_series(1, least(char_length(word), 40)) AS place
$$;
COMMENT ON FUNCTION one_letter_short IS 'A word, and the word without each one of its first 40 letters.';

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
    merged_into_id uuid,
    person_id uuid NOT NULL GENERATED ALWAYS AS (COALESCE(merged_into_id, id)) STORED,
    awaited_reviews integer NOT NULL DEFAULT 0,
    last_needled_at timestamptz,
    former_name text,
    preferred_name text,
    pronouns text,
    birth_date_estimated boolean NOT NULL DEFAULT false,
    needs_interpreter boolean NOT NULL DEFAULT false,
    insurance text,
    died_on date,
    died_on_precision text,
    phone_last_four text GENERATED ALWAYS AS (right(phone_digits, 4)) STORED,
    email_key text GENERATED ALWAYS AS (lower(email)) STORED,
    CONSTRAINT patients_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT patients_record_number_unique UNIQUE (practice_id, record_number),
    CONSTRAINT patients_person_exists FOREIGN KEY (practice_id, merged_into_id) REFERENCES patients (practice_id, id),
    CONSTRAINT patients_given_name_length CHECK (char_length(given_name) BETWEEN 1 AND 100),
    CONSTRAINT patients_family_name_length CHECK (char_length(family_name) <= 100),
    CONSTRAINT patients_former_name_length CHECK (char_length(former_name) BETWEEN 1 AND 100),
    CONSTRAINT patients_preferred_name_length CHECK (char_length(preferred_name) BETWEEN 1 AND 100),
    CONSTRAINT patients_pronouns_length CHECK (char_length(pronouns) BETWEEN 1 AND 40),
    CONSTRAINT patients_insurance_length CHECK (char_length(insurance) BETWEEN 1 AND 200),
    CONSTRAINT patients_died_on_precision_known CHECK (died_on_precision IN ('day', 'month', 'year')),
    CONSTRAINT patients_death_whole CHECK ((died_on IS NULL) = (died_on_precision IS NULL)),
    CONSTRAINT patients_phone_length CHECK (char_length(phone) BETWEEN 3 AND 40),
    CONSTRAINT patients_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    CONSTRAINT patients_address_length CHECK (char_length(address) BETWEEN 1 AND 500),
    CONSTRAINT patients_preferred_language_length CHECK (char_length(preferred_language) BETWEEN 2 AND 35),
    CONSTRAINT patients_sex_at_birth_known CHECK (sex_at_birth IN ('female', 'male', 'intersex', 'unknown')),
    CONSTRAINT patients_weight_range CHECK (weight_kg BETWEEN 1 AND 500),
    CONSTRAINT patients_weight_dated CHECK ((weight_kg IS NULL) = (weight_measured_at IS NULL)),
    CONSTRAINT patients_birth_date_range CHECK (birth_date >= '1880-01-01'),
    CONSTRAINT patients_merged_into_another CHECK (merged_into_id <> id),
    CONSTRAINT patients_awaited_reviews_counted CHECK (awaited_reviews >= 0)
);
CREATE INDEX patients_by_name ON patients (practice_id, family_name, given_name, id);
CREATE INDEX patients_by_birth_date ON patients (practice_id, birth_date, id);
CREATE INDEX patients_by_phone ON patients (practice_id, phone_digits, id) WHERE (phone_digits IS NOT NULL);
CREATE INDEX patients_by_last_four ON patients (practice_id, phone_last_four, id) WHERE (phone_last_four IS NOT NULL);
CREATE INDEX patients_by_email ON patients (practice_id, email_key, id) WHERE (email_key IS NOT NULL);
CREATE INDEX patients_by_name_words ON patients USING gin (string_to_array(search_name, ' ')) WITH (fastupdate=off);
CREATE INDEX patients_by_id ON patients USING hash (id);
CREATE INDEX patients_by_person ON patients USING hash (person_id);
COMMENT ON TABLE patients IS 'A person the practice looks after. Archived, never deleted.';
COMMENT ON COLUMN patients.practice_id IS 'The practice.';
COMMENT ON COLUMN patients.id IS 'UUIDv7.';
COMMENT ON COLUMN patients.record_number IS 'Medical record number, unique in the practice.';
COMMENT ON COLUMN patients.given_name IS 'Given name or names.';
COMMENT ON COLUMN patients.family_name IS 'Family name; empty where the person has one name.';
COMMENT ON COLUMN patients.former_name IS 'A name that the person had before.';
COMMENT ON COLUMN patients.preferred_name IS 'The name by which the person wants to be called.';
COMMENT ON COLUMN patients.pronouns IS 'The pronouns that the person uses.';
COMMENT ON COLUMN patients.birth_date_estimated IS 'Whether the date of birth is a guess.';
COMMENT ON COLUMN patients.needs_interpreter IS 'Whether an interpreter is needed.';
COMMENT ON COLUMN patients.insurance IS 'Insurance as text.';
COMMENT ON COLUMN patients.died_on IS 'When the person died; the first day where only the month or year is known.';
COMMENT ON COLUMN patients.died_on_precision IS 'How exactly that is known.';
COMMENT ON COLUMN patients.phone_last_four IS 'The last four digits of the telephone number, for search.';
COMMENT ON COLUMN patients.email_key IS 'The e-mail address in lower case, for search.';
COMMENT ON COLUMN patients.search_name IS 'All names the person has or had in plain lower-case letters, for search.';
COMMENT ON COLUMN patients.birth_date IS 'Date of birth.';
COMMENT ON COLUMN patients.sex_at_birth IS 'As recorded at birth.';
COMMENT ON COLUMN patients.phone IS 'Telephone as given.';
COMMENT ON COLUMN patients.phone_digits IS 'The digits of it with the code of the country, for search.';
COMMENT ON COLUMN patients.email IS 'E-mail address as given; never used to link accounts.';
COMMENT ON COLUMN patients.address IS 'Postal address as one text.';
COMMENT ON COLUMN patients.preferred_language IS 'BCP 47 tag.';
COMMENT ON COLUMN patients.weight_kg IS 'Last known body weight; doses are checked against it.';
COMMENT ON COLUMN patients.weight_measured_at IS 'When it was measured; an old weight is no weight.';
COMMENT ON COLUMN patients.archived_at IS 'Set when the record is out of use.';
COMMENT ON COLUMN patients.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN patients.created_at IS 'When it was recorded.';
COMMENT ON COLUMN patients.updated_at IS 'When it last changed.';
COMMENT ON COLUMN patients.merged_into_id IS 'The record that stands for the person; empty where this one does.';
COMMENT ON COLUMN patients.person_id IS 'The record that stands for the person: this one, or the one it was merged into.';
COMMENT ON COLUMN patients.awaited_reviews IS 'How many things written to this record a provider must review before anything is booked for the person.';
COMMENT ON COLUMN patients.last_needled_at IS 'When a procedure ended in which a needle went in, the last time.';
CALL control.protect_patient_table('patients', 'id');
CALL control.let_search_read('patients');

CREATE TABLE patient_name_words (
    practice_id uuid NOT NULL,
    word text NOT NULL,
    CONSTRAINT patient_name_words_pkey PRIMARY KEY (practice_id, word),
    CONSTRAINT patient_name_words_length CHECK (char_length(word) BETWEEN 1 AND 200)
);
CREATE INDEX patient_name_words_by_spelling ON patient_name_words USING gin (word gin_trgm_ops) WITH (fastupdate=off);
CREATE INDEX patient_name_words_by_neighbours ON patient_name_words USING gin (one_letter_short(word)) WITH (fastupdate=off);
COMMENT ON TABLE patient_name_words IS 'The words that names of patients are or were made of, in plain lower-case letters, by which a misspelt name is corrected.';
COMMENT ON COLUMN patient_name_words.practice_id IS 'The practice.';
COMMENT ON COLUMN patient_name_words.word IS 'One word of search_name.';
CALL control.protect_practice_table('patient_name_words');
CALL control.let_search_read('patient_name_words');

CREATE TABLE patient_contacts (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    name text NOT NULL,
    relation text NOT NULL,
    phone text,
    email text,
    is_emergency_contact boolean NOT NULL,
    note text,
    ended_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    phone_digits text GENERATED ALWAYS AS (regexp_replace(regexp_replace(lower(phone), '(ext|x|#).*$', ''), '[^0-9]', '', 'g')) STORED,
    CONSTRAINT patient_contacts_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT patient_contacts_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT patient_contacts_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT patient_contacts_relation_known CHECK (relation IN ('spouse', 'partner', 'parent', 'child', 'sibling', 'guardian', 'relative', 'friend', 'caregiver', 'physician', 'other')),
    CONSTRAINT patient_contacts_phone_length CHECK (char_length(phone) BETWEEN 3 AND 40),
    CONSTRAINT patient_contacts_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    CONSTRAINT patient_contacts_note_length CHECK (char_length(note) BETWEEN 1 AND 500),
    CONSTRAINT patient_contacts_can_be_reached CHECK (phone IS NOT NULL OR email IS NOT NULL)
);
CREATE INDEX patient_contacts_by_patient ON patient_contacts (practice_id, patient_id, id);
CREATE INDEX patient_contacts_by_phone ON patient_contacts (practice_id, phone_digits) WHERE (phone_digits IS NOT NULL);
COMMENT ON TABLE patient_contacts IS 'Someone to reach about a patient. Ended, never deleted.';
COMMENT ON COLUMN patient_contacts.practice_id IS 'The practice.';
COMMENT ON COLUMN patient_contacts.id IS 'UUIDv7.';
COMMENT ON COLUMN patient_contacts.patient_id IS 'The patient.';
COMMENT ON COLUMN patient_contacts.name IS 'Who it is.';
COMMENT ON COLUMN patient_contacts.relation IS 'What they are to the patient.';
COMMENT ON COLUMN patient_contacts.phone IS 'Telephone as given.';
COMMENT ON COLUMN patient_contacts.email IS 'E-mail address as given.';
COMMENT ON COLUMN patient_contacts.is_emergency_contact IS 'Called when something happens to the patient.';
COMMENT ON COLUMN patient_contacts.phone_digits IS 'The digits of the telephone number without an extension, for search.';
COMMENT ON COLUMN patient_contacts.note IS 'More on it, such as when to call.';
COMMENT ON COLUMN patient_contacts.ended_at IS 'When they were no longer to be contacted.';
COMMENT ON COLUMN patient_contacts.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN patient_contacts.created_at IS 'When it was recorded.';
COMMENT ON COLUMN patient_contacts.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('patient_contacts', 'patient_id');

CREATE TABLE patient_alerts (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    banner text NOT NULL,
    severity text NOT NULL,
    detail text,
    ended_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT patient_alerts_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT patient_alerts_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT patient_alerts_banner_length CHECK (char_length(banner) BETWEEN 1 AND 200),
    CONSTRAINT patient_alerts_severity_known CHECK (severity IN ('info', 'caution', 'critical')),
    CONSTRAINT patient_alerts_detail_length CHECK (char_length(detail) BETWEEN 1 AND 2000)
);
CREATE INDEX patient_alerts_by_patient ON patient_alerts (practice_id, patient_id, id);
COMMENT ON TABLE patient_alerts IS 'What everybody who opens a record must see at once. Ended, never deleted.';
COMMENT ON COLUMN patient_alerts.practice_id IS 'The practice.';
COMMENT ON COLUMN patient_alerts.id IS 'UUIDv7.';
COMMENT ON COLUMN patient_alerts.patient_id IS 'The patient.';
COMMENT ON COLUMN patient_alerts.banner IS 'The line that is shown, to the front desk too; so it says what to do and no more.';
COMMENT ON COLUMN patient_alerts.severity IS 'How loudly it is shown.';
COMMENT ON COLUMN patient_alerts.detail IS 'The clinical reason, for those who treat.';
COMMENT ON COLUMN patient_alerts.ended_at IS 'When it no longer applied.';
COMMENT ON COLUMN patient_alerts.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN patient_alerts.created_at IS 'When it was recorded.';
COMMENT ON COLUMN patient_alerts.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('patient_alerts', 'patient_id');

CREATE TABLE patient_consents (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    subject text NOT NULL,
    decision text NOT NULL,
    decided_at timestamptz NOT NULL,
    decided_by text NOT NULL,
    method text NOT NULL,
    text_version text NOT NULL,
    recorded_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT patient_consents_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT patient_consents_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT patient_consents_subject_known CHECK (subject IN ('email', 'sms', 'phone', 'post', 'trigger_point_injection', 'dry_needling', 'botulinum_toxin')),
    CONSTRAINT patient_consents_decision_known CHECK (decision IN ('given', 'withdrawn')),
    CONSTRAINT patient_consents_decided_by_length CHECK (char_length(decided_by) BETWEEN 1 AND 200),
    CONSTRAINT patient_consents_method_known CHECK (method IN ('written', 'verbal', 'electronic')),
    CONSTRAINT patient_consents_text_version_length CHECK (char_length(text_version) BETWEEN 1 AND 60)
);
CREATE INDEX patient_consents_by_patient ON patient_consents (practice_id, patient_id, id);
COMMENT ON TABLE patient_consents IS 'What a patient agreed to and took back again, in order; a row is a decision and is never changed.';
COMMENT ON COLUMN patient_consents.practice_id IS 'The practice.';
COMMENT ON COLUMN patient_consents.id IS 'UUIDv7.';
COMMENT ON COLUMN patient_consents.patient_id IS 'The patient.';
COMMENT ON COLUMN patient_consents.subject IS 'The channel one may be reached by, or the kind of procedure.';
COMMENT ON COLUMN patient_consents.decision IS 'Given or withdrawn; the latest on a subject holds.';
COMMENT ON COLUMN patient_consents.decided_at IS 'When it was decided.';
COMMENT ON COLUMN patient_consents.decided_by IS 'Who decided: the patient or who acts for them.';
COMMENT ON COLUMN patient_consents.method IS 'How it was given.';
COMMENT ON COLUMN patient_consents.text_version IS 'Which text was agreed to.';
COMMENT ON COLUMN patient_consents.recorded_by IS 'The user who recorded it.';
COMMENT ON COLUMN patient_consents.created_at IS 'When it was recorded.';
CALL control.protect_patient_table('patient_consents', 'patient_id');

CREATE TABLE patient_merges (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    duplicate_id uuid NOT NULL,
    merged_at timestamptz NOT NULL,
    merged_by uuid NOT NULL,
    undone_at timestamptz,
    undone_by uuid,
    CONSTRAINT patient_merges_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT patient_merges_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT patient_merges_duplicate_exists FOREIGN KEY (practice_id, duplicate_id) REFERENCES patients (practice_id, id),
    CONSTRAINT patient_merges_two_records CHECK (patient_id <> duplicate_id),
    CONSTRAINT patient_merges_undone_whole CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
CREATE UNIQUE INDEX patient_merges_once ON patient_merges (practice_id, duplicate_id) WHERE (undone_at IS NULL);
CREATE INDEX patient_merges_by_patient ON patient_merges (practice_id, patient_id, id);
COMMENT ON TABLE patient_merges IS 'Which record was found to be a duplicate of which, by whom, and whether that was taken back.';
COMMENT ON COLUMN patient_merges.practice_id IS 'The practice.';
COMMENT ON COLUMN patient_merges.id IS 'UUIDv7.';
COMMENT ON COLUMN patient_merges.patient_id IS 'The record that stayed.';
COMMENT ON COLUMN patient_merges.duplicate_id IS 'The record that was merged into it.';
COMMENT ON COLUMN patient_merges.merged_at IS 'When.';
COMMENT ON COLUMN patient_merges.merged_by IS 'The user who merged.';
COMMENT ON COLUMN patient_merges.undone_at IS 'When it was taken back.';
COMMENT ON COLUMN patient_merges.undone_by IS 'The user who took it back.';
CALL control.protect_patient_table('patient_merges', 'patient_id');

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
    atc_code text,
    CONSTRAINT medications_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT medications_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT medications_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT medications_medication_class_known CHECK (medication_class IN ('anticoagulant', 'antiplatelet', 'maoi', 'tca', 'systemic_corticosteroid', 'immunosuppressant', 'methaemoglobin_inducer', 'other')),
    CONSTRAINT medications_dose_length CHECK (char_length(dose) BETWEEN 1 AND 200),
    CONSTRAINT medications_atc_code_spelling CHECK (atc_code ~ '^[ABCDGHJLMNPRSV][0-9]{2}[A-Z]{2}[0-9]{2}$')
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
COMMENT ON COLUMN medications.atc_code IS 'The substance in the ATC classification, if it was coded.';
CALL control.protect_patient_table('medications', 'patient_id');

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
