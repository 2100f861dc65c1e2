//! Taking what a procedure drew off the stock.
//!
//! Stock falls lot by lot in the order of their ids, in one conditional statement each: a lot that
//! was emptied in the meantime refuses it, and nothing is left half-written. The lots are drawn from
//! last of all, so that others wait for them no longer than it takes to commit.

use rust_decimal::Decimal;

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};

use super::lot::{LotId, LotUnusable};
use super::movement::{Movement, MovementCause};
use super::procedure_id::ProcedureId;
use super::store;
use tautband_rules::solution::LotStanding;

action!(
    /// Taking from the stock, as a part of a procedure.
    UseStock, "lots.use", practice, [Provider, Assistant]
);

/// What a procedure takes from one lot.
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

/// Takes what a procedure drew off the stock, from lots of these standings. The withdrawals are in
/// the order of the lots' ids.
pub(crate) async fn withdraw(
    transaction: &Transaction<'_, impl May<UseStock>>,
    procedure_id: ProcedureId,
    withdrawals: &[Withdrawal],
    standings: &[LotStanding],
) -> Result<(), WithdrawError> {
    let movements: Vec<Movement> = withdrawals
        .iter()
        .flat_map(|withdrawal| movements(procedure_id, withdrawal))
        .collect();
    if !movements.is_empty() {
        store::insert_movements(transaction, &movements).await?;
    }
    for withdrawal in withdrawals {
        let (lot_id, drawn_ml) = (withdrawal.lot_id, withdrawal.drawn_ml);
        if !store::draw_from_lot(transaction, lot_id, drawn_ml, standings).await? {
            let lot = store::find_lot(transaction, lot_id).await?;
            let refused = lot.and_then(|lot| lot.refuses(drawn_ml, transaction.now()));
            let reason = refused.unwrap_or(LotUnusable::TooLittle);
            return Err(WithdrawError::Unusable { lot_id, reason });
        }
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
