-- A patient who books and books must not fill the calendar either; how much is usual differs from practice to practice.
ALTER TABLE control.practices
    ADD COLUMN most_booked_ahead integer NOT NULL DEFAULT 10,
    ADD CONSTRAINT practices_most_booked_ahead_range CHECK (most_booked_ahead BETWEEN 1 AND 100);
COMMENT ON COLUMN control.practices.most_booked_ahead IS 'As many appointments still to come as an account of a patient may have booked for one patient; staff book more.';
