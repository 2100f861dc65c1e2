//! The rule set: every figure the engine compares with, as data with its source.
//!
//! No limit is a constant of the program. A set has a version that every check repeats; each
//! figure names where it comes from and how far it has been reviewed, and a practice can publish
//! a set of its own. A set that could not protect anyone (a warning above the block, a drug
//! twice, a missing version) is refused before it can be used.

use std::collections::BTreeSet;

use chrono::{DateTime, Months, TimeDelta, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::{DisplayFromStr, serde_as};

use super::contraindications::ContraindicationRow;
use super::facts::MedicationClass;
use super::verdict::CheckStatus;
use crate::exact::{Exact, NotExact};
use crate::formulary::ReviewState;
use crate::solution::VolumeTolerances;
use crate::text::text_enum;

const SHIPPED: &str = include_str!("shipped_rules.json");
const LONGEST_SPAN: u32 = 10_000;

text_enum! {
    /// How strongly a rule speaks.
    pub enum Severity {
        Absolute = "absolute",
        Relative = "relative",
        Inform = "inform",
    }
}

impl Severity {
    /// The status of a check when the rule applies.
    pub const fn status(self) -> CheckStatus {
        match self {
            Self::Absolute => CheckStatus::Block,
            Self::Relative => CheckStatus::Warn,
            Self::Inform => CheckStatus::Ok,
        }
    }
}

/// One figure with where it comes from.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    #[serde_as(as = "DisplayFromStr")]
    pub value: Decimal,
    pub source: String,
    pub review_state: ReviewState,
}

impl Figure {
    /// The figure as an exact fraction.
    pub fn exact(&self) -> Result<Exact, NotExact> {
        Exact::from_decimal(self.value)
    }

    /// The figure as a whole number of days, hours or months; a broken part is dropped.
    pub fn whole(&self) -> Result<u32, NotExact> {
        self.value.to_u32().ok_or(NotExact)
    }
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
    /// Prefixes of ICD-10-CM codes: cardiac and hepatic disease.
    pub condition_prefixes: Vec<String>,
}

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

/// How body weight is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightRules {
    pub stale_after_days: Figure,
    pub ideal_weight_above_bmi: Figure,
    pub ideal_base_kg_male: Figure,
    pub ideal_base_kg_female: Figure,
    pub ideal_base_height_cm: Figure,
    pub ideal_kg_per_step: Figure,
    pub ideal_step_cm: Figure,
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

/// What one muscle receives in the toxin template, over both sides.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToxinMuscle {
    pub name: String,
    /// Codes of the muscle catalogue that count for this row.
    pub muscle_codes: Vec<String>,
    #[serde_as(as = "DisplayFromStr")]
    pub fixed_units: Decimal,
    pub fixed_sites: u32,
    #[serde_as(as = "DisplayFromStr")]
    pub extra_units: Decimal,
    pub extra_sites: u32,
    pub is_midline: bool,
    pub source: String,
    pub review_state: ReviewState,
}

/// The figures of the toxin template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BotulinumToxinRules {
    /// What was given so many hours before counts as the same session.
    pub session_hours: Figure,
    pub units_per_site: Figure,
    pub minimum_sites: Figure,
    pub maximum_sites: Figure,
    pub minimum_units: Figure,
    pub maximum_units: Figure,
    pub interval_days: Figure,
    pub muscles: Vec<ToxinMuscle>,
    /// Prefixes of ICD-10-CM codes that name chronic migraine.
    pub indication_prefixes: Vec<String>,
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

/// The figures for sites and volumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteRules {
    pub acknowledged_flags: Vec<SiteFlagRow>,
    pub lung_flag_prefix: String,
    pub bilateral_lung_severity: Severity,
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

/// The figures for mixing and for vials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolutionRules {
    pub components_tolerance_ml: Figure,
    pub drawn_tolerance_ml: Figure,
    pub opened_vial_days: Figure,
}

