//! Vitamin B12: micrograms, and the slip of a thousand when someone writes milligrams.

use super::facts::{PatientFacts, PlannedProcedure};
use super::given::{GivenDose, components, has_class, hours_before};
use super::rules::RuleSet;
use super::verdict::{Check, CheckStatus};
use crate::dose::{ConcentrationUnit, DoseRefused, Mass};
use crate::exact::{Exact, NotExact};
use crate::formulary::DrugClass;

const DOSE: &str = "vitamin_b12_dose";

/// Why the dose cannot be calculated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum DoseOpen {
    #[error("{0}")]
    Dose(#[from] DoseRefused),
    #[error("{0}")]
    NotExact(#[from] NotExact),
}

/// Checks vitamin B12 in the plan and over the day.
pub(super) fn check(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    given: &[GivenDose<'_>],
    rules: &RuleSet,
) -> Vec<Check> {
    if !has_class(planned, DrugClass::VitaminB12) {
        return Vec::new();
    }
    let mut checks = doses(facts, given, rules).unwrap_or_else(|error| {
        let explanation = format!("The vitamin B12 dose cannot be checked: {error}.");
        vec![Check::indeterminate(rules, DOSE, explanation)]
    });
    checks.extend(unit_slip(planned, rules));
    checks
}

fn doses(
    facts: &PatientFacts,
    given: &[GivenDose<'_>],
    rules: &RuleSet,
) -> Result<Vec<Check>, DoseOpen> {
    let limits = &rules.vitamin_b12;
    let session = given
        .iter()
        .filter(|dose| dose.component.drug.class == DrugClass::VitaminB12)
        .try_fold(Mass::ZERO, |sum, dose| sum.checked_add(dose.amount.mass()?))?;
    let day_starts_at = hours_before(facts.assessed_at, limits.day_hours.whole()?)?;
    let day = facts
        .previous_doses
        .iter()
        .filter(|dose| dose.class == DrugClass::VitaminB12 && dose.given_at >= day_starts_at)
        .try_fold(session, |sum, dose| sum.checked_add(dose.amount.mass()?))?;
    let session = session.micrograms();
    let mut checks = vec![against(
        rules,
        DOSE,
        session,
        limits.session_warn_micrograms.exact()?,
        "in this session",
    )];
    if day.micrograms() > session {
        let limit = limits.day_warn_micrograms.exact()?;
        let within = "within a day";
        checks.push(against(
            rules,
            "vitamin_b12_day",
            day.micrograms(),
            limit,
            within,
        ));
    }
    let usual = limits.usual_minimum_micrograms.exact()?;
    if session < usual && !session.is_zero() {
        let explanation = format!(
            "The vitamin B12 dose lies below the usual minimum of {} mcg. Check the \
             concentration.",
            limits.usual_minimum_micrograms.value
        );
        let code = "vitamin_b12_low";
        checks.push(
            Check::plain(rules, code, CheckStatus::Ok, explanation)
                .with_figures(session, usual, "mcg"),
        );
    }
    Ok(checks)
}

fn against(rules: &RuleSet, code: &str, actual: Exact, limit: Exact, when: &str) -> Check {
    let (status, advice) = if actual > limit {
        (
            CheckStatus::Warn,
            "Check the dose; it is above the usual maximum.",
        )
    } else {
        (CheckStatus::Ok, "Check the unit: micrograms.")
    };
    let shown = actual.rounded(2).unwrap_or_default();
    let explanation = format!("Vitamin B12 makes {shown} mcg {when}. {advice}");
    Check::plain(rules, code, status, explanation).with_figures(actual, limit, "mcg")
}

/// A high number written in milligrams was most likely meant in micrograms.
fn unit_slip(planned: &PlannedProcedure, rules: &RuleSet) -> Option<Check> {
    let suspicious = rules.vitamin_b12.suspicious_milligrams.value;
    components(planned)
        .filter(|component| component.drug.class == DrugClass::VitaminB12)
        .filter_map(|component| component.concentration)
        .find(|written| {
            written.unit() == ConcentrationUnit::MilligramsPerMl && written.value() >= suspicious
        })
        .map(|written| {
            let explanation = format!(
                "Vitamin B12 is written as {written}. Check the unit: the vial is labelled in \
                 micrograms."
            );
            Check::plain(rules, "vitamin_b12_unit", CheckStatus::Warn, explanation)
        })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{facts, judge, plan, previous, status};
    use super::super::verdict::CheckStatus::{Ok, Warn};
    use super::*;

    #[test]
    fn more_than_a_thousand_micrograms_in_a_session_warn() {
        for (syringe, expected) in [
            ("cyanocobalamin 1000 mcg_per_ml 1", Some(Ok)),
            ("cyanocobalamin 1000 mcg_per_ml 1.000001", Some(Warn)),
            ("cyanocobalamin 1 mg_per_ml 1", Some(Ok)),
            ("cyanocobalamin 2 mg_per_ml 1", Some(Warn)),
            ("hydroxocobalamin 1000 mcg_per_ml 2", Some(Warn)),
            ("methylcobalamin 500 mcg_per_ml 2", Some(Ok)),
            (
                "cyanocobalamin 500 mcg_per_ml 1 + methylcobalamin 501 mcg_per_ml 1",
                Some(Warn),
            ),
            ("lidocaine 1 percent 1", None),
        ] {
            let assessment = judge(&facts(), &plan(&[syringe]));
            assert_eq!(status(&assessment, DOSE), expected, "{syringe}");
        }
    }

    #[test]
    fn the_day_counts_as_a_whole() {
        for (dose, given_at, expected) in [
            ("cyanocobalamin 500 mcg", "2026-11-22T08:00:00Z", Some(Ok)),
            ("cyanocobalamin 501 mcg", "2026-11-22T08:00:00Z", Some(Warn)),
            ("cyanocobalamin 501 mcg", "2026-11-21T12:00:00Z", Some(Warn)),
            ("cyanocobalamin 501 mcg", "2026-11-21T11:59:59Z", None),
            ("cyanocobalamin 1 mg", "2026-11-22T08:00:00Z", Some(Warn)),
        ] {
            let mut patient = facts();
            patient
                .previous_doses
                .push(previous(DrugClass::VitaminB12, dose, given_at));
            let assessment = judge(&patient, &plan(&["cyanocobalamin 1000 mcg_per_ml 0.5"]));
            assert_eq!(
                status(&assessment, "vitamin_b12_day"),
                expected,
                "{dose} {given_at}"
            );
        }
    }

    #[test]
    fn a_high_number_of_milligrams_is_taken_for_a_slip() {
        for (syringe, expected) in [
            ("cyanocobalamin 100 mg_per_ml 0.01", Some(Warn)),
            ("cyanocobalamin 1000 mg_per_ml 1", Some(Warn)),
            ("cyanocobalamin 99.999999 mg_per_ml 0.01", None),
            ("cyanocobalamin 1000 mcg_per_ml 1", None),
            ("triamcinolone_acetonide 100 mg_per_ml 0.1", None),
        ] {
            let assessment = judge(&facts(), &plan(&[syringe]));
            assert_eq!(
                status(&assessment, "vitamin_b12_unit"),
                expected,
                "{syringe}"
            );
        }
    }

    #[test]
    fn less_than_usual_is_told() {
        for (volume, expected) in [("0.1", None), ("0.099999", Some(Ok))] {
            let syringe = format!("cyanocobalamin 1000 mcg_per_ml {volume}");
            let assessment = judge(&facts(), &plan(&[&syringe]));
            assert_eq!(status(&assessment, "vitamin_b12_low"), expected, "{volume}");
        }
    }
}
