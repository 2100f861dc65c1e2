-- 300 appointments a weekday at Main Street, back from a month ahead for as long as it takes, in ascending order of id.
CREATE TEMPORARY TABLE planned AS
SELECT n, pg_temp.id_of('0007', n) AS id, pg_temp.id_of('0006', n % {patients}) AS patient_id, pg_temp.id_of('0003', n % 300 / 15) AS provider_id,
    pg_temp.id_of('0002', n % 300 / 15) AS room_id, pg_temp.id_of('0001', 1) AS location_id,
    (day + time '08:00' + (n % 15) * interval '30 minutes') AT TIME ZONE 'America/New_York' AS starts_at
FROM (
    SELECT day, row_number() OVER (ORDER BY day) - 1 AS number
    FROM (
        SELECT current_date + 30 - back AS day FROM generate_series(0, {days} * 7 / 5 + 10) back
        WHERE extract(isodow FROM current_date + 30 - back) < 6 ORDER BY day DESC LIMIT {days}
    ) latest
) days, LATERAL (SELECT number * 300 + k AS n FROM generate_series(0, 299) k) appointment;
-- Those that the measurement moves to and fro, at Harbour: each has a pair of half-hours of its own.
INSERT INTO planned
SELECT 1000000000 + n, pg_temp.id_of('0007', 1000000000 + n), pg_temp.id_of('0006', {patients} - 200 + n % 200), pg_temp.id_of('0003', 1100),
    pg_temp.id_of('0002', 1100), pg_temp.id_of('0001', 2), '{free_from}'::timestamptz + n * interval '1 hour'
FROM generate_series(0, {movable} - 1) n;

INSERT INTO appointments (practice_id, id, patient_id, provider_id, location_id, room_id, appointment_type_id, status, starts_at, ends_at,
    version, created_at, updated_at)
SELECT '{practice}', id, patient_id, provider_id, location_id, room_id, pg_temp.id_of('0004', 1),
    CASE WHEN starts_at < now() THEN 'completed' ELSE 'booked' END, starts_at, starts_at + interval '30 minutes', 1,
    starts_at - interval '20 days', starts_at - interval '20 days'
FROM planned ORDER BY n;
INSERT INTO appointment_changes (practice_id, id, appointment_id, patient_id, change, status, starts_at, provider_id, location_id, room_id,
    version, changed_by, changed_at)
SELECT '{practice}', pg_temp.id_of('0008', n), id, patient_id, 'book', 'booked', starts_at, provider_id, location_id, room_id, 1,
    pg_temp.id_of('0009', 1), starts_at - interval '20 days'
FROM planned ORDER BY n;

-- The constraint is built after the rows: a bulk load checks each row against nothing but itself.
CREATE TEMPORARY TABLE dropped AS
    SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = 'resource_bookings_no_overlap';
ALTER TABLE resource_bookings DROP CONSTRAINT resource_bookings_no_overlap;
INSERT INTO resource_bookings (practice_id, id, resource_id, resource_kind, appointment_id, starts_at, ends_at, session_id, location_id)
SELECT '{practice}', pg_temp.id_of(kind, n), resource_id, resource_kind, id, starts_at, starts_at + interval '30 minutes', id,
    CASE resource_kind WHEN 'room' THEN location_id END
FROM planned, LATERAL (VALUES ('000a', provider_id, 'provider'), ('000b', room_id, 'room'), ('000c', patient_id, 'patient'))
    AS resource (kind, resource_id, resource_kind)
ORDER BY n;
