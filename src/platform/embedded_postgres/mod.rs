//! A private Postgres server, so that the service runs with nothing set up beforehand.
//!
//! Without a database of its own a clinic should still be able to try the service, and the tests
//! should need nothing but the server programs. The rules:
//!
//! * The server answers on a Unix socket only its owner can reach, never on TCP. That is why no
//!   password is asked for.
//! * It never outlives the service. It runs below a small `sh` that holds one end of a pipe; when
//!   the service ends in any way, even by `kill -9`, the pipe closes and the server shuts down.
//!   It has a process group of its own, so that Ctrl-C reaches the service first.
//! * One service a directory. Two locks say who is there: `service.lock` belongs to the service,
//!   `server.lock` to every process of the server. They are kernel locks, so no crash leaves them
//!   behind. A free `service.lock` beside a taken `server.lock` is the server of an earlier run
//!   that is still shutting down: it is waited for, then asked to stop.
//! * A directory is either complete or absent: `initdb` works in `data.new`, which is renamed.
//! * Postgres refuses to run as root. A service started by root runs it as `postgres` or `nobody`,
//!   which owns `data` and the socket directory but not the directory that holds them, so that
//!   it cannot lead root astray with a symbolic link.
//! * It keeps as many of its pages in memory as its documentation advises for the machine or the
//!   container it runs in; one that is thrown away keeps few.
//! * The server's log shows neither statements nor their values: it is no place for what is
//!   known about a patient.

mod account;
mod address;
mod cluster;
mod directories;
mod error;
mod locks;
mod log;
mod premises;
mod programs;

use std::fs::{self, File};
use std::path::Path;
use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use account::Account;
use address::url;
use directories::{THROW_AWAY_PREFIX, create_directory, remove_abandoned};
use error::at;
use locks::{lock_server, lock_service, remove_if_stale};
use premises::{Lifetime, Premises};
use programs::find_programs;

pub use cluster::Durability;
pub use error::EmbeddedPostgresError;
pub(crate) use programs::newest_program;

const POLL_INTERVAL: Duration = Duration::from_millis(20);

const STOP_LIMIT: Duration = Duration::from_secs(60);

/// A running private server; it stops when this is dropped.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    premises: Premises,
    supervisor: Child,
    /// Held for as long as the service lives.
    _service_lock: File,
}

impl EmbeddedPostgres {
    /// Starts a server on `directory`, which is created and initialised when it is missing, and
    /// returns when it answers.
    ///
    /// Blocks the thread for up to some seconds.
    ///
    /// # Errors
    ///
    /// When no server is installed, the directory is in use or out of reach, or the server fails.
    pub fn start(directory: &Path, durability: Durability) -> Result<Self, EmbeddedPostgresError> {
        let account = Account::for_server()?;
        Self::start_in(directory, durability, Lifetime::Kept, account)
    }

    /// Starts a server on a fresh directory that is removed when the server ends, in whatever way.
    ///
    /// # Errors
    ///
    /// The same as those of [`EmbeddedPostgres::start`].
    pub fn start_throw_away() -> Result<Self, EmbeddedPostgresError> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let account = Account::for_server()?;
        let parent = std::env::temp_dir();
        remove_abandoned(&parent, account.as_ref());
        let nanoseconds = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| since.subsec_nanos());
        let directory = parent.join(format!(
            "{THROW_AWAY_PREFIX}{}-{}-{nanoseconds}",
            std::process::id(),
            STARTED.fetch_add(1, Ordering::Relaxed),
        ));
        let started = Self::start_in(&directory, Durability::None, Lifetime::ThrownAway, account);
        if started.is_err() {
            let _ = fs::remove_dir_all(&directory);
        }
        started
    }

    fn start_in(
        directory: &Path,
        durability: Durability,
        lifetime: Lifetime,
        account: Option<Account>,
    ) -> Result<Self, EmbeddedPostgresError> {
        let began = Instant::now();
        // First, so that a throw-away directory is without a supervisor only for a moment.
        let programs = find_programs(directory)?;
        let directory = create_directory(directory, account.as_ref())?;
        let service_lock = lock_service(&directory)?;
        let server_lock = lock_server(&directory, &programs, account.as_ref())?;
        let premises = Premises::prepare(directory, durability, lifetime, account)?;
        if !premises.data().join("PG_VERSION").exists() {
            premises.initialise(&programs, &server_lock)?;
        }
        for lock in [
            premises.data().join("postmaster.pid"),
            premises.socket_lock(),
        ] {
            remove_if_stale(&lock, &premises.data());
        }
        let mut supervisor = premises.launch(&programs, &server_lock)?;
        premises.wait_until_ready(&mut supervisor)?;
        tracing::info!(
            directory = %premises.directory.display(),
            version = programs.major,
            milliseconds = began.elapsed().as_millis(),
            "private Postgres server started"
        );
        Ok(Self {
            premises,
            supervisor,
            _service_lock: service_lock,
        })
    }

    /// The address of one of the server's databases, as libpq and `tokio-postgres` read it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        url(&self.premises.socket_directory, database)
    }

    /// Ends open sessions, writes everything back and returns when the server is gone.
    ///
    /// # Errors
    ///
    /// When the server had ended before, or takes longer than a minute.
    pub fn stop(mut self) -> Result<(), EmbeddedPostgresError> {
        drop(self.supervisor.stdin.take());
        let deadline = Instant::now() + STOP_LIMIT;
        let status = loop {
            let ended = self.supervisor.try_wait();
            if let Some(status) = ended.map_err(at("wait for", Path::new("sh")))? {
                break status;
            }
            if Instant::now() >= deadline {
                return Err(EmbeddedPostgresError::StopTooSlow);
            }
            thread::sleep(POLL_INTERVAL);
        };
        let log = self.premises.log_tail();
        if self.premises.lifetime == Lifetime::ThrownAway {
            let _ = fs::remove_dir_all(&self.premises.directory);
        }
        if status.success() {
            Ok(())
        } else {
            Err(EmbeddedPostgresError::Stop { status, log })
        }
    }
}
