//! Times that were given up, and the calls to look at the waitlist because of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::dsl::{IntervalDsl, exists};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::try_join;
use uuid::Uuid;

use crate::identity::schema::control::waitlist_calls;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::id;
use crate::platform::prepared::prepared;
use crate::practice::{LocationId, ProviderId};
use crate::scheduling::appointment::Place;
use crate::schema::{openings, resource_bookings};

/// A time that somebody gave up.
#[derive(Debug, Clone, QueryableByName)]
#[diesel(table_name = openings, check_for_backend(Pg))]
pub(in crate::scheduling) struct Opening {
    pub(in crate::scheduling) provider_id: ProviderId,
    pub(in crate::scheduling) location_id: LocationId,
    pub(in crate::scheduling) starts_at: DateTime<Utc>,
    pub(in crate::scheduling) ends_at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = openings, treat_none_as_default_value = false)]
struct NewOpeningRow {
    practice_id: Uuid,
    id: Uuid,
    provider_id: ProviderId,
    location_id: LocationId,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    opened_at: DateTime<Utc>,
}

/// Says that a place is free from `free_at` on, and calls for the waitlist then. What is over is
/// of no use to anybody; what was given up before and not taken since is given up anew.
pub(in crate::scheduling) async fn open(
    transaction: &OpenTransaction<'_>,
    place: &Place,
    free_at: DateTime<Utc>,
) -> Stored<()> {
    if place.ends_at <= transaction.now() {
        return Ok(());
    }
    let row = NewOpeningRow {
        practice_id: transaction.practice_id(),
        id: id::fresh(transaction.now()),
        provider_id: place.provider_id,
        location_id: place.location_id,
        starts_at: place.starts_at,
        ends_at: place.ends_at,
        opened_at: transaction.now(),
    };
    let opened = async {
        diesel::insert_into(openings::table)
            .values(&row)
            .on_conflict((
                openings::practice_id,
                openings::provider_id,
                openings::location_id,
                openings::starts_at,
                openings::ends_at,
            ))
            .do_update()
            .set((
                openings::id.eq(row.id),
                openings::opened_at.eq(row.opened_at),
            ))
            .execute(&mut transaction.connection())
            .await?;
        Ok(())
    };
    try_join!(opened, call(transaction, free_at))?;
    Ok(())
}

/// Calls for the waitlist of the practice to be looked at then.
pub(in crate::scheduling) async fn call(
    transaction: &OpenTransaction<'_>,
    due_at: DateTime<Utc>,
) -> Stored<()> {
    use waitlist_calls::dsl;
    let values = (
        dsl::practice_id.eq(transaction.practice_id()),
        dsl::id.eq(id::fresh(transaction.now())),
        dsl::due_at.eq(due_at),
    );
    diesel::insert_into(dsl::waitlist_calls)
        .values(values)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
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
    SELECT o.id, o.provider_id, o.location_id, o.starts_at, o.ends_at
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
    let found = prepared(diesel::sql_query(WANTED).bind::<SqlUuid, _>(transaction.practice_id()))
        .load(&mut transaction.connection())
        .await?;
    Ok(found)
}
