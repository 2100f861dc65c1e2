-- Open follow-ups of everybody, two thirds of them overdue.
INSERT INTO follow_ups (practice_id, id, patient_id, kind, reason, due_from, due_by, urgent, status, adverse_symptoms, version, created_at,
    updated_at)
SELECT '{practice}', pg_temp.id_of('0015', n), pg_temp.id_of('0006', pg_temp.dice('follow-up', n, {patients})),
    pg_temp.pick('{visit,call,message,questionnaire}', 'kind', n), 'How is it going after the injections?', due_by - interval '3 days', due_by,
    pg_temp.dice('urgent', n, 200) = 0, 'open', '{}', 1, due_by - interval '30 days', due_by - interval '30 days'
FROM generate_series(0, {follow_ups} - 1) n,
LATERAL (SELECT now() - interval '60 days' + pg_temp.dice('due', n, 90 * 24 * 60) * interval '1 minute' AS due_by) due;

-- Five years of one patient's diary, and a questionnaire a month.
INSERT INTO diary_entries (practice_id, id, patient_id, entry_date, headache, migraine, features, peak_pain_nrs, duration_minutes, medications,
    triggers, sleep_hours, stress_nrs, version, created_at, updated_at)
SELECT '{practice}', pg_temp.id_of('0016', n), pg_temp.id_of('0006', 1), current_date - n, headache, migraine,
    CASE WHEN migraine THEN '{unilateral,pulsating,photophobia}'::text[] ELSE '{}' END, CASE WHEN headache THEN 3 + pg_temp.dice('pain', n, 6) END,
    CASE WHEN headache THEN 60 + 15 * pg_temp.dice('lasted', n, 20) END,
    CASE WHEN migraine THEN '[{"name": "sumatriptan", "class": "triptan", "doses": 1}]'::jsonb
        WHEN headache THEN '[{"name": "ibuprofen", "class": "simple_analgesic", "doses": 1}]' ELSE '[]' END,
    CASE WHEN headache THEN '{stress}'::text[] ELSE '{}' END, 5 + pg_temp.dice('sleep', n, 5), 1 + pg_temp.dice('stress', n, 8), 1, now(), now()
FROM generate_series(0, 1825) n, LATERAL (SELECT pg_temp.dice('headache', n, 100) < 45 AS headache) h,
LATERAL (SELECT headache AND pg_temp.dice('migraine', n, 100) < 40 AS migraine) m;
INSERT INTO assessments (practice_id, id, patient_id, instrument, taken_on, score, band, scale_id, entered_by, created_at)
SELECT '{practice}', pg_temp.id_of('0017', n), pg_temp.id_of('0006', 1), 'hit_6', current_date - n * 30, 64 - n % 12, 'severe', 'hit6_36_78',
    pg_temp.id_of('0009', 1), now()
FROM generate_series(0, 59) n;
