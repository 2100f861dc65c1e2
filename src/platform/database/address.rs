//! The address of a database, and how its server must prove who it is.
//!
//! The driver reads all of the address but `sslmode` beyond `require` and `sslrootcert`. These two are
//! taken out before it sees the rest, in a URL (`?sslmode=…&sslrootcert=…`) and in a list of keys
//! (`host=… sslmode=…`) alike.

use std::fmt;
use std::str::FromStr;

use anyhow::Context;
use diesel_async::AsyncPgConnection;
use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls::{TlsSettings, is_unproven};

/// Where a database is, as whom to log in, and how the connection is encrypted.
#[derive(Clone)]
pub(crate) struct Address {
    pub(super) config: Config,
    pub(super) encryption: MakeRustlsConnect,
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The driver does not print the password.
        formatter
            .debug_tuple("Address")
            .field(&self.config)
            .finish()
    }
}

impl FromStr for Address {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (rest, settings) = split(text)?;
        let mut config: Config = rest
            .parse()
            .context("the address of the database cannot be read")?;
        let encryption = settings.prepare()?;
        let is_tcp = |host: &Host| matches!(host, Host::Tcp(_));
        let through_network =
            !config.get_hostaddrs().is_empty() || config.get_hosts().iter().any(is_tcp);
        config.ssl_mode(if through_network {
            encryption.mode
        } else {
            SslMode::Disable
        });
        Ok(Self {
            config,
            encryption: MakeRustlsConnect::new(encryption.config),
        })
    }
}

impl Address {
    /// One connection outside any pool, without the settings of the service.
    pub(crate) async fn connect(&self) -> anyhow::Result<AsyncPgConnection> {
        let (client, connection) = self
            .config
            .connect(self.encryption.clone())
            .await
            .context("cannot connect to the database")?;
        tokio::spawn(connection);
        Ok(AsyncPgConnection::try_from(client).await?)
    }

    /// Connects and leaves at once.
    pub(crate) async fn reach(&self) -> Result<(), Unreached> {
        let Err(refused) = self.config.connect(self.encryption.clone()).await else {
            return Ok(());
        };
        let is_unproven = is_unproven(&refused);
        Err(Unreached {
            refused,
            is_unproven,
        })
    }
}

/// Why the server was not reached.
#[derive(Debug, thiserror::Error)]
#[error("{refused}")]
pub(crate) struct Unreached {
    #[source]
    pub(crate) refused: tokio_postgres::Error,
    /// Its certificate was not taken.
    pub(crate) is_unproven: bool,
}

/// The password that stands in an address.
pub(crate) fn password_in(address: &str) -> Option<Vec<u8>> {
    let (rest, _) = split(address).ok()?;
    let config: Config = rest.parse().ok()?;
    config.get_password().map(<[u8]>::to_vec)
}

/// The address without its password, for a command line that others can read.
pub(crate) fn without_password(address: &str) -> String {
    if let Some((scheme, rest)) = address.split_once("://") {
        let end = rest.find('/').unwrap_or(rest.len());
        let (place, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let place = match place.rsplit_once('@') {
            Some((login, hosts)) => {
                let user = login.split(':').next().unwrap_or_default();
                format!("{user}@{hosts}")
            }
            None => place.to_owned(),
        };
        return format!("{scheme}://{place}{behind}");
    }
    let pairs = pairs(address).into_iter();
    let others = pairs.filter(|pair| pair.key != "password");
    others.map(|pair| pair.text).collect::<Vec<_>>().join(" ")
}

/// Takes the settings of encryption out of the address.
fn split(text: &str) -> anyhow::Result<(String, TlsSettings)> {
    let mut settings = TlsSettings::default();
    let mut kept = Vec::new();
    let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
    if !is_url {
        for pair in pairs(text) {
            if !settings.take(pair.key, || Ok(pair.value))? {
                kept.push(pair.text);
            }
        }
        return Ok((kept.join(" "), settings));
    }
    // A question mark before the `@` belongs to the password.
    let host_at = text.find('@').unwrap_or(0);
    let query_at = text
        .get(host_at..)
        .and_then(|rest| rest.find('?'))
        .and_then(|at| text.split_at_checked(host_at.saturating_add(at)));
    let Some((place, query)) = query_at else {
        return Ok((text.to_owned(), settings));
    };
    for pair in query.trim_start_matches('?').split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = || {
            let decoded = percent_decode_str(value).decode_utf8();
            Ok(decoded.context("the address of the database")?.into_owned())
        };
        if !settings.take(key, decoded)? {
            kept.push(pair);
        }
    }
    let mark = if kept.is_empty() { "" } else { "?" };
    Ok((format!("{place}{mark}{}", kept.join("&")), settings))
}

