//! Settings: flags and environment variables, read all at once, so that every bad value is
//! reported in one go.

#![expect(
    clippy::doc_markdown,
    reason = "some of it is shown as help, where marks would stand in the way"
)]

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::num::NonZeroU32;
use std::path::PathBuf;

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};

pub use crate::identity::MailRoute;
use crate::platform::database::{DatabaseAccess, password_in};

/// How a service is set.
#[derive(Debug)]
pub struct Settings {
    /// Where the database is, and as which roles the service logs in.
    pub database: DatabaseAccess,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Most connections to the database for requests, in equal parts for every thread that serves,
    /// and one at least; the service has one more for what it does by itself.
    pub connections: usize,
    /// Threads that serve requests.
    pub workers: usize,
    /// Requests a minute for one session, or for one address without one.
    pub requests_per_minute: NonZeroU32,
    /// Proxies that say in `X-Forwarded-For` who they speak for.
    pub trusted_proxies: Vec<IpNet>,
    /// Networks in which an OpenID provider may be although they are not public.
    pub provider_networks: Vec<IpNet>,
    /// How mails about accounts leave.
    pub mail: MailRoute,
    /// The origins whose pages may call the service from a browser.
    pub allowed_origins: Vec<String>,
}

/// The settings as they are written, before anything is made of them.
#[derive(Debug, Default, clap::Args)]
pub struct ServiceOptions {
    /// Address and port to listen on; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(long, env = "TAUTBAND_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Most connections to the database [default: 8]
    #[arg(long, env = "TAUTBAND_CONNECTIONS", value_name = "COUNT")]
    connections: Option<String>,
    /// Threads that serve requests [default: one for each core]
    #[arg(long, env = "TAUTBAND_WORKERS", value_name = "COUNT")]
    workers: Option<String>,
    /// Requests a minute for one session, or for one address that is not signed in [default: 6000]
    #[arg(long, env = "TAUTBAND_REQUESTS_PER_MINUTE", value_name = "COUNT")]
    requests_per_minute: Option<String>,
    /// Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8,fd00::/8; without it every
    /// request counts as the proxy's own
    #[arg(
        long,
        env = "TAUTBAND_TRUSTED_PROXIES",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    trusted_proxies: Vec<String>,
    /// Networks of your own in which the OpenID provider of a practice may be, such as 10.1.0.0/16; without it
    /// the provider must be public
    #[arg(
        long,
        env = "TAUTBAND_PROVIDER_NETWORKS",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    provider_networks: Vec<String>,
    /// Write mails about accounts into the log, for trying things out: whoever reads the log can choose
    /// passwords
    #[arg(long, env = "TAUTBAND_MAIL_TO_LOG")]
    mail_to_log: bool,
    /// Server that takes mails about accounts, as smtps://user:password@host or smtp://…?tls=required
    #[arg(
        long,
        env = "TAUTBAND_SMTP_URL",
        value_name = "URL",
        group = "smtp",
        requires = "mail_from",
        conflicts_with = "mail_to_log",
        hide_env_values = true
    )]
    smtp_url: Option<SecretString>,
    /// File that holds this address, in place of --smtp-url
    #[arg(long, env = "TAUTBAND_SMTP_URL_FILE", value_name = "FILE", group = "smtp", requires = "mail_from",
        conflicts_with = "mail_to_log", value_parser = secret_in_file)]
    smtp_url_file: Option<SecretString>,
    /// Address that these mails come from
    #[arg(long, env = "TAUTBAND_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Serve with settings that are for trying things out alone
    #[arg(long, env = "TAUTBAND_DEVELOPMENT")]
    development: bool,
    /// Origins whose pages may call the service from a browser, each with its scheme; none without it
    #[arg(
        long,
        env = "TAUTBAND_ALLOWED_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    allowed_origins: Vec<String>,
}

