//! Cancelling an appointment, which frees provider, room and patient at once. It is late when it is
//! the patient's doing and the cut-off of the type is past; only staff can record that then, because
//! patients themselves are told to call.

use crate::platform::access::{May, action};
use crate::platform::database::{OpenTransaction, Transaction};
use crate::platform::etag::IfMatch;
use crate::practice::{AppointmentType, open_times};

use super::appointment::{Appointment, AppointmentId, Cancellation};
use super::appointment_status::Act;
use super::change::{self, MoveError};
use super::store;

action!(
    /// Cancelling an appointment; patients cancel their own.
    Cancel, "appointments.cancel", appointments, [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// Cancels an appointment.
pub(super) async fn cancel(
    transaction: &Transaction<'_, impl May<Cancel>>,
    id: AppointmentId,
    if_match: &IfMatch,
    cancellation: Cancellation,
) -> Result<Appointment, MoveError> {
    let appointment = change::lock(transaction, id, if_match).await?;
    appointment.require(Act::Cancel)?;
    let appointment_type = change::type_of(transaction, &appointment).await?;
    change::require_before_cutoff(transaction, &appointment, &appointment_type)?;
    give_up(transaction, &appointment, &appointment_type, cancellation).await
}

/// Cancels an appointment that may be cancelled; its place is for others.
pub(super) async fn give_up(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    appointment_type: &AppointmentType,
    cancellation: Cancellation,
) -> Result<Appointment, MoveError> {
    let is_late = change::is_past_cutoff(transaction, appointment, appointment_type);
    let cancellation = Cancellation {
        is_late: is_late && cancellation.reason_code.is_of_patient(),
        ..cancellation
    };
    // What the practice took away may be offered to the very person it was taken from.
    let opening = if cancellation.reason_code.is_of_patient() {
        appointment.opening()
    } else {
        appointment.place.opening()
    };
    let change = appointment.cancel(cancellation, transaction.now())?;
    store::release(transaction, appointment.id, None).await?;
    open_times(transaction, &[opening], transaction.now()).await?;
    Ok(change::record(transaction, change).await?)
}
