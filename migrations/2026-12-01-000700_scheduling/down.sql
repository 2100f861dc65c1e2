DROP TABLE waitlist_offers;
DROP TABLE openings;
DROP TABLE waitlist_entries;
DROP TABLE resource_bookings;
DROP TABLE holds;
DROP TABLE appointment_changes;
DROP TABLE appointments;
DROP TABLE appointment_series;
