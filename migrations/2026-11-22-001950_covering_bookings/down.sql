DROP INDEX resource_bookings_by_resource;
CREATE INDEX resource_bookings_by_resource ON resource_bookings (practice_id, resource_id, starts_at);
