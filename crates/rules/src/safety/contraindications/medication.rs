//! Medicines that set a row off: by class, by code or by name, and for how long after the last
//! intake; and those of which nothing is known.

use chrono::TimeDelta;

use super::super::facts::{Medication, MedicationClass, PatientFacts};
use super::super::rules::{ContraindicationRow, MedicationGroup, RuleSet};
use super::super::verdict::{Check, CheckStatus};
use super::words::mentions;

/// Whether this medicine counts for the row: taken now, or so lately that it still acts.
pub(super) fn is_taken(
    row: &ContraindicationRow,
    facts: &PatientFacts,
    medication: &Medication,
    rules: &RuleSet,
) -> bool {
    let trigger = &row.trigger;
    let is_of_class = trigger
        .medication_classes
        .iter()
        .any(|class| medication.class == Some(*class) || is_named(medication, *class, rules));
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

/// Whether the name has a word of this class, whatever else was said of the medicine.
fn is_named(medication: &Medication, class: MedicationClass, rules: &RuleSet) -> bool {
    rules
        .medication_groups
        .iter()
        .filter(|group| group.class == class)
        .any(|group| is_in_group(medication, group))
}

fn is_in_group(medication: &Medication, group: &MedicationGroup) -> bool {
    group
        .words
        .iter()
        .any(|phrase| mentions(&medication.name, phrase))
}

/// Tells which medicines that are taken no rule could look at: neither classed nor coded, and of a
/// name no group has.
pub(super) fn unrecognised_medicines(facts: &PatientFacts, rules: &RuleSet) -> Option<Check> {
    let active: Vec<&Medication> = facts
        .medications
        .iter()
        .filter(|medication| medication.is_active)
        .collect();
    let unknown: Vec<&str> = active
        .iter()
        .filter(|medication| medication.class.is_none() && medication.atc_code.is_none())
        .filter(|medication| {
            !rules
                .medication_groups
                .iter()
                .any(|group| is_in_group(medication, group))
        })
        .map(|medication| medication.name.as_str())
        .collect();
    (!unknown.is_empty()).then(|| {
        let explanation = format!(
            "Medicines that were not recognised: {} of {} that are taken ({}). No rule looked at \
             them; check them against the plan.",
            unknown.len(),
            active.len(),
            unknown.join(", ")
        );
        Check::plain(
            rules,
            "medication_unrecognised",
            CheckStatus::Ok,
            explanation,
        )
    })
}

#[cfg(test)]
#[expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one place"
)]
mod tests {
    use super::super::super::sample::{at, dry, facts, found, judge, medication, named, rules};
    use super::super::super::verdict::CheckStatus::{Ok, Warn};
    use super::super::sample::{EPINEPHRINE, LIDOCAINE, STEROID, raised};
    use super::*;

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
    fn a_medicine_nobody_classed_is_told_by_its_name() {
        for (name, last, syringe, code, expected) in [
            ("Warfarin", None, "", "anticoagulant", Some(Warn)),
            ("Apixaban", None, "", "anticoagulant", Some(Warn)),
            ("Eliquis 5 mg", None, "", "anticoagulant", Some(Warn)),
            ("ELIQUIS (apixaban)", None, "", "anticoagulant", Some(Warn)),
            ("Warfarin", None, "", "antiplatelet", None),
            (
                "Aspirin",
                Some("2026-11-21T12:00:00Z"),
                "",
                "antiplatelet",
                Some(Warn),
            ),
            (
                "Aspirin",
                Some("2026-11-19T11:59:59Z"),
                "",
                "antiplatelet",
                None,
            ),
            ("Aspirin", None, "", "anticoagulant", None),
            (
                "Amitriptyline 25 mg",
                None,
                EPINEPHRINE,
                "epinephrine_risk",
                Some(Warn),
            ),
            ("Amitriptyline", None, LIDOCAINE, "epinephrine_risk", None),
            (
                "phenelzine",
                None,
                EPINEPHRINE,
                "epinephrine_risk",
                Some(Warn),
            ),
            (
                "prednisone",
                None,
                STEROID,
                "systemic_steroid_use",
                Some(Warn),
            ),
            ("methotrexate", None, "", "immunosuppressed", Some(Warn)),
            (
                "Dapsone",
                None,
                LIDOCAINE,
                "methaemoglobinaemia_risk",
                Some(Warn),
            ),
            ("Ibuprofen", None, "", "antiplatelet", None),
        ] {
            let mut patient = facts();
            patient.medications.push(Medication {
                last_taken_at: last.map(at),
                ..named(name)
            });
            let found = raised(&patient, syringe, code);
            assert_eq!(found, expected, "{name} {last:?} {code}");
            // Ended, and long ago.
            patient.medications = vec![Medication {
                is_active: false,
                last_taken_at: Some(at("2026-01-01T00:00:00Z")),
                ..named(name)
            }];
            assert_eq!(raised(&patient, syringe, code), None, "{name} ended");
            // A class that somebody chose does not hide the name.
            patient.medications = vec![Medication {
                class: Some(MedicationClass::Other),
                last_taken_at: last.map(at),
                ..named(name)
            }];
            let found = raised(&patient, syringe, code);
            assert_eq!(found, expected, "{name} classed as another");
        }
    }

    #[test]
    fn medicines_of_which_nothing_is_known_are_counted() {
        let ended = || Medication {
            is_active: false,
            ..named("Sumatriptan")
        };
        let classed = || medication(MedicationClass::Other, None);
        let coded = || Medication {
            atc_code: Some("N02CC01".to_owned()),
            ..named("Sumatriptan")
        };
        for (medications, expected) in [
            (vec![], None),
            (vec![named("Warfarin")], None),
            (vec![ended(), classed(), coded()], None),
            (
                vec![named("Sumatriptan")],
                Some(
                    "Medicines that were not recognised: 1 of 1 that are taken (Sumatriptan). No \
                     rule looked at them; check them against the plan.",
                ),
            ),
            (
                vec![
                    named("Sumatriptan"),
                    named("Warfarin"),
                    ended(),
                    named("Magnesium"),
                ],
                Some(
                    "Medicines that were not recognised: 2 of 3 that are taken (Sumatriptan, \
                     Magnesium). No rule looked at them; check them against the plan.",
                ),
            ),
        ] {
            let patient = PatientFacts {
                medications,
                ..facts()
            };
            let assessment = judge(&patient, &dry(Vec::new()));
            let check = found(&assessment, "medication_unrecognised");
            assert_eq!(
                check.map(|check| check.explanation.as_str()),
                expected,
                "{:?}",
                patient.medications
            );
            if let Some(check) = check {
                assert_eq!(
                    (check.status, check.needs_acknowledgement),
                    (Ok, false),
                    "it informs"
                );
            }
        }
    }

    #[test]
    fn every_class_that_a_row_asks_for_has_names() {
        let rules = rules();
        for class in rules
            .contraindications
            .iter()
            .flat_map(|row| &row.trigger.medication_classes)
        {
            let group = rules
                .medication_groups
                .iter()
                .find(|group| group.class == *class)
                .unwrap_or_else(|| panic!("{class}"));
            assert!(group.words.len() > 10, "{class}");
        }
    }
}
