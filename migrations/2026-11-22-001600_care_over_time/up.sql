-- Whose records an account reaches, why, how far and until when. A link that ends narrows the very
-- next request instead of ending the session, because one account may stand for several patients.
ALTER TABLE control.patient_links ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE control.patient_links ADD COLUMN relationship text NOT NULL DEFAULT 'self';
ALTER TABLE control.patient_links ADD COLUMN scope text NOT NULL DEFAULT 'record';
ALTER TABLE control.patient_links ADD COLUMN revoked_by uuid;
ALTER TABLE control.patient_links ADD CONSTRAINT patient_links_id_unique UNIQUE (id);
ALTER TABLE control.patient_links ADD CONSTRAINT patient_links_relationship_known
    CHECK (relationship IN ('self', 'parent', 'guardian', 'partner', 'child', 'carer', 'attorney', 'other'));
ALTER TABLE control.patient_links ADD CONSTRAINT patient_links_scope_known CHECK (scope IN ('record', 'appointments'));
ALTER TABLE control.patient_links ADD CONSTRAINT patient_links_proxy_ends
    CHECK (relationship = 'self' OR ends_at IS NOT NULL);
ALTER TABLE control.patient_links ADD CONSTRAINT patient_links_self_whole
    CHECK (relationship <> 'self' OR scope = 'record');
CREATE INDEX patient_links_by_patient ON control.patient_links (practice_id, patient_id);
COMMENT ON COLUMN control.patient_links.id IS 'Names the link; that of the activation it came from.';
COMMENT ON COLUMN control.patient_links.relationship IS 'What the user is to the patient: self, or in what way they act for them.';
COMMENT ON COLUMN control.patient_links.scope IS 'How far it reaches: record for all the patient sees, appointments for booking alone.';
COMMENT ON COLUMN control.patient_links.revoked_by IS 'Who ended the link.';

CREATE TABLE control.activations (
    id uuid CONSTRAINT activations_pkey PRIMARY KEY,
    practice_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    proof_hash bytea NOT NULL,
    holder_name text NOT NULL,
    relationship text NOT NULL,
    scope text NOT NULL,
    link_ends_at timestamptz,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    failures integer NOT NULL,
    used_at timestamptz,
    withdrawn_at timestamptz,
    withdrawn_by uuid,
    CONSTRAINT activations_practice_exists FOREIGN KEY (practice_id) REFERENCES control.practices (id),
    CONSTRAINT activations_code_once UNIQUE (code_hash),
    CONSTRAINT activations_code_hash_length CHECK (octet_length(code_hash) = 32),
    CONSTRAINT activations_proof_hash_length CHECK (octet_length(proof_hash) = 32),
    CONSTRAINT activations_holder_name_length CHECK (char_length(holder_name) BETWEEN 1 AND 200),
    CONSTRAINT activations_relationship_known
        CHECK (relationship IN ('self', 'parent', 'guardian', 'partner', 'child', 'carer', 'attorney', 'other')),
    CONSTRAINT activations_scope_known CHECK (scope IN ('record', 'appointments')),
    CONSTRAINT activations_failures_counted CHECK (failures >= 0),
    CONSTRAINT activations_used_or_withdrawn CHECK (used_at IS NULL OR withdrawn_at IS NULL)
);
CREATE INDEX activations_by_patient ON control.activations (practice_id, patient_id);
COMMENT ON TABLE control.activations IS 'One-time codes by which a person who knows the birth date of a patient gets an account that reaches the record.';
COMMENT ON COLUMN control.activations.id IS 'UUIDv7; the link that comes of it keeps it.';
COMMENT ON COLUMN control.activations.practice_id IS 'The practice.';
COMMENT ON COLUMN control.activations.patient_id IS 'The patient record; no foreign key, since it lies across the line between control and practice.';
COMMENT ON COLUMN control.activations.code_hash IS 'SHA-256 of the code; the code itself is shown once and never stored.';
COMMENT ON COLUMN control.activations.proof_hash IS 'SHA-256 of the code and the birth date, so that neither is kept here in clear.';
COMMENT ON COLUMN control.activations.holder_name IS 'Who is to hold the account.';
COMMENT ON COLUMN control.activations.relationship IS 'What the holder is to the patient.';
COMMENT ON COLUMN control.activations.scope IS 'How far the link will reach.';
COMMENT ON COLUMN control.activations.link_ends_at IS 'When the link will end by itself.';
COMMENT ON COLUMN control.activations.created_by IS 'Who on the staff made the code.';
COMMENT ON COLUMN control.activations.created_at IS 'When it was made.';
COMMENT ON COLUMN control.activations.expires_at IS 'When the code can no longer be used.';
COMMENT ON COLUMN control.activations.failures IS 'Tries with the right code and anything else wrong; a few of them use the code up.';
COMMENT ON COLUMN control.activations.used_at IS 'When an account was linked with it.';
COMMENT ON COLUMN control.activations.withdrawn_at IS 'When staff took it back or made a newer one.';
COMMENT ON COLUMN control.activations.withdrawn_by IS 'Who took it back.';
GRANT SELECT, INSERT, UPDATE ON control.activations TO tautband_app;

CREATE FUNCTION control.session_reach(
    session uuid, at timestamptz, practice uuid, member uuid, member_role text, patients text, whole_record boolean)
RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN member_role <> 'patient' THEN '*' ELSE coalesce((
        SELECT string_agg(l.patient_id::text, ',' ORDER BY l.patient_id)
        FROM control.patient_links l
        WHERE l.practice_id = practice AND l.user_id = member
          AND l.patient_id = ANY (string_to_array(patients, ',')::uuid[])
          AND l.revoked_at IS NULL AND (l.ends_at IS NULL OR l.ends_at > at)
          AND (l.scope = 'record' OR NOT whole_record)), '') END
    FROM control.sessions s
    JOIN control.memberships m ON m.practice_id = s.practice_id AND m.user_id = s.user_id
    JOIN control.users u ON u.id = s.user_id
    WHERE s.id = session AND s.practice_id = practice AND s.user_id = member
      AND s.revoked_at IS NULL AND s.expires_at > at
      AND m.role = member_role AND m.suspended_at IS NULL AND u.disabled_at IS NULL;
END;
COMMENT ON FUNCTION control.session_reach IS 'What of the patients an access token names is still within reach, * for staff; null where the session does not hold. Asked by every transaction, so that sign-out, a changed role and an ended link work on the very next request.';
DROP FUNCTION control.session_holds;

-- Reports count the injections of months.
CREATE INDEX injections_by_time ON injections (practice_id, injected_at);
