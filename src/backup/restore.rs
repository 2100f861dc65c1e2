//! Bringing a backup back, and proving that all of it came.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, bail, ensure};
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use uuid::Uuid;

use super::manifest::{self, FORMAT, Manifest};
use super::tools::tool;
use crate::platform::database::{self, Address};
use crate::platform::embedded_postgres::EmbeddedPostgres;
use crate::{migrations, set_up};

/// What came back.
#[derive(Debug, Clone)]
pub struct Restored {
    /// When the backup was taken.
    pub taken_at: chrono::DateTime<chrono::Utc>,
    /// Rows of all tables, each table counted and compared.
    pub rows: i64,
    /// Signed visits whose content has the digest of their seal.
    pub seals: i64,
    /// Practices whose audit trail is as it was sealed.
    pub trails: usize,
}

/// The longest first line that is read: a list of tables is far shorter.
const LONGEST_MANIFEST: u64 = 1 << 20;
/// How a file begins that `age` has encrypted.
const ENCRYPTED: &[u8] = b"age-encryption.org/";

/// Brings a backup into an empty database, as its owner, and checks that nothing is missing.
pub async fn restore(url: &str, from: &Path, identity: Option<&Path>) -> anyhow::Result<Restored> {
    let mut source = open(from, identity)?;
    let manifest = read_manifest(&mut source)?;
    migrations::require_known(&manifest.migrations)?;
    let mut connection = url.parse::<Address>()?.connect().await?;
    require_empty(&connection).await?;
    make_roles(&mut connection, &manifest.role_prefix).await?;
    let mut command = tool("pg_restore", url)?;
    command
        .args(["--no-owner", "--exit-on-error", "--single-transaction"])
        .stdin(Stdio::piped());
    let feed = move || {
        let mut child = command.spawn().context("pg_restore cannot be started")?;
        let fed = child
            .stdin
            .take()
            .map(|mut input| io::copy(&mut source, &mut input));
        let status = child.wait()?;
        ensure!(
            status.success(),
            "pg_restore failed ({status}); what it said stands above"
        );
        fed.transpose()?;
        Ok(())
    };
    tokio::task::spawn_blocking(feed).await??;
    for function in &manifest.functions {
        diesel::sql_query("CALL control.hand_to($1, $2)")
            .bind::<Text, _>(&function.kind)
            .bind::<Text, _>(&function.name)
            .execute(&mut connection)
            .await?;
    }
    require_same_rows(&manifest.rows, &manifest::rows(&connection).await?)?;
    database::enable(url).await?;
    check(url, &connection, manifest).await
}

/// Brings a backup into a server that is thrown away afterwards: whether it could be brought back.
pub async fn verify(from: &Path, identity: Option<&Path>) -> anyhow::Result<Restored> {
    let server = tokio::task::spawn_blocking(EmbeddedPostgres::start_throw_away).await??;
    migrations::create_database(&server.url("postgres"), "tautband").await?;
    let restored = restore(&server.url("tautband"), from, identity).await;
    tokio::task::spawn_blocking(move || server.stop()).await??;
    restored
}

fn open(from: &Path, identity: Option<&Path>) -> anyhow::Result<Box<dyn BufRead + Send>> {
    let file = File::open(from).with_context(|| format!("{} cannot be read", from.display()))?;
    let mut plain = BufReader::new(file);
    if !plain.fill_buf()?.starts_with(ENCRYPTED) {
        return Ok(Box::new(plain));
    }
    let identity = identity.with_context(|| {
        format!(
            "{} is encrypted: name the file of the age identity with --identity-file",
            from.display()
        )
    })?;
    let identities = age::IdentityFile::from_file(identity.display().to_string())
        .with_context(|| format!("{} holds no age identity", identity.display()))?
        .into_identities()?;
    let decryptor = age::Decryptor::new_buffered(plain)?;
    let identities = identities
        .iter()
        .map(|one| -> &dyn age::Identity { one.as_ref() });
    let readable = decryptor
        .decrypt(identities)
        .context("it is not encrypted for this identity")?;
    Ok(Box::new(BufReader::new(readable)))
}

