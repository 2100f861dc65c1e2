//! What sets a row off: a condition, a medicine, an answer, a value or a measure, each with its date
//! and where it is kept.

use rust_decimal::Decimal;

use super::super::facts::{PatientFacts, Pregnancy};
use super::super::rules::{ContraindicationRow, RuleSet, Trigger};
use super::super::weight::body_mass_index;
use super::allergy::allergies_of;
use super::medication::is_taken;
use crate::exact::Exact;

/// The facts that set the row off, laboratory values apart; any one is enough.
pub(super) fn facts_behind(
    row: &ContraindicationRow,
    facts: &PatientFacts,
    rules: &RuleSet,
) -> Vec<String> {
    let trigger = &row.trigger;
    let conditions = facts
        .conditions_among(&trigger.conditions)
        .chain(facts.active_conditions_among(&trigger.active_conditions))
        .map(|code| facts.told(&format!("condition {code}")));
    let allergies = trigger
        .allergies
        .iter()
        .flat_map(|group| allergies_of(facts, group, rules));
    let medicines = facts
        .medications
        .iter()
        .filter(|medication| is_taken(trigger, facts, medication, rules))
        .map(|medication| {
            let name = facts.told(&format!("medicine {}", medication.name));
            medication.last_taken_at.map_or_else(
                || name.clone(),
                |at| format!("{name}, last taken on {}", at.date_naive()),
            )
        });
    let answers = trigger
        .answers
        .iter()
        .filter(|code| facts.answers.contains(*code))
        .map(|code| facts.told(&format!("answer {code}")));
    let mut found: Vec<String> = conditions
        .chain(allergies)
        .chain(medicines)
        .chain(answers)
        .collect();
    if trigger.pregnancy.contains(&facts.pregnancy) && facts.pregnancy != Pregnancy::Unknown {
        found.push(facts.told("pregnancy"));
    } else if trigger.pregnancy.contains(&facts.pregnancy) {
        found.push("no answer about a pregnancy".to_owned());
    }
    if trigger.is_breastfeeding && facts.is_breastfeeding {
        found.push(facts.told("breastfeeding"));
    }
    found.extend(measured(trigger, facts));
    let mut known = std::collections::BTreeSet::new();
    found.retain(|fact| known.insert(fact.clone()));
    found
}

/// Measures on the wrong side of a bound.
fn measured(trigger: &Trigger, facts: &PatientFacts) -> Vec<String> {
    let index = body_mass_index(facts);
    let index_against = |bound: Option<Decimal>, holds: fn(Exact, Exact) -> bool| {
        let bound = bound.and_then(|bound| Exact::from_decimal(bound).ok());
        index
            .zip(bound)
            .is_some_and(|(index, bound)| holds(index, bound))
    };
    let hot = trigger.temperature_at_least.zip(facts.temperature_celsius);
    let light = trigger.weight_kg_below.zip(facts.weight_kg);
    let age = facts.age_years;
    let mut found = Vec::new();
    if let Some((_, temperature)) = hot.filter(|(bound, temperature)| temperature >= bound) {
        found.push(format!("temperature {temperature} °C of the visit"));
    }
    if let Some((_, weight)) = light.filter(|(bound, weight)| weight.value < *bound) {
        found.push(weight.told());
    }
    if trigger.age_above.is_some_and(|bound| age > bound)
        || trigger.age_below.is_some_and(|bound| age < bound)
    {
        found.push(format!("age {age}, by the date of birth"));
    }
    let is_out = index_against(trigger.body_mass_index_at_least, |index, bound| {
        index >= bound
    }) || index_against(trigger.body_mass_index_below, |index, bound| index < bound);
    if is_out {
        let shown = index.and_then(|index| index.rounded(1)).unwrap_or_default();
        let weight = facts.weight_kg.map(|weight| weight.told());
        found.push(format!(
            "body mass index {shown}, by {}",
            weight.unwrap_or_default()
        ));
    }
    found
}

#[cfg(test)]
#[expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one place"
)]
mod tests {
    use super::super::super::facts::{Origin, Sex};
    use super::super::super::sample::{NOW, facts, found, judge, laboratory_value, measured, plan};
    use super::super::super::verdict::CheckStatus::{self, Block, Ok, Warn};
    use super::super::sample::{B12, EPINEPHRINE, LIDOCAINE, PROCAINE, STEROID, TOXIN, raised};
    use super::*;
    use crate::sample::decimal;

    #[test]
    fn a_coded_condition_raises_its_row() {
        for (condition, syringe, code, expected) in [
            ("Z88.4", LIDOCAINE, "allergy_la_amide", Some(Block)),
            ("Z88.4", PROCAINE, "allergy_la_ester", Some(Block)),
            ("Z91.040", "", "allergy_latex", Some(Warn)),
            ("Z91040", "", "allergy_latex", Some(Warn)),
            ("A41.9", "", "infection_systemic", Some(Block)),
            ("D66", "", "bleeding_disorder", Some(Block)),
            ("D69.6", "", "bleeding_disorder", Some(Block)),
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
            patient.active_conditions.push(condition.to_owned());
            assert_eq!(
                raised(&patient, syringe, code),
                expected,
                "{condition} {syringe} {code}"
            );
        }
    }

    #[test]
    fn what_is_over_counts_only_where_the_past_matters() {
        for (condition, syringe, code, expected) in [
            ("Z33.1", "", "pregnancy", None),
            ("Z33.1", STEROID, "pregnancy_steroid_toxin", None),
            ("Z33.1", TOXIN, "pregnancy_steroid_toxin", None),
            ("R50.9", "", "infection_systemic", None),
            ("A41.9", "", "infection_systemic", None),
            ("D66", "", "bleeding_disorder", Some(Block)),
            (
                "T88.3XXA",
                LIDOCAINE,
                "malignant_hyperthermia_history",
                Some(Ok),
            ),
            ("G70.00", TOXIN, "neuromuscular_disorder", Some(Block)),
        ] {
            let mut patient = facts();
            patient.conditions.push(condition.to_owned());
            let found = raised(&patient, syringe, code);
            assert_eq!(found, expected, "{condition} {code}");
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
            patient.laboratory.push(laboratory_value(laboratory, value));
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
    fn a_check_names_its_facts_with_their_dates_and_where_they_are_kept() {
        let mut patient = facts();
        patient.conditions.push("K70.30".to_owned());
        patient.age_years = 71;
        let origin = Origin {
            on: "2026-01-02".parse().ok(),
            kept_in: "list of conditions".to_owned(),
        };
        patient
            .origins
            .insert("condition K70.30".to_owned(), origin);
        let assessment = judge(&patient, &plan(&[LIDOCAINE]));
        let check = found(&assessment, "la_dose_risk").unwrap();
        let known = "Known from: condition K70.30 of 2026-01-02 (list of conditions); age 71, by the \
                     date of birth.";
        assert!(check.explanation.ends_with(known), "{}", check.explanation);
    }
}
