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

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, lchown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

const SUPERUSER: &str = "tautband";
const OLDEST_MAJOR: u32 = 15;
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// Long enough to replay the log of a busy day after a crash; a server that fails ends sooner.
const START_LIMIT: Duration = Duration::from_secs(5 * 60);
const STOP_LIMIT: Duration = Duration::from_secs(60);
/// A service that was killed a moment ago still has its lock until the kernel has tidied it up.
const EARLIER_SERVICE_LIMIT: Duration = Duration::from_millis(500);
const EARLIER_SERVER_LIMIT: Duration = Duration::from_secs(20);
/// After this an earlier server is asked to stop, in case its supervisor is gone.
const EARLIER_SERVER_PATIENCE: Duration = Duration::from_secs(2);
/// What Postgres has when nobody says; enough for data that are thrown away.
const LEAST_CACHE_MIB: u64 = 128;
/// More is of no use to a practice, and takes longer to write back.
const MOST_CACHE_MIB: u64 = 8 * 1024;
const LOG_LIMIT_BYTES: u64 = 16 * 1024 * 1024;
const LOG_TAIL_LINES: usize = 15;
/// macOS has room for 103 bytes, Linux for 107.
const SOCKET_PATH_LIMIT_BYTES: usize = 100;
const SOCKET_NAME: &str = ".s.PGSQL.5432";
const THROW_AWAY_PREFIX: &str = "tautband-throw-away-";
const ABANDONED_AFTER: Duration = Duration::from_secs(10 * 60);

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

/// Asks for the protocol 3.0, as the superuser, in the database every server has.
const STARTUP_MESSAGE: &[u8] =
    b"\x00\x00\x00\x29\x00\x03\x00\x00user\0tautband\0database\0postgres\0\0";
const TERMINATE_MESSAGE: &[u8] = b"X\x00\x00\x00\x04";
/// The error code of a server that is starting up, recovering or shutting down.
const CANNOT_CONNECT_NOW: &[u8] = b"57P03";

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
    /// The place of the socket belongs to somebody else.
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
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
}

/// What the data are worth when the machine loses power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every committed transaction survives.
    Full,
    /// Nothing is forced to the disk: for throw-away data only.
    None,
}

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
    /// As [`EmbeddedPostgres::start`].
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lifetime {
    Kept,
    ThrownAway,
}

/// Everything the server has on the disk.
#[derive(Debug)]
struct Premises {
    directory: PathBuf,
    socket_directory: PathBuf,
    durability: Durability,
    lifetime: Lifetime,
    account: Option<Account>,
    log: File,
    /// Where this run's lines begin.
    log_start_bytes: u64,
}

