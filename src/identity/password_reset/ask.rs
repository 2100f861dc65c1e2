//! Asking for a mail, and writing it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;

use crate::identity::begin_session::hash_of;
use crate::identity::email_address::EmailAddress;
use crate::identity::mail::Mail;
use crate::identity::send_mails::put_in_outbox;
use crate::identity::set_up::secret;
use crate::identity::throttle::{self, Bucket};
use crate::platform::database::{Database, DatabaseError, Door};
use crate::platform::id;
use crate::platform::problem::Problem;

use super::store::{self, NewReset};

/// How long a token can be used.
const LIFETIME: TimeDelta = TimeDelta::minutes(30);
/// So many wishes are looked up at a time.
const AT_ONCE: i64 = 100;

/// Writes the wish down. Who asks too often is answered alike and gets no further mail.
pub(super) async fn ask_for_reset(database: &Database, email: &str) -> Result<(), Problem> {
    let Some(email) = EmailAddress::read(email) else {
        return Ok(());
    };
    let now = database.now();
    let bucket = [Bucket::of(&format!("reset {}", email.as_str()))];
    let asked = database
        .through(Door::PasswordReset, async |connection| {
            throttle::count(connection, &bucket, now).await?;
            store::insert_wish(connection, id::fresh(now), email.as_str(), now).await?;
            Ok(())
        })
        .await;
    match asked {
        Err(problem) if problem.status() == 429 => Ok(()),
        asked => asked,
    }
}

/// Looks the wishes up and writes a mail for each that has an account.
pub(in crate::identity) async fn send_reset_mails(database: &Database) -> Result<(), Problem> {
    let now = database.now();
    database
        .through(Door::PasswordReset, async |connection| {
            for (wish_id, email) in store::lock_wishes(connection, AT_ONCE).await? {
                write_mail(connection, &email, now).await?;
                store::delete_wish(connection, wish_id).await?;
            }
            Ok(())
        })
        .await
}

async fn write_mail(
    connection: &AsyncPgConnection,
    email: &str,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let Some(user_id) = store::usable_account(connection, email).await? else {
        return Ok(());
    };
    let token = URL_SAFE_NO_PAD.encode(secret());
    store::withdraw_resets(connection, user_id, now).await?;
    let reset = NewReset {
        token_hash: hash_of(&token),
        user_id,
        created_at: now,
        expires_at: now + LIFETIME,
    };
    store::insert_reset(connection, &reset).await?;
    let mail = Mail {
        to: email,
        subject: "A new password",
        body: format!(
            "Somebody asked for a new password for your account. If it was you, use this code within 30 \
             minutes:\n\n{token}\n\nIf it was not you, nothing has changed and there is nothing to do."
        ),
    };
    put_in_outbox(connection, &mail, now).await
}
