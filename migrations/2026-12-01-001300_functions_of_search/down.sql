-- Only who belongs to the owner of a function may drop it.
DO $$
DECLARE
    belongs boolean := pg_has_role(control.role_name('search'), 'USAGE');
BEGIN
    IF NOT belongs THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', control.role_name('search'));
    END IF;
    DROP FUNCTION audit_trail_of;
    DROP FUNCTION search_patients;
    IF NOT belongs THEN
        EXECUTE format('REVOKE %I FROM CURRENT_USER', control.role_name('search'));
    END IF;
END $$;
