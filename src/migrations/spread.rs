//! Spreading the tables over the nodes of a distributed Postgres (`docs/scale.md`).

use anyhow::Context;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

#[derive(diesel::QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    is_there: bool,
}

#[derive(diesel::QueryableByName)]
struct Left {
    #[diesel(sql_type = Nullable<Text>)]
    names: Option<String>,
}

async fn is_distributed(mut connection: &AsyncPgConnection) -> anyhow::Result<bool> {
    let found: Found = diesel::sql_query(
        "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS is_there",
    )
    .get_result(&mut connection)
    .await?;
    Ok(found.is_there)
}

/// Spreads what is not spread yet. Does nothing on a Postgres of one machine.
pub(super) async fn spread_missing(connection: &AsyncPgConnection) -> anyhow::Result<()> {
    let mut exchange = connection;
    if is_distributed(connection).await? {
        let spread = exchange.batch_execute(include_str!("spread.sql")).await;
        spread.context("the tables cannot be spread over the nodes")?;
    }
    Ok(())
}

/// Refuses a distributed Postgres on which a table of a practice, or one that every node needs, is on
/// the first node alone: a reference to such a table is not checked.
pub(super) async fn require_spread(mut connection: &AsyncPgConnection) -> anyhow::Result<()> {
    if !is_distributed(connection).await? {
        return Ok(());
    }
    let left: Left = diesel::sql_query(
        "SELECT string_agg(c.relname, ', ' ORDER BY c.relname) AS names FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
           AND c.relname <> '__diesel_schema_migrations'
           AND NOT EXISTS (SELECT FROM pg_dist_partition p WHERE p.logicalrelid = c.oid)",
    )
    .get_result(&mut connection)
    .await?;
    match left.names {
        None => Ok(()),
        Some(names) => anyhow::bail!(
            "these tables are not spread over the nodes: {names}. Run `tautband migrate`"
        ),
    }
}
