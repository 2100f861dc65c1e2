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

#[cfg(test)]
#[expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one place"
)]
mod tests {
    use super::super::sample::{
        NOW, allergy, at, dry, facts, flagged, found, judge, measured, medication, plan, rules,
        site, status,
    };
    use super::super::verdict::CheckStatus::{Block, Ok, Warn};
    use super::*;
    use crate::procedures::kind::Side;
    use crate::procedures::sample::decimal;

    const LIDOCAINE: &str = "lidocaine 1 percent 1";
    const PROCAINE: &str = "procaine 1 percent 1";
    const STEROID: &str = "triamcinolone_acetonide 10 mg_per_ml 1";
    const B12: &str = "cyanocobalamin 1000 mcg_per_ml 1";
    const EPINEPHRINE: &str = "lidocaine_epinephrine 1 percent 1";
    const TOXIN: &str = "onabotulinumtoxin_a 50 units_per_ml 2";

    fn raised(patient: &PatientFacts, syringe: &str, code: &str) -> Option<CheckStatus> {
        let planned = if syringe.is_empty() {
            dry(vec![site("temporalis left", "0", None)])
        } else {
            plan(&[syringe])
        };
        status(&judge(patient, &planned), code)
    }

    #[test]
    fn an_allergy_blocks_its_class() {
        for (substance, syringe, code, expected) in [
            ("lidocaine", LIDOCAINE, "allergy_la_amide", Some(Block)),
            ("Bupivacaine", LIDOCAINE, "allergy_la_amide", Some(Block)),
            (
                "XYLOCAINE 2%",
                "ropivacaine 0.2 percent 1",
                "allergy_la_amide",
                Some(Block),
            ),
            ("amides", LIDOCAINE, "allergy_la_amide", Some(Block)),
            ("lidocaine", PROCAINE, "allergy_la_amide", None),
            ("lidocaine", PROCAINE, "allergy_la_ester", None),
            ("lidocaine", STEROID, "allergy_la_amide", None),
            ("procaine", PROCAINE, "allergy_la_ester", Some(Block)),
            ("tetracaine", PROCAINE, "allergy_la_ester", Some(Block)),
            (
                "benzocaine spray",
                "chloroprocaine 1 percent 1",
                "allergy_la_ester",
                Some(Block),
            ),
            ("procaine", LIDOCAINE, "allergy_la_amide", None),
            (
                "local anaesthetic",
                LIDOCAINE,
                "allergy_la_amide",
                Some(Block),
            ),
            (
                "local anesthetics",
                PROCAINE,
                "allergy_la_ester",
                Some(Block),
            ),
            ("benzyl alcohol", B12, "allergy_preservative", Some(Block)),
            (
                "benzyl alcohol",
                STEROID,
                "allergy_preservative",
                Some(Block),
            ),
            (
                "benzyl alcohol",
                LIDOCAINE,
                "allergy_preservative",
                Some(Warn),
            ),
            (
                "benzyl alcohol",
                "ropivacaine 0.2 percent 1",
                "allergy_preservative",
                None,
            ),
            ("alcohol", B12, "allergy_preservative", None),
            (
                "parabens",
                "hydroxocobalamin 1000 mcg_per_ml 1",
                "allergy_preservative",
                Some(Block),
            ),
            (
                "PABA",
                "hydroxocobalamin 1000 mcg_per_ml 1",
                "allergy_preservative",
                Some(Block),
            ),
            ("methylparaben", B12, "allergy_preservative", None),
            (
                "sodium metabisulfite",
                EPINEPHRINE,
                "allergy_preservative",
                Some(Block),
            ),
            (
                "sulfites",
                "ropivacaine 0.2 percent 1",
                "allergy_preservative",
                None,
            ),
            (
                "benzalkonium",
                "betamethasone 6 mg_per_ml 1",
                "allergy_preservative",
                Some(Block),
            ),
            ("cobalt", B12, "allergy_cobalamin_cobalt", Some(Block)),
            (
                "hydroxocobalamin",
                B12,
                "allergy_cobalamin_cobalt",
                Some(Block),
            ),
            ("Vitamin B12", B12, "allergy_cobalamin_cobalt", Some(Block)),
            ("cobalt", LIDOCAINE, "allergy_cobalamin_cobalt", None),
            ("latex gloves", "", "allergy_latex", Some(Warn)),
            ("chlorhexidine", "", "allergy_antiseptic", Some(Warn)),
            ("povidone-iodine", "", "allergy_antiseptic", Some(Warn)),
            ("botox", TOXIN, "allergy_botulinum_toxin", Some(Block)),
            (
                "triamcinolone",
                STEROID,
                "allergy_planned_drug",
                Some(Block),
            ),
            ("triamcinolone", LIDOCAINE, "allergy_planned_drug", None),
            ("lidocaine", LIDOCAINE, "allergy_planned_drug", Some(Block)),
            ("peanut", LIDOCAINE, "allergy_unrecognised", Some(Ok)),
            ("lidocaine", STEROID, "allergy_unrecognised", None),
            ("triamcinolone", STEROID, "allergy_unrecognised", None),
        ] {
            let mut patient = facts();
            patient.allergies.push(allergy(substance));
            assert_eq!(
                raised(&patient, syringe, code),
                expected,
                "{substance} {syringe} {code}"
            );
        }
    }