impl Premises {
    /// Makes what the server needs before it runs, while the directory is still out of its hands.
    fn prepare(
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

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn socket(&self) -> PathBuf {
        self.socket_directory.join(SOCKET_NAME)
    }

    fn socket_lock(&self) -> PathBuf {
        self.socket_directory.join(format!("{SOCKET_NAME}.lock"))
    }

    fn initialise(
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

    fn create_data_directory(&self, path: &Path) -> Result<(), EmbeddedPostgresError> {
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

    fn make_rename_last(&self) -> Result<(), EmbeddedPostgresError> {
        if self.durability == Durability::None {
            return Ok(());
        }
        File::open(&self.directory)
            .and_then(|directory| directory.sync_all())
            .map_err(at("write back", &self.directory))
    }

    fn launch(
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

    fn supervise(
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

    fn wait_until_ready(&self, supervisor: &mut Child) -> Result<(), EmbeddedPostgresError> {
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

    fn log_tail(&self) -> String {
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

/// Who runs the server when the service is run by root.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Account {
    name: String,
    uid: u32,
    gid: u32,
}

impl Account {
    /// Nothing unless the service is run by root.
    fn for_server() -> Result<Option<Self>, EmbeddedPostgresError> {
        if !is_root() {
            return Ok(None);
        }
        let path = Path::new("/etc/passwd");
        let accounts = fs::read_to_string(path).map_err(at("read", path))?;
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| Self::parse(&accounts, name))
            .map(Some)
            .ok_or(EmbeddedPostgresError::NoUnprivilegedUser)
    }

    fn parse(accounts: &str, name: &str) -> Option<Self> {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let found = fields.next().filter(|found| *found == name)?;
            let uid = fields.nth(1)?.parse().ok().filter(|uid| *uid != 0)?;
            let gid = fields.next()?.parse().ok()?;
            Some(Self {
                name: found.to_owned(),
                uid,
                gid,
            })
        })
    }

    fn give(&self, path: &Path) -> Result<(), EmbeddedPostgresError> {
        lchown(path, Some(self.uid), Some(self.gid)).map_err(at("hand over", path))
    }

    fn can_enter(&self, directory: &fs::Metadata) -> bool {
        let permission = if directory.uid() == self.uid {
            0o100
        } else if directory.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        directory.mode() & permission != 0
    }
}

fn is_root() -> bool {
    // The owner of /proc/self would be wrong for a program whose file is not readable.
    let effective = fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
            line.split_whitespace().nth(1).map(str::to_owned)
        });
    effective
        .or_else(|| first_line_of("id", "-u"))
        .is_some_and(|uid| uid == "0")
}

/// The programs of one installed version.
#[derive(Debug)]
struct Programs {
    directory: PathBuf,
    major: u32,
}

impl Programs {
    fn in_directory(directory: PathBuf) -> Option<Self> {
        if !directory.join("initdb").is_file() {
            return None;
        }
        let version = first_line_of(directory.join("postgres"), "--version")?;
        let major = major_version(&version)?;
        (major >= OLDEST_MAJOR).then_some(Self { directory, major })
    }

    fn path(&self, program: &str) -> PathBuf {
        self.directory.join(program)
    }
}

/// The first installation that is new enough, or the one that wrote the data when there are any.
fn find_programs(directory: &Path) -> Result<Programs, EmbeddedPostgresError> {
    let written_by = fs::read_to_string(directory.join("data").join("PG_VERSION"))
        .ok()
        .and_then(|version| version.trim().parse::<u32>().ok());
    let mut installed = program_directories()
        .into_iter()
        .filter_map(Programs::in_directory);
    match written_by {
        None => installed.next().ok_or(EmbeddedPostgresError::NotInstalled),
        Some(major) => installed
            .find(|programs| programs.major == major)
            .ok_or_else(|| EmbeddedPostgresError::OtherVersion {
                directory: directory.to_owned(),
                major,
            }),
    }
}

fn program_directories() -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = first_line_of("pg_config", "--bindir")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
    ] {
        directories.extend(versions_below(Path::new(parent), prefix));
    }
    directories.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    directories
}

