//! Everything the server has on the disk, and the processes that use it.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::POLL_INTERVAL;
use super::account::{Account, command_as};
use super::address::answers;
use super::cluster::{
    Durability, LEAST_CACHE_MIB, cache_mib, character_type, initdb_arguments, memory_bytes,
    server_settings,
};
use super::directories::{SOCKET_NAME, choose_socket_directory, create_socket_directory};
use super::error::{EmbeddedPostgresError, at};
use super::log::{LOG_LIMIT_BYTES, last_lines, open_log};
use super::programs::Programs;

/// Long enough to replay the log of a busy day after a crash; a server that fails ends sooner.
const START_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Runs its arguments from the third on, and interrupts them when its standard input ends.
///
/// The first argument says when the directory in the second is removed afterwards. Standard output
/// is the server's lock, handed down to the server; standard error is the log. The interrupt is
/// repeated because the shell starts background commands with it ignored, so that one which comes
/// before the server has its own handler would be lost.
const SUPERVISOR: &str = r#"
trap '' HUP INT TERM
exec 3>&1 4<&0 >&2 </dev/null
removal=$1
directory=$2
shift 2
"$@" 3>&3 4<&- &
server=$!
(
    exec 3>&-
    while read -r line; do :; done <&4
    for attempt in 1 2 3 4 5; do
        kill -INT "$server" || exit 0
        sleep 1
    done
) 2>/dev/null &
watcher=$!
exec 4<&-
wait "$server"
status=$?
kill -KILL "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
case $removal-$status in
    always-* | on-failure-[1-9]*) rm -rf -- "$directory" ;;
esac
exit "$status"
"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lifetime {
    Kept,
    ThrownAway,
}

/// Everything the server has on the disk.
#[derive(Debug)]
pub(super) struct Premises {
    pub(super) directory: PathBuf,
    pub(super) socket_directory: PathBuf,
    pub(super) durability: Durability,
    pub(super) lifetime: Lifetime,
    pub(super) account: Option<Account>,
    pub(super) log: File,
    /// Where this run's lines begin.
    pub(super) log_start_bytes: u64,
}

impl Premises {
    /// Makes what the server needs before it runs, while the directory is still out of its hands.
    pub(super) fn prepare(
        directory: PathBuf,
        durability: Durability,
        lifetime: Lifetime,
        account: Option<Account>,
    ) -> Result<Self, EmbeddedPostgresError> {
        let socket_directory = choose_socket_directory(&directory, &std::env::temp_dir());
        create_socket_directory(&socket_directory, account.as_ref())?;
        let (log, log_start_bytes) = open_log(&directory)?;
        let premises = Self {
            directory,
            socket_directory,
            durability,
            lifetime,
            account,
            log,
            log_start_bytes,
        };
        if let (Lifetime::ThrownAway, Some(account)) = (lifetime, &premises.account) {
            // The supervisor has this account too, and removes the directory.
            account.give(&premises.directory)?;
        }
        Ok(premises)
    }

    pub(super) fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.socket_directory.join(SOCKET_NAME)
    }

    pub(super) fn socket_lock(&self) -> PathBuf {
        self.socket_directory.join(format!("{SOCKET_NAME}.lock"))
    }

    pub(super) fn initialise(
        &self,
        programs: &Programs,
        server_lock: &File,
    ) -> Result<(), EmbeddedPostgresError> {
        let unfinished = self.directory.join("data.new");
        self.create_data_directory(&unfinished)?;
        let mut arguments: Vec<OsString> = vec![programs.path("initdb").into()];
        arguments.extend(initdb_arguments(character_type(), self.durability));
        arguments.extend(["--pgdata".into(), unfinished.clone().into_os_string()]);
        let removal = match self.lifetime {
            Lifetime::Kept => "never",
            Lifetime::ThrownAway => "on-failure",
        };
        let mut supervisor = self.supervise(removal, &arguments, server_lock)?;
        // Waiting would close the pipe first, and with it end the program that is waited for.
        let pipe = supervisor.stdin.take();
        let status = supervisor
            .wait()
            .map_err(at("wait for", Path::new("initdb")))?;
        drop(pipe);
        if !status.success() {
            return Err(EmbeddedPostgresError::Initialise(self.log_tail()));
        }
        let data = self.data();
        fs::rename(&unfinished, &data).map_err(at("rename the new data to", &data))?;
        self.make_rename_last()
    }

    pub(super) fn create_data_directory(&self, path: &Path) -> Result<(), EmbeddedPostgresError> {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(at("remove", path)(error));
            }
            _ => {}
        }
        DirBuilder::new()
            .mode(0o700)
            .create(path)
            .map_err(at("create", path))?;
        self.account
            .as_ref()
            .map_or(Ok(()), |account| account.give(path))
    }

    pub(super) fn make_rename_last(&self) -> Result<(), EmbeddedPostgresError> {
        if self.durability == Durability::None {
            return Ok(());
        }
        File::open(&self.directory)
            .and_then(|directory| directory.sync_all())
            .map_err(at("write back", &self.directory))
    }

    pub(super) fn launch(
        &self,
        programs: &Programs,
        server_lock: &File,
    ) -> Result<Child, EmbeddedPostgresError> {
        let mut arguments: Vec<OsString> = vec![
            programs.path("postgres").into(),
            "-D".into(),
            self.data().into_os_string(),
        ];
        let cache_mib = match self.lifetime {
            Lifetime::Kept => cache_mib(memory_bytes()),
            Lifetime::ThrownAway => LEAST_CACHE_MIB,
        };
        for setting in server_settings(&self.socket_directory, self.durability, cache_mib) {
            arguments.extend(["-c".into(), setting]);
        }
        let removal = match self.lifetime {
            Lifetime::Kept => "never",
            Lifetime::ThrownAway => "always",
        };
        self.supervise(removal, &arguments, server_lock)
    }

    pub(super) fn supervise(
        &self,
        removal: &str,
        arguments: &[OsString],
        server_lock: &File,
    ) -> Result<Child, EmbeddedPostgresError> {
        let copy = |file: &File| {
            file.try_clone()
                .map_err(at("share a file of", &self.directory))
        };
        let mut command = command_as(self.account.as_ref(), "/bin/sh");
        command
            .args(["-c", SUPERVISOR, "tautband-postgres", removal])
            .arg(&self.directory)
            .args(arguments)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(copy(server_lock)?)
            .stderr(copy(&self.log)?);
        command.spawn().map_err(at("run", Path::new("/bin/sh")))
    }

    pub(super) fn wait_until_ready(
        &self,
        supervisor: &mut Child,
    ) -> Result<(), EmbeddedPostgresError> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if answers(&self.socket()).unwrap_or(false) {
                return Ok(());
            }
            let ended = supervisor
                .try_wait()
                .map_err(at("wait for", Path::new("sh")))?;
            if ended.is_some() || Instant::now() >= deadline {
                return Err(EmbeddedPostgresError::Start(self.log_tail()));
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    pub(super) fn log_tail(&self) -> String {
        let read = || -> io::Result<Vec<u8>> {
            let mut log = self.log.try_clone()?;
            log.seek(SeekFrom::Start(self.log_start_bytes))?;
            let mut bytes = Vec::new();
            log.take(LOG_LIMIT_BYTES).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        last_lines(&String::from_utf8_lossy(&read().unwrap_or_default()))
    }
}