    #[test]
    fn a_coded_class_counts_like_the_substance() {
        let mut patient = facts();
        patient.allergies.push(Allergy {
            substance: "coded".to_owned(),
            class: Some("la_amide".to_owned()),
        });
        assert_eq!(raised(&patient, LIDOCAINE, "allergy_la_amide"), Some(Block));
        assert_eq!(raised(&patient, PROCAINE, "allergy_la_ester"), None);
    }

    #[test]
    fn a_coded_condition_raises_its_row() {
        for (condition, syringe, code, expected) in [
            ("Z88.4", LIDOCAINE, "allergy_la_amide", Some(Block)),
            ("Z88.4", PROCAINE, "allergy_la_ester", Some(Block)),
            ("Z91.040", "", "allergy_latex", Some(Warn)),
            ("Z91040", "", "allergy_latex", Some(Warn)),
            ("A41.9", "", "infection_systemic", Some(Block)),
            ("D66", "", "bleeding_disorder", Some(Warn)),
            ("D69.6", "", "bleeding_disorder", Some(Warn)),
            ("D64.9", "", "bleeding_disorder", None),
            ("Z79.01", "", "anticoagulant", Some(Warn)),
            ("Z79.02", "", "antiplatelet", Some(Warn)),
            ("Z33.1", "", "pregnancy", Some(Warn)),
            ("F40.231", "", "needle_phobia", Some(Warn)),
            ("E11.65", STEROID, "diabetes_uncontrolled", Some(Warn)),
            ("E11.9", STEROID, "diabetes_uncontrolled", None),
            ("E11.9", STEROID, "diabetes_glucose", Some(Warn)),
            ("E11.9", LIDOCAINE, "diabetes_glucose", None),
            ("Z79.52", STEROID, "systemic_steroid_use", Some(Warn)),
            ("E27.40", STEROID, "adrenal_suppression", Some(Warn)),
            ("D84.9", "", "immunosuppressed", Some(Warn)),
            ("I44.2", LIDOCAINE, "la_dose_risk", Some(Warn)),
            ("I50.9", LIDOCAINE, "la_dose_risk", Some(Warn)),
            ("K74.60", LIDOCAINE, "la_dose_risk", Some(Warn)),
            ("K74.60", STEROID, "la_dose_risk", None),
            ("I25.10", EPINEPHRINE, "epinephrine_risk", Some(Warn)),
            (
                "I48.91",
                "lidocaine 1 percent 1 + epinephrine 1000 ratio 0.01",
                "epinephrine_risk",
                Some(Warn),
            ),
            ("I25.10", LIDOCAINE, "epinephrine_risk", None),
            ("E05.90", EPINEPHRINE, "epinephrine_risk", Some(Warn)),
            ("D55.0", LIDOCAINE, "methaemoglobinaemia_risk", Some(Warn)),
            (
                "T88.3XXA",
                LIDOCAINE,
                "malignant_hyperthermia_history",
                Some(Ok),
            ),
            ("G70.00", TOXIN, "neuromuscular_disorder", Some(Block)),
            ("G70.00", LIDOCAINE, "neuromuscular_disorder", Some(Warn)),
            ("G12.21", TOXIN, "neuromuscular_disorder", Some(Block)),
            ("G70.00", STEROID, "neuromuscular_disorder", None),
            ("M79.7", "", "fibromyalgia_widespread", Some(Warn)),
            ("E03.9", "", "endocrinopathy_diffuse_tp", Some(Warn)),
            ("G44.40", "", "medication_overuse", Some(Ok)),
            ("H47.22", B12, "leber_optic_neuropathy", Some(Warn)),
        ] {
            let mut patient = facts();
            assert_eq!(
                raised(&patient, syringe, code),
                None,
                "{code} without a reason"
            );
            patient.conditions.push(condition.to_owned());
            assert_eq!(
                raised(&patient, syringe, code),
                expected,
                "{condition} {syringe} {code}"
            );
        }
    }