/// The `bin` directories of `<parent>/<prefix><version>`, the newest first.
fn versions_below(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry
                .file_name()
                .to_str()?
                .strip_prefix(prefix)?
                .parse()
                .ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    found.sort_by(|(left, _), (right, _)| right.cmp(left));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Reads `postgres (PostgreSQL) 17.2 (Debian …)`, also of test versions such as `18beta1`.
fn major_version(text: &str) -> Option<u32> {
    let number = text.split_once("(PostgreSQL) ")?.1;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn first_line_of(program: impl AsRef<OsStr>, argument: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().next()?.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}

/// A command with none of the service's environment, which holds its secrets.
fn command_as(account: Option<&Account>, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").env_clear().env("LC_ALL", "C");
    for name in ["PATH", "LD_LIBRARY_PATH", "TZ"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    command
}

/// A locale that knows the cases of letters outside ASCII, for names; it is called differently
/// from system to system.
fn character_type() -> &'static str {
    let Ok(output) = Command::new("locale")
        .arg("-a")
        .stdin(Stdio::null())
        .output()
    else {
        // A system without the program is built on musl, which takes any name.
        return "C.UTF-8";
    };
    let is_known = String::from_utf8_lossy(&output.stdout)
        .lines()
        .any(|name| name.eq_ignore_ascii_case("C.UTF-8") || name.eq_ignore_ascii_case("C.utf8"));
    if is_known {
        "C.UTF-8"
    } else if cfg!(target_os = "macos") {
        "UTF-8"
    } else {
        "C"
    }
}

fn initdb_arguments(character_type: &str, durability: Durability) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec![
        format!("--username={SUPERUSER}").into(),
        "--encoding=UTF8".into(),
        "--locale=C".into(),
        format!("--lc-ctype={character_type}").into(),
        "--auth-local=trust".into(),
        "--auth-host=reject".into(),
        "--data-checksums".into(),
        "--no-instructions".into(),
    ];
    if durability == Durability::None {
        arguments.push("--no-sync".into());
    }
    arguments
}

/// What this process may use: the memory of the machine, or less where it runs in a container.
fn memory_bytes() -> u64 {
    let kind = MemoryRefreshKind::nothing().with_ram();
    let machine = System::new_with_specifics(RefreshKind::nothing().with_memory(kind));
    let limit = machine.cgroup_limits().map(|limits| limits.total_memory);
    limit.map_or_else(
        || machine.total_memory(),
        |limit| limit.min(machine.total_memory()),
    )
}

/// A quarter of the memory for pages of the server's own, as its documentation advises; the rest is
/// the system's, which keeps the same files. It is taken as it is used.
fn cache_mib(memory_bytes: u64) -> u64 {
    (memory_bytes / 4 / (1024 * 1024)).clamp(LEAST_CACHE_MIB, MOST_CACHE_MIB)
}

fn server_settings(
    socket_directory: &Path,
    durability: Durability,
    cache_mib: u64,
) -> Vec<OsString> {
    // A list separated by commas, in which a quoted name may hold anything.
    let mut sockets = OsString::from("unix_socket_directories=\"");
    for (position, part) in socket_directory
        .as_os_str()
        .as_bytes()
        .split(|byte| *byte == b'"')
        .enumerate()
    {
        if position > 0 {
            sockets.push("\"\"");
        }
        sockets.push(OsStr::from_bytes(part));
    }
    sockets.push("\"");
    let mut settings = vec![sockets];
    settings.extend(
        [
            "listen_addresses=",
            "port=5432",
            "unix_socket_permissions=0700",
            "max_connections=200",
            "logging_collector=off",
            "log_destination=stderr",
            // A failed statement is the service's to report: the error quotes values, its detail
            // quotes rows. What is logged without its detail is the server's own affairs.
            "log_min_messages=log",
            "log_error_verbosity=terse",
            "log_min_error_statement=panic",
            "log_parameter_max_length=0",
            "log_parameter_max_length_on_error=0",
        ]
        .map(OsString::from),
    );
    settings.push(format!("shared_buffers={cache_mib}MB").into());
    if durability == Durability::None {
        settings.extend(
            [
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ]
            .map(OsString::from),
        );
    }
    settings
}

/// Creates what is missing on the way to the directory, and checks that the server can go there.
fn create_directory(
    directory: &Path,
    account: Option<&Account>,
) -> Result<PathBuf, EmbeddedPostgresError> {
    let absolute = std::path::absolute(directory).map_err(at("find", directory))?;
    let mut missing: Vec<&Path> = absolute
        .ancestors()
        .take_while(|ancestor| !ancestor.exists())
        .collect();
    // The server's account passes through what root owns; nobody else can look inside.
    let mode = if account.is_some() { 0o711 } else { 0o700 };
    while let Some(path) = missing.pop() {
        match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            created => created.map_err(at("create", path))?,
        }
        fs::set_permissions(path, Permissions::from_mode(mode)).map_err(at("open", path))?;
    }
    let directory = absolute.canonicalize().map_err(at("find", &absolute))?;
    if let Some(account) = account {
        check_reachable(&directory, account)?;
    }
    Ok(directory)
}

fn check_reachable(directory: &Path, account: &Account) -> Result<(), EmbeddedPostgresError> {
    for ancestor in directory.ancestors() {
        let metadata = fs::metadata(ancestor).map_err(at("look at", ancestor))?;
        if !account.can_enter(&metadata) {
            return Err(EmbeddedPostgresError::Unreachable {
                user: account.name.clone(),
                directory: directory.to_owned(),
                closed: ancestor.to_owned(),
            });
        }
    }
    Ok(())
}

fn open_lock(path: &Path) -> Result<File, EmbeddedPostgresError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(at("open", path))
}

