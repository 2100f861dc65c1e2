//! Stopping a procedure that is not finished: the patient faints, or does not want it any more.
//!
//! It is abandoned then, with the reason; whether it was begun tells one that was broken off from
//! one that was never done. No rule keeps anybody from stopping, so nothing has to be overridden or
//! acknowledged; how the rules judge what was done is stored all the same. What was drawn up is
//! accounted for as at completion. Drafts that are open are dismissed. The sites stay in the record and count.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{Problem, ProblemType, Refusal, SEALED};

use super::account::{AccountError, refuse_unbalanced};
use super::ended::Ended;
use super::judge::{JudgeError, Judged, judge_as_recorded};
use super::procedure::ProcedureId;
use super::procedure_status::Act;
use super::read::{HoldRefused, WRONG_STATUS, hold};
use super::report::SafetyReport;
use super::stage::Stop;
use super::store;

action!(
    /// Stopping a procedure that is not finished.
    StopProcedure, "procedures.stop", record, [Provider]
);

/// Why a procedure was not stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StopError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for StopError {
    const TYPES: &'static [&'static ProblemType] =
        &[&SEALED, &WRONG_STATUS, &super::account::UNBALANCED];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::Account(error) => error.problem(),
            Self::Judge(error) => error.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Stops a procedure that is planned or under way.
pub(crate) async fn stop(
    transaction: &Transaction<'_, StopProcedure>,
    id: ProcedureId,
    if_match: &IfMatch,
    reason: &str,
) -> Result<Ended, StopError> {
    let held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require(Act::Stop)?;
    let (procedure, now) = (held.procedure, transaction.now());
    let principal = transaction.principal();
    let stop = Stop {
        reason: reason.to_owned(),
        by: principal.user_id,
        at: now,
    };
    let change = if procedure.was_begun() {
        let Judged {
            assessment, rules, ..
        } = judge_as_recorded(transaction, &procedure).await?;
        refuse_unbalanced(&procedure, &rules)?;
        let report = SafetyReport::new(&assessment, &procedure, &rules, now);
        procedure.break_off(stop, report.stored()?)
    } else {
        procedure.withdraw(stop)
    };
    let change = change.map_err(HoldRefused::from)?;
    store::dismiss_open_drafts(transaction, id).await?;
    store::record(transaction, &change).await?;
    let stopped = change.into_after();
    Ok(Ended::now(transaction, stopped, held.visit.location_id.into()).await?)
}
