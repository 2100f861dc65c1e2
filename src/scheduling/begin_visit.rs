//! What a visit does to its appointment: it begins it, and its signature fixes the steps.

use crate::platform::access::May;
use crate::platform::database::{Stored, Transaction};

use super::appointment::{Appointment, AppointmentId, PastStep};
use super::appointment_status::{Act, Status};
use super::change::{self, ChangeError};
use super::record_step::RecordStep;
use super::require_today::require_today;
use super::store;
use super::undo::WHOLE_HISTORY;

/// Starts the appointment when its visit begins. A missing check-in is added, because a patient who
/// is seen has arrived. An appointment that was started already stays unchanged.
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
        // A visit of the past is written down late; one of the future is a mistake.
        if appointment.place.starts_at > now {
            require_today(transaction, &appointment).await?;
        }
        appointment = change::record(transaction, appointment.check_in(now)?).await?;
    }
    Ok(change::record(transaction, appointment.start(now)?).await?)
}

/// Takes the appointment back to `arrived`, because its visit was discarded. It can be cancelled then,
/// become a no-show, or get another visit.
pub(crate) async fn take_visit_back(
    transaction: &Transaction<'_, impl May<RecordStep>>,
    id: AppointmentId,
) -> Stored<()> {
    let Some(mut appointment) = store::lock(transaction, id).await? else {
        return Ok(());
    };
    while matches!(
        appointment.status,
        Status::Roomed | Status::InProgress | Status::Completed
    ) {
        let history = store::history(transaction, id, WHOLE_HISTORY).await?;
        let history: Vec<PastStep> = history.iter().map(PastStep::from).collect();
        let Ok(last) = appointment.last_step(&history) else {
            break;
        };
        let undone = appointment.undo(&last, appointment.place, transaction.now());
        appointment = change::record(transaction, undone).await?;
    }
    Ok(())
}

/// Locks the appointment until this transaction ends. The visit is signed in it; after that no step
/// can be undone.
pub(crate) async fn keep_steps(
    transaction: &Transaction<'_, impl May<RecordStep>>,
    id: AppointmentId,
) -> Stored<()> {
    store::lock(transaction, id).await?;
    Ok(())
}
