DO $$ BEGIN
    EXECUTE (SELECT 'ALTER TABLE resource_bookings ADD CONSTRAINT resource_bookings_no_overlap ' || definition FROM dropped);
END $$;
