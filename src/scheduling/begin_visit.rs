//! What a visit does to its appointment: it begins it, and its signature fixes the steps.

use crate::platform::access::May;
use crate::platform::database::{Stored, Transaction};

use super::appointment::{Appointment, AppointmentId};
use super::appointment_status::{Act, Status};
use super::change::{self, ChangeError};
use super::record_step::RecordStep;
use super::store;

/// The visit for an appointment begins. Whoever is seen has arrived, so that a check-in that
/// nobody recorded is made up for; an appointment that has begun stays as it is.
pub(crate) async fn begin_visit(
    transaction: &Transaction<'_, impl May<RecordStep>>,
    id: AppointmentId,
) -> Result<Appointment, ChangeError> {
    let now = transaction.now();
    let mut appointment = store::lock(transaction, id)
        .await?
        .ok_or(ChangeError::NotFound)?;
    if appointment.status == Status::InProgress {
        transaction.touch("appointment", id, appointment.patient_id);
        return Ok(appointment);
    }
    if appointment.status.after(Act::CheckIn).is_some() {
        appointment = change::record(transaction, appointment.check_in(now)?).await?;
    }
    Ok(change::record(transaction, appointment.start(now)?).await?)
}

/// Keeps the steps of an appointment as they are until this transaction ends: its visit is signed
/// in it, and no step can be taken back after that.
pub(crate) async fn keep_steps(
    transaction: &Transaction<'_, impl May<RecordStep>>,
    id: AppointmentId,
) -> Stored<()> {
    store::lock(transaction, id).await?;
    Ok(())
}
