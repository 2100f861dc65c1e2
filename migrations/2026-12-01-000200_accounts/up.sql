-- People who sign in, and where: practices, users, memberships, sessions, keys. These tables live in
-- the schema `control`, because signing in happens before a practice is known.

CREATE TABLE control.practices (
    id uuid NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    waitlist_offer_minutes integer NOT NULL DEFAULT 30,
    waitlist_notice_minutes integer NOT NULL DEFAULT 10,
    most_booked_ahead integer NOT NULL DEFAULT 10,
    second_factor_roles text[] NOT NULL DEFAULT '{}',
    step_up_for text[] NOT NULL DEFAULT '{}',
    CONSTRAINT practices_pkey PRIMARY KEY (id),
    CONSTRAINT practices_slug_unique UNIQUE (slug),
    CONSTRAINT practices_slug_spelling CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    CONSTRAINT practices_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT practices_waitlist_offer_range CHECK (waitlist_offer_minutes BETWEEN 5 AND 1440),
    CONSTRAINT practices_waitlist_notice_range CHECK (waitlist_notice_minutes BETWEEN 5 AND 10080),
    CONSTRAINT practices_most_booked_ahead_range CHECK (most_booked_ahead BETWEEN 1 AND 100),
    CONSTRAINT practices_second_factor_roles_known CHECK (second_factor_roles <@ ARRAY['admin', 'front_desk', 'provider', 'assistant', 'patient', 'auditor']),
    CONSTRAINT practices_step_up_for_known CHECK (step_up_for <@ ARRAY['signing', 'exports', 'role_changes'])
);
COMMENT ON TABLE control.practices IS 'A practice: the boundary that no row, search or token crosses.';
COMMENT ON COLUMN control.practices.id IS 'UUIDv7.';
COMMENT ON COLUMN control.practices.slug IS 'Names the practice at sign-in where a user belongs to several.';
COMMENT ON COLUMN control.practices.name IS 'Name as shown to people.';
COMMENT ON COLUMN control.practices.time_zone IS 'IANA zone for everything not tied to one location.';
COMMENT ON COLUMN control.practices.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN control.practices.created_at IS 'When the practice was set up.';
COMMENT ON COLUMN control.practices.updated_at IS 'When it last changed.';
COMMENT ON COLUMN control.practices.waitlist_offer_minutes IS 'For how long an offer of the waitlist stands.';
COMMENT ON COLUMN control.practices.waitlist_notice_minutes IS 'How long before its start a time is offered at the latest.';
COMMENT ON COLUMN control.practices.most_booked_ahead IS 'As many appointments still to come as an account of a patient may have booked for one patient; staff book more.';
COMMENT ON COLUMN control.practices.second_factor_roles IS 'Roles that reach nothing but their own account without a second factor.';
COMMENT ON COLUMN control.practices.step_up_for IS 'Acts before which the second factor is asked for again.';

CREATE TABLE control.users (
    id uuid NOT NULL,
    email text NOT NULL,
    display_name text NOT NULL,
    password_hash text NOT NULL,
    disabled_at timestamptz,
    email_proven_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_unique UNIQUE (email),
    CONSTRAINT users_email_lower CHECK (email = lower(email)),
    CONSTRAINT users_email_plain CHECK (email ~ '^[!-?A-~]+@[a-z0-9.-]+$'),
    CONSTRAINT users_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    CONSTRAINT users_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 200)
);
COMMENT ON TABLE control.users IS 'A person who signs in, in whichever practices they belong to.';
COMMENT ON COLUMN control.users.id IS 'UUIDv7.';
COMMENT ON COLUMN control.users.email IS 'Address used to sign in: lower case, and ASCII alone, so that no two addresses look alike.';
COMMENT ON COLUMN control.users.display_name IS 'Name as shown to colleagues and patients.';
COMMENT ON COLUMN control.users.password_hash IS 'Argon2id in PHC form; never leaves the identity store.';
COMMENT ON COLUMN control.users.disabled_at IS 'Set when the person may no longer sign in anywhere.';
COMMENT ON COLUMN control.users.email_proven_at IS 'When the person last proved that the mailbox is theirs.';
COMMENT ON COLUMN control.users.created_at IS 'When the account was made.';
COMMENT ON COLUMN control.users.updated_at IS 'When it last changed.';