/// Where the database is.
#[derive(Debug, Default, clap::Args)]
pub struct DatabaseOptions {
    /// A Postgres of version 15 or later, as postgres://user:password@host/database; without it a
    /// private one is started below the data directory
    #[arg(
        long,
        env = "TAUTBAND_DATABASE_URL",
        value_name = "URL",
        group = "owner_login",
        hide_env_values = true
    )]
    database_url: Option<SecretString>,
    /// File that holds this address, in place of --database-url: a secret of Docker or a credential of
    /// systemd
    #[arg(long, env = "TAUTBAND_DATABASE_URL_FILE", value_name = "FILE", group = "owner_login",
        value_parser = secret_in_file)]
    database_url_file: Option<SecretString>,
    /// How long to wait for a database that does not answer yet, in seconds
    #[arg(
        long,
        env = "TAUTBAND_DATABASE_WAIT_SECONDS",
        value_name = "SECONDS",
        default_value_t = 60
    )]
    pub database_wait_seconds: u64,
    /// Where the service logs in as the role whose name ends in _app, in place of a login that follows
    /// from --database-url; together with --control-database-url
    #[arg(
        long,
        env = "TAUTBAND_APP_DATABASE_URL",
        value_name = "URL",
        group = "app_login",
        requires = "control_login",
        hide_env_values = true
    )]
    app_database_url: Option<SecretString>,
    /// File that holds this address
    #[arg(long, env = "TAUTBAND_APP_DATABASE_URL_FILE", value_name = "FILE", group = "app_login",
        requires = "control_login", value_parser = secret_in_file)]
    app_database_url_file: Option<SecretString>,
    /// Where the service logs in as the role whose name ends in _control
    #[arg(
        long,
        env = "TAUTBAND_CONTROL_DATABASE_URL",
        value_name = "URL",
        group = "control_login",
        requires = "app_login",
        hide_env_values = true
    )]
    control_database_url: Option<SecretString>,
    /// File that holds this address
    #[arg(long, env = "TAUTBAND_CONTROL_DATABASE_URL_FILE", value_name = "FILE", group = "control_login",
        requires = "app_login", value_parser = secret_in_file)]
    control_database_url_file: Option<SecretString>,
    /// Where the private Postgres keeps its data [default: /var/lib/tautband for root, else
    /// tautband below $XDG_DATA_HOME or ~/.local/share]
    #[arg(long, env = "TAUTBAND_DATA_DIR", value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
}

/// Reads a secret from a file. A line break at its end is not part of it.
fn secret_in_file(path: &str) -> Result<SecretString, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err("the file is empty".to_owned());
    }
    Ok(SecretString::from(secret))
}

/// Passwords that stand in examples.
const KNOWN_PASSWORDS: [&[u8]; 6] = [
    b"postgres",
    b"password",
    b"tautband",
    b"development-only",
    b"changeme",
    b"secret",
];

/// Everything that is wrong with the settings, a line each.
#[derive(Debug, thiserror::Error)]
#[error("the settings are not usable:\n  {}", .0.join("\n  "))]
pub struct BadSettings(Vec<String>);

impl ServiceOptions {
    /// The port the caller asks for instead of the one in `listen`.
    #[must_use]
    pub fn on_port(self, port: u16) -> Self {
        Self {
            listen: Some(format!("127.0.0.1:{port}")),
            ..self
        }
    }

    /// Raises the usual limit on requests, unless one was set.
    #[must_use]
    pub fn or_requests_per_minute(self, requests: u32) -> Self {
        let set = self
            .requests_per_minute
            .unwrap_or_else(|| requests.to_string());
        Self {
            requests_per_minute: Some(set),
            ..self
        }
    }

    /// Writes mails about accounts into the log.
    #[must_use]
    pub fn or_mail_to_log(self) -> Self {
        Self {
            mail_to_log: true,
            ..self
        }
    }

    /// Says everything that is wrong with the options, before anything is started.
    pub fn check(&self) -> Result<(), BadSettings> {
        let nowhere = DatabaseAccess::Owner(SecretString::from(""));
        self.settings(nowhere).map(drop)
    }

