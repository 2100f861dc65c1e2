//! The work list of follow-ups, one of them, and a patient's own.

use chrono_tz::Tz;
use uuid::Uuid;

use crate::platform::access::{May, Role, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use crate::practice::practice_zone;

use super::follow_up::FollowUpId;
use super::listed_follow_up::{FollowUpFilter, FollowUpKey, ListedFollowUp, PastAttempt};
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
    /// A patient reading their own follow-ups.
    ReadOwnFollowUps, "follow_ups.read_own", record, [Patient]
);

impl May<ListFollowUps> for ReadOwnFollowUps {}

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
    transaction: &Transaction<'_, impl May<ListFollowUps>>,
    filter: &FollowUpFilter,
    window: &Window<FollowUpKey>,
) -> Stored<Vec<ListedFollowUp>> {
    let listed = store::follow_up_list::list(transaction, filter, window).await?;
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

/// The tries that did not reach the patient, oldest first.
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

/// Whether this role may read the results of follow-ups.
pub(crate) const fn reads_outcomes(role: Role) -> bool {
    matches!(role, Role::Provider | Role::Assistant | Role::Patient)
}

/// The zone in which the windows of follow-ups are shown.
pub(crate) async fn shown_in(transaction: &OpenTransaction<'_>) -> Stored<Tz> {
    Ok(practice_zone(transaction).await?.0)
}
