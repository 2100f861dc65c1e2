CREATE TABLE control.practices (
    id uuid CONSTRAINT practices_pkey PRIMARY KEY,
    slug text NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT practices_slug_unique UNIQUE (slug),
    CONSTRAINT practices_slug_spelling CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    CONSTRAINT practices_name_length CHECK (char_length(name) BETWEEN 1 AND 200)
);
COMMENT ON TABLE control.practices IS 'A practice: the boundary that no row, search or token crosses.';
COMMENT ON COLUMN control.practices.id IS 'UUIDv7.';
COMMENT ON COLUMN control.practices.slug IS 'Names the practice at sign-in where a user belongs to several.';
COMMENT ON COLUMN control.practices.name IS 'Name as shown to people.';
COMMENT ON COLUMN control.practices.time_zone IS 'IANA zone for everything not tied to one location.';
COMMENT ON COLUMN control.practices.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN control.practices.created_at IS 'When the practice was set up.';
COMMENT ON COLUMN control.practices.updated_at IS 'When it last changed.';

CREATE TABLE control.users (
    id uuid CONSTRAINT users_pkey PRIMARY KEY,
    email text NOT NULL,
    display_name text NOT NULL,
    password_hash text NOT NULL,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT users_email_unique UNIQUE (email),
    CONSTRAINT users_email_lower CHECK (email = lower(email)),
    CONSTRAINT users_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    CONSTRAINT users_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 200)
);
COMMENT ON TABLE control.users IS 'A person who signs in, in whichever practices they belong to.';
COMMENT ON COLUMN control.users.id IS 'UUIDv7.';
COMMENT ON COLUMN control.users.email IS 'Address used to sign in, in lower case.';
COMMENT ON COLUMN control.users.display_name IS 'Name as shown to colleagues and patients.';
COMMENT ON COLUMN control.users.password_hash IS 'Argon2id in PHC form; never leaves the identity store.';
COMMENT ON COLUMN control.users.disabled_at IS 'Set when the person may no longer sign in anywhere.';
COMMENT ON COLUMN control.users.created_at IS 'When the account was made.';
COMMENT ON COLUMN control.users.updated_at IS 'When it last changed.';

CREATE TABLE control.memberships (
    practice_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL,
    provider_id uuid,
    suspended_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT memberships_pkey PRIMARY KEY (practice_id, user_id),
    CONSTRAINT memberships_practice_exists FOREIGN KEY (practice_id) REFERENCES control.practices (id),
    CONSTRAINT memberships_user_exists FOREIGN KEY (user_id) REFERENCES control.users (id),
    CONSTRAINT memberships_role_known CHECK (role IN ('admin', 'front_desk', 'provider', 'assistant', 'patient', 'auditor'))
);
CREATE INDEX memberships_by_user ON control.memberships (user_id);
COMMENT ON TABLE control.memberships IS 'One role of one user in one practice.';
COMMENT ON COLUMN control.memberships.practice_id IS 'The practice.';
COMMENT ON COLUMN control.memberships.user_id IS 'The user.';
COMMENT ON COLUMN control.memberships.role IS 'What the user may do there.';
COMMENT ON COLUMN control.memberships.provider_id IS 'The provider this user is, for the role provider.';
COMMENT ON COLUMN control.memberships.suspended_at IS 'Set while the user may not act in this practice.';
COMMENT ON COLUMN control.memberships.created_at IS 'When the user joined.';

CREATE TABLE control.patient_links (
    practice_id uuid NOT NULL,
    user_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT patient_links_pkey PRIMARY KEY (practice_id, user_id, patient_id),
    CONSTRAINT patient_links_membership_exists FOREIGN KEY (practice_id, user_id) REFERENCES control.memberships (practice_id, user_id)
);
COMMENT ON TABLE control.patient_links IS 'Which patient records a user of the role patient may reach: their own, or those they act for.';
COMMENT ON COLUMN control.patient_links.practice_id IS 'The practice.';
COMMENT ON COLUMN control.patient_links.user_id IS 'The user.';
COMMENT ON COLUMN control.patient_links.patient_id IS 'The patient record; no foreign key, since it lies across the line between control and practice.';
COMMENT ON COLUMN control.patient_links.created_at IS 'When staff linked the two.';
COMMENT ON COLUMN control.patient_links.ends_at IS 'When the link ends by itself, such as a guardianship at majority.';
COMMENT ON COLUMN control.patient_links.revoked_at IS 'When staff ended the link.';

