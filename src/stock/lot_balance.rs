//! Where a lot went: its millilitres, or its units where it is a powder.
//!
//! What came in, less what was used and wasted, with what was corrected by hand, is what is left;
//! a lot for which that does not hold exactly is shown with the difference.

use rust_decimal::Decimal;

use super::lot::Lot;

/// A lot and where it went, in what it is counted in.
pub(super) struct LotBalance {
    pub(super) lot: Lot,
    /// Drawn for procedures and not wasted.
    pub(super) used: Decimal,
    /// Thrown away before a witness.
    pub(super) wasted: Decimal,
    /// Corrected by hand: what came (positive) or went.
    pub(super) adjusted: Decimal,
}

impl LotBalance {
    /// What came in.
    pub(super) fn received(&self) -> Decimal {
        let powder = self.lot.powder;
        powder.map_or(self.lot.received_ml, |powder| powder.received_units)
    }

    /// What is left according to the movements, less what is left according to the lot; nothing
    /// when the books are right.
    pub(super) fn difference(&self) -> Decimal {
        let expected = self.received() - self.used - self.wasted + self.adjusted;
        expected - self.lot.left()
    }
}
