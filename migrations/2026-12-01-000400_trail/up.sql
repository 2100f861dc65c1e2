-- The audit trail and the stored answers of repeated requests. An act is one row of the trail, however
-- many records it was about: a day board shows three hundred. A patient is found through an inverted
-- index of patient and 30-day period, because the newest page is what is asked for.

CREATE FUNCTION audit_period(at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (((at AT TIME ZONE 'UTC')::date - date '2000-01-01') / 30)::bigint;
COMMENT ON FUNCTION audit_period IS 'The period of 30 days that an instant lies in.';

CREATE FUNCTION audit_key(patient_id uuid, period bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN uuid_hash_extended(patient_id, period);
COMMENT ON FUNCTION audit_key IS 'What the trail is looked up by: a patient in a period. Two of them may share one.';

CREATE FUNCTION audit_keys(patient_ids uuid[], at timestamptz) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    period bigint := audit_period(at);
    keys bigint[] := '{}';
    patient_id uuid;
BEGIN
    FOREACH patient_id IN ARRAY patient_ids LOOP
        IF patient_id IS NOT NULL THEN
            keys := keys || audit_key(patient_id, period);
        END IF;
    END LOOP;
    RETURN keys;
END
$$;
COMMENT ON FUNCTION audit_keys IS 'The keys of the patients of one act.';

CREATE TABLE audit_events (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_user_id uuid NOT NULL DEFAULT nullif(current_setting('app.user_id', true), '')::uuid,
    actor_role text NOT NULL DEFAULT nullif(current_setting('app.role', true), ''),
    session_id uuid NOT NULL DEFAULT nullif(current_setting('app.session_id', true), '')::uuid,
    on_behalf_of uuid DEFAULT nullif(current_setting('app.on_behalf_of', true), '')::uuid,
    request_id text NOT NULL,
    action text NOT NULL,
    outcome text NOT NULL DEFAULT 'done',
    resource_type text NOT NULL,
    resource_ids uuid[] NOT NULL,
    patient_ids uuid[] NOT NULL,
    patient_periods bigint[] NOT NULL,
    CONSTRAINT audit_events_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT audit_events_outcome_known CHECK (outcome IN ('done', 'refused')),
    CONSTRAINT audit_events_records_in_pairs CHECK (cardinality(resource_ids) = cardinality(patient_ids))
);
ALTER TABLE audit_events ALTER COLUMN resource_ids SET STORAGE EXTERNAL;
ALTER TABLE audit_events ALTER COLUMN patient_ids SET STORAGE EXTERNAL;
ALTER TABLE audit_events ALTER COLUMN patient_periods SET STORAGE EXTERNAL;
CREATE INDEX audit_events_by_recording ON audit_events (practice_id, recorded_at, id);
CREATE INDEX audit_events_by_patient ON audit_events USING gin (patient_periods) WITH (gin_pending_list_limit='1024');
COMMENT ON TABLE audit_events IS 'Who read or changed what of whom: a row for each act and kind of record, written in the transaction of the act and never changed afterwards.';
COMMENT ON COLUMN audit_events.practice_id IS 'The practice.';
COMMENT ON COLUMN audit_events.id IS 'UUIDv7.';
COMMENT ON COLUMN audit_events.at IS 'When, by the clock of the service.';
COMMENT ON COLUMN audit_events.recorded_at IS 'When, by the clock of the database; the service cannot say it.';
COMMENT ON COLUMN audit_events.actor_user_id IS 'Who acted: whom the transaction was begun for; the service cannot say it here.';
COMMENT ON COLUMN audit_events.actor_role IS 'In which role.';
COMMENT ON COLUMN audit_events.session_id IS 'In which sign-in, or with which key of a service account.';
COMMENT ON COLUMN audit_events.on_behalf_of IS 'The user for whom a service account acted.';
COMMENT ON COLUMN audit_events.request_id IS 'In which request; the instance of its problem, the X-Request-Id of its answer.';
COMMENT ON COLUMN audit_events.action IS 'What was done, as named in the permission table.';
COMMENT ON COLUMN audit_events.outcome IS 'Whether it was done, or refused for who asked.';
COMMENT ON COLUMN audit_events.resource_type IS 'Kind of record.';
COMMENT ON COLUMN audit_events.resource_ids IS 'Which records; empty for a list without rows.';
COMMENT ON COLUMN audit_events.patient_ids IS 'Whose record each of them is, in the same order; null where it is no patient''s.';
COMMENT ON COLUMN audit_events.patient_periods IS 'What the row is found by: audit_key of each patient and the period of the act.';
ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
-- One act may be about several patients, so a patient reads the trail through audit_trail_of alone.
CREATE POLICY audit_events_read ON audit_events FOR SELECT
    USING (practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
        AND nullif(current_setting('app.patient_ids', true) = '*', false) IS NOT NULL);
CREATE POLICY audit_events_add ON audit_events FOR INSERT
    WITH CHECK (practice_id = nullif(current_setting('app.practice_id', true), '')::uuid);
CALL control.let_search_read('audit_events');

CREATE TABLE audit_leaves (
    practice_id uuid NOT NULL,
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    leaf_hash bytea NOT NULL,
    CONSTRAINT audit_leaves_pkey PRIMARY KEY (practice_id, position),
    CONSTRAINT audit_leaves_event_once UNIQUE (practice_id, event_id),
    CONSTRAINT audit_leaves_hash_length CHECK (octet_length(leaf_hash) = 32)
);
COMMENT ON TABLE audit_leaves IS 'The acts of a practice as leaves of a Merkle tree (RFC 9162), in the order in which they were sealed.';
COMMENT ON COLUMN audit_leaves.practice_id IS 'The practice.';
COMMENT ON COLUMN audit_leaves.position IS 'Place in the tree, from 0 on without a gap.';
COMMENT ON COLUMN audit_leaves.event_id IS 'The act.';
COMMENT ON COLUMN audit_leaves.leaf_hash IS 'SHA-256 of a 0 and of every column of the act.';
CALL control.protect_practice_table('audit_leaves');

CREATE TABLE audit_checkpoints (
    practice_id uuid NOT NULL,
    size bigint NOT NULL,
    edge bytea NOT NULL,
    recorded_until timestamptz NOT NULL,
    note text NOT NULL,
    CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (practice_id, size),
    CONSTRAINT audit_checkpoints_size_positive CHECK (size > 0)
);
COMMENT ON TABLE audit_checkpoints IS 'Signed states of the trail of a practice; whoever keeps one elsewhere can prove later what was there.';
COMMENT ON COLUMN audit_checkpoints.practice_id IS 'The practice.';
COMMENT ON COLUMN audit_checkpoints.size IS 'Leaves of the tree.';
COMMENT ON COLUMN audit_checkpoints.edge IS 'Roots of the whole subtrees on the right edge, from which the tree grows on.';
COMMENT ON COLUMN audit_checkpoints.recorded_until IS 'When the newest of the acts was recorded.';
COMMENT ON COLUMN audit_checkpoints.note IS 'Size and root as a signed note (C2SP tlog-checkpoint).';
CALL control.protect_practice_table('audit_checkpoints');

CREATE TABLE idempotency_records (
    practice_id uuid NOT NULL,
    user_id uuid NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    version bigint,
    location text,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT idempotency_records_pkey PRIMARY KEY (practice_id, user_id, operation, key),
    CONSTRAINT idempotency_records_key_length CHECK (char_length(key) BETWEEN 1 AND 255)
);
CREATE INDEX idempotency_records_by_expiry ON idempotency_records (practice_id, expires_at);
COMMENT ON TABLE idempotency_records IS 'Answers kept for retries: the same key and content of the same user replays them for a day.';
COMMENT ON COLUMN idempotency_records.practice_id IS 'The practice.';
COMMENT ON COLUMN idempotency_records.user_id IS 'Whose key it is; keys of different users never meet.';
COMMENT ON COLUMN idempotency_records.operation IS 'Method and path the key was used on.';
COMMENT ON COLUMN idempotency_records.key IS 'The Idempotency-Key.';
COMMENT ON COLUMN idempotency_records.fingerprint IS 'SHA-256 of the content; another content with this key is refused.';
COMMENT ON COLUMN idempotency_records.status IS 'HTTP status of the answer.';
COMMENT ON COLUMN idempotency_records.version IS 'Version of the ETag of the answer.';
COMMENT ON COLUMN idempotency_records.location IS 'Location of the answer.';
COMMENT ON COLUMN idempotency_records.body IS 'The answer as sent.';
COMMENT ON COLUMN idempotency_records.created_at IS 'When it was first answered.';
COMMENT ON COLUMN idempotency_records.expires_at IS 'When the key is free again.';
CALL control.protect_practice_table('idempotency_records');
