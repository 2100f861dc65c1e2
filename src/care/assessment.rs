//! A questionnaire that a patient answered, with its score.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::PatientId;

use super::instrument::{AssessmentId, Instrument};

/// A questionnaire answered by a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assessment {
    pub(super) id: AssessmentId,
    pub(super) patient_id: PatientId,
    /// The person behind the record, who is shown.
    pub(super) person_id: PatientId,
    pub(super) instrument: Instrument,
    pub(super) taken_on: NaiveDate,
    pub(super) answers: Option<Vec<Option<i16>>>,
    pub(super) score: Decimal,
    pub(super) band: Option<String>,
    pub(super) scale_id: String,
    pub(super) entered_by: Uuid,
    pub(super) created_at: DateTime<Utc>,
}

/// Date and id of the row before a page.
pub(crate) type AssessmentKey = (NaiveDate, Uuid);
