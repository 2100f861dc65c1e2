//! The command line of Tautband.

#![expect(
    clippy::doc_markdown,
    reason = "some of it is shown as help, where marks would stand in the way"
)]

use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::{ExposeSecret, SecretString};
use tautband::application::{self, Application};
use tautband::backup::{self, Restored, Target, Written};
use tautband::demo;
use tautband::migrations;
use tautband::platform::clock::Clock;
use tautband::platform::database::DatabaseAccess;
use tautband::platform::embedded_postgres::{Durability, EmbeddedPostgres};
use tautband::set_up::{self, NewUser};
use tautband::settings::{DatabaseOptions, ServiceOptions};
use tikv_jemallocator::Jemalloc;

/// The allocator of the C library keeps what each thread once needed: after an hour of long answers and sign-ins the service
/// stood at ten times what it uses.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// Books appointments and records trigger-point injections for headache and pain clinics
#[derive(Parser)]
#[command(version, propagate_version = true)]
struct CommandLine {
    /// What to log: error, warn, info, debug, or a filter such as tautband=debug
    #[arg(
        long,
        env = "TAUTBAND_LOG",
        default_value = "info",
        global = true,
        value_name = "FILTER"
    )]
    log: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service
    Serve {
        #[command(flatten)]
        database: DatabaseOptions,
        #[command(flatten)]
        service: ServiceOptions,
        /// Apply pending migrations first
        #[arg(long, env = "TAUTBAND_MIGRATE")]
        migrate: bool,
    },
    /// Run a made-up clinic with a private Postgres: for trying things out
    Demo(DemoOptions),
    /// Apply the migrations this program brings along
    Migrate(MigrateOptions),
    /// Manage who may sign in
    #[command(subcommand)]
    User(UserCommand),
    /// Manage the muscle catalogue
    #[command(subcommand)]
    Muscles(MusclesCommand),
    /// Replace the keys that sign access tokens
    Keys {
        #[command(flatten)]
        database: DatabaseOptions,
        /// Take the old ones out of use at once, because somebody may have them: everybody renews their token
        #[arg(long)]
        at_once: bool,
    },
    /// Look after the audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Copy the whole database, or check that a copy can be brought back
    Backup(BackupOptions),
    /// Bring a backup into an empty database, and check that all of it came
    Restore(RestoreOptions),
    /// Print the OpenAPI document
    Openapi,
    /// Ask a running service how it is; fails when it is not well
    Health {
        /// What to ask
        #[arg(long, default_value = "http://127.0.0.1:8080/health/ready")]
        url: String,
    },
}

#[derive(Args)]
struct DemoOptions {
    /// Port to serve on, in place of --listen; 0 picks a free one [default: 8080]
    #[arg(long)]
    port: Option<u16>,
    /// Where the demo keeps its data [default: demo below the usual data directory]
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<PathBuf>,
    /// Throw away what an earlier demo left and begin anew
    #[arg(long)]
    reset: bool,
    /// Keep nothing when it ends
    #[arg(long, conflicts_with_all = ["reset", "data_dir"])]
    ephemeral: bool,
    /// Print one line of JSON before serving instead of words
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceOptions,
}

