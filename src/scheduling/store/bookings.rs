//! Bookings of resources: the rows under the exclusion constraint that prevents double bookings.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::id;
use crate::platform::intervals::Interval;
use crate::platform::prepared::prepared;
use crate::practice::{AppointmentTypeId, LocationId, RoomId};
use crate::scheduling::appointment::AppointmentId;
use crate::scheduling::claim::{Cause, Claim, ResourceKind};
use crate::scheduling::group::Seat;
use crate::scheduling::hold::HoldId;
use crate::scheduling::wanted::ForPatients;
use crate::schema::{appointment_types, locations, patients, resource_bookings, rooms};

#[derive(Insertable)]
#[diesel(table_name = resource_bookings, treat_none_as_default_value = false)]
struct NewBookingRow {
    practice_id: Uuid,
    id: Uuid,
    resource_id: Uuid,
    resource_kind: ResourceKind,
    appointment_id: Option<AppointmentId>,
    hold_id: Option<HoldId>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    session_id: Uuid,
    place: Option<i16>,
    location_id: Option<LocationId>,
}

/// Takes the resources, and returns those that were won.
///
/// Claims are inserted in the order of kind and id, the same in every transaction, so that two
/// transactions cannot deadlock.
pub(in crate::scheduling) async fn acquire(
    transaction: &OpenTransaction<'_>,
    cause: Cause,
    claims: &[Claim],
) -> Stored<Vec<Uuid>> {
    let (appointment_id, hold_id, expires_at) = match cause {
        Cause::Appointment(id) => (Some(id), None, None),
        Cause::Hold { id, expires_at } => (None, Some(id), Some(expires_at)),
    };
    let mut sorted = claims.to_vec();
    sorted.sort_unstable_by_key(|claim| (claim.kind, claim.resource_id));
    let rows: Vec<NewBookingRow> = sorted
        .iter()
        .map(|claim| NewBookingRow {
            practice_id: transaction.practice_id(),
            id: id::fresh(transaction.now()),
            resource_id: claim.resource_id,
            resource_kind: claim.kind,
            appointment_id,
            hold_id,
            starts_at: claim.span.starts_at(),
            ends_at: claim.span.ends_at(),
            expires_at,
            // A new session id when the session is not shared.
            session_id: claim
                .seat
                .map_or_else(|| id::fresh(transaction.now()), |seat| seat.session_id),
            place: claim.seat.map(|seat| seat.number),
            location_id: claim.location_id,
        })
        .collect();
    let insertion = diesel::insert_into(resource_bookings::table)
        .values(&rows)
        .on_conflict_do_nothing()
        .returning(resource_bookings::resource_id);
    let won = prepared(insertion)
        .get_results(&mut transaction.connection())
        .await?;
    Ok(won)
}

/// Releases the resources of an appointment: all of them, or those of one kind.
pub(in crate::scheduling) async fn release(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
    kind: Option<ResourceKind>,
) -> Stored<()> {
    let kinds = kind.map_or_else(|| ResourceKind::ALL.to_vec(), |kind| vec![kind]);
    diesel::delete(resource_bookings::table)
        .filter(resource_bookings::practice_id.eq(transaction.practice_id()))
        .filter(resource_bookings::appointment_id.eq(id))
        .filter(resource_bookings::resource_kind.eq_any(kinds))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// The seat of an appointment, if its session is shared.
pub(in crate::scheduling) async fn seat_of(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
) -> Stored<Option<Seat>> {
    let seat: Option<(Uuid, i16)> = resource_bookings::table
        .filter(resource_bookings::practice_id.eq(transaction.practice_id()))
        .filter(resource_bookings::appointment_id.eq(id))
        .filter(resource_bookings::resource_kind.eq(ResourceKind::Provider))
        .filter(resource_bookings::place.is_not_null())
        .select((
            resource_bookings::session_id,
            resource_bookings::place.assume_not_null(),
        ))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(seat.map(|(session_id, number)| Seat { session_id, number }))
}

/// Locks the patients when the type has an interval, so that concurrent bookings of such types see
/// each other.
pub(in crate::scheduling) async fn lock_patients(
    transaction: &OpenTransaction<'_>,
    patients: &ForPatients,
    appointment_type_id: AppointmentTypeId,
) -> Stored<()> {
    let keeps_apart = appointment_types::table
        .filter(appointment_types::practice_id.eq(transaction.practice_id()))
        .filter(appointment_types::id.eq(appointment_type_id))
        .filter(appointment_types::min_interval_days.is_not_null());
    patients::table
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq_any(&patients.patient_ids))
        .filter(exists(keeps_apart))
        .order(patients::id)
        .select(patients::id)
        .for_no_key_update()
        .load::<Uuid>(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Locks the holds in the order of their ids before it deletes them, so that two bookings that
/// delete the same holds do not deadlock.
const CLEAR_EXPIRED: &str = "
    DELETE FROM holds WHERE practice_id = $1 AND id IN (
        SELECT h.id FROM holds h
        WHERE h.practice_id = $1 AND h.expires_at <= $3 AND h.id IN (
            SELECT b.hold_id FROM resource_bookings b
            WHERE b.practice_id = $1 AND b.resource_id = ANY ($2) AND b.hold_id IS NOT NULL
                AND b.starts_at > $4 - interval '12 hours' AND b.starts_at < $5
                AND b.ends_at > $4)
        ORDER BY h.id FOR UPDATE)";

/// Deletes the expired holds of these resources in this span.
pub(in crate::scheduling) async fn clear_expired(
    transaction: &OpenTransaction<'_>,
    resource_ids: &[Uuid],
    span: &Interval,
) -> Stored<()> {
    prepared(
        diesel::sql_query(CLEAR_EXPIRED)
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<Array<SqlUuid>, _>(resource_ids)
            .bind::<Timestamptz, _>(transaction.now())
            .bind::<Timestamptz, _>(span.starts_at())
            .bind::<Timestamptz, _>(span.ends_at()),
    )
    .execute(&mut transaction.connection())
    .await?;
    Ok(())
}

/// Whether the location and the room of a request exist.
#[derive(Debug, Clone, Copy)]
pub(in crate::scheduling) struct Known {
    pub(in crate::scheduling) location: bool,
    /// Whether the location has the room.
    pub(in crate::scheduling) room: bool,
    /// False when the room is not active any more.
    pub(in crate::scheduling) is_room_in_use: bool,
}

/// Looks up both ids in one statement; a room that was not named counts as known.
pub(in crate::scheduling) async fn known(
    transaction: &OpenTransaction<'_>,
    location_id: LocationId,
    room_id: Option<RoomId>,
) -> Stored<Known> {
    let practice_id = transaction.practice_id();
    let location = locations::table
        .filter(locations::practice_id.eq(practice_id))
        .filter(locations::id.eq(location_id));
    let room = rooms::table
        .filter(rooms::practice_id.eq(practice_id))
        .filter(rooms::location_id.eq(location_id))
        .filter(rooms::id.nullable().eq(room_id))
        .select(rooms::active)
        .single_value();
    let (location, active): (bool, Option<bool>) = diesel::select((exists(location), room))
        .get_result(&mut transaction.connection())
        .await?;
    Ok(Known {
        location,
        room: active.is_some() || room_id.is_none(),
        is_room_in_use: active != Some(false),
    })
}
