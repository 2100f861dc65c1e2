//! Why nothing was recorded of what comes before the needle.

use crate::platform::database::DatabaseError;
use crate::platform::etag::Stale;
use crate::platform::problem::{Problem, ProblemType, Refusal};

use super::read::HoldRefused;

/// Why nothing was recorded before the needle.
#[derive(Debug, thiserror::Error)]
pub(super) enum PrepareError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for PrepareError {
    const TYPES: &'static [&'static ProblemType] = HoldRefused::TYPES;

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}
