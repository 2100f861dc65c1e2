ALTER TABLE control.practices DROP COLUMN waitlist_offer_minutes, DROP COLUMN waitlist_notice_minutes;
