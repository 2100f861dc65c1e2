-- What every later migration stands on: extensions, roles, and the procedures that protect a table.
-- The extensions are trusted ones, so that a managed Postgres without a superuser is enough.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Roles belong to the cluster, not to this database. They may exist already.
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
COMMENT ON ROLE tautband_app IS 'Every connection of the service acts as this role. It owns nothing and obeys row-level security.';
COMMENT ON ROLE tautband_search IS 'Owns the functions that look through the rows of all practices and return those of one.';
GRANT tautband_app TO CURRENT_USER;
GRANT tautband_search TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO tautband_app, tautband_search;

CREATE SCHEMA control;
COMMENT ON SCHEMA control IS 'Who signs in and where: practices, users, sessions. No foreign key joins it to the tables of a practice.';
GRANT USAGE ON SCHEMA control TO tautband_app;

-- Row-level security, as every table of a practice has it. Three rules make it the same on one machine
-- and on many: each policy is permissive, there is one for each command, and none contains a subquery.
-- A distributed Postgres turns a restrictive policy into a permissive one on the shards and refuses a
-- subquery. All conditions of a policy are therefore joined by AND.
--
-- Three conditions occur:
--   practice   the row belongs to the practice of the transaction;
--   staff      everyone is within reach: the setting app.patient_ids is '*'. The planner takes a plain
--              comparison with a setting to be true of one row in two hundred and then plans badly;
--              a value that is "not null" it takes to be true;
--   own        the row belongs to a patient in app.patient_ids.
CREATE FUNCTION control.policy_condition(condition text, patient_column text DEFAULT 'patient_id') RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE condition
        WHEN 'practice' THEN 'practice_id = nullif(current_setting(''app.practice_id'', true), '''')::uuid'
        WHEN 'staff' THEN 'nullif(current_setting(''app.patient_ids'', true) = ''*'', false) IS NOT NULL'
        WHEN 'own' THEN format('%I = ANY (string_to_array(nullif(current_setting(''app.patient_ids'', true), ''*''), '','')::uuid[])', patient_column)
    END
$$;
COMMENT ON FUNCTION control.policy_condition IS 'The text of one condition of a policy: practice, staff or own.';

CREATE PROCEDURE control.protect_table(table_name text, reading text, adding text, changing text, changed text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format('CREATE POLICY %I ON %I FOR SELECT TO tautband_app USING (%s)', table_name || '_read', table_name, reading);
    EXECUTE format('CREATE POLICY %I ON %I FOR INSERT TO tautband_app WITH CHECK (%s)', table_name || '_add', table_name, adding);
    EXECUTE format('CREATE POLICY %I ON %I FOR UPDATE TO tautband_app USING (%s) WITH CHECK (%s)', table_name || '_change', table_name, changing, changed);
END $$;
COMMENT ON PROCEDURE control.protect_table IS 'Forces row-level security with one policy for each command. Nothing can be deleted.';

CREATE PROCEDURE control.protect_practice_table(table_name text)
LANGUAGE plpgsql AS $$
DECLARE
    practice text := control.policy_condition('practice');
BEGIN
    CALL control.protect_table(table_name, practice, practice, practice, practice);
    EXECUTE format('CREATE POLICY %I ON %I FOR DELETE TO tautband_app USING (%s)', table_name || '_remove', table_name, practice);
END $$;
COMMENT ON PROCEDURE control.protect_practice_table IS 'A transaction sees and writes the rows of its practice alone; without the setting it sees none.';

CREATE PROCEDURE control.protect_patient_table(table_name text, patient_column text)
LANGUAGE plpgsql AS $$
DECLARE
    reachable text := format('%s AND (%s OR %s)', control.policy_condition('practice'),
        control.policy_condition('staff'), control.policy_condition('own', patient_column));
BEGIN
    CALL control.protect_table(table_name, reachable, reachable, reachable, reachable);
END $$;
COMMENT ON PROCEDURE control.protect_patient_table IS 'As protect_practice_table, and a signed-in patient reaches the rows of the patients in app.patient_ids alone.';

CREATE PROCEDURE control.protect_sealed_table(table_name text)
LANGUAGE plpgsql AS $$
DECLARE
    staff text := format('%s AND %s', control.policy_condition('practice'), control.policy_condition('staff'));
BEGIN
    CALL control.protect_table(table_name,
        format('%s AND (%s OR (%s AND is_open IS NULL))', control.policy_condition('practice'),
            control.policy_condition('staff'), control.policy_condition('own')),
        staff || ' AND is_open IS NOT NULL', staff || ' AND is_open IS NOT NULL', staff);
END $$;
COMMENT ON PROCEDURE control.protect_sealed_table IS 'Staff write the row while its visit is open. A patient reads it once the visit is signed.';
