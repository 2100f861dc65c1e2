//! Whether something sets a row off: a condition, a medicine, an answer, a value or a measure.

use rust_decimal::Decimal;

use super::super::facts::PatientFacts;
use super::super::rules::{ContraindicationRow, LaboratoryTrigger, RuleSet, Trigger};
use super::super::weight::body_mass_index;
use super::allergy::has_allergy;
use super::medication::is_taken;
use crate::exact::Exact;

/// Any one trigger is enough.
pub(super) fn is_triggered(
    row: &ContraindicationRow,
    facts: &PatientFacts,
    rules: &RuleSet,
) -> bool {
    let trigger = &row.trigger;
    facts.has_condition(&trigger.conditions)
        || facts.has_active_condition(&trigger.active_conditions)
        || trigger
            .allergies
            .iter()
            .any(|code| has_allergy(facts, code, rules))
        || facts
            .medications
            .iter()
            .any(|medication| is_taken(row, facts, medication, rules))
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

#[cfg(test)]
#[expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one place"
)]
mod tests {
    use super::super::super::facts::{LaboratoryValue, Pregnancy, Sex};
    use super::super::super::sample::{NOW, facts, measured};
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
            ("D66", "", "bleeding_disorder", Some(Warn)),
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
            patient.laboratory.push(LaboratoryValue {
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
}
