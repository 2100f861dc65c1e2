-- Alters one value after another of everything a seal is over, each time in a copy that is thrown
-- away again, and asks whether the digest still fits. Checks of the columns still hold: an
-- alteration they refuse is none. What is left undetected is raised.
CREATE TEMPORARY TABLE spots AS
SELECT c.table_name, c.column_name, c.data_type, k.key
FROM information_schema.columns c
JOIN (VALUES ('visits', 'id'), ('trigger_points', 'first_visit_id'), ('palpations', 'visit_id'),
    ('procedures', 'visit_id'), ('solutions', 'visit_id'), ('solution_components', 'visit_id'),
    ('injections', 'visit_id')) AS k (table_name, key) ON k.table_name = c.table_name
-- Whether a row is open follows from the signature; it is not content.
WHERE c.table_schema = 'public' AND c.column_name <> 'is_open' AND NOT (c.table_name = 'visits' AND c.column_name IN
    ('content_sha256', 'version', 'updated_at', 'changes_at_version', 'retracted_at', 'retracted_by', 'retraction_reason',
     'belongs_to_patient_id', 'retraction_sha256', 'content_format', 'content_signature', 'retraction_signature'));
DO $$
DECLARE
    of_practice CONSTANT uuid := '{practice}';
    of_visit CONSTANT uuid := '{visit}';
    sealed CONSTANT bytea := (SELECT content_sha256 FROM visits WHERE id = of_visit);
    words CONSTANT text[] := ARRAY['left', 'right', 'midline', 'yes', 'no', 'not_assessed',
        'definite', 'latent', 'none', 'new', 'resolved', 'temporalis', 'HN_ANT', 'completed',
        'planned', 'written', 'pincer', 'percent', 'G44.209', 'x'];
    detected integer := 0;
    missed text := '';
    spot record;
    before text;
    after text;
    changed text;
BEGIN
    IF sha256(convert_to((SELECT visit_content(of_practice, of_visit, v.signed_by, v.signed_at) FROM visits v WHERE v.id = of_visit), 'UTF8')) IS DISTINCT FROM sealed THEN
        RAISE EXCEPTION 'the seal does not fit what was sealed';
    END IF;
    PERFORM setseed(0.42);
    SET LOCAL session_replication_role = replica;
    WHILE detected < 1000 AND missed = '' LOOP
        SELECT * INTO spot FROM spots ORDER BY random() LIMIT 1;
        changed := CASE
            WHEN random() < 0.05 THEN 'NULL'
            WHEN spot.data_type = 'uuid' THEN 'gen_random_uuid()'
            WHEN spot.data_type = 'boolean' THEN format('NOT coalesce(%I, false)', spot.column_name)
            WHEN spot.data_type = 'timestamp with time zone'
                THEN format('coalesce(%I, ''2026-01-01Z'') + interval ''1 microsecond''', spot.column_name)
            WHEN spot.data_type IN ('smallint', 'integer', 'bigint', 'numeric')
                THEN format('coalesce(%I, 0) + (ARRAY[1, -1, 0.01, -0.01, 0.00001, 3])[1 + floor(random() * 6)]', spot.column_name)
            WHEN spot.data_type = 'ARRAY' THEN format('array_append(%I, %L)', spot.column_name, words[1 + floor(random() * 20)])
            WHEN spot.data_type = 'jsonb' THEN format('coalesce(%I, ''[]'') || ''[{"code": "R51", "text": "x"}]''', spot.column_name)
            WHEN spot.data_type = 'text' AND random() < 0.3 THEN format('coalesce(%I, '''') || ''.''', spot.column_name)
            WHEN spot.data_type = 'text' THEN quote_literal(words[1 + floor(random() * 20)])
        END;
        BEGIN
            EXECUTE format('SELECT string_agg(t::text, ''|'' ORDER BY ctid) FROM %I t WHERE %I = $1', spot.table_name, spot.key)
                INTO before USING of_visit;
            IF random() < 0.03 AND spot.table_name <> 'visits' THEN
                changed := 'deleted';
                EXECUTE format('DELETE FROM %I WHERE ctid = (SELECT ctid FROM %I WHERE %I = $1 LIMIT 1)', spot.table_name, spot.table_name, spot.key)
                    USING of_visit;
            ELSE
                EXECUTE format('UPDATE %I SET %I = %s WHERE ctid = (SELECT ctid FROM %I WHERE %I = $1 ORDER BY random() LIMIT 1)',
                    spot.table_name, spot.column_name, changed, spot.table_name, spot.key) USING of_visit;
            END IF;
            EXECUTE format('SELECT string_agg(t::text, ''|'' ORDER BY ctid) FROM %I t WHERE %I = $1', spot.table_name, spot.key)
                INTO after USING of_visit;
            -- A value that came out the same, such as one that was rounded away, is no alteration.
            IF (SELECT array_agg(r ORDER BY r) FROM unnest(string_to_array(before, '|')) r)
                IS NOT DISTINCT FROM (SELECT array_agg(r ORDER BY r) FROM unnest(string_to_array(after, '|')) r) THEN
                RAISE EXCEPTION SQLSTATE 'TP001';
            ELSIF sha256(convert_to((SELECT visit_content(of_practice, of_visit, v.signed_by, v.signed_at) FROM visits v WHERE v.id = of_visit), 'UTF8')) IS DISTINCT FROM sealed THEN
                RAISE EXCEPTION SQLSTATE 'TP002';
            ELSE
                RAISE EXCEPTION SQLSTATE 'TP003';
            END IF;
        EXCEPTION
            WHEN SQLSTATE 'TP001' THEN NULL;
            WHEN SQLSTATE 'TP002' THEN detected := detected + 1;
            WHEN SQLSTATE 'TP003' THEN missed := spot.table_name || '.' || spot.column_name || ' := ' || changed;
            WHEN check_violation OR not_null_violation OR unique_violation OR numeric_value_out_of_range
                OR invalid_text_representation OR datatype_mismatch THEN NULL;
        END;
    END LOOP;
    IF missed <> '' THEN
        RAISE EXCEPTION 'after % alterations that were detected, this one was not: %', detected, missed;
    END IF;
END $$
