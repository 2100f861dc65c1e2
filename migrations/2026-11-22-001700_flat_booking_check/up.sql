-- The columns of the booking check in the order in which its index can use them. A session is asked about with "is another
-- one", which rules out next to nothing: before the time span, it made every check walk all bookings a resource ever had.
ALTER TABLE resource_bookings DROP CONSTRAINT resource_bookings_no_overlap;
ALTER TABLE resource_bookings ADD CONSTRAINT resource_bookings_no_overlap EXCLUDE USING gist (
    practice_id WITH =, resource_id WITH =, tstzrange(starts_at, ends_at) WITH &&, session_id WITH <>);