fn read_manifest(source: &mut (dyn BufRead + Send)) -> anyhow::Result<Manifest> {
    let mut line = Vec::new();
    source.take(LONGEST_MANIFEST).read_until(b'\n', &mut line)?;
    let manifest: Manifest =
        serde_json::from_slice(&line).context("this is no backup of Tautband")?;
    ensure!(
        manifest.format == FORMAT,
        "the backup has the form {}, and this program reads {FORMAT}: restore it with the program that wrote it ({})",
        manifest.format,
        manifest.program
    );
    Ok(manifest)
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

async fn require_empty(mut connection: &AsyncPgConnection) -> anyhow::Result<()> {
    let found: Number = diesel::sql_query(
        "SELECT count(*) AS number FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    )
    .get_result(&mut connection)
    .await?;
    ensure!(
        found.number == 0,
        "the database has {} tables already, and a backup overwrites nothing: restore into an empty one",
        found.number
    );
    Ok(())
}

/// The roles that the grants and policies of the backup name. They cannot sign in yet.
async fn make_roles(connection: &mut AsyncPgConnection, prefix: &str) -> anyhow::Result<()> {
    ensure!(
        prefix.len() <= 56 && !prefix.contains(['"', '\\', '\0', '\'']),
        "the roles of the backup have a name that no database of this program has"
    );
    for kind in ["app", "control", "search", "retract"] {
        connection
            .batch_execute(&format!(
                "DO $$ BEGIN CREATE ROLE \"{prefix}{kind}\" NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            ))
            .await
            .with_context(|| format!("the role {prefix}{kind} cannot be made: ask an administrator for it"))?;
    }
    Ok(())
}

fn require_same_rows(
    wanted: &BTreeMap<String, i64>,
    there: &BTreeMap<String, i64>,
) -> anyhow::Result<()> {
    let different: Vec<String> = wanted
        .iter()
        .filter(|(table, rows)| there.get(*table) != Some(*rows))
        .map(|(table, rows)| {
            let found = there.get(table).copied().unwrap_or_default();
            format!("{table} has {found} rows instead of {rows}")
        })
        .collect();
    ensure!(
        different.is_empty(),
        "not all came back: {}",
        different.join("; ")
    );
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Sealed {
    #[diesel(sql_type = BigInt)]
    signed: i64,
    #[diesel(sql_type = diesel::sql_types::Array<SqlUuid>)]
    broken: Vec<Uuid>,
}

/// The digest of every signed visit is computed again from what came back.
const SEALS: &str = "
    SELECT count(*) AS signed, coalesce(array_agg(id) FILTER (WHERE NOT is_intact), '{}') AS broken
      FROM (SELECT id, content_sha256 = sha256(convert_to(visit_content(practice_id, id, signed_by, signed_at), 'UTF8'))
                       AS is_intact
              FROM visits WHERE signed_at IS NOT NULL) sealed";

#[derive(diesel::QueryableByName)]
struct Slug {
    #[diesel(sql_type = Text)]
    slug: String,
}

async fn check(
    url: &str,
    mut connection: &AsyncPgConnection,
    manifest: Manifest,
) -> anyhow::Result<Restored> {
    let sealed: Sealed = diesel::sql_query(SEALS).get_result(&mut connection).await?;
    if !sealed.broken.is_empty() {
        let ids: Vec<String> = sealed.broken.iter().map(Uuid::to_string).collect();
        bail!(
            "the seals of these visits do not fit what came back: {}",
            ids.join(", ")
        );
    }
    let practices: Vec<Slug> =
        diesel::sql_query("SELECT slug FROM control.practices ORDER BY slug")
            .load(&mut connection)
            .await?;
    for practice in &practices {
        let report = set_up::verify_trail(url, &practice.slug, None).await?;
        ensure!(report.is_intact, "{}: {}", practice.slug, report.words);
    }
    Ok(Restored {
        taken_at: manifest.taken_at,
        rows: manifest.rows.values().sum(),
        seals: sealed.signed,
        trails: practices.len(),
    })
}
