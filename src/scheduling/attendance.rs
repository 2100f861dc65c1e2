//! How reliably a patient comes: counts, without a judgement.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::patients::PatientId;

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
