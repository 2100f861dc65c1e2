//! Throwing away what is left in a syringe, before the eyes of a second person.
//!
//! What was drawn is injected or wasted; nothing disappears. The one who throws it away names who
//! saw it, and a person cannot witness their own act. The witness is a provider or an assistant here.

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal, SEALED};
use crate::stock::UseStock;

use super::account::{AccountError, draw_stock};
use super::inject::SOLUTION_EXHAUSTED;
use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::Act;
use super::read::{HoldRefused, WRONG_STATUS, hold};
use super::store;
use super::syringe::{SolutionId, Waste};

action!(
    /// Recording what was thrown away.
    RecordWaste, "procedures.waste", record, [Provider, Assistant]
);

impl May<UseStock> for RecordWaste {}

/// What is said about a waste.
pub(super) struct WasteRecord {
    pub(super) volume_ml: Decimal,
    pub(super) reason: Option<String>,
    pub(super) witnessed_by: Uuid,
}

/// Why no waste was recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum WasteError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error("no such solution of this procedure")]
    NoSolution,
    #[error("the waste breaks a rule")]
    Invalid(Vec<FieldError>),
    #[error("there is less left in the syringe")]
    Exhausted { left_ml: Decimal },
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for WasteError {
    const TYPES: &'static [&'static ProblemType] = &[&SEALED, &WRONG_STATUS, &SOLUTION_EXHAUSTED];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::NoSolution => Problem::new(&problem::NOT_FOUND),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::Exhausted { left_ml } => {
                Problem::new(&SOLUTION_EXHAUSTED).member("left_ml", left_ml.normalize().to_string())
            }
            Self::Account(error) => error.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Records what was thrown away of a syringe of a procedure under way.
pub(super) async fn record_waste(
    transaction: &Transaction<'_, RecordWaste>,
    id: ProcedureId,
    solution_id: SolutionId,
    record: &WasteRecord,
) -> Result<Procedure, WasteError> {
    let held = hold(transaction, id).await?;
    held.require(Act::Waste)?;
    let syringe = held.procedure.syringe(solution_id);
    let syringe = syringe.ok_or(WasteError::NoSolution)?;
    let recorded_by = transaction.principal().user_id;
    refuse_witness(transaction, record.witnessed_by, recorded_by).await?;
    let left_ml = held.procedure.left_ml(syringe);
    if record.volume_ml > left_ml {
        return Err(WasteError::Exhausted { left_ml });
    }
    let change = held.procedure.waste(Waste {
        solution_id,
        volume_ml: record.volume_ml,
        reason: record.reason.clone(),
        witnessed_by: record.witnessed_by,
        recorded_by,
        recorded_at: transaction.now(),
    });
    let change = change.map_err(HoldRefused::from)?;
    store::record(transaction, &change).await?;
    draw_stock(transaction, &held.procedure, change.after()).await?;
    Ok(change.into_after())
}

async fn refuse_witness(
    transaction: &Transaction<'_, RecordWaste>,
    witnessed_by: Uuid,
    recorded_by: Uuid,
) -> Result<(), WasteError> {
    let refused = |detail: &str| {
        let error = FieldError::new("/witnessed_by", detail);
        Err(WasteError::Invalid(vec![error]))
    };
    if witnessed_by == recorded_by {
        return refused("must be another person than the one who records it");
    }
    if !store::treats_here(transaction, witnessed_by).await? {
        return refused("names no provider or assistant here");
    }
    Ok(())
}
