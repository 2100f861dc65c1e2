DROP TABLE idempotency_records;
DROP TABLE audit_checkpoints;
DROP TABLE audit_leaves;
DROP TABLE audit_events;
DROP FUNCTION audit_keys;
DROP FUNCTION audit_key;
DROP FUNCTION audit_period;
