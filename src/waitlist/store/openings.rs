//! The times that became free and are wanted, and the calls to work through the waitlist.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::waitlist_calls;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::prepared::prepared;
use crate::practice::{LocationId, Opening, ProviderId};
use crate::schema::openings;

#[derive(QueryableByName)]
#[diesel(table_name = openings, check_for_backend(Pg))]
struct OpeningRow {
    provider_id: ProviderId,
    location_id: LocationId,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    appointment_id: Option<Uuid>,
}

impl From<OpeningRow> for Opening {
    fn from(row: OpeningRow) -> Self {
        Self {
            provider_id: row.provider_id,
            location_id: row.location_id,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            appointment_id: row.appointment_id,
        }
    }
}

/// The practices whose waitlist was called for, with the calls.
pub(in crate::waitlist) async fn called(
    mut connection: &AsyncPgConnection,
    now: DateTime<Utc>,
) -> Stored<BTreeMap<Uuid, Vec<Uuid>>> {
    use waitlist_calls::dsl;
    let rows: Vec<(Uuid, Uuid)> = dsl::waitlist_calls
        .filter(dsl::due_at.le(now))
        .select((dsl::practice_id, dsl::id))
        .load(&mut connection)
        .await?;
    let mut calls: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for (practice_id, id) in rows {
        calls.entry(practice_id).or_default().push(id);
    }
    Ok(calls)
}

/// Deletes calls that were answered.
pub(in crate::waitlist) async fn forget_calls(
    transaction: &OpenTransaction<'_>,
    ids: &[Uuid],
) -> Stored<()> {
    use waitlist_calls::dsl;
    diesel::delete(dsl::waitlist_calls)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq_any(ids))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Openings that a waiting entry may want. Weekdays and parts of days are checked later.
const WANTED: &str = "
    SELECT o.id, o.provider_id, o.location_id, o.starts_at, o.ends_at, o.appointment_id
    FROM openings o
    WHERE o.practice_id = $1 AND EXISTS (
        SELECT 1 FROM waitlist_entries e
        WHERE e.practice_id = $1 AND e.status = 'waiting'
            AND e.earliest < o.ends_at AND e.latest >= o.starts_at
            AND (e.provider_ids = '{}' OR o.provider_id = ANY (e.provider_ids))
            AND (e.location_ids = '{}' OR o.location_id = ANY (e.location_ids)))
    ORDER BY o.starts_at, o.id";

/// The times that became free and that an entry may want, by start.
pub(in crate::waitlist) async fn wanted_openings(
    transaction: &OpenTransaction<'_>,
) -> Stored<Vec<Opening>> {
    let found: Vec<OpeningRow> =
        prepared(diesel::sql_query(WANTED).bind::<SqlUuid, _>(transaction.practice_id()))
            .load(&mut transaction.connection())
            .await?;
    Ok(found.into_iter().map(Opening::from).collect())
}
