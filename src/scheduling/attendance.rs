//! How reliably a patient comes: counts, without a judgement.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::patients::PatientId;

/// How many of a patient's appointments ended in which way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attendance {
    /// The person; all records of the person are counted.
    pub(super) patient_id: PatientId,
    pub(super) completed: i64,
    pub(super) cancelled: i64,
    /// Cancelled appointments that the patient cancelled after the cut-off.
    pub(super) cancelled_late: i64,
    pub(super) no_shows: i64,
    /// Start of the last appointment that was missed or cancelled late, and the zone of its
    /// location.
    pub(super) last_missed: Option<(DateTime<Utc>, Tz)>,
}
