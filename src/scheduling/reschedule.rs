//! Moves an appointment to another time, provider or location; it keeps its id. The old place is
//! given up in the transaction that wins the new one, so a failed move changes nothing. It keeps its
//! length, even when its type has another one by now, unless staff ask for another.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use crate::platform::access::{May, Role, action};
use crate::platform::database::{OpenTransaction, Transaction};
use crate::platform::etag::IfMatch;
use crate::platform::pipeline::pipelined;
use crate::practice::{LocationId, ProviderId, RoomId, open_times};

use super::appointment::{Appointment, AppointmentId, Place};
use super::appointment_status::Act;
use super::book_error::BookError;
use super::change::{self, ChangeError, MoveError};
use super::check;
use super::chosen::Chosen;
use super::claim::Cause;
use super::hold::HoldId;
use super::store;
use super::take;
use super::wanted::{Claimant, ForPatients, Wanted};

action!(
    /// Moving an appointment; patients move their own.
    Reschedule, "appointments.reschedule", appointments,
    [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// Where an appointment is moved to. `None` keeps the value.
#[derive(Debug, Clone)]
pub(crate) struct RescheduleAppointment {
    pub(crate) starts_at: DateTime<Utc>,
    /// The present length when `None`, whatever length the type has now.
    pub(crate) duration_minutes: Option<NonZeroU32>,
    pub(crate) provider_id: Option<ProviderId>,
    pub(crate) location_id: Option<LocationId>,
    /// Only this room; `None` keeps the present room if it is free then.
    pub(crate) room_id: Option<RoomId>,
    /// The hold on the new place; it is used up.
    pub(crate) hold_id: Option<HoldId>,
    /// Why staff move it against hours, grid or times.
    pub(crate) override_reason: Option<String>,
    /// Why it is moved, for its history.
    pub(crate) note: Option<String>,
}

/// Moves an appointment.
pub(super) async fn reschedule(
    transaction: &Transaction<'_, impl May<Reschedule>>,
    id: AppointmentId,
    if_match: &IfMatch,
    command: &RescheduleAppointment,
) -> Result<Appointment, MoveError> {
    let is_patient = transaction.principal().role == Role::Patient;
    if is_patient && command.override_reason.is_some() {
        return Err(BookError::StaffOnly.into());
    }
    if is_patient && command.duration_minutes.is_some() {
        return Err(ChangeError::StaffOnly("duration_minutes").into());
    }
    let appointment = change::lock(transaction, id, if_match).await?;
    appointment.require(Act::Reschedule)?;
    let ready = prepare(transaction, &appointment, command).await?;
    carry_out(transaction, &appointment, ready, command).await
}

/// A place that looks free for an appointment.
pub(super) struct Ready {
    wanted: Wanted,
    chosen: Chosen,
}

/// Checks the move. Nothing of the appointment has changed when it is refused.
pub(super) async fn prepare(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    command: &RescheduleAppointment,
) -> Result<Ready, MoveError> {
    let mut wanted = command.wanted(appointment);
    let claimant = Claimant {
        patient_id: None,
        hold_id: command.hold_id,
    };
    let checked = check::look_up(transaction, &mut wanted, claimant).await?;
    if !checked.unknown.is_empty() {
        return Err(BookError::Unknown(checked.unknown).into());
    }
    change::require_before_cutoff(transaction, appointment, &checked.appointment_type)?;
    let (chosen, _) = check::choose(transaction, &wanted, &checked).await?;
    Ok(Ready { wanted, chosen })
}

/// Gives up the old place and takes the new one.
pub(super) async fn carry_out(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    ready: Ready,
    command: &RescheduleAppointment,
) -> Result<Appointment, MoveError> {
    let Ready { wanted, chosen } = ready;
    let why = (command.note.as_deref(), command.override_reason.as_deref());
    // Statements run in the order in which they are sent: the old place is free when the new one is
    // taken.
    let ((), moved) = pipelined!(
        async { Ok(store::release(transaction, appointment.id, None).await?) },
        settle(transaction, appointment, &wanted, chosen, why),
    )?;
    Ok(moved)
}

/// Moves an appointment that has given up its old place.
pub(super) async fn settle(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    wanted: &Wanted,
    mut chosen: Chosen,
    (note, override_reason): (Option<&str>, Option<&str>),
) -> Result<Appointment, MoveError> {
    chosen.prefer(appointment.place.room_id);
    let place = take_instead(transaction, appointment, wanted, &chosen).await?;
    let change = appointment.reschedule(place, transaction.now())?;
    let change = change.told(note, override_reason);
    Ok(change::record(transaction, change).await?)
}

/// Takes a place for an appointment that has given up its own, and opens the old time to others.
pub(super) async fn take_instead(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    wanted: &Wanted,
    chosen: &Chosen,
) -> Result<Place, MoveError> {
    let patient_id = Some(appointment.patient_id);
    let cause = Cause::Appointment(appointment.id);
    let now = transaction.now();
    let freed = [appointment.opening()];
    let (room_id, ()) = pipelined!(take::take(transaction, cause, patient_id, chosen), async {
        Ok(open_times(transaction, &freed, now).await?)
    },)?;
    Ok(Place {
        provider_id: wanted.provider_id,
        location_id: wanted.location_id,
        room_id,
        starts_at: chosen.span.starts_at(),
        ends_at: chosen.span.ends_at(),
    })
}

impl RescheduleAppointment {
    fn wanted(&self, appointment: &Appointment) -> Wanted {
        let place = appointment.place;
        Wanted {
            appointment_type_id: appointment.appointment_type_id,
            provider_id: self.provider_id.unwrap_or(place.provider_id),
            location_id: self.location_id.unwrap_or(place.location_id),
            starts_at: self.starts_at,
            duration_minutes: self.duration_minutes.or(place.duration_minutes()),
            room_id: self.room_id,
            is_overridden: self.override_reason.is_some(),
            is_promised: false,
            patients: ForPatients::moving(appointment),
        }
    }
}
