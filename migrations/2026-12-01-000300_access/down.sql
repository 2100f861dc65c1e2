DROP TABLE control.waitlist_calls;
DROP TABLE control.provider_sign_ins;
DROP TABLE control.provider_subjects;
DROP TABLE control.identity_providers;
DROP TABLE control.calendar_feeds;
DROP TABLE control.activations;
DROP TABLE control.patient_links;
DROP TABLE control.invitations;
