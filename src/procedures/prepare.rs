//! Before the needle: consent, time-out, and the gate that opens on both.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{Problem, ProblemType, Refusal};

use super::assess::{self, AssessError, Judged};
use super::procedure::{
    ConsentMethod, GivenConsent, Procedure, ProcedureId, ProcedureStatus, TimeOut, TimeOutPoints,
};
use super::read::{Held, HoldRefused, WRONG_STATUS, hold};
use super::store;
use tautband_rules::safety::verdict::Check;

action!(
    /// Recording consent.
    RecordConsent, "procedures.consent", record, [Provider, Assistant]
);
action!(
    /// Recording a time-out.
    RecordTimeOut, "procedures.time_out", record, [Provider, Assistant]
);
action!(
    /// Passing the gate.
    StartProcedure, "procedures.start", record, [Provider, Assistant]
);

/// Why a procedure was not prepared or started.
#[derive(Debug, thiserror::Error)]
pub(super) enum PrepareError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("not everything is there")]
    NotReady(Vec<Missing>),
    #[error(transparent)]
    Assess(#[from] AssessError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// One thing that keeps the gate shut.
#[derive(Debug, serde::Serialize)]
pub(super) struct Missing {
    pub(super) code: String,
    pub(super) explanation: String,
}

pub(super) static NOT_READY: ProblemType = ProblemType::new(
    "not-ready",
    409,
    "Something is missing before this can be done",
);

impl Refusal for PrepareError {
    const TYPES: &'static [&'static ProblemType] =
        &[&crate::platform::problem::SEALED, &WRONG_STATUS, &NOT_READY];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::NotReady(missing) => not_ready(&missing),
            Self::Assess(error) => error.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// The refusal that lists what is missing: codes for programs, sentences for people.
pub(super) fn not_ready(missing: &[Missing]) -> Problem {
    let codes: Vec<&str> = missing.iter().map(|one| one.code.as_str()).collect();
    Problem::new(&NOT_READY)
        .member("missing", codes)
        .member("explanations", missing)
}

/// What is said about a consent.
pub(super) struct ConsentRecord {
    pub(super) given_by: String,
    pub(super) method: ConsentMethod,
    pub(super) text_version: String,
}

/// Records who agreed to what, before the procedure is under way.
pub(super) async fn record_consent(
    transaction: &Transaction<'_, RecordConsent>,
    id: ProcedureId,
    if_match: &IfMatch,
    consent: ConsentRecord,
) -> Result<Procedure, PrepareError> {
    let mut held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require_status(&[ProcedureStatus::Planned])?;
    held.procedure.consent = Some(GivenConsent {
        given_by: consent.given_by,
        method: consent.method,
        text_version: consent.text_version,
        at: transaction.now(),
    });
    held.procedure.change(transaction.now());
    store::record_procedure(transaction, &held.procedure).await?;
    Ok(held.procedure)
}

/// Records which points of the time-out were confirmed.
pub(super) async fn record_time_out(
    transaction: &Transaction<'_, RecordTimeOut>,
    id: ProcedureId,
    if_match: &IfMatch,
    confirmed: TimeOutPoints,
) -> Result<Procedure, PrepareError> {
    let mut held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require_status(&[ProcedureStatus::Planned])?;
    let by = transaction.principal().user_id;
    held.procedure.time_out = Some(TimeOut {
        confirmed,
        by,
        at: transaction.now(),
    });
    held.procedure.change(transaction.now());
    store::record_procedure(transaction, &held.procedure).await?;
    Ok(held.procedure)
}

/// Passes the gate: consent, a complete time-out, and nothing absolute against it.
pub(super) async fn start_procedure(
    transaction: &Transaction<'_, StartProcedure>,
    id: ProcedureId,
    if_match: &IfMatch,
) -> Result<Procedure, PrepareError> {
    let mut held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require_status(&[ProcedureStatus::Planned])?;
    let missing = missing(transaction, &held).await?;
    if !missing.is_empty() {
        return Err(PrepareError::NotReady(missing));
    }
    held.procedure.status = ProcedureStatus::InProgress;
    held.procedure.started_at = Some(transaction.now());
    held.procedure.change(transaction.now());
    store::record_procedure(transaction, &held.procedure).await?;
    Ok(held.procedure)
}

async fn missing(
    transaction: &Transaction<'_, StartProcedure>,
    held: &Held,
) -> Result<Vec<Missing>, AssessError> {
    let procedure = &held.procedure;
    let mut missing = Vec::new();
    if procedure.consent.is_none() {
        missing.push(Missing {
            code: "consent".to_owned(),
            explanation: "No consent is recorded for this procedure.".to_owned(),
        });
    }
    if !procedure
        .time_out
        .is_some_and(|time_out| time_out.confirmed.is_complete())
    {
        missing.push(Missing {
            code: "time_out".to_owned(),
            explanation: "The time-out is not confirmed in every point.".to_owned(),
        });
    }
    let Judged {
        assessment, rules, ..
    } = assess::assess(transaction, procedure).await?;
    let is_contraindication = |check: &Check| {
        rules
            .contraindications
            .iter()
            .any(|row| row.code == check.code)
    };
    let against = assessment
        .stopping()
        .filter(|check| is_contraindication(check) && !procedure.has_overridden(check))
        .map(|check| Missing {
            code: check.code.clone(),
            explanation: check.explanation.clone(),
        });
    missing.extend(against);
    Ok(missing)
}
