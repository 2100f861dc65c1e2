-- Takes every grant on every table back; the functions keep theirs.
DO $$
DECLARE
    kind text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['app', 'control', 'search', 'retract'] LOOP
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public, control FROM %I', control.role_name(kind));
    END LOOP;
END $$;
