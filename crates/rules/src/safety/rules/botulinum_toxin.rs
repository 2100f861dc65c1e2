//! The toxin template: what each muscle receives, and the figures for the whole session.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use super::figure::Figure;
use crate::formulary::ReviewState;

/// The figures of the toxin template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BotulinumToxinRules {
    /// What was given so many hours before counts as the same session.
    pub session_hours: Figure,
    pub units_per_site: Figure,
    pub minimum_sites: Figure,
    pub maximum_sites: Figure,
    pub minimum_units: Figure,
    pub maximum_units: Figure,
    pub interval_days: Figure,
    pub muscles: Vec<ToxinMuscle>,
    /// Prefixes of ICD-10-CM codes that name chronic migraine.
    pub indication_prefixes: Vec<String>,
}

/// What one muscle receives in the toxin template, over both sides.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToxinMuscle {
    pub name: String,
    /// Codes of the muscle catalogue that count for this row.
    pub muscle_codes: Vec<String>,
    #[serde_as(as = "DisplayFromStr")]
    pub fixed_units: Decimal,
    pub fixed_sites: u32,
    #[serde_as(as = "DisplayFromStr")]
    pub extra_units: Decimal,
    pub extra_sites: u32,
    pub is_midline: bool,
    pub source: String,
    pub review_state: ReviewState,
}
