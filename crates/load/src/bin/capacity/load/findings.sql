-- Every fifth patient was examined once: five trigger points, each palpated.
CREATE TEMPORARY TABLE spots AS
SELECT row_number() OVER (ORDER BY code) - 1 AS spot, code AS muscle_code, CASE WHEN paired THEN 'left' ELSE 'midline' END AS side,
    chart_view AS view, chart_x AS x, chart_y AS y
FROM (SELECT * FROM muscles WHERE kind = 'muscle' AND added_by_practice_id IS NULL ORDER BY code LIMIT 5) muscle;
CREATE TEMPORARY TABLE examined AS
SELECT n, pg_temp.id_of('0006', n * 5 + 2) AS patient_id, pg_temp.id_of('000d', n) AS visit_id, now() - interval '30 days' AS at
FROM generate_series(0, ({patients} - 3) / 5) n;

INSERT INTO visits (practice_id, id, patient_id, provider_id, location_id, started_at, chief_complaint, diagnoses, tenderness_scores,
    version, created_at, updated_at)
SELECT '{practice}', visit_id, patient_id, pg_temp.id_of('0003', n % 20), pg_temp.id_of('0001', 1), at, 'Neck pain and headache',
    '[{"code": "M79.18", "text": "Myalgia, other site"}]', CASE n % 10 WHEN 0 THEN array_fill(1::smallint, ARRAY[16]) END, 1, at, at
FROM examined ORDER BY n;
INSERT INTO trigger_points (practice_id, id, patient_id, muscle_code, side, view, x, y, chart_version, first_visit_id, created_at)
SELECT '{practice}', pg_temp.id_of('000e', n * 5 + spot), patient_id, muscle_code, side, view, x, y, 1, visit_id, at
FROM examined, spots ORDER BY n, spot;
INSERT INTO palpations (practice_id, id, visit_id, patient_id, point_id, muscle_code, side, view, x, y, chart_version, taut_band,
    hypersensitive_spot, referred_pain, pain_recognised, local_twitch, jump_sign, palpable_nodule, tenderness_grade, pressure_threshold_kpa,
    pain_nrs, referred_zones, classification, activity, course, version, created_at, updated_at)
SELECT '{practice}', pg_temp.id_of('000f', n * 5 + spot), visit_id, patient_id, pg_temp.id_of('000e', n * 5 + spot), muscle_code, side, view, x, y,
    1, 'yes', 'yes', 'yes', 'yes', 'not_assessed', 'no', 'yes', 2, 200, 6, '{}', 'definite', 'active', 'new', 1, at, at
FROM examined, spots ORDER BY n, spot;
