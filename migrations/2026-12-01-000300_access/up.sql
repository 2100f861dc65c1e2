-- Doors into a practice: invitations, links from an account to a patient, activation codes, calendar
-- feeds, service accounts. A link says how far it reaches and until when. When it ends, the next request is narrower.

CREATE TABLE control.invitations (
    id uuid NOT NULL,
    practice_id uuid NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    token_hash bytea NOT NULL,
    invited_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT invitations_pkey PRIMARY KEY (id),
    CONSTRAINT invitations_token_unique UNIQUE (token_hash),
    CONSTRAINT invitations_practice_exists FOREIGN KEY (practice_id) REFERENCES control.practices (id),
    CONSTRAINT invitations_inviter_exists FOREIGN KEY (invited_by) REFERENCES control.users (id),
    CONSTRAINT invitations_role_known CHECK (role IN ('admin', 'front_desk', 'provider', 'assistant', 'auditor')),
    CONSTRAINT invitations_email_lower CHECK (email = lower(email)),
    CONSTRAINT invitations_email_plain CHECK (email ~ '^[!-?A-~]+@[a-z0-9.-]+$'),
    CONSTRAINT invitations_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    CONSTRAINT invitations_hash_length CHECK (octet_length(token_hash) = 32)
);
CREATE UNIQUE INDEX invitations_one_open ON control.invitations (practice_id, email) WHERE ((accepted_at IS NULL) AND (revoked_at IS NULL));
CREATE INDEX invitations_by_practice ON control.invitations (practice_id, id);
COMMENT ON TABLE control.invitations IS 'Somebody was asked to join a practice; accepted once, with a secret that is not stored.';
COMMENT ON COLUMN control.invitations.id IS 'UUIDv7.';
COMMENT ON COLUMN control.invitations.practice_id IS 'The practice.';
COMMENT ON COLUMN control.invitations.email IS 'The address they are to sign in with, in lower case and ASCII alone.';
COMMENT ON COLUMN control.invitations.role IS 'What they are to be there.';
COMMENT ON COLUMN control.invitations.token_hash IS 'SHA-256 of the token; the token itself is never stored.';
COMMENT ON COLUMN control.invitations.invited_by IS 'The admin who invited them.';
COMMENT ON COLUMN control.invitations.created_at IS 'When they were invited.';
COMMENT ON COLUMN control.invitations.expires_at IS 'When it can no longer be accepted.';
COMMENT ON COLUMN control.invitations.accepted_at IS 'When it was accepted.';
COMMENT ON COLUMN control.invitations.revoked_at IS 'When it was taken back, or another took its place.';

CREATE TABLE control.patient_links (
    practice_id uuid NOT NULL,
    user_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at timestamptz,
    revoked_at timestamptz,
    merge_id uuid,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    relationship text NOT NULL DEFAULT 'self',
    scope text NOT NULL DEFAULT 'record',
    revoked_by uuid,
    CONSTRAINT patient_links_pkey PRIMARY KEY (practice_id, user_id, patient_id),
    CONSTRAINT patient_links_id_unique UNIQUE (id),
    CONSTRAINT patient_links_membership_exists FOREIGN KEY (practice_id, user_id) REFERENCES control.memberships (practice_id, user_id),
    CONSTRAINT patient_links_relationship_known CHECK (relationship IN ('self', 'parent', 'guardian', 'partner', 'child', 'carer', 'attorney', 'other')),
    CONSTRAINT patient_links_scope_known CHECK (scope IN ('record', 'appointments')),
    CONSTRAINT patient_links_proxy_ends CHECK (relationship = 'self' OR ends_at IS NOT NULL),
    CONSTRAINT patient_links_self_whole CHECK (relationship <> 'self' OR scope = 'record')
);
CREATE INDEX patient_links_by_patient ON control.patient_links (practice_id, patient_id);
COMMENT ON TABLE control.patient_links IS 'Which patient records a user of the role patient may reach: their own, or those they act for.';
COMMENT ON COLUMN control.patient_links.practice_id IS 'The practice.';
COMMENT ON COLUMN control.patient_links.user_id IS 'The user.';
COMMENT ON COLUMN control.patient_links.patient_id IS 'The patient record; no foreign key, since it lies across the line between control and practice.';
COMMENT ON COLUMN control.patient_links.created_at IS 'When staff linked the two.';
COMMENT ON COLUMN control.patient_links.ends_at IS 'When the link ends by itself, such as a guardianship at majority.';
COMMENT ON COLUMN control.patient_links.revoked_at IS 'When staff ended the link.';
COMMENT ON COLUMN control.patient_links.merge_id IS 'The merge that made the link; such a link ends with the merge.';
COMMENT ON COLUMN control.patient_links.id IS 'Names the link; that of the activation it came from.';
COMMENT ON COLUMN control.patient_links.relationship IS 'What the user is to the patient: self, or in what way they act for them.';
COMMENT ON COLUMN control.patient_links.scope IS 'How far it reaches: record for all the patient sees, appointments for booking alone.';
COMMENT ON COLUMN control.patient_links.revoked_by IS 'Who ended the link.';

