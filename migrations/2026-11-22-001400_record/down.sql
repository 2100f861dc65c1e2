DROP FUNCTION patient_record;
DROP INDEX procedures_by_patient_created;
CREATE OR REPLACE FUNCTION search_patients(spoken text, at_most integer)
RETURNS TABLE (patient_id uuid, likeness real)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
SET pg_trgm.word_similarity_threshold = 0.45
AS $$
    SELECT p.id, word_similarity(spoken, p.search_name)
    FROM patients p
    WHERE p.practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
      AND current_setting('app.patient_ids', true) = '*'
      AND p.archived_at IS NULL
      AND spoken <% p.search_name
    ORDER BY word_similarity(spoken, p.search_name) DESC, similarity(spoken, p.search_name) DESC, p.id
    LIMIT at_most
$$;
ALTER TABLE control.patient_links DROP COLUMN merge_id;
REVOKE UPDATE (resource_id) ON resource_bookings FROM tautband_app;
DROP TABLE patient_merges;
DROP INDEX patients_by_person;
ALTER TABLE patients DROP COLUMN merged_into_id;
DROP TABLE patient_consents;
DROP TABLE patient_alerts;
DROP TABLE patient_contacts;
