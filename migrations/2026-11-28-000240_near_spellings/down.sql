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
    is_one boolean := cardinality(said) = 1;
    -- One word may be anybody; two of them are somebody.
    enough integer := CASE WHEN is_one THEN 20 ELSE 1 END;
    room integer := at_most;
    found integer := 0;
    added integer;
    meant text;
    spellings text[];
    likeliest text[] := '{}';
    phrase text;
    phrases text[] := ARRAY[spoken];
BEGIN
    IF practice IS NULL OR current_setting('app.patient_ids', true) IS DISTINCT FROM '*' THEN
        RETURN;
    END IF;
    FOR turn IN 1..4 LOOP
        FOREACH phrase IN ARRAY phrases LOOP
            -- The practice is compared so that no index on it is chosen.
            RETURN QUERY
                SELECT coalesce(alike.merged_into_id, alike.id), alike.likeness
                FROM (SELECT p.practice_id, p.id, p.merged_into_id,
                             word_similarity(spoken, p.search_name) AS likeness,
                             similarity(spoken, p.search_name) AS whole
                      FROM patients p
                      WHERE p.practice_id IS NOT DISTINCT FROM practice
                        AND p.archived_at IS NULL
                        AND string_to_array(p.search_name, ' ') @> string_to_array(phrase, ' ')
                      LIMIT least(room, at_most - found)) AS alike
                LEFT JOIN patients person
                    ON person.practice_id = alike.practice_id AND person.id = alike.merged_into_id
                WHERE person.archived_at IS NULL
                ORDER BY alike.likeness DESC, alike.whole DESC, alike.id;
            GET DIAGNOSTICS added = ROW_COUNT;
            found := found + added;
            IF found >= enough AND turn <> 4 OR found >= at_most THEN
                RETURN;
            END IF;
        END LOOP;
        IF turn = 1 THEN
            -- As the names here spell each word, the most alike first.
            phrases := ARRAY[''];
            FOREACH meant IN ARRAY said LOOP
                -- A long word shares some letters with many others; and of three words two will do.
                PERFORM set_config('pg_trgm.similarity_threshold',
                    CASE WHEN char_length(meant) < 6 AND cardinality(said) < 3 THEN '0.3' ELSE '0.39' END, true);
                spellings := ARRAY(
                    SELECT w.word FROM patient_name_words w
                    WHERE w.practice_id IS NOT DISTINCT FROM practice AND (w.word % meant OR char_length(meant) < 5 AND meant <% w.word)
                    ORDER BY greatest(similarity(w.word, meant), word_similarity(meant, w.word)) DESC,
                             similarity(w.word, meant) DESC, w.word
                    LIMIT CASE WHEN is_one THEN 8 ELSE 3 END);
                likeliest := likeliest || spellings[1:1];
                phrases := ARRAY(
                    SELECT ltrim(begun.words || ' ' || spelt.word)
                    FROM unnest(phrases) WITH ORDINALITY AS begun (words, place),
                         unnest(spellings) WITH ORDINALITY AS spelt (word, place)
                    ORDER BY begun.place + spelt.place, begun.place
                    LIMIT CASE WHEN is_one THEN 8 ELSE 6 END);
            END LOOP;
            phrases := array_remove(phrases, spoken);
        ELSIF turn = 2 THEN
            -- A name that is not on record, or one too many: any two of them.
            phrases := ARRAY(
                SELECT one.word || ' ' || other.word
                FROM unnest(likeliest) WITH ORDINALITY AS one (word, place),
                     unnest(likeliest) WITH ORDINALITY AS other (word, place)
                WHERE cardinality(said) > 2 AND one.place < other.place);
        ELSE
            -- Any one of them: another family name since a wedding.
            phrases := CASE WHEN is_one THEN '{}' ELSE likeliest END;
            room := 50;
        END IF;
    END LOOP;
END
$$;

ALTER INDEX patient_name_words_by_spelling RESET (fastupdate);
DROP INDEX patient_name_words_by_neighbours;
DROP FUNCTION one_letter_short;
