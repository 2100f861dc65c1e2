//! Handing an open visit over to another provider, who goes on with it and signs it.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::id;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};
use crate::practice::ProviderId;

use super::store;
use super::visit::{HandOver as HandedOver, Visit, VisitId};
use super::writable::{VisitRefused, lock_open_visit};

action!(
    /// Handing an open visit over to another provider.
    HandOver, "visits.hand_over", record, [Provider, Assistant]
);

/// Why a visit was not handed over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandOverError {
    #[error(transparent)]
    Refused(#[from] VisitRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("no other active provider")]
    NotAnother(&'static str),
}

impl From<DatabaseError> for HandOverError {
    fn from(error: DatabaseError) -> Self {
        Self::Refused(error.into())
    }
}

impl Refusal for HandOverError {
    const TYPES: &'static [&'static ProblemType] = &[&problem::SEALED];

    fn problem(self) -> Problem {
        match self {
            Self::Refused(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::NotAnother(detail) => {
                Problem::invalid(vec![FieldError::new("/provider_id", detail)])
            }
        }
    }
}

/// Hands an open visit over. The provider it comes from need not be there any more.
pub(crate) async fn hand_over(
    transaction: &Transaction<'_, HandOver>,
    id: VisitId,
    if_match: &IfMatch,
    to_provider_id: ProviderId,
    reason: String,
) -> Result<Visit, HandOverError> {
    let locked = lock_open_visit(transaction, id).await?;
    if_match.require(locked.version)?;
    if locked.provider_id == to_provider_id {
        return Err(HandOverError::NotAnother(
            "is the provider of this visit already",
        ));
    }
    if !store::is_active_provider(transaction, to_provider_id).await? {
        return Err(HandOverError::NotAnother("names no active provider here"));
    }
    let handed_over = HandedOver {
        id: id::fresh(transaction.now()),
        from_provider_id: locked.provider_id,
        to_provider_id,
        reason,
        handed_over_by: transaction.principal().user_id,
        handed_over_at: transaction.now(),
    };
    store::record_hand_over(transaction, &locked, &handed_over).await?;
    transaction.touch("visit", id, locked.patient_id);
    let found = store::find(transaction, id).await?;
    Ok(found.ok_or(VisitRefused::NotFound)?)
}
