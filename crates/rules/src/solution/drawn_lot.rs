//! The lot that a component was drawn from.

use chrono::{DateTime, Utc};

use crate::dose::{Concentration, VolumeMl};
use crate::expiry::ExpiryDate;
use crate::formulary::Preservative;
use crate::text::text_enum;

text_enum! {
    /// Whether a vial may serve more than one patient.
    pub enum VialKind {
        Single = "single",
        Multi = "multi",
    }
}

text_enum! {
    /// Whether a lot may be used at all.
    pub enum LotStanding {
        Available = "available",
        Quarantined = "quarantined",
        Recalled = "recalled",
    }
}

/// What is known of the lot a component was drawn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnLot {
    pub number: String,
    pub standing: LotStanding,
    pub expiry: ExpiryDate,
    pub remaining: VolumeMl,
    pub vial: VialKind,
    pub opened_at: Option<DateTime<Utc>>,
    pub was_used_for_another_patient: bool,
    /// Kept at another location than that of the visit.
    pub is_elsewhere: bool,
    /// Its strength is not recorded, and it was last drawn from with another concentration.
    pub differs_from_last_draw: bool,
    /// What its label says; none where that is not recorded.
    pub strength: Option<Concentration>,
    /// What the label says; without it the formulary's usual preservative counts.
    pub preservative: Option<Preservative>,
}
