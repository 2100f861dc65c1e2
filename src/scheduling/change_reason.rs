//! Changes why the patient comes. This is not a step: it changes no status, and undoing skips it.
//! The earlier reason stays in the history.

use crate::platform::access::{May, action};
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;

use super::appointment::{Appointment, AppointmentId};
use super::change::{self, ChangeError};

action!(
    /// Changing why the patient comes; patients for their own appointments.
    ChangeReason, "appointments.change_reason", appointments,
    [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// Changes why the patient comes, unless the appointment is over. `None` leaves the reason
/// unchanged.
pub(super) async fn change_reason(
    transaction: &Transaction<'_, impl May<ChangeReason>>,
    id: AppointmentId,
    if_match: &IfMatch,
    reason: Option<Option<String>>,
) -> Result<Appointment, ChangeError> {
    let appointment = change::lock(transaction, id, if_match).await?;
    let asked = reason.unwrap_or_else(|| appointment.reason.clone());
    let is_same = asked == appointment.reason;
    let change = appointment.change_reason(asked, transaction.now())?;
    if is_same {
        transaction.touch("appointment", id, appointment.patient_id);
        return Ok(appointment);
    }
    Ok(change::record(transaction, change).await?)
}
