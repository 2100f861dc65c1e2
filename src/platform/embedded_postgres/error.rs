//! Why the private server did not start or stop.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// Why the private server did not start or stop.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedPostgresError {
    /// No server programs of a known version.
    #[error(
        "no Postgres server of version 15 or later was found on this machine: install the package \
         postgresql (Debian, Ubuntu), postgresql-server (Fedora) or postgresql@17 (Homebrew on \
         macOS), or name a server of your own with --database-url"
    )]
    NotInstalled,
    /// The data belong to a version whose programs are not here.
    #[error(
        "{} holds data of Postgres {major}, and no Postgres {major} was found on this machine: \
         install that version's server again",
        directory.display()
    )]
    OtherVersion {
        /// Where the data are.
        directory: PathBuf,
        /// The major version that wrote them.
        major: u32,
    },
    /// A living service holds the directory.
    #[error("another tautband is using {}", .0.display())]
    InUse(PathBuf),
    /// The server of an earlier run did not end in time.
    #[error(
        "the Postgres server of an earlier run is still shutting down in {}: try again in a minute",
        .0.display()
    )]
    StillStopping(PathBuf),
    /// Started by root on a machine without an account to run the server as.
    #[error(
        "Postgres refuses to run as root, and this machine has neither the user postgres nor \
         nobody: start as another user, or name a server with --database-url"
    )]
    NoUnprivilegedUser,
    /// The account that runs the server may not enter a directory on the way to its data.
    #[error(
        "the user {user} cannot reach {}, because {} is closed to it; Postgres refuses to run as \
         root, so the data must be where {user} can go: choose another place with --data-dir, for \
         example /var/lib/tautband",
        directory.display(),
        closed.display()
    )]
    Unreachable {
        /// The account that would run the server.
        user: String,
        /// Where the data should be.
        directory: PathBuf,
        /// The directory on the way that is closed.
        closed: PathBuf,
    },
    /// The place of the socket belongs to another user.
    #[error("{} belongs to somebody else: remove it and start again", .0.display())]
    SocketDirectoryTaken(PathBuf),
    /// `initdb` failed; its last lines.
    #[error("the Postgres data could not be created; initdb said:\n{0}")]
    Initialise(String),
    /// The server ended instead of answering, or did not answer in time; its last lines.
    #[error("the Postgres server did not start; its log says:\n{0}")]
    Start(String),
    /// The server ended in another way than it was asked to.
    #[error("the Postgres server did not stop cleanly ({status}); its log says:\n{log}")]
    Stop {
        /// How the server ended.
        status: ExitStatus,
        /// Its last lines.
        log: String,
    },
    /// The server is still writing its data back.
    #[error("the Postgres server is still shutting down after a minute")]
    StopTooSlow,
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// The action that failed.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
}

pub(super) fn at(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> EmbeddedPostgresError {
    let path = path.to_owned();
    move |source| EmbeddedPostgresError::Io {
        action,
        path,
        source,
    }
}
