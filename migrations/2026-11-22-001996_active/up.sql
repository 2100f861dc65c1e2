-- Providers leave and rooms are given up; what took place with them and there stays on record.
ALTER TABLE rooms ADD COLUMN active boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN rooms.active IS 'Whether anything new is booked in it.';
ALTER TABLE providers ADD COLUMN active boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN providers.active IS 'Whether anything new is booked with them.';
