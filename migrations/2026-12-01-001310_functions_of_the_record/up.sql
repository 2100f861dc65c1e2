-- A patient's whole record, as the export has it: one array of rows for each table that says whose rows
-- they are. The tables are looked up, so that none can be forgotten. The row-level security of the
-- caller decides what is in it. Decimals are text, so that no reader turns them into floats.
CREATE FUNCTION patient_record(of_practice uuid, records uuid[])
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET "TimeZone" TO 'UTC'
 SET search_path TO 'public', 'pg_temp'
AS $$
DECLARE
    whole jsonb := '{}';
    source record;
    decimals text;
    part jsonb;
BEGIN
    FOR source IN
        SELECT c.oid, c.relname, CASE c.relname WHEN 'patients' THEN 'id' ELSE 'patient_id' END AS whose
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          -- Who looked at a record is no part of it: that is the access log.
          AND c.relname <> 'audit_events'
          -- What staff note for each other about planning.
          AND (c.relname <> 'affected_appointments' OR current_setting('app.patient_ids', true) = '*')
          AND has_table_privilege(c.oid, 'SELECT')
          AND (c.relname = 'patients' OR EXISTS (SELECT 1 FROM pg_attribute a
               WHERE a.attrelid = c.oid AND a.attname = 'patient_id' AND NOT a.attisdropped))
        ORDER BY c.relname
    LOOP
        SELECT coalesce(string_agg(format(' || jsonb_build_object(%L, r.%I::text)', a.attname, a.attname), ''), '')
        INTO decimals FROM pg_attribute a
        WHERE a.attrelid = source.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'numeric'::regtype;
        EXECUTE format(
            'SELECT coalesce(jsonb_agg((to_jsonb(r) - ARRAY[''practice_id'', ''search_name'', ''phone_digits'', ''phone_last_four'', ''email_key'', ''is_open'', %L])%s), ''[]'')'
            ' FROM (SELECT * FROM %I t WHERE t.practice_id = $1 AND t.%I = ANY ($2) ORDER BY to_jsonb(t) ->> ''id'', to_jsonb(t)::text) r',
            -- The note of an appointment is for staff; of other tables it is the patient's.
            CASE WHEN source.relname = 'appointments' AND current_setting('app.patient_ids', true) <> '*' THEN 'note' ELSE '' END,
            decimals, source.relname, source.whose)
        INTO part USING of_practice, records;
        whole := whole || jsonb_build_object(source.relname, part);
    END LOOP;
    RETURN whole;
END $$;
COMMENT ON FUNCTION patient_record IS 'All rows of these records of one person that the caller may see, by table.';
