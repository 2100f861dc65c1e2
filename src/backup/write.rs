//! Writing a backup.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use age::x25519::Recipient;
use anyhow::{Context, ensure};
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::manifest::Manifest;
use super::tools::tool;
use crate::platform::database::Address;

/// Where a backup goes.
#[derive(Debug, Clone)]
pub enum Target {
    /// A file that is not there yet.
    File(PathBuf),
    /// Another program.
    StandardOutput,
}

/// What was written.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    /// Rows of all tables.
    pub rows: i64,
    /// Bytes of the dump, compressed and before encryption.
    pub bytes: u64,
}

#[derive(diesel::QueryableByName)]
struct Snapshot {
    #[diesel(sql_type = Text)]
    snapshot: String,
}

/// Copies the whole database, as its owner. `progress` is told how many bytes there are so far.
pub async fn write(
    url: &str,
    target: Target,
    recipients: &[String],
    progress: impl Fn(u64) + Send + 'static,
) -> anyhow::Result<Written> {
    if let Target::File(path) = &target {
        ensure!(!path.exists(), "{} is there already", path.display());
    }
    let recipients = recipients
        .iter()
        .map(|text| {
            text.parse()
                .map_err(|error| anyhow::anyhow!("the recipient {text}: {error}"))
        })
        .collect::<anyhow::Result<Vec<Recipient>>>()?;
    let mut connection = url.parse::<Address>()?.connect().await?;
    connection
        .batch_execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await?;
    let manifest = Manifest::read(&connection).await?;
    let exported: Snapshot = diesel::sql_query("SELECT pg_export_snapshot() AS snapshot")
        .get_result(&mut connection)
        .await?;
    let rows = manifest.rows.values().sum();
    let mut dump = tool("pg_dump", url)?;
    dump.args(["--format=custom", "--lock-wait-timeout=60000"])
        .arg(format!("--snapshot={}", exported.snapshot))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let work = move || {
        let header = serde_json::to_vec(&manifest)?;
        let child = dump.spawn().context("pg_dump cannot be started")?;
        save(target, &recipients, &header, child, &progress)
    };
    // The connection holds the snapshot until the copy is complete.
    let bytes = tokio::task::spawn_blocking(work).await??;
    drop(connection);
    Ok(Written { rows, bytes })
}

fn save(
    target: Target,
    recipients: &[Recipient],
    header: &[u8],
    dump: Child,
    progress: &dyn Fn(u64),
) -> anyhow::Result<u64> {
    match target {
        Target::StandardOutput => encrypt(io::stdout().lock(), recipients, header, dump, progress),
        Target::File(path) => {
            let partial = partial(&path);
            let saved = create(&partial).and_then(|file| {
                let bytes = encrypt(&file, recipients, header, dump, progress)?;
                file.sync_all()?;
                fs::rename(&partial, &path)?;
                Ok(bytes)
            });
            if saved.is_err() {
                let _ = fs::remove_file(&partial);
            }
            saved
        }
    }
}

/// Half a backup has a name of its own.
fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

/// Only its owner may read it.
fn create(path: &Path) -> anyhow::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))
}

fn encrypt(
    mut out: impl Write,
    recipients: &[Recipient],
    header: &[u8],
    dump: Child,
    progress: &dyn Fn(u64),
) -> anyhow::Result<u64> {
    if recipients.is_empty() {
        let bytes = copy(&mut out, header, dump, progress)?;
        out.flush()?;
        return Ok(bytes);
    }
    let recipients = recipients.iter().map(|one| -> &dyn age::Recipient { one });
    let mut encrypted = age::Encryptor::with_recipients(recipients)?.wrap_output(out)?;
    let bytes = copy(&mut encrypted, header, dump, progress)?;
    encrypted.finish()?.flush()?;
    Ok(bytes)
}

fn copy(
    out: &mut dyn Write,
    header: &[u8],
    mut dump: Child,
    progress: &dyn Fn(u64),
) -> anyhow::Result<u64> {
    use std::io::Read as _;
    out.write_all(header)?;
    out.write_all(b"\n")?;
    let mut read = dump.stdout.take().context("pg_dump says nothing")?;
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let count = read.read(&mut buffer)?;
        let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else {
            break;
        };
        out.write_all(part)?;
        bytes += u64::try_from(count)?;
        progress(bytes);
    }
    let status = dump.wait()?;
    ensure!(
        status.success(),
        "pg_dump failed ({status}); what it said stands above"
    );
    Ok(bytes)
}