CREATE TABLE control.memberships (
    practice_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL,
    provider_id uuid,
    suspended_at timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
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
COMMENT ON COLUMN control.memberships.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN control.memberships.updated_at IS 'When it last changed.';

CREATE TABLE control.sessions (
    id uuid NOT NULL,
    practice_id uuid NOT NULL,
    user_id uuid NOT NULL,
    client text,
    network text NOT NULL,
    created_at timestamptz NOT NULL,
    refreshed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    second_factor_at timestamptz,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_membership_exists FOREIGN KEY (practice_id, user_id) REFERENCES control.memberships (practice_id, user_id),
    CONSTRAINT sessions_client_length CHECK (char_length(client) <= 300)
);
CREATE INDEX sessions_by_user ON control.sessions (user_id, id);
COMMENT ON TABLE control.sessions IS 'One sign-in: the family of refresh tokens that descend from it and the access tokens that name it.';
COMMENT ON COLUMN control.sessions.id IS 'UUIDv7; the sid of its access tokens.';
COMMENT ON COLUMN control.sessions.practice_id IS 'The practice the session is for.';
COMMENT ON COLUMN control.sessions.user_id IS 'Who signed in.';
COMMENT ON COLUMN control.sessions.client IS 'User agent given at sign-in, so that a person recognises their own sessions.';
COMMENT ON COLUMN control.sessions.network IS 'Network the person signed in from, without the part that names one machine.';
COMMENT ON COLUMN control.sessions.created_at IS 'When the person signed in.';
COMMENT ON COLUMN control.sessions.refreshed_at IS 'When a token pair was last issued.';
COMMENT ON COLUMN control.sessions.expires_at IS 'When the session ends whatever happens.';
COMMENT ON COLUMN control.sessions.second_factor_at IS 'When a second factor was last given in it.';
COMMENT ON COLUMN control.sessions.revoked_at IS 'When it was signed out or its family found replayed.';

CREATE TABLE control.refresh_tokens (
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    used_by bytea,
    successor_mask bytea,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT refresh_tokens_session_exists FOREIGN KEY (session_id) REFERENCES control.sessions (id),
    CONSTRAINT refresh_tokens_hash_length CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX refresh_tokens_by_session ON control.refresh_tokens (session_id);
COMMENT ON TABLE control.refresh_tokens IS 'Refresh tokens, each good for one use; a second use ends the session.';
COMMENT ON COLUMN control.refresh_tokens.token_hash IS 'SHA-256 of the token; the token itself is never stored.';
COMMENT ON COLUMN control.refresh_tokens.session_id IS 'The family it belongs to.';
COMMENT ON COLUMN control.refresh_tokens.issued_at IS 'When it was handed out.';
COMMENT ON COLUMN control.refresh_tokens.expires_at IS 'When it can no longer be used.';
COMMENT ON COLUMN control.refresh_tokens.used_at IS 'When it was used; a used token that comes back seconds later, or from elsewhere, is a theft.';
COMMENT ON COLUMN control.refresh_tokens.used_by IS 'SHA-256 of the network and the client that used it, to whom a lost answer is given again.';
COMMENT ON COLUMN control.refresh_tokens.successor_mask IS 'The token that was handed out for it, under a mask that only who holds this token can lift.';

CREATE TABLE control.sign_in_throttles (
    subject_hash bytea NOT NULL,
    tries integer NOT NULL,
    last_tried_at timestamptz NOT NULL,
    CONSTRAINT sign_in_throttles_pkey PRIMARY KEY (subject_hash),
    CONSTRAINT sign_in_throttles_tries_counted CHECK (tries >= 0)
);
COMMENT ON TABLE control.sign_in_throttles IS 'Guesses at a secret, counted before they are tried and kept over restarts; they delay guessing and never lock an account.';
COMMENT ON COLUMN control.sign_in_throttles.subject_hash IS 'SHA-256 of what is counted together, such as an account and a network, so that neither is kept in clear.';
COMMENT ON COLUMN control.sign_in_throttles.tries IS 'Guesses in a row that did not prove right.';
COMMENT ON COLUMN control.sign_in_throttles.last_tried_at IS 'When the last one was; the count starts over some time after it.';

CREATE TABLE control.known_devices (
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    CONSTRAINT known_devices_pkey PRIMARY KEY (user_id, token_hash),
    CONSTRAINT known_devices_user_exists FOREIGN KEY (user_id) REFERENCES control.users (id),
    CONSTRAINT known_devices_hash_length CHECK (octet_length(token_hash) = 32)
);
COMMENT ON TABLE control.known_devices IS 'A device on which a person has signed in. Guesses made elsewhere do not slow it down.';
COMMENT ON COLUMN control.known_devices.user_id IS 'Who signed in.';
COMMENT ON COLUMN control.known_devices.token_hash IS 'SHA-256 of the token that the device keeps; the token itself is never stored.';
COMMENT ON COLUMN control.known_devices.created_at IS 'When they first signed in on it.';
COMMENT ON COLUMN control.known_devices.last_used_at IS 'When they last did.';

CREATE TABLE control.second_factors (
    user_id uuid NOT NULL,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL,
    activated_at timestamptz,
    last_step bigint,
    CONSTRAINT second_factors_pkey PRIMARY KEY (user_id),
    CONSTRAINT second_factors_user_exists FOREIGN KEY (user_id) REFERENCES control.users (id),
    CONSTRAINT second_factors_secret_length CHECK (octet_length(secret) >= 20)
);
COMMENT ON TABLE control.second_factors IS 'The authenticator app of a user.';
COMMENT ON COLUMN control.second_factors.user_id IS 'Whose it is.';
COMMENT ON COLUMN control.second_factors.secret IS 'What app and service share; only sign-in reads it.';
COMMENT ON COLUMN control.second_factors.created_at IS 'When the secret was made.';
COMMENT ON COLUMN control.second_factors.activated_at IS 'When a code proved that the app works; sign-in asks for it from then on.';
COMMENT ON COLUMN control.second_factors.last_step IS 'The half minute of the last code that was used; none of it or before it is good again.';

CREATE TABLE control.recovery_codes (
    user_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
    CONSTRAINT recovery_codes_user_exists FOREIGN KEY (user_id) REFERENCES control.users (id),
    CONSTRAINT recovery_codes_hash_length CHECK (octet_length(code_hash) = 32)
);
COMMENT ON TABLE control.recovery_codes IS 'Codes in place of an app that was lost, each good for one use.';
COMMENT ON COLUMN control.recovery_codes.user_id IS 'Whose it is.';
COMMENT ON COLUMN control.recovery_codes.code_hash IS 'SHA-256 of the code; the code itself is shown once and never stored.';
COMMENT ON COLUMN control.recovery_codes.created_at IS 'When it was made.';
COMMENT ON COLUMN control.recovery_codes.used_at IS 'When it was used.';

CREATE TABLE control.sign_in_challenges (
    token_hash bytea NOT NULL,
    practice_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT sign_in_challenges_pkey PRIMARY KEY (token_hash),
    CONSTRAINT sign_in_challenges_user_exists FOREIGN KEY (user_id) REFERENCES control.users (id),
    CONSTRAINT sign_in_challenges_hash_length CHECK (octet_length(token_hash) = 32)
);
COMMENT ON TABLE control.sign_in_challenges IS 'A sign-in whose password was right and whose second factor is still to come.';
COMMENT ON COLUMN control.sign_in_challenges.token_hash IS 'SHA-256 of the token that the second step brings; the token itself is never stored.';
COMMENT ON COLUMN control.sign_in_challenges.practice_id IS 'Where they sign in.';
COMMENT ON COLUMN control.sign_in_challenges.user_id IS 'Who signs in.';
COMMENT ON COLUMN control.sign_in_challenges.created_at IS 'When the password was right.';
COMMENT ON COLUMN control.sign_in_challenges.expires_at IS 'When the second step comes too late.';

CREATE TABLE control.failed_sign_ins (
    id uuid NOT NULL,
    email text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT failed_sign_ins_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE control.failed_sign_ins IS 'Somebody failed to sign in with an address, which may have no account. The practices of the account learn of it afterwards, so that the answer takes as long for every address.';
COMMENT ON COLUMN control.failed_sign_ins.id IS 'UUIDv7.';
COMMENT ON COLUMN control.failed_sign_ins.email IS 'The address, as far as it is one.';
COMMENT ON COLUMN control.failed_sign_ins.created_at IS 'When it was.';

CREATE TABLE control.password_wishes (
    id uuid NOT NULL,
    email text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT password_wishes_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE control.password_wishes IS 'Somebody asked for a new password for an address, which may have no account. It is looked up afterwards, so that the answer takes as long for every address.';
COMMENT ON COLUMN control.password_wishes.id IS 'UUIDv7.';
COMMENT ON COLUMN control.password_wishes.email IS 'The address.';
COMMENT ON COLUMN control.password_wishes.created_at IS 'When it was asked for.';

CREATE TABLE control.password_resets (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT password_resets_pkey PRIMARY KEY (token_hash),
    CONSTRAINT password_resets_user_exists FOREIGN KEY (user_id) REFERENCES control.users (id),
    CONSTRAINT password_resets_hash_length CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX password_resets_by_user ON control.password_resets (user_id);
COMMENT ON TABLE control.password_resets IS 'Tokens that were mailed to who forgot their password, each good for one use.';
COMMENT ON COLUMN control.password_resets.token_hash IS 'SHA-256 of the token; the token itself is never stored.';
COMMENT ON COLUMN control.password_resets.user_id IS 'Whose password it changes.';
COMMENT ON COLUMN control.password_resets.created_at IS 'When it was made.';
COMMENT ON COLUMN control.password_resets.expires_at IS 'When it can no longer be used.';
COMMENT ON COLUMN control.password_resets.used_at IS 'When it was used, or a newer one took its place.';

CREATE TABLE control.mail_outbox (
    id uuid NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    sent_at timestamptz,
    CONSTRAINT mail_outbox_pkey PRIMARY KEY (id)
);
CREATE INDEX mail_outbox_by_due ON control.mail_outbox (due_at) WHERE (sent_at IS NULL);
COMMENT ON TABLE control.mail_outbox IS 'Mails about accounts. Written in the transaction that gives cause, sent after it; they say nothing of patients.';
COMMENT ON COLUMN control.mail_outbox.id IS 'UUIDv7.';
COMMENT ON COLUMN control.mail_outbox.recipient IS 'The address.';
COMMENT ON COLUMN control.mail_outbox.subject IS 'The line above it.';
COMMENT ON COLUMN control.mail_outbox.body IS 'The text; emptied when it was sent, for it may hold a token.';
COMMENT ON COLUMN control.mail_outbox.created_at IS 'When it was written.';
COMMENT ON COLUMN control.mail_outbox.due_at IS 'Not to be sent before.';
COMMENT ON COLUMN control.mail_outbox.sent_at IS 'When it was sent.';

CREATE TABLE control.trail_keys (
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT trail_keys_pkey PRIMARY KEY (created_at),
    CONSTRAINT trail_keys_secret_length CHECK (octet_length(secret) = 32)
);
COMMENT ON TABLE control.trail_keys IS 'The Ed25519 key that signs the checkpoints of the audit trails; the first is in use.';
COMMENT ON COLUMN control.trail_keys.secret IS 'The 32 secret bytes; only sign-in reads them, at the start of the service.';
COMMENT ON COLUMN control.trail_keys.created_at IS 'When it was made.';

CREATE TABLE control.signing_keys (
    key_id text NOT NULL,
    private_key bytea NOT NULL,
    public_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (key_id)
);
COMMENT ON TABLE control.signing_keys IS 'Ed25519 keys of access tokens, shared by all instances on this database.';
COMMENT ON COLUMN control.signing_keys.key_id IS 'The kid of the tokens it signs.';
COMMENT ON COLUMN control.signing_keys.private_key IS 'PKCS#8 document.';
COMMENT ON COLUMN control.signing_keys.public_key IS 'Raw 32 bytes, published in the key set.';
COMMENT ON COLUMN control.signing_keys.created_at IS 'When it was made; the newest signs.';
COMMENT ON COLUMN control.signing_keys.retired_at IS 'When it was taken out of use.';
