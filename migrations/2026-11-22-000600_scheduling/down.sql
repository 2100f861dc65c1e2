DROP TABLE appointment_changes;
DROP TABLE resource_bookings;
DROP TABLE holds;
DROP TABLE appointments;
