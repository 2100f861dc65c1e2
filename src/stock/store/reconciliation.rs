//! What came into each lot, and where it went.

use std::collections::BTreeMap;

use diesel::dsl::sum;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::page::Window;
use crate::schema::stock_movements;

use super::super::lot::LotId;
use super::super::lot_balance::LotBalance;
use super::super::lot_filter::{LotFilter, LotKey};
use super::super::movement::MovementCause;
use super::lots::lots_matching;

/// A lot, a cause, and the millilitres and units that came or went by it.
type Sums = (
    LotId,
    MovementCause,
    Option<ExactDecimal>,
    Option<ExactDecimal>,
);

/// Lots with the sums of their movements, in two statements whatever the number of lots.
pub(in super::super) async fn lots_with_movements(
    transaction: &OpenTransaction<'_>,
    filter: &LotFilter,
    window: &Window<LotKey>,
) -> Stored<Vec<LotBalance>> {
    let lots = lots_matching(transaction, filter, window).await?;
    let ids: Vec<LotId> = lots.iter().map(|lot| lot.id).collect();
    let rows: Vec<Sums> = stock_movements::table
        .filter(stock_movements::practice_id.eq(transaction.practice_id()))
        .filter(stock_movements::lot_id.eq_any(ids))
        .group_by((stock_movements::lot_id, stock_movements::cause))
        .select((
            stock_movements::lot_id,
            stock_movements::cause,
            sum(stock_movements::change_ml),
            sum(stock_movements::change_units),
        ))
        .load(&mut transaction.connection())
        .await?;
    let mut sums: BTreeMap<(LotId, MovementCause), _> = BTreeMap::new();
    for (lot_id, cause, change_ml, change_units) in rows {
        let change = change_units.or(change_ml);
        let change = change.map(|change| change.0).unwrap_or_default();
        sums.insert((lot_id, cause), change.normalize());
    }
    let moved = |lot_id, cause| sums.get(&(lot_id, cause)).copied().unwrap_or_default();
    Ok(lots
        .into_iter()
        .map(|lot| LotBalance {
            used: -moved(lot.id, MovementCause::Drawn),
            wasted: -moved(lot.id, MovementCause::Wasted),
            adjusted: moved(lot.id, MovementCause::Adjusted),
            lot,
        })
        .collect())
}
