-- The roles stay: they belong to the cluster, and a copy of this database may use them.
DO $$
BEGIN
    EXECUTE format('REVOKE USAGE ON SCHEMA public FROM %I, %I, %I', control.role_name('app'), control.role_name('search'), control.role_name('retract'));
END $$;
DROP PROCEDURE control.hand_to;
DROP PROCEDURE control.let_search_read;
DROP PROCEDURE control.protect_voidable_table;
DROP PROCEDURE control.protect_sealed_table;
DROP PROCEDURE control.protect_patient_table;
DROP PROCEDURE control.protect_practice_table;
DROP PROCEDURE control.protect_table;
DROP FUNCTION control.policy_condition;
DROP PROCEDURE control.allow_changes;
DROP PROCEDURE control.allow;
DROP FUNCTION control.role_name;
DROP SCHEMA control;
DROP EXTENSION pg_trgm;
DROP EXTENSION btree_gist;
