-- All that a search for slots asks of a booking is in the index, so that two months of a clinic are read without its rows.
DROP INDEX resource_bookings_by_resource;
CREATE INDEX resource_bookings_by_resource ON resource_bookings (practice_id, resource_id, starts_at)
    INCLUDE (ends_at, expires_at, appointment_id, session_id, place);
