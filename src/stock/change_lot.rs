//! Correcting what is left of a lot, setting it aside, recalling it, putting it back.

use rust_decimal::Decimal;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

use super::lot::{Lot, LotChangeRefused, LotId};
use super::movement::{Movement, MovementCause};
use super::receive_lot::LOT_EXISTS;
use super::store;

action!(
    /// Correcting what is left of a lot.
    AdjustLot, "lots.adjust", practice, [Admin, Assistant]
);
action!(
    /// Setting a lot aside.
    QuarantineLot, "lots.quarantine", practice, [Admin, Assistant]
);
action!(
    /// Recalling a lot.
    RecallLot, "lots.recall", practice, [Admin, Assistant]
);
action!(
    /// Putting a lot back that was set aside.
    ReleaseLot, "lots.release", practice, [Admin, Assistant]
);

/// What came (positive) or went, in what it was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Millilitres(Decimal),
    Units(Decimal),
}

/// A correction of what is left of a lot.
pub(super) struct Correction {
    pub(super) change: Counted,
    pub(super) note: String,
}

/// Why a lot was not changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChangeLotError {
    #[error("no such lot")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Refused(#[from] LotChangeRefused),
    #[error("this lot is in stock there")]
    Exists,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static BELOW_ZERO: ProblemType =
    ProblemType::new("stock-below-zero", 409, "There is less in stock than that");

impl Refusal for ChangeLotError {
    const TYPES: &'static [&'static ProblemType] =
        &[&problem::WRONG_STATUS, &BELOW_ZERO, &LOT_EXISTS];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::Refused(LotChangeRefused::WrongStatus(status)) => {
                Problem::new(&problem::WRONG_STATUS).member("current_status", status)
            }
            Self::Refused(LotChangeRefused::BelowZero) => Problem::new(&BELOW_ZERO),
            Self::Exists => Problem::new(&LOT_EXISTS),
            Self::Refused(LotChangeRefused::TooMuch) => {
                Problem::field("/change_ml", "makes more than a stock can hold")
            }
            Self::Refused(LotChangeRefused::OtherMeasure) => {
                Problem::invalid(vec![FieldError::new(
                    "/change_ml",
                    "is for a fluid; a powder is corrected by change_units, and a fluid only by change_ml",
                )])
            }
            Self::Refused(LotChangeRefused::CountedByIt) => Problem::field(
                "/value",
                "is what the powder is counted by: it can be corrected, and not be left out",
            ),
            Self::Database(error) => error.into(),
        }
    }
}

/// Corrects what is left, as after a count, a broken vial or a delivery of the same lot.
pub(super) async fn adjust_lot(
    transaction: &Transaction<'_, AdjustLot>,
    id: LotId,
    if_match: &IfMatch,
    correction: &Correction,
) -> Result<Lot, ChangeLotError> {
    let lot = change(transaction, id, if_match, |lot| {
        match (correction.change, lot.powder) {
            (Counted::Millilitres(change), None) | (Counted::Units(change), Some(_)) => {
                lot.adjust(change)
            }
            _ => Err(LotChangeRefused::OtherMeasure),
        }
    })
    .await?;
    let (Counted::Millilitres(moved) | Counted::Units(moved)) = correction.change;
    let movement = Movement {
        lot_id: id,
        change: moved,
        is_in_units: lot.powder.is_some(),
        cause: MovementCause::Adjusted,
        procedure_id: None,
        note: Some(correction.note.clone()),
    };
    store::insert_movements(transaction, &[movement]).await?;
    Ok(lot)
}

/// Sets a lot aside until someone has looked at it.
pub(super) async fn quarantine_lot(
    transaction: &Transaction<'_, QuarantineLot>,
    id: LotId,
    if_match: &IfMatch,
    reason: &str,
) -> Result<Lot, ChangeLotError> {
    change(transaction, id, if_match, |lot| {
        lot.quarantine(reason.to_owned())
    })
    .await
}

/// Takes a lot of the maker out of use for good: every row of it, at every location. The row that was named
/// comes first.
pub(super) async fn recall_lot(
    transaction: &Transaction<'_, RecallLot>,
    id: LotId,
    if_match: &IfMatch,
    reason: &str,
) -> Result<Vec<Lot>, ChangeLotError> {
    let mut lots = store::lock_makers_lot(transaction, id).await?;
    let named = lots.iter().position(|lot| lot.id == id);
    let named = lots.remove(named.ok_or(ChangeLotError::NotFound)?);
    if_match.require(named.version)?;
    lots.insert(0, named);
    for (index, lot) in lots.iter_mut().enumerate() {
        match lot.recall(reason.to_owned()) {
            // Another row of it may have been recalled by itself before.
            Err(_) if index > 0 => continue,
            recalled => recalled?,
        }
        lot.version = lot.version.next();
        lot.updated_at = transaction.now();
        store::record_lot(transaction, lot).await?;
    }
    Ok(lots)
}

/// Puts a lot back into use that was set aside.
pub(super) async fn release_lot(
    transaction: &Transaction<'_, ReleaseLot>,
    id: LotId,
    if_match: &IfMatch,
) -> Result<Lot, ChangeLotError> {
    change(transaction, id, if_match, Lot::release).await
}

pub(super) async fn change(
    transaction: &OpenTransaction<'_>,
    id: LotId,
    if_match: &IfMatch,
    change: impl FnOnce(&mut Lot) -> Result<(), LotChangeRefused>,
) -> Result<Lot, ChangeLotError> {
    let mut lot = store::lock_lot(transaction, id)
        .await?
        .ok_or(ChangeLotError::NotFound)?;
    if_match.require(lot.version)?;
    change(&mut lot)?;
    lot.version = lot.version.next();
    lot.updated_at = transaction.now();
    store::record_lot(transaction, &lot).await?;
    Ok(lot)
}
