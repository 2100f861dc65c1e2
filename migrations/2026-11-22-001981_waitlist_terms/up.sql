-- How fast people answer, and how far away they live, differs from practice to practice.
ALTER TABLE control.practices
    ADD COLUMN waitlist_offer_minutes integer NOT NULL DEFAULT 30,
    ADD COLUMN waitlist_notice_minutes integer NOT NULL DEFAULT 10,
    ADD CONSTRAINT practices_waitlist_offer_range CHECK (waitlist_offer_minutes BETWEEN 5 AND 1440),
    ADD CONSTRAINT practices_waitlist_notice_range CHECK (waitlist_notice_minutes BETWEEN 5 AND 10080);
COMMENT ON COLUMN control.practices.waitlist_offer_minutes IS 'For how long an offer of the waitlist stands.';
COMMENT ON COLUMN control.practices.waitlist_notice_minutes IS 'How long before its start a time is offered at the latest.';
