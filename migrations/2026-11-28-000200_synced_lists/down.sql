ALTER TABLE availability_templates DROP COLUMN updated_at;
ALTER TABLE control.memberships DROP COLUMN updated_at;
