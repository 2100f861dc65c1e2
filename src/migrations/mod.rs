//! The schema the program brings along.

use std::collections::BTreeSet;

use anyhow::Context;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::platform::database::{self, Address, DatabaseAccess};

mod spread;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// A distributed Postgres applies a change to one shard after the other: several at once cannot
/// share the transaction of a migration. Any other takes the name for one that means nothing.
const SETTINGS: &str = "SET citus.multi_shard_modify_mode = 'sequential'";

async fn connect(url: &str) -> anyhow::Result<AsyncPgConnection> {
    url.parse::<Address>()?.connect().await
}

async fn harness(url: &str) -> anyhow::Result<AsyncMigrationHarness<AsyncPgConnection>> {
    let mut connection = connect(url).await?;
    connection.batch_execute(SETTINGS).await?;
    Ok(AsyncMigrationHarness::new(connection))
}

/// The number of the lock that a migrating program holds: the letters of its name.
const LOCK: &str = "SELECT pg_advisory_lock(x'746175746261'::bigint)";

/// Applies what is pending; says how many migrations that were. When several programs start at once,
/// one of them migrates. The others wait for it and find nothing to do.
pub async fn apply(url: &str) -> anyhow::Result<usize> {
    let mut turn = connect(url).await?;
    turn.batch_execute(LOCK).await?;
    let applied = apply_alone(url).await;
    drop(turn);
    applied
}

async fn apply_alone(url: &str) -> anyhow::Result<usize> {
    let mut harness = harness(url).await?;
    let applied = harness
        .run_pending_migrations(MIGRATIONS)
        .map_err(|error| anyhow::anyhow!("a migration failed: {error}"))?;
    let connection = connect(url).await?;
    spread::spread_missing(&connection).await?;
    database::enable(url).await?;
    Ok(applied.len())
}

/// Takes everything back.
pub async fn revert(url: &str) -> anyhow::Result<usize> {
    let mut harness = harness(url).await?;
    let reverted = harness
        .revert_all_migrations(MIGRATIONS)
        .map_err(|error| anyhow::anyhow!("a migration could not be taken back: {error}"))?;
    Ok(reverted.len())
}

#[derive(diesel::QueryableByName)]
struct Applied {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// Refuses a database whose schema is not the one of this program.
pub async fn require_current(access: &DatabaseAccess) -> anyhow::Result<()> {
    let mut connection = connect(access.any_url()).await?;
    let applied: Vec<Applied> = diesel::sql_query("SELECT version FROM __diesel_schema_migrations")
        .load(&mut connection)
        .await
        .context("the database is empty: run `tautband migrate` or add --migrate")?;
    let applied: BTreeSet<String> = applied.into_iter().map(|one| one.version).collect();
    let missing = require_known(&applied)?.difference(&applied).count();
    anyhow::ensure!(
        missing == 0,
        "{missing} migrations are not applied: run `tautband migrate` or add --migrate"
    );
    spread::require_spread(&connection).await
}

/// Refuses migrations that this program does not bring along; answers those that it does.
pub(crate) fn require_known(applied: &BTreeSet<String>) -> anyhow::Result<BTreeSet<String>> {
    let brought = MigrationSource::<Pg>::migrations(&MIGRATIONS)
        .map_err(|error| anyhow::anyhow!("the migrations cannot be read: {error}"))?;
    let brought: BTreeSet<String> = brought
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    let unknown: Vec<&str> = applied.difference(&brought).map(String::as_str).collect();
    anyhow::ensure!(
        unknown.is_empty(),
        "the database is newer than this program, which does not know its migrations {}: start the newer program",
        unknown.join(", ")
    );
    Ok(brought)
}

/// Makes a database unless it is there.
pub async fn create_database(server_url: &str, name: &str) -> anyhow::Result<()> {
    let mut connection = connect(server_url).await?;
    let exists = diesel::select(
        diesel::dsl::sql::<diesel::sql_types::Bool>(
            "EXISTS (SELECT FROM pg_database WHERE datname = ",
        )
        .bind::<diesel::sql_types::Text, _>(name)
        .sql(")"),
    )
    .get_result::<bool>(&mut connection)
    .await?;
    if !exists {
        anyhow::ensure!(
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
            "a database name of plain letters is needed"
        );
        diesel::sql_query(format!("CREATE DATABASE {name}"))
            .execute(&mut connection)
            .await?;
    }
    Ok(())
}

/// Everything the catalog knows of the schema that a migration could leave behind or forget.
const CATALOG: &str = "
    SELECT format('%s.%s %s %s %s', table_schema, table_name, column_name, data_type, is_nullable) AS line
      FROM information_schema.columns WHERE table_schema IN ('public', 'control')
    UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
      WHERE connamespace IN ('public'::regnamespace, 'control'::regnamespace)
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'control')
    UNION ALL SELECT format('%s %s %s %s', tablename, policyname, qual, with_check) FROM pg_policies
    UNION ALL SELECT format('%s %s %s', table_name, grantee, privilege_type)
      FROM information_schema.table_privileges WHERE table_schema IN ('public', 'control')
    UNION ALL SELECT format('%s %s', p.oid::regprocedure, md5(pg_get_functiondef(p.oid))) FROM pg_proc p
      WHERE pronamespace IN ('public'::regnamespace, 'control'::regnamespace)
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    ORDER BY 1";

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    line: Option<String>,
}

async fn catalog(url: &str) -> anyhow::Result<Vec<String>> {
    let mut connection = connect(url).await?;
    let lines: Vec<Line> = diesel::sql_query(CATALOG).load(&mut connection).await?;
    Ok(lines.into_iter().filter_map(|line| line.line).collect())
}

/// Up, down, up: nothing is left behind in between, and the end is as the beginning.
pub async fn check(url: &str) -> anyhow::Result<()> {
    apply(url).await?;
    let first = catalog(url).await?;
    revert(url).await?;
    let mut connection = connect(url).await?;
    let left: Vec<Line> = diesel::sql_query(
        "SELECT relname::text AS line FROM pg_class WHERE relkind IN ('r', 'v', 'S')
           AND relnamespace = 'public'::regnamespace AND relname <> '__diesel_schema_migrations'
         UNION ALL SELECT nspname::text FROM pg_namespace WHERE nspname = 'control'
         UNION ALL SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    )
    .load(&mut connection)
    .await?;
    let left: Vec<String> = left.into_iter().filter_map(|line| line.line).collect();
    anyhow::ensure!(left.is_empty(), "left behind by the way down: {left:?}");
    apply(url).await?;
    let second = catalog(url).await?;
    let differences: Vec<&String> = first
        .iter()
        .filter(|line| !second.contains(line))
        .chain(second.iter().filter(|line| !first.contains(line)))
        .collect();
    anyhow::ensure!(
        differences.is_empty(),
        "up after down differs: {differences:#?}"
    );
    Ok(())
}