#[derive(Args)]
struct MigrateOptions {
    #[command(flatten)]
    database: DatabaseOptions,
    /// On a throw-away database: up, down and up again, and compare
    #[arg(long, conflicts_with_all = ["owner_login", "data_dir", "throw_away"])]
    check: bool,
    /// Run COMMAND with DATABASE_URL of a migrated throw-away database
    #[arg(long, conflicts_with_all = ["owner_login", "data_dir"], requires = "command")]
    throw_away: bool,
    /// What to run
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

#[derive(Args)]
struct BackupOptions {
    #[command(flatten)]
    database: DatabaseOptions,
    /// File to write, which must not be there yet; - is standard output
    #[arg(long, short, value_name = "FILE", required_unless_present = "verify")]
    output: Option<PathBuf>,
    /// Encrypt it for this age recipient; may be given several times
    #[arg(long = "recipient", value_name = "age1…")]
    recipients: Vec<String>,
    /// Bring this backup into a server that is thrown away, and check that all of it came
    #[arg(long, value_name = "FILE", conflicts_with_all = ["output", "recipients", "database_url", "data_dir"])]
    verify: Option<PathBuf>,
    /// File of the age identity, to read an encrypted backup
    #[arg(long, value_name = "FILE", requires = "verify")]
    identity_file: Option<PathBuf>,
}

#[derive(Args)]
struct RestoreOptions {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
    /// File of the age identity, to read an encrypted backup
    #[arg(long, value_name = "FILE")]
    identity_file: Option<PathBuf>,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Make a user; the practice is made too when there is none of that slug
    Create {
        #[command(flatten)]
        database: DatabaseOptions,
        #[command(flatten)]
        user: NewUser,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Say whether the trail of a practice was changed, and where; fails when it was
    Verify {
        #[command(flatten)]
        database: DatabaseOptions,
        /// Slug of the practice
        #[arg(long)]
        practice: String,
        /// A checkpoint that was kept elsewhere
        #[arg(long, value_name = "FILE")]
        checkpoint_file: Option<PathBuf>,
    },
    /// Print the last signed state of the trail of a practice, to be kept elsewhere
    Checkpoint {
        #[command(flatten)]
        database: DatabaseOptions,
        /// Slug of the practice
        #[arg(long)]
        practice: String,
    },
}

#[derive(Subcommand)]
enum MusclesCommand {
    /// Load SNOMED CT codes in place of those loaded before; the terminology needs a licence of your own
    Map {
        #[command(flatten)]
        database: DatabaseOptions,
        /// Lines of muscle_code,concept
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    match start(CommandLine::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One sentence, and no trace of the program's own calls.
            let _ = writeln!(std::io::stderr(), "tautband: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(line: CommandLine) -> anyhow::Result<()> {
    start_log(&line.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(line.command))
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve {
            database,
            service,
            migrate,
        } => serve(&database, &service, migrate).await,
        Command::Demo(options) => demo(options).await,
        Command::Migrate(options) => migrate(&options).await,
        Command::User(UserCommand::Create { database, user }) => create_user(&database, user).await,
        Command::Muscles(MusclesCommand::Map { database, file }) => {
            map_muscles(&database, &file).await
        }
        Command::Keys { database, at_once } => replace_keys(&database, at_once).await,
        Command::Audit(command) => audit(&command).await,
        Command::Backup(options) => back_up(options).await,
        Command::Restore(options) => restore(&options).await,
        Command::Openapi => print(&application::document()?),
        Command::Health { url } => health(&url),
    }
}

/// Logs go to standard error: JSON for machines, words for a person at a terminal.
fn start_log(filter: &str) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter).context("--log cannot be read")?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        log.init();
    } else {
        log.json().init();
    }
    Ok(())
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

/// A database to work on, and the private server behind it when there is one.
struct Opened {
    url: String,
    server: Option<EmbeddedPostgres>,
}

impl Opened {
    async fn new(options: &DatabaseOptions) -> anyhow::Result<Self> {
        match options.owner_url().map(ExposeSecret::expose_secret) {
            Some(url) => {
                let wait = Duration::from_secs(options.database_wait_seconds);
                set_up::wait_for_database(url, wait).await?;
                Ok(Self {
                    url: url.to_owned(),
                    server: None,
                })
            }
            None => Self::private(options.data_directory()).await,
        }
    }

    async fn private(directory: PathBuf) -> anyhow::Result<Self> {
        let start = move || EmbeddedPostgres::start(&directory, Durability::Full);
        let server = tokio::task::spawn_blocking(start).await??;
        Self::on(server).await
    }

    async fn throw_away() -> anyhow::Result<Self> {
        let server = tokio::task::spawn_blocking(EmbeddedPostgres::start_throw_away).await??;
        Self::on(server).await
    }

    async fn on(server: EmbeddedPostgres) -> anyhow::Result<Self> {
        migrations::create_database(&server.url("postgres"), "tautband").await?;
        Ok(Self {
            url: server.url("tautband"),
            server: Some(server),
        })
    }

    fn access(&self) -> DatabaseAccess {
        DatabaseAccess::Owner(SecretString::from(self.url.as_str()))
    }

