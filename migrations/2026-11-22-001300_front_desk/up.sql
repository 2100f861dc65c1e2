-- What a front desk needs beside hours and bookings: sessions that several patients share, a
-- shortest distance between procedures, late cancellations, invitations and calendar feeds.
ALTER TABLE appointment_types ADD COLUMN capacity integer NOT NULL DEFAULT 1;
ALTER TABLE appointment_types ADD COLUMN min_interval_days integer;
ALTER TABLE appointment_types ADD CONSTRAINT appointment_types_capacity_range CHECK (capacity BETWEEN 1 AND 50);
ALTER TABLE appointment_types ADD CONSTRAINT appointment_types_interval_range CHECK (min_interval_days BETWEEN 1 AND 365);
COMMENT ON COLUMN appointment_types.capacity IS 'How many patients share one session; more than one for groups.';
COMMENT ON COLUMN appointment_types.min_interval_days IS 'Fewest days between two appointments of one patient whose types both have an interval; the longer one holds.';

ALTER TABLE appointments ADD COLUMN cancelled_late boolean NOT NULL DEFAULT false;
ALTER TABLE appointments ADD CONSTRAINT appointments_late_is_cancelled CHECK (NOT cancelled_late OR status = 'cancelled');
COMMENT ON COLUMN appointments.cancelled_late IS 'Whether the patient cancelled after the cut-off of the type, as it was then.';

-- Bookings of one session share provider and room, and each has a place of its own in it.
-- Everything else is a session of its own, by the default.
ALTER TABLE resource_bookings ADD COLUMN session_id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE resource_bookings ADD COLUMN place smallint;
ALTER TABLE resource_bookings ADD CONSTRAINT resource_bookings_place_range CHECK (place BETWEEN 1 AND 50);
ALTER TABLE resource_bookings DROP CONSTRAINT resource_bookings_no_overlap;
ALTER TABLE resource_bookings ADD CONSTRAINT resource_bookings_no_overlap EXCLUDE USING gist (
    practice_id WITH =, resource_id WITH =, session_id WITH <>, tstzrange(starts_at, ends_at) WITH &&);
CREATE UNIQUE INDEX resource_bookings_place_once ON resource_bookings (practice_id, resource_id, session_id, place)
    WHERE place IS NOT NULL;
COMMENT ON COLUMN resource_bookings.session_id IS 'What is held then: bookings of one resource overlap only within one session.';
COMMENT ON COLUMN resource_bookings.place IS 'The place in a session of several; empty for a session of one.';

ALTER TABLE control.memberships ADD COLUMN version bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN control.memberships.version IS 'Counts changes; answered as the ETag.';

CREATE TABLE control.invitations (
    id uuid CONSTRAINT invitations_pkey PRIMARY KEY,
    practice_id uuid NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    token_hash bytea NOT NULL,
    invited_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT invitations_practice_exists FOREIGN KEY (practice_id) REFERENCES control.practices (id),
    CONSTRAINT invitations_inviter_exists FOREIGN KEY (invited_by) REFERENCES control.users (id),
    CONSTRAINT invitations_role_known CHECK (role IN ('admin', 'front_desk', 'provider', 'assistant', 'auditor')),
    CONSTRAINT invitations_email_lower CHECK (email = lower(email)),
    CONSTRAINT invitations_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    CONSTRAINT invitations_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT invitations_token_unique UNIQUE (token_hash)
);
CREATE UNIQUE INDEX invitations_one_open ON control.invitations (practice_id, email)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_by_practice ON control.invitations (practice_id, id);
COMMENT ON TABLE control.invitations IS 'Somebody was asked to join a practice; accepted once, with a secret that is not stored.';
COMMENT ON COLUMN control.invitations.id IS 'UUIDv7.';
COMMENT ON COLUMN control.invitations.practice_id IS 'The practice.';
COMMENT ON COLUMN control.invitations.email IS 'The address they are to sign in with, in lower case.';
COMMENT ON COLUMN control.invitations.role IS 'What they are to be there.';
COMMENT ON COLUMN control.invitations.token_hash IS 'SHA-256 of the token; the token itself is never stored.';
COMMENT ON COLUMN control.invitations.invited_by IS 'The admin who invited them.';
COMMENT ON COLUMN control.invitations.created_at IS 'When they were invited.';
COMMENT ON COLUMN control.invitations.expires_at IS 'When it can no longer be accepted.';
COMMENT ON COLUMN control.invitations.accepted_at IS 'When it was accepted.';
COMMENT ON COLUMN control.invitations.revoked_at IS 'When it was taken back, or another took its place.';

CREATE TABLE control.calendar_feeds (
    id uuid CONSTRAINT calendar_feeds_pkey PRIMARY KEY,
    practice_id uuid NOT NULL,
    user_id uuid NOT NULL,
    provider_id uuid,
    patient_id uuid,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT calendar_feeds_membership_exists FOREIGN KEY (practice_id, user_id) REFERENCES control.memberships (practice_id, user_id),
    CONSTRAINT calendar_feeds_one_subject CHECK ((provider_id IS NULL) <> (patient_id IS NULL)),
    CONSTRAINT calendar_feeds_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT calendar_feeds_token_unique UNIQUE (token_hash)
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

GRANT SELECT, INSERT, UPDATE ON control.invitations, control.calendar_feeds TO tautband_app;
