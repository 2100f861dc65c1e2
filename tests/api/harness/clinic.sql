-- The clinic of the tests, written as the owner of the database.
INSERT INTO control.practices (id, slug, name, time_zone, version, created_at, updated_at) VALUES
    ('01900000-0000-7000-8000-000000000001', 'riverside', 'Riverside Headache Clinic', 'America/New_York', 1, '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000002', 'hillside', 'Hillside Pain Clinic', 'America/Chicago', 1, '2026-01-01Z', '2026-01-01Z');

INSERT INTO control.users (id, email, display_name, password_hash, created_at, updated_at)
SELECT ('01900000-0000-7000-8000-0000000001' || lpad(number::text, 2, '0'))::uuid, email, name, '{password_hash}', '2026-01-01Z', '2026-01-01Z'
FROM (VALUES
    (1, 'admin@riverside.example', 'Ida Admin'), (2, 'desk@riverside.example', 'Dan Desk'),
    (3, 'ada@riverside.example', 'Dr Ada Keller'), (4, 'bo@riverside.example', 'Dr Bo Lindqvist'),
    (5, 'assistant@riverside.example', 'Asa Assistant'), (6, 'auditor@riverside.example', 'Otto Auditor'),
    (7, 'ana@riverside.example', 'Ana Vrabec'), (8, 'ben@riverside.example', 'Ben Okafor'),
    (11, 'admin@hillside.example', 'Hal Admin'), (12, 'desk@hillside.example', 'Hanna Desk'),
    (13, 'provider@hillside.example', 'Dr Hugo Hill'), (14, 'patient@hillside.example', 'Zed Zimmer')
) AS people (number, email, name);

INSERT INTO control.memberships (practice_id, user_id, role, provider_id, created_at, updated_at)
SELECT ('01900000-0000-7000-8000-00000000000' || practice)::uuid, ('01900000-0000-7000-8000-0000000001' || lpad(number::text, 2, '0'))::uuid, role,
       CASE WHEN provider IS NULL THEN NULL ELSE ('01900000-0000-7000-8000-0000000000' || provider)::uuid END, '2026-01-01Z', '2026-01-01Z'
FROM (VALUES
    (1, 1, 'admin', NULL), (1, 2, 'front_desk', NULL), (1, 3, 'provider', '31'), (1, 4, 'provider', '32'),
    (1, 5, 'assistant', NULL), (1, 6, 'auditor', NULL), (1, 7, 'patient', NULL), (1, 8, 'patient', NULL),
    (2, 11, 'admin', NULL), (2, 12, 'front_desk', NULL), (2, 13, 'provider', '39'), (2, 14, 'patient', NULL)
) AS people (practice, number, role, provider);

INSERT INTO control.patient_links (practice_id, user_id, patient_id, created_at) VALUES
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000107', '01900000-0000-7000-8000-000000000051', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000108', '01900000-0000-7000-8000-000000000052', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000114', '01900000-0000-7000-8000-000000000059', '2026-01-01Z');

INSERT INTO locations (practice_id, id, name, time_zone, address, version, created_at, updated_at) VALUES
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000011', 'Main Street', 'America/New_York', '1 Main Street', 1, '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000012', 'Thames House', 'Europe/London', NULL, 1, '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000019', 'Hill Road', 'America/Chicago', NULL, 1, '2026-01-01Z', '2026-01-01Z');

INSERT INTO rooms (practice_id, id, location_id, name, version, created_at, updated_at) VALUES
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000021', '01900000-0000-7000-8000-000000000011', 'Room 1', 1, '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000022', '01900000-0000-7000-8000-000000000011', 'Room 2', 1, '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000023', '01900000-0000-7000-8000-000000000012', 'Room A', 1, '2026-01-01Z', '2026-01-01Z');

INSERT INTO providers (practice_id, id, user_id, name, credentials, version, created_at, updated_at) VALUES
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000031', '01900000-0000-7000-8000-000000000103', 'Dr Ada Keller', 'MD', 1, '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000032', '01900000-0000-7000-8000-000000000104', 'Dr Bo Lindqvist', 'DO', 1, '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000039', '01900000-0000-7000-8000-000000000113', 'Dr Hugo Hill', 'MD', 1, '2026-01-01Z', '2026-01-01Z');

