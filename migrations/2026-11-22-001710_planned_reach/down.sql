DO $$
DECLARE
    policy record;
BEGIN
    FOR policy IN
        SELECT polname AS name, polrelid::regclass AS table_name, pg_get_expr(polqual, polrelid) AS condition
        FROM pg_policy WHERE pg_get_expr(polqual, polrelid) LIKE '%app.patient_ids%'
    LOOP
        EXECUTE format('ALTER POLICY %I ON %s USING (%s)', policy.name, policy.table_name, replace(policy.condition,
            '(NULLIF((current_setting(''app.patient_ids''::text, true) = ''*''::text), false) IS NOT NULL)',
            '(current_setting(''app.patient_ids''::text, true) = ''*''::text)'));
    END LOOP;
END $$;

CREATE OR REPLACE PROCEDURE control.protect_patient_table(table_name text, patient_column text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
        'CREATE POLICY %I ON %I TO tautband_app USING (practice_id = nullif(current_setting(''app.practice_id'', true), '''')::uuid'
        ' AND (current_setting(''app.patient_ids'', true) = ''*'''
        '   OR %I = ANY (string_to_array(nullif(current_setting(''app.patient_ids'', true), ''*''), '','')::uuid[])))',
        table_name || '_of_patient', table_name, patient_column);
END $$;
