//! How reliably a patient comes, for the front desk to see when it books: counted, not judged.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::patients::PatientId;
use crate::platform::access::action;
use crate::platform::database::Transaction;

use super::read::ReadError;
use super::store;

action!(
    /// Seeing how often a patient came, cancelled late or did not come.
    ViewAttendance, "appointments.attendance", appointments, [Admin, FrontDesk, Provider, Assistant]
);

/// What became of a patient's appointments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attendance {
    /// The person, whose every record counts.
    pub(super) patient_id: PatientId,
    pub(super) completed: i64,
    pub(super) cancelled: i64,
    /// Of the cancelled ones, those the patient cancelled after the cut-off.
    pub(super) cancelled_late: i64,
    pub(super) no_shows: i64,
    /// Start of the last appointment that was missed or cancelled late, and the zone of its
    /// location.
    pub(super) last_missed: Option<(DateTime<Utc>, Tz)>,
}

/// Counts the appointments of a patient that began, or were to begin, since this instant.
pub(super) async fn attendance(
    transaction: &Transaction<'_, ViewAttendance>,
    patient_id: PatientId,
    since: Option<DateTime<Utc>>,
) -> Result<Attendance, ReadError> {
    let counted = store::attendance(transaction, patient_id, since)
        .await?
        .ok_or(ReadError::NotFound)?;
    transaction.touch("attendance", counted.patient_id, counted.patient_id);
    Ok(counted)
}