    #[test]
    fn an_answer_of_the_checklist_raises_its_row() {
        for (answer, syringe, code, expected) in [
            ("red_flag", "", "non_myofascial_suspected", Block),
            (
                "malignancy_suspected",
                "",
                "non_myofascial_suspected",
                Block,
            ),
            ("active_infection", "", "infection_systemic", Block),
            ("needle_phobia", "", "needle_phobia", Warn),
            ("prior_vasovagal", "", "prior_vasovagal", Warn),
            (
                "untreated_endocrinopathy",
                "",
                "endocrinopathy_diffuse_tp",
                Warn,
            ),
            ("landmarks_unclear", "", "obesity_landmarks_unclear", Warn),
            (
                "malignant_hyperthermia",
                LIDOCAINE,
                "malignant_hyperthermia_history",
                Ok,
            ),
        ] {
            let mut patient = facts();
            patient.answers.insert(answer.to_owned());
            assert_eq!(raised(&patient, syringe, code), Some(expected), "{answer}");
        }
    }

    #[test]
    fn medicines_count_by_class_code_and_last_intake() {
        use MedicationClass::{
            Anticoagulant, Antiplatelet, Immunosuppressant, MethaemoglobinInducer,
            MonoamineOxidaseInhibitor, Other, SystemicCorticosteroid, TricyclicAntidepressant,
        };
        for (class, atc, last, is_active, syringe, code, expected) in [
            (
                Anticoagulant,
                None,
                None,
                true,
                "",
                "anticoagulant",
                Some(Warn),
            ),
            (Anticoagulant, None, None, false, "", "anticoagulant", None),
            (
                Other,
                Some("B01AF02"),
                None,
                true,
                "",
                "anticoagulant",
                Some(Warn),
            ),
            (
                Other,
                Some("B01AC06"),
                None,
                true,
                "",
                "anticoagulant",
                None,
            ),
            (
                Other,
                Some("B01AC06"),
                None,
                true,
                "",
                "antiplatelet",
                Some(Warn),
            ),
            (
                Antiplatelet,
                None,
                Some("2026-11-19T12:00:00Z"),
                true,
                "",
                "antiplatelet",
                Some(Warn),
            ),
            (
                Antiplatelet,
                None,
                Some("2026-11-19T12:00:00Z"),
                false,
                "",
                "antiplatelet",
                Some(Warn),
            ),
            (
                Antiplatelet,
                None,
                Some("2026-11-19T11:59:59Z"),
                true,
                "",
                "antiplatelet",
                None,
            ),
            (
                Antiplatelet,
                None,
                None,
                true,
                "",
                "antiplatelet",
                Some(Warn),
            ),
            (Antiplatelet, None, None, false, "", "antiplatelet", None),
            (
                MonoamineOxidaseInhibitor,
                None,
                None,
                true,
                EPINEPHRINE,
                "epinephrine_risk",
                Some(Warn),
            ),
            (
                TricyclicAntidepressant,
                None,
                None,
                true,
                EPINEPHRINE,
                "epinephrine_risk",
                Some(Warn),
            ),
            (
                TricyclicAntidepressant,
                None,
                None,
                true,
                LIDOCAINE,
                "epinephrine_risk",
                None,
            ),
            (
                SystemicCorticosteroid,
                None,
                None,
                true,
                STEROID,
                "systemic_steroid_use",
                Some(Warn),
            ),
            (
                SystemicCorticosteroid,
                None,
                None,
                true,
                LIDOCAINE,
                "systemic_steroid_use",
                None,
            ),
            (
                Immunosuppressant,
                None,
                None,
                true,
                "",
                "immunosuppressed",
                Some(Warn),
            ),
            (
                MethaemoglobinInducer,
                None,
                None,
                true,
                LIDOCAINE,
                "methaemoglobinaemia_risk",
                Some(Warn),
            ),
            (
                Other,
                None,
                None,
                true,
                LIDOCAINE,
                "methaemoglobinaemia_risk",
                None,
            ),
        ] {
            let mut patient = facts();
            patient.medications.push(Medication {
                atc_code: atc.map(str::to_owned),
                is_active,
                ..medication(class, last)
            });
            assert_eq!(
                raised(&patient, syringe, code),
                expected,
                "{class} {atc:?} {last:?} {code}"
            );
        }
    }

