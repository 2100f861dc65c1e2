//! For how long a laboratory value tells something about today.

use serde::{Deserialize, Serialize};

use crate::formulary::ReviewState;

/// For how long a value counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaboratoryAge {
    pub code: String,
    pub days: u16,
    pub source: String,
    pub review_state: ReviewState,
}
