//! Counts how reliably a patient comes, for the front desk to see when it books.

use chrono::{DateTime, Utc};

use crate::patients::PatientId;
use crate::platform::access::{May, action};
use crate::platform::database::Transaction;

use super::attendance::Attendance;
use super::read::ReadError;
use super::store;

action!(
    /// Seeing how often a patient came, cancelled late or did not come.
    ViewAttendance, "appointments.attendance", appointments, [Admin, FrontDesk, Provider, Assistant]
);

/// Counts the appointments of a patient whose start is this instant or later.
pub(super) async fn count_attendance(
    transaction: &Transaction<'_, impl May<ViewAttendance>>,
    patient_id: PatientId,
    since: Option<DateTime<Utc>>,
) -> Result<Attendance, ReadError> {
    let counted = store::count_attendance(transaction, patient_id, since)
        .await?
        .ok_or(ReadError::NotFound)?;
    transaction.touch("attendance", counted.patient_id, counted.patient_id);
    Ok(counted)
}
