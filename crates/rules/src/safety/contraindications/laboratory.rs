//! Laboratory values: the last of each kind counts, and only for so long.
//!
//! A value that is too old tells nothing about today. Where it lies outside a bound, it is a reason to
//! ask again: the row is not answered, and an absolute one stops until it is.

use chrono::{Days, NaiveDate};

use super::super::facts::{LaboratoryValue, PatientFacts};
use super::super::rules::{LaboratoryTrigger, RuleSet, Trigger};

/// Values that set a row off.
#[derive(Default)]
pub(super) struct Values {
    pub(super) current: Vec<String>,
    pub(super) outdated: Vec<String>,
}

/// The last values that lie outside a bound of the trigger.
pub(super) fn values_behind(trigger: &Trigger, facts: &PatientFacts, rules: &RuleSet) -> Values {
    let mut found = Values::default();
    for bound in &trigger.laboratory {
        for value in last(facts, &bound.code) {
            if !is_out_of_bounds(bound, value) {
                continue;
            }
            let told = format!("{} {} of {}", value.code, value.value, value.taken_on);
            let told = facts.origins.get("laboratory").map_or_else(
                || told.clone(),
                |origin| format!("{told} ({})", origin.kept_in),
            );
            if is_current(value, facts.assessed_at.date_naive(), rules) {
                found.current.push(told);
            } else {
                found.outdated.push(told);
            }
        }
    }
    found
}

/// The values of the last day on which this was measured.
fn last<'a>(facts: &'a PatientFacts, code: &str) -> Vec<&'a LaboratoryValue> {
    let own = || facts.laboratory.iter().filter(|value| value.code == code);
    let day = own().map(|value| value.taken_on).max();
    own().filter(|value| Some(value.taken_on) == day).collect()
}

/// A value of a day to come was written down wrongly, and tells nothing either.
fn is_current(value: &LaboratoryValue, today: NaiveDate, rules: &RuleSet) -> bool {
    let age = rules
        .laboratory_ages
        .iter()
        .find(|row| row.code == value.code);
    let oldest = age.and_then(|row| today.checked_sub_days(Days::new(row.days.into())));
    oldest.is_none_or(|oldest| value.taken_on >= oldest) && value.taken_on <= today
}

fn is_out_of_bounds(bound: &LaboratoryTrigger, value: &LaboratoryValue) -> bool {
    bound.above.is_some_and(|limit| value.value > limit)
        || bound.at_least.is_some_and(|limit| value.value >= limit)
        || bound.below.is_some_and(|limit| value.value < limit)
}

#[cfg(test)]
mod tests {
    use super::super::super::facts::LaboratoryValue;
    use super::super::super::sample::{at, dry, facts, judge, laboratory_value, status};
    use super::super::super::verdict::CheckStatus::{self, Block, Indeterminate, Warn};

    fn of(code: &str, values: &[(&str, &str)], raised: &str) -> Option<CheckStatus> {
        let mut patient = facts();
        for (value, day) in values {
            patient.laboratory.push(LaboratoryValue {
                taken_on: at(&format!("{day}T00:00:00Z")).date_naive(),
                ..laboratory_value(code, value)
            });
        }
        status(&judge(&patient, &dry(Vec::new())), raised)
    }

    #[test]
    fn a_value_counts_until_it_is_too_old() {
        for (values, expected) in [
            (vec![("3.1", "2026-11-22")], Some(Warn)),
            (vec![("3.1", "2026-11-15")], Some(Warn)),
            (vec![("4.5", "2026-11-15")], Some(Warn)),
            (vec![("4.500001", "2026-11-15")], Some(Block)),
            (vec![("8", "2026-11-22")], Some(Block)),
            // Of the day before the window, and of a day to come.
            (vec![("3.1", "2026-11-14")], Some(Warn)),
            (vec![("8", "2026-11-14")], Some(Indeterminate)),
            (vec![("8", "2025-11-22")], Some(Indeterminate)),
            (vec![("8", "2026-11-23")], Some(Indeterminate)),
            // The last one counts, and the worse one of a day.
            (vec![("8", "2026-11-20"), ("2.5", "2026-11-22")], None),
            (
                vec![("2.5", "2026-11-20"), ("8", "2026-11-22")],
                Some(Block),
            ),
            (
                vec![("2.5", "2026-11-22"), ("8", "2026-11-22")],
                Some(Block),
            ),
            (vec![("2.5", "2025-11-22")], None),
        ] {
            assert_eq!(
                of("inr", &values, "anticoagulant_inr"),
                expected,
                "{values:?}"
            );
        }
        for (value, day, expected) in [
            ("49", "2026-08-24", Some(Block)),
            ("49", "2026-08-23", Some(Indeterminate)),
            ("99", "2026-08-23", Some(Warn)),
            ("100", "2025-08-23", None),
        ] {
            let found = of("platelets", &[(value, day)], "bleeding_disorder");
            assert_eq!(found, expected, "{value} {day}");
        }
    }
}
