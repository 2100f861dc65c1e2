//! What was drawn up into a syringe, and what of it was thrown away.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::platform::id::id;
use crate::stock::{LotId, VialId};
use crate::visits::Voided;

use tautband_rules::dose::Concentration;

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