INSERT INTO appointment_types (practice_id, id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, needs_room, patient_bookable,
    min_lead_minutes, max_ahead_days, cancel_cutoff_minutes, start_every_minutes, color, version, created_at, updated_at) VALUES
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000041', 'New patient', 60, 0, 0, true, false, 0, 180, 1440, 30, '#3366cc', 1, '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000042', 'Follow-up', 30, 0, 0, false, true, 1440, 60, 1440, 15, '#33aa66', 1, '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000043', 'Trigger point injection', 45, 10, 15, true, false, 0, 180, 1440, 15, '#cc6633', 1, '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000049', 'Visit', 30, 0, 0, false, true, 0, 60, 0, 15, '#33aa66', 1, '2026-01-01Z', '2026-01-01Z');

INSERT INTO availability_templates (practice_id, id, provider_id, location_id, valid_from, created_at, updated_at) VALUES
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000071', '01900000-0000-7000-8000-000000000031', '01900000-0000-7000-8000-000000000011', '2026-01-01', '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000072', '01900000-0000-7000-8000-000000000032', '01900000-0000-7000-8000-000000000011', '2026-01-01', '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000073', '01900000-0000-7000-8000-000000000032', '01900000-0000-7000-8000-000000000012', '2026-01-01', '2026-01-01Z', '2026-01-01Z'),
    ('01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000079', '01900000-0000-7000-8000-000000000039', '01900000-0000-7000-8000-000000000019', '2026-01-01', '2026-01-01Z', '2026-01-01Z');

INSERT INTO availability_windows (practice_id, id, template_id, weekday, opens_at, closes_at, appointment_type_ids)
SELECT ('01900000-0000-7000-8000-00000000000' || practice)::uuid, gen_random_uuid(), ('01900000-0000-7000-8000-0000000000' || template)::uuid,
       weekday, opens_at::time, closes_at::time, '{}'
FROM (VALUES
    (1, 71, '08:00', '12:00', '{monday,tuesday,wednesday,thursday,friday}'), (1, 71, '13:00', '17:00', '{monday,tuesday,wednesday,thursday,friday}'),
    (1, 72, '08:00', '12:00', '{monday,tuesday,wednesday}'), (1, 73, '09:00', '15:00', '{thursday}'),
    (2, 79, '08:00', '16:00', '{monday,tuesday,wednesday,thursday,friday}')
) AS hours (practice, template, opens_at, closes_at, weekdays), unnest(weekdays::text[]) AS weekday;

INSERT INTO patients (practice_id, id, record_number, given_name, family_name, search_name, birth_date, sex_at_birth, phone, phone_digits, weight_kg, weight_measured_at, version, created_at, updated_at) VALUES
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000051', 'P-ANA00001', 'Ana', 'Vrabec', 'ana vrabec', '1984-05-17', 'female', '+1 555 0101', '15550101', 70, '2026-02-23Z', 1, '2026-01-02Z', '2026-01-02Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000052', 'P-BEN00001', 'Ben', 'Okafor', 'ben okafor', '1990-11-02', 'male', '+1 555 0102', '15550102', NULL, NULL, 1, '2026-01-02Z', '2026-01-02Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000053', 'P-CLEO0001', 'Cleo', 'Müller', 'cleo muller', '1975-08-30', 'female', NULL, NULL, 61.5, '2026-02-23Z', 1, '2026-01-02Z', '2026-01-02Z'),
    ('01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000059', 'P-ZED00001', 'Zed', 'Zimmer', 'zed zimmer', '1961-01-01', 'male', '+1 555 0109', '15550109', 80, '2026-02-23Z', 1, '2026-01-02Z', '2026-01-02Z');

INSERT INTO lots (practice_id, id, drug_code, lot_number, expires_on, vial_type, location_id, status, received_ml, remaining_ml, version, created_at, updated_at) VALUES
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000061', 'lidocaine', 'LIDO-1', '2027-06-30', 'multi_dose', '01900000-0000-7000-8000-000000000011', 'available', 50, 50, 1, '2026-01-02Z', '2026-01-02Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000062', 'bupivacaine', 'BUPI-1', '2027-06-30', 'multi_dose', '01900000-0000-7000-8000-000000000011', 'available', 30, 30, 1, '2026-01-02Z', '2026-01-02Z'),
    ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000063', 'lidocaine', 'LIDO-OLD', '2026-01-31', 'multi_dose', '01900000-0000-7000-8000-000000000011', 'available', 50, 50, 1, '2025-01-02Z', '2025-01-02Z');

INSERT INTO patient_name_words (practice_id, word)
SELECT DISTINCT p.practice_id, said.word FROM patients p CROSS JOIN LATERAL string_to_table(p.search_name, ' ') AS said (word);