    async fn close(self) -> anyhow::Result<()> {
        if let Some(server) = self.server {
            tokio::task::spawn_blocking(move || server.stop()).await??;
        }
        Ok(())
    }
}

async fn serve(
    database: &DatabaseOptions,
    service: &ServiceOptions,
    migrate: bool,
) -> anyhow::Result<()> {
    service.check()?;
    service.refuse_what_is_weak(database)?;
    // With logins of its own the service needs the owner only to migrate.
    let opened = match database.separate() {
        Some(_) if !migrate => None,
        _ => Some(Opened::new(database).await?),
    };
    if let Some(opened) = &opened
        && (migrate || opened.server.is_some())
    {
        migrations::apply(&opened.url).await?;
    }
    let owner = opened.as_ref().map(Opened::access);
    let access = database.separate().or(owner);
    let access = access.context("no address of a database is given")?;
    migrations::require_current(&access).await?;
    let settings = service.settings(access)?;
    let application = Application::start(&settings, Clock::system()).await?;
    tracing::info!(url = application.url(), "serving");
    until_stopped(application).await?;
    match opened {
        Some(opened) => opened.close().await,
        None => Ok(()),
    }
}

async fn demo(options: DemoOptions) -> anyhow::Result<()> {
    let service = on_port(options.service, options.port)
        .or_requests_per_minute(1_000_000)
        .or_mail_to_log();
    service.check()?;
    let opened = if options.ephemeral {
        Opened::throw_away().await?
    } else {
        let usual = || DatabaseOptions::default().data_directory().join("demo");
        let directory = options.data_dir.unwrap_or_else(usual);
        if options.reset {
            demo::forget(&directory)?;
        }
        Opened::private(directory).await?
    };
    migrations::apply(&opened.url).await?;
    let clinic = demo::open(&opened.url, &Clock::system()).await?;
    let settings = service.settings(opened.access())?;
    let application =
        Application::start_demo(&settings, Clock::system(), clinic.sign_ins()).await?;
    let url = application.url();
    print(&if options.json {
        clinic.as_json(&url)?
    } else {
        clinic.as_words(&url)
    })?;
    until_stopped(application).await?;
    opened.close().await
}

/// The port goes before the address that is listened on.
fn on_port(service: ServiceOptions, port: Option<u16>) -> ServiceOptions {
    match port {
        Some(port) => service.on_port(port),
        None => service,
    }
}

/// Serves until Ctrl-C or SIGTERM, then lets running requests finish.
async fn until_stopped(application: Application) -> anyhow::Result<()> {
    let handle = application.handle();
    let housekeeping = application.housekeeping();
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let stop = tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        handle.stop(true).await;
    });
    tokio::select! {
        served = application.run() => served?,
        () = housekeeping.run() => {}
    }
    stop.abort();
    Ok(())
}

async fn migrate(options: &MigrateOptions) -> anyhow::Result<()> {
    if options.check {
        let opened = Opened::throw_away().await?;
        let differences = migrations::check(&opened.url).await;
        opened.close().await?;
        differences?;
        return print("up, down and up again leave the same schema");
    }
    if options.throw_away {
        let opened = Opened::throw_away().await?;
        migrations::apply(&opened.url).await?;
        let status = run_with(&opened.url, &options.command).await;
        opened.close().await?;
        anyhow::ensure!(status?.success(), "the command failed");
        return Ok(());
    }
    let opened = Opened::new(&options.database).await?;
    let applied = migrations::apply(&opened.url).await?;
    opened.close().await?;
    print(&format!(
        "{applied} migrations applied; the schema is current"
    ))
}

async fn run_with(url: &str, command: &[String]) -> anyhow::Result<std::process::ExitStatus> {
    let (program, arguments) = command.split_first().context("say what to run")?;
    let mut child = tokio::process::Command::new(program);
    child.args(arguments).env("DATABASE_URL", url);
    child
        .status()
        .await
        .with_context(|| format!("cannot run {program}"))
}

async fn back_up(options: BackupOptions) -> anyhow::Result<()> {
    if let Some(file) = &options.verify {
        let restored = backup::verify(file, options.identity_file.as_deref()).await?;
        return print(&in_words(&restored));
    }
    let output = options.output.context("say where it goes: --output FILE")?;
    let to_standard_output = output == Path::new("-");
    let target = if to_standard_output {
        anyhow::ensure!(
            !std::io::stdout().is_terminal(),
            "a backup is no text for a terminal: name a file, or send it on"
        );
        Target::StandardOutput
    } else {
        Target::File(output.clone())
    };
    let opened = Opened::new(&options.database).await?;
    let bar = bytes_so_far();
    let counted = bar.clone();
    let progress = move |bytes| counted.set_position(bytes);
    let written = backup::write(&opened.url, target, &options.recipients, progress).await;
    bar.finish_and_clear();
    opened.close().await?;
    let Written { rows, bytes } = written?;
    let kibibytes = bytes.div_ceil(1024);
    let words = format!("{rows} rows in {kibibytes} KiB; check it with `tautband backup --verify`");
    if to_standard_output {
        // Standard output is the backup.
        writeln!(std::io::stderr(), "{words}")?;
        return Ok(());
    }
    print(&format!("{}: {words}", output.display()))
}

/// Moves on a terminal, and says nothing to a log.
fn bytes_so_far() -> ProgressBar {
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {bytes} in {elapsed}") {
        bar.set_style(style);
    }
    bar
}

