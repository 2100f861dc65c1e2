//! Medicines that set a row off: by class, by code, and for how long after the last intake.

use chrono::TimeDelta;

use super::super::facts::{Medication, PatientFacts};
use super::row::ContraindicationRow;

/// Whether this medicine counts for the row: taken now, or so lately that it still acts.
pub(super) fn is_taken(
    row: &ContraindicationRow,
    facts: &PatientFacts,
    medication: &Medication,
) -> bool {
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

#[cfg(test)]
#[expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one place"
)]
mod tests {
    use super::super::super::facts::MedicationClass;
    use super::super::super::sample::{facts, medication};
    use super::super::super::verdict::CheckStatus::Warn;
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
}
