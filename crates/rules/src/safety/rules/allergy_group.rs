//! The words by which an allergy is recognised.

use serde::{Deserialize, Serialize};

use crate::formulary::ReviewState;

/// Words by which an allergy to one substance or class is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllergyGroup {
    pub code: String,
    pub words: Vec<String>,
    /// Known, and no matter for what is injected here.
    #[serde(default)]
    pub is_irrelevant: bool,
    /// ICD-10-CM codes that say the same.
    #[serde(default)]
    pub condition_prefixes: Vec<String>,
    pub source: String,
    pub review_state: ReviewState,
}
