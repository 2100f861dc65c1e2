//! Taking back the last step of an appointment. What was cancelled or missed gave up its place:
//! bringing it back takes the place again, and fails when somebody else has it by now.

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;

use super::appointment::{Appointment, AppointmentId, PastStep};
use super::change::{self, ChangeError, MoveError};
use super::place;
use super::store::{self, Cause};

action!(
    /// Taking back the last step of an appointment.
    Undo, "appointments.undo", patients, [Admin, FrontDesk, Provider, Assistant]
);

/// More lines than any appointment's history has.
const WHOLE_HISTORY: (i64, i64) = (0, 10_000);

/// Takes back the last step.
pub(super) async fn undo(
    transaction: &Transaction<'_, Undo>,
    id: AppointmentId,
    if_match: &IfMatch,
) -> Result<Appointment, MoveError> {
    let appointment = change::lock(transaction, id, if_match).await?;
    let history = store::history(transaction, id, WHOLE_HISTORY).await?;
    let history: Vec<PastStep> = history.iter().map(PastStep::from).collect();
    let change = appointment.undo(&history, transaction.now())?;
    if change.after().status.occupies() && !appointment.status.occupies() {
        let appointment_type = change::type_of(transaction, &appointment).await?;
        let place = change::place_of(&appointment, &appointment_type);
        let place = place.ok_or(ChangeError::NotFound)?;
        let patient_id = Some(appointment.patient_id);
        place::take(transaction, Cause::Appointment(id), patient_id, &place).await?;
    }
    Ok(change::record(transaction, change).await?)
}
