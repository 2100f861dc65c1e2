DROP INDEX resource_bookings_held;
DROP INDEX resource_bookings_by_location;
DROP INDEX resource_bookings_by_person;
CREATE INDEX resource_bookings_by_resource ON resource_bookings (practice_id, resource_id, starts_at)
    INCLUDE (ends_at, expires_at, appointment_id, session_id, place);
ALTER TABLE resource_bookings DROP COLUMN location_id;
