//! The figures for mixing and for vials.

use serde::{Deserialize, Serialize};

use super::figure::Figure;

/// The figures for mixing and for vials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolutionRules {
    pub components_tolerance_ml: Figure,
    pub drawn_tolerance_ml: Figure,
    pub opened_vial_days: Figure,
}
