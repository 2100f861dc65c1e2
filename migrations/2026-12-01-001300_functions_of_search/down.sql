DROP FUNCTION audit_trail_of;
DROP FUNCTION search_patients;
