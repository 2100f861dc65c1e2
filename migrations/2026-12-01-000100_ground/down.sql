-- The roles stay: they belong to the cluster, and other databases may use them.
DROP PROCEDURE control.protect_sealed_table;
DROP PROCEDURE control.protect_patient_table;
DROP PROCEDURE control.protect_practice_table;
DROP PROCEDURE control.protect_table;
DROP FUNCTION control.policy_condition;
DROP SCHEMA control;
REVOKE USAGE ON SCHEMA public FROM tautband_app, tautband_search;
DROP EXTENSION pg_trgm;
DROP EXTENSION btree_gist;