async fn restore(options: &RestoreOptions) -> anyhow::Result<()> {
    let opened = Opened::new(&options.database).await?;
    let identity = options.identity_file.as_deref();
    let restored = backup::restore(&opened.url, &options.file, identity).await;
    opened.close().await?;
    print(&in_words(&restored?))
}

fn in_words(restored: &Restored) -> String {
    let Restored {
        taken_at,
        rows,
        seals,
        trails,
    } = restored;
    format!(
        "the backup of {taken_at} came back whole: {rows} rows, {seals} seals of visits and {trails} audit trails are as \
         they were"
    )
}

async fn create_user(database: &DatabaseOptions, user: NewUser) -> anyhow::Result<()> {
    let password = read_password(user.password_file.as_deref())?;
    let opened = Opened::new(database).await?;
    if opened.server.is_some() {
        migrations::apply(&opened.url).await?;
    }
    let created = set_up::create_user(&opened.url, &user, password).await;
    opened.close().await?;
    print(&format!("{} may sign in to {}", created?, user.practice))
}

async fn replace_keys(database: &DatabaseOptions, at_once: bool) -> anyhow::Result<()> {
    let opened = Opened::new(database).await?;
    let rotated = set_up::rotate_keys(&opened.url, at_once).await;
    opened.close().await?;
    rotated?;
    print(if at_once {
        "a new key signs, and no token of another one is taken"
    } else {
        "a new key signs in two minutes; the others are taken for an hour more"
    })
}

async fn audit(command: &AuditCommand) -> anyhow::Result<()> {
    let (database, practice, file) = match command {
        AuditCommand::Verify {
            database,
            practice,
            checkpoint_file,
        } => (database, practice, checkpoint_file.as_deref()),
        AuditCommand::Checkpoint { database, practice } => (database, practice, None),
    };
    let kept = file.map(std::fs::read_to_string).transpose();
    let kept = kept.context("the checkpoint cannot be read")?;
    let opened = Opened::new(database).await?;
    let report = set_up::verify_trail(&opened.url, practice, kept.as_deref()).await;
    opened.close().await?;
    let report = report?;
    anyhow::ensure!(report.is_intact, report.words);
    match command {
        AuditCommand::Verify { .. } => print(&report.words),
        AuditCommand::Checkpoint { .. } => print(
            report
                .checkpoint
                .context("nothing was sealed yet")?
                .trim_end(),
        ),
    }
}

async fn map_muscles(database: &DatabaseOptions, file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).context("the file cannot be read")?;
    let opened = Opened::new(database).await?;
    if opened.server.is_some() {
        migrations::apply(&opened.url).await?;
    }
    let mapped = set_up::map_muscles(&opened.url, &text).await;
    opened.close().await?;
    print(&format!("{} muscles mapped", mapped?))
}

/// From a file, else from standard input; never from the command line, where others could see it.
fn read_password(file: Option<&Path>) -> anyhow::Result<SecretString> {
    let text = if let Some(file) = file {
        std::fs::read_to_string(file).context("the password file cannot be read")?
    } else {
        let mut text = String::new();
        if std::io::stdin().is_terminal() {
            writeln!(std::io::stderr(), "Password (it will be shown):")?;
            std::io::stdin().read_line(&mut text)?;
        } else {
            std::io::stdin().read_to_string(&mut text)?;
        }
        text
    };
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}

/// Enough of HTTP to ask a question of a service on the same machine.
fn health(url: &str) -> anyhow::Result<()> {
    let rest = url
        .strip_prefix("http://")
        .context("only http:// can be asked")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream =
        std::net::TcpStream::connect(host).with_context(|| format!("{host} is silent"))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    anyhow::ensure!(
        answer.starts_with("HTTP/1.1 200"),
        "the service is not well"
    );
    print("ok")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo_address(arguments: &[&str]) -> String {
        let line = ["tautband", "demo"].iter().chain(arguments);
        let Command::Demo(options) = CommandLine::try_parse_from(line).unwrap().command else {
            panic!("this is the demo");
        };
        let service = on_port(options.service, options.port);
        let access = DatabaseAccess::Owner(SecretString::from(""));
        let settings = service.settings(access).unwrap();
        settings.listen.to_string()
    }

    #[test]
    fn the_demo_serves_where_it_is_told() {
        assert_eq!(demo_address(&["--listen", "127.0.0.1:9"]), "127.0.0.1:9");
        assert_eq!(demo_address(&["--port", "7"]), "127.0.0.1:7");
        let both = ["--listen", "127.0.0.1:9", "--port", "7"];
        assert_eq!(demo_address(&both), "127.0.0.1:7");
        assert_eq!(demo_address(&[]), "127.0.0.1:8080");
    }
}
