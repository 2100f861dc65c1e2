//! The table of loaded codes.

use std::collections::BTreeMap;

use anyhow::bail;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use crate::platform::database::Address;
use crate::schema::{muscle_mappings, muscles};

const SYSTEM: &str = "snomed_ct";

/// Replaces the loaded concepts and returns how many there are now.
pub(super) async fn replace(
    url: &str,
    concepts: &BTreeMap<String, String>,
) -> anyhow::Result<usize> {
    let mut connection = url.parse::<Address>()?.connect().await?;
    connection
        .transaction(async |connection| {
            let codes: Vec<&String> = concepts.keys().collect();
            let known: Vec<String> = muscles::table
                .filter(muscles::code.eq_any(codes))
                .select(muscles::code)
                .load(connection)
                .await?;
            let unknown = concepts.keys().filter(|code| !known.contains(code));
            let unknown: Vec<&str> = unknown.map(String::as_str).collect();
            if !unknown.is_empty() {
                bail!("not in the muscle catalogue: {}", unknown.join(", "));
            }
            write(connection, concepts).await?;
            anyhow::Ok(concepts.len())
        })
        .await
}

async fn write(
    connection: &mut AsyncPgConnection,
    concepts: &BTreeMap<String, String>,
) -> QueryResult<()> {
    use muscle_mappings::dsl;
    diesel::delete(dsl::muscle_mappings.filter(dsl::system.eq(SYSTEM)))
        .execute(connection)
        .await?;
    let rows: Vec<_> = concepts
        .iter()
        .map(|(muscle, concept)| {
            (
                dsl::system.eq(SYSTEM),
                dsl::muscle_code.eq(muscle),
                dsl::code.eq(concept),
            )
        })
        .collect();
    diesel::insert_into(dsl::muscle_mappings)
        .values(rows)
        .execute(connection)
        .await?;
    Ok(())
}
