//! Rows of openings and of calls for the waitlist.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::identity::schema::control::waitlist_calls;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::id;
use crate::platform::pipeline::pipelined;
use crate::platform::prepared::prepared;

use super::Opening;
use crate::practice::locations::LocationId;
use crate::practice::providers::ProviderId;

/// A time that was given up before, and not taken since, is given up anew. A hold in between does
/// not erase which appointment gave it up.
const OPEN: &str = "
    INSERT INTO openings AS known (practice_id, opened_at, id, provider_id, location_id, starts_at, ends_at, appointment_id)
    SELECT $1, $2, opened.*
    FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::timestamptz[], $8::uuid[])
        AS opened (id, provider_id, location_id, starts_at, ends_at, appointment_id)
    ON CONFLICT (practice_id, provider_id, location_id, starts_at, ends_at)
    DO UPDATE SET id = excluded.id, opened_at = excluded.opened_at,
        appointment_id = coalesce(excluded.appointment_id, known.appointment_id)";

/// Says that times are free from `free_at` on, and calls for the waitlist then. What is over is of
/// no use to anybody.
pub(crate) async fn open_times(
    transaction: &OpenTransaction<'_>,
    freed: &[Opening],
    free_at: DateTime<Utc>,
) -> Stored<()> {
    let now = transaction.now();
    let ahead = || freed.iter().filter(|opening| opening.ends_at > now);
    if ahead().next().is_none() {
        return Ok(());
    }
    let ids: Vec<Uuid> = ahead().map(|_| id::fresh(now)).collect();
    let providers: Vec<ProviderId> = ahead().map(|opening| opening.provider_id).collect();
    let locations: Vec<LocationId> = ahead().map(|opening| opening.location_id).collect();
    let starts: Vec<DateTime<Utc>> = ahead().map(|opening| opening.starts_at).collect();
    let ends: Vec<DateTime<Utc>> = ahead().map(|opening| opening.ends_at).collect();
    let appointments: Vec<Option<Uuid>> = ahead().map(|opening| opening.appointment_id).collect();
    let query = diesel::sql_query(OPEN)
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(providers)
        .bind::<Array<SqlUuid>, _>(locations)
        .bind::<Array<Timestamptz>, _>(starts)
        .bind::<Array<Timestamptz>, _>(ends)
        .bind::<Array<Nullable<SqlUuid>>, _>(appointments);
    let opened = async {
        prepared(query)
            .execute(&mut transaction.connection())
            .await?;
        Ok(())
    };
    pipelined!(opened, call_waitlist(transaction, free_at))?;
    Ok(())
}

/// Calls for the waitlist of the practice to be looked at then.
pub(crate) async fn call_waitlist(
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
