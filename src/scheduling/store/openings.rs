//! Openings that were booked again.

use diesel::dsl::{IntervalDsl, exists};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::platform::database::{OpenTransaction, Stored};
use crate::schema::{openings, resource_bookings};

/// Deletes the openings that are over, and those that an appointment booked since then covers.
pub(in crate::scheduling) async fn clear_taken_openings(
    transaction: &OpenTransaction<'_>,
) -> Stored<()> {
    // Ids sort by creation time, so a booking with a later id was made after the opening.
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
    Ok(())
}
