//! What was put right of a lot, as it is kept.

use uuid::Uuid;

use crate::platform::text::text_enum;

use super::lot::LotId;

text_enum! {
    /// What can be put right.
    pub(crate) enum LotField {
        ExpiresOn = "expires_on",
        LotNumber = "lot_number",
        Strength = "strength",
        UnitsPerVial = "units_per_vial",
        Manufacturer = "manufacturer",
        Ndc = "ndc",
        Barcode = "barcode",
    }
}

/// A correction of a lot, as it is kept.
pub(super) struct KeptCorrection {
    pub(super) id: Uuid,
    pub(super) lot_id: LotId,
    pub(super) field: LotField,
    pub(super) old_value: Option<String>,
    pub(super) new_value: Option<String>,
    pub(super) reason: String,
}
