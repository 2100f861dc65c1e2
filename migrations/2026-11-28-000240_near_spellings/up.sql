-- Most misspelt words are one letter away from what is meant: one too many, one too few, one for
-- another, two the wrong way round. Two words so near share a form that lacks one letter, which an
-- index finds however many names a practice has; comparing a word with all that share some letters
-- takes longer the more names there are, so that is left for what is spelt worse. And a name is
-- looked up with all likely spellings of all its words at once: the right ones of each need not be
-- the likeliest.
CREATE FUNCTION one_letter_short(word text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT array_agg(DISTINCT left(word, place - 1) || right(word, -place)) || word
    FROM generate_series(1, least(char_length(word), 40)) AS place
$$;
COMMENT ON FUNCTION one_letter_short IS 'A word, and the word without each one of its first 40 letters.';
-- Without lists of entries that wait to be sorted in: every search would read all of them.
CREATE INDEX patient_name_words_by_neighbours ON patient_name_words USING gin (one_letter_short(word)) WITH (fastupdate = off);
ALTER INDEX patient_name_words_by_spelling SET (fastupdate = off);
SELECT gin_clean_pending_list('patient_name_words_by_spelling');

CREATE OR REPLACE FUNCTION search_patients(spoken text, at_most integer)
RETURNS TABLE (patient_id uuid, likeness real)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
SET pg_trgm.similarity_threshold = 0.3
SET pg_trgm.word_similarity_threshold = 0.6
-- Few names are looked for among many, whatever the planner makes of words it does not know.
SET enable_seqscan = off
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
