//! Mails about accounts: written in the transaction that gives cause, and sent afterwards.

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;

use crate::platform::database::{Database, Door, Stored};
use crate::platform::id;
use crate::platform::problem::Problem;

use super::mail::{Mail, Mailer};
use super::store;

/// So many are sent at a time.
const AT_ONCE: i64 = 5;
/// A mail that was not taken is tried again after a minute, and then after as long as it has waited.
const SOONEST_RETRY: TimeDelta = TimeDelta::minutes(1);

/// Puts a mail where it is taken from when the transaction has committed.
pub(super) async fn put_in_outbox(
    connection: &AsyncPgConnection,
    mail: &Mail<'_>,
    now: DateTime<Utc>,
) -> Stored<()> {
    store::insert_mail(connection, id::fresh(now), mail, now).await
}

/// Tells the owner of a mailbox that somebody has made an account for it. Whoever did had an invitation
/// or a code, which may have come into the wrong hands.
pub(super) async fn announce_account(
    connection: &AsyncPgConnection,
    to: &str,
    practice_name: &str,
    now: DateTime<Utc>,
) -> Stored<()> {
    let mail = Mail {
        to,
        subject: "An account for this address",
        body: format!(
            "An account for this address was made at {practice_name}. If it was not you, ask for a new password: \
             whoever proves the mailbox holds the account."
        ),
    };
    put_in_outbox(connection, &mail, now).await
}

/// Sends what is due. A mail is sent at least once: when the service ends between the two, it is sent again.
pub(super) async fn send_mails(database: &Database, mailer: &Mailer) -> Result<(), Problem> {
    if matches!(mailer, Mailer::Kept) {
        return Ok(());
    }
    let now = database.now();
    database
        .through(Door::Mail, async |connection| {
            for mail in store::lock_due_mails(connection, now, AT_ONCE).await? {
                let letter = Mail {
                    to: &mail.recipient,
                    subject: &mail.subject,
                    body: mail.body.clone(),
                };
                match mailer.send(&letter).await {
                    Ok(()) => store::mark_sent(connection, mail.id, now).await?,
                    Err(error) => {
                        tracing::warn!(%error, mail = %mail.id, "a mail waits");
                        let pause = (now - mail.created_at).max(SOONEST_RETRY);
                        store::put_off(connection, mail.id, now + pause).await?;
                    }
                }
            }
            Ok(())
        })
        .await
}
