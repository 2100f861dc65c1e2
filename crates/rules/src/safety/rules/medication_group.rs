//! The words by which a medicine is recognised.

use serde::{Deserialize, Serialize};

use crate::formulary::ReviewState;
use crate::safety::facts::MedicationClass;

/// Words by which a medicine without a recorded class is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedicationGroup {
    pub class: MedicationClass,
    /// Generic and brand names, or their beginnings.
    pub words: Vec<String>,
    pub source: String,
    pub review_state: ReviewState,
}
