//! Marking a site, a syringe or a whole procedure as entered in error, while the visit is open.
//!
//! What is marked stays and counts nowhere. The volume of a site is back in its syringe, and what a syringe
//! was drawn from is back in its lots. A procedure that was over is under way again then: it is completed or
//! stopped once more, and judged without the mistake. A procedure is marked as a whole when nothing of it
//! is in the patient or in a syringe.

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, Member, Problem, ProblemType, Refusal, SEALED, Shape};
use crate::stock::UseStock;
use crate::visits::{ALREADY_VOIDED, Voided};

use super::account::{AccountError, give_back};
use super::ended::renew_last_needle;
use super::injection::{Injection, InjectionId};
use super::procedure::{Procedure, ProcedureId, Remaining, VoidRefused};
use super::read::{HoldRefused, WRONG_STATUS, hold};
use super::store;
use super::syringe::{SolutionId, Syringe};

action!(
    /// Marking parts of a procedure, or all of it, as entered in error.
    VoidProcedure, "procedures.void", record, [Provider, Assistant]
);

impl May<UseStock> for VoidProcedure {}

/// Why nothing was marked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VoidError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("it is no part of the procedure")]
    NotFound,
    #[error("it was marked before")]
    AlreadyVoided,
    #[error("something of it is still there")]
    StillThere(Remaining),
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<VoidRefused> for VoidError {
    fn from(refused: VoidRefused) -> Self {
        match refused {
            VoidRefused::WrongStatus(status) => Self::Held(status.into()),
            VoidRefused::NotFound => Self::NotFound,
            VoidRefused::AlreadyVoided => Self::AlreadyVoided,
            VoidRefused::StillThere(remaining) => Self::StillThere(remaining),
        }
    }
}

static STILL_THERE: ProblemType = ProblemType::new(
    "still-in-use",
    409,
    "Something of it is in the patient or in a syringe",
)
.with(&[
    Member::new("injections", Shape::Ids, "Injections to void first."),
    Member::new("solutions", Shape::Ids, "Solutions to void or waste first."),
]);

impl Refusal for VoidError {
    const TYPES: &'static [&'static ProblemType] =
        &[&SEALED, &WRONG_STATUS, &ALREADY_VOIDED, &STILL_THERE];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::AlreadyVoided => Problem::new(&ALREADY_VOIDED),
            Self::StillThere(remaining) => Problem::new(&STILL_THERE)
                .detail(
                    "Void the injections named in injections first; void or waste what is left of the \
                     solutions named in solutions.",
                )
                .member("injections", remaining.injections)
                .member("solutions", remaining.solutions),
            Self::Account(error) => error.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Marks a site as entered in error. Returns the site and the procedure as they are now.
pub(super) async fn void_injection(
    transaction: &Transaction<'_, VoidProcedure>,
    id: ProcedureId,
    injection_id: InjectionId,
    reason: String,
) -> Result<(Injection, Procedure), VoidError> {
    let held = hold(transaction, id).await?;
    let voided = marked_now(transaction, reason);
    let change = held.procedure.void_injection(injection_id, voided)?;
    store::record(transaction, &change).await?;
    let procedure = change.into_after();
    renew_last_needle(transaction, procedure.patient_id).await?;
    let mut marked = procedure.void_parts.injections.iter();
    let injection = marked.find(|one| one.id == injection_id).cloned();
    Ok((injection.ok_or(VoidError::NotFound)?, procedure))
}

/// Marks a syringe as entered in error. Returns the syringe and the procedure as they are now.
pub(super) async fn void_solution(
    transaction: &Transaction<'_, VoidProcedure>,
    id: ProcedureId,
    solution_id: SolutionId,
    reason: String,
) -> Result<(Syringe, Procedure), VoidError> {
    let held = hold(transaction, id).await?;
    let voided = marked_now(transaction, reason);
    let change = held.procedure.void_syringe(solution_id, voided)?;
    store::record(transaction, &change).await?;
    let procedure = change.into_after();
    give_back(transaction, &held.procedure, &procedure).await?;
    let mut marked = procedure.void_parts.syringes.iter();
    let syringe = marked.find(|one| one.id == solution_id).cloned();
    Ok((syringe.ok_or(VoidError::NotFound)?, procedure))
}

/// Marks a procedure as entered in error; its open drafts are dismissed.
pub(crate) async fn void_procedure(
    transaction: &Transaction<'_, VoidProcedure>,
    id: ProcedureId,
    if_match: &IfMatch,
    reason: String,
) -> Result<Procedure, VoidError> {
    let held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    let change = held.procedure.void(marked_now(transaction, reason))?;
    store::dismiss_open_drafts(transaction, id).await?;
    store::record(transaction, &change).await?;
    let procedure = change.into_after();
    renew_last_needle(transaction, procedure.patient_id).await?;
    Ok(procedure)
}

fn marked_now(transaction: &OpenTransaction<'_>, reason: String) -> Voided {
    Voided {
        at: transaction.now(),
        by: transaction.principal().user_id,
        reason,
    }
}
