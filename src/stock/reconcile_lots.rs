//! Accounting for every millilitre of every lot.

use crate::platform::access::action;
use crate::platform::database::{Stored, Transaction};
use crate::platform::page::Window;

use super::lot_balance::LotBalance;
use super::lot_filter::{LotFilter, LotKey};
use super::store;

action!(
    /// Reading where the stock went.
    ReconcileLots, "lots.reconcile", practice, [Admin, Provider, Assistant, Auditor]
);

/// Lots with where they went, by drug and last day of use.
pub(super) async fn reconcile_lots(
    transaction: &Transaction<'_, ReconcileLots>,
    filter: &LotFilter,
    window: &Window<LotKey>,
) -> Stored<Vec<LotBalance>> {
    store::lots_with_movements(transaction, filter, window).await
}
