//! One service a directory: the locks of the service and of its server.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::POLL_INTERVAL;
use super::account::{Account, command_as};
use super::error::{EmbeddedPostgresError, at};
use super::programs::Programs;

/// A service that was killed a moment ago still has its lock until the kernel has tidied it up.
const EARLIER_SERVICE_LIMIT: Duration = Duration::from_millis(500);

const EARLIER_SERVER_LIMIT: Duration = Duration::from_secs(20);

/// After this an earlier server is asked to stop, in case its supervisor is gone.
const EARLIER_SERVER_PATIENCE: Duration = Duration::from_secs(2);

fn open_lock(path: &Path) -> Result<File, EmbeddedPostgresError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(at("open", path))
}

pub(super) fn lock_service(directory: &Path) -> Result<File, EmbeddedPostgresError> {
    let path = directory.join("service.lock");
    let lock = open_lock(&path)?;
    let began = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::Error(error)) => return Err(at("lock", &path)(error)),
            Err(TryLockError::WouldBlock) if began.elapsed() >= EARLIER_SERVICE_LIMIT => {
                return Err(EmbeddedPostgresError::InUse(directory.to_owned()));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(POLL_INTERVAL),
        }
    }
}

/// Waits until no process of an earlier server is left.
pub(super) fn lock_server(
    directory: &Path,
    programs: &Programs,
    account: Option<&Account>,
) -> Result<File, EmbeddedPostgresError> {
    let path = directory.join("server.lock");
    let lock = open_lock(&path)?;
    let began = Instant::now();
    let mut asked_to_stop = false;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::Error(error)) => return Err(at("lock", &path)(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        if began.elapsed() >= EARLIER_SERVER_LIMIT {
            return Err(EmbeddedPostgresError::StillStopping(directory.to_owned()));
        }
        if began.elapsed() >= EARLIER_SERVER_PATIENCE && !asked_to_stop {
            asked_to_stop = true;
            ask_to_stop(directory, programs, account);
        }
        thread::sleep(POLL_INTERVAL);
    }
}

fn ask_to_stop(directory: &Path, programs: &Programs, account: Option<&Account>) {
    tracing::warn!(
        directory = %directory.display(),
        "the Postgres server of an earlier run is still there; asking it to stop"
    );
    // Whether it worked shows in the lock.
    let _ = command_as(account, programs.path("pg_ctl"))
        .args(["stop", "--mode=fast", "--no-wait", "--silent", "-D"])
        .arg(directory.join("data"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// Removes a file naming a process that is alive but is not a server of these data.
///
/// Postgres removes the file of a dead process itself. It cannot know that the number has gone to
/// another process in the meantime, which is common in containers, where numbers start at one. The
/// main process of a server works in its data directory.
pub(super) fn remove_if_stale(lock: &Path, data: &Path) {
    let Ok(text) = fs::read_to_string(lock) else {
        return;
    };
    let Some(process) = text
        .lines()
        .next()
        .and_then(|line| line.trim().parse::<u32>().ok())
    else {
        return;
    };
    let process = PathBuf::from(format!("/proc/{process}"));
    let is_somebody_else = match fs::read_link(process.join("cwd")) {
        Ok(works_in) => works_in != data,
        // One that has ended and was not waited for works nowhere, yet keeps its number.
        Err(error) => error.kind() == io::ErrorKind::NotFound && process.exists(),
    };
    if is_somebody_else {
        let _ = fs::remove_file(lock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty_directory(name: &str) -> PathBuf {
        let name = format!("tautband-test-{name}-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir(&directory).unwrap();
        directory
    }

    #[test]
    fn a_second_service_on_the_same_directory_is_refused() {
        let directory = empty_directory("lock");
        let first = lock_service(&directory).unwrap();
        let second = lock_service(&directory);
        assert!(matches!(second, Err(EmbeddedPostgresError::InUse(_))));
        drop(first);
        assert!(lock_service(&directory).is_ok());
        fs::remove_dir_all(directory).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_lock_whose_process_number_went_to_somebody_else_is_removed() {
        let directory = empty_directory("stale");
        let lock = directory.join("postmaster.pid");
        fs::write(&lock, format!("{}\n/data\n", std::process::id())).unwrap();
        remove_if_stale(&lock, &std::env::current_dir().unwrap());
        assert!(lock.exists(), "this process works in the data directory");
        remove_if_stale(&lock, &directory);
        assert!(!lock.exists(), "this process works elsewhere");
        fs::remove_dir_all(directory).unwrap();
    }
}
