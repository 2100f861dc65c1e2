-- Two patients with ten years behind them: a visit a month, five points palpated and injected at each. One of them is in the
-- room now, with a procedure under way.
CREATE TEMPORARY TABLE past AS
SELECT person, month, month = 120 AS is_now, person * 1000 + month AS n, pg_temp.id_of('0006', person) AS patient_id,
    pg_temp.id_of('000d', 1000000000 + person * 1000 + month) AS visit_id, pg_temp.id_of('0010', person * 1000 + month) AS procedure_id,
    pg_temp.id_of('0011', person * 1000 + month) AS solution_id,
    date_trunc('hour', now()) - (120 - month) * interval '1 month' - interval '1 hour' AS at
FROM generate_series(0, 1) person, generate_series(0, 120) month WHERE month < 120 OR person = 0;

INSERT INTO lots (practice_id, id, drug_code, lot_number, expires_on, vial_type, location_id, status, received_ml, remaining_ml, version,
    created_at, updated_at)
VALUES ('{practice}', pg_temp.id_of('0014', 1), 'lidocaine', 'LIDO-1', current_date + 400, 'multi_dose', pg_temp.id_of('0001', 1), 'available',
    100000, 50000, 1, now(), now());
INSERT INTO visits (practice_id, id, patient_id, provider_id, location_id, started_at, chief_complaint, diagnoses, tenderness_scores,
    version, created_at, updated_at)
SELECT '{practice}', visit_id, patient_id, pg_temp.id_of('0003', 3), pg_temp.id_of('0001', 1), at, 'Neck pain and headache',
    '[{"code": "M79.18", "text": "Myalgia, other site"}]', CASE month % 12 WHEN 0 THEN array_fill(1::smallint, ARRAY[16]) END, 1, at, at
FROM past ORDER BY n;
INSERT INTO trigger_points (practice_id, id, patient_id, muscle_code, side, view, x, y, chart_version, first_visit_id, created_at)
SELECT '{practice}', pg_temp.id_of('000e', 1000000000 + person * 10 + spot), patient_id, muscle_code, side, view, x, y, 1, visit_id, at
FROM past, spots WHERE month = 0 ORDER BY n, spot;
INSERT INTO palpations (practice_id, id, visit_id, patient_id, point_id, muscle_code, side, view, x, y, chart_version, taut_band,
    hypersensitive_spot, referred_pain, pain_recognised, local_twitch, jump_sign, palpable_nodule, tenderness_grade, pressure_threshold_kpa,
    pain_nrs, referred_zones, classification, activity, course, version, created_at, updated_at)
SELECT '{practice}', pg_temp.id_of('000f', 1000000000 + n * 10 + spot), visit_id, patient_id, pg_temp.id_of('000e', 1000000000 + person * 10 + spot),
    muscle_code, side, view, x, y, 1, 'yes', 'yes', 'yes', 'yes', 'not_assessed', 'no', 'yes', 2, 200, 6, '{}', 'definite', 'active',
    CASE month WHEN 0 THEN 'new' ELSE 'persistent' END, 1, at, at
FROM past, spots ORDER BY n, spot;
INSERT INTO procedures (practice_id, id, visit_id, patient_id, provider_id, kind, status, indication_codes, consent_given_by, consent_method,
    consent_text_version, consent_at, time_out_patient, time_out_procedure, time_out_site, time_out_allergies, time_out_anticoagulants,
    time_out_by, time_out_at, started_at, completed_at, safety, version, created_at, updated_at)
SELECT '{practice}', procedure_id, visit_id, patient_id, pg_temp.id_of('0003', 3), 'trigger_point_injection',
    CASE WHEN is_now THEN 'in_progress' ELSE 'completed' END, '{M79.18}', 'The patient', 'written', '2026-01', at, true, true, true, true, true,
    pg_temp.id_of('0009', 1), at, at, CASE WHEN NOT is_now THEN at + interval '25 minutes' END, CASE WHEN NOT is_now THEN '{"observation_minutes": 15}'::jsonb END,
    4, at, at
FROM past ORDER BY n;
INSERT INTO solutions (practice_id, id, procedure_id, visit_id, patient_id, label, volume_ml, prepared_at, prepared_by, created_at)
SELECT '{practice}', solution_id, procedure_id, visit_id, patient_id, 'Lidocaine 1 %', 5, at, pg_temp.id_of('0009', 1), at FROM past ORDER BY n;
INSERT INTO solution_components (practice_id, id, solution_id, visit_id, patient_id, position, drug_code, concentration, concentration_unit,
    volume_ml, lot_id)
SELECT '{practice}', pg_temp.id_of('0012', n), solution_id, visit_id, patient_id, 1, 'lidocaine', 1, 'percent', 5, pg_temp.id_of('0014', 1)
FROM past ORDER BY n;
INSERT INTO injections (practice_id, id, procedure_id, visit_id, patient_id, point_id, muscle_code, side, view, x, y, chart_version, solution_id,
    volume_ml, needle_gauge, needle_length_mm, approach, passes, aspirated, twitch_elicited, pain_nrs_before, pain_nrs_after, injected_at, created_at)
SELECT '{practice}', pg_temp.id_of('0013', n * 10 + spot), procedure_id, visit_id, patient_id, pg_temp.id_of('000e', 1000000000 + person * 10 + spot),
    muscle_code, side, view, x, y, 1, solution_id, 1, 27, 25, 'perpendicular', 3, true, true, 6, 3, at + interval '10 minutes', at
FROM past, spots ORDER BY n, spot;
UPDATE trigger_points SET is_open = NULL FROM past WHERE trigger_points.practice_id = '{practice}' AND trigger_points.first_visit_id = past.visit_id AND NOT is_now;
UPDATE palpations SET is_open = NULL FROM past WHERE palpations.practice_id = '{practice}' AND palpations.visit_id = past.visit_id AND NOT is_now;
UPDATE procedures SET is_open = NULL FROM past WHERE procedures.practice_id = '{practice}' AND procedures.visit_id = past.visit_id AND NOT is_now;
UPDATE solutions SET is_open = NULL FROM past WHERE solutions.practice_id = '{practice}' AND solutions.visit_id = past.visit_id AND NOT is_now;
UPDATE solution_components SET is_open = NULL FROM past WHERE solution_components.practice_id = '{practice}' AND solution_components.visit_id = past.visit_id AND NOT is_now;
UPDATE injections SET is_open = NULL FROM past WHERE injections.practice_id = '{practice}' AND injections.visit_id = past.visit_id AND NOT is_now;
UPDATE visits SET signed_at = past.at + interval '1 hour', signed_by = pg_temp.id_of('0009', 1),
    content_sha256 = sha256(convert_to(visit_content('{practice}', past.visit_id, pg_temp.id_of('0009', 1), past.at + interval '1 hour'), 'UTF8'))
FROM past WHERE visits.practice_id = '{practice}' AND visits.id = past.visit_id AND NOT is_now;
