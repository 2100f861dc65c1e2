//! Swaps two appointments: each gets provider, location, room and start of the other.
//!
//! Each keeps its length, its type and its status: the desk arranges a swap with both patients.
//! Both are checked like bookings, except that neither blocks the other. Undoing a swap moves one
//! appointment back and is refused while the other one is there; swapping again takes it back.

use crate::platform::access::{May, action};
use crate::platform::database::{OpenTransaction, Transaction};
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal};

use super::appointment::{Appointment, AppointmentId, Place};
use super::appointment_status::Act;
use super::book_error::BookError;
use super::change::{self, MoveError};
use super::check;
use super::chosen::Chosen;
use super::claim::Cause;
use super::store;
use super::take;
use super::wanted::{Claimant, Wanted};

action!(
    /// Swapping two appointments.
    Swap, "appointments.swap", appointments, [Admin, FrontDesk, Provider, Assistant]
);

/// Two appointments to be swapped.
#[derive(Debug, Clone)]
pub(super) struct SwapAppointments {
    pub(super) first_id: AppointmentId,
    pub(super) second_id: AppointmentId,
    /// Why staff swap them against hours, grid or times.
    pub(super) override_reason: Option<String>,
    /// Why they are swapped, for their history.
    pub(super) note: Option<String>,
}

/// Why two appointments were not swapped.
#[derive(Debug, thiserror::Error)]
pub(super) enum SwapError {
    #[error("{0} names no appointment that can be swapped")]
    Unknown(&'static str),
    #[error("both ids name one appointment")]
    Same,
    #[error(transparent)]
    Move(#[from] MoveError),
}

impl Refusal for SwapError {
    const TYPES: &'static [&'static ProblemType] = MoveError::TYPES;

    fn problem(self) -> Problem {
        match self {
            Self::Unknown(pointer) => {
                Problem::field(pointer, "names no appointment of this practice")
            }
            Self::Same => Problem::invalid(vec![FieldError::new(
                "/second_id",
                "is the same appointment as first_id; name another one",
            )]),
            Self::Move(error) => error.problem(),
        }
    }
}

/// Swaps the places of two appointments of which the patients are still to come.
pub(super) async fn swap(
    transaction: &Transaction<'_, impl May<Swap>>,
    command: &SwapAppointments,
) -> Result<(), SwapError> {
    let (first, second) = lock_both(transaction, command).await?;
    for appointment in [&first, &second] {
        let required = appointment.require(Act::Swap);
        required.map_err(MoveError::from)?;
    }
    let moved_ids = vec![first.id, second.id];
    let is_overridden = command.override_reason.is_some();
    let mut chosen = Vec::new();
    for (appointment, place) in [(&first, second.place), (&second, first.place)] {
        let mut wanted = wanted(appointment, place, is_overridden);
        wanted.patients.moved_ids.clone_from(&moved_ids);
        chosen.push(choose(transaction, &mut wanted).await?);
    }
    for id in moved_ids {
        let released = store::release(transaction, id, None).await;
        released.map_err(MoveError::from)?;
    }
    let why = (command.note.as_deref(), command.override_reason.as_deref());
    let places = [second.place, first.place];
    for ((appointment, place), chosen) in [&first, &second].into_iter().zip(places).zip(chosen) {
        settle(transaction, appointment, (place, chosen), why).await?;
    }
    Ok(())
}

/// Locks both in the order of their ids, so that two swaps cannot wait for each other.
async fn lock_both(
    transaction: &OpenTransaction<'_>,
    command: &SwapAppointments,
) -> Result<(Appointment, Appointment), SwapError> {
    let (first_id, second_id) = (command.first_id, command.second_id);
    if first_id == second_id {
        return Err(SwapError::Same);
    }
    let mut found = Vec::new();
    for id in [first_id.min(second_id), first_id.max(second_id)] {
        let locked = store::lock(transaction, id).await;
        found.extend(locked.map_err(MoveError::from)?);
    }
    let mut take = |id: AppointmentId, pointer| {
        let at = found.iter().position(|appointment| appointment.id == id);
        let at = at.ok_or(SwapError::Unknown(pointer))?;
        Ok::<_, SwapError>(found.swap_remove(at))
    };
    Ok((take(first_id, "/first_id")?, take(second_id, "/second_id")?))
}

fn wanted(appointment: &Appointment, place: Place, is_overridden: bool) -> Wanted {
    Wanted {
        provider_id: place.provider_id,
        location_id: place.location_id,
        starts_at: place.starts_at,
        room_id: None,
        ..Wanted::as_it_is(appointment, is_overridden)
    }
}

async fn choose(
    transaction: &OpenTransaction<'_>,
    wanted: &mut Wanted,
) -> Result<Chosen, MoveError> {
    let checked = check::look_up(transaction, wanted, Claimant::default()).await?;
    if !checked.unknown.is_empty() {
        return Err(BookError::Unknown(checked.unknown).into());
    }
    let (chosen, _) = check::choose(transaction, wanted, &checked).await?;
    Ok(chosen)
}

/// Takes the place of the other appointment, in its room if possible.
async fn settle(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    (place, mut chosen): (Place, Chosen),
    (note, override_reason): (Option<&str>, Option<&str>),
) -> Result<(), MoveError> {
    chosen.prefer(place.room_id);
    let cause = Cause::Appointment(appointment.id);
    let patient_id = Some(appointment.patient_id);
    let room_id = take::take(transaction, cause, patient_id, &chosen).await?;
    let place = Place {
        room_id,
        ..chosen.place()
    };
    let change = appointment.swap(place, transaction.now())?;
    change::record(transaction, change.told(note, override_reason)).await?;
    Ok(())
}
