//! Mails about accounts, and the ways by which they leave.

use std::sync::Arc;

use anyhow::Context;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};

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
pub(super) enum MailError {
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

    /// Sends it now.
    pub(super) async fn send(&self, mail: &Mail<'_>) -> Result<(), MailError> {
        match self {
            Self::Kept => Ok(()),
            Self::Log => {
                tracing::info!(subject = mail.subject, "a mail\n{}", mail.body);
                Ok(())
            }
            Self::Smtp(server) => {
                let to = mail.to.parse();
                let to: Mailbox = to.map_err(|_unreadable| MailError::Address)?;
                let message = Message::builder()
                    .from(server.from.clone())
                    .to(to)
                    .subject(mail.subject)
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

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

    fn to_ada() -> Mail<'static> {
        Mail {
            to: "ada@riverside.example",
            subject: "A new password",
            body: "Use this code.".to_owned(),
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
        mailer.send(&to_ada()).await.unwrap();
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
        assert!(mailer.send(&to_ada()).await.is_err());
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