/// Words by which an allergy to one substance or class is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllergyGroup {
    pub code: String,
    pub words: Vec<String>,
    /// ICD-10-CM codes that say the same.
    #[serde(default)]
    pub condition_prefixes: Vec<String>,
    pub source: String,
    pub review_state: ReviewState,
}

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

/// What a set says that was published before a part of it was asked for: what is shipped.
///
/// A name is a fact and a new limit a narrower one, so an older set gains a check and loses none.
#[expect(clippy::expect_used, reason = "a test reads the same text")]
fn shipped_part<T: DeserializeOwned>(pointer: &str) -> T {
    serde_json::from_str(SHIPPED)
        .ok()
        .and_then(|shipped: Value| serde_json::from_value(shipped.pointer(pointer)?.clone()).ok())
        .expect("the shipped rules have every part")
}

fn shipped_medication_groups() -> Vec<MedicationGroup> {
    shipped_part("/medication_groups")
}

fn shipped_minimum_vasoconstrictor() -> Figure {
    shipped_part("/local_anaesthetic/minimum_vasoconstrictor_mcg_per_ml")
}

/// Every figure and row, under one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    pub version: String,
    pub weight: WeightRules,
    pub local_anaesthetic: LocalAnaestheticRules,
    pub corticosteroid: CorticosteroidRules,
    pub vitamin_b12: VitaminB12Rules,
    pub botulinum_toxin: BotulinumToxinRules,
    pub site: SiteRules,
    pub solution: SolutionRules,
    pub allergy_groups: Vec<AllergyGroup>,
    #[serde(default = "shipped_medication_groups")]
    pub medication_groups: Vec<MedicationGroup>,
    pub contraindications: Vec<ContraindicationRow>,
}