impl TlsSettings {
    /// Keeps the value if it is one of encryption; says whether it was.
    fn take(
        &mut self,
        key: &str,
        value: impl FnOnce() -> anyhow::Result<String>,
    ) -> anyhow::Result<bool> {
        match key {
            "sslmode" => self.mode = Some(value()?),
            "sslrootcert" => self.root_certificates = Some(value()?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// One `key=value` of a list.
struct Pair<'a> {
    key: &'a str,
    value: String,
    /// As it was written.
    text: &'a str,
}

/// The pairs of a list. A value that holds a blank is in quotes; a backslash keeps what follows it. What
/// is no pair is left to the driver to complain about.
fn pairs(text: &str) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let Some((key, after)) = rest.split_once('=') else {
            pairs.push(Pair {
                key: "",
                value: String::new(),
                text: rest,
            });
            break;
        };
        let (value, left) = value(after.trim_start());
        let length = rest.len().saturating_sub(left.len());
        pairs.push(Pair {
            key: key.trim(),
            value,
            text: rest.get(..length).unwrap_or(rest).trim_end(),
        });
        rest = left.trim_start();
    }
    pairs
}

/// The value at the beginning of `text`, and what comes behind it.
fn value(text: &str) -> (String, &str) {
    let is_quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut signs = text.char_indices().skip(usize::from(is_quoted));
    while let Some((at, sign)) = signs.next() {
        match sign {
            '\\' => value.extend(signs.next().map(|(_, kept)| kept)),
            '\'' if is_quoted => {
                return (value, text.get(at.saturating_add(1)..).unwrap_or_default());
            }
            blank if !is_quoted && blank.is_whitespace() => {
                return (value, text.get(at..).unwrap_or_default());
            }
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> (String, Option<String>, Option<String>) {
        let (rest, settings) = split(text).unwrap();
        (rest, settings.mode, settings.root_certificates)
    }

    #[test]
    fn an_address_for_a_command_line_has_no_password() {
        for (address, shown) in [
            (
                "postgres://me:a?b@db:5433/clinic?sslmode=require",
                "postgres://me@db:5433/clinic?sslmode=require",
            ),
            (
                "postgres://me@%2Fvar%2Frun/clinic",
                "postgres://me@%2Fvar%2Frun/clinic",
            ),
            ("postgresql://db/clinic", "postgresql://db/clinic"),
            ("host=db password='a b' user=me", "host=db user=me"),
        ] {
            assert_eq!(without_password(address), shown);
        }
    }

    #[test]
    fn the_settings_of_encryption_are_found_in_a_url_and_in_a_list() {
        let full = Some("verify-full".to_owned());
        let file = Some("/etc/a b.pem".to_owned());
        for (text, rest) in [
            (
                "postgres://me:a?b@db/clinic?sslmode=verify-full&connect_timeout=3&sslrootcert=%2Fetc%2Fa%20b.pem",
                "postgres://me:a?b@db/clinic?connect_timeout=3",
            ),
            (
                "postgresql://db/clinic?sslrootcert=/etc/a b.pem&sslmode=verify-full",
                "postgresql://db/clinic",
            ),
            (
                r"host=db sslmode = verify-full sslrootcert='/etc/a b.pem' password='a \' sslmode=disable'",
                r"host=db password='a \' sslmode=disable'",
            ),
            (
                r"sslrootcert=/etc/a\ b.pem host=db sslmode=verify-full",
                "host=db",
            ),
        ] {
            assert_eq!(
                taken(text),
                (rest.to_owned(), full.clone(), file.clone()),
                "{text}"
            );
        }
        assert_eq!(
            taken("host=db user=me"),
            ("host=db user=me".to_owned(), None, None)
        );
    }

    #[test]
    fn what_cannot_be_kept_is_refused_when_the_address_is_read() {
        for (address, words) in [
            (
                "postgres://db/clinic?sslmode=verify-ca",
                "needs sslrootcert",
            ),
            (
                "postgres://db/clinic?sslmode=allow",
                "must be disable, prefer",
            ),
            (
                "postgres://db/clinic?sslmode=verify-full&sslrootcert=/nowhere.pem",
                "/nowhere.pem cannot be read",
            ),
            (
                "postgres://db/clinic?sslmode=verify-full&sslrootcert=/dev/null",
                "holds no certificate",
            ),
        ] {
            let refusal = address.parse::<Address>().unwrap_err();
            assert!(format!("{refusal:#}").contains(words), "{refusal:#}");
        }
    }

    #[test]
    fn the_network_is_encrypted_where_the_server_offers_it_and_a_unix_socket_is_not() {
        let mode = |text: &str| text.parse::<Address>().unwrap().config.get_ssl_mode();
        assert_eq!(mode("postgres://db/clinic"), SslMode::Prefer);
        assert_eq!(
            mode("postgres://db/clinic?sslmode=require"),
            SslMode::Require
        );
        assert_eq!(
            mode("postgres://db/clinic?sslmode=verify-full"),
            SslMode::Require
        );
        assert_eq!(
            mode("postgres://db/clinic?sslmode=disable"),
            SslMode::Disable
        );
        assert_eq!(
            mode("postgres://%2Frun%2Fpostgresql/clinic?sslmode=verify-full"),
            SslMode::Disable
        );
    }

    #[test]
    fn an_address_does_not_show_its_password() {
        let address: Address = "postgres://me:hidden@db/clinic?sslmode=require"
            .parse()
            .unwrap();
        assert!(!format!("{address:?}").contains("hidden"));
        let password = password_in("postgres://me:hidden@db/clinic?sslmode=verify-full");
        assert_eq!(password.as_deref(), Some(b"hidden".as_slice()));
    }
}
