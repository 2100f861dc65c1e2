-- Functions that look through the rows of all practices. Under row-level security an index with
-- operators that are not leakproof cannot be used, so these run as the search role, whose policies hide
-- nothing, and each narrows to the practice and the reach of its caller itself.
--
-- search_patients finds a name by how it is said: word by word as it stands, then with the likeliest
-- spellings of every word at once. Most misspelt words differ in one letter, and two such words share a
-- form that lacks one letter, which an index finds however many names a practice has. Comparing a word
-- with every name takes longer the more names there are, and is left for what is spelt worse.
--
-- A change replaces the whole file in a new folder.
CREATE FUNCTION search_patients(spoken text, at_most integer)
 RETURNS TABLE(patient_id uuid, likeness real)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET "pg_trgm.similarity_threshold" TO '0.3'
 SET "pg_trgm.word_similarity_threshold" TO '0.6'
 SET enable_seqscan TO 'off'
AS $$
#variable_conflict use_column
DECLARE
    practice uuid := nullif(current_setting('app.practice_id', true), '')::uuid;
    said text[] := (string_to_array(spoken, ' '))[1:4];
    words integer := cardinality(said);
    -- One word may be anybody; two of them are somebody.
    enough integer := CASE WHEN words = 1 THEN 20 ELSE 1 END;
    most_spellings CONSTANT integer := 16;
    -- Of each word a row of what may be meant by it, the likeliest first, filled up with nulls.
    spellings text[] := '{}';
    meant text;
    neighbours text[];
    lookalikes text[];
    tried text[] := '{}';
    attempt record;
    room integer := at_most;
    found integer := 0;
    added integer;
