//! A follow-up with the person it is for, and which of them a list shows.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::procedures::ProcedureId;

use super::follow_up::{AttemptResult, FollowUp, FollowUpKind};
use super::follow_up_status::FollowUpStatus;

/// The patient of a follow-up, with a telephone number.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(super) id: PatientId,
    pub(super) name: String,
    pub(super) phone: Option<String>,
}

/// A follow-up with its patient.
#[derive(Debug, Clone)]
pub(crate) struct ListedFollowUp {
    pub(super) follow_up: FollowUp,
    pub(super) person: Person,
}

/// Which follow-ups a list shows; a follow-up must match every field that is set.
#[derive(Debug, Default)]
pub(crate) struct FollowUpFilter {
    pub(super) status: Option<FollowUpStatus>,
    pub(super) kind: Option<FollowUpKind>,
    /// Whether it was raised by a red flag.
    pub(super) urgent: Option<bool>,
    /// Its window is still open after this instant.
    pub(super) from: Option<DateTime<Utc>>,
    /// Its window opens before this instant.
    pub(super) to: Option<DateTime<Utc>>,
    pub(super) patient_ids: Option<Vec<Uuid>>,
    pub(super) procedure_id: Option<ProcedureId>,
    pub(super) updated_since: Option<DateTime<Utc>>,
}

/// End of the window and id of the row before a page.
pub(crate) type FollowUpKey = (DateTime<Utc>, Uuid);

/// A try that did not reach the patient.
#[derive(Debug, Clone)]
pub(crate) struct PastAttempt {
    pub(super) id: Uuid,
    pub(super) result: AttemptResult,
    pub(super) attempted_by: Uuid,
    pub(super) attempted_at: DateTime<Utc>,
}
