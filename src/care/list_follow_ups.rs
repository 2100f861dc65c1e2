//! The work list of follow-ups, one of them, and a patient's own.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::{Role, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::follow_up::{AttemptResult, FollowUp, FollowUpId, FollowUpKind, FollowUpStatus};
use super::store;

action!(
    /// Reading the work list of follow-ups.
    ListFollowUps, "follow_ups.list", record, [FrontDesk, Provider, Assistant]
);
action!(
    /// Reading one follow-up.
    ReadFollowUp, "follow_ups.read", record, [FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// A patient reading what they are owed.
    ReadOwnFollowUps, "follow_ups.read_own", record, [Patient]
);

/// Whom a follow-up is for, and how to reach them.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(super) id: PatientId,
    pub(super) name: String,
    pub(super) phone: Option<String>,
}

/// A follow-up as it stands on a list.
#[derive(Debug, Clone)]
pub(crate) struct ListedFollowUp {
    pub(super) follow_up: FollowUp,
    pub(super) person: Person,
}

/// Which follow-ups are asked for; all of it must fit.
#[derive(Debug, Default)]
pub(crate) struct FollowUpFilter {
    pub(super) status: Option<FollowUpStatus>,
    pub(super) kind: Option<FollowUpKind>,
    /// Raised by a red flag, or not.
    pub(super) urgent: Option<bool>,
    /// With a window that is still open after this.
    pub(super) from: Option<DateTime<Utc>>,
    /// With a window that opens before this.
    pub(super) to: Option<DateTime<Utc>>,
    pub(super) patient_ids: Option<Vec<Uuid>>,
    pub(super) procedure_id: Option<Uuid>,
    pub(super) updated_since: Option<DateTime<Utc>>,
}

/// End of the window and id of the row before a page.
pub(crate) type FollowUpKey = (DateTime<Utc>, Uuid);

/// Why a follow-up was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadFollowUpError {
    #[error("no such follow-up")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ReadFollowUpError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// Follow-ups that fit, by the end of their windows.
pub(crate) async fn list_follow_ups(
    transaction: &OpenTransaction<'_>,
    filter: &FollowUpFilter,
    window: &Window<FollowUpKey>,
) -> Stored<Vec<ListedFollowUp>> {
    let listed = store::follow_ups::list(transaction, filter, window).await?;
    let touched = listed.iter().map(|listed| {
        (
            listed.follow_up.id.uuid(),
            listed.follow_up.patient_id.uuid(),
        )
    });
    transaction.touch_all("follow_up", touched);
    Ok(listed)
}

/// One follow-up within reach.
pub(crate) async fn read_follow_up(
    transaction: &Transaction<'_, ReadFollowUp>,
    id: FollowUpId,
) -> Result<ListedFollowUp, ReadFollowUpError> {
    let listed = store::follow_ups::find(transaction, id).await?;
    let listed = listed.ok_or(ReadFollowUpError::NotFound)?;
    transaction.touch("follow_up", id, listed.follow_up.patient_id);
    Ok(listed)
}

/// A try that did not reach the patient.
#[derive(Debug, Clone)]
pub(crate) struct PastAttempt {
    pub(super) id: Uuid,
    pub(super) result: AttemptResult,
    pub(super) attempted_by: Uuid,
    pub(super) attempted_at: DateTime<Utc>,
}

/// The tries in vain about a follow-up, oldest first.
pub(crate) async fn list_attempts(
    transaction: &Transaction<'_, ListFollowUps>,
    id: FollowUpId,
    window: &Window<Uuid>,
) -> Result<Vec<PastAttempt>, ReadFollowUpError> {
    let listed = store::follow_ups::find(transaction, id).await?;
    let listed = listed.ok_or(ReadFollowUpError::NotFound)?;
    let attempts = store::follow_ups::attempts(transaction, id, window).await?;
    transaction.touch("follow_up", id, listed.follow_up.patient_id);
    Ok(attempts)
}

/// Whether someone of this role may read what was said at a follow-up.
pub(crate) const fn reads_outcomes(role: Role) -> bool {
    matches!(role, Role::Provider | Role::Assistant | Role::Patient)
}

/// The zone in which the windows of follow-ups are shown.
pub(crate) async fn shown_in(transaction: &OpenTransaction<'_>) -> Stored<Tz> {
    store::practice_zone(transaction).await
}
