//! Takes back the last step of an appointment.
//!
//! A cancelled, missed or moved appointment gave up its place. Undoing books that place again by
//! the present rules, and fails when it is taken. The start may have passed, because the
//! appointment was booked before. A patient who was shown to another room goes back to the earlier
//! one. An appointment with a visit cannot become one that was never seen; once the visit is
//! signed, no step can be undone.

use crate::platform::access::{May, action};
use crate::platform::database::{OpenTransaction, Transaction};
use crate::platform::etag::IfMatch;
use crate::platform::pipeline::pipelined;
use crate::practice::RoomId;

use super::appointment::{Appointment, AppointmentId, LastStep, PastStep, Place};
use super::appointment_status::Act;
use super::book_error::BookError;
use super::change::{self, ChangeError, MoveError};
use super::check::{self, Checked};
use super::chosen::Chosen;
use super::claim::{Cause, ResourceKind};
use super::reschedule;
use super::show_to_room::change_room;
use super::store;
use super::take;
use super::wanted::{Claimant, Wanted};

action!(
    /// Taking back the last step of an appointment.
    Undo, "appointments.undo", appointments, [Admin, FrontDesk, Provider, Assistant]
);

/// More lines than the history of any appointment has.
pub(super) const WHOLE_HISTORY: (i64, i64) = (0, 10_000);

/// A note about the step that is undone.
#[derive(Debug, Clone, Default)]
pub(super) struct WhyUndone {
    pub(super) note: Option<String>,
    /// Why staff bring it back against hours, grid or lead time.
    pub(super) override_reason: Option<String>,
}

/// Takes back the last step.
pub(super) async fn undo(
    transaction: &Transaction<'_, impl May<Undo>>,
    id: AppointmentId,
    if_match: &IfMatch,
    why: &WhyUndone,
) -> Result<Appointment, MoveError> {
    let appointment = change::lock(transaction, id, if_match).await?;
    let history = store::history(transaction, id, WHOLE_HISTORY).await?;
    let history: Vec<PastStep> = history.iter().map(PastStep::from).collect();
    let last = appointment.last_step(&history)?;
    if appointment.status.is_seen() {
        let visit = store::visit_of(transaction, id).await?;
        appointment.require_undoable(&last, visit)?;
    }
    let mut override_reason = why.override_reason.as_deref();
    let is_overridden = override_reason.is_some();
    let mut place = appointment.place;
    match last.act {
        Act::Reschedule | Act::Swap => {
            place = move_back(transaction, &appointment, &last, is_overridden).await?;
        }
        Act::Cancel | Act::NoShow => {
            place.room_id = bring_back(transaction, &appointment, is_overridden).await?;
        }
        Act::Room | Act::ChangeRoom => {
            override_reason = None;
            place.room_id = last.before.room_id;
            if place.room_id != appointment.place.room_id {
                change_room(transaction, &appointment, place.room_id).await?;
            }
        }
        _ => override_reason = None,
    }
    let change = appointment.undo(&last, place, transaction.now());
    let change = change.told(why.note.as_deref(), override_reason);
    Ok(change::record(transaction, change).await?)
}

/// Moves the appointment back to its earlier place. As with every move, it keeps its length and gets
/// another room when its room is taken.
async fn move_back(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    last: &LastStep,
    is_overridden: bool,
) -> Result<Place, MoveError> {
    let before = last.before;
    let mut wanted = Wanted {
        provider_id: before.provider_id,
        location_id: before.location_id,
        starts_at: before.starts_at,
        room_id: None,
        ..Wanted::as_it_is(appointment, is_overridden)
    };
    let checked = look_up(transaction, &mut wanted).await?;
    let mut chosen = check::choose_as_before(transaction, &wanted, &checked).await?;
    chosen.prefer(before.room_id);
    // Statements run in the order in which they are sent: the old place is free when the new one is
    // taken.
    let ((), place) = pipelined!(
        async { Ok(store::release(transaction, appointment.id, None).await?) },
        reschedule::take_instead(transaction, appointment, &wanted, &chosen),
    )?;
    Ok(place)
}

/// Takes the place again that the appointment had, and returns the room. When its room is taken and
/// the type needs one, another room is tried.
async fn bring_back(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    is_overridden: bool,
) -> Result<Option<RoomId>, MoveError> {
    let mut wanted = Wanted::as_it_is(appointment, is_overridden);
    let checked = look_up(transaction, &mut wanted).await?;
    let needs_room = checked.appointment_type.rules.needs_room;
    let chosen = match check::choose_as_before(transaction, &wanted, &checked).await {
        Err(BookError::Taken(taken)) if needs_room && taken.kinds == [ResourceKind::Room] => {
            wanted.room_id = None;
            check::choose_as_before(transaction, &wanted, &checked).await?
        }
        chosen => chosen?,
    };
    // The length stays, whatever length the type has now.
    let place = change::place_of(appointment, &checked.appointment_type);
    let place = Chosen {
        rooms: chosen.rooms,
        ..place.ok_or(ChangeError::NotFound)?
    };
    let (cause, patient_id) = (
        Cause::Appointment(appointment.id),
        Some(appointment.patient_id),
    );
    Ok(take::take(transaction, cause, patient_id, &place).await?)
}

async fn look_up(
    transaction: &OpenTransaction<'_>,
    wanted: &mut Wanted,
) -> Result<Checked, MoveError> {
    let checked = check::look_up(transaction, wanted, Claimant::default()).await?;
    if checked.unknown.is_empty() {
        Ok(checked)
    } else {
        Err(BookError::Unknown(checked.unknown).into())
    }
}
