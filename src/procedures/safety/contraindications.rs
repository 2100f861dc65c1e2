//! Reasons not to inject, or to think twice, as rows of data.
//!
//! A row says what it applies to (any needle, a class of drug, a kind of site) and what triggers
//! it: a coded condition, an allergy, a medicine, an answer, a laboratory value, a measure, a
//! finding at the site. Any one trigger is enough; filters such as an age range narrow the row.
//! When several rows of one code apply, the strictest speaks.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use super::facts::{
    Allergy, Medication, MedicationClass, PatientFacts, PlannedProcedure, PlannedSite, Pregnancy,
    Sex,
};
use super::given::{components, has_class};
use super::rules::{AllergyGroup, RuleSet, Severity};
use super::site::lung_sides;
use super::verdict::{Check, CheckStatus};
use super::weight::body_mass_index;
use crate::platform::text::text_enum;
use crate::procedures::exact::Exact;
use crate::procedures::formulary::{AnaestheticGroup, DrugClass, Preservative, ReviewState};
use crate::procedures::solution::Component;

text_enum! {
    /// What a row is about.
    pub(crate) enum AppliesTo {
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
pub(crate) struct LaboratoryTrigger {
    pub(crate) code: String,
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[serde(default)]
    pub(crate) above: Option<Decimal>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[serde(default)]
    pub(crate) at_least: Option<Decimal>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[serde(default)]
    pub(crate) below: Option<Decimal>,
}

/// What sets a row off; any one entry is enough.
#[serde_as]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Trigger {
    /// Prefixes of ICD-10-CM codes.
    pub(crate) conditions: Vec<String>,
    /// Codes of allergy groups.
    pub(crate) allergies: Vec<String>,
    pub(crate) medication_classes: Vec<MedicationClass>,
    pub(crate) atc_prefixes: Vec<String>,
    pub(crate) answers: Vec<String>,
    pub(crate) site_findings: Vec<String>,
    pub(crate) pregnancy: Vec<Pregnancy>,
    pub(crate) is_breastfeeding: bool,
    pub(crate) laboratory: Vec<LaboratoryTrigger>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    pub(crate) temperature_at_least: Option<Decimal>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    pub(crate) body_mass_index_at_least: Option<Decimal>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    pub(crate) body_mass_index_below: Option<Decimal>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    pub(crate) weight_kg_below: Option<Decimal>,
    pub(crate) age_above: Option<u16>,
}

/// What a row is narrowed to; every entry must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OnlyIf {
    pub(crate) sex: Option<Sex>,
    pub(crate) age_from: Option<u16>,
    pub(crate) age_to: Option<u16>,
    /// For medicines: taken at most so many days ago, or at an unknown time.
    pub(crate) taken_within_days: Option<u16>,
    /// For preservatives: one of these is in a planned component.
    pub(crate) preservatives: Vec<Preservative>,
}

/// One row of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContraindicationRow {
    pub(crate) code: String,
    pub(crate) severity: Severity,
    pub(crate) applies_to: AppliesTo,
    pub(crate) trigger: Trigger,
    #[serde(default)]
    pub(crate) only_if: OnlyIf,
    pub(crate) message: String,
    pub(crate) source: String,
    pub(crate) review_state: ReviewState,
}

/// Whether a coded condition begins with one of the prefixes; dots do not matter.
pub(super) fn has_condition(facts: &PatientFacts, prefixes: &[String]) -> bool {
    let plain = |code: &str| code.replace('.', "").trim().to_ascii_uppercase();
    facts.conditions.iter().map(|code| plain(code)).any(|code| {
        prefixes
            .iter()
            .map(|prefix| plain(prefix))
            .any(|prefix| code.starts_with(&prefix))
    })
}

