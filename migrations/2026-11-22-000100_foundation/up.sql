-- What every later migration stands on: extensions, the role the service takes, and the one
-- mechanism by which a table of a practice is protected. Only trusted extensions, so that a
-- managed Postgres without a superuser is enough.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Roles belong to the cluster, not to this database: they may exist already.
DO $$
BEGIN
    CREATE ROLE tautband_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    CREATE ROLE tautband_search NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
COMMENT ON ROLE tautband_app IS 'Taken by every connection of the service; owns nothing and obeys row-level security.';
COMMENT ON ROLE tautband_search IS 'Owns the patient search function; sees search keys of all practices, which the function narrows to one.';
GRANT tautband_app TO CURRENT_USER;
GRANT tautband_search TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO tautband_app, tautband_search;

CREATE SCHEMA control;
COMMENT ON SCHEMA control IS 'Who signs in and where: practices, users, sessions. Never joined by a foreign key to the tables of a practice.';
GRANT USAGE ON SCHEMA control TO tautband_app;

CREATE PROCEDURE control.protect_practice_table(table_name text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
        'CREATE POLICY %I ON %I TO tautband_app USING (practice_id = nullif(current_setting(''app.practice_id'', true), '''')::uuid)',
        table_name || '_of_practice', table_name);
END $$;
COMMENT ON PROCEDURE control.protect_practice_table IS 'Forces row-level security by practice; without the setting no row is seen or written.';

CREATE PROCEDURE control.protect_patient_table(table_name text, patient_column text)
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
COMMENT ON PROCEDURE control.protect_patient_table IS 'As protect_practice_table, and a signed-in patient reaches the rows of the patients in app.patient_ids alone (''*'' for staff).';

CREATE PROCEDURE control.seal_with_visit(table_name text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE POLICY %I ON %I AS RESTRICTIVE FOR INSERT TO tautband_app WITH CHECK ('
        'EXISTS (SELECT 1 FROM visits v WHERE v.practice_id = %I.practice_id AND v.id = %I.visit_id AND v.signed_at IS NULL))',
        table_name || '_insert_open', table_name, table_name, table_name);
    EXECUTE format(
        'CREATE POLICY %I ON %I AS RESTRICTIVE FOR UPDATE TO tautband_app USING ('
        'EXISTS (SELECT 1 FROM visits v WHERE v.practice_id = %I.practice_id AND v.id = %I.visit_id AND v.signed_at IS NULL))',
        table_name || '_update_open', table_name, table_name, table_name);
    EXECUTE format(
        'CREATE POLICY %I ON %I AS RESTRICTIVE FOR DELETE TO tautband_app USING ('
        'EXISTS (SELECT 1 FROM visits v WHERE v.practice_id = %I.practice_id AND v.id = %I.visit_id AND v.signed_at IS NULL))',
        table_name || '_delete_open', table_name, table_name, table_name);
END $$;
COMMENT ON PROCEDURE control.seal_with_visit IS 'Rows under a visit can be written only until the visit is signed.';
