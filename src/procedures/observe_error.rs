//! Why nothing was recorded after the needle.

use crate::platform::database::DatabaseError;
use crate::platform::etag::Stale;
use crate::platform::problem::{Problem, ProblemType, Refusal, SEALED};

use super::missing::{Missing, NOT_READY, not_ready};
use super::read::{HoldRefused, WRONG_STATUS};

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum ObserveError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("something is missing before the patient may go")]
    NotReady(Vec<Missing>),
    #[error("the patient was let go")]
    Discharged,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static DISCHARGED: ProblemType =
    ProblemType::new("already-discharged", 409, "The patient was let go already");

impl Refusal for ObserveError {
    const TYPES: &'static [&'static ProblemType] =
        &[&SEALED, &WRONG_STATUS, &NOT_READY, &DISCHARGED];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::NotReady(missing) => not_ready(&missing)
                .detail("Observe on, or say in early_reason why the patient leaves now."),
            Self::Discharged => Problem::new(&DISCHARGED),
            Self::Database(error) => error.into(),
        }
    }
}
