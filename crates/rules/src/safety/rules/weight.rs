//! The figures for body weight: when it is too old, and when the ideal weight counts instead.

use serde::{Deserialize, Serialize};

use super::figure::Figure;

/// How body weight is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightRules {
    pub stale_after_days: Figure,
    pub ideal_weight_above_bmi: Figure,
    pub ideal_base_kg_male: Figure,
    pub ideal_base_kg_female: Figure,
    pub ideal_base_height_cm: Figure,
    pub ideal_kg_per_step: Figure,
    pub ideal_step_cm: Figure,
}