CREATE TABLE control.activations (
    id uuid NOT NULL,
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
    CONSTRAINT activations_pkey PRIMARY KEY (id),
    CONSTRAINT activations_code_once UNIQUE (code_hash),
    CONSTRAINT activations_practice_exists FOREIGN KEY (practice_id) REFERENCES control.practices (id),
    CONSTRAINT activations_code_hash_length CHECK (octet_length(code_hash) = 32),
    CONSTRAINT activations_proof_hash_length CHECK (octet_length(proof_hash) = 32),
    CONSTRAINT activations_holder_name_length CHECK (char_length(holder_name) BETWEEN 1 AND 200),
    CONSTRAINT activations_relationship_known CHECK (relationship IN ('self', 'parent', 'guardian', 'partner', 'child', 'carer', 'attorney', 'other')),
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

CREATE TABLE control.calendar_feeds (
    id uuid NOT NULL,
    practice_id uuid NOT NULL,
    user_id uuid NOT NULL,
    provider_id uuid,
    patient_id uuid,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT calendar_feeds_pkey PRIMARY KEY (id),
    CONSTRAINT calendar_feeds_token_unique UNIQUE (token_hash),
    CONSTRAINT calendar_feeds_membership_exists FOREIGN KEY (practice_id, user_id) REFERENCES control.memberships (practice_id, user_id),
    CONSTRAINT calendar_feeds_one_subject CHECK ((provider_id IS NULL) <> (patient_id IS NULL)),
    CONSTRAINT calendar_feeds_hash_length CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX calendar_feeds_by_user ON control.calendar_feeds (practice_id, user_id, id);
COMMENT ON TABLE control.calendar_feeds IS 'A secret address at which a calendar program reads a schedule; it ends with the membership it was made under.';
COMMENT ON COLUMN control.calendar_feeds.id IS 'UUIDv7.';
COMMENT ON COLUMN control.calendar_feeds.practice_id IS 'The practice.';
COMMENT ON COLUMN control.calendar_feeds.user_id IS 'Who made it and may end it.';
COMMENT ON COLUMN control.calendar_feeds.provider_id IS 'Whose schedule it shows; no foreign key across the line between control and practice.';
COMMENT ON COLUMN control.calendar_feeds.patient_id IS 'Whose visits and follow-ups it shows; no foreign key across the line between control and practice.';
COMMENT ON COLUMN control.calendar_feeds.token_hash IS 'SHA-256 of the token in its address; the token itself is never stored.';
COMMENT ON COLUMN control.calendar_feeds.created_at IS 'When it was made.';
COMMENT ON COLUMN control.calendar_feeds.revoked_at IS 'When it was ended.';

CREATE TABLE control.identity_providers (
    practice_id uuid NOT NULL,
    issuer text NOT NULL,
    client_id text NOT NULL,
    client_secret text,
    redirect_uri text NOT NULL,
    second_factor_values text[] NOT NULL,
    is_enabled boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT identity_providers_pkey PRIMARY KEY (practice_id),
    CONSTRAINT identity_providers_practice_exists FOREIGN KEY (practice_id) REFERENCES control.practices (id),
    CONSTRAINT identity_providers_issuer_address CHECK (issuer ~ '^https?://' AND char_length(issuer) <= 500),
    CONSTRAINT identity_providers_redirect_uri_address CHECK (redirect_uri ~ '^https?://' AND char_length(redirect_uri) <= 500)
);
COMMENT ON TABLE control.identity_providers IS 'The OpenID provider of a practice, where people sign in with the account that the clinic has already.';
COMMENT ON COLUMN control.identity_providers.practice_id IS 'The practice.';
COMMENT ON COLUMN control.identity_providers.issuer IS 'The issuer, exactly as the provider writes it.';
COMMENT ON COLUMN control.identity_providers.client_id IS 'What the provider calls this service.';
COMMENT ON COLUMN control.identity_providers.client_secret IS 'What proves this service to the provider; only sign-in reads it. Empty for a public client.';
COMMENT ON COLUMN control.identity_providers.redirect_uri IS 'The page of a client that people are sent back to.';
COMMENT ON COLUMN control.identity_providers.second_factor_values IS 'Values of amr or acr that count as a second factor.';
COMMENT ON COLUMN control.identity_providers.is_enabled IS 'Whether people can sign in with it.';
COMMENT ON COLUMN control.identity_providers.created_at IS 'When an admin first named one.';
COMMENT ON COLUMN control.identity_providers.updated_at IS 'When it last changed.';

CREATE TABLE control.provider_subjects (
    practice_id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL,
    linked_at timestamptz NOT NULL,
    linked_by uuid,
    CONSTRAINT provider_subjects_pkey PRIMARY KEY (practice_id, issuer, subject),
    CONSTRAINT provider_subjects_one_a_user UNIQUE (practice_id, user_id),
    CONSTRAINT provider_subjects_membership_exists FOREIGN KEY (practice_id, user_id) REFERENCES control.memberships (practice_id, user_id),
    CONSTRAINT provider_subjects_subject_length CHECK (char_length(subject) BETWEEN 1 AND 255)
);
COMMENT ON TABLE control.provider_subjects IS 'Which user an identity at the OpenID provider is. Made by an admin or by an invitation, never by an address that is equal.';
COMMENT ON COLUMN control.provider_subjects.practice_id IS 'The practice.';
COMMENT ON COLUMN control.provider_subjects.issuer IS 'The provider that knows the subject.';
COMMENT ON COLUMN control.provider_subjects.subject IS 'What the provider calls the person, for ever.';
COMMENT ON COLUMN control.provider_subjects.user_id IS 'Who it is here.';
COMMENT ON COLUMN control.provider_subjects.linked_at IS 'When the two were linked.';
COMMENT ON COLUMN control.provider_subjects.linked_by IS 'The admin who linked them; empty when the person joined with an invitation.';

CREATE TABLE control.provider_sign_ins (
    token_hash bytea NOT NULL,
    state_hash bytea NOT NULL,
    practice_id uuid NOT NULL,
    issuer text NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    invitation_hash bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT provider_sign_ins_pkey PRIMARY KEY (token_hash),
    CONSTRAINT provider_sign_ins_practice_exists FOREIGN KEY (practice_id) REFERENCES control.practices (id),
    CONSTRAINT provider_sign_ins_hash_length CHECK (octet_length(token_hash) = 32 AND octet_length(state_hash) = 32)
);
COMMENT ON TABLE control.provider_sign_ins IS 'A person who was sent to the OpenID provider and has not come back yet.';
COMMENT ON COLUMN control.provider_sign_ins.token_hash IS 'SHA-256 of the token that the client keeps; the token itself is never stored.';
COMMENT ON COLUMN control.provider_sign_ins.state_hash IS 'SHA-256 of the state that the provider sends back.';
COMMENT ON COLUMN control.provider_sign_ins.practice_id IS 'Where they sign in.';
COMMENT ON COLUMN control.provider_sign_ins.issuer IS 'Where they were sent.';
COMMENT ON COLUMN control.provider_sign_ins.nonce IS 'What the ID token must hold.';
COMMENT ON COLUMN control.provider_sign_ins.verifier IS 'What proves at the provider that the code was asked for here.';
COMMENT ON COLUMN control.provider_sign_ins.invitation_hash IS 'SHA-256 of the code of the invitation they join with.';
COMMENT ON COLUMN control.provider_sign_ins.created_at IS 'When they were sent.';
COMMENT ON COLUMN control.provider_sign_ins.expires_at IS 'When they come back too late.';

CREATE TABLE control.waitlist_calls (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    CONSTRAINT waitlist_calls_pkey PRIMARY KEY (practice_id, id)
);
CREATE INDEX waitlist_calls_by_due ON control.waitlist_calls (due_at, practice_id);
COMMENT ON TABLE control.waitlist_calls IS 'That the waitlist of a practice has to be looked at. Written in the transaction that gives cause, deleted after the work is done, so that nothing is forgotten whenever the service ends.';
COMMENT ON COLUMN control.waitlist_calls.practice_id IS 'The practice; no foreign key, so that writing a call waits for nobody.';
COMMENT ON COLUMN control.waitlist_calls.id IS 'UUIDv7.';
COMMENT ON COLUMN control.waitlist_calls.due_at IS 'Not before.';

CREATE TABLE control.service_accounts (
    id uuid NOT NULL,
    practice_id uuid NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    networks text[] NOT NULL,
    disabled_at timestamptz,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT service_accounts_pkey PRIMARY KEY (id),
    CONSTRAINT service_accounts_practice_exists FOREIGN KEY (practice_id) REFERENCES control.practices (id),
    CONSTRAINT service_accounts_creator_exists FOREIGN KEY (created_by) REFERENCES control.users (id),
    CONSTRAINT service_accounts_name_unique UNIQUE (practice_id, name),
    CONSTRAINT service_accounts_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT service_accounts_scopes_known CHECK (scopes <@ ARRAY['practice:read', 'practice:write', 'calendar:read', 'calendar:write', 'appointments:read', 'appointments:write', 'record:read', 'record:write', 'trail:read'] AND cardinality(scopes) > 0)
);
COMMENT ON TABLE control.service_accounts IS 'A program that works in a practice. It has scopes in place of a role.';
COMMENT ON COLUMN control.service_accounts.id IS 'UUIDv7; who acted, in the audit trail.';
COMMENT ON COLUMN control.service_accounts.practice_id IS 'The practice.';
COMMENT ON COLUMN control.service_accounts.name IS 'What it is for, as shown to people.';
COMMENT ON COLUMN control.service_accounts.scopes IS 'Kinds of data that it may read or change.';
COMMENT ON COLUMN control.service_accounts.networks IS 'Where its requests must come from; from anywhere when it is empty.';
COMMENT ON COLUMN control.service_accounts.disabled_at IS 'Set while none of its keys is taken.';
COMMENT ON COLUMN control.service_accounts.created_by IS 'The admin who made it.';
COMMENT ON COLUMN control.service_accounts.created_at IS 'When it was made.';
COMMENT ON COLUMN control.service_accounts.updated_at IS 'When it last changed.';
COMMENT ON COLUMN control.service_accounts.version IS 'Counts changes; answered as the ETag.';

CREATE TABLE control.service_account_keys (
    id uuid NOT NULL,
    service_account_id uuid NOT NULL,
    place smallint NOT NULL,
    prefix text NOT NULL,
    secret_hash bytea NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT service_account_keys_pkey PRIMARY KEY (id),
    CONSTRAINT service_account_keys_account_exists FOREIGN KEY (service_account_id) REFERENCES control.service_accounts (id),
    CONSTRAINT service_account_keys_prefix_unique UNIQUE (prefix),
    CONSTRAINT service_account_keys_hash_length CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT service_account_keys_two CHECK (place IN (1, 2)),
    CONSTRAINT service_account_keys_one_year CHECK (expires_at <= created_at + interval '366 days')
);
CREATE UNIQUE INDEX service_account_keys_in_place ON control.service_account_keys (service_account_id, place) WHERE (revoked_at IS NULL);
COMMENT ON TABLE control.service_account_keys IS 'What a service account proves itself with. It has two at most, so that one can take the place of the other without a gap.';
COMMENT ON COLUMN control.service_account_keys.id IS 'UUIDv7; in place of a session, in the audit trail.';
COMMENT ON COLUMN control.service_account_keys.service_account_id IS 'Whose it is.';
COMMENT ON COLUMN control.service_account_keys.place IS 'The first or the second of its two.';
COMMENT ON COLUMN control.service_account_keys.prefix IS 'The beginning of the key, by which people tell it from others.';
COMMENT ON COLUMN control.service_account_keys.secret_hash IS 'SHA-256 of the whole key; the key itself is shown once and never stored.';
COMMENT ON COLUMN control.service_account_keys.created_by IS 'The admin who made it.';
COMMENT ON COLUMN control.service_account_keys.created_at IS 'When it was made.';
COMMENT ON COLUMN control.service_account_keys.expires_at IS 'When it is no longer taken; within a year.';
COMMENT ON COLUMN control.service_account_keys.last_used_at IS 'When it was last used, to the minute.';
COMMENT ON COLUMN control.service_account_keys.revoked_at IS 'When an admin took it back, or a newer one took its place after it had expired.';
