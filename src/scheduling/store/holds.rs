//! Holds.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, RoomId, TimeZone};
use crate::scheduling::appointment::Place;
use crate::scheduling::hold::{Hold, HoldId};
use crate::scheduling::wanted::Wanted;
use crate::schema::{holds, locations};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = holds, check_for_backend(Pg), treat_none_as_default_value = false)]
struct HoldRow {
    practice_id: Uuid,
    id: HoldId,
    appointment_type_id: AppointmentTypeId,
    provider_id: ProviderId,
    location_id: LocationId,
    room_id: Option<RoomId>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    held_by: Uuid,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl From<HoldRow> for Hold {
    fn from(row: HoldRow) -> Self {
        Self {
            id: row.id,
            appointment_type_id: row.appointment_type_id,
            place: Place {
                provider_id: row.provider_id,
                location_id: row.location_id,
                room_id: row.room_id,
                starts_at: row.starts_at,
                ends_at: row.ends_at,
            },
            expires_at: row.expires_at,
        }
    }
}

pub(in crate::scheduling) async fn insert_hold(
    transaction: &OpenTransaction<'_>,
    hold: &Hold,
) -> Stored<()> {
    let row = HoldRow {
        practice_id: transaction.practice_id(),
        id: hold.id,
        appointment_type_id: hold.appointment_type_id,
        provider_id: hold.place.provider_id,
        location_id: hold.place.location_id,
        room_id: hold.place.room_id,
        starts_at: hold.place.starts_at,
        ends_at: hold.place.ends_at,
        held_by: transaction.principal().user_id,
        expires_at: hold.expires_at,
        created_at: transaction.now(),
    };
    diesel::insert_into(holds::table)
        .values(row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Updates the room of a hold when another one was won.
pub(in crate::scheduling) async fn set_hold_room(
    transaction: &OpenTransaction<'_>,
    id: HoldId,
    room_id: Option<RoomId>,
) -> Stored<()> {
    diesel::update(holds::table)
        .filter(holds::practice_id.eq(transaction.practice_id()))
        .filter(holds::id.eq(id))
        .set(holds::room_id.eq(room_id))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// A hold of the caller that has not expired, and the zone of its location.
pub(in crate::scheduling) async fn find_hold(
    transaction: &OpenTransaction<'_>,
    id: HoldId,
) -> Stored<Option<(Hold, Tz)>> {
    let found = own_hold(transaction, id).await?;
    Ok(found.filter(|(hold, _)| hold.expires_at > transaction.now()))
}

/// A hold of the caller, expired or not, and the zone of its location.
pub(in crate::scheduling) async fn own_hold(
    transaction: &OpenTransaction<'_>,
    id: HoldId,
) -> Stored<Option<(Hold, Tz)>> {
    let row: Option<(HoldRow, TimeZone)> = holds::table
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(holds::practice_id)
                .and(locations::id.eq(holds::location_id))),
        )
        .filter(holds::practice_id.eq(transaction.practice_id()))
        .filter(holds::id.eq(id))
        .filter(holds::held_by.eq(transaction.principal().user_id))
        .select((HoldRow::as_select(), locations::time_zone))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(|(row, zone)| (row.into(), zone.0)))
}

/// How many slots the caller holds.
pub(in crate::scheduling) async fn count_holds(transaction: &OpenTransaction<'_>) -> Stored<i64> {
    let count = holds::table
        .filter(holds::practice_id.eq(transaction.practice_id()))
        .filter(holds::held_by.eq(transaction.principal().user_id))
        .filter(holds::expires_at.gt(transaction.now()))
        .count()
        .get_result(&mut transaction.connection())
        .await?;
    Ok(count)
}

/// Deletes a hold of the caller; false when there is none.
pub(in crate::scheduling) async fn release_hold(
    transaction: &OpenTransaction<'_>,
    id: HoldId,
) -> Stored<bool> {
    let released = diesel::delete(holds::table)
        .filter(holds::practice_id.eq(transaction.practice_id()))
        .filter(holds::id.eq(id))
        .filter(holds::held_by.eq(transaction.principal().user_id))
        .filter(holds::expires_at.gt(transaction.now()))
        .execute(&mut transaction.connection())
        .await?;
    Ok(released > 0)
}

/// Deletes holds of any owner; for the offers of the waitlist.
pub(in crate::scheduling) async fn drop_holds(
    transaction: &OpenTransaction<'_>,
    ids: &[HoldId],
) -> Stored<()> {
    diesel::delete(holds::table)
        .filter(holds::practice_id.eq(transaction.practice_id()))
        .filter(holds::id.eq_any(ids))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Uses up the caller's hold on exactly this time, and returns its room. Returns `None` when there
/// is no such hold.
pub(in crate::scheduling) async fn consume_hold(
    transaction: &OpenTransaction<'_>,
    id: HoldId,
    wanted: &Wanted,
) -> Stored<Option<Option<RoomId>>> {
    let room_id = diesel::delete(holds::table)
        .filter(holds::practice_id.eq(transaction.practice_id()))
        .filter(holds::id.eq(id))
        .filter(holds::held_by.eq(transaction.principal().user_id))
        .filter(holds::expires_at.gt(transaction.now()))
        .filter(holds::appointment_type_id.eq(wanted.appointment_type_id))
        .filter(holds::provider_id.eq(wanted.provider_id))
        .filter(holds::location_id.eq(wanted.location_id))
        .filter(holds::starts_at.eq(wanted.starts_at))
        .returning(holds::room_id)
        .get_result(&mut transaction.connection())
        .await
        .optional()?;
    Ok(room_id)
}

/// Deletes the holds of the practice that ended before an instant.
pub(in crate::scheduling) async fn delete_ended_holds(
    transaction: &OpenTransaction<'_>,
    before: DateTime<Utc>,
) -> Stored<()> {
    diesel::delete(holds::table)
        .filter(holds::practice_id.eq(transaction.practice_id()))
        .filter(holds::expires_at.lt(before))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
