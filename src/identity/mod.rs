//! Accounts: who signs in, and their role in each practice.
//!
//! A user has one role in each practice they belong to; a session is for one practice. Signing in
//! yields a short-lived access token and a refresh token. A refresh token is good once: its use
//! hands out the next one, and a used one that comes back ends the whole session, because one of
//! two holders has stolen it. Signing out, a changed role or a disabled user take effect on the
//! very next request, since every transaction asks whether the session still holds.
//!
//! Guessing is slowed, never locked out: after five guesses from one network the next one at an account
//! must wait, longer each time, for at most fifteen minutes. A guess is counted before it is tried. Who
//! signs in on a device that they have used before does not wait for the guesses of others. The answer and
//! its timing are the same whether the account exists or not.
//!
//! Admins invite staff by their address; the person with the token of the invitation joins, once. Patients
//! come in by a code that staff make for their record. Admins change what staff are and disable
//! accounts, and a practice always keeps one admin who can sign in.
//!
//! A program has a service account: scopes in place of a role, and keys in place of sessions.

mod begin_session;
mod clean_up;
mod email_address;
mod invitations;
mod link_records;
mod mail;
mod me;
mod note_failures;
mod password;
mod password_reset;
mod password_rules;
mod patient_links;
mod refresh;
mod routes;
#[expect(unreachable_pub, reason = "written by diesel")]
pub(crate) mod schema;
mod second_factor;
mod send_mails;
mod service_accounts;
mod sessions;
mod set_up;
mod sign_in;
mod signing_keys;
mod single_sign_on;
mod store;
mod throttle;
mod users;

pub(crate) use clean_up::{clean_up, practices};
pub(crate) use link_records::{LinkRecords, link_merged, unlink_merged};
pub use mail::MailRoute;
pub(crate) use mail::Mailer;
pub(crate) use note_failures::note_failures;
pub(crate) use password::PasswordHasher;
#[cfg(test)]
pub(crate) use password_rules::{Owner, weakness};
pub(crate) use patient_links::{
    ChangeLinks, Holder, LinkStatus, LinkedPatient, OfferedCode, PatientLink, ReadLinks,
    Relationship, Scope, end_link, links_of, offer_code,
};
pub(crate) use routes::{configure, configure_root};
pub(crate) use service_accounts::names_of_service_accounts;
pub(crate) use set_up::{NewMember, NewPractice, add_member, create_practice, find_practice};
pub(crate) use signing_keys::{
    load_or_make, load_or_make_trail_key, reload_keys, rotate_keys, rotate_keys_if_due,
};

use crate::platform::database::Database;
use crate::platform::problem::Problem;

/// Writes and sends the mails about accounts that are due.
pub(crate) async fn send_mails(database: &Database, mailer: &Mailer) -> Result<(), Problem> {
    password_reset::send_reset_mails(database).await?;
    send_mails::send_mails(database, mailer).await
}
