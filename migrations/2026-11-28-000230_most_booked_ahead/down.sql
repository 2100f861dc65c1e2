ALTER TABLE control.practices DROP COLUMN most_booked_ahead;
