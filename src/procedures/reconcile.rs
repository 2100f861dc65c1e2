//! Accounting for every millilitre of every lot.
//!
//! What came in, less what was used and wasted, with what was corrected by hand, is what is left;
//! a lot for which that does not hold exactly is shown with the difference.

use rust_decimal::Decimal;

use crate::platform::access::action;
use crate::platform::database::{Stored, Transaction};
use crate::platform::page::Window;

use super::find_lots::{LotFilter, LotKey};
use super::lot::Lot;
use super::store;

action!(
    /// Reading where the stock went.
    ReconcileLots, "lots.reconcile", practice, [Admin, Provider, Assistant, Auditor]
);

/// A lot and where its millilitres went.
pub(super) struct LotBalance {
    pub(super) lot: Lot,
    /// Drawn for procedures and not wasted.
    pub(super) used_ml: Decimal,
    /// Thrown away before a witness.
    pub(super) wasted_ml: Decimal,
    /// Corrected by hand: what came (positive) or went.
    pub(super) adjusted_ml: Decimal,
}

impl LotBalance {
    /// What is left according to the movements, less what is left according to the lot; nothing
    /// when the books are right.
    pub(super) fn difference_ml(&self) -> Decimal {
        let expected = self.lot.received_ml - self.used_ml - self.wasted_ml + self.adjusted_ml;
        expected - self.lot.remaining_ml
    }
}

/// Lots with where they went, by drug and last day of use.
pub(super) async fn reconcile_lots(
    transaction: &Transaction<'_, ReconcileLots>,
    filter: &LotFilter,
    window: &Window<LotKey>,
) -> Stored<Vec<LotBalance>> {
    store::lots_with_movements(transaction, filter, window).await
}
