//! Shows the patient to a room, and changes the room of an appointment. Another room keeps the
//! status: the patient confirmed the time, not the room.

use crate::platform::access::May;
use crate::platform::database::{OpenTransaction, Transaction};
use crate::platform::etag::IfMatch;
use crate::practice::RoomId;

use super::appointment::{Appointment, AppointmentId};
use super::book_error::{BookError, Taken, UnusableId};
use super::change::{self, ChangeError, MoveError};
use super::claim::{Cause, Claim, ResourceKind};
use super::record_step::RecordStep;
use super::store;
use super::take;
use super::wanted::ForPatients;

/// Shows the patient to the named room, or to the booked one. Another room replaces the booked one.
pub(super) async fn show_to_room(
    transaction: &Transaction<'_, impl May<RecordStep>>,
    id: AppointmentId,
    if_match: &IfMatch,
    room_id: Option<RoomId>,
) -> Result<Appointment, MoveError> {
    let appointment = change::lock(transaction, id, if_match).await?;
    let change = appointment.show_to_room(room_id, transaction.now())?;
    if room_id.is_some_and(|room_id| Some(room_id) != appointment.place.room_id) {
        change_room(transaction, &appointment, room_id).await?;
    }
    Ok(change::record(transaction, change).await?)
}

/// Gives an appointment this room for its time, or none when its type needs none.
pub(super) async fn give_room(
    transaction: &Transaction<'_, impl May<RecordStep>>,
    id: AppointmentId,
    if_match: &IfMatch,
    room_id: Option<RoomId>,
) -> Result<Appointment, MoveError> {
    let appointment = change::lock(transaction, id, if_match).await?;
    let change = appointment.change_room(room_id, transaction.now())?;
    if room_id == appointment.place.room_id {
        transaction.touch("appointment", id, appointment.patient_id);
        return Ok(appointment);
    }
    if room_id.is_none() {
        let appointment_type = change::type_of(transaction, &appointment).await?;
        if appointment_type.rules.needs_room {
            let needed = UnusableId {
                pointer: "/room_id",
                detail: format!("{} needs a room; name one", appointment_type.rules.name),
            };
            return Err(BookError::Unknown(vec![needed]).into());
        }
    }
    change_room(transaction, &appointment, room_id).await?;
    Ok(change::record(transaction, change).await?)
}

/// Replaces the room of an appointment by this one.
pub(super) async fn change_room(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    room_id: Option<RoomId>,
) -> Result<(), MoveError> {
    let location_id = appointment.place.location_id;
    let Some(room_id) = room_id else {
        return Ok(store::release(transaction, appointment.id, Some(ResourceKind::Room)).await?);
    };
    let known = store::known(transaction, location_id, Some(room_id)).await?;
    if !known.room {
        let unknown = UnusableId {
            pointer: "/room_id",
            detail: format!("{room_id} is no room of this location"),
        };
        return Err(BookError::Unknown(vec![unknown]).into());
    }
    if !known.is_room_in_use {
        return Err(BookError::Taken(Taken {
            kinds: vec![ResourceKind::Room],
            conflicts: Vec::new(),
            detail: Some("This room is not in use any more; choose another one.".to_owned()),
        })
        .into());
    }
    let appointment_type = change::type_of(transaction, appointment).await?;
    let place = change::place_of(appointment, &appointment_type);
    let span = place.ok_or(ChangeError::NotFound)?.blocked;
    let claim = Claim {
        kind: ResourceKind::Room,
        resource_id: room_id.uuid(),
        span,
        location_id: Some(location_id),
        // The other patients of a group may be there already, or follow.
        seat: store::seat_of(transaction, appointment.id).await?,
    };
    store::release(transaction, appointment.id, Some(ResourceKind::Room)).await?;
    store::clear_expired(transaction, &[room_id.uuid()], &span).await?;
    let lost = take::attempt(transaction, Cause::Appointment(appointment.id), &[claim]).await?;
    if lost.is_empty() {
        Ok(())
    } else {
        let moved = ForPatients {
            moved_ids: vec![appointment.id],
            ..ForPatients::default()
        };
        let conflicts = store::conflicts(transaction, &[room_id.uuid()], &span, &moved).await?;
        let taken = Taken {
            kinds: lost,
            conflicts,
            detail: Some("This room is occupied at that time; choose another one.".to_owned()),
        };
        Err(BookError::Taken(taken).into())
    }
}
