ALTER TABLE patients DROP COLUMN last_needled_at;
