//! How a connection to Postgres is opened, kept in the pool and closed.
//!
//! The service opens the sockets itself, because the stream between them and the driver is read
//! along for the codes of errors (see [`super::wire`]). Of the settings in the address it follows
//! those of `tokio-postgres`: several hosts that are tried in turn, `target_session_attrs`,
//! `connect_timeout`, and those of keepalive.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{self, Metrics, RecycleError};
use diesel::connection::InstrumentationEvent;
use diesel::result::Error as DieselError;
use diesel_async::pooled_connection::PoolableConnection;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio_postgres::config::{Host, SslMode, SslNegotiation, TargetSessionAttrs};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, SimpleQueryMessage};
use tokio_util::either::Either;

use super::address::Address;
use super::sqlstate::FirstError;
use super::wire::{Encrypting, Plain, Watched};
use crate::platform::telemetry;

/// The port of Postgres when the address names none.
const DEFAULT_PORT: u16 = 5432;

/// How long one host may take to answer when the address does not say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A silent connection is asked whether it lives after this time, unless the address says another.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 3;

/// What was sent and is not acknowledged after this time breaks the connection.
const UNACKNOWLEDGED: Duration = Duration::from_secs(5);

/// What the driver takes when the address says nothing: too long to notice a dead server.
const KEEPALIVE_IDLE_OF_DRIVER: Duration = Duration::from_secs(2 * 60 * 60);

