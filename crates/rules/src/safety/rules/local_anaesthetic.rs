//! The figures for local anaesthetics: their maximum doses, and when a maximum is reduced.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use super::figure::Figure;
use super::severity::Severity;
use super::shipped;
use crate::formulary::ReviewState;

/// The figures for local anaesthetics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalAnaestheticRules {
    pub warn_fraction: Figure,
    pub block_fraction: Figure,
    pub window_hours: Figure,
    pub reduction: DoseReduction,
    /// So much epinephrine in the mixture makes it one with a vasoconstrictor; less does not raise
    /// a maximum.
    #[serde(default = "shipped_minimum_vasoconstrictor")]
    pub minimum_vasoconstrictor_mcg_per_ml: Figure,
    pub limits: Vec<AnaestheticLimit>,
    /// Ingredients whose label advises against mixing with another anaesthetic.
    pub mixture_notice: Vec<NoticeRow>,
    pub published_alternatives: Vec<PublishedAlternative>,
}

/// The maximum of one local anaesthetic, plain and with a vasoconstrictor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnaestheticLimit {
    pub ingredient: String,
    pub plain: DoseCeiling,
    /// Without a row of its own the plain maximum counts.
    #[serde(default)]
    pub with_vasoconstrictor: Option<DoseCeiling>,
}

/// A maximum by body weight and in all; the lower one counts.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoseCeiling {
    #[serde_as(as = "DisplayFromStr")]
    pub milligrams_per_kg: Decimal,
    #[serde_as(as = "DisplayFromStr")]
    pub absolute_milligrams: Decimal,
    pub source: String,
    pub review_state: ReviewState,
}

/// Another published maximum, kept for a practice that prefers it; never used by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedAlternative {
    pub ingredient: String,
    pub has_vasoconstrictor: bool,
    pub authority: String,
    /// As published, for reading.
    pub figure: String,
    pub source: String,
    pub review_state: ReviewState,
}

/// Who gets a reduced maximum, and by how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoseReduction {
    pub factor: Figure,
    pub above_age_years: Figure,
    pub below_weight_kg: Figure,
    pub applies_in_pregnancy: bool,
    /// ICD-10-CM codes and ranges: cardiac and hepatic disease.
    pub conditions: Vec<String>,
}

/// A statement about one ingredient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeRow {
    pub ingredient: String,
    pub severity: Severity,
    pub message: String,
    pub source: String,
    pub review_state: ReviewState,
}

fn shipped_minimum_vasoconstrictor() -> Figure {
    shipped::part("/local_anaesthetic/minimum_vasoconstrictor_mcg_per_ml")
}