    #[test]
    fn laboratory_values_have_bounds() {
        for (laboratory, value, syringe, code, expected) in [
            ("platelets", "49.9", "", "bleeding_disorder", Some(Block)),
            ("platelets", "50", "", "bleeding_disorder", Some(Warn)),
            ("platelets", "99.9", "", "bleeding_disorder", Some(Warn)),
            ("platelets", "100", "", "bleeding_disorder", None),
            ("inr", "3.0", "", "anticoagulant_inr", None),
            ("inr", "3.000001", "", "anticoagulant_inr", Some(Warn)),
            ("hba1c", "7.9", STEROID, "diabetes_uncontrolled", None),
            ("hba1c", "8", STEROID, "diabetes_uncontrolled", Some(Warn)),
            ("glucose", "250", STEROID, "diabetes_uncontrolled", None),
            (
                "glucose",
                "251",
                STEROID,
                "diabetes_uncontrolled",
                Some(Warn),
            ),
        ] {
            let mut patient = facts();
            patient
                .laboratory
                .push(super::super::facts::LaboratoryValue {
                    code: laboratory.to_owned(),
                    value: decimal(value),
                });
            assert_eq!(
                raised(&patient, syringe, code),
                expected,
                "{laboratory} {value}"
            );
        }
    }

    #[test]
    fn measures_have_bounds() {
        type Change = fn(&mut PatientFacts);
        let table: [(Change, &str, &str, Option<CheckStatus>); 16] = [
            (
                |f| f.temperature_celsius = Some(decimal("37.9")),
                "",
                "infection_systemic",
                None,
            ),
            (
                |f| f.temperature_celsius = Some(decimal("38.0")),
                "",
                "infection_systemic",
                Some(Block),
            ),
            (
                |f| f.temperature_celsius = None,
                "",
                "infection_systemic",
                None,
            ),
            (|f| f.age_years = 70, LIDOCAINE, "la_dose_risk", None),
            (|f| f.age_years = 71, LIDOCAINE, "la_dose_risk", Some(Warn)),
            (
                |f| f.weight_kg = Some(measured("39.9", NOW)),
                LIDOCAINE,
                "la_dose_risk",
                Some(Warn),
            ),
            (
                |f| f.weight_kg = Some(measured("40", NOW)),
                LIDOCAINE,
                "la_dose_risk",
                None,
            ),
            (
                |f| {
                    f.weight_kg = Some(measured("140", NOW));
                    f.height_cm = Some(decimal("200"));
                },
                "",
                "obesity_landmarks_unclear",
                Some(Warn),
            ),
            (
                |f| {
                    f.weight_kg = Some(measured("139.9", NOW));
                    f.height_cm = Some(decimal("200"));
                },
                "",
                "obesity_landmarks_unclear",
                None,
            ),
            (
                |f| f.weight_kg = Some(measured("300", NOW)),
                "",
                "obesity_landmarks_unclear",
                None,
            ),
            (
                |f| f.pregnancy = Pregnancy::Pregnant,
                "",
                "pregnancy",
                Some(Warn),
            ),
            (
                |f| f.pregnancy = Pregnancy::Pregnant,
                STEROID,
                "pregnancy_steroid_toxin",
                Some(Warn),
            ),
            (
                |f| f.pregnancy = Pregnancy::Pregnant,
                TOXIN,
                "pregnancy_steroid_toxin",
                Some(Block),
            ),
            (
                |f| f.is_breastfeeding = true,
                LIDOCAINE,
                "breastfeeding",
                Some(Ok),
            ),
            (|f| f.is_breastfeeding = true, B12, "breastfeeding", None),
            (|f| f.is_breastfeeding = true, "", "breastfeeding", None),
        ];
        for (index, (change, syringe, code, expected)) in table.into_iter().enumerate() {
            let mut patient = facts();
            change(&mut patient);
            assert_eq!(
                raised(&patient, syringe, code),
                expected,
                "row {index} {code}"
            );
        }
    }

