-- Who is to be called, what the patient agreed to, and what everybody must see at once.
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
COMMENT ON TABLE patient_contacts IS 'Someone to reach about a patient. Ended, never deleted.';
COMMENT ON COLUMN patient_contacts.practice_id IS 'The practice.';
COMMENT ON COLUMN patient_contacts.id IS 'UUIDv7.';
COMMENT ON COLUMN patient_contacts.patient_id IS 'The patient.';
COMMENT ON COLUMN patient_contacts.name IS 'Who it is.';
COMMENT ON COLUMN patient_contacts.relation IS 'What they are to the patient.';
COMMENT ON COLUMN patient_contacts.phone IS 'Telephone as given.';
COMMENT ON COLUMN patient_contacts.email IS 'E-mail address as given.';
COMMENT ON COLUMN patient_contacts.is_emergency_contact IS 'Called when something happens to the patient.';
COMMENT ON COLUMN patient_contacts.note IS 'More on it, such as when to call.';
COMMENT ON COLUMN patient_contacts.ended_at IS 'When they were no longer to be contacted.';
COMMENT ON COLUMN patient_contacts.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN patient_contacts.created_at IS 'When it was recorded.';
COMMENT ON COLUMN patient_contacts.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('patient_contacts', 'patient_id');
GRANT SELECT, INSERT, UPDATE ON patient_contacts TO tautband_app;

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
GRANT SELECT, INSERT, UPDATE ON patient_alerts TO tautband_app;

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
GRANT SELECT, INSERT ON patient_consents TO tautband_app;

-- Two records that turned out to be one person. Nothing under them is rewritten: every row keeps
-- the record it was written to, and reads ask for all records of the person. So sealed rows stay as
-- they were signed, and taking a merge back leaves nothing to repair.
ALTER TABLE patients ADD COLUMN merged_into_id uuid;
ALTER TABLE patients ADD CONSTRAINT patients_person_exists FOREIGN KEY (practice_id, merged_into_id) REFERENCES patients (practice_id, id);
ALTER TABLE patients ADD CONSTRAINT patients_merged_into_another CHECK (merged_into_id <> id);
COMMENT ON COLUMN patients.merged_into_id IS 'The record that stands for the person; empty where this one does.';
CREATE INDEX patients_by_person ON patients (practice_id, coalesce(merged_into_id, id));

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
CREATE UNIQUE INDEX patient_merges_once ON patient_merges (practice_id, duplicate_id) WHERE undone_at IS NULL;
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
GRANT SELECT, INSERT, UPDATE ON patient_merges TO tautband_app;

-- What a person has booked is under the exclusion constraint by the person, not by the record.
GRANT UPDATE (resource_id) ON resource_bookings TO tautband_app;

-- An account that may reach one record of a person reaches all of them while they are merged.
ALTER TABLE control.patient_links ADD COLUMN merge_id uuid;
COMMENT ON COLUMN control.patient_links.merge_id IS 'The merge that made the link; such a link ends with the merge.';

-- Search finds a person by the names of all their records.
GRANT SELECT (merged_into_id) ON patients TO tautband_search;
CREATE OR REPLACE FUNCTION search_patients(spoken text, at_most integer)
RETURNS TABLE (patient_id uuid, likeness real)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
SET pg_trgm.word_similarity_threshold = 0.45
AS $$
    SELECT person, likeness FROM (
        SELECT coalesce(p.merged_into_id, p.id) AS person,
               word_similarity(spoken, p.search_name) AS likeness,
               similarity(spoken, p.search_name) AS whole
        FROM patients p
        WHERE p.practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
          AND current_setting('app.patient_ids', true) = '*'
          AND p.archived_at IS NULL
          AND spoken <% p.search_name
        ORDER BY likeness DESC, whole DESC, p.id
        LIMIT at_most
    ) AS alike
    ORDER BY likeness DESC, whole DESC, person
$$;

-- The timeline reads each kind from its newest row on.
CREATE INDEX procedures_by_patient_created ON procedures (practice_id, patient_id, created_at, id);

-- A patient's whole record: one array of rows for each table that says whose rows they are. The
-- tables are looked up, so that none can be forgotten. The reader's own row-level security decides
-- what is in it. Decimals are text, so that no reader makes floats of them.
CREATE FUNCTION patient_record(of_practice uuid, records uuid[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY INVOKER
SET timezone = 'UTC' SET search_path = public, pg_temp AS $$
DECLARE
    whole jsonb := '{}';
    source record;
    decimals text;
    part jsonb;
BEGIN
    FOR source IN
        SELECT c.oid, c.relname, CASE c.relname WHEN 'patients' THEN 'id' ELSE 'patient_id' END AS whose
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          -- Who looked at a record is no part of it: that is the access log.
          AND c.relname <> 'audit_events'
          AND has_table_privilege(c.oid, 'SELECT')
          AND (c.relname = 'patients' OR EXISTS (SELECT 1 FROM pg_attribute a
               WHERE a.attrelid = c.oid AND a.attname = 'patient_id' AND NOT a.attisdropped))
        ORDER BY c.relname
    LOOP
        SELECT coalesce(string_agg(format(' || jsonb_build_object(%L, r.%I::text)', a.attname, a.attname), ''), '')
        INTO decimals FROM pg_attribute a
        WHERE a.attrelid = source.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'numeric'::regtype;
        EXECUTE format(
            'SELECT coalesce(jsonb_agg((to_jsonb(r) - ARRAY[''practice_id'', ''search_name'', ''phone_digits''])%s), ''[]'')'
            ' FROM (SELECT * FROM %I t WHERE t.practice_id = $1 AND t.%I = ANY ($2) ORDER BY to_jsonb(t) ->> ''id'', to_jsonb(t)::text) r',
            decimals, source.relname, source.whose)
        INTO part USING of_practice, records;
        whole := whole || jsonb_build_object(source.relname, part);
    END LOOP;
    RETURN whole;
END $$;
COMMENT ON FUNCTION patient_record IS 'All rows of these records of one person that the caller may see, by table.';
GRANT EXECUTE ON FUNCTION patient_record TO tautband_app;
