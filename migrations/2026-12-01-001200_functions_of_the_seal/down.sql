-- Only who belongs to the owner of a function may drop it.
DO $$
DECLARE
    belongs boolean := pg_has_role(control.role_name('retract'), 'USAGE');
BEGIN
    IF NOT belongs THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', control.role_name('retract'));
    END IF;
    DROP FUNCTION retract_visit;
    IF NOT belongs THEN
        EXECUTE format('REVOKE %I FROM CURRENT_USER', control.role_name('retract'));
    END IF;
END $$;
DROP FUNCTION visit_has_content;
DROP FUNCTION close_rows_under_visit;
DROP FUNCTION procedures_under_way;
DROP FUNCTION changes_under_visits;
DROP FUNCTION visit_content;
