//! Passing the gate before the needle: consent, a complete time-out, and nothing absolute against it.

use chrono::{DateTime, Utc};

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal, SEALED};

use super::judge::{JudgeError, Judged, judge_as_recorded};
use super::missing::{Missing, NOT_READY, not_ready};
use super::procedure::{Procedure, ProcedureId, StartRefused};
use super::procedure_status::Act;
use super::read::{Held, HoldRefused, WRONG_STATUS, hold};
use super::store;
use tautband_rules::safety::verdict::Check;

action!(
    /// Passing the gate.
    StartProcedure, "procedures.start", record, [Provider, Assistant]
);

/// Why a procedure was not started.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("the time cannot be right")]
    Invalid(Vec<FieldError>),
    #[error("something is missing")]
    NotReady(Vec<Missing>),
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<StartRefused> for StartError {
    fn from(refused: StartRefused) -> Self {
        match refused {
            StartRefused::WrongStatus(status) => Self::Held(status.into()),
            StartRefused::NotReady(missing) => Self::NotReady(missing),
        }
    }
}

impl Refusal for StartError {
    const TYPES: &'static [&'static ProblemType] = &[&SEALED, &WRONG_STATUS, &NOT_READY];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::NotReady(missing) => not_ready(&missing),
            Self::Judge(error) => error.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Starts a planned procedure, and names at once everything that keeps the gate shut.
pub(super) async fn start_procedure(
    transaction: &Transaction<'_, StartProcedure>,
    id: ProcedureId,
    if_match: &IfMatch,
    started_at: Option<DateTime<Utc>>,
) -> Result<Procedure, StartError> {
    let held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    pass_gate(transaction, held, started_at).await
}

/// Passes the gate with a procedure that is held.
pub(super) async fn pass_gate(
    transaction: &OpenTransaction<'_>,
    held: Held,
    started_at: Option<DateTime<Utc>>,
) -> Result<Procedure, StartError> {
    held.require(Act::Start)?;
    let time = held.visit.clinical_time(transaction.now());
    let started_at = time.accept(started_at, "/started_at");
    let started_at = started_at.map_err(|fault| StartError::Invalid(vec![fault]))?;
    let mut missing = held.procedure.missing_to_start(transaction.now());
    let judged = judge_as_recorded(transaction, &held.procedure).await?;
    missing.extend(judged.withdrawn.then(Missing::withdrawn_consent));
    missing.extend(judged.awaits_review.then(|| {
        let explanation = "A grave adverse event of this patient is not reviewed yet.";
        Missing::new("adverse_event_review", explanation)
    }));
    missing.extend(against(&held.procedure, &judged));
    if !missing.is_empty() {
        return Err(StartError::NotReady(missing));
    }
    let change = held.procedure.start(started_at, transaction.now())?;
    store::record(transaction, &change).await?;
    Ok(change.into_after())
}

/// The contraindications that stop it and that no provider decided on.
fn against(procedure: &Procedure, judged: &Judged) -> Vec<Missing> {
    let rows = &judged.rules.contraindications;
    let is_contraindication = |check: &Check| rows.iter().any(|row| row.code == check.code);
    judged
        .assessment
        .stopping()
        .filter(|check| is_contraindication(check) && !procedure.has_overridden(check))
        .map(|check| Missing::new(&check.code, check.explanation.as_str()))
        .collect()
}
