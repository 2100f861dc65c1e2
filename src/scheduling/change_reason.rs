//! Changing why the patient comes. It is no step of the appointment's life: it moves nothing, and
//! undoing passes over it. What had been told until then stays in the history.

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

/// Changes why the patient comes, as long as the appointment is not over; it stays where nothing is
/// said.
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
