CREATE TABLE audit_events (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_user_id uuid NOT NULL,
    actor_role text NOT NULL,
    session_id uuid NOT NULL,
    request_id text NOT NULL,
    action text NOT NULL,
    resource_type text NOT NULL,
    resource_id uuid,
    patient_id uuid,
    CONSTRAINT audit_events_pkey PRIMARY KEY (practice_id, id)
);
CREATE INDEX audit_events_by_patient ON audit_events (practice_id, patient_id, id) WHERE patient_id IS NOT NULL;
COMMENT ON TABLE audit_events IS 'Who read or changed what of whom; written in the transaction of the act and never changed afterwards.';
COMMENT ON COLUMN audit_events.practice_id IS 'The practice.';
COMMENT ON COLUMN audit_events.id IS 'UUIDv7.';
COMMENT ON COLUMN audit_events.at IS 'When, by the clock of the service.';
COMMENT ON COLUMN audit_events.actor_user_id IS 'Who acted.';
COMMENT ON COLUMN audit_events.actor_role IS 'In which role.';
COMMENT ON COLUMN audit_events.session_id IS 'In which sign-in.';
COMMENT ON COLUMN audit_events.request_id IS 'In which request; the instance of its problem, the X-Request-Id of its answer.';
COMMENT ON COLUMN audit_events.action IS 'What was done, as named in the permission table.';
COMMENT ON COLUMN audit_events.resource_type IS 'Kind of record.';
COMMENT ON COLUMN audit_events.resource_id IS 'Which record; empty for a list without rows.';
COMMENT ON COLUMN audit_events.patient_id IS 'Whose record it is.';
ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_events_append ON audit_events FOR INSERT TO tautband_app
    WITH CHECK (practice_id = nullif(current_setting('app.practice_id', true), '')::uuid);
CREATE POLICY audit_events_read ON audit_events FOR SELECT TO tautband_app
    USING (practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
        AND (current_setting('app.patient_ids', true) = '*'
          OR patient_id = ANY (string_to_array(nullif(current_setting('app.patient_ids', true), '*'), ',')::uuid[])));
GRANT SELECT, INSERT ON audit_events TO tautband_app;

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
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_records TO tautband_app;