/// Checks the plan against every row and against allergies to the planned drugs themselves.
pub(super) fn check(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Vec<Check> {
    let mut strictest: BTreeMap<&str, Check> = BTreeMap::new();
    for row in &rules.contraindications {
        let Some(check) = row_check(row, facts, planned, rules) else {
            continue;
        };
        let known = strictest.get(row.code.as_str());
        if known.is_none_or(|known| check.status > known.status) {
            strictest.insert(&row.code, check);
        }
    }
    let mut checks: Vec<Check> = strictest.into_values().collect();
    checks.extend(allergy_to_planned_drug(facts, planned, rules));
    checks.extend(unrecognised_allergies(facts, planned, rules));
    checks
}

fn row_check(
    row: &ContraindicationRow,
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Option<Check> {
    if !is_narrowed_to(row, facts, planned) {
        return None;
    }
    let sites: Vec<&PlannedSite> = planned
        .sites
        .iter()
        .filter(|site| concerns_site(row, site, rules))
        .collect();
    let found_at: Vec<&str> = sites
        .iter()
        .filter(|site| {
            row.trigger
                .site_findings
                .iter()
                .any(|code| site.site_findings.contains(code))
        })
        .map(|site| site.place.muscle_code.as_str())
        .collect();
    let is_triggered = !found_at.is_empty() || is_triggered(row, facts, rules);
    if !is_triggered || !applies(row.applies_to, planned, &sites, rules) {
        return None;
    }
    let mut explanation = row.message.clone();
    if !found_at.is_empty() {
        explanation.push_str(" Site: ");
        explanation.push_str(&found_at.join(", "));
        explanation.push('.');
    }
    Some(Check::of_severity(
        rules,
        &row.code,
        row.severity,
        explanation,
    ))
}

fn concerns_site(row: &ContraindicationRow, site: &PlannedSite, rules: &RuleSet) -> bool {
    match row.applies_to {
        AppliesTo::HeadSite => site.region == "head",
        AppliesTo::LungSite | AppliesTo::BothLungSides => site
            .caution_flags
            .iter()
            .any(|flag| flag.starts_with(&rules.site.lung_flag_prefix)),
        _ => true,
    }
}

fn applies(
    applies_to: AppliesTo,
    planned: &PlannedProcedure,
    sites: &[&PlannedSite],
    rules: &RuleSet,
) -> bool {
    let has_group = |group: AnaestheticGroup| {
        components(planned).any(|component| component.drug.group == Some(group))
    };
    match applies_to {
        AppliesTo::Any | AppliesTo::Preservative => true,
        AppliesTo::LocalAnaesthetic => has_class(planned, DrugClass::LocalAnaesthetic),
        AppliesTo::Amide => has_group(AnaestheticGroup::Amide),
        AppliesTo::Ester => has_group(AnaestheticGroup::Ester),
        AppliesTo::WithVasoconstrictor => components(planned).any(|component| {
            component.drug.vasoconstrictor.is_some()
                || component.drug.class == DrugClass::Vasoconstrictor
        }),
        AppliesTo::Corticosteroid => has_class(planned, DrugClass::Corticosteroid),
        AppliesTo::VitaminB12 => has_class(planned, DrugClass::VitaminB12),
        AppliesTo::BotulinumToxin => has_class(planned, DrugClass::BotulinumToxin),
        AppliesTo::Site | AppliesTo::HeadSite | AppliesTo::LungSite => !sites.is_empty(),
        AppliesTo::BothLungSides => lung_sides(planned, rules).is_bilateral(),
    }
}

fn is_narrowed_to(
    row: &ContraindicationRow,
    facts: &PatientFacts,
    planned: &PlannedProcedure,
) -> bool {
    let only_if = &row.only_if;
    only_if.sex.is_none_or(|sex| facts.sex == sex)
        && only_if.age_from.is_none_or(|age| facts.age_years >= age)
        && only_if.age_to.is_none_or(|age| facts.age_years <= age)
        && (only_if.preservatives.is_empty()
            || components(planned)
                .any(|component| only_if.preservatives.contains(&component.preservative())))
}

fn is_triggered(row: &ContraindicationRow, facts: &PatientFacts, rules: &RuleSet) -> bool {
    let trigger = &row.trigger;
    has_condition(facts, &trigger.conditions)
        || trigger
            .allergies
            .iter()
            .any(|code| has_allergy(facts, code, rules))
        || facts
            .medications
            .iter()
            .any(|medication| is_taken(row, facts, medication))
        || trigger
            .answers
            .iter()
            .any(|code| facts.answers.contains(code))
        || trigger.pregnancy.contains(&facts.pregnancy)
        || (trigger.is_breastfeeding && facts.is_breastfeeding)
        || trigger
            .laboratory
            .iter()
            .any(|laboratory| is_out_of_bounds(laboratory, facts))
        || is_measured(trigger, facts)
}

fn is_measured(trigger: &Trigger, facts: &PatientFacts) -> bool {
    let index = body_mass_index(facts);
    let index_against = |bound: Option<Decimal>, holds: fn(Exact, Exact) -> bool| {
        let bound = bound.and_then(|bound| Exact::from_decimal(bound).ok());
        index
            .zip(bound)
            .is_some_and(|(index, bound)| holds(index, bound))
    };
    let hot = trigger.temperature_at_least.zip(facts.temperature_celsius);
    let light = trigger.weight_kg_below.zip(facts.weight_kg);
    hot.is_some_and(|(bound, temperature)| temperature >= bound)
        || light.is_some_and(|(bound, weight)| weight.value < bound)
        || trigger.age_above.is_some_and(|age| facts.age_years > age)
        || index_against(trigger.body_mass_index_at_least, |index, bound| {
            index >= bound
        })
        || index_against(trigger.body_mass_index_below, |index, bound| index < bound)
}

fn is_taken(row: &ContraindicationRow, facts: &PatientFacts, medication: &Medication) -> bool {
    let trigger = &row.trigger;
    let is_of_class = trigger.medication_classes.contains(&medication.class);
    let is_of_code = medication.atc_code.as_ref().is_some_and(|code| {
        trigger
            .atc_prefixes
            .iter()
            .any(|prefix| code.starts_with(prefix.as_str()))
    });
    if !is_of_class && !is_of_code {
        return false;
    }
    match (row.only_if.taken_within_days, medication.last_taken_at) {
        (Some(days), Some(last)) => {
            facts.assessed_at.signed_duration_since(last) <= TimeDelta::days(days.into())
        }
        _ => medication.is_active,
    }
}

fn is_out_of_bounds(trigger: &LaboratoryTrigger, facts: &PatientFacts) -> bool {
    facts
        .laboratory
        .iter()
        .filter(|value| value.code == trigger.code)
        .any(|value| {
            trigger.above.is_some_and(|bound| value.value > bound)
                || trigger.at_least.is_some_and(|bound| value.value >= bound)
                || trigger.below.is_some_and(|bound| value.value < bound)
        })
}

fn has_allergy(facts: &PatientFacts, group_code: &str, rules: &RuleSet) -> bool {
    rules
        .allergy_groups
        .iter()
        .filter(|group| group.code == group_code)
        .any(|group| {
            has_condition(facts, &group.condition_prefixes)
                || facts
                    .allergies
                    .iter()
                    .any(|allergy| is_in_group(allergy, group))
        })
}

fn is_in_group(allergy: &Allergy, group: &AllergyGroup) -> bool {
    allergy.class.as_ref() == Some(&group.code)
        || group
            .words
            .iter()
            .any(|phrase| mentions(&allergy.substance, phrase))
}

/// Whether the text has the words of the phrase in a row; word endings do not matter.
fn mentions(text: &str, phrase: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase()
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (text, phrase) = (words(text), words(phrase));
    !phrase.is_empty()
        && text.windows(phrase.len()).any(|window| {
            window
                .iter()
                .zip(&phrase)
                .all(|(word, start)| word.starts_with(start.as_str()))
        })
}

fn is_allergic_to(allergy: &Allergy, component: &Component) -> bool {
    mentions(&allergy.substance, &component.drug.ingredient)
        || mentions(&allergy.substance, &component.drug.name)
}

fn allergy_to_planned_drug(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Option<Check> {
    let mut names: Vec<&str> = components(planned)
        .filter(|component| {
            facts
                .allergies
                .iter()
                .any(|allergy| is_allergic_to(allergy, component))
        })
        .map(|component| component.drug.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| {
        let explanation = format!(
            "An allergy to {} is recorded. Check the allergy and choose another drug.",
            names.join(", ")
        );
        Check::plain(
            rules,
            "allergy_planned_drug",
            CheckStatus::Block,
            explanation,
        )
    })
}

/// Tells which recorded allergies no rule understands, so that a person reads them.
fn unrecognised_allergies(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Option<Check> {
    let unknown: Vec<&str> = facts
        .allergies
        .iter()
        .filter(|allergy| {
            !rules
                .allergy_groups
                .iter()
                .any(|group| is_in_group(allergy, group))
        })
        .filter(|allergy| !components(planned).any(|component| is_allergic_to(allergy, component)))
        .map(|allergy| allergy.substance.as_str())
        .collect();
    (!unknown.is_empty()).then(|| {
        let explanation = format!(
            "These allergies are not known to the rules: {}. Check them against the planned drugs.",
            unknown.join(", ")
        );
        Check::plain(rules, "allergy_unrecognised", CheckStatus::Ok, explanation)
    })
}


