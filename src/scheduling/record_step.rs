//! Records a step of the day: the patient confirms or arrives, the provider begins or is done.

use crate::platform::access::{May, action};
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;

use super::appointment::{Appointment, AppointmentId};
use super::change::{self, ChangeError};
use super::require_today::require_today;

action!(
    /// Recording the steps of an appointment.
    RecordStep, "appointments.attend", appointments, [Admin, FrontDesk, Provider, Assistant]
);

/// A step that needs no further data.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Confirm,
    CheckIn,
    Start,
    Complete,
}

/// Records a step. Staff give a reason to check in or to start on another day.
pub(super) async fn record_step(
    transaction: &Transaction<'_, impl May<RecordStep>>,
    id: AppointmentId,
    if_match: &IfMatch,
    step: Step,
    override_reason: Option<&str>,
) -> Result<Appointment, ChangeError> {
    let appointment = change::lock(transaction, id, if_match).await?;
    let now = transaction.now();
    let change = match step {
        Step::Confirm => appointment.confirm(now)?,
        Step::CheckIn => appointment.check_in(now)?,
        Step::Start => appointment.start(now)?,
        Step::Complete => appointment.complete(now)?,
    };
    if matches!(step, Step::CheckIn | Step::Start) && override_reason.is_none() {
        require_today(transaction, &appointment).await?;
    }
    Ok(change::record(transaction, change.told(override_reason, None)).await?)
}
