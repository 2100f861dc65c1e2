//! Discarding an open visit that nothing lies under, such as one opened for the wrong patient.
//!
//! What was recorded under it by mistake is voided first. The appointment is `arrived` again.

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::scheduling::{RecordStep, take_visit_back};

use super::store;
use super::visit::{Visit, VisitId};
use super::voided::Voided;
use super::writable::{VisitRefused, lock_open_visit};

action!(
    /// Discarding an open visit with nothing under it.
    Discard, "visits.discard", record, [Provider, Assistant]
);

impl May<RecordStep> for Discard {}

/// Why a visit was not discarded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiscardError {
    #[error(transparent)]
    Refused(#[from] VisitRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("something lies under the visit")]
    HasContent,
}

impl From<DatabaseError> for DiscardError {
    fn from(error: DatabaseError) -> Self {
        Self::Refused(error.into())
    }
}

static VISIT_HAS_CONTENT: ProblemType = ProblemType::new(
    "visit-has-content",
    409,
    "Points or procedures are recorded in this visit",
);

impl Refusal for DiscardError {
    const TYPES: &'static [&'static ProblemType] = &[&problem::SEALED, &VISIT_HAS_CONTENT];

    fn problem(self) -> Problem {
        match self {
            Self::Refused(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::HasContent => Problem::new(&VISIT_HAS_CONTENT).detail(
                "Void every trigger point and procedure of the visit first, or sign the visit and \
                 retract it.",
            ),
        }
    }
}

/// Discards an open visit.
pub(crate) async fn discard(
    transaction: &Transaction<'_, Discard>,
    id: VisitId,
    if_match: &IfMatch,
    reason: String,
) -> Result<Visit, DiscardError> {
    let locked = lock_open_visit(transaction, id).await?;
    if_match.require(locked.version)?;
    if store::has_content(transaction, id).await? {
        return Err(DiscardError::HasContent);
    }
    if let Some(appointment_id) = locked.appointment_id {
        take_visit_back(transaction, appointment_id).await?;
    }
    let discarded = Voided {
        at: transaction.now(),
        by: transaction.principal().user_id,
        reason,
    };
    store::record_discard(transaction, &locked, &discarded).await?;
    transaction.touch("visit", id, locked.patient_id);
    let found = store::find(transaction, id).await?;
    Ok(found.ok_or(VisitRefused::NotFound)?)
}
