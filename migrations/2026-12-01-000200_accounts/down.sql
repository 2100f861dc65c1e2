DROP TABLE control.signing_keys;
DROP TABLE control.known_devices;
DROP TABLE control.sign_in_throttles;
DROP TABLE control.refresh_tokens;
DROP TABLE control.sessions;
DROP TABLE control.memberships;
DROP TABLE control.users;
DROP TABLE control.practices;
