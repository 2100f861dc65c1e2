//! What was drawn up into a syringe, and what of it was thrown away.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::platform::id::id;
use crate::stock::{LotId, Quantity, VialId};
use crate::visits::Voided;

use tautband_rules::dose::{Concentration, ConcentrationUnit};

id! {
    /// Names a solution that was drawn up.
    pub(crate) struct SolutionId
}

/// What was drawn up into one syringe.
#[derive(Debug, Clone)]
pub(crate) struct Syringe {
    pub(super) id: SolutionId,
    pub(super) label: String,
    pub(super) volume_ml: Decimal,
    pub(super) components: Vec<SyringeComponent>,
    pub(super) prepared_at: DateTime<Utc>,
    pub(super) prepared_by: Uuid,
    /// When it is too old to inject, where someone set a time.
    pub(super) beyond_use_at: Option<DateTime<Utc>>,
    pub(super) recorded_at: DateTime<Utc>,
    /// Set when it was entered in error; it counts nowhere then.
    pub(super) voided: Option<Voided>,
}

/// One drug or diluent in a syringe, from one lot.
#[derive(Debug, Clone)]
pub(crate) struct SyringeComponent {
    pub(super) drug_code: String,
    /// None for a plain diluent.
    pub(super) concentration: Option<Concentration>,
    pub(super) volume_ml: Decimal,
    pub(super) lot_id: LotId,
    /// The vial of the lot, where that is known.
    pub(super) vial_id: Option<VialId>,
    /// The strength of the lot is not recorded, and it was last drawn from with another concentration.
    pub(super) differs_from_last_draw: bool,
}

impl SyringeComponent {
    /// How much of a lot it takes. Stock is counted to a ten-thousandth of a unit.
    pub(super) fn quantity(&self) -> Quantity {
        quantity(self.volume_ml, self.concentration)
    }
}

/// A volume, and the units in it where the concentration is one of units.
pub(super) fn quantity(ml: Decimal, concentration: Option<Concentration>) -> Quantity {
    let in_units = concentration.filter(|one| one.unit() == ConcentrationUnit::UnitsPerMl);
    let units = in_units.map(|one| (one.value() * ml).round_dp(4));
    Quantity {
        ml,
        units: units.unwrap_or_default(),
    }
}

/// What of a syringe was thrown away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waste {
    pub(super) solution_id: SolutionId,
    pub(super) volume_ml: Decimal,
    pub(super) reason: Option<String>,
    pub(super) witnessed_by: Uuid,
    pub(super) recorded_by: Uuid,
    pub(super) recorded_at: DateTime<Utc>,
}
