//! Going on in spite of a check, or having read it: a provider's decision, with its reason.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{Problem, ProblemType, Refusal, SEALED};

use super::decision::Override;
use super::judge::{JudgeError, Judged, judge_as_recorded};
use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::Act;
use super::read::{HoldRefused, WRONG_STATUS, hold};
use super::store;
use tautband_rules::safety::verdict::{Check, OverridePolicy};

action!(
    /// Going on in spite of a check.
    OverrideCheck, "procedures.override", record, [Provider]
);

/// Why a check was not overridden.
#[derive(Debug, thiserror::Error)]
pub(super) enum OverrideError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("no such check asks for a decision")]
    NothingToOverride,
    #[error("nobody may override it")]
    Never,
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static NOT_OVERRIDABLE: ProblemType =
    ProblemType::new("not-overridable", 409, "Nobody may override this check");

impl Refusal for OverrideError {
    const TYPES: &'static [&'static ProblemType] = &[&SEALED, &WRONG_STATUS, &NOT_OVERRIDABLE];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::NothingToOverride => Problem::field(
                "/check_code",
                "is no check that stops this procedure now or must be acknowledged",
            ),
            Self::Never => Problem::new(&NOT_OVERRIDABLE),
            Self::Judge(error) => error.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Records the decision to go on against a check as it stands now.
pub(super) async fn override_check(
    transaction: &Transaction<'_, OverrideCheck>,
    id: ProcedureId,
    if_match: &IfMatch,
    (check_code, reason): (&str, &str),
) -> Result<Procedure, OverrideError> {
    let held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require(Act::Override)?;
    let Judged { assessment, .. } = judge_as_recorded(transaction, &held.procedure).await?;
    let named = |check: &&Check| check.code == check_code;
    let check = assessment
        .to_decide()
        .filter(named)
        .max_by_key(|check| check.status);
    let check = check.ok_or(OverrideError::NothingToOverride)?;
    if check.override_policy == OverridePolicy::Never {
        return Err(OverrideError::Never);
    }
    let decision = Override {
        check_code: check.code.clone(),
        check_status: check.status,
        actual: check.actual,
        exact_actual: check.exact_actual,
        reason: Some(reason.to_owned()),
        by: transaction.principal().user_id,
        at: transaction.now(),
    };
    let change = held.procedure.override_check(decision);
    let change = change.map_err(HoldRefused::from)?;
    store::record(transaction, &change).await?;
    Ok(change.into_after())
}
