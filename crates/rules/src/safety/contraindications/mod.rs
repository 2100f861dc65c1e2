//! Reasons not to inject, or to think twice, as rows of data.
//!
//! A row says what it applies to (any needle, a class of drug, a kind of site) and what triggers
//! it: a coded condition, an allergy, a medicine, an answer, a laboratory value, a measure, a
//! finding at the site. Any one trigger is enough; filters such as an age range narrow the row.
//! Some conditions matter only while they last: a pregnancy of ten years ago is none.
//! When several rows of one code apply, the strictest speaks.
//!
//! An allergy or a medicine without a class is recognised by the words of the rule set. The result
//! names what no rule knows: an unknown allergy must be read before the procedure goes on, and
//! unknown medicines are counted, so that a reader knows they were not checked. A name that is nearly
//! one the rules ask for is asked back, and stops until it is answered. A check names the fact it rests
//! on, its date and where it is kept.

mod allergy;
mod laboratory;
mod medication;
mod near_miss;
#[cfg(test)]
mod sample;
mod trigger;
mod words;

use std::collections::BTreeMap;

use super::facts::{PatientFacts, PlannedProcedure, PlannedSite};
use super::given::{components, has_class};
use super::lungs::lung_sides;
use super::rules::{AppliesTo, ContraindicationRow, RuleSet, Severity};
use super::verdict::Check;
use crate::formulary::{AnaestheticGroup, DrugClass};
use crate::kind::SkinPreparation;

use allergy::{allergy_to_planned_drug, misspelt_allergies, unrecognised_allergies};
use laboratory::values_behind;
use medication::{misspelt_medicines, unrecognised_medicines};
use trigger::facts_behind;

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
    checks.extend(misspelt_allergies(facts, planned, rules));
    checks.extend(unrecognised_allergies(facts, planned, rules));
    checks.extend(misspelt_medicines(facts, rules));
    checks.extend(unrecognised_medicines(facts, rules));
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
    if !applies(row.applies_to, (facts, planned), &sites, rules) {
        return None;
    }
    let found_at = found_at(row, &sites);
    let values = values_behind(&row.trigger, facts, rules);
    let mut known_from = facts_behind(row, facts, rules);
    known_from.extend(values.current);
    let mut explanation = row.message.clone();
    if !found_at.is_empty() {
        explanation.push_str(" Site: ");
        explanation.push_str(&found_at.join(", "));
        explanation.push('.');
    }
    if !known_from.is_empty() {
        explanation.push_str(" Known from: ");
        explanation.push_str(&known_from.join("; "));
        explanation.push('.');
    }
    if !found_at.is_empty() || !known_from.is_empty() {
        return Some(Check::of_severity(
            rules,
            &row.code,
            row.severity,
            explanation,
        ));
    }
    (!values.outdated.is_empty()).then(|| outdated(row, &values.outdated, rules))
}

/// The findings of the row at these sites.
fn found_at<'a>(row: &ContraindicationRow, sites: &[&'a PlannedSite]) -> Vec<&'a str> {
    let sought = &row.trigger.site_findings;
    sites
        .iter()
        .filter(|site| sought.iter().any(|code| site.site_findings.contains(code)))
        .map(|site| site.place.muscle_code.as_str())
        .collect()
}

/// A row that only an old value would set off is not answered.
fn outdated(row: &ContraindicationRow, values: &[String], rules: &RuleSet) -> Check {
    let explanation = format!(
        "The last value is too old, or of a day to come: {}. Check it again before the needle.",
        values.join("; ")
    );
    if row.severity == Severity::Absolute {
        Check::indeterminate(rules, &row.code, explanation)
    } else {
        Check::of_severity(rules, &row.code, row.severity, explanation)
    }
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
    (facts, planned): (&PatientFacts, &PlannedProcedure),
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
        AppliesTo::BothLungSides => lung_sides(facts, planned, rules).is_bilateral(),
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
        && !only_if
            .unless_answers
            .iter()
            .any(|code| facts.answers.contains(code))
        && (only_if.skin_preparations.is_empty()
            || only_if
                .skin_preparations
                .iter()
                .any(|code| code == skin_preparation(planned)))
        && (only_if.preservatives.is_empty()
            || components(planned)
                .any(|component| only_if.preservatives.contains(&component.preservative())))
}

/// What the skin was cleaned with; `unknown` until it is recorded.
fn skin_preparation(planned: &PlannedProcedure) -> &'static str {
    planned
        .skin_preparation
        .map_or("unknown", SkinPreparation::as_str)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{
        NOW, at, dry, facts, flagged, found, judge, laboratory_value, measured, rules, site, status,
    };
    use super::super::verdict::CheckStatus::{Block, Warn};
    use crate::kind::Side;
    use crate::sample::decimal;

    #[test]
    fn of_rows_as_strict_as_each_other_the_first_speaks() {
        let mut patient = facts();
        patient.conditions.push("D69.6".to_owned());
        patient
            .answers
            .insert("bleeding_cleared_by_specialist".to_owned());
        patient.laboratory.push(laboratory_value("platelets", "99"));
        let assessment = judge(&patient, &dry(Vec::new()));
        let check = found(&assessment, "bleeding_disorder").unwrap();
        assert_eq!(check.status, Warn);
        assert!(
            check.explanation.contains("specialist"),
            "{}",
            check.explanation
        );
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
}
