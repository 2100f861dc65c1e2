//! Taking back the last step of an appointment.
//!
//! What was cancelled or missed gave up its place, and what was moved gave up one for another.
//! Bringing it back books that place again, under the rules of booking as they are now, and fails
//! when somebody else has it by then. That its time may have begun is no rule against it: it was
//! booked before. Who was shown to another room goes back to the one before. What a visit was
//! written for cannot become an appointment that was never seen, and not change at all once the
//! visit is signed.

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

/// More lines than any appointment's history has.
const WHOLE_HISTORY: (i64, i64) = (0, 10_000);

/// What is said about a step that is taken back.
#[derive(Debug, Clone, Default)]
pub(super) struct WhyUndone {
    pub(super) note: Option<String>,
    /// Why staff bring it back against hours, grid or times.
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
        Act::Reschedule => {
            place = move_back(transaction, &appointment, &last, is_overridden).await?;
        }
        Act::Cancel | Act::NoShow => {
            place.room_id = bring_back(transaction, &appointment, is_overridden).await?;
        }
        _ => {
            override_reason = None;
            place.room_id = last.before.room_id;
            if place.room_id != appointment.place.room_id {
                change_room(transaction, &appointment, place.room_id).await?;
            }
        }
    }
    let change = appointment.undo(&last, place, transaction.now());
    let change = change.told(why.note.as_deref(), override_reason);
    Ok(change::record(transaction, change).await?)
}

/// Gives up the place that the appointment was moved to for the one it had. As with every move, it
/// gets another room where the one it had is taken, and takes as long as its type does now.
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
    // What is sent first is done first: the old place is free when the new one is taken.
    let ((), place) = pipelined!(
        async { Ok(store::release(transaction, appointment.id, None).await?) },
        reschedule::take_instead(transaction, appointment, &wanted, &chosen),
    )?;
    Ok(place)
}

/// Takes the place again that the appointment had, and answers the room: another one where the
/// one it had is taken and its type cannot do without.
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
    // As long as it was, whatever its type takes now.
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
