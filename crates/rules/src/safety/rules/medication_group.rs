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
    /// For so many days after the last intake it still acts; none where only what is taken now counts.
    #[serde(default)]
    pub wash_out_days: Option<u16>,
    /// Medicines of the group that act for longer or shorter.
    #[serde(default)]
    pub wash_outs: Vec<WashOut>,
    pub source: String,
    pub review_state: ReviewState,
}

/// For how long a medicine acts after its last intake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WashOut {
    pub words: Vec<String>,
    #[serde(default)]
    pub atc_prefixes: Vec<String>,
    pub days: u16,
    pub source: String,
    pub review_state: ReviewState,
}

/// Names of medicines that no rule asks for, so that they are neither unknown nor taken for a slip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownMedicines {
    pub words: Vec<String>,
    pub source: String,
    pub review_state: ReviewState,
}