/// The settings of every connection of the service.
///
/// Statements are planned once for each connection: planning a join takes longer than running it.
/// A distributed Postgres plans a statement for the values it is given, so there it stays as it is.
/// None is shared out or compiled: starting another process and making machine code take longer
/// than a statement of the service, and Postgres would begin to do both only when tables are large.
/// A distributed Postgres hands on the settings of a transaction only if it is asked to; any other
/// takes the name for one that means nothing.
const SETTINGS: &str = "SET TIME ZONE 'UTC'; SET statement_timeout = '5s'; \
    SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '10s'; \
    SET max_parallel_workers_per_gather = 0; SET jit = off; \
    SET citus.propagate_set_commands = 'local'; \
    SELECT set_config('plan_cache_mode', CASE WHEN EXISTS (SELECT FROM pg_extension \
    WHERE extname = 'citus') THEN 'auto' ELSE 'force_generic_plan' END, false)";

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("the address names no host")]
    NoHost,
    #[error("the server cannot be reached")]
    Unreachable(#[from] io::Error),
    #[error("the server did not answer in time")]
    TooSlow(#[from] tokio::time::error::Elapsed),
    #[error("the server refuses the connection")]
    Refused(#[from] tokio_postgres::Error),
    #[error("the server is a standby, or is none")]
    OtherSort,
    #[error("the connection cannot be set up")]
    SetUp(#[from] diesel::ConnectionError),
    #[error("the settings of the connection are refused")]
    Settings(#[from] DieselError),
}

/// A connection, and the code of the first error on it.
pub(super) struct Live {
    pub(super) postgres: AsyncPgConnection,
    pub(super) first_error: Arc<FirstError>,
    /// Reads and writes in the background; it ends with the connection.
    _driver: JoinSet<()>,
}

/// Opens connections for the pool.
#[derive(Debug)]
pub(super) struct Manager {
    login: Address,
}

impl Manager {
    /// For this login.
    pub(super) const fn new(login: Address) -> Self {
        Self { login }
    }
}

impl managed::Manager for Manager {
    type Type = Live;
    type Error = ConnectError;

    async fn create(&self) -> Result<Live, ConnectError> {
        // What it holds while it encrypts is large, and every request may wait for one.
        Box::pin(connect(&self.login)).await
    }

    /// The server is not asked whether the connection still lives: the first statements show it.
    async fn recycle(&self, live: &mut Live, _: &Metrics) -> managed::RecycleResult<ConnectError> {
        if live.postgres.is_broken() {
            return Err(RecycleError::message("the connection is closed"));
        }
        Ok(())
    }
}

/// Tries the hosts of the address in turn.
async fn connect(login: &Address) -> Result<Live, ConnectError> {
    let config = &login.config;
    let limit = config
        .get_connect_timeout()
        .copied()
        .unwrap_or(CONNECT_TIMEOUT);
    let mut refusal = ConnectError::NoHost;
    for place in places(config) {
        let tried = tokio::time::timeout(limit, connect_to(&place, login)).await;
        match tried.map_err(ConnectError::from).flatten() {
            Ok(live) => return Ok(live),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

/// Where a server listens.
enum Place {
    Tcp {
        /// What the certificate of the server must be for.
        name: String,
        /// What is connected to.
        address: String,
        port: u16,
    },
    Unix(PathBuf),
}

/// The places that the address names. The address of a host may stand beside its name, and one
/// port may stand for all.
fn places(config: &Config) -> Vec<Place> {
    let (hosts, addresses, ports) = (
        config.get_hosts(),
        config.get_hostaddrs(),
        config.get_ports(),
    );
    let place = |index: usize| {
        let port = ports.get(index).or_else(|| ports.first());
        let port = port.copied().unwrap_or(DEFAULT_PORT);
        match (addresses.get(index), hosts.get(index)) {
            (Some(address), host) => {
                let address = address.to_string();
                let name = match host {
                    Some(Host::Tcp(name)) => name.clone(),
                    _ => address.clone(),
                };
                Some(Place::Tcp {
                    name,
                    address,
                    port,
                })
            }
            (None, Some(Host::Tcp(name))) => Some(Place::Tcp {
                name: name.clone(),
                address: name.clone(),
                port,
            }),
            (None, Some(Host::Unix(directory))) => {
                Some(Place::Unix(directory.join(format!(".s.PGSQL.{port}"))))
            }
            (None, None) => None,
        }
    };
    (0..hosts.len().max(addresses.len()))
        .filter_map(place)
        .collect()
}

async fn connect_to(place: &Place, login: &Address) -> Result<Live, ConnectError> {
    let first_error = Arc::new(FirstError::default());
    let mut config = login.config.clone();
    let name = match place {
        Place::Tcp { name, .. } => name.as_str(),
        Place::Unix(_) => {
            config.ssl_mode(SslMode::Disable);
            ""
        }
    };
    let mut stream = Watched::new(open(place, &config).await?, Arc::clone(&first_error));
    let is_asked = config.get_ssl_mode() != SslMode::Disable
        && config.get_ssl_negotiation() == SslNegotiation::Postgres;
    if is_asked {
        stream = stream.asking_for_encryption();
    }
    let mut encryption = login.encryption.clone();
    let Ok(encryption) = MakeTlsConnect::<Plain>::make_tls_connect(&mut encryption, name);
    let (client, connection) = config
        .connect_raw(stream, Encrypting { encryption })
        .await?;
    let mut driver = JoinSet::new();
    driver.spawn(async {
        // Statements that wait for an answer fail by themselves.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection lost");
        }
    });
    check_sort(&client, config.get_target_session_attrs()).await?;
    let mut postgres = AsyncPgConnection::try_from(client).await?;
    postgres.batch_execute(SETTINGS).await?;
    postgres.set_instrumentation(|event: InstrumentationEvent<'_>| telemetry::observe(&event));
    Ok(Live {
        postgres,
        first_error,
        _driver: driver,
    })
}

async fn open(place: &Place, config: &Config) -> io::Result<Plain> {
    match place {
        Place::Tcp { address, port, .. } => {
            let socket = TcpStream::connect((address.as_str(), *port)).await?;
            socket.set_nodelay(true)?;
            let settings = SockRef::from(&socket);
            #[cfg(target_os = "linux")]
            settings.set_tcp_user_timeout(Some(
                config
                    .get_tcp_user_timeout()
                    .copied()
                    .unwrap_or(UNACKNOWLEDGED),
            ))?;
            if config.get_keepalives() {
                settings.set_tcp_keepalive(&keepalive(config))?;
            }
            Ok(Either::Left(socket))
        }
        Place::Unix(path) => Ok(Either::Right(UnixStream::connect(path).await?)),
    }
}

fn keepalive(config: &Config) -> TcpKeepalive {
    let idle = match config.get_keepalives_idle() {
        KEEPALIVE_IDLE_OF_DRIVER => KEEPALIVE_IDLE,
        named => named,
    };
    let interval = config.get_keepalives_interval();
    let retries = config.get_keepalives_retries();
    TcpKeepalive::new()
        .with_time(idle)
        .with_interval(interval.unwrap_or(KEEPALIVE_INTERVAL))
        .with_retries(retries.unwrap_or(KEEPALIVE_RETRIES))
}

/// Refuses a standby where the address asks for a server that takes writes, and the reverse.
async fn check_sort(client: &Client, wanted: TargetSessionAttrs) -> Result<(), ConnectError> {
    let is_read_only = match wanted {
        TargetSessionAttrs::ReadWrite => "off",
        TargetSessionAttrs::ReadOnly => "on",
        _ => return Ok(()),
    };
    let answer = client.simple_query("SHOW transaction_read_only").await?;
    let fits = answer.iter().any(|message| {
        matches!(message, SimpleQueryMessage::Row(row) if row.get(0) == Some(is_read_only))
    });
    if fits {
        Ok(())
    } else {
        Err(ConnectError::OtherSort)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(url: &str) -> Vec<String> {
        let place = |place| match place {
            Place::Tcp { address, port, .. } => format!("{address}:{port}"),
            Place::Unix(path) => path.display().to_string(),
        };
        let config = url.parse().unwrap();
        places(&config).into_iter().map(place).collect()
    }

    #[test]
    fn every_host_of_an_address_is_tried_at_its_port() {
        assert_eq!(
            named("postgres://clinic@first,second:5433/clinic"),
            ["first:5432", "second:5433"]
        );
        assert_eq!(
            named("host=first,second port=5433"),
            ["first:5433", "second:5433"]
        );
        assert_eq!(named("host=first hostaddr=192.0.2.7"), ["192.0.2.7:5432"]);
        assert_eq!(
            named("host=/run/postgresql"),
            ["/run/postgresql/.s.PGSQL.5432"]
        );
        assert!(named("user=clinic").is_empty());
    }
}
