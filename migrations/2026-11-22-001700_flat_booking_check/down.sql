ALTER TABLE resource_bookings DROP CONSTRAINT resource_bookings_no_overlap;
ALTER TABLE resource_bookings ADD CONSTRAINT resource_bookings_no_overlap EXCLUDE USING gist (
    practice_id WITH =, resource_id WITH =, session_id WITH <>, tstzrange(starts_at, ends_at) WITH &&);
