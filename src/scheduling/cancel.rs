//! Cancels an appointment, which frees provider, room and patient at once. A cancellation by the
//! patient after the cut-off of the type counts as late. Only staff can record it then; patients
//! must call.

use crate::patients::PatientId;
use crate::platform::access::{May, action};
use crate::platform::database::{OpenTransaction, Stored, Transaction};
use crate::platform::etag::IfMatch;
use crate::practice::{AppointmentType, open_times};

use super::appointment::{Appointment, AppointmentId, Cancellation};
use super::appointment_status::{Act, CancelReason};
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

/// Cancels an appointment whose status allows it, and opens its time to others.
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
    // When the practice cancels, the same patient may be offered the time again. A provider who is
    // not there gives nobody a time.
    let is_open = cancellation.reason_code != CancelReason::ProviderUnavailable;
    let opening = if cancellation.reason_code.is_of_patient() {
        appointment.opening()
    } else {
        appointment.place.opening()
    };
    let change = appointment.cancel(cancellation, transaction.now())?;
    store::release(transaction, appointment.id, None).await?;
    if is_open {
        open_times(transaction, &[opening], transaction.now()).await?;
    }
    Ok(change::record(transaction, change).await?)
}

/// Cancels all the appointments of a person that are still to come, for a feature that ends what is
/// planned for them.
pub(crate) async fn cancel_ahead(
    transaction: &Transaction<'_, impl May<Cancel>>,
    patient_id: PatientId,
    note: &str,
) -> Stored<()> {
    for id in store::ahead_of(transaction, patient_id).await? {
        let Some(appointment) = store::lock(transaction, id).await? else {
            continue;
        };
        let cancellation = Cancellation::told(CancelReason::Other, Some(note.to_owned()));
        let Ok(change) = appointment.cancel(cancellation, transaction.now()) else {
            continue;
        };
        store::release(transaction, id, None).await?;
        open_times(transaction, &[appointment.opening()], transaction.now()).await?;
        change::record(transaction, change).await?;
    }
    Ok(())
}
