//! Earlier doses that the record does not tell: a drug the formulary no longer has, or a concentration
//! that cannot be read.
//!
//! Leaving them out of a window would make room for a dose that is not there. So the question stays open,
//! and stops, for as long as such a dose could count.

use super::facts::{PatientFacts, PlannedProcedure, UnreadableDose};
use super::given::{days_before, has_class};
use super::rules::RuleSet;
use super::verdict::Check;
use crate::exact::NotExact;
use crate::formulary::DrugClass;

/// The classes of which earlier doses count.
const COUNTED: [DrugClass; 5] = [
    DrugClass::LocalAnaesthetic,
    DrugClass::Corticosteroid,
    DrugClass::VitaminB12,
    DrugClass::BotulinumToxin,
    DrugClass::Vasoconstrictor,
];

/// Names earlier doses that may belong to a window of a planned drug.
pub(super) fn check(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Option<Check> {
    let counts = |dose: &UnreadableDose| match dose.class {
        Some(class) => COUNTED.contains(&class) && has_class(planned, class),
        None => COUNTED.into_iter().any(|class| has_class(planned, class)),
    };
    let since = longest_interval(rules).and_then(|days| days_before(facts.assessed_at, days));
    let doses: Vec<String> = facts
        .unreadable_doses
        .iter()
        .filter(|dose| since.is_err() || since.is_ok_and(|since| dose.given_at >= since))
        .filter(|dose| counts(dose))
        .map(|dose| format!("{} on {}", dose.drug_code, dose.given_at.date_naive()))
        .collect();
    (!doses.is_empty()).then(|| {
        let explanation = format!(
            "The record does not tell the dose of what was given before: {}. Check it by hand before \
             injecting.",
            doses.join(", ")
        );
        Check::indeterminate(rules, "earlier_dose_unreadable", explanation)
    })
}

/// The longer one of the intervals in which an earlier dose of any class counts.
fn longest_interval(rules: &RuleSet) -> Result<u32, NotExact> {
    let steroid = rules.corticosteroid.interval_days.whole()?;
    let toxin = rules.botulinum_toxin.interval_days.whole()?;
    Ok(steroid.max(toxin))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{at, dry, facts, judge, plan, site, status};
    use super::super::verdict::CheckStatus::Indeterminate;
    use super::*;

    #[test]
    fn what_cannot_be_read_stops_what_it_could_count_for() {
        for (class, given_at, syringe, expected) in [
            (None, "2026-11-22T11:00:00Z", "lidocaine 1 percent 1", true),
            (None, "2026-11-22T11:00:00Z", "saline 0.9 percent 1", false),
            (
                Some(DrugClass::LocalAnaesthetic),
                "2026-11-22T11:00:00Z",
                "lidocaine 1 percent 1",
                true,
            ),
            (
                Some(DrugClass::Corticosteroid),
                "2026-11-22T11:00:00Z",
                "lidocaine 1 percent 1",
                false,
            ),
            (
                Some(DrugClass::Saline),
                "2026-11-22T11:00:00Z",
                "saline 0.9 percent 1",
                false,
            ),
            (None, "2026-08-30T12:00:00Z", "lidocaine 1 percent 1", true),
            (None, "2026-08-30T11:59:59Z", "lidocaine 1 percent 1", false),
        ] {
            let mut patient = facts();
            patient.unreadable_doses.push(UnreadableDose {
                drug_code: "no_longer_listed".to_owned(),
                class,
                given_at: at(given_at),
            });
            let found = status(
                &judge(&patient, &plan(&[syringe])),
                "earlier_dose_unreadable",
            );
            assert_eq!(
                found,
                expected.then_some(Indeterminate),
                "{class:?} {given_at} {syringe}"
            );
            let dry = dry(vec![site("temporalis left", "0", None)]);
            assert_eq!(
                status(&judge(&patient, &dry), "earlier_dose_unreadable"),
                None
            );
        }
    }
}
