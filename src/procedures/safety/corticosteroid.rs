//! Corticosteroids: dose in equivalents, intervals, and where they leave marks.
//!
//! Doses of different steroids are compared as the equivalent mass of one reference steroid. Every
//! injection in the clinic counts for the interval, because the body does not care which muscle
//! was treated; the yearly count is kept per place. Parabens make steroid crystals clump.

use std::collections::BTreeSet;

use super::facts::{PatientFacts, Place, PlannedProcedure, PreviousDose};
use super::given::{GivenDose, days_before, has_class, months_before};
use super::rules::{CorticosteroidRules, RuleSet};
use super::verdict::{Check, CheckStatus};
use crate::procedures::dose::{Amount, DoseRefused};
use crate::procedures::exact::{Exact, NotExact};
use crate::procedures::formulary::{DrugClass, Preservative};

/// Why an equivalent dose cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EquivalentUnknown {
    #[error("the rules have no equivalent for {0}")]
    NoRow(String),
    #[error("{0}")]
    Dose(#[from] DoseRefused),
    #[error("{0}")]
    NotExact(#[from] NotExact),
}

/// Milligrams of the reference steroid that act like this amount.
pub(crate) fn reference_equivalent(
    ingredient: &str,
    amount: Amount,
    rules: &CorticosteroidRules,
) -> Result<Exact, EquivalentUnknown> {
    let strength = |name: &str| {
        let row = rules.equivalents.iter().find(|row| row.ingredient == name);
        let row = row.ok_or_else(|| EquivalentUnknown::NoRow(name.to_owned()))?;
        Ok::<Exact, EquivalentUnknown>(Exact::from_decimal(row.equivalent_milligrams)?)
    };
    let reference = strength(&rules.reference_ingredient)?;
    let own = strength(ingredient)?;
    let milligrams = amount.mass()?.milligrams()?;
    Ok(milligrams.checked_mul(reference)?.checked_div(own)?)
}

/// Checks the corticosteroids of the plan.
pub(super) fn check(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    given: &[GivenDose<'_>],
    rules: &RuleSet,
) -> Vec<Check> {
    if !has_class(planned, DrugClass::Corticosteroid) {
        return Vec::new();
    }
    let doses: Vec<&GivenDose<'_>> = given
        .iter()
        .filter(|dose| dose.component.drug.class == DrugClass::Corticosteroid)
        .collect();
    let mut checks = vec![session_dose(&doses, rules)];
    checks.extend(history(facts, &doses, rules).unwrap_or_else(|error| {
        let explanation = format!("Earlier steroid injections cannot be checked: {error}.");
        vec![Check::indeterminate(
            rules,
            "steroid_limit_reached",
            explanation,
        )]
    }));
    checks.extend(visible_region(&doses, rules));
    checks.extend(paraben(planned, rules));
    checks
}

fn session_dose(doses: &[&GivenDose<'_>], rules: &RuleSet) -> Check {
    let code = "corticosteroid_dose";
    match session_status(doses, &rules.corticosteroid) {
        Ok((total, limit, status)) => {
            let advice = match status {
                CheckStatus::Block => "This is above the maximum; check the plan.",
                CheckStatus::Warn => "This is much for trigger points; check whether it is needed.",
                CheckStatus::Ok | CheckStatus::Indeterminate => "Check whether it is needed.",
            };
            let shown = total.rounded(2).unwrap_or_default();
            let reference = &rules.corticosteroid.reference_ingredient;
            let explanation = format!(
                "The corticosteroids of this session equal {shown} mg {reference}. {advice}"
            );
            Check::plain(rules, code, status, explanation).with_figures(total, limit, "mg")
        }
        Err(error) => {
            let explanation = format!("The corticosteroid dose cannot be checked: {error}.");
            Check::indeterminate(rules, code, explanation)
        }
    }
}

fn session_status(
    doses: &[&GivenDose<'_>],
    rules: &CorticosteroidRules,
) -> Result<(Exact, Exact, CheckStatus), EquivalentUnknown> {
    let parts: Vec<Exact> = doses
        .iter()
        .map(|dose| reference_equivalent(&dose.component.drug.ingredient, dose.amount, rules))
        .collect::<Result<_, _>>()?;
    let total = Exact::sum(parts)?;
    let block = rules.session_block_milligrams.exact()?;
    let warn = rules.session_warn_milligrams.exact()?;
    if total > block {
        Ok((total, block, CheckStatus::Block))
    } else if total > warn {
        Ok((total, block, CheckStatus::Warn))
    } else {
        Ok((total, block, CheckStatus::Ok))
    }
}

fn history(
    facts: &PatientFacts,
    doses: &[&GivenDose<'_>],
    rules: &RuleSet,
) -> Result<Vec<Check>, NotExact> {
    let limits = &rules.corticosteroid;
    let code = "steroid_limit_reached";
    let exposures: Vec<&PreviousDose> = facts
        .previous_doses
        .iter()
        .filter(|dose| dose.class == DrugClass::Corticosteroid)
        .collect();
    let mut checks = Vec::new();
    let interval = limits.interval_days.whole()?;
    let free_before = days_before(facts.assessed_at, interval)?;
    if let Some(last) = exposures.iter().map(|dose| dose.given_at).max()
        && last > free_before
    {
        let explanation = format!(
            "The last steroid injection was on {}, less than {interval} days ago. Check whether \
             this one can wait.",
            last.date_naive()
        );
        checks.push(Check::plain(rules, code, CheckStatus::Warn, explanation));
    }
    let year_starts = months_before(facts.assessed_at, limits.same_place_months.whole()?)?;
    let places: BTreeSet<&Place> = doses.iter().map(|dose| &dose.site.place).collect();
    let allowed = limits.same_place_sessions.exact()?;
    for place in places {
        let sessions: BTreeSet<_> = exposures
            .iter()
            .filter(|dose| dose.place.as_ref() == Some(place) && dose.given_at > year_starts)
            .map(|dose| dose.session_id)
            .collect();
        let count = u32::try_from(sessions.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        if Exact::whole(count) > allowed {
            let explanation = format!(
                "This would be steroid injection number {count} within {} months into {} ({}). \
                 Check whether to repeat it.",
                limits.same_place_months.value, place.muscle_code, place.side
            );
            checks.push(
                Check::plain(rules, "steroid_same_place", CheckStatus::Warn, explanation)
                    .with_figures(Exact::whole(count), allowed, "sessions"),
            );
        }
    }
    Ok(checks)
}

fn visible_region(doses: &[&GivenDose<'_>], rules: &RuleSet) -> Option<Check> {
    let limits = &rules.corticosteroid;
    let muscles: BTreeSet<&str> = doses
        .iter()
        .filter(|dose| limits.visible_regions.contains(&dose.site.region))
        .map(|dose| dose.site.place.muscle_code.as_str())
        .collect();
    let muscles: Vec<&str> = muscles.into_iter().collect();
    (!muscles.is_empty()).then(|| {
        let explanation = format!(
            "A steroid is planned where thinning of skin and fat would show ({}). Check whether \
             to leave it out.",
            muscles.join(", ")
        );
        let severity = limits.visible_region_severity;
        Check::of_severity(rules, "steroid_visible_region", severity, explanation)
    })
}

fn paraben(planned: &PlannedProcedure, rules: &RuleSet) -> Option<Check> {
    let is_paraben = |preservative| {
        matches!(
            preservative,
            Preservative::Methylparaben | Preservative::MethylparabenAndSulfite
        )
    };
    let clumps = planned.solutions.iter().any(|solution| {
        let components = solution.components();
        components
            .iter()
            .any(|part| part.drug.class == DrugClass::Corticosteroid)
            && components
                .iter()
                .any(|part| is_paraben(part.preservative()))
    });
    clumps.then(|| {
        Check::of_severity(
            rules,
            "paraben_with_steroid",
            rules.corticosteroid.paraben_severity,
            "A steroid is mixed with a drug that contains a paraben and may clump. Check the \
             syringe, or take a preservative-free drug."
                .to_owned(),
        )
    })
}


