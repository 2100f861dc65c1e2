//! Taking what a procedure draws off the stock, and putting back what was entered in error.
//!
//! Stock falls when a syringe is drawn up, lot by lot in the order of their ids, in one conditional
//! statement each: a lot that was emptied in the meantime refuses it, and nothing is left half-written.
//! The lots are drawn from last of all, so that others wait for them no longer than it takes to commit.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};

use super::lot::{LotId, LotUnusable, Quantity};
use super::movement::{Movement, MovementCause};
use super::procedure_id::ProcedureId;
use super::store;

action!(
    /// Taking from the stock, as a part of a procedure.
    UseStock, "lots.use", practice, [Provider, Assistant]
);

/// What a procedure takes from one lot, or books as wasted of what it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Withdrawal {
    pub(crate) lot_id: LotId,
    pub(crate) drawn: Quantity,
    /// The part of it that was thrown away.
    pub(crate) wasted: Quantity,
}

/// Why nothing was taken off the stock.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WithdrawError {
    #[error("a lot cannot be drawn from")]
    Unusable { lot_id: LotId, reason: LotUnusable },
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Takes off the stock what a procedure drew, and books what it wasted. The withdrawals are in the order
/// of the lots' ids.
pub(crate) async fn withdraw(
    transaction: &Transaction<'_, impl May<UseStock>>,
    procedure_id: ProcedureId,
    withdrawals: &[Withdrawal],
) -> Result<(), WithdrawError> {
    book(transaction, procedure_id, withdrawals).await?;
    for withdrawal in withdrawals {
        let (lot_id, drawn) = (withdrawal.lot_id, withdrawal.drawn);
        if drawn.is_zero() {
            continue;
        }
        if !store::draw_from_lot(transaction, lot_id, drawn).await? {
            let lot = store::find_lot(transaction, lot_id).await?;
            let refused = lot.and_then(|lot| lot.refuses(drawn, transaction.now()));
            let reason = refused.unwrap_or(LotUnusable::TooLittle);
            return Err(WithdrawError::Unusable { lot_id, reason });
        }
    }
    Ok(())
}

/// Puts back what was entered in error: the volumes of the withdrawals are below zero. A lot takes it back
/// wherever it stands.
pub(crate) async fn return_to_lots(
    transaction: &Transaction<'_, impl May<UseStock>>,
    procedure_id: ProcedureId,
    withdrawals: &[Withdrawal],
) -> Result<(), WithdrawError> {
    book(transaction, procedure_id, withdrawals).await?;
    for withdrawal in withdrawals {
        if !withdrawal.drawn.is_zero() {
            store::return_to_lot(transaction, withdrawal.lot_id, -withdrawal.drawn).await?;
        }
    }
    Ok(())
}

async fn book(
    transaction: &Transaction<'_, impl May<UseStock>>,
    procedure_id: ProcedureId,
    withdrawals: &[Withdrawal],
) -> Result<(), WithdrawError> {
    let powders = powders_among(transaction, withdrawals).await?;
    let movements: Vec<Movement> = withdrawals
        .iter()
        .flat_map(|withdrawal| {
            let is_powder = powders.contains(&withdrawal.lot_id);
            movements(procedure_id, withdrawal, is_powder)
        })
        .collect();
    if !movements.is_empty() {
        store::insert_movements(transaction, &movements).await?;
    }
    Ok(())
}

/// The lots that are counted in units. Only what is dosed in units can come from one.
async fn powders_among(
    transaction: &Transaction<'_, impl May<UseStock>>,
    withdrawals: &[Withdrawal],
) -> Result<BTreeSet<LotId>, WithdrawError> {
    let in_units = |one: &&Withdrawal| !one.drawn.units.is_zero() || !one.wasted.units.is_zero();
    let ids: Vec<LotId> = withdrawals
        .iter()
        .filter(in_units)
        .map(|one| one.lot_id)
        .collect();
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let lots = store::lots_with_ids(transaction, &ids).await?;
    let powders = lots.into_iter().filter(|lot| lot.powder.is_some());
    Ok(powders.map(|lot| lot.id).collect())
}

fn movements(
    procedure_id: ProcedureId,
    withdrawal: &Withdrawal,
    is_powder: bool,
) -> impl Iterator<Item = Movement> {
    let lot_id = withdrawal.lot_id;
    let parts = [
        (withdrawal.drawn - withdrawal.wasted, MovementCause::Drawn),
        (withdrawal.wasted, MovementCause::Wasted),
    ];
    let counted = parts.into_iter().map(move |(part, cause)| {
        let change = if is_powder { part.units } else { part.ml };
        (change, cause)
    });
    let moved = counted.filter(|(change, _): &(Decimal, _)| !change.is_zero());
    moved.map(move |(change, cause)| Movement {
        lot_id,
        change: -change,
        is_in_units: is_powder,
        cause,
        procedure_id: Some(procedure_id),
        note: None,
    })
}
