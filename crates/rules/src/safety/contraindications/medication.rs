//! Medicines that set a row off: by class, by code or by name, and for as long as they act after the
//! last intake; those that were most likely misspelt; and those of which nothing is known.

use chrono::TimeDelta;

use super::super::facts::{Medication, MedicationClass, PatientFacts};
use super::super::rules::{MedicationGroup, RuleSet, Trigger};
use super::super::verdict::{Check, CheckStatus};
use super::near_miss::meant;
use super::words::mentions;

/// Whether this medicine counts for the trigger: taken now, or so lately that it still acts.
pub(super) fn is_taken(
    trigger: &Trigger,
    facts: &PatientFacts,
    medication: &Medication,
    rules: &RuleSet,
) -> bool {
    let is_of_class = trigger
        .medication_classes
        .iter()
        .any(|class| medication.class == Some(*class) || is_named(medication, *class, rules));
    if !is_of_class && !has_code(medication, &trigger.atc_prefixes) {
        return false;
    }
    let acts_for = rules
        .medication_groups
        .iter()
        .filter(|group| trigger.medication_classes.contains(&group.class))
        .filter_map(|group| wash_out_days(medication, group))
        .max();
    match (acts_for, medication.last_taken_at) {
        (Some(days), Some(last)) => {
            facts.assessed_at.signed_duration_since(last) <= TimeDelta::days(days.into())
        }
        _ => medication.is_active,
    }
}

/// For how many days a medicine of this group acts: its own figure, else that of the group.
fn wash_out_days(medication: &Medication, group: &MedicationGroup) -> Option<u16> {
    let own = group.wash_outs.iter().filter(|row| {
        has_code(medication, &row.atc_prefixes)
            || row
                .words
                .iter()
                .any(|word| mentions(&medication.name, word))
    });
    own.map(|row| row.days).max().or(group.wash_out_days)
}

/// Codes are compared without blanks and in capitals.
fn has_code(medication: &Medication, prefixes: &[String]) -> bool {
    let Some(code) = &medication.atc_code else {
        return false;
    };
    let plain: String = code.split_whitespace().collect();
    let plain = plain.to_ascii_uppercase();
    prefixes
        .iter()
        .any(|prefix| plain.starts_with(prefix.as_str()))
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

/// Active medicines that are neither classed nor coded: only their names tell what they are.
fn told_by_name(facts: &PatientFacts) -> impl Iterator<Item = &Medication> {
    facts
        .medications
        .iter()
        .filter(|medication| medication.is_active)
        .filter(|medication| medication.class.is_none() && medication.atc_code.is_none())
}

/// Whether the text has the name of a medicine that some list has.
fn is_known(text: &str, rules: &RuleSet) -> bool {
    let risky = rules
        .medication_groups
        .iter()
        .flat_map(|group| &group.words);
    risky
        .chain(&rules.known_medicines.words)
        .any(|word| mentions(text, word))
}

/// The name of a medicine some rule asks for that this one was most likely meant to be.
fn meant_by<'a>(medication: &Medication, rules: &'a RuleSet) -> Option<&'a str> {
    let risky = rules
        .medication_groups
        .iter()
        .flat_map(|group| &group.words);
    let is_right = |word: &str| is_known(word, rules);
    meant(&medication.name, is_right, risky.map(String::as_str))
}

/// Asks back about names that are nearly those of a medicine the rules ask for. Until somebody
/// corrects the name, or classes or codes the medicine, it is not known which one it is.
pub(super) fn misspelt_medicines(facts: &PatientFacts, rules: &RuleSet) -> Option<Check> {
    let questions: Vec<String> = told_by_name(facts)
        .filter_map(|medication| {
            let meant = meant_by(medication, rules)?;
            let name = facts.told(&format!("medicine {}", medication.name));
            Some(format!("{name}: did you mean {meant}?"))
        })
        .collect();
    (!questions.is_empty()).then(|| {
        let explanation = format!(
            "A name is nearly that of a medicine the rules ask for. {} Check it, and correct the name \
             or give the class or the code.",
            questions.join(" ")
        );
        Check::indeterminate(rules, "medication_misspelt", explanation)
    })
}

/// Tells which medicines that are taken no rule could look at.
pub(super) fn unrecognised_medicines(facts: &PatientFacts, rules: &RuleSet) -> Option<Check> {
    let taken = facts
        .medications
        .iter()
        .filter(|medication| medication.is_active)
        .count();
    let names: Vec<&str> = told_by_name(facts)
        .filter(|medication| !is_known(&medication.name, rules))
        .filter(|medication| meant_by(medication, rules).is_none())
        .map(|medication| medication.name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        let explanation = format!(
            "Medicines that were not recognised: {} of {taken} that are taken ({}). No rule looked at \
             them; check them against the plan.",
            names.len(),
            names.join(", ")
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
                Some("2026-11-15T12:00:00Z"),
                true,
                "",
                "antiplatelet",
                Some(Warn),
            ),
            (
                Antiplatelet,
                None,
                Some("2026-11-15T12:00:00Z"),
                false,
                "",
                "antiplatelet",
                Some(Warn),
            ),
            (
                Antiplatelet,
                None,
                Some("2026-11-15T11:59:59Z"),
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
                Some("2026-11-15T11:59:59Z"),
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
            ..named("Zorblaxin")
        };
        let classed = || medication(MedicationClass::Other, None);
        let coded = || Medication {
            atc_code: Some("N02CC01".to_owned()),
            ..named("Zorblaxin")
        };
        for (medications, expected) in [
            (vec![], None),
            (vec![named("Warfarin")], None),
            (vec![ended(), classed(), coded()], None),
            (
                vec![named("Zorblaxin")],
                Some(
                    "Medicines that were not recognised: 1 of 1 that are taken (Zorblaxin). No \
                     rule looked at them; check them against the plan.",
                ),
            ),
            (
                vec![
                    named("Zorblaxin"),
                    named("Warfarin"),
                    ended(),
                    named("Quibblium"),
                ],
                Some(
                    "Medicines that were not recognised: 2 of 3 that are taken (Zorblaxin, \
                     Quibblium). No rule looked at them; check them against the plan.",
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
