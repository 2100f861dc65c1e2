DROP TABLE control.waitlist_calls;
DROP TABLE control.calendar_feeds;
DROP TABLE control.activations;
DROP TABLE control.patient_links;
DROP TABLE control.invitations;
