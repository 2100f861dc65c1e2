//! The figures for sites and volumes, and the flags of a muscle that must be confirmed.

use serde::{Deserialize, Serialize};

use super::figure::Figure;
use super::severity::Severity;
use crate::formulary::ReviewState;

/// The figures for sites and volumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteRules {
    pub acknowledged_flags: Vec<SiteFlagRow>,
    pub lung_flag_prefix: String,
    pub bilateral_lung_severity: Severity,
    /// Sites that were needled so many hours before count with those of the plan.
    pub bilateral_lung_hours: Figure,
    /// Flags of a muscle at which a needle with fluid is drawn back on first.
    pub aspirated_flag_prefixes: Vec<String>,
    pub same_place_days: Figure,
    pub site_warn_ml: Figure,
    pub site_block_ml: Figure,
    pub total_warn_ml: Figure,
    pub observation_minutes: Figure,
    pub long_observation_minutes: Figure,
    pub long_observation_fraction: Figure,
    pub needle_gauge_minimum: Figure,
    pub needle_gauge_maximum: Figure,
    pub needle_length_minimum_mm: Figure,
    pub needle_length_maximum_mm: Figure,
    pub passes_maximum: Figure,
}

/// A flag of the muscle catalogue that the clinician must confirm at each site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteFlagRow {
    pub flag_prefix: String,
    pub code: String,
    pub message: String,
    pub source: String,
    pub review_state: ReviewState,
}
