//! Having read what the rules warn of: an act of its own, by name and time.
//!
//! Nobody has read a warning because they did something else. So completing never says it for
//! anybody: a provider names the checks that they have read.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal, SEALED};

use super::decision::Override;
use super::judge::{JudgeError, Judged, judge_as_recorded};
use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::Act;
use super::read::{HoldRefused, WRONG_STATUS, hold};
use super::store;

action!(
    /// Having read what the rules warn of.
    AcknowledgeChecks, "procedures.acknowledge", record, [Provider]
);

/// Why nothing was acknowledged.
#[derive(Debug, thiserror::Error)]
pub(super) enum AcknowledgeError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("names a check that does not ask for it")]
    NothingToRead(Vec<FieldError>),
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for AcknowledgeError {
    const TYPES: &'static [&'static ProblemType] = &[&SEALED, &WRONG_STATUS];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::NothingToRead(errors) => Problem::invalid(errors),
            Self::Judge(error) => error.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Records that a provider has read these checks as they stand now.
pub(super) async fn acknowledge(
    transaction: &Transaction<'_, AcknowledgeChecks>,
    id: ProcedureId,
    if_match: &IfMatch,
    check_codes: &[String],
) -> Result<Procedure, AcknowledgeError> {
    let held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require(Act::Override)?;
    let Judged { assessment, .. } = judge_as_recorded(transaction, &held.procedure).await?;
    let mut procedure = held.procedure;
    let mut unknown = Vec::new();
    for (index, code) in check_codes.iter().enumerate() {
        let named = assessment
            .checks
            .iter()
            .filter(|check| check.needs_acknowledgement && check.code == *code);
        let mut is_named = false;
        for check in named {
            is_named = true;
            let decision = Override {
                check_code: check.code.clone(),
                check_status: check.status,
                actual: check.actual,
                exact_actual: check.exact_actual,
                reason: None,
                by: transaction.principal().user_id,
                at: transaction.now(),
            };
            let change = procedure.override_check(decision);
            let change = change.map_err(HoldRefused::from)?;
            store::record(transaction, &change).await?;
            procedure = change.into_after();
        }
        if !is_named {
            let detail = "is no check of this procedure that must be acknowledged now";
            unknown.push(FieldError::new(format!("/check_codes/{index}"), detail));
        }
    }
    if unknown.is_empty() {
        Ok(procedure)
    } else {
        Err(AcknowledgeError::NothingToRead(unknown))
    }
}
