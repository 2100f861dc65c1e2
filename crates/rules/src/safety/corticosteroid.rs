//! Corticosteroids: dose in equivalents, intervals, and where they leave marks.
//!
//! Doses of different steroids are compared as the equivalent mass of one reference steroid. Every
//! injection in the clinic counts for the interval, because the body does not care which muscle
//! was treated; the yearly count is kept per place. Parabens make steroid crystals clump.

use std::collections::BTreeSet;

use super::facts::{PatientFacts, Place, PlannedProcedure, PreviousDose};
use super::given::{GivenDose, days_before, has_class, hours_before, months_before};
use super::rules::{CorticosteroidRules, RuleSet};
use super::verdict::{Check, CheckStatus};
use crate::dose::{Amount, DoseRefused};
use crate::exact::{Exact, NotExact};
use crate::formulary::{DrugClass, Preservative};

/// Why an equivalent dose cannot be calculated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EquivalentUnknown {
    #[error("the rules have no equivalent for {0}")]
    NoRow(String),
    #[error("{0}")]
    Dose(#[from] DoseRefused),
    #[error("{0}")]
    NotExact(#[from] NotExact),
}

/// Milligrams of the reference steroid that act like this amount.
pub fn reference_equivalent(
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
    let mut checks = vec![session_dose(facts, &doses, rules)];
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

fn session_dose(facts: &PatientFacts, doses: &[&GivenDose<'_>], rules: &RuleSet) -> Check {
    let code = "corticosteroid_dose";
    match session_status(facts, doses, &rules.corticosteroid) {
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

/// What is planned and what another procedure gave within the session count together, so that two
/// procedures are no way around the maximum.
fn session_status(
    facts: &PatientFacts,
    doses: &[&GivenDose<'_>],
    rules: &CorticosteroidRules,
) -> Result<(Exact, Exact, CheckStatus), EquivalentUnknown> {
    let session_starts_at = hours_before(facts.assessed_at, rules.session_hours.whole()?)?;
    let planned = doses
        .iter()
        .map(|dose| reference_equivalent(&dose.component.drug.ingredient, dose.amount, rules));
    let earlier = facts
        .previous_doses
        .iter()
        .filter(|dose| dose.class == DrugClass::Corticosteroid)
        .filter(|dose| dose.given_at >= session_starts_at)
        .map(|dose| reference_equivalent(&dose.ingredient, dose.amount, rules));
    let parts: Vec<Exact> = planned.chain(earlier).collect::<Result<_, _>>()?;
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
            .filter(|dose| {
                dose.given_at > year_starts
                    && dose.place.as_ref().is_some_and(|one| one.is_same_as(place))
            })
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

#[cfg(test)]
mod tests {
    use super::super::sample::{facts, found, judge, plan, previous, rules, status};
    use super::super::verdict::CheckStatus::{Block, Indeterminate, Ok, Warn};
    use super::*;
    use crate::dose::AmountUnit;
    use crate::kind::Side;
    use crate::sample::decimal;

    #[test]
    fn equivalents_follow_from_the_potency() {
        for (ingredient, dose, equivalent) in [
            ("methylprednisolone", "40", "40"),
            ("dexamethasone", "6", "32"),
            ("betamethasone", "6", "32"),
            ("hydrocortisone", "100", "20"),
            ("triamcinolone", "40", "40"),
            ("prednisolone", "5", "4"),
            ("prednisone", "25", "20"),
            ("dexamethasone", "0.75", "4"),
            ("triamcinolone", "0", "0"),
        ] {
            let amount = Amount::new(decimal(dose), AmountUnit::Milligram).unwrap();
            let actual = reference_equivalent(ingredient, amount, &rules().corticosteroid).unwrap();
            assert_eq!(
                actual,
                Exact::from_decimal(decimal(equivalent)).unwrap(),
                "{ingredient}"
            );
        }
        let units = Amount::new(decimal("1"), AmountUnit::Unit).unwrap();
        assert!(reference_equivalent("triamcinolone", units, &rules().corticosteroid).is_err());
        let mass = Amount::new(decimal("1"), AmountUnit::Milligram).unwrap();
        assert!(reference_equivalent("cortivazol", mass, &rules().corticosteroid).is_err());
    }

    #[test]
    fn the_dose_of_a_session_has_a_warning_and_a_limit() {
        for (syringe, expected) in [
            ("triamcinolone_acetonide 40 mg_per_ml 1", Ok),
            ("triamcinolone_acetonide 40 mg_per_ml 1.000001", Warn),
            ("triamcinolone_acetonide 40 mg_per_ml 2", Warn),
            ("triamcinolone_acetonide 40 mg_per_ml 2.000001", Block),
            ("triamcinolone_acetonide 10 mg_per_ml 4", Ok),
            ("methylprednisolone_acetate 80 mg_per_ml 1", Warn),
            ("dexamethasone_phosphate 4 mg_per_ml 1.875", Ok),
            ("dexamethasone_phosphate 4 mg_per_ml 1.875001", Warn),
            ("dexamethasone_phosphate 10 mg_per_ml 1.5", Warn),
            ("dexamethasone_phosphate 10 mg_per_ml 1.500001", Block),
            ("betamethasone 6 mg_per_ml 1", Ok),
            ("betamethasone 6 mg_per_ml 2.6", Block),
            ("hydrocortisone 50 mg_per_ml 4", Ok),
            ("prednisolone 25 mg_per_ml 4.1", Block),
            (
                "triamcinolone_acetonide 40 mg_per_ml 1 + dexamethasone_phosphate 4 mg_per_ml 1",
                Warn,
            ),
            (
                "triamcinolone_acetonide 40 mg_per_ml 1 + betamethasone 6 mg_per_ml 1.3",
                Block,
            ),
        ] {
            let assessment = judge(&facts(), &plan(&[syringe]));
            assert_eq!(
                status(&assessment, "corticosteroid_dose"),
                Some(expected),
                "{syringe}"
            );
        }
        assert_eq!(
            status(
                &judge(&facts(), &plan(&["lidocaine 1 percent 1"])),
                "corticosteroid_dose"
            ),
            None
        );
    }

    #[test]
    fn two_procedures_of_one_day_are_one_session() {
        for (earlier, given_at, expected) in [
            ("triamcinolone 40 mg", "2026-11-22T11:00:00Z", Warn),
            ("triamcinolone 70 mg", "2026-11-22T11:00:00Z", Warn),
            ("triamcinolone 70.000001 mg", "2026-11-22T11:00:00Z", Block),
            ("dexamethasone 13.2 mg", "2026-11-22T11:00:00Z", Block),
            ("triamcinolone 80 mg", "2026-11-21T12:00:00Z", Block),
            ("triamcinolone 80 mg", "2026-11-21T11:59:59Z", Ok),
        ] {
            let mut patient = facts();
            let class = DrugClass::Corticosteroid;
            patient
                .previous_doses
                .push(previous(class, earlier, given_at));
            let assessment = judge(&patient, &plan(&["triamcinolone_acetonide 10 mg_per_ml 1"]));
            assert_eq!(
                status(&assessment, "corticosteroid_dose"),
                Some(expected),
                "{earlier} {given_at}"
            );
        }
    }

    #[test]
    fn a_steroid_without_an_equivalent_stays_open() {
        let mut own = rules();
        own.corticosteroid
            .equivalents
            .retain(|row| row.ingredient != "dexamethasone");
        let planned = plan(&["dexamethasone_phosphate 4 mg_per_ml 1"]);
        let assessment = super::super::assess(&facts(), &planned, &own);
        assert_eq!(
            status(&assessment, "corticosteroid_dose"),
            Some(Indeterminate)
        );
    }

    #[test]
    fn twelve_weeks_lie_between_steroid_injections() {
        for (class, given_at, expected) in [
            ("corticosteroid", "2026-08-30T12:00:00Z", None),
            ("corticosteroid", "2026-08-30T12:00:01Z", Some(Warn)),
            ("corticosteroid", "2026-11-21T12:00:00Z", Some(Warn)),
            ("corticosteroid", "2025-08-30T12:00:00Z", None),
            ("local_anaesthetic", "2026-11-21T12:00:00Z", None),
        ] {
            let mut patient = facts();
            let class = DrugClass::parse(class).unwrap();
            patient
                .previous_doses
                .push(previous(class, "triamcinolone 10 mg", given_at));
            let assessment = judge(&patient, &plan(&["triamcinolone_acetonide 10 mg_per_ml 1"]));
            assert_eq!(
                status(&assessment, "steroid_limit_reached"),
                expected,
                "{given_at}"
            );
        }
    }

    #[test]
    fn the_same_place_gets_three_steroid_sessions_a_year() {
        let dates = [
            "2025-11-22T12:00:01Z",
            "2026-03-01T12:00:00Z",
            "2026-06-01T12:00:00Z",
        ];
        for (dates, other_side, expected) in [
            (dates.to_vec(), false, Some(Warn)),
            (dates.to_vec(), true, None),
            (dates[..2].to_vec(), false, None),
            (
                vec!["2025-11-22T12:00:00Z", dates[1], dates[2]],
                false,
                None,
            ),
            (vec![dates[1], dates[1], dates[2]], false, None),
        ] {
            let mut patient = facts();
            for date in &dates {
                let mut dose = previous(DrugClass::Corticosteroid, "triamcinolone 10 mg", date);
                if let (true, Some(place)) = (other_side, dose.place.as_mut()) {
                    place.side = Side::Right;
                }
                patient.previous_doses.push(dose);
            }
            let assessment = judge(&patient, &plan(&["triamcinolone_acetonide 10 mg_per_ml 1"]));
            assert_eq!(
                status(&assessment, "steroid_same_place"),
                expected,
                "{dates:?}"
            );
        }
    }

    #[test]
    fn a_steroid_in_the_head_warns() {
        for (region, expected) in [("head", Some(Warn)), ("neck", None)] {
            let mut planned = plan(&["triamcinolone_acetonide 10 mg_per_ml 1"]);
            planned.sites[0].region = region.to_owned();
            let assessment = judge(&facts(), &planned);
            assert_eq!(
                status(&assessment, "steroid_visible_region"),
                expected,
                "{region}"
            );
        }
        let mut anaesthetic = plan(&["lidocaine 1 percent 1"]);
        anaesthetic.sites[0].region = "head".to_owned();
        assert_eq!(
            status(&judge(&facts(), &anaesthetic), "steroid_visible_region"),
            None
        );
    }

    #[test]
    fn a_paraben_in_the_same_syringe_is_told() {
        let steroid = "triamcinolone_acetonide 10 mg_per_ml 1";
        let paraben = "hydroxocobalamin 1000 mcg_per_ml 1";
        for (syringes, expected) in [
            (vec![format!("{steroid} + {paraben}")], Some(Warn)),
            (vec![steroid.to_owned(), paraben.to_owned()], None),
            (vec![format!("{steroid} + ropivacaine 0.2 percent 1")], None),
            (vec![paraben.to_owned()], None),
        ] {
            let syringes: Vec<&str> = syringes.iter().map(String::as_str).collect();
            let assessment = judge(&facts(), &plan(&syringes));
            assert_eq!(
                status(&assessment, "paraben_with_steroid"),
                expected,
                "{syringes:?}"
            );
        }
    }

    #[test]
    fn the_figures_are_shown_in_milligrams_of_the_reference() {
        let assessment = judge(
            &facts(),
            &plan(&["dexamethasone_phosphate 4 mg_per_ml 1.5"]),
        );
        let check = found(&assessment, "corticosteroid_dose").unwrap();
        assert_eq!(check.actual, Some(decimal("32")));
        assert_eq!(check.limit, Some(decimal("80")));
        assert_eq!(check.fraction, Some(decimal("0.4")));
    }
}
