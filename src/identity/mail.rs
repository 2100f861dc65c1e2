//! Mails about accounts: written in the transaction that gives cause, and sent afterwards.

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;

use crate::platform::database::{Database, Door, Stored};
use crate::platform::id;
use crate::platform::problem::Problem;

use super::store;

/// How mails leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailRoute {
    /// Into the log, where a developer reads them. They say how to get into an account.
    Log,
    /// Nowhere yet: they wait.
    Kept,
}

/// A mail to be sent.
pub(super) struct Mail<'a> {
    pub(super) to: &'a str,
    pub(super) subject: &'a str,
    pub(super) body: String,
}

/// So many are sent at a time.
const AT_ONCE: i64 = 20;

/// Puts a mail where it is taken from when the transaction has committed.
pub(super) async fn put_in_outbox(
    connection: &AsyncPgConnection,
    mail: &Mail<'_>,
    now: DateTime<Utc>,
) -> Stored<()> {
    store::insert_mail(connection, id::fresh(now), mail, now).await
}

/// Tells the owner of a mailbox that somebody has made an account for it. Whoever did had an invitation or a code, which
/// may have come into the wrong hands.
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

/// Sends what is due.
pub(super) async fn send_mails(database: &Database, route: MailRoute) -> Result<(), Problem> {
    if route == MailRoute::Kept {
        return Ok(());
    }
    let now = database.now();
    database
        .through(Door::Mail, async |connection| {
            for mail in store::lock_due_mails(connection, now, AT_ONCE).await? {
                tracing::info!(subject = mail.subject, "a mail\n{}", mail.body);
                store::mark_sent(connection, mail.id, now).await?;
            }
            Ok(())
        })
        .await
}