    /// Makes settings of the options, or says everything that is wrong with them.
    pub fn settings(&self, database: DatabaseAccess) -> Result<Settings, BadSettings> {
        let mut wrong = Vec::new();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let listen = self.listen.as_deref().unwrap_or("127.0.0.1:8080");
        let address = listen
            .to_socket_addrs()
            .ok()
            .and_then(|mut addresses| addresses.next());
        if address.is_none() {
            wrong.push(format!("--listen {listen}: must be an address and a port"));
        }
        let connections = count(
            "--connections",
            self.connections.as_deref(),
            8,
            1..=500,
            &mut wrong,
        );
        let workers = count(
            "--workers",
            self.workers.as_deref(),
            cores,
            1..=256,
            &mut wrong,
        );
        let requests = count(
            "--requests-per-minute",
            self.requests_per_minute.as_deref(),
            6_000,
            1..=100_000_000,
            &mut wrong,
        );
        let trusted_proxies = networks("--trusted-proxies", &self.trusted_proxies, &mut wrong);
        let provider_networks =
            networks("--provider-networks", &self.provider_networks, &mut wrong);
        let requests = u32::try_from(requests).ok().and_then(NonZeroU32::new);
        match (address, requests) {
            (Some(listen), Some(requests_per_minute)) if wrong.is_empty() => Ok(Settings {
                database,
                listen,
                connections,
                workers,
                requests_per_minute,
                trusted_proxies,
                provider_networks,
                mail: self.mail_route(),
                allowed_origins: self.allowed_origins.clone(),
            }),
            _ => Err(BadSettings(wrong)),
        }
    }

    fn mail_route(&self) -> MailRoute {
        let url = self.smtp_url.as_ref().or(self.smtp_url_file.as_ref());
        match (url, &self.mail_from) {
            (Some(url), Some(from)) => MailRoute::Smtp {
                url: url.clone(),
                from: from.clone(),
            },
            _ if self.mail_to_log => MailRoute::Log,
            _ => MailRoute::Kept,
        }
    }

    /// Says what must not be so where records of patients are, unless it is said to be for trying
    /// things out.
    pub fn refuse_what_is_weak(&self, database: &DatabaseOptions) -> Result<(), BadSettings> {
        let mut weak = Vec::new();
        if self.mail_to_log {
            weak.push("--mail-to-log: whoever reads the log can choose passwords".to_owned());
        }
        let url = database.owner_url();
        let password = url.and_then(|url| password_in(url.expose_secret()));
        let is_known = |password: &Vec<u8>| KNOWN_PASSWORDS.contains(&password.as_slice());
        if password.as_ref().is_some_and(is_known) {
            weak.push("--database-url: its password is one that everybody knows".to_owned());
        }
        if weak.is_empty() || self.development {
            Ok(())
        } else {
            weak.push("with --development they are accepted, for trying things out".to_owned());
            Err(BadSettings(weak))
        }
    }
}

fn networks(flag: &str, texts: &[String], wrong: &mut Vec<String>) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for text in texts {
        let text = text.trim();
        let network = text
            .parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        match network {
            Ok(network) => networks.push(network),
            Err(_) => wrong.push(format!(
                "{flag} {text}: must be an address or a network such as 10.0.0.0/8"
            )),
        }
    }
    networks
}

fn count(
    flag: &str,
    text: Option<&str>,
    usual: usize,
    range: std::ops::RangeInclusive<usize>,
    wrong: &mut Vec<String>,
) -> usize {
    let Some(text) = text else { return usual };
    match text.parse() {
        Ok(count) if range.contains(&count) => count,
        _ => {
            let (least, most) = (range.start(), range.end());
            wrong.push(format!(
                "{flag} {text}: must be a number from {least} to {most}"
            ));
            usual
        }
    }
}

impl DatabaseOptions {
    /// The logins of the service, when they are named.
    #[must_use]
    pub fn separate(&self) -> Option<DatabaseAccess> {
        let app = self.app_database_url.as_ref();
        let control = self.control_database_url.as_ref();
        Some(DatabaseAccess::Separate {
            app: app.or(self.app_database_url_file.as_ref())?.clone(),
            control: control.or(self.control_database_url_file.as_ref())?.clone(),
        })
    }

    /// The address of the owner of the database, when one is named.
    #[must_use]
    pub fn owner_url(&self) -> Option<&SecretString> {
        let named = self.database_url.as_ref();
        named.or(self.database_url_file.as_ref())
    }

