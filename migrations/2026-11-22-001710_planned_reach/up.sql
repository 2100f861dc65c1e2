-- Whether everybody is within reach, asked so that the planner does not take it for rare. It takes any comparison with a setting
-- to be true of one row in two hundred, and so believed that staff see next to nobody: every statement that joins patients began
-- with all patients, and a day of 300 appointments touched 100,000 pages instead of 175. What is said to be not null it takes to
-- be true.
CREATE OR REPLACE PROCEDURE control.protect_patient_table(table_name text, patient_column text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
        'CREATE POLICY %I ON %I TO tautband_app USING (practice_id = nullif(current_setting(''app.practice_id'', true), '''')::uuid'
        ' AND (nullif(current_setting(''app.patient_ids'', true) = ''*'', false) IS NOT NULL'
        '   OR %I = ANY (string_to_array(nullif(current_setting(''app.patient_ids'', true), ''*''), '','')::uuid[])))',
        table_name || '_of_patient', table_name, patient_column);
END $$;

DO $$
DECLARE
    policy record;
BEGIN
    FOR policy IN
        SELECT polname AS name, polrelid::regclass AS table_name, pg_get_expr(polqual, polrelid) AS condition
        FROM pg_policy WHERE pg_get_expr(polqual, polrelid) LIKE '%app.patient_ids%'
    LOOP
        EXECUTE format('ALTER POLICY %I ON %s USING (%s)', policy.name, policy.table_name, replace(policy.condition,
            '(current_setting(''app.patient_ids''::text, true) = ''*''::text)',
            '(nullif(current_setting(''app.patient_ids''::text, true) = ''*''::text, false) IS NOT NULL)'));
    END LOOP;
END $$;