/// Why a rule set cannot be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetRefused {
    #[error("a rule set needs a version")]
    NoVersion,
    #[error("{0} must be above zero")]
    NotPositive(&'static str),
    #[error("{0} must not lie above the figure that blocks")]
    WarningAboveBlock(&'static str),
    #[error("{0} is listed twice")]
    Duplicate(String),
    #[error("{0} must be a whole number from 1 to 10000")]
    NotAWholeSpan(&'static str),
    #[error("the reduction factor lies between 0 and 1")]
    FactorOutOfRange,
    #[error("a rule needs a message and a source: {0}")]
    Unexplained(String),
    #[error("{0} of the shipped rules is missing")]
    Missing(String),
    #[error("{0} is no answer of the checklist, finding or laboratory value that is recorded")]
    NeverTrue(String),
    #[error("the figure that blocks lies above the maximum itself")]
    BlockAboveMaximum,
}

impl RuleSet {
    /// The rules that come with the program; every row awaits a clinician's review.
    pub fn shipped() -> Result<Self, serde_json::Error> {
        serde_json::from_str(SHIPPED)
    }

    /// The tolerances of recorded volumes.
    pub const fn tolerances(&self) -> VolumeTolerances {
        VolumeTolerances {
            components_ml: self.solution.components_tolerance_ml.value,
            drawn_ml: self.solution.drawn_tolerance_ml.value,
        }
    }

    /// How far into the past its longest window reaches.
    pub fn looks_back_to(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let days = [
            &self.corticosteroid.interval_days,
            &self.botulinum_toxin.interval_days,
            &self.site.same_place_days,
        ];
        let hours = [
            &self.local_anaesthetic.window_hours,
            &self.vitamin_b12.day_hours,
            &self.corticosteroid.session_hours,
            &self.botulinum_toxin.session_hours,
        ];
        let span = |figure: &Figure| i64::from(figure.whole().unwrap_or(LONGEST_SPAN));
        let months = self.corticosteroid.same_place_months.whole();
        let by_months = now.checked_sub_months(Months::new(months.unwrap_or(LONGEST_SPAN)));
        let spans = days
            .into_iter()
            .map(|figure| TimeDelta::days(span(figure)))
            .chain(
                hours
                    .into_iter()
                    .map(|figure| TimeDelta::hours(span(figure))),
            );
        let starts = spans.map(|span| now.checked_sub_signed(span));
        starts
            .chain([by_months])
            .map(|start| start.unwrap_or(DateTime::UNIX_EPOCH))
            .min()
            .unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Checks a set before it is published.
    pub fn validate(&self) -> Result<(), RuleSetRefused> {
        if self.version.trim().is_empty() {
            return Err(RuleSetRefused::NoVersion);
        }
        let factor = self.local_anaesthetic.reduction.factor.value;
        if factor <= Decimal::ZERO || factor > Decimal::ONE {
            return Err(RuleSetRefused::FactorOutOfRange);
        }
        if self.local_anaesthetic.block_fraction.value > Decimal::ONE {
            return Err(RuleSetRefused::BlockAboveMaximum);
        }
        self.validate_limits()?;
        self.validate_positive()?;
        self.validate_order()?;
        self.validate_spans()?;
        self.validate_rows()?;
        if self.names_every_source() {
            Ok(())
        } else {
            Err(RuleSetRefused::Unexplained("a figure".to_owned()))
        }
    }

    fn validate_order(&self) -> Result<(), RuleSetRefused> {
        let anaesthetic = &self.local_anaesthetic;
        let steroid = &self.corticosteroid;
        let toxin = &self.botulinum_toxin;
        for (name, warn, block) in [
            (
                "warn_fraction",
                &anaesthetic.warn_fraction,
                &anaesthetic.block_fraction,
            ),
            (
                "session_warn_milligrams",
                &steroid.session_warn_milligrams,
                &steroid.session_block_milligrams,
            ),
            (
                "site_warn_ml",
                &self.site.site_warn_ml,
                &self.site.site_block_ml,
            ),
            ("minimum_sites", &toxin.minimum_sites, &toxin.maximum_sites),
            ("minimum_units", &toxin.minimum_units, &toxin.maximum_units),
        ] {
            if warn.value <= Decimal::ZERO {
                return Err(RuleSetRefused::NotPositive(name));
            }
            if warn.value > block.value {
                return Err(RuleSetRefused::WarningAboveBlock(name));
            }
        }
        Ok(())
    }

    /// Spans of time are whole numbers, or a window would quietly be another one.
    fn validate_spans(&self) -> Result<(), RuleSetRefused> {
        for (name, span) in [
            ("stale_after_days", &self.weight.stale_after_days),
            ("window_hours", &self.local_anaesthetic.window_hours),
            ("steroid interval_days", &self.corticosteroid.interval_days),
            ("same_place_months", &self.corticosteroid.same_place_months),
            ("steroid session_hours", &self.corticosteroid.session_hours),
            ("toxin session_hours", &self.botulinum_toxin.session_hours),
            ("day_hours", &self.vitamin_b12.day_hours),
            ("toxin interval_days", &self.botulinum_toxin.interval_days),
            ("same_place_days", &self.site.same_place_days),
            ("observation_minutes", &self.site.observation_minutes),
            (
                "long_observation_minutes",
                &self.site.long_observation_minutes,
            ),
            ("opened_vial_days", &self.solution.opened_vial_days),
        ] {
            let is_short = span.value <= Decimal::from(LONGEST_SPAN);
            if span.value <= Decimal::ZERO || !span.value.fract().is_zero() || !is_short {
                return Err(RuleSetRefused::NotAWholeSpan(name));
            }
        }
        Ok(())
    }

    fn validate_limits(&self) -> Result<(), RuleSetRefused> {
        let mut seen = BTreeSet::new();
        for limit in &self.local_anaesthetic.limits {
            if !seen.insert(limit.ingredient.as_str()) {
                return Err(RuleSetRefused::Duplicate(limit.ingredient.clone()));
            }
            for ceiling in std::iter::once(&limit.plain).chain(&limit.with_vasoconstrictor) {
                let lower = ceiling.milligrams_per_kg.min(ceiling.absolute_milligrams);
                if lower <= Decimal::ZERO {
                    return Err(RuleSetRefused::NotPositive("a maximum dose"));
                }
            }
        }
        let mut seen = BTreeSet::new();
        for row in &self.corticosteroid.equivalents {
            if !seen.insert(row.ingredient.as_str()) {
                return Err(RuleSetRefused::Duplicate(row.ingredient.clone()));
            }
            if row.equivalent_milligrams <= Decimal::ZERO {
                return Err(RuleSetRefused::NotPositive("a steroid equivalent"));
            }
        }
        Ok(())
    }

    /// Other figures that would switch a rule off.
    fn validate_positive(&self) -> Result<(), RuleSetRefused> {
        let (steroid, b12, toxin) = (
            &self.corticosteroid,
            &self.vitamin_b12,
            &self.botulinum_toxin,
        );
        for (name, figure) in [
            (
                "minimum_vasoconstrictor_mcg_per_ml",
                &self.local_anaesthetic.minimum_vasoconstrictor_mcg_per_ml,
            ),
            ("same_place_sessions", &steroid.same_place_sessions),
            ("session_warn_micrograms", &b12.session_warn_micrograms),
            ("day_warn_micrograms", &b12.day_warn_micrograms),
            ("suspicious_milligrams", &b12.suspicious_milligrams),
            ("units_per_site", &toxin.units_per_site),
            ("total_warn_ml", &self.site.total_warn_ml),
            (
                "long_observation_fraction",
                &self.site.long_observation_fraction,
            ),
            (
                "ideal_weight_above_bmi",
                &self.weight.ideal_weight_above_bmi,
            ),
            ("ideal_base_kg_male", &self.weight.ideal_base_kg_male),
            ("ideal_base_kg_female", &self.weight.ideal_base_kg_female),
            ("ideal_base_height_cm", &self.weight.ideal_base_height_cm),
            ("ideal_step_cm", &self.weight.ideal_step_cm),
        ] {
            if figure.value <= Decimal::ZERO {
                return Err(RuleSetRefused::NotPositive(name));
            }
        }
        Ok(())
    }

    /// Whether every figure and row says where it comes from.
    fn names_every_source(&self) -> bool {
        fn is_named(value: &Value) -> bool {
            match value {
                Value::Object(members) => members.iter().all(|(name, member)| match member {
                    Value::String(text) => name != "source" || !text.trim().is_empty(),
                    other => is_named(other),
                }),
                Value::Array(items) => items.iter().all(is_named),
                _ => true,
            }
        }
        serde_json::to_value(self).is_ok_and(|content| is_named(&content))
    }

    /// Refuses a set that lacks a rule of another, so that a practice changes figures and never
    /// loses a check.
    pub fn keeps_rules_of(&self, other: &Self) -> Result<(), RuleSetRefused> {
        let own = self.rule_names();
        let lost = other
            .rule_names()
            .into_iter()
            .find(|name| !own.contains(name));
        lost.map_or(Ok(()), |name| Err(RuleSetRefused::Missing(name)))
    }

    /// The names of its rows, each with what it is a row of.
    fn rule_names(&self) -> BTreeSet<String> {
        let anaesthetic = &self.local_anaesthetic;
        let limits = anaesthetic
            .limits
            .iter()
            .map(|row| ("limit", &row.ingredient));
        let notices = anaesthetic
            .mixture_notice
            .iter()
            .map(|row| ("mixture notice", &row.ingredient));
        let equivalents = self
            .corticosteroid
            .equivalents
            .iter()
            .map(|row| ("equivalent", &row.ingredient));
        let muscles = self
            .botulinum_toxin
            .muscles
            .iter()
            .map(|row| ("toxin muscle", &row.name));
        let flags = self
            .site
            .acknowledged_flags
            .iter()
            .map(|row| ("site flag", &row.code));
        let groups = self
            .allergy_groups
            .iter()
            .map(|row| ("allergy group", &row.code));
        let medicines = self.medication_groups.iter().map(|row| row.class.as_str());
        let medicines = medicines.map(|class| format!("medication group {class}"));
        let rows = limits
            .chain(notices)
            .chain(equivalents)
            .chain(muscles)
            .chain(flags)
            .chain(groups);
        let named = rows.map(|(kind, name)| format!("{kind} {name}"));
        let against = self.contraindications.iter().map(|row| {
            let applies_to = row.applies_to.as_str();
            format!("contraindication {} for {applies_to}", row.code)
        });
        named.chain(medicines).chain(against).collect()
    }

    fn validate_rows(&self) -> Result<(), RuleSetRefused> {
        for row in &self.contraindications {
            if row.message.trim().is_empty() || row.source.trim().is_empty() {
                return Err(RuleSetRefused::Unexplained(row.code.clone()));
            }
            if let Some(word) = row.trigger.never_true() {
                return Err(RuleSetRefused::NeverTrue(word.to_owned()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> RuleSet {
        RuleSet::shipped().unwrap()
    }

    #[test]
    fn the_shipped_rules_can_be_published_and_await_review() {
        let rules = shipped();
        assert_eq!(rules.validate(), Ok(()));
        assert_eq!(rules.version, "2026-11.2");
        let text = serde_json::to_string(&rules).unwrap();
        assert!(!text.contains("\"reviewed\""));
        assert_eq!(serde_json::from_str::<RuleSet>(&text).unwrap(), rules);
    }

    #[test]
    fn a_set_published_before_is_read_with_what_it_could_not_say() {
        let mut content = serde_json::to_value(shipped()).unwrap();
        content["version"] = "house-1".into();
        let parts = content.as_object_mut().unwrap();
        parts.remove("medication_groups").unwrap();
        let anaesthetic = parts["local_anaesthetic"].as_object_mut().unwrap();
        anaesthetic
            .remove("minimum_vasoconstrictor_mcg_per_ml")
            .unwrap();
        let rules: RuleSet = serde_json::from_value(content).unwrap();
        let mut expected = shipped();
        expected.version = "house-1".to_owned();
        assert_eq!(rules, expected);
        assert_eq!(rules.validate(), Ok(()));
    }

    #[test]
    fn every_published_maximum_is_there() {
        let rules = shipped();
        for (ingredient, plain, with) in [
            ("lidocaine", ("4.5", "300"), Some(("7", "500"))),
            ("bupivacaine", ("2", "175"), Some(("3", "225"))),
            ("levobupivacaine", ("2", "200"), Some(("3", "225"))),
            ("ropivacaine", ("3", "200"), Some(("3", "200"))),
            ("mepivacaine", ("4.5", "350"), Some(("7", "500"))),
            ("procaine", ("10", "600"), None),
            ("chloroprocaine", ("10", "800"), Some(("12", "1000"))),
        ] {
            let rows = &rules.local_anaesthetic.limits;
            let row = rows
                .iter()
                .find(|row| row.ingredient == ingredient)
                .unwrap();
            let figures = |ceiling: &DoseCeiling| {
                (
                    ceiling.milligrams_per_kg.to_string(),
                    ceiling.absolute_milligrams.to_string(),
                )
            };
            let own = |pair: (&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
            assert_eq!(figures(&row.plain), own(plain), "{ingredient}");
            assert_eq!(
                row.with_vasoconstrictor.as_ref().map(figures),
                with.map(own),
                "{ingredient} with epinephrine"
            );
        }
    }

    #[test]
    fn a_set_that_protects_nobody_is_refused() {
        type Spoil = fn(&mut RuleSet);
        let table: [(Spoil, RuleSetRefused); 12] = [
            (
                |r| r.local_anaesthetic.window_hours.value = Decimal::ZERO,
                RuleSetRefused::NotAWholeSpan("window_hours"),
            ),
            (
                |r| r.site.same_place_days.value = "1.5".parse().unwrap(),
                RuleSetRefused::NotAWholeSpan("same_place_days"),
            ),
            (
                |r| r.weight.stale_after_days.value = "10001".parse().unwrap(),
                RuleSetRefused::NotAWholeSpan("stale_after_days"),
            ),
            (|r| r.version = " ".to_owned(), RuleSetRefused::NoVersion),
            (
                |r| r.local_anaesthetic.reduction.factor.value = Decimal::ZERO,
                RuleSetRefused::FactorOutOfRange,
            ),
            (
                |r| r.local_anaesthetic.reduction.factor.value = Decimal::TWO,
                RuleSetRefused::FactorOutOfRange,
            ),
            (
                |r| r.local_anaesthetic.warn_fraction.value = Decimal::TWO,
                RuleSetRefused::WarningAboveBlock("warn_fraction"),
            ),
            (
                |r| r.site.site_warn_ml.value = Decimal::ZERO,
                RuleSetRefused::NotPositive("site_warn_ml"),
            ),
            (
                |r| {
                    r.local_anaesthetic
                        .limits
                        .push(r.local_anaesthetic.limits[0].clone());
                },
                RuleSetRefused::Duplicate("lidocaine".to_owned()),
            ),
            (
                |r| r.local_anaesthetic.limits[0].plain.milligrams_per_kg = Decimal::ZERO,
                RuleSetRefused::NotPositive("a maximum dose"),
            ),
            (
                |r| r.corticosteroid.equivalents[0].equivalent_milligrams = Decimal::ZERO,
                RuleSetRefused::NotPositive("a steroid equivalent"),
            ),
            (
                |r| r.contraindications[0].source.clear(),
                RuleSetRefused::Unexplained("allergy_la_amide".to_owned()),
            ),
        ];
        for (spoil, refused) in table {
            let mut rules = shipped();
            spoil(&mut rules);
            assert_eq!(rules.validate(), Err(refused));
        }
        let mut rules = shipped();
        let first = rules.corticosteroid.equivalents[0].clone();
        rules.corticosteroid.equivalents.push(first.clone());
        assert_eq!(
            rules.validate(),
            Err(RuleSetRefused::Duplicate(first.ingredient))
        );
    }

    #[test]
    fn a_figure_on_its_bound_is_accepted() {
        type Change = fn(&mut RuleSet);
        let table: [Change; 5] = [
            |r| r.local_anaesthetic.reduction.factor.value = Decimal::ONE,
            |r| r.local_anaesthetic.warn_fraction.value = Decimal::ONE,
            |r| r.site.site_warn_ml.value = r.site.site_block_ml.value,
            |r| r.botulinum_toxin.minimum_units.value = r.botulinum_toxin.maximum_units.value,
            |r| r.weight.stale_after_days.value = Decimal::from(LONGEST_SPAN),
        ];
        for (index, change) in table.into_iter().enumerate() {
            let mut rules = shipped();
            change(&mut rules);
            assert_eq!(rules.validate(), Ok(()), "row {index}");
        }
    }

    #[test]
    fn the_past_is_read_as_far_as_the_longest_window_reaches() {
        type Change = fn(&mut RuleSet);
        let table: [(Change, &str); 5] = [
            (|_| {}, "2025-11-22T12:00:00Z"),
            (
                |r| r.corticosteroid.same_place_months.value = Decimal::from(24),
                "2024-11-22T12:00:00Z",
            ),
            (
                |r| r.botulinum_toxin.interval_days.value = Decimal::from(400),
                "2025-10-18T12:00:00Z",
            ),
            (
                |r| r.local_anaesthetic.window_hours.value = Decimal::from(9_600),
                "2025-10-18T12:00:00Z",
            ),
            (
                |r| r.corticosteroid.same_place_months.value = Decimal::from(-1),
                "1970-01-01T00:00:00Z",
            ),
        ];
        for (index, (change, start)) in table.into_iter().enumerate() {
            let mut rules = shipped();
            change(&mut rules);
            let now = "2026-11-22T12:00:00Z".parse().unwrap();
            let start: DateTime<Utc> = start.parse().unwrap();
            // Ten thousand months lie before the era in which anything was recorded.
            assert_eq!(
                rules.looks_back_to(now).max(DateTime::UNIX_EPOCH),
                start,
                "row {index}"
            );
        }
    }

    #[test]
    fn a_practice_changes_figures_and_loses_no_rule() {
        type Spoil = fn(&mut RuleSet);
        let table: [(Spoil, Option<&str>); 9] = [
            (|r| r.site.total_warn_ml.value = Decimal::TEN, None),
            (
                |r| {
                    r.medication_groups.remove(0);
                },
                Some("medication group anticoagulant"),
            ),
            (
                |r| {
                    r.contraindications
                        .retain(|row| row.code != "needle_phobia");
                },
                Some("contraindication needle_phobia for any"),
            ),
            (
                |r| {
                    r.contraindications.remove(0);
                },
                Some("contraindication allergy_la_amide for amide"),
            ),
            (
                |r| r.allergy_groups.retain(|row| row.code != "latex"),
                Some("allergy group latex"),
            ),
            (
                |r| r.local_anaesthetic.mixture_notice.clear(),
                Some("mixture notice bupivacaine"),
            ),
            (
                |r| r.corticosteroid.equivalents.clear(),
                Some("equivalent betamethasone"),
            ),
            (
                |r| r.site.acknowledged_flags.clear(),
                Some("site flag site_near_dura"),
            ),
            (
                |r| r.botulinum_toxin.muscles.clear(),
                Some("toxin muscle cervical paraspinal"),
            ),
        ];
        for (index, (spoil, lost)) in table.into_iter().enumerate() {
            let mut rules = shipped();
            spoil(&mut rules);
            let expected =
                lost.map_or(Ok(()), |name| Err(RuleSetRefused::Missing(name.to_owned())));
            assert_eq!(rules.keeps_rules_of(&shipped()), expected, "row {index}");
        }
    }

    #[test]
    fn a_rule_that_can_never_speak_is_refused() {
        type Spoil = fn(&mut RuleSet);
        let table: [(Spoil, RuleSetRefused); 8] = [
            (
                |r| {
                    let anaesthetic = &mut r.local_anaesthetic;
                    anaesthetic.minimum_vasoconstrictor_mcg_per_ml.value = Decimal::ZERO;
                },
                RuleSetRefused::NotPositive("minimum_vasoconstrictor_mcg_per_ml"),
            ),
            (
                |r| {
                    r.contraindications[0]
                        .trigger
                        .answers
                        .push("sleepy".to_owned());
                },
                RuleSetRefused::NeverTrue("sleepy".to_owned()),
            ),
            (
                |r| {
                    r.contraindications[0]
                        .trigger
                        .site_findings
                        .push("freckle".to_owned());
                },
                RuleSetRefused::NeverTrue("freckle".to_owned()),
            ),
            (
                |r| r.local_anaesthetic.block_fraction.value = "1.000001".parse().unwrap(),
                RuleSetRefused::BlockAboveMaximum,
            ),
            (
                |r| r.site.total_warn_ml.value = Decimal::ZERO,
                RuleSetRefused::NotPositive("total_warn_ml"),
            ),
            (
                |r| r.corticosteroid.session_hours.value = Decimal::ZERO,
                RuleSetRefused::NotAWholeSpan("steroid session_hours"),
            ),
            (
                |r| r.vitamin_b12.day_hours.source = " ".to_owned(),
                RuleSetRefused::Unexplained("a figure".to_owned()),
            ),
            (
                |r| r.corticosteroid.equivalents[0].source.clear(),
                RuleSetRefused::Unexplained("a figure".to_owned()),
            ),
        ];
        for (spoil, refused) in table {
            let mut rules = shipped();
            spoil(&mut rules);
            assert_eq!(rules.validate(), Err(refused));
        }
    }

    #[test]
    fn a_figure_is_read_exactly() {
        let figure = |value: &str| Figure {
            value: value.parse().unwrap(),
            source: "P".to_owned(),
            review_state: ReviewState::Reviewed,
        };
        assert_eq!(figure("84").whole(), Ok(84));
        assert_eq!(figure("-1").whole(), Err(NotExact));
        assert_eq!(
            figure("0.8").exact().unwrap().rounded(2),
            Some(figure("0.8").value)
        );
    }
}