BEGIN
    IF practice IS NULL OR current_setting('app.patient_ids', true) IS DISTINCT FROM '*' THEN
        RETURN;
    END IF;
    FOR turn IN 1..5 LOOP
        IF turn <= 3 THEN
            spellings := '{}';
            FOREACH meant IN ARRAY said LOOP
                neighbours := CASE WHEN turn = 1 THEN ARRAY[meant] ELSE ARRAY(
                    SELECT likely.word FROM (
                        SELECT w.word FROM patient_name_words w
                        WHERE w.practice_id IS NOT DISTINCT FROM practice
                          AND one_letter_short(w.word) && one_letter_short(meant)
                          -- Of three letters, one for another makes another name; of fewer, any change does.
                          AND (char_length(meant) > 3 OR w.word = meant OR char_length(meant) = 3
                              AND (meant = ANY (one_letter_short(w.word)) OR w.word = ANY (one_letter_short(meant))))
                        UNION
                        -- What may be short for something.
                        SELECT w.word FROM patient_name_words w
                        WHERE char_length(meant) BETWEEN 3 AND 4
                          AND w.practice_id IS NOT DISTINCT FROM practice AND meant <% w.word) AS likely
                    ORDER BY greatest(similarity(likely.word, meant), word_similarity(meant, likely.word)) DESC,
                             similarity(likely.word, meant) DESC, likely.word
                    LIMIT most_spellings / (turn - 1)) END;
                lookalikes := '{}';
                IF turn = 3 THEN
                    -- A long word shares some letters with many others; and of three words two will do.
                    PERFORM set_config('pg_trgm.similarity_threshold',
                        CASE WHEN char_length(meant) < 6 AND words < 3 THEN '0.3' ELSE '0.39' END, true);
                    lookalikes := ARRAY(
                        SELECT w.word FROM patient_name_words w
                        WHERE w.practice_id IS NOT DISTINCT FROM practice AND (w.word % meant OR char_length(meant) < 5 AND meant <% w.word)
                          AND w.word <> ALL (neighbours || tried)
                        ORDER BY greatest(similarity(w.word, meant), word_similarity(meant, w.word)) DESC,
                                 similarity(w.word, meant) DESC, w.word
                        LIMIT most_spellings / 2);
                END IF;
                spellings := spellings || ARRAY[(neighbours || lookalikes || array_fill(NULL::text, ARRAY[most_spellings]))[1:most_spellings]];
            END LOOP;
        END IF;
        -- Which words must be in the name, and which of their spellings.
        FOR attempt IN
            -- All of them, in any of their spellings; of one word one after the other.
            SELECT 1 AS a, least(2, words) AS b, least(3, words) AS c, words AS d, likely.first, likely.last
            FROM (SELECT 1, most_spellings WHERE words > 1
                  UNION ALL SELECT one, one FROM generate_series(1, most_spellings) AS one WHERE words = 1) AS likely (first, last)
            WHERE turn <= 3 AND spellings[1][likely.first] IS NOT NULL AND spellings[1][likely.first] <> ALL (tried)
            UNION ALL
            -- A name that is not on record, or one too many: any two of them.
            SELECT a, b, a, b, 1, 1
            FROM generate_series(1, words) AS a, generate_series(a + 1, words) AS b
            WHERE turn = 4 AND words > 2
            UNION ALL
            -- Any one of them: another family name since a wedding.
            SELECT a, a, a, a, 1, 1 FROM generate_series(1, words) AS a WHERE turn = 5 AND words > 1
        LOOP
            IF turn = 5 THEN
                room := 50;
            END IF;
            -- The practice is compared so that no index on it is chosen.
            RETURN QUERY
                SELECT coalesce(alike.merged_into_id, alike.id), alike.likeness
                FROM (SELECT p.practice_id, p.id, p.merged_into_id,
                             word_similarity(spoken, p.search_name) AS likeness,
                             similarity(spoken, p.search_name) AS whole
                      FROM patients p
                      WHERE p.practice_id IS NOT DISTINCT FROM practice
                        AND p.archived_at IS NULL
                        -- As it was said, with whatever follows the first four words.
                        AND (turn > 1 OR string_to_array(p.search_name, ' ') @> string_to_array(spoken, ' '))
                        AND string_to_array(p.search_name, ' ') && spellings[attempt.a:attempt.a][attempt.first:attempt.last]
                        AND string_to_array(p.search_name, ' ') && spellings[attempt.b:attempt.b][attempt.first:attempt.last]
                        AND string_to_array(p.search_name, ' ') && spellings[attempt.c:attempt.c][attempt.first:attempt.last]
                        AND string_to_array(p.search_name, ' ') && spellings[attempt.d:attempt.d][attempt.first:attempt.last]
                      -- Of more who fit, no one can be told from the others by the name.
                      LIMIT 2 * at_most) AS alike
                LEFT JOIN patients person
                    ON person.practice_id = alike.practice_id AND person.id = alike.merged_into_id
                WHERE person.archived_at IS NULL
                ORDER BY alike.likeness DESC, alike.whole DESC, alike.id
                LIMIT least(room, at_most - found);
            GET DIAGNOSTICS added = ROW_COUNT;
            found := found + added;
            IF found >= enough AND turn <> 5 OR found >= at_most THEN
                RETURN;
            END IF;
        END LOOP;
        IF words = 1 THEN
            tried := tried || neighbours || lookalikes;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION search_patients IS 'Patients of the current practice whose names sound like the text, most alike first; staff only.';

CREATE FUNCTION audit_trail_of(records uuid[], since timestamptz, until timestamptz, after_id uuid, after_number bigint, at_most integer)
 RETURNS TABLE(id uuid, at timestamptz, actor_user_id uuid, actor_role text, on_behalf_of uuid, action text, resource_type text, resource_id uuid, patient_id uuid, request_id text, number bigint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
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
            SELECT act.id, act.at, act.actor_user_id, act.actor_role, act.on_behalf_of, act.action, act.resource_type, record.id,
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

CALL control.hand_to('search', 'search_patients');
CALL control.hand_to('search', 'audit_trail_of');
