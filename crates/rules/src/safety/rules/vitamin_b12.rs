//! The figures for vitamin B12.

use serde::{Deserialize, Serialize};

use super::figure::Figure;

/// The figures for vitamin B12.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VitaminB12Rules {
    pub session_warn_micrograms: Figure,
    pub day_warn_micrograms: Figure,
    pub day_hours: Figure,
    pub usual_minimum_micrograms: Figure,
    /// A value this high written in milligrams is taken for a slip of the unit.
    pub suspicious_milligrams: Figure,
}
