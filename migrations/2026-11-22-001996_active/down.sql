ALTER TABLE providers DROP COLUMN active;
ALTER TABLE rooms DROP COLUMN active;
