DROP FUNCTION audit_trail_of;
DROP POLICY audit_events_searched ON audit_events;
REVOKE SELECT ON audit_events FROM tautband_search;
DROP POLICY audit_events_read ON audit_events;
DROP INDEX audit_events_by_patient;
ALTER TABLE audit_events DROP CONSTRAINT audit_events_records_in_pairs;
ALTER TABLE audit_events ADD COLUMN resource_id uuid;
ALTER TABLE audit_events ADD COLUMN patient_id uuid;
ALTER TABLE audit_events NO FORCE ROW LEVEL SECURITY;
-- A row for each record again: the first keeps the row, and the others get one of their own, with
-- an id of the same time.
INSERT INTO audit_events (practice_id, id, at, actor_user_id, actor_role, session_id, request_id, action, resource_type,
    resource_ids, patient_ids, patient_periods, resource_id, patient_id)
SELECT e.practice_id, (left(e.id::text, 24) || right(gen_random_uuid()::text, 12))::uuid, e.at, e.actor_user_id, e.actor_role, e.session_id, e.request_id, e.action, e.resource_type,
    '{}', '{}', '{}', record.id, record.of_patient
FROM audit_events e
CROSS JOIN LATERAL unnest(e.resource_ids, e.patient_ids) WITH ORDINALITY AS record (id, of_patient, number)
WHERE record.number > 1;
UPDATE audit_events SET resource_id = resource_ids[1], patient_id = patient_ids[1] WHERE resource_ids <> '{}';
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_events DROP COLUMN patient_periods;
ALTER TABLE audit_events DROP COLUMN patient_ids;
ALTER TABLE audit_events DROP COLUMN resource_ids;
DROP FUNCTION audit_key;
DROP FUNCTION audit_period;
COMMENT ON TABLE audit_events IS 'Who read or changed what of whom; written in the transaction of the act and never changed afterwards.';
COMMENT ON COLUMN audit_events.resource_id IS 'Which record; empty for a list without rows.';
COMMENT ON COLUMN audit_events.patient_id IS 'Whose record it is.';
CREATE INDEX audit_events_by_patient ON audit_events (practice_id, patient_id, id) WHERE patient_id IS NOT NULL;
CREATE POLICY audit_events_read ON audit_events FOR SELECT TO tautband_app
    USING (practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
        AND (nullif(current_setting('app.patient_ids', true) = '*', false) IS NOT NULL
          OR patient_id = ANY (string_to_array(nullif(current_setting('app.patient_ids', true), '*'), ',')::uuid[])));
