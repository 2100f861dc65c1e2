//! Recording many needle sites in one act: all of them, or none.

use crate::platform::access::May;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{Problem, ProblemType, Refusal};

use super::inject::{Inject, InjectError, RecordedSite, record_site};
use super::injection::Injection;
use super::procedure::{Procedure, ProcedureId};
use super::read::{Held, HoldRefused, hold};

/// Why no line of a list was recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum BatchError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error("lines break a rule")]
    Lines(Vec<Problem>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for BatchError {
    const TYPES: &'static [&'static ProblemType] = InjectError::TYPES;

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Lines(problems) => Problem::of_lines(problems),
            Self::Database(error) => error.into(),
        }
    }
}

/// Records these sites of a procedure that is under way, in their order.
pub(super) async fn inject_batch(
    transaction: &Transaction<'_, Inject>,
    id: ProcedureId,
    sites: &[RecordedSite],
) -> Result<(Vec<Injection>, Procedure), BatchError> {
    let mut held = hold(transaction, id).await?;
    let mut injections = Vec::new();
    let mut problems = Vec::new();
    for (index, site) in sites.iter().enumerate() {
        match record_line(transaction, &held, site).await? {
            Ok((injection, procedure)) => {
                injections.push(injection);
                held.procedure = procedure;
            }
            Err(refused) => {
                problems.push(refused.problem().at_line(&format!("/injections/{index}")));
            }
        }
    }
    if problems.is_empty() {
        Ok((injections, held.procedure))
    } else {
        Err(BatchError::Lines(problems))
    }
}

/// Records one line, or returns why not. A failure of the database ends the whole list.
pub(super) async fn record_line(
    transaction: &Transaction<'_, impl May<Inject>>,
    held: &Held,
    site: &RecordedSite,
) -> Result<Result<(Injection, Procedure), InjectError>, DatabaseError> {
    let line = Held {
        procedure: held.procedure.clone(),
        visit: held.visit,
    };
    match record_site(transaction, line, site).await {
        Err(InjectError::Database(error)) => Err(error),
        recorded => Ok(recorded),
    }
}
