//! The figures for corticosteroids, and how strong each of them is.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use super::figure::Figure;
use super::severity::Severity;
use crate::formulary::ReviewState;

/// The figures for corticosteroids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorticosteroidRules {
    pub reference_ingredient: String,
    pub equivalents: Vec<SteroidEquivalent>,
    /// What was given so many hours before counts as the same session.
    pub session_hours: Figure,
    pub session_warn_milligrams: Figure,
    pub session_block_milligrams: Figure,
    pub interval_days: Figure,
    pub same_place_sessions: Figure,
    pub same_place_months: Figure,
    pub visible_regions: Vec<String>,
    pub visible_region_severity: Severity,
    pub paraben_severity: Severity,
}

/// How strong a corticosteroid is, against the same reference.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SteroidEquivalent {
    pub ingredient: String,
    #[serde_as(as = "DisplayFromStr")]
    pub equivalent_milligrams: Decimal,
    pub source: String,
    pub review_state: ReviewState,
}
