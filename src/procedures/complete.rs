//! Completing a procedure: the rules judge once more, binding.
//!
//! The assessment is stored with the version of the rules it used, and with who read what must be
//! read. What no provider has read keeps it open. What was drawn is accounted for as [`super::account`] says.

use chrono::{DateTime, Utc};

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{FieldError, Member, Problem, ProblemType, Refusal, SEALED, Shape};
use crate::visits::ClinicalTime;

use super::account::{AccountError, UNBALANCED, refuse_unbalanced};
use super::ended::Ended;
use super::judge::{JudgeError, Judged, gather, judge};
use super::missing::{Missing, NOT_READY, not_ready};
use super::procedure::ProcedureId;
use super::procedure_status::Act;
use super::read::{Held, HoldRefused, WRONG_STATUS, hold};
use super::report::{CheckReport, SafetyReport, written};
use super::store;
use tautband_rules::safety::verdict::Check;

action!(
    /// Completing a procedure.
    CompleteProcedure, "procedures.complete", record, [Provider, Assistant]
);

/// Why a procedure was not completed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompleteError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("the time cannot be right")]
    Invalid(Vec<FieldError>),
    #[error("nothing was done yet")]
    NothingDone,
    #[error("drafts are neither confirmed nor dismissed")]
    OpenDrafts,
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error("the rules stop it")]
    Unsafe(serde_json::Value),
    #[error("no provider has read what the rules warn of")]
    Unread(serde_json::Value),
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static UNSAFE: ProblemType = ProblemType::new("unsafe", 409, "A safety check stops this procedure")
    .with(&[Member::new(
        "checks",
        Shape::List("SafetyCheck"),
        "The checks that stand in the way.",
    )]);

static UNREAD_CHECKS: ProblemType = ProblemType::new(
    "unread-checks",
    409,
    "A provider has to read what the rules warn of",
)
.with(&[Member::new(
    "checks",
    Shape::List("SafetyCheck"),
    "The checks that stand in the way.",
)]);

impl Refusal for CompleteError {
    const TYPES: &'static [&'static ProblemType] = &[
        &SEALED,
        &WRONG_STATUS,
        &NOT_READY,
        &UNSAFE,
        &UNREAD_CHECKS,
        &UNBALANCED,
    ];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::NothingDone => {
                not_ready(&[Missing::new("injections", "No needle site is recorded.")])
            }
            Self::OpenDrafts => not_ready(&[Missing::new(
                "drafts",
                "Confirm or dismiss every draft first.",
            )]),
            Self::Account(error) => error.problem(),
            Self::Unsafe(checks) => Problem::new(&UNSAFE)
                .detail(
                    "Change the plan, or let a provider override what may be overridden and \
                     acknowledge what must be read.",
                )
                .member("checks", checks),
            Self::Unread(checks) => Problem::new(&UNREAD_CHECKS)
                .detail(
                    "A provider reads the checks named in checks and acknowledges them by their codes.",
                )
                .member("checks", checks),
            Self::Judge(error) => error.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Completes a procedure under way, if the rules let it and what was drawn adds up.
pub(crate) async fn complete(
    transaction: &Transaction<'_, CompleteProcedure>,
    id: ProcedureId,
    if_match: &IfMatch,
    completed_at: Option<DateTime<Utc>>,
) -> Result<Ended, CompleteError> {
    let held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require(Act::Complete)?;
    let completed_at = completed_when(&held, completed_at, transaction.now())?;
    let procedure = held.procedure;
    if procedure.injections.is_empty() {
        return Err(CompleteError::NothingDone);
    }
    let (has_open_drafts, gathered) = pipelined!(
        store::has_open_drafts(transaction, id),
        gather(transaction, id)
    )?;
    if has_open_drafts {
        return Err(CompleteError::OpenDrafts);
    }
    let Judged {
        assessment, rules, ..
    } = judge(transaction.now(), &procedure, gathered)?;
    let obstacles: Vec<&Check> = procedure.obstacles(&assessment).collect();
    let is_unsafe = obstacles.iter().any(|check| check.status.stops());
    let shown: Vec<CheckReport> = obstacles
        .into_iter()
        .map(|check| CheckReport::new(check, &procedure))
        .collect();
    if is_unsafe {
        return Err(CompleteError::Unsafe(written(&shown)?));
    }
    if !shown.is_empty() {
        return Err(CompleteError::Unread(written(&shown)?));
    }
    refuse_unbalanced(&procedure, &rules)?;
    let report = SafetyReport::new(&assessment, &procedure, &rules, transaction.now());
    let change = procedure.complete(report.stored()?, completed_at, transaction.now());
    let change = change.map_err(HoldRefused::from)?;
    store::record(transaction, &change).await?;
    let completed = change.into_after();
    Ok(Ended::now(transaction, completed, held.visit.location_id.into()).await?)
}

/// When it was over: not before it began, and not before its last needle.
fn completed_when(
    held: &Held,
    named: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, CompleteError> {
    let procedure = &held.procedure;
    let needles = procedure.injections.iter().map(|site| site.injected_at);
    let time = ClinicalTime {
        not_before: needles.chain(procedure.started_at()).max(),
        ..held.visit.clinical_time(now)
    };
    time.accept(named, "/completed_at")
        .map_err(|fault| CompleteError::Invalid(vec![fault]))
}