CREATE TABLE control.sessions (
    id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
    practice_id uuid NOT NULL,
    user_id uuid NOT NULL,
    client text,
    created_at timestamptz NOT NULL,
    refreshed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT sessions_membership_exists FOREIGN KEY (practice_id, user_id) REFERENCES control.memberships (practice_id, user_id),
    CONSTRAINT sessions_client_length CHECK (char_length(client) <= 300)
);
CREATE INDEX sessions_by_user ON control.sessions (user_id, id);
COMMENT ON TABLE control.sessions IS 'One sign-in: the family of refresh tokens that descend from it and the access tokens that name it.';
COMMENT ON COLUMN control.sessions.id IS 'UUIDv7; the sid of its access tokens.';
COMMENT ON COLUMN control.sessions.practice_id IS 'The practice the session is for.';
COMMENT ON COLUMN control.sessions.user_id IS 'Who signed in.';
COMMENT ON COLUMN control.sessions.client IS 'User agent given at sign-in, so that a person recognises their own sessions.';
COMMENT ON COLUMN control.sessions.created_at IS 'When the person signed in.';
COMMENT ON COLUMN control.sessions.refreshed_at IS 'When a token pair was last issued.';
COMMENT ON COLUMN control.sessions.expires_at IS 'When the session ends whatever happens.';
COMMENT ON COLUMN control.sessions.revoked_at IS 'When it was signed out or its family found replayed.';

CREATE TABLE control.refresh_tokens (
    token_hash bytea CONSTRAINT refresh_tokens_pkey PRIMARY KEY,
    session_id uuid NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT refresh_tokens_session_exists FOREIGN KEY (session_id) REFERENCES control.sessions (id),
    CONSTRAINT refresh_tokens_hash_length CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX refresh_tokens_by_session ON control.refresh_tokens (session_id);
COMMENT ON TABLE control.refresh_tokens IS 'Refresh tokens, each good for one use; a second use ends the session.';
COMMENT ON COLUMN control.refresh_tokens.token_hash IS 'SHA-256 of the token; the token itself is never stored.';
COMMENT ON COLUMN control.refresh_tokens.session_id IS 'The family it belongs to.';
COMMENT ON COLUMN control.refresh_tokens.issued_at IS 'When it was handed out.';
COMMENT ON COLUMN control.refresh_tokens.expires_at IS 'When it can no longer be used.';
COMMENT ON COLUMN control.refresh_tokens.used_at IS 'When it was used; a used token that comes back is a theft.';

CREATE TABLE control.sign_in_throttles (
    subject_hash bytea CONSTRAINT sign_in_throttles_pkey PRIMARY KEY,
    failures integer NOT NULL,
    last_failed_at timestamptz NOT NULL,
    CONSTRAINT sign_in_throttles_failures_positive CHECK (failures > 0)
);
COMMENT ON TABLE control.sign_in_throttles IS 'Failed sign-ins per account and per network, kept over restarts; delays guesses, never locks an account out.';
COMMENT ON COLUMN control.sign_in_throttles.subject_hash IS 'SHA-256 of the account address or of the network, so that neither is kept in clear.';
COMMENT ON COLUMN control.sign_in_throttles.failures IS 'Failures in a row.';
COMMENT ON COLUMN control.sign_in_throttles.last_failed_at IS 'When the last one was; the count starts over after the window.';

CREATE TABLE control.signing_keys (
    key_id text CONSTRAINT signing_keys_pkey PRIMARY KEY,
    private_key bytea NOT NULL,
    public_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz
);
COMMENT ON TABLE control.signing_keys IS 'Ed25519 keys of access tokens, shared by all instances on this database.';
COMMENT ON COLUMN control.signing_keys.key_id IS 'The kid of the tokens it signs.';
COMMENT ON COLUMN control.signing_keys.private_key IS 'PKCS#8 document.';
COMMENT ON COLUMN control.signing_keys.public_key IS 'Raw 32 bytes, published in the key set.';
COMMENT ON COLUMN control.signing_keys.created_at IS 'When it was made; the newest signs.';
COMMENT ON COLUMN control.signing_keys.retired_at IS 'When it was taken out of use.';

CREATE FUNCTION control.session_holds(
    session uuid, at timestamptz, practice uuid, member uuid, member_role text, patients text)
RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT 1
        FROM control.sessions s
        JOIN control.memberships m ON m.practice_id = s.practice_id AND m.user_id = s.user_id
        JOIN control.users u ON u.id = s.user_id
        WHERE s.id = session AND s.practice_id = practice AND s.user_id = member
          AND s.revoked_at IS NULL AND s.expires_at > at
          AND m.role = member_role AND m.suspended_at IS NULL AND u.disabled_at IS NULL
          AND patients = CASE WHEN member_role <> 'patient' THEN '*' ELSE coalesce((
                SELECT string_agg(l.patient_id::text, ',' ORDER BY l.patient_id)
                FROM control.patient_links l
                WHERE l.practice_id = practice AND l.user_id = member
                  AND l.revoked_at IS NULL AND (l.ends_at IS NULL OR l.ends_at > at)), '') END);
END;
COMMENT ON FUNCTION control.session_holds IS 'Whether what an access token says still holds: asked by every transaction, so that sign-out and a changed role work on the very next request.';

GRANT SELECT, INSERT, UPDATE ON control.practices, control.users, control.memberships, control.patient_links,
    control.sessions, control.refresh_tokens, control.signing_keys TO tautband_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON control.sign_in_throttles TO tautband_app;
