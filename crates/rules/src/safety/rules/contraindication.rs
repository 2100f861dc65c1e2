//! A row of the checklist: what it applies to, what sets it off, and how strongly it speaks.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use super::severity::Severity;
use crate::checklist::{ChecklistAnswer, LaboratoryCode, SiteFinding};
use crate::formulary::{Preservative, ReviewState};
use crate::kind::SkinPreparation;
use crate::safety::facts::{MedicationClass, Pregnancy, Sex};
use crate::text::text_enum;

text_enum! {
    /// What a row is about.
    pub enum AppliesTo {
        Any = "any",
        LocalAnaesthetic = "local_anaesthetic",
        Amide = "amide",
        Ester = "ester",
        WithVasoconstrictor = "local_anaesthetic_with_vasoconstrictor",
        Corticosteroid = "corticosteroid",
        VitaminB12 = "vitamin_b12",
        BotulinumToxin = "botulinum_toxin",
        Preservative = "preservative",
        Site = "site",
        HeadSite = "head_site",
        LungSite = "lung_site",
        BothLungSides = "both_lung_sides",
    }
}

/// A laboratory value outside a bound.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaboratoryTrigger {
    pub code: String,
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[serde(default)]
    pub above: Option<Decimal>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[serde(default)]
    pub at_least: Option<Decimal>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[serde(default)]
    pub below: Option<Decimal>,
}

/// What sets a row off; any one entry is enough.
#[serde_as]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trigger {
    /// ICD-10-CM codes (`K70.4`) and ranges of categories (`K70-K77`), resolved or not.
    pub conditions: Vec<String>,
    /// Such codes and ranges that matter only while they last.
    pub active_conditions: Vec<String>,
    /// Codes of allergy groups.
    pub allergies: Vec<String>,
    pub medication_classes: Vec<MedicationClass>,
    pub atc_prefixes: Vec<String>,
    pub answers: Vec<String>,
    pub site_findings: Vec<String>,
    pub pregnancy: Vec<Pregnancy>,
    pub is_breastfeeding: bool,
    pub laboratory: Vec<LaboratoryTrigger>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    pub temperature_at_least: Option<Decimal>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    pub body_mass_index_at_least: Option<Decimal>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    pub body_mass_index_below: Option<Decimal>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    pub weight_kg_below: Option<Decimal>,
    pub age_above: Option<u16>,
    pub age_below: Option<u16>,
}

impl OnlyIf {
    /// An answer or a preparation that no record can hold.
    pub(super) fn never_true(&self) -> Option<&str> {
        let mut answers = self.unless_answers.iter().map(String::as_str);
        let mut skin = self.skin_preparations.iter().map(String::as_str);
        answers
            .find(|code| ChecklistAnswer::parse(code).is_none())
            .or_else(|| {
                skin.find(|code| *code != "unknown" && SkinPreparation::parse(code).is_none())
            })
    }
}

impl Trigger {
    /// An answer, a finding or a laboratory value that no record can hold.
    pub(super) fn never_true(&self) -> Option<&str> {
        let mut answers = self.answers.iter().map(String::as_str);
        let mut findings = self.site_findings.iter().map(String::as_str);
        let conditions = self.conditions.iter().chain(&self.active_conditions);
        let mut conditions = conditions.map(String::as_str);
        let mut values = self.laboratory.iter().map(|one| one.code.as_str());
        let unknown = [
            answers.find(|code| ChecklistAnswer::parse(code).is_none()),
            findings.find(|code| SiteFinding::parse(code).is_none()),
            values.find(|code| LaboratoryCode::parse(code).is_none()),
            conditions.find(|listed| !can_be_listed(listed)),
        ];
        unknown.into_iter().flatten().next()
    }
}

/// A code is one; a range names its first and its last category, in order.
fn can_be_listed(listed: &str) -> bool {
    match listed.split_once('-') {
        None => !listed.trim().is_empty(),
        Some((first, last)) => first.len() == 3 && last.len() == 3 && first <= last,
    }
}

/// What a row is narrowed to; every entry must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OnlyIf {
    pub sex: Option<Sex>,
    pub age_from: Option<u16>,
    pub age_to: Option<u16>,
    /// Not where one of these was answered with yes.
    pub unless_answers: Vec<String>,
    /// For antiseptics: the skin was cleaned with one of these, or it is `unknown` what with.
    pub skin_preparations: Vec<String>,
    /// For preservatives: one of these is in a planned component.
    pub preservatives: Vec<Preservative>,
}

/// One row of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContraindicationRow {
    pub code: String,
    pub severity: Severity,
    pub applies_to: AppliesTo,
    pub trigger: Trigger,
    #[serde(default)]
    pub only_if: OnlyIf,
    pub message: String,
    pub source: String,
    pub review_state: ReviewState,
}
