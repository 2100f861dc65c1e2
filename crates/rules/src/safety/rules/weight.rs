//! The figures for body weight: when it is too old or unlikely, and when the ideal weight counts.

use serde::{Deserialize, Serialize};

use super::figure::Figure;

/// How body weight is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightRules {
    pub stale_after_days: Figure,
    /// From this age on, a weight outside the two figures below is taken for a slip.
    pub adult_from_years: Figure,
    pub adult_minimum_kg: Figure,
    pub adult_maximum_kg: Figure,
    /// A change by more than this part of the weight before, within so many days, is taken for a slip.
    pub change_fraction: Figure,
    pub change_days: Figure,
    pub ideal_weight_above_bmi: Figure,
    pub ideal_base_kg_male: Figure,
    pub ideal_base_kg_female: Figure,
    pub ideal_base_height_cm: Figure,
    pub ideal_kg_per_step: Figure,
    pub ideal_step_cm: Figure,
}