    #[test]
    fn a_woman_of_childbearing_age_is_asked() {
        for (sex, age, pregnancy, expected) in [
            (Sex::Female, 12, Pregnancy::Unknown, Some(Warn)),
            (Sex::Female, 55, Pregnancy::Unknown, Some(Warn)),
            (Sex::Female, 11, Pregnancy::Unknown, None),
            (Sex::Female, 56, Pregnancy::Unknown, None),
            (Sex::Female, 30, Pregnancy::NotPregnant, None),
            (Sex::Male, 30, Pregnancy::Unknown, None),
        ] {
            let patient = PatientFacts {
                sex,
                age_years: age,
                pregnancy,
                ..facts()
            };
            assert_eq!(
                raised(&patient, "", "pregnancy_unknown"),
                expected,
                "{sex} {age}"
            );
        }
    }

    #[test]
    fn findings_at_a_site_name_the_site() {
        for (finding, region, code, expected) in [
            ("infection_local", "neck", "infection_local", Some(Block)),
            (
                "acute_trauma",
                "neck",
                "acute_trauma_at_muscle",
                Some(Block),
            ),
            (
                "implant_or_shunt",
                "neck",
                "implant_or_shunt_under_site",
                Some(Block),
            ),
            ("unsafe_site", "neck", "unsafe_site", Some(Block)),
            ("skull_defect", "head", "skull_defect_at_site", Some(Block)),
            ("skull_defect", "neck", "skull_defect_at_site", None),
            ("freckle", "neck", "infection_local", None),
        ] {
            let mut clear = site("masseter right", "0", None);
            clear.region = "head".to_owned();
            let mut seen = site("temporalis left", "0", None);
            seen.region = region.to_owned();
            seen.site_findings.insert(finding.to_owned());
            let assessment = judge(&facts(), &dry(vec![clear, seen]));
            assert_eq!(status(&assessment, code), expected, "{finding} {region}");
            if let Some(check) = found(&assessment, code) {
                assert!(
                    check.explanation.contains("temporalis"),
                    "{}",
                    check.explanation
                );
                assert!(
                    !check.explanation.contains("masseter"),
                    "{}",
                    check.explanation
                );
            }
        }
    }

    #[test]
    fn who_cannot_spare_a_lung_is_never_needled_over_both() {
        let left = || flagged("rhomboid_major left", "PTX");
        let right = || flagged("trapezius right", "PTX(low)");
        let head = || flagged("temporalis left", "VASC(superficial temporal a.)");
        for (reason, sites, expected) in [
            ("J44.9", vec![left()], Some(Warn)),
            ("J44.9", vec![left(), right()], Some(Block)),
            ("Z90.2", vec![left(), right()], Some(Block)),
            ("J93.9", vec![right(), right()], Some(Warn)),
            ("J44.9", vec![head()], None),
            ("R51.9", vec![left(), right()], None),
        ] {
            let mut patient = facts();
            patient.conditions.push(reason.to_owned());
            let assessment = judge(&patient, &dry(sites));
            assert_eq!(
                status(&assessment, "contralateral_ptx_or_single_lung"),
                expected,
                "{reason}"
            );
        }
    }

    #[test]
    fn a_thin_patient_is_told_only_over_the_lung() {
        for (weight, flags, expected) in [
            ("73.999999", "PTX", Some(Warn)),
            ("74", "PTX", None),
            ("60", "DURA", None),
        ] {
            let mut patient = facts();
            patient.weight_kg = Some(measured(weight, NOW));
            patient.height_cm = Some(decimal("200"));
            let assessment = judge(&patient, &dry(vec![flagged("trapezius left", flags)]));
            assert_eq!(
                status(&assessment, "thin_habitus_ptx"),
                expected,
                "{weight} {flags}"
            );
        }
    }

    #[test]
    fn every_sentence_says_check_and_none_says_safe() {
        for row in rules().contraindications {
            let sentence = row.message.to_lowercase();
            assert!(sentence.contains("check"), "{}", row.code);
            assert!(!sentence.contains("safe"), "{}", row.code);
        }
        assert_eq!(facts().assessed_at, at(NOW));
        assert_eq!(Side::ALL.len(), 3);
    }

    #[test]
    fn words_match_in_a_row_and_from_their_beginning() {
        for (text, phrase, expected) in [
            ("Benzyl-alcohol", "benzyl alcohol", true),
            ("alcohol, benzyl", "benzyl alcohol", false),
            ("parabens", "paraben", true),
            ("novocaine", "caine", false),
            ("", "latex", false),
            ("latex", "", false),
        ] {
            assert_eq!(mentions(text, phrase), expected, "{text} / {phrase}");
        }
    }
}
