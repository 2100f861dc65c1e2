//! What the rules look at around a procedure.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use crate::platform::decimal::ExactDecimal;
use crate::stock::{Lot, Vial};

use super::history::{PastComponent, PastSite};
use super::needled_muscle::NeedledMuscle;

/// What surrounds a procedure.
pub(super) struct Surroundings {
    pub(super) vitals: Vitals,
    /// What was measured at the visit before in which the patient was weighed.
    pub(super) weighed_before: Vitals,
    /// Needle sites of the same patient in other procedures, the earliest first.
    pub(super) sites: Vec<PastSite>,
    /// What was in the syringes of those sites.
    pub(super) components: Vec<PastComponent>,
    /// Codes of the adverse events of before.
    pub(super) events: Vec<String>,
    pub(super) muscles: Vec<NeedledMuscle>,
    /// What this procedure draws from, in the order of the lots' ids.
    pub(super) lots: Vec<Lot>,
    pub(super) vials: Vec<Vial>,
}

/// What was measured at the visit and matters to a dose, and where it is.
#[derive(Deserialize, Default)]
pub(super) struct Vitals {
    weight_kg: Option<ExactDecimal>,
    height_cm: Option<ExactDecimal>,
    temperature_c: Option<ExactDecimal>,
    vitals_at: Option<DateTime<Utc>>,
    location_id: Option<Uuid>,
}

impl Vitals {
    /// The weight and when it was measured.
    pub(super) fn weight(&self) -> Option<(DateTime<Utc>, Decimal)> {
        Some((self.vitals_at?, self.weight_kg?.0))
    }

    /// The height.
    pub(super) fn height_cm(&self) -> Option<Decimal> {
        self.height_cm.map(Decimal::from)
    }

    /// Where the visit is.
    pub(super) const fn location_id(&self) -> Option<Uuid> {
        self.location_id
    }

    /// The temperature.
    pub(super) fn temperature_c(&self) -> Option<Decimal> {
        self.temperature_c.map(Decimal::from)
    }
}
