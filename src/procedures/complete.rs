//! Completing a procedure: the rules judge once more, binding, and the stock falls with it.
//!
//! The assessment is stored with the version of the rules it used. Stock falls by what was drawn
//! up, lot by lot in the order of their ids, in one conditional statement each: a lot that was
//! recalled or emptied in the meantime refuses it, and nothing is left half-written. The lots are
//! drawn from last of all, so that others wait for them no longer than it takes to commit.

use chrono::{DateTime, Utc};

use crate::patients::PatientId;
use crate::platform::database::{DatabaseError, OpenTransaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::problem::{self, Problem, ProblemType, Refusal, SEALED};
use crate::visits::VisitId;
use uuid::Uuid;

use super::assess::{AssessError, assess_with};
use super::draw_up::{LOT_UNUSABLE, UnusableLot, unusable};
use super::kind::ProcedureKind;
use super::lot::{Lot, LotId, LotUnusable, MovementCause};
use super::prepare::{Missing, NOT_READY, not_ready};
use super::procedure::{Procedure, ProcedureId, ProcedureStatus};
use super::read::{HoldRefused, WRONG_STATUS, hold};
use super::report::{CheckReport, SafetyReport};
use super::store::{self, Movement};

/// A procedure that has just been completed.
pub(crate) struct Completed {
    pub(crate) procedure_id: ProcedureId,
    pub(crate) visit_id: VisitId,
    pub(crate) patient_id: PatientId,
    pub(crate) provider_id: Uuid,
    pub(crate) location_id: Uuid,
    pub(crate) kind: ProcedureKind,
    pub(crate) completed_at: DateTime<Utc>,
    pub(crate) version: Version,
    /// As it is now; [`super::ProcedureBody`] shows it.
    pub(crate) procedure: Procedure,
}

/// Why a procedure was not completed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompleteError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("nothing was done yet")]
    NothingDone,
    #[error("a lot cannot be drawn from")]
    Unusable(Vec<(LotId, &'static str)>),
    #[error("the rules stop it")]
    Unsafe(serde_json::Value),
    #[error("what is recorded cannot be judged")]
    Inconsistent,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static UNSAFE: ProblemType = ProblemType::new("unsafe", 409, "A safety check stops this procedure");

impl Refusal for CompleteError {
    const TYPES: &'static [&'static ProblemType] =
        &[&SEALED, &WRONG_STATUS, &NOT_READY, &LOT_UNUSABLE, &UNSAFE];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::NothingDone => not_ready(&[Missing {
                code: "injections".to_owned(),
                explanation: "No needle site is recorded.".to_owned(),
            }]),
            Self::Unusable(lots) => unusable(
                lots.into_iter()
                    .map(|(lot_id, reason)| UnusableLot {
                        index: None,
                        lot_id,
                        reason,
                    })
                    .collect(),
            ),
            Self::Unsafe(checks) => Problem::new(&UNSAFE)
                .detail("Change the plan, or let a provider override what may be overridden.")
                .member("checks", checks),
            Self::Inconsistent => Problem::new(&problem::INTERNAL),
            Self::Database(error) => error.into(),
        }
    }
}

impl From<AssessError> for CompleteError {
    fn from(error: AssessError) -> Self {
        match error {
            AssessError::Inconsistent => Self::Inconsistent,
            AssessError::Database(error) => Self::Database(error),
        }
    }
}

/// Completes a procedure under way, if the rules let it and the lots hold what was drawn.
pub(crate) async fn complete(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
    if_match: &IfMatch,
) -> Result<Completed, CompleteError> {
    let held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require_status(&[ProcedureStatus::InProgress])?;
    let mut procedure = held.procedure;
    if procedure.injections.is_empty() {
        return Err(CompleteError::NothingDone);
    }
    let lots = store::lots_of_procedure(transaction, &procedure).await?;
    refuse_unusable(&lots, &procedure, transaction.now())?;
    let assessment = assess_with(transaction, &procedure, &lots).await?;
    let stopping: Vec<CheckReport> = assessment
        .stopping()
        .filter(|check| !procedure.has_overridden(check))
        .map(|check| CheckReport::new(check, &procedure))
        .collect();
    if !stopping.is_empty() {
        return Err(CompleteError::Unsafe(json(&stopping)?));
    }
    let report = SafetyReport::new(&assessment, &procedure, transaction.now());
    procedure.safety = Some(json(&report)?);
    procedure.status = ProcedureStatus::Completed;
    procedure.completed_at = Some(transaction.now());
    procedure.change(transaction.now());
    store::record_procedure(transaction, &procedure).await?;
    draw_stock(transaction, &procedure).await?;
    Ok(Completed {
        procedure_id: procedure.id,
        visit_id: procedure.visit_id,
        patient_id: procedure.patient_id,
        provider_id: procedure.provider_id,
        location_id: held.visit.location_id.into(),
        kind: procedure.kind,
        completed_at: transaction.now(),
        version: procedure.version,
        procedure,
    })
}

fn json(value: &impl serde::Serialize) -> Result<serde_json::Value, CompleteError> {
    serde_json::to_value(value).map_err(|error| {
        tracing::error!(%error, "an assessment could not be written");
        CompleteError::Inconsistent
    })
}

fn refuse_unusable(
    lots: &[Lot],
    procedure: &Procedure,
    now: DateTime<Utc>,
) -> Result<(), CompleteError> {
    let drawn = procedure.drawn_from_lots();
    let unusable: Vec<(LotId, &'static str)> = lots
        .iter()
        .filter_map(|lot| {
            let refused = lot.refuses(drawn.get(&lot.id).copied().unwrap_or_default(), now)?;
            Some((lot.id, refused.as_str()))
        })
        .collect();
    if unusable.is_empty() {
        Ok(())
    } else {
        Err(CompleteError::Unusable(unusable))
    }
}

async fn draw_stock(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
) -> Result<(), CompleteError> {
    let mut movements = Vec::new();
    let drawn = procedure.drawn_from_lots();
    for (lot_id, volume_ml) in &drawn {
        movements.push(Movement {
            lot_id: *lot_id,
            change_ml: -*volume_ml,
            cause: MovementCause::Drawn,
            procedure_id: Some(procedure.id),
            note: None,
        });
    }
    store::insert_movements(transaction, &movements).await?;
    for (lot_id, volume_ml) in drawn {
        if !store::draw_from_lot(transaction, lot_id, volume_ml).await? {
            let lot = store::find_lot(transaction, lot_id).await?;
            let refused = lot.and_then(|lot| lot.refuses(volume_ml, transaction.now()));
            let reason = refused.unwrap_or(LotUnusable::TooLittle).as_str();
            return Err(CompleteError::Unusable(vec![(lot_id, reason)]));
        }
    }
    Ok(())
}
