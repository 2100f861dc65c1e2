-- What every later migration stands on: extensions, roles, and the procedures that protect a table.
-- The extensions are trusted ones, so that a managed Postgres without a superuser is enough.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE SCHEMA control;
COMMENT ON SCHEMA control IS 'Sign-in, accounts and practices. No foreign key joins it to the tables of a practice.';

-- Four roles belong to each database; their names begin with its name, so that several databases can
-- share a cluster. Roles belong to the cluster and may exist already. The program lets the first two log in
-- (src/platform/database/logins.rs); none of them owns a table.
DO $$
DECLARE
    kind text;
    purpose text;
    role_name text;
BEGIN
    FOR kind, purpose IN VALUES
        ('app', 'The service works as this role. It owns nothing, obeys row-level security and reads no secret.'),
        ('control', 'Sign-in works as this role. It reaches the schema control and no table of a practice.'),
        ('search', 'Owns the functions that look through the rows of all practices and return those of one.'),
        ('retract', 'Owns the function that marks a signed visit as entered in error. It can set that mark and nothing else.')
    LOOP
        role_name := left(current_database(), 55) || '_' || kind;
        CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = role_name);
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            EXECUTE format('COMMENT ON ROLE %I IS %L', role_name, purpose);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'the role % may not create roles', current_user
                USING HINT = format('Ask an administrator for ALTER ROLE %I CREATEROLE, or for CREATE ROLE %I.', current_user, role_name);
        END;
    END LOOP;
    -- A copy of the database keeps these names, so the function holds them as text.
    EXECUTE format('CREATE FUNCTION control.role_name(kind text) RETURNS text LANGUAGE sql IMMUTABLE RETURN %L || kind',
        left(current_database(), 55) || '_');
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I, %I, %I', control.role_name('app'), control.role_name('search'), control.role_name('retract'));
    EXECUTE format('GRANT USAGE ON SCHEMA control TO %I, %I', control.role_name('app'), control.role_name('control'));
END $$;
COMMENT ON FUNCTION control.role_name IS 'The role of this database of a kind: app, control, search or retract.';

CREATE PROCEDURE control.allow(kind text, privileges text, table_name text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('GRANT %s ON %s TO %I', privileges, table_name::regclass, control.role_name(kind));
END $$;
COMMENT ON PROCEDURE control.allow IS 'Grants privileges on a table to a role of this database.';

CREATE PROCEDURE control.allow_changes(table_name text, VARIADIC fixed text[] DEFAULT '{}')
LANGUAGE plpgsql AS $$
DECLARE
    columns text;
BEGIN
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO STRICT columns
    FROM pg_attribute a
    WHERE a.attrelid = table_name::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      AND a.attname <> ALL (ARRAY['practice_id', 'id'] || fixed);
    CALL control.allow('app', format('UPDATE (%s)', columns), table_name);
END $$;
COMMENT ON PROCEDURE control.allow_changes IS 'Lets the service change every column of a table but its key and those that are named.';

-- Row-level security, as every table of a practice has it. Three rules make it the same on one machine
-- and on many: each policy is permissive, there is one for each command, and none contains a subquery.
-- A distributed Postgres turns a restrictive policy into a permissive one on the shards and refuses a
-- subquery. All conditions of a policy are therefore joined by AND. A policy names no role: what a role
-- may do at all is said by its grants, and whoever is granted something obeys the policies. Only the owner
-- does not obey them, so that a dump by the owner is whole; the service never logs in as the owner.
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
    EXECUTE format('CREATE POLICY %I ON %I FOR SELECT USING (%s)', table_name || '_read', table_name, reading);
    EXECUTE format('CREATE POLICY %I ON %I FOR INSERT WITH CHECK (%s)', table_name || '_add', table_name, adding);
    EXECUTE format('CREATE POLICY %I ON %I FOR UPDATE USING (%s) WITH CHECK (%s)', table_name || '_change', table_name, changing, changed);
END $$;
COMMENT ON PROCEDURE control.protect_table IS 'Turns row-level security on, with one policy for each command. Nothing can be deleted.';

CREATE PROCEDURE control.protect_practice_table(table_name text)
LANGUAGE plpgsql AS $$
DECLARE
    practice text := control.policy_condition('practice');
BEGIN
    CALL control.protect_table(table_name, practice, practice, practice, practice);
    EXECUTE format('CREATE POLICY %I ON %I FOR DELETE USING (%s)', table_name || '_remove', table_name, practice);
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

CREATE PROCEDURE control.protect_voidable_table(table_name text)
LANGUAGE plpgsql AS $$
DECLARE
    practice text := control.policy_condition('practice');
    staff text := format('%s AND %s', practice, control.policy_condition('staff'));
BEGIN
    CALL control.protect_table(table_name,
        format('%s AND (%s OR (%s AND is_open IS NULL AND voided_at IS NULL))', practice,
            control.policy_condition('staff'), control.policy_condition('own')),
        staff || ' AND is_open IS NOT NULL', staff || ' AND is_open IS NOT NULL', staff);
    EXECUTE format('CREATE POLICY %I ON %I FOR UPDATE TO %I USING (%s) WITH CHECK (%s)', table_name || '_retracted', table_name,
        control.role_name('retract'), staff || ' AND is_open IS NULL AND voided_at IS NULL', staff || ' AND voided_at IS NOT NULL');
END $$;
COMMENT ON PROCEDURE control.protect_voidable_table IS 'As protect_sealed_table, for rows that can be marked as entered in error: a patient no longer sees such a row, and the retraction of a signed visit sets the mark under the seal.';

CREATE PROCEDURE control.let_search_read(table_name text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE POLICY %I ON %I FOR SELECT TO %I USING (true)', table_name || '_searched', table_name, control.role_name('search'));
END $$;
COMMENT ON PROCEDURE control.let_search_read IS 'Lets the functions of search look through the rows of all practices.';

CREATE PROCEDURE control.hand_to(kind text, function_name text)
LANGUAGE plpgsql AS $$
DECLARE
    new_owner text := control.role_name(kind);
    belongs boolean := pg_has_role(new_owner, 'USAGE');
BEGIN
    -- Whoever gives a function away must belong to its new owner, who needs CREATE on the schema. Both are
    -- taken back at once.
    EXECUTE format('REVOKE ALL ON FUNCTION %I FROM PUBLIC', function_name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %I TO %I', function_name, control.role_name('app'));
    IF NOT belongs THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', new_owner);
    END IF;
    EXECUTE format('GRANT CREATE ON SCHEMA public TO %I', new_owner);
    EXECUTE format('ALTER FUNCTION %I OWNER TO %I', function_name, new_owner);
    EXECUTE format('REVOKE CREATE ON SCHEMA public FROM %I', new_owner);
    IF NOT belongs THEN
        EXECUTE format('REVOKE %I FROM CURRENT_USER', new_owner);
    END IF;
END $$;
COMMENT ON PROCEDURE control.hand_to IS 'Makes the role of a kind the owner of a function that the service may call.';
