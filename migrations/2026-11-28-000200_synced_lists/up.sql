-- Whoever keeps a copy of a list asks for what changed since the last time. When rows of before last changed is not on
-- record: they count as changed now, so that nobody misses them.
ALTER TABLE control.memberships ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE control.memberships ALTER COLUMN updated_at DROP DEFAULT;
COMMENT ON COLUMN control.memberships.updated_at IS 'When it last changed.';
ALTER TABLE availability_templates ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE availability_templates ALTER COLUMN updated_at DROP DEFAULT;
COMMENT ON COLUMN availability_templates.updated_at IS 'When it last changed: its last day is moved by the hours that follow.';
