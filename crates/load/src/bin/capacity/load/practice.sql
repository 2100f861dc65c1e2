-- A practice group: Main Street with 20 providers, where patients are seen, and Harbour with a hundred, whose hours from a
-- month ahead are free for what the measurement books. {practice} and the numbers are put in by the program.
CREATE FUNCTION pg_temp.id_of(kind text, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT ('01900000-' || kind || '-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid $$;
-- The same number for the same seed and row, wherever it is run.
CREATE FUNCTION pg_temp.dice(seed text, number bigint, sides bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
    $$ SELECT ('x' || substr(md5(seed || number), 1, 15))::bit(60)::bigint % sides $$;
-- One of each for an id, as text.
CREATE FUNCTION pg_temp.pick(words text[], seed text, number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT words[1 + pg_temp.dice(seed, number, cardinality(words))] $$;

INSERT INTO locations (practice_id, id, name, time_zone, version, created_at, updated_at)
VALUES ('{practice}', pg_temp.id_of('0001', 1), 'Main Street', 'America/New_York', 1, now(), now()),
    ('{practice}', pg_temp.id_of('0001', 2), 'Harbour', 'UTC', 1, now(), now());

CREATE TEMPORARY TABLE stations AS
SELECT n, 1 AS location FROM generate_series(0, 19) n UNION ALL SELECT n, 2 FROM generate_series(1000, 1100) n;

INSERT INTO rooms (practice_id, id, location_id, name, version, created_at, updated_at)
SELECT '{practice}', pg_temp.id_of('0002', n), pg_temp.id_of('0001', location), 'Room ' || n, 1, now(), now() FROM stations;
INSERT INTO providers (practice_id, id, name, version, created_at, updated_at)
SELECT '{practice}', pg_temp.id_of('0003', n), 'Dr Provider ' || n, 1, now(), now() FROM stations;
INSERT INTO appointment_types (practice_id, id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, needs_room,
    patient_bookable, min_lead_minutes, max_ahead_days, cancel_cutoff_minutes, start_every_minutes, color, version, created_at, updated_at)
VALUES ('{practice}', pg_temp.id_of('0004', 1), 'Follow-up', 30, 0, 0, true, true, 0, 180, 1440, 30, '#33aa66', 1, now(), now()),
    ('{practice}', pg_temp.id_of('0004', 2), 'Procedure', 30, 0, 0, true, true, 0, 180, 1440, 30, '#cc6633', 1, now(), now());

INSERT INTO availability_templates (practice_id, id, provider_id, location_id, valid_from, created_at, updated_at)
SELECT '{practice}', pg_temp.id_of('0005', n), pg_temp.id_of('0003', n), pg_temp.id_of('0001', location), '2000-01-01', now(), now() FROM stations;
-- Procedures keep to the hours that are full for a month, follow-ups have some more in the evening.
INSERT INTO availability_windows (practice_id, id, template_id, weekday, opens_at, closes_at, appointment_type_ids)
SELECT '{practice}', pg_temp.id_of('0006', 20 * n + 2 * day + (opens_at = '12:00')::int), pg_temp.id_of('0005', n), weekday, opens_at, closes_at,
    types
FROM stations, unnest('{monday,tuesday,wednesday,thursday,friday,saturday,sunday}'::text[]) WITH ORDINALITY week (weekday, day),
LATERAL (
    SELECT '08:00'::time AS opens_at, '15:30'::time AS closes_at, '{}'::uuid[] AS types WHERE location = 1 AND day <= 5
    UNION ALL SELECT opens_at, closes_at, '{}' FROM (VALUES ('00:00'::time, '12:00'::time), ('12:00', '00:00')) halves (opens_at, closes_at)
    WHERE location = 2
) hours;
INSERT INTO availability_windows (practice_id, id, template_id, weekday, opens_at, closes_at, appointment_type_ids)
SELECT '{practice}', pg_temp.id_of('0007', 10 * n + day), pg_temp.id_of('0005', n), weekday, '15:30', '17:00', ARRAY[pg_temp.id_of('0004', 1)]
FROM stations, unnest('{monday,tuesday,wednesday,thursday,friday}'::text[]) WITH ORDINALITY week (weekday, day) WHERE location = 1;
