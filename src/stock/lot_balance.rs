//! Where the millilitres of a lot went.
//!
//! What came in, less what was used and wasted, with what was corrected by hand, is what is left;
//! a lot for which that does not hold exactly is shown with the difference.

use rust_decimal::Decimal;

use super::lot::Lot;

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
