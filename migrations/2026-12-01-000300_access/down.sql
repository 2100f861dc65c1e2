DROP TABLE control.service_account_keys;
DROP TABLE control.service_accounts;
DROP TABLE control.waitlist_calls;
DROP TABLE control.calendar_feeds;
DROP TABLE control.activations;
DROP TABLE control.patient_links;
DROP TABLE control.invitations;
