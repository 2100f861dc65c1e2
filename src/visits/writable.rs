//! An open visit as the place to record something: locked, so that it is not signed meanwhile.

use crate::platform::database::{DatabaseError, OpenTransaction, Stored};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::store;
use super::visit::{LockedVisit, OpenVisit, VisitId};

/// Why a visit cannot be recorded under.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VisitRefused {
    #[error("no such visit")]
    NotFound,
    #[error("the visit is signed and sealed")]
    Sealed,
    #[error("the visit was discarded")]
    Discarded,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for VisitRefused {
    const TYPES: &'static [&'static ProblemType] = &[&problem::SEALED];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Sealed => Problem::new(&problem::SEALED),
            Self::Discarded => {
                Problem::new(&problem::SEALED).detail("The visit was discarded. Open another one.")
            }
            Self::Database(error) => error.into(),
        }
    }
}

/// Locks an open visit to record something under it. Signing waits until the transaction is over;
/// others may record under the same visit at the same time.
pub(crate) async fn open_visit(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Result<OpenVisit, VisitRefused> {
    match store::lock_against_signing(transaction, id).await? {
        Some(visit) => Ok(visit),
        None => Err(why_not_open(transaction, id).await?),
    }
}

/// Locks an open visit to change the visit itself. Everything else that records under it waits.
pub(super) async fn lock_open_visit(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Result<LockedVisit, VisitRefused> {
    match store::lock(transaction, id).await? {
        Some(visit) => Ok(visit),
        None => Err(why_not_open(transaction, id).await?),
    }
}

/// Row-level security hides a signed visit from a lock, and not from a plain read.
async fn why_not_open(transaction: &OpenTransaction<'_>, id: VisitId) -> Stored<VisitRefused> {
    Ok(match store::is_discarded(transaction, id).await? {
        Some(true) => VisitRefused::Discarded,
        Some(false) => VisitRefused::Sealed,
        None => VisitRefused::NotFound,
    })
}
