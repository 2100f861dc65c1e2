//! Epinephrine, whatever product brought it: the sum of what is planned and what was given in the window.
//!
//! The maximum of an anaesthetic says nothing about the epinephrine beside it. It strains the heart, so
//! who has a disease of the heart or the thyroid has a maximum of their own.

use super::facts::{PatientFacts, PlannedProcedure};
use super::given::hours_before;
use super::rules::{EpinephrineRules, RuleSet};
use super::verdict::{Check, CheckStatus};
use crate::dose::{DoseRefused, Mass};
use crate::exact::{Exact, NotExact};
use crate::formulary::DrugClass;

const DOSE: &str = "epinephrine_dose";

/// Checks the epinephrine of the plan together with that of the window before it.
pub(super) fn check(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Option<Check> {
    match judged(facts, planned, rules) {
        Ok(check) => check,
        Err(error) => {
            let explanation =
                format!("The epinephrine cannot be added up: {error}. Check before injecting.");
            Some(Check::indeterminate(rules, DOSE, explanation))
        }
    }
}

fn judged(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Result<Option<Check>, DoseRefused> {
    let limits = &rules.epinephrine;
    let own = planned_mass(planned)?;
    if own == Mass::ZERO {
        return Ok(None);
    }
    let total = own.checked_add(earlier_mass(facts, limits)?)?.micrograms();
    let at_risk: Vec<&String> = facts.conditions_among(&limits.at_risk_conditions).collect();
    let (block, warn) = bounds(limits, !at_risk.is_empty())?;
    let (status, advice) = if total > block {
        (
            CheckStatus::Block,
            "This is above the maximum; check the plan and use less.",
        )
    } else if total > warn {
        (CheckStatus::Warn, "This is much; check whether less does.")
    } else {
        (CheckStatus::Ok, "Check the pulse all the same.")
    };
    let shown = total.rounded(2).unwrap_or_default();
    let mut explanation = format!("The epinephrine makes {shown} mcg. {advice}");
    if !at_risk.is_empty() {
        let known: Vec<String> = at_risk
            .iter()
            .map(|code| facts.told(&format!("condition {code}")))
            .collect();
        explanation.push_str(" The maximum is lower because of ");
        explanation.push_str(&known.join("; "));
        explanation.push('.');
    }
    Ok(Some(
        Check::plain(rules, DOSE, status, explanation).with_figures(total, block, "mcg"),
    ))
}

/// The figure that blocks and the one that warns, which is never above it.
fn bounds(limits: &EpinephrineRules, is_at_risk: bool) -> Result<(Exact, Exact), NotExact> {
    let block = if is_at_risk {
        limits.at_risk_block_micrograms.exact()?
    } else {
        limits.block_micrograms.exact()?
    };
    Ok((block, limits.warn_micrograms.exact()?.min(block)))
}

fn planned_mass(planned: &PlannedProcedure) -> Result<Mass, DoseRefused> {
    let mut total = Mass::ZERO;
    for site in &planned.sites {
        let solution = site
            .solution_index
            .and_then(|index| planned.solutions.get(index));
        let Some(solution) = solution else { continue };
        let mut per_ml = Mass::ZERO;
        for component in solution.components() {
            per_ml = per_ml.max(solution.vasoconstrictor_per_ml(component)?);
        }
        let micrograms = per_ml.micrograms().checked_mul(site.volume.exact()?)?;
        total = total.checked_add(Mass::from_micrograms(micrograms))?;
    }
    Ok(total)
}

fn earlier_mass(facts: &PatientFacts, limits: &EpinephrineRules) -> Result<Mass, DoseRefused> {
    let starts_at = hours_before(facts.assessed_at, limits.window_hours.whole()?)?;
    let mut total = Mass::ZERO;
    for dose in &facts.previous_doses {
        if dose.given_at < starts_at {
            continue;
        }
        total = total.checked_add(dose.carried_vasoconstrictor)?;
        if dose.class == DrugClass::Vasoconstrictor {
            total = total.checked_add(dose.amount.mass()?)?;
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::super::facts::PreviousDose;
    use super::super::sample::{facts, found, judge, plan, previous, status};
    use super::super::verdict::CheckStatus::{self, Block, Ok, Warn};
    use super::*;
    use crate::sample::decimal;

    fn of(syringe: &str, condition: Option<&str>) -> Option<CheckStatus> {
        let mut patient = facts();
        patient.conditions.extend(condition.map(str::to_owned));
        status(&judge(&patient, &plan(&[syringe])), DOSE)
    }

    #[test]
    fn epinephrine_has_maxima_of_its_own() {
        for (syringe, condition, expected) in [
            ("lidocaine 1 percent 10", None, None),
            ("lidocaine_epinephrine 1 percent 20", None, Some(Ok)),
            (
                "lidocaine_epinephrine 1 percent 20.000001",
                None,
                Some(Warn),
            ),
            ("lidocaine_epinephrine 1 percent 50", None, Some(Warn)),
            (
                "lidocaine_epinephrine 1 percent 50.000001",
                None,
                Some(Block),
            ),
            (
                "lidocaine_epinephrine_200 1 percent 40.000001",
                None,
                Some(Warn),
            ),
            (
                "saline 0.9 percent 9.5 + epinephrine 1000 ratio 0.5",
                None,
                Some(Warn),
            ),
            (
                "saline 0.9 percent 9.4 + epinephrine 1000 ratio 0.6",
                None,
                Some(Block),
            ),
            (
                "lidocaine_epinephrine 1 percent 4",
                Some("I25.10"),
                Some(Ok),
            ),
            (
                "lidocaine_epinephrine 1 percent 4.000001",
                Some("I25.10"),
                Some(Block),
            ),
            (
                "lidocaine_epinephrine 1 percent 4.000001",
                Some("E05.90"),
                Some(Block),
            ),
            (
                "lidocaine_epinephrine 1 percent 4.000001",
                Some("E03.9"),
                Some(Ok),
            ),
        ] {
            assert_eq!(of(syringe, condition), expected, "{syringe} {condition:?}");
        }
    }

    #[test]
    fn what_was_given_before_counts_whatever_brought_it() {
        let micrograms =
            |text: &str| Mass::from_micrograms(Exact::from_decimal(decimal(text)).unwrap());
        for (class, given, carried, given_at, expected) in [
            (
                "vasoconstrictor",
                "epinephrine 0.1 mg",
                "0",
                "2026-11-21T12:00:00Z",
                Ok,
            ),
            (
                "vasoconstrictor",
                "epinephrine 0.100001 mg",
                "0",
                "2026-11-21T12:00:00Z",
                Warn,
            ),
            (
                "vasoconstrictor",
                "epinephrine 0.100001 mg",
                "0",
                "2026-11-21T11:59:59Z",
                Ok,
            ),
            (
                "local_anaesthetic",
                "lidocaine 10 mg",
                "100.000001",
                "2026-11-22T11:00:00Z",
                Warn,
            ),
        ] {
            let mut patient = facts();
            patient.previous_doses.push(PreviousDose {
                carried_vasoconstrictor: micrograms(carried),
                ..previous(DrugClass::parse(class).unwrap(), given, given_at)
            });
            let assessment = judge(&patient, &plan(&["lidocaine_epinephrine 1 percent 10"]));
            let check = found(&assessment, DOSE).unwrap();
            assert_eq!(check.status, expected, "{given} {given_at}");
        }
    }
}
