//! Choosing another password with the token of a mail.

use secrecy::{ExposeSecret, SecretString};

use crate::identity::begin_session::hash_of;
use crate::identity::mail::Mail;
use crate::identity::password::PasswordHasher;
use crate::identity::password_rules::{Owner, weakness};
use crate::identity::send_mails::put_in_outbox;
use crate::identity::store as accounts;
use crate::platform::database::{Database, Door};
use crate::platform::problem::{Problem, ProblemType, Refusal};

use super::store;

/// Why the password stays.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResetError {
    #[error("not a token in force")]
    Refused,
    #[error("{0}")]
    Weak(&'static str),
}

static RESET_REFUSED: ProblemType = ProblemType::new(
    "reset-refused",
    422,
    "This code is wrong, was used before, or its time is over; ask for another one",
);

impl Refusal for ResetError {
    const TYPES: &'static [&'static ProblemType] = &[&RESET_REFUSED];

    fn problem(self) -> Problem {
        match self {
            Self::Refused => Problem::new(&RESET_REFUSED),
            Self::Weak(weakness) => Problem::field("/new_password", weakness),
        }
    }
}

/// Uses the token up, changes the password and ends every session of the account.
pub(super) async fn reset_password(
    database: &Database,
    passwords: &PasswordHasher,
    token: &str,
    password: SecretString,
) -> Result<(), Problem> {
    let hash = hash_of(token);
    let now = database.now();
    let account = database
        .through(Door::PasswordReset, async |connection| {
            Ok(store::account_of(connection, &hash, now).await?)
        })
        .await?;
    let account = account.ok_or(ResetError::Refused)?;
    let owner = Owner {
        email: &account.email,
        display_name: &account.display_name,
        practice_name: &account.practice_names,
        has_second_factor: account.has_second_factor,
    };
    if let Some(weakness) = weakness(password.expose_secret(), &owner) {
        return Err(ResetError::Weak(weakness).into());
    }
    let password_hash = passwords.hash(password).await?;
    database
        .through(Door::PasswordReset, async |connection| {
            if !store::use_up(connection, &hash, now).await? {
                return Err(ResetError::Refused.into());
            }
            let user_id = account.user_id;
            accounts::change_password(connection, user_id, &password_hash, now).await?;
            accounts::prove_mailbox(connection, user_id, now).await?;
            store::end_all_sessions(connection, user_id, now).await?;
            let mail = Mail {
                to: &account.email,
                subject: "Your password was changed",
                body: "The password of your account was changed, and all sessions were ended. If it was not \
                       you, ask for a new password at once and tell your practice."
                    .to_owned(),
            };
            Ok(put_in_outbox(connection, &mail, now).await?)
        })
        .await
}
