//! Rows and queries of the schema `control`. Other features reach them through the use cases of
//! this one.

mod accounts;
mod clean_up;
mod failed_sign_ins;
mod merge_links;
mod outbox;
mod sessions;
mod signing_keys;
mod throttle;

pub(super) use accounts::{
    Member, NewUser, change_password, insert_membership, insert_practice, insert_user,
    linked_patients, member, members, password_hash, practice_id, practice_name, prove_mailbox,
    takes_writes,
};
pub(super) use clean_up::{all_practices, delete_over};
pub(super) use failed_sign_ins::{
    delete_failed_sign_in, insert_failed_sign_in, lock_failed_sign_ins,
};
pub(super) use merge_links::{insert_merge_links, revoke_merge_links};
pub(super) use outbox::{insert_mail, lock_due_mails, mark_sent, put_off};
pub(super) use sessions::{
    NewRefreshToken, NewSession, Replay, SessionRow, end_oldest_sessions, insert_refresh_token,
    insert_session, is_unused, live_session, live_sessions, lock_replayed, mask_successor,
    revoke_other_sessions, revoke_session, revoke_unasked, use_refresh_token,
};
pub(super) use signing_keys::{
    StoredKey, insert_signing_key, insert_trail_key, retire_signing_keys, signing_keys, trail_key,
};
pub(super) use throttle::{
    forget_tries, knows_device, lock_tries, remember_device, set_tries, take_off_one_try,
};
