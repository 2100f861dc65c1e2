//! The times that became free and are wanted, and the calls to look at the waitlist.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::dsl::{IntervalDsl, exists};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::waitlist_calls;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::prepared::prepared;
use crate::practice::{LocationId, Opening, ProviderId};
use crate::schema::{openings, resource_bookings};

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

/// The practices whose waitlist is to be looked at, and the calls that say so.
pub(in crate::scheduling) async fn called(
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
pub(in crate::scheduling) async fn forget_calls(
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

/// Openings that somebody who waits might want, as far as a query can tell.
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

/// The times that were given up and that somebody waits for, by start. Those that are over or that
/// an appointment has taken since, as a whole, are deleted.
pub(in crate::scheduling) async fn wanted_openings(
    transaction: &OpenTransaction<'_>,
) -> Stored<Vec<Opening>> {
    // Ids sort by when they were made, so a later one is of a booking made since.
    let taken = resource_bookings::table
        .filter(resource_bookings::practice_id.eq(transaction.practice_id()))
        .filter(resource_bookings::resource_id.eq(openings::provider_id))
        .filter(resource_bookings::location_id.is_null())
        .filter(resource_bookings::appointment_id.is_not_null())
        .filter(resource_bookings::id.gt(openings::id))
        .filter(resource_bookings::starts_at.gt(openings::starts_at - 12.hours()))
        .filter(resource_bookings::starts_at.le(openings::starts_at))
        .filter(resource_bookings::ends_at.ge(openings::ends_at));
    diesel::delete(openings::table)
        .filter(openings::practice_id.eq(transaction.practice_id()))
        .filter(openings::ends_at.le(transaction.now()).or(exists(taken)))
        .execute(&mut transaction.connection())
        .await?;
    let found: Vec<OpeningRow> =
        prepared(diesel::sql_query(WANTED).bind::<SqlUuid, _>(transaction.practice_id()))
            .load(&mut transaction.connection())
            .await?;
    Ok(found.into_iter().map(Opening::from).collect())
}
