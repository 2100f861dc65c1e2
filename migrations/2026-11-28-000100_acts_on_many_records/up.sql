-- An act is one row of the trail, however many records it was about. A row for each record cost a
-- place of its own in an index by patient, and a day board has three hundred of them. An inverted
-- index takes such places in batches and keeps the repeated ones small.
--
-- What is looked up is a patient in a period of 30 days: all that ever happened to somebody would be
-- read at once otherwise, and the newest page alone is asked for.
CREATE FUNCTION audit_period(at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (((at AT TIME ZONE 'UTC')::date - date '2000-01-01') / 30)::bigint;
COMMENT ON FUNCTION audit_period IS 'The period of 30 days that an instant lies in.';
CREATE FUNCTION audit_key(patient_id uuid, period bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN uuid_hash_extended(patient_id, period);
COMMENT ON FUNCTION audit_key IS 'What the trail is looked up by: a patient in a period. Two of them may share one.';

ALTER TABLE audit_events ADD COLUMN resource_ids uuid[];
ALTER TABLE audit_events ADD COLUMN patient_ids uuid[];
ALTER TABLE audit_events ADD COLUMN patient_periods bigint[];
DROP INDEX audit_events_by_patient;
DROP POLICY audit_events_read ON audit_events;
-- The owner of a forced table sees no row of it either.
ALTER TABLE audit_events NO FORCE ROW LEVEL SECURITY;
UPDATE audit_events SET
    resource_ids = CASE WHEN resource_id IS NULL THEN '{}' ELSE ARRAY[resource_id] END,
    patient_ids = CASE WHEN resource_id IS NULL THEN '{}' ELSE ARRAY[patient_id] END,
    patient_periods = CASE WHEN patient_id IS NULL THEN '{}' ELSE ARRAY[audit_key(patient_id, audit_period(at))] END;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_events ALTER COLUMN resource_ids SET NOT NULL;
ALTER TABLE audit_events ALTER COLUMN patient_ids SET NOT NULL;
ALTER TABLE audit_events ALTER COLUMN patient_periods SET NOT NULL;
ALTER TABLE audit_events DROP COLUMN resource_id;
ALTER TABLE audit_events DROP COLUMN patient_id;
ALTER TABLE audit_events ADD CONSTRAINT audit_events_records_in_pairs CHECK (cardinality(resource_ids) = cardinality(patient_ids));
-- Ids are as good as random: trying to compress them takes time and gains nothing.
ALTER TABLE audit_events ALTER COLUMN resource_ids SET STORAGE EXTERNAL;
ALTER TABLE audit_events ALTER COLUMN patient_ids SET STORAGE EXTERNAL;
ALTER TABLE audit_events ALTER COLUMN patient_periods SET STORAGE EXTERNAL;
-- Written with every answer and read when somebody asks: new entries wait in a list, which a search
-- reads as a whole and which is therefore sorted in when it has a megabyte.
CREATE INDEX audit_events_by_patient ON audit_events USING gin (patient_periods) WITH (gin_pending_list_limit = 1024);
COMMENT ON TABLE audit_events IS 'Who read or changed what of whom: a row for each act and kind of record, written in the transaction of the act and never changed afterwards.';
COMMENT ON COLUMN audit_events.resource_ids IS 'Which records; empty for a list without rows.';
COMMENT ON COLUMN audit_events.patient_ids IS 'Whose record each of them is, in the same order; null where it is no patient''s.';
COMMENT ON COLUMN audit_events.patient_periods IS 'What the row is found by: audit_key of each patient and the period of the act.';

-- A row may be about several patients: who may see one of them reads through the function below.
CREATE POLICY audit_events_read ON audit_events FOR SELECT TO tautband_app
    USING (practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
        AND nullif(current_setting('app.patient_ids', true) = '*', false) IS NOT NULL);
GRANT SELECT ON audit_events TO tautband_search;
CREATE POLICY audit_events_searched ON audit_events FOR SELECT TO tautband_search USING (true);

CREATE FUNCTION audit_trail_of(records uuid[], since timestamptz, until timestamptz, after_id uuid, after_number bigint, at_most integer)
RETURNS TABLE (id uuid, at timestamptz, actor_user_id uuid, actor_role text, action text, resource_type text,
    resource_id uuid, patient_id uuid, request_id text, number bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
-- Few rows are looked for among many, whatever the planner makes of keys it does not know.
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    practice uuid := nullif(current_setting('app.practice_id', true), '')::uuid;
    reach text := current_setting('app.patient_ids', true);
    reachable uuid[] := CASE WHEN reach = '*' THEN records ELSE ARRAY(
        SELECT record FROM unnest(records) AS record WHERE record = ANY (string_to_array(reach, ',')::uuid[])) END;
    -- Clocks of several machines may be a little apart.
    oldest bigint := audit_period(since - interval '1 day');
    newest bigint := audit_period(coalesce(
        (SELECT e.at FROM audit_events e WHERE e.practice_id = practice AND e.id = after_id), until + interval '1 day'));
    width integer := 1;
    first bigint;
    missing integer := at_most;
    added integer;
BEGIN
    -- Twice as far back each time, so that somebody who is seldom looked at is found in a few steps.
    WHILE missing > 0 AND newest >= oldest LOOP
        first := greatest(oldest, newest - width + 1);
        -- The acts first, and what they were about of the few that are shown: lists are long, and kept
        -- apart from the rows. A few more than can be shown, because two patients may share a key.
        -- The practice is compared so that no index on it is chosen.
        RETURN QUERY
            SELECT act.id, act.at, act.actor_user_id, act.actor_role, act.action, act.resource_type, record.id,
                record.of_patient, act.request_id, record.number
            FROM (
                SELECT e.* FROM audit_events e
                WHERE e.practice_id IS NOT DISTINCT FROM practice
                    AND e.patient_periods && ARRAY(
                        SELECT audit_key(patient, period)
                        FROM unnest(reachable) AS patient, generate_series(first, newest) AS period)
                    AND audit_period(e.at) BETWEEN first AND newest
                    AND e.id <= after_id
                ORDER BY e.id DESC
                LIMIT at_most + 10
            ) AS act
            CROSS JOIN LATERAL unnest(act.resource_ids, act.patient_ids) WITH ORDINALITY AS record (id, of_patient, number)
            WHERE record.of_patient = ANY (reachable)
                AND (act.id < after_id OR record.number > after_number)
            ORDER BY act.id DESC, record.number
            LIMIT missing;
        GET DIAGNOSTICS added = ROW_COUNT;
        missing := missing - added;
        newest := first - 1;
        width := width * 2;
    END LOOP;
END
$$;
COMMENT ON FUNCTION audit_trail_of IS 'What was done with these records of the current practice between two instants, as far as they are within reach, the newest first and past a place in that order.';
GRANT CREATE ON SCHEMA public TO tautband_search;
ALTER FUNCTION audit_trail_of OWNER TO tautband_search;
REVOKE CREATE ON SCHEMA public FROM tautband_search;
REVOKE ALL ON FUNCTION audit_trail_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_trail_of TO tautband_app;
