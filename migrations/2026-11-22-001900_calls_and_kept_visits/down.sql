DROP TABLE follow_up_attempts;
DROP INDEX follow_ups_open_urgent;
ALTER TABLE follow_ups DROP CONSTRAINT follow_ups_calls_screened;
ALTER TABLE follow_ups DROP CONSTRAINT follow_ups_attempts_counted;
ALTER TABLE follow_ups DROP CONSTRAINT follow_ups_reported_were_asked;
ALTER TABLE follow_ups DROP CONSTRAINT follow_ups_asked_known;
ALTER TABLE follow_ups DROP COLUMN last_attempt_at;
ALTER TABLE follow_ups DROP COLUMN attempt_count;
ALTER TABLE follow_ups DROP COLUMN symptoms_asked;
