//! One change of what is left of a lot, with its cause. Movements are only added.

use rust_decimal::Decimal;

use crate::platform::text::text_enum;

use super::lot::LotId;
use super::procedure_id::ProcedureId;

text_enum! {
    /// Why stock changed.
    pub(crate) enum MovementCause {
        Received = "received",
        Drawn = "drawn",
        Wasted = "wasted",
        Adjusted = "adjusted",
    }
}

/// A change of stock.
pub(super) struct Movement {
    pub(super) lot_id: LotId,
    /// Positive for what came, negative for what went.
    pub(super) change: Decimal,
    /// Whether the lot is a powder, so that units came or went instead of millilitres.
    pub(super) is_in_units: bool,
    pub(super) cause: MovementCause,
    pub(super) procedure_id: Option<ProcedureId>,
    pub(super) note: Option<String>,
}
