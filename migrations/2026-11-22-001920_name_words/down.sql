CREATE OR REPLACE FUNCTION search_patients(spoken text, at_most integer)
RETURNS TABLE (patient_id uuid, likeness real)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
SET pg_trgm.word_similarity_threshold = 0.45
AS $$
    SELECT person, likeness FROM (
        SELECT coalesce(p.merged_into_id, p.id) AS person,
               word_similarity(spoken, p.search_name) AS likeness,
               similarity(spoken, p.search_name) AS whole
        FROM patients p
        WHERE p.practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
          AND current_setting('app.patient_ids', true) = '*'
          AND p.archived_at IS NULL
          AND spoken <% p.search_name
        ORDER BY likeness DESC, whole DESC, p.id
        LIMIT at_most
    ) AS alike
    ORDER BY likeness DESC, whole DESC, person
$$;
CREATE INDEX patients_by_spelling ON patients USING gin (search_name gin_trgm_ops);
DROP INDEX patients_by_name_words;
DROP TABLE patient_name_words;
