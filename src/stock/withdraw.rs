//! Taking what a procedure draws off the stock, and putting back what was entered in error.
//!
//! Stock falls when a syringe is drawn up, lot by lot in the order of their ids, in one conditional
//! statement each: a lot that was emptied in the meantime refuses it, and nothing is left half-written.
//! The lots are drawn from last of all, so that others wait for them no longer than it takes to commit.

use rust_decimal::Decimal;

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};

use super::lot::{LotId, LotUnusable};
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
    pub(crate) drawn_ml: Decimal,
    /// The part of it that was thrown away.
    pub(crate) wasted_ml: Decimal,
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
        let (lot_id, drawn_ml) = (withdrawal.lot_id, withdrawal.drawn_ml);
        if drawn_ml.is_zero() {
            continue;
        }
        if !store::draw_from_lot(transaction, lot_id, drawn_ml).await? {
            let lot = store::find_lot(transaction, lot_id).await?;
            let refused = lot.and_then(|lot| lot.refuses(drawn_ml, transaction.now()));
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
        if !withdrawal.drawn_ml.is_zero() {
            store::return_to_lot(transaction, withdrawal.lot_id, -withdrawal.drawn_ml).await?;
        }
    }
    Ok(())
}

async fn book(
    transaction: &Transaction<'_, impl May<UseStock>>,
    procedure_id: ProcedureId,
    withdrawals: &[Withdrawal],
) -> Result<(), WithdrawError> {
    let movements: Vec<Movement> = withdrawals
        .iter()
        .flat_map(|withdrawal| movements(procedure_id, withdrawal))
        .collect();
    if !movements.is_empty() {
        store::insert_movements(transaction, &movements).await?;
    }
    Ok(())
}

fn movements(procedure_id: ProcedureId, withdrawal: &Withdrawal) -> impl Iterator<Item = Movement> {
    let lot_id = withdrawal.lot_id;
    let parts = [
        (
            withdrawal.drawn_ml - withdrawal.wasted_ml,
            MovementCause::Drawn,
        ),
        (withdrawal.wasted_ml, MovementCause::Wasted),
    ];
    let moved = parts.into_iter().filter(|(part, _)| !part.is_zero());
    moved.map(move |(part, cause)| Movement {
        lot_id,
        change_ml: -part,
        cause,
        procedure_id: Some(procedure_id),
        note: None,
    })
}