fn lock_service(directory: &Path) -> Result<File, EmbeddedPostgresError> {
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
fn lock_server(
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
/// somebody else in the meantime, which is common in containers, where numbers start at one. The
/// main process of a server works in its data directory.
fn remove_if_stale(lock: &Path, data: &Path) {
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

/// Below the data when the path is short enough for a socket, else a short one of the same name
/// at every start.
fn choose_socket_directory(directory: &Path, temporary: &Path) -> PathBuf {
    let fits = |path: &PathBuf| {
        path.as_os_str().as_bytes().len() + 1 + SOCKET_NAME.len() <= SOCKET_PATH_LIMIT_BYTES
    };
    let name = format!(
        "tautband-{:016x}",
        fingerprint(directory.as_os_str().as_bytes())
    );
    [directory.join("socket"), temporary.join(&name)]
        .into_iter()
        .find(fits)
        .unwrap_or_else(|| Path::new("/tmp").join(name))
}

/// FNV-1a, which unlike the standard library's is the same in every release.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn create_socket_directory(
    path: &Path,
    account: Option<&Account>,
) -> Result<(), EmbeddedPostgresError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(at("create", path)(error));
        }
        _ => {}
    }
    // Anybody may have made a directory below the temporary one.
    let metadata = fs::symlink_metadata(path).map_err(at("look at", path))?;
    let is_ours = match account {
        Some(account) => [0, account.uid].contains(&metadata.uid()),
        // Only the owner of a directory may set its mode.
        None => fs::set_permissions(path, Permissions::from_mode(0o700)).is_ok(),
    };
    if !(metadata.is_dir() && is_ours) {
        return Err(EmbeddedPostgresError::SocketDirectoryTaken(path.to_owned()));
    }
    account.map_or(Ok(()), |account| account.give(path))
}

/// Opens the log for adding to it, and says where that begins; a large one is put aside first.
fn open_log(directory: &Path) -> Result<(File, u64), EmbeddedPostgresError> {
    let path = directory.join("postgres.log");
    if fs::metadata(&path).is_ok_and(|log| log.len() > LOG_LIMIT_BYTES) {
        let earlier = directory.join("postgres.earlier.log");
        fs::rename(&path, &earlier).map_err(at("put aside", &path))?;
    }
    let log = OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .mode(0o600)
        .open(&path)
        .map_err(at("open", &path))?;
    let start_bytes = log.metadata().map_err(at("look at", &path))?.len();
    Ok((log, start_bytes))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(LOG_TAIL_LINES);
    lines
        .into_iter()
        .skip(skipped)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether the server takes connections; refusing this one for another reason counts as taking.
fn answers(socket: &Path) -> io::Result<bool> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.set_write_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(STARTUP_MESSAGE)?;
    let mut kind = [0];
    stream.read_exact(&mut kind)?;
    if kind == *b"R" {
        // Leaving without a word would be a line in the log.
        stream.write_all(TERMINATE_MESSAGE)?;
        io::copy(&mut stream, &mut io::sink())?;
        return Ok(true);
    }
    let mut message = Vec::new();
    stream.take(4096).read_to_end(&mut message)?;
    Ok(!message
        .windows(CANNOT_CONNECT_NOW.len())
        .any(|part| part == CANNOT_CONNECT_NOW))
}

fn url(socket_directory: &Path, database: &str) -> String {
    let host = percent_encoded(socket_directory.as_os_str().as_bytes());
    let database = percent_encoded(database.as_bytes());
    format!("postgresql://{SUPERUSER}@{host}/{database}")
}

fn percent_encoded(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            encoded.push(char::from(*byte));
        } else {
            encoded.extend(format!("%{byte:02X}").chars());
        }
    }
    encoded
}

/// Removes throw-away directories whose supervisor was killed too; only a power cut or an
/// out-of-memory kill of everything leaves one.
fn remove_abandoned(parent: &Path, account: Option<&Account>) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let named = entry
            .file_name()
            .as_bytes()
            .starts_with(THROW_AWAY_PREFIX.as_bytes());
        if named && is_abandoned(&entry.path(), account).unwrap_or(false) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_abandoned(directory: &Path, account: Option<&Account>) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(directory)?;
    // Root's until it is handed over; what is somebody else's cannot be removed anyway.
    let is_ours = account.is_none_or(|account| [0, account.uid].contains(&metadata.uid()));
    let is_old = metadata
        .modified()?
        .elapsed()
        .is_ok_and(|age| age >= ABANDONED_AFTER);
    let is_free = |name| match File::open(directory.join(name)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    Ok(metadata.is_dir() && is_ours && is_old && is_free("service.lock") && is_free("server.lock"))
}

fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EmbeddedPostgresError {
    let path = path.to_owned();
    move |source| EmbeddedPostgresError::Io {
        action,
        path,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_releases_and_test_versions() {
        for (text, major) in [
            (
                "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)",
                Some(15),
            ),
            ("postgres (PostgreSQL) 17.2", Some(17)),
            ("postgres (PostgreSQL) 18beta1", Some(18)),
            ("postgres (EnterpriseDB) x", None),
        ] {
            assert_eq!(major_version(text), major, "{text}");
        }
    }

    #[test]
    fn an_account_is_found_by_its_whole_name_and_is_never_root() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\npostgresql:x:7:7::/:/bin/sh\n\
                        postgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\nodd:x:0:0::/:\n";
        let found = Account::parse(accounts, "postgres");
        assert_eq!(
            found,
            Some(Account {
                name: "postgres".to_owned(),
                uid: 101,
                gid: 104
            })
        );
        assert_eq!(Account::parse(accounts, "nobody"), None);
        assert_eq!(Account::parse(accounts, "odd"), None);
    }

    #[test]
    fn the_socket_is_below_the_data_when_its_path_is_short() {
        let chosen = choose_socket_directory(Path::new("/var/lib/tautband"), Path::new("/tmp"));
        assert_eq!(chosen, Path::new("/var/lib/tautband/socket"));
    }

    #[test]
    fn a_long_path_gets_the_same_short_socket_at_every_start() {
        let long = PathBuf::from(format!("/{}", "x".repeat(90)));
        let chosen = choose_socket_directory(&long, Path::new("/tmp"));
        assert_eq!(chosen, choose_socket_directory(&long, Path::new("/tmp")));
        assert!(chosen.starts_with("/tmp"), "{}", chosen.display());
        assert_ne!(
            chosen,
            choose_socket_directory(&long.join("y"), Path::new("/tmp"))
        );
        assert_eq!(chosen, choose_socket_directory(&long, &long));
    }

    #[test]
    fn the_fingerprint_is_the_published_one() {
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn the_address_escapes_what_a_url_would_misread() {
        let address = url(Path::new("/tmp/a b"), "clinic/1");
        assert_eq!(address, "postgresql://tautband@%2Ftmp%2Fa%20b/clinic%2F1");
    }

    #[test]
    fn a_quote_in_the_socket_path_stays_inside_the_quoted_setting() {
        let settings = server_settings(Path::new("/a\"b,c"), Durability::Full, 128);
        assert_eq!(settings[0], "unix_socket_directories=\"/a\"\"b,c\"");
    }

    #[test]
    fn only_throw_away_data_are_not_forced_to_the_disk() {
        let full = server_settings(Path::new("/s"), Durability::Full, 128);
        assert!(!full.contains(&"fsync=off".into()));
        let thrown_away = server_settings(Path::new("/s"), Durability::None, 128);
        assert!(thrown_away.contains(&"fsync=off".into()));
        assert!(!initdb_arguments("C", Durability::Full).contains(&"--no-sync".into()));
    }

    #[test]
    fn the_server_gets_a_quarter_of_the_memory_within_reason() {
        const GIB: u64 = 1024 * 1024 * 1024;
        for (memory_bytes, expected_mib) in [
            (0, 128),
            (GIB / 4, 128),
            (4 * GIB, 1024),
            (24 * GIB, 6 * 1024),
            (512 * GIB, 8 * 1024),
        ] {
            assert_eq!(cache_mib(memory_bytes), expected_mib, "{memory_bytes}");
        }
        assert!(memory_bytes() >= GIB / 8);
        let settings = server_settings(Path::new("/s"), Durability::Full, 1024);
        assert!(settings.contains(&"shared_buffers=1024MB".into()));
    }

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

    #[test]
    fn the_log_is_quoted_by_its_last_lines() {
        let lines: Vec<String> = (1..=20).map(|number| number.to_string()).collect();
        let tail = last_lines(&lines.join("\n"));
        assert!(tail.starts_with("6\n") && tail.ends_with("\n20"), "{tail}");
    }
}
