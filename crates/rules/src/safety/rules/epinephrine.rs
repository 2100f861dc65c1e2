//! The figures for epinephrine, whatever product brought it.

use serde::{Deserialize, Serialize};

use super::figure::Figure;

/// The figures for epinephrine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpinephrineRules {
    pub window_hours: Figure,
    pub warn_micrograms: Figure,
    pub block_micrograms: Figure,
    /// The maximum for who has one of these conditions.
    pub at_risk_block_micrograms: Figure,
    /// ICD-10-CM codes and ranges.
    pub at_risk_conditions: Vec<String>,
}
