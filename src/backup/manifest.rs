//! What a backup says of itself: one line of JSON before the dump.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};

/// The form of a backup that this program writes and reads.
pub(super) const FORMAT: &str = "tautband-backup-1";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: String,
    /// The version of the program that wrote it.
    pub(super) program: String,
    pub(super) taken_at: DateTime<Utc>,
    /// What the names of the service's roles begin with.
    pub(super) role_prefix: String,
    /// The migrations that the database had.
    pub(super) migrations: BTreeSet<String>,
    /// The functions that do not belong to the owner of the tables.
    pub(super) functions: Vec<HandedFunction>,
    /// How many rows each table had.
    pub(super) rows: BTreeMap<String, i64>,
}

/// A function and the kind of role that owns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, diesel::QueryableByName)]
pub(super) struct HandedFunction {
    #[diesel(sql_type = Text)]
    pub(super) kind: String,
    #[diesel(sql_type = Text)]
    pub(super) name: String,
}

#[derive(diesel::QueryableByName)]
struct Origin {
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    role_prefix: String,
}

#[derive(diesel::QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(diesel::QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Every table is counted by a query of its own, all of them in one statement.
const ROWS: &str = "
    SELECT format('%I.%I', schemaname, tablename) AS name,
           (xpath('/row/rows/text()', query_to_xml(
               format('SELECT count(*) AS rows FROM %I.%I', schemaname, tablename), false, true, ''
           )))[1]::text::bigint AS rows
      FROM pg_tables WHERE schemaname IN ('public', 'control') ORDER BY 1";

/// Those that belong to a role of the service: they look where the service itself may not.
const FUNCTIONS: &str = "
    SELECT DISTINCT replace(r.rolname, control.role_name(''), '') AS kind, p.proname::text AS name
      FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
     WHERE p.pronamespace = 'public'::regnamespace AND starts_with(r.rolname, control.role_name(''))
     ORDER BY 2";

/// How many rows each table has.
pub(super) async fn rows(
    mut connection: &AsyncPgConnection,
) -> anyhow::Result<BTreeMap<String, i64>> {
    let counted: Vec<Counted> = diesel::sql_query(ROWS).load(&mut connection).await?;
    Ok(counted
        .into_iter()
        .map(|one| (one.name, one.rows))
        .collect())
}

impl Manifest {
    /// Reads what the database holds, in the snapshot of the connection's transaction.
    pub(super) async fn read(mut connection: &AsyncPgConnection) -> anyhow::Result<Self> {
        let versions: Vec<Version> =
            diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version")
                .load(&mut connection)
                .await
                .context("there is no Tautband in this database")?;
        let origin: Origin =
            diesel::sql_query("SELECT now() AS now, control.role_name('') AS role_prefix")
                .get_result(&mut connection)
                .await?;
        Ok(Self {
            format: FORMAT.to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            taken_at: origin.now,
            role_prefix: origin.role_prefix,
            migrations: versions.into_iter().map(|one| one.version).collect(),
            functions: diesel::sql_query(FUNCTIONS).load(&mut connection).await?,
            rows: rows(connection).await?,
        })
    }
}
