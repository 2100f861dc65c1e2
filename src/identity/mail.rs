//! Mails about accounts: written in the transaction that gives cause, and sent afterwards.

use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};

use crate::platform::database::{Database, Door, Stored};
use crate::platform::id;
use crate::platform::problem::Problem;

use super::store::{self, DueMail};

/// How mails leave.
#[derive(Debug, Clone)]
pub enum MailRoute {
    /// Through a server.
    Smtp {
        /// Such as `smtps://user:password@mail.clinic.example`.
        url: SecretString,
        /// Whom they come from.
        from: String,
    },
    /// Into the log, where a developer reads them. They say how to get into an account.
    Log,
    /// Nowhere yet: they wait.
    Kept,
}

/// What sends mails.
#[derive(Clone)]
pub(crate) enum Mailer {
    Smtp(Arc<SmtpServer>),
    Log,
    Kept,
}

/// A server that takes mails, and whom they come from.
pub(crate) struct SmtpServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why a mail was not sent. The text of a server may repeat the mail, so it is not kept.
#[derive(Debug, thiserror::Error)]
enum MailError {
    #[error("the address cannot be written to")]
    Address,
    #[error("the server did not take it")]
    Server,
}

impl Mailer {
    /// Prepares to send; nothing is connected yet.
    pub(crate) fn new(route: &MailRoute) -> anyhow::Result<Self> {
        match route {
            MailRoute::Log => Ok(Self::Log),
            MailRoute::Kept => Ok(Self::Kept),
            MailRoute::Smtp { url, from } => {
                let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret());
                let server = server.context("--smtp-url cannot be read")?;
                let timeout = std::time::Duration::from_secs(10);
                Ok(Self::Smtp(Arc::new(SmtpServer {
                    transport: server.timeout(Some(timeout)).build(),
                    from: from.parse().context("--mail-from must be an address")?,
                })))
            }
        }
    }

    async fn send(&self, mail: &DueMail) -> Result<(), MailError> {
        match self {
            Self::Kept => Ok(()),
            Self::Log => {
                tracing::info!(subject = mail.subject, "a mail\n{}", mail.body);
                Ok(())
            }
            Self::Smtp(server) => {
                let to = mail.recipient.parse();
                let to: Mailbox = to.map_err(|_unreadable| MailError::Address)?;
                let message = Message::builder()
                    .from(server.from.clone())
                    .to(to)
                    .subject(&mail.subject)
                    .body(mail.body.clone())
                    .map_err(|_unwritable| MailError::Address)?;
                let sent = server.transport.send(message).await;
                sent.map(drop).map_err(|_refused| MailError::Server)
            }
        }
    }
}

/// A mail to be sent.
pub(super) struct Mail<'a> {
    pub(super) to: &'a str,
    pub(super) subject: &'a str,
    pub(super) body: String,
}

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
                match mailer.send(&mail).await {
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;
    use uuid::Uuid;

    use super::*;

    /// Takes one mail and returns every line that it was told.
    async fn take_one(listener: TcpListener) -> Vec<String> {
        let (stream, _) = listener.accept().await.unwrap();
        let (reading, mut writing) = stream.into_split();
        let mut lines = BufReader::new(reading).lines();
        let mut told = Vec::new();
        let mut in_data = false;
        writing.write_all(b"220 ready\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            let answer: &[u8] = match line.as_str() {
                "." => {
                    in_data = false;
                    b"250 taken\r\n"
                }
                _ if in_data => b"",
                "DATA" => {
                    in_data = true;
                    b"354 go on\r\n"
                }
                "QUIT" => b"221 bye\r\n",
                _ => b"250 yes\r\n",
            };
            writing.write_all(answer).await.unwrap();
            let is_over = line == "QUIT";
            told.push(line);
            if is_over {
                break;
            }
        }
        told
    }

    fn due(recipient: &str) -> DueMail {
        DueMail {
            id: Uuid::nil(),
            recipient: recipient.to_owned(),
            subject: "A new password".to_owned(),
            body: "Use this code.".to_owned(),
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[tokio::test]
    async fn a_mail_reaches_the_server() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let route = MailRoute::Smtp {
            url: SecretString::from(url),
            from: "Riverside <no-reply@riverside.example>".to_owned(),
        };
        let mailer = Mailer::new(&route).unwrap();
        let server = tokio::spawn(take_one(listener));
        mailer.send(&due("ada@riverside.example")).await.unwrap();
        let told = server.await.unwrap();
        for line in [
            "MAIL FROM:<no-reply@riverside.example>",
            "RCPT TO:<ada@riverside.example>",
            "Subject: A new password",
            "Use this code.",
        ] {
            assert!(
                told.iter().any(|said| said.starts_with(line)),
                "{line}: {told:?}"
            );
        }
        // Nobody listens any more.
        assert!(mailer.send(&due("ada@riverside.example")).await.is_err());
    }

    #[test]
    fn a_route_that_cannot_be_used_is_refused_at_the_start() {
        for (url, from) in [("nowhere", "a@b.example"), ("smtp://localhost", "nobody")] {
            let route = MailRoute::Smtp {
                url: SecretString::from(url),
                from: from.to_owned(),
            };
            assert!(Mailer::new(&route).is_err(), "{url} {from}");
        }
    }
}
