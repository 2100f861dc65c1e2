-- A practice group of 20 providers at one location, 300 appointments a weekday, back from a month ahead for as long as it takes.
-- {appointments} and {practice} are put in by the program. The exclusion constraint is built after the rows: a bulk load
-- checks each row against nothing but itself.
CREATE TEMPORARY TABLE dropped AS
    SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = 'resource_bookings_no_overlap';
ALTER TABLE resource_bookings DROP CONSTRAINT resource_bookings_no_overlap;

CREATE FUNCTION pg_temp.id_of(kind text, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT ('01900000-' || kind || '-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid $$;

INSERT INTO locations (practice_id, id, name, time_zone, version, created_at, updated_at)
VALUES ('{practice}', pg_temp.id_of('0001', 1), 'Main Street', 'America/New_York', 1, now(), now());
INSERT INTO rooms (practice_id, id, location_id, name, version, created_at, updated_at)
SELECT '{practice}', pg_temp.id_of('0002', n), pg_temp.id_of('0001', 1), 'Room ' || n, 1, now(), now() FROM generate_series(0, 39) n;
INSERT INTO providers (practice_id, id, name, version, created_at, updated_at)
SELECT '{practice}', pg_temp.id_of('0003', n), 'Dr Provider ' || n, 1, now(), now() FROM generate_series(0, 19) n;
INSERT INTO appointment_types (practice_id, id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, needs_room,
    patient_bookable, min_lead_minutes, max_ahead_days, cancel_cutoff_minutes, start_every_minutes, color, version, created_at, updated_at)
VALUES ('{practice}', pg_temp.id_of('0004', 1), 'Follow-up', 30, 0, 0, true, true, 0, 180, 1440, 30, '#33aa66', 1, now(), now());
INSERT INTO availability_templates (practice_id, id, provider_id, location_id, valid_from, created_at)
SELECT '{practice}', pg_temp.id_of('0005', n), pg_temp.id_of('0003', n), pg_temp.id_of('0001', 1), '2000-01-01', now()
FROM generate_series(0, 19) n;
INSERT INTO availability_windows (practice_id, id, template_id, weekday, opens_at, closes_at, appointment_type_ids)
SELECT '{practice}', gen_random_uuid(), pg_temp.id_of('0005', n), weekday, '08:00', '17:00', '{}'
FROM generate_series(0, 19) n, unnest('{monday,tuesday,wednesday,thursday,friday}'::text[]) weekday;

-- Enough people that nobody comes twice on one day.
CREATE TEMPORARY TABLE people AS SELECT greatest(2000, {appointments} / 50) AS count;
INSERT INTO patients (practice_id, id, record_number, given_name, family_name, search_name, birth_date, sex_at_birth, phone, phone_digits,
    version, created_at, updated_at)
SELECT '{practice}', pg_temp.id_of('0006', n), 'P-' || lpad(n::text, 8, '0'), given, family, lower(given || ' ' || family),
    date '1940-01-01' + (n * 37 % 25000)::integer, CASE n % 4 WHEN 0 THEN 'male' ELSE 'female' END, '+1 555 ' || lpad(n::text, 7, '0'),
    '1555' || lpad(n::text, 7, '0'), 1, now(), now()
FROM people, generate_series(0, people.count - 1) n,
LATERAL (SELECT
    (ARRAY['Anna','Maria','Julia','Elena','Sofia','Laura','Nora','Clara','Iris','Vera','Jonas','Peter','David','Simon','Felix','Oscar'])[1 + n % 16] AS given,
    (ARRAY['Keller','Novak','Moreau','Silva','Jensen','Okafor','Tanaka','Rossi','Weber','Costa','Lindqvist','Vrabec','Haddad'])[1 + n / 16 % 13]
    || (ARRAY['','-Ames','-Berg','-Cole','-Dunn','-Eder','-Frey','-Gale','-Hart'])[1 + n / 208 % 9] AS family) names;

INSERT INTO patient_name_words (practice_id, word)
SELECT DISTINCT p.practice_id, said.word FROM patients p CROSS JOIN LATERAL string_to_table(p.search_name, ' ') AS said (word)
ON CONFLICT DO NOTHING;

CREATE TEMPORARY TABLE planned AS
SELECT n, pg_temp.id_of('0007', n) AS id, pg_temp.id_of('0006', n % people.count) AS patient_id, pg_temp.id_of('0003', n % 300 / 15) AS provider_id,
    pg_temp.id_of('0002', n % 300 / 15) AS room_id, (day + time '08:00' + (n % 15) * interval '30 minutes') AT TIME ZONE 'America/New_York' AS starts_at
FROM people, (
    SELECT day, row_number() OVER (ORDER BY day) - 1 AS number
    FROM (
        SELECT current_date + 30 - back AS day FROM generate_series(0, {appointments} / 300 * 7 / 5 + 10) back
        WHERE extract(isodow FROM current_date + 30 - back) < 6 ORDER BY day DESC LIMIT {appointments} / 300
    ) latest
) days, LATERAL (SELECT number * 300 + k AS n FROM generate_series(0, 299) k) appointment;

INSERT INTO appointments (practice_id, id, patient_id, provider_id, location_id, room_id, appointment_type_id, status, starts_at, ends_at,
    version, created_at, updated_at)
SELECT '{practice}', id, patient_id, provider_id, pg_temp.id_of('0001', 1), room_id, pg_temp.id_of('0004', 1),
    CASE WHEN starts_at < now() THEN 'completed' ELSE 'booked' END, starts_at, starts_at + interval '30 minutes', 1,
    starts_at - interval '20 days', starts_at - interval '20 days'
FROM planned ORDER BY n;
INSERT INTO appointment_changes (practice_id, id, appointment_id, patient_id, change, status, starts_at, provider_id, location_id, room_id,
    version, changed_by, changed_at)
SELECT '{practice}', pg_temp.id_of('0008', n), id, patient_id, 'book', 'booked', starts_at, provider_id, pg_temp.id_of('0001', 1), room_id, 1,
    pg_temp.id_of('0009', 1), starts_at - interval '20 days'
FROM planned ORDER BY n;
INSERT INTO resource_bookings (practice_id, id, resource_id, resource_kind, appointment_id, starts_at, ends_at)
SELECT '{practice}', pg_temp.id_of(kind, n), resource_id, resource_kind, id, starts_at, starts_at + interval '30 minutes'
FROM planned, LATERAL (VALUES ('000a', provider_id, 'provider'), ('000b', room_id, 'room'), ('000c', patient_id, 'patient'))
    AS resource (kind, resource_id, resource_kind)
ORDER BY n;

DO $$ BEGIN
    EXECUTE (SELECT 'ALTER TABLE resource_bookings ADD CONSTRAINT resource_bookings_no_overlap ' || definition FROM dropped);
END $$;
DROP TABLE planned;