    /// Where the private Postgres keeps its data.
    #[must_use]
    pub fn data_directory(&self) -> PathBuf {
        self.data_dir.clone().unwrap_or_else(|| {
            let home = std::env::var_os("HOME")
                .map(PathBuf::from)
                .unwrap_or_default();
            if home == std::path::Path::new("/root") {
                return PathBuf::from("/var/lib/tautband");
            }
            let share = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
            share
                .unwrap_or_else(|| home.join(".local/share"))
                .join("tautband")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_setting_is_reported_at_once() {
        let options = ServiceOptions {
            listen: Some("nowhere".to_owned()),
            connections: Some("many".to_owned()),
            workers: Some("0".to_owned()),
            requests_per_minute: Some("-1".to_owned()),
            trusted_proxies: vec!["10.0.0.0/99".to_owned()],
            provider_networks: vec!["inside".to_owned()],
            ..ServiceOptions::default()
        };
        let report = options.check().unwrap_err().to_string();
        for flag in [
            "--listen",
            "--connections",
            "--workers",
            "--requests-per-minute",
            "--trusted-proxies",
            "--provider-networks",
        ] {
            assert!(report.contains(flag), "{report}");
        }
    }

    #[test]
    fn weak_settings_are_for_trying_things_out_alone() {
        let with_password = |password: &str| DatabaseOptions {
            database_url: Some(
                format!("postgres://tautband:{password}@db/tautband?sslmode=verify-full").into(),
            ),
            ..DatabaseOptions::default()
        };
        let options = ServiceOptions::default();
        assert!(
            options
                .refuse_what_is_weak(&with_password("s8fK2nQ0xW"))
                .is_ok()
        );
        let weak = options.refuse_what_is_weak(&with_password("development-only"));
        assert!(weak.unwrap_err().to_string().contains("--database-url"));
        let trial = ServiceOptions {
            development: true,
            ..ServiceOptions::default().or_mail_to_log()
        };
        assert!(
            trial
                .refuse_what_is_weak(&with_password("postgres"))
                .is_ok()
        );
        let logs = ServiceOptions::default().or_mail_to_log();
        let refused = logs.refuse_what_is_weak(&DatabaseOptions::default());
        assert!(refused.unwrap_err().to_string().contains("--mail-to-log"));
    }

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        database: DatabaseOptions,
        #[command(flatten)]
        service: ServiceOptions,
    }

    fn line(arguments: &[&str]) -> Result<Line, clap::Error> {
        <Line as clap::Parser>::try_parse_from([&["tautband"], arguments].concat())
    }

    #[test]
    fn a_secret_is_read_from_a_file_and_never_printed() {
        let directory = std::env::temp_dir();
        let name = format!("tautband-secret-{}", std::process::id());
        let file = directory.join(name);
        std::fs::write(&file, "postgres://me:hidden@db/clinic\n").unwrap();
        let path = file.to_str().unwrap();
        let read = line(&[
            "--database-url-file",
            path,
            "--smtp-url-file",
            path,
            "--mail-from",
            "a@b.example",
        ]);
        let both = line(&[
            "--database-url-file",
            path,
            "--database-url",
            "postgres://db",
        ]);
        let half = line(&["--app-database-url-file", path]);
        let mixed = line(&[
            "--app-database-url-file",
            path,
            "--control-database-url",
            "postgres://db",
        ]);
        std::fs::remove_file(&file).unwrap();
        let read = read.unwrap();
        let url = read.database.owner_url().unwrap();
        assert_eq!(url.expose_secret(), "postgres://me:hidden@db/clinic");
        assert!(matches!(read.service.mail_route(), MailRoute::Smtp { .. }));
        assert!(!format!("{read:?} {:?}", read.service.mail_route()).contains("hidden"));
        assert!(
            both.unwrap_err()
                .to_string()
                .contains("cannot be used with")
        );
        assert!(
            half.unwrap_err()
                .to_string()
                .contains("--control-database-url")
        );
        assert!(mixed.unwrap().database.separate().is_some());
        let missing = line(&["--database-url-file", path])
            .unwrap_err()
            .to_string();
        assert!(missing.contains("No such file"), "{missing}");
    }
}
