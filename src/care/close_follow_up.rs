//! Completing a follow-up, counting a try that did not reach the patient, and cancelling it.

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

use super::follow_up::{AttemptResult, CompleteRefused, FollowUp, FollowUpId};
use super::follow_up_outcome::{Outcome, Unasked};
use super::follow_up_status::WrongStatus;
use super::listed_follow_up::ListedFollowUp;
use super::refusals::{WRONG_STATUS, wrong_status};
use super::store;

action!(
    /// Recording the result of a follow-up.
    CompleteFollowUp, "follow_ups.complete", record, [Provider, Assistant]
);
action!(
    /// Recording that a patient was not reached.
    AttemptFollowUp, "follow_ups.attempt", record, [FrontDesk, Provider, Assistant]
);
action!(
    /// Cancelling a follow-up.
    CancelFollowUp, "follow_ups.cancel", record, [FrontDesk, Provider, Assistant]
);

/// Why a follow-up was not closed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CloseFollowUpError {
    #[error("no such follow-up")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    WrongStatus(#[from] WrongStatus),
    #[error("a call must ask for more")]
    Unasked(Vec<Unasked>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<CompleteRefused> for CloseFollowUpError {
    fn from(refused: CompleteRefused) -> Self {
        match refused {
            CompleteRefused::WrongStatus(wrong) => wrong.into(),
            CompleteRefused::Unasked(parts) => Self::Unasked(parts),
        }
    }
}

impl Unasked {
    fn error(self) -> FieldError {
        let (pointer, detail) = match self {
            Self::Screen => (
                "/adverse_event_screen",
                "is required of a call: every question answered",
            ),
            Self::Relief => ("/relief_percent", "is required of a call"),
            Self::NextStep => ("/next_step", "is required of a call"),
        };
        FieldError::new(pointer, detail)
    }
}

impl Refusal for CloseFollowUpError {
    const TYPES: &'static [&'static ProblemType] = &[&WRONG_STATUS];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::WrongStatus(wrong) => wrong_status(wrong),
            Self::Unasked(parts) => {
                Problem::invalid(parts.into_iter().map(Unasked::error).collect())
            }
            Self::Database(error) => error.into(),
        }
    }
}

/// Records the result; a red flag adds an urgent call.
pub(crate) async fn complete_follow_up(
    transaction: &Transaction<'_, CompleteFollowUp>,
    id: FollowUpId,
    if_match: &IfMatch,
    outcome: Outcome,
) -> Result<ListedFollowUp, CloseFollowUpError> {
    let listed = locked(transaction, id, if_match).await?;
    let by = transaction.principal().user_id;
    let completion = listed.follow_up.complete(outcome, by, transaction.now())?;
    store::follow_ups::record(transaction, &completion.follow_up).await?;
    if let Some(urgent) = completion.urgent {
        store::follow_ups::insert(transaction, std::slice::from_ref(&urgent)).await?;
        touch(transaction, &urgent);
    }
    touch(transaction, &completion.follow_up);
    Ok(ListedFollowUp {
        follow_up: completion.follow_up,
        person: listed.person,
    })
}

/// Counts a try that did not reach the patient; the follow-up stays due.
pub(crate) async fn attempt_follow_up(
    transaction: &Transaction<'_, AttemptFollowUp>,
    id: FollowUpId,
    if_match: &IfMatch,
    result: AttemptResult,
) -> Result<ListedFollowUp, CloseFollowUpError> {
    let listed = locked(transaction, id, if_match).await?;
    let attempt = listed.follow_up.try_in_vain(result, transaction.now())?;
    store::follow_ups::record_attempt(transaction, &attempt).await?;
    touch(transaction, &attempt.follow_up);
    Ok(ListedFollowUp {
        follow_up: attempt.follow_up,
        person: listed.person,
    })
}

/// Cancels a follow-up.
pub(crate) async fn cancel_follow_up(
    transaction: &Transaction<'_, CancelFollowUp>,
    id: FollowUpId,
    if_match: &IfMatch,
    reason: &str,
) -> Result<ListedFollowUp, CloseFollowUpError> {
    let listed = locked(transaction, id, if_match).await?;
    let by = transaction.principal().user_id;
    let cancellation = listed.follow_up.cancel(reason, by, transaction.now())?;
    store::follow_ups::record(transaction, &cancellation.follow_up).await?;
    touch(transaction, &cancellation.follow_up);
    Ok(ListedFollowUp {
        follow_up: cancellation.follow_up,
        person: listed.person,
    })
}

/// Cancels a follow-up that is open, for a feature that ends what is planned for a patient.
pub(crate) async fn end_follow_up(
    transaction: &Transaction<'_, impl May<CancelFollowUp>>,
    id: FollowUpId,
    reason: &str,
) -> Result<(), DatabaseError> {
    let Some(listed) = store::follow_ups::lock(transaction, id).await? else {
        return Ok(());
    };
    let by = transaction.principal().user_id;
    if let Ok(cancellation) = listed.follow_up.cancel(reason, by, transaction.now()) {
        store::follow_ups::record(transaction, &cancellation.follow_up).await?;
        touch(transaction, &cancellation.follow_up);
    }
    Ok(())
}

async fn locked(
    transaction: &OpenTransaction<'_>,
    id: FollowUpId,
    if_match: &IfMatch,
) -> Result<ListedFollowUp, CloseFollowUpError> {
    let listed = store::follow_ups::lock(transaction, id).await?;
    let listed = listed.ok_or(CloseFollowUpError::NotFound)?;
    if_match.require(listed.follow_up.version)?;
    Ok(listed)
}

fn touch(transaction: &OpenTransaction<'_>, follow_up: &FollowUp) {
    transaction.touch("follow_up", follow_up.id, follow_up.patient_id);
}
