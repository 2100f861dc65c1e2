//! Local anaesthetics: shares of the maximum are additive over all drugs of the window.
//!
//! The maximum of a drug is the lower of its figure per kilogram and its absolute figure, other
//! with a vasoconstrictor than without, and reduced for patients at risk. The higher maximum is that
//! of mixtures as they are sold: with less epinephrine in what is injected, the plain one counts.
//! Toxicity adds up, so a mixture within each single maximum can still be too much. Everything given
//! in this clinic in the window counts. Without a usable weight there is no answer, and no answer
//! stops.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Measured, PatientFacts, PlannedProcedure, Pregnancy};
use super::given::{GivenDose, has_class, hours_before};
use super::rules::{AnaestheticLimit, LocalAnaestheticRules, RuleSet};
use super::verdict::{Check, CheckStatus};
use super::weight::{DosingWeight, WeightUnknown, dosing_weight};
use crate::dose::{DoseRefused, Mass};
use crate::exact::{Exact, NotExact};
use crate::formulary::DrugClass;

const DOSE: &str = "local_anaesthetic_dose";

/// Why the dose cannot be calculated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum DoseOpen {
    #[error("{0}")]
    Weight(#[from] WeightUnknown),
    #[error("the rules have no maximum for {0}")]
    NoLimit(String),
    #[error("{0}")]
    Dose(#[from] DoseRefused),
    #[error("{0}")]
    NotExact(#[from] NotExact),
}

/// One drug's part of the total.
struct Share {
    ingredient: String,
    milligrams: Exact,
    maximum: Exact,
}

/// What the window adds up to.
pub(super) struct AnaestheticTotal {
    pub(super) checks: Vec<Check>,
    /// The exact share of the maximum; `None` when it cannot be calculated.
    pub(super) fraction: Option<Exact>,
}

/// Checks the local anaesthetics of the plan together with those of the window before it.
pub(super) fn check(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    given: &[GivenDose<'_>],
    rules: &RuleSet,
) -> AnaestheticTotal {
    if !has_class(planned, DrugClass::LocalAnaesthetic) {
        return AnaestheticTotal {
            checks: Vec::new(),
            fraction: Some(Exact::ZERO),
        };
    }
    match total(facts, given, rules) {
        Ok((shares, weight, fraction, status)) => {
            let mut checks = vec![dose_check(facts, rules, &shares, (fraction, status))];
            if weight.is_ideal {
                checks.push(Check::plain(
                    rules,
                    "ideal_body_weight",
                    CheckStatus::Ok,
                    "The body mass index is high: the dose was checked against the ideal weight."
                        .to_owned(),
                ));
            }
            checks.extend(mixture_notices(rules, &shares));
            AnaestheticTotal {
                checks,
                fraction: Some(fraction),
            }
        }
        Err(open) => {
            let explanation = format!(
                "The local anaesthetic dose cannot be checked: {open}. Check before injecting."
            );
            let checks = vec![Check::indeterminate(rules, DOSE, explanation)];
            AnaestheticTotal {
                checks,
                fraction: None,
            }
        }
    }
}

fn total(
    facts: &PatientFacts,
    given: &[GivenDose<'_>],
    rules: &RuleSet,
) -> Result<(Vec<Share>, DosingWeight, Exact, CheckStatus), DoseOpen> {
    let weight = dosing_weight(facts, &rules.weight)?;
    let anaesthetic = &rules.local_anaesthetic;
    let mut shares = Vec::new();
    for ((ingredient, has_vasoconstrictor), mass) in masses(facts, given, anaesthetic)? {
        let limit = anaesthetic
            .limits
            .iter()
            .find(|limit| limit.ingredient == ingredient)
            .ok_or_else(|| DoseOpen::NoLimit(ingredient.clone()))?;
        let plain = maximum(limit, has_vasoconstrictor, weight.kilograms)?;
        let maximum = plain.checked_mul(reduction(facts, anaesthetic)?)?;
        shares.push(Share {
            ingredient,
            milligrams: mass.milligrams()?,
            maximum,
        });
    }
    let parts: Vec<Exact> = shares
        .iter()
        .map(|share| share.milligrams.checked_div(share.maximum))
        .collect::<Result<_, _>>()?;
    let fraction = Exact::sum(parts)?;
    let status = if fraction > anaesthetic.block_fraction.exact()? {
        CheckStatus::Block
    } else if fraction >= anaesthetic.warn_fraction.exact()? {
        CheckStatus::Warn
    } else {
        CheckStatus::Ok
    };
    Ok((shares, weight, fraction, status))
}

/// Adds up each drug, apart with and without enough of a vasoconstrictor.
fn masses(
    facts: &PatientFacts,
    given: &[GivenDose<'_>],
    rules: &LocalAnaestheticRules,
) -> Result<BTreeMap<(String, bool), Mass>, DoseOpen> {
    let window_starts_at = hours_before(facts.assessed_at, rules.window_hours.whole()?)?;
    let enough = rules.minimum_vasoconstrictor_mcg_per_ml.exact()?;
    let planned = given
        .iter()
        .filter(|dose| dose.component.drug.class == DrugClass::LocalAnaesthetic)
        .map(|dose| {
            let per_ml = dose.solution.vasoconstrictor_per_ml(dose.component);
            (&dose.component.drug.ingredient, per_ml, dose.amount)
        });
    let earlier = facts
        .previous_doses
        .iter()
        .filter(|dose| dose.class == DrugClass::LocalAnaesthetic)
        .filter(|dose| dose.given_at >= window_starts_at)
        .map(|dose| {
            (
                &dose.ingredient,
                Ok(dose.vasoconstrictor_per_ml),
                dose.amount,
            )
        });
    let mut masses = BTreeMap::new();
    for (ingredient, vasoconstrictor_per_ml, amount) in planned.chain(earlier) {
        let has_vasoconstrictor = vasoconstrictor_per_ml?.micrograms() >= enough;
        let key = (ingredient.clone(), has_vasoconstrictor);
        let mass: &mut Mass = masses.entry(key).or_insert(Mass::ZERO);
        *mass = mass.checked_add(amount.mass()?)?;
    }
    Ok(masses)
}

fn maximum(
    limit: &AnaestheticLimit,
    has_vasoconstrictor: bool,
    kilograms: Exact,
) -> Result<Exact, NotExact> {
    let ceiling = match &limit.with_vasoconstrictor {
        Some(with) if has_vasoconstrictor => with,
        _ => &limit.plain,
    };
    let by_weight = Exact::from_decimal(ceiling.milligrams_per_kg)?.checked_mul(kilograms)?;
    Ok(by_weight.min(Exact::from_decimal(ceiling.absolute_milligrams)?))
}

/// The factor for patients at risk; several risks do not multiply.
fn reduction(facts: &PatientFacts, rules: &LocalAnaestheticRules) -> Result<Exact, NotExact> {
    let reduction = &rules.reduction;
    let is_old = Exact::whole(facts.age_years.into()) > reduction.above_age_years.exact()?;
    let is_light = facts
        .weight_kg
        .is_some_and(|weight| weight.value < reduction.below_weight_kg.value);
    let is_pregnant = reduction.applies_in_pregnancy && facts.pregnancy == Pregnancy::Pregnant;
    let is_ill = facts.has_condition(&reduction.conditions);
    if is_old || is_light || is_pregnant || is_ill {
        reduction.factor.exact()
    } else {
        Ok(Exact::ONE)
    }
}

fn dose_check(
    facts: &PatientFacts,
    rules: &RuleSet,
    shares: &[Share],
    (fraction, status): (Exact, CheckStatus),
) -> Check {
    let parts: Vec<String> = shares.iter().map(sentence).collect();
    let parts = parts.join(", ");
    let percent = fraction
        .checked_mul(Exact::whole(100))
        .ok()
        .and_then(|percent| percent.rounded(2))
        .map_or_else(
            || "an unknown share".to_owned(),
            |percent| format!("{percent} %"),
        );
    let advice = match status {
        CheckStatus::Block => "The maximum is exceeded; check the plan and reduce the dose.",
        CheckStatus::Warn => "The maximum is near; check the dose and the weight.",
        CheckStatus::Ok | CheckStatus::Indeterminate => "Check for signs of toxicity all the same.",
    };
    let known_from = known_from(facts, rules).join("; ");
    let explanation = format!(
        "Local anaesthetics make {percent} of the maximum ({parts}). {advice} Known from: {known_from}."
    );
    let limit = rules
        .local_anaesthetic
        .block_fraction
        .exact()
        .unwrap_or(Exact::ONE);
    Check::plain(rules, DOSE, status, explanation).with_figures(fraction, limit, "share_of_maximum")
}

/// What the maximum and the sum rest on: the weight, what lowers the maximum, and earlier doses.
fn known_from(facts: &PatientFacts, rules: &RuleSet) -> Vec<String> {
    let mut known: Vec<String> = facts.weight_kg.iter().map(Measured::told).collect();
    let reduction = &rules.local_anaesthetic.reduction;
    known.extend(
        facts
            .conditions_among(&reduction.conditions)
            .map(|code| facts.told(&format!("condition {code}"))),
    );
    let window = rules.local_anaesthetic.window_hours.whole();
    let starts_at = window.and_then(|hours| hours_before(facts.assessed_at, hours));
    known.extend(
        facts
            .previous_doses
            .iter()
            .filter(|dose| dose.class == DrugClass::LocalAnaesthetic)
            .filter(|dose| starts_at.is_ok_and(|starts_at| dose.given_at >= starts_at))
            .map(|dose| {
                format!(
                    "{} given on {}",
                    dose.ingredient,
                    dose.given_at.format("%F %H:%M UTC")
                )
            }),
    );
    known
}

fn sentence(share: &Share) -> String {
    let shown = |value: Exact| {
        value
            .rounded(2)
            .map_or_else(|| "?".to_owned(), |v| v.to_string())
    };
    format!(
        "{} {} mg of {} mg",
        share.ingredient,
        shown(share.milligrams),
        shown(share.maximum)
    )
}

/// What a label says against mixing with another anaesthetic.
fn mixture_notices(rules: &RuleSet, shares: &[Share]) -> Vec<Check> {
    let ingredients: BTreeSet<&str> = shares
        .iter()
        .map(|share| share.ingredient.as_str())
        .collect();
    if ingredients.len() < 2 {
        return Vec::new();
    }
    rules
        .local_anaesthetic
        .mixture_notice
        .iter()
        .filter(|row| ingredients.contains(row.ingredient.as_str()))
        .map(|row| {
            let code = format!("{}_mixture", row.ingredient);
            Check::of_severity(rules, &code, row.severity, row.message.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::super::facts::{PatientFacts, Pregnancy};
    use super::super::sample::{
        NOW, facts, facts_of, found, judge, measured, plan, previous, rules, status,
    };
    use super::super::verdict::CheckStatus::{self, Block, Indeterminate, Ok, Warn};
    use super::super::{assess, verdict::OverridePolicy};
    use super::*;
    use crate::sample::decimal;

    fn fraction_and_status(facts: &PatientFacts, syringes: &[&str]) -> (String, CheckStatus) {
        let assessment = judge(facts, &plan(syringes));
        let check = found(&assessment, DOSE).unwrap();
        (
            check
                .fraction
                .map_or_else(String::new, |share| share.to_string()),
            check.status,
        )
    }

    #[test]
    fn shares_of_the_maximum_add_up() {
        for (weight, syringe, fraction, status) in [
            ("70", "lidocaine 1 percent 10", "0.3333", Ok),
            (
                "70",
                "lidocaine 1 percent 10 + bupivacaine 0.25 percent 10",
                "0.5119",
                Ok,
            ),
            ("45", "lidocaine 2 percent 10", "0.9877", Warn),
            (
                "45",
                "lidocaine 2 percent 10 + bupivacaine 0.25 percent 1",
                "1.0154",
                Block,
            ),
            ("50", "bupivacaine 0.5 percent 20", "1", Warn),
            ("90", "bupivacaine 0.25 percent 5", "0.0714", Ok),
            ("100", "lidocaine_epinephrine 1 percent 30", "0.6", Ok),
            ("60", "ropivacaine 0.2 percent 20", "0.2222", Ok),
            ("80", "mepivacaine 1 percent 20", "0.5714", Ok),
            ("60", "procaine 1 percent 20", "0.3333", Ok),
            ("100", "lidocaine 1 percent 30", "1", Warn),
            ("100", "lidocaine 1 percent 30.000001", "1", Block),
            ("100", "lidocaine 1 percent 24", "0.8", Warn),
            ("100", "lidocaine 1 percent 23.999999", "0.8", Ok),
            ("100", "lidocaine_epinephrine 1 percent 50", "1", Warn),
            (
                "100",
                "lidocaine_epinephrine 1 percent 50.000001",
                "1",
                Block,
            ),
            ("50", "lidocaine_epinephrine 1 percent 35", "1", Warn),
            (
                "50",
                "lidocaine 1 percent 34.8 + epinephrine 1000 ratio 0.2",
                "0.9943",
                Warn,
            ),
            ("50", "lidocaine 1 percent 22.5", "1", Warn),
            ("50", "lidocaine 1 percent 22.500001", "1", Block),
            ("66.666667", "lidocaine 1 percent 30", "1", Warn),
            ("66.666666", "lidocaine 1 percent 30", "1", Block),
            ("50", "bupivacaine 0.5 percent 20.000001", "1", Block),
            ("100", "bupivacaine 0.5 percent 35", "1", Warn),
            ("50", "bupivacaine_epinephrine 0.5 percent 30", "1", Warn),
            ("100", "bupivacaine_epinephrine 0.5 percent 45", "1", Warn),
            ("50", "levobupivacaine 0.5 percent 20", "1", Warn),
            ("120", "levobupivacaine 0.5 percent 40", "1", Warn),
            ("50", "ropivacaine 0.5 percent 30", "1", Warn),
            ("100", "ropivacaine 0.5 percent 40.000001", "1", Block),
            ("50", "mepivacaine 1 percent 22.5", "1", Warn),
            ("100", "mepivacaine 1 percent 35", "1", Warn),
            ("50", "procaine 1 percent 50", "1", Warn),
            ("100", "procaine 1 percent 60.000001", "1", Block),
            ("50", "chloroprocaine 1 percent 50", "1", Warn),
            ("100", "chloroprocaine 2 percent 40", "1", Warn),
            (
                "50",
                "procaine 1 percent 49.9 + epinephrine 1000 ratio 0.1",
                "0.998",
                Warn,
            ),
            ("70", "lidocaine 10 mg_per_ml 10", "0.3333", Ok),
            ("70", "lidocaine 10000 mcg_per_ml 10", "0.3333", Ok),
        ] {
            assert_eq!(
                fraction_and_status(&facts_of(weight), &[syringe]),
                (fraction.to_owned(), status),
                "{weight} kg {syringe}"
            );
        }
    }

    #[test]
    fn a_trace_of_epinephrine_raises_no_maximum() {
        for (weight, syringe, fraction, status) in [
            // 19.9 mL with 0.1 mL of 1:1000 make 5 mcg/mL, as 1:200 000 does.
            (
                "100",
                "lidocaine 1 percent 19.9 + epinephrine 1000 ratio 0.1",
                "0.398",
                Ok,
            ),
            (
                "100",
                "lidocaine 1 percent 19.900001 + epinephrine 1000 ratio 0.1",
                "0.6633",
                Ok,
            ),
            (
                "70",
                "lidocaine 2 percent 20 + epinephrine 1000 ratio 0.01",
                "1.3333",
                Block,
            ),
            (
                "100",
                "lidocaine_epinephrine 1 percent 15 + saline 0.9 percent 15",
                "0.3",
                Ok,
            ),
            (
                "100",
                "lidocaine_epinephrine 1 percent 15 + saline 0.9 percent 15.000001",
                "0.5",
                Ok,
            ),
            ("100", "lidocaine_epinephrine_200 1 percent 30", "0.6", Ok),
        ] {
            assert_eq!(
                fraction_and_status(&facts_of(weight), &[syringe]),
                (fraction.to_owned(), status),
                "{weight} kg {syringe}"
            );
        }
        let mut own = rules();
        own.local_anaesthetic
            .minimum_vasoconstrictor_mcg_per_ml
            .value = decimal("0.5");
        let syringe = "lidocaine 2 percent 19.99 + epinephrine 1000 ratio 0.01";
        let assessment = assess(&facts(), &plan(&[syringe]), &own);
        let check = found(&assessment, DOSE).unwrap();
        assert_eq!(check.fraction, Some(decimal("0.8159")));
    }

    #[test]
    fn syringes_add_up_like_one() {
        let facts = facts_of("70");
        let two = fraction_and_status(
            &facts,
            &["lidocaine 1 percent 10", "bupivacaine 0.25 percent 10"],
        );
        assert_eq!(two.0, "0.5119");
        let plain_and_with = fraction_and_status(
            &facts,
            &[
                "lidocaine 1 percent 10",
                "lidocaine_epinephrine 1 percent 10",
            ],
        );
        assert_eq!(plain_and_with.0, "0.5374");
    }

    #[test]
    fn without_a_usable_weight_there_is_no_answer_and_no_answer_stops() {
        for (weight, measured_at, expected) in [
            (None, NOW, Indeterminate),
            (Some("70"), "2026-08-24T11:59:59Z", Indeterminate),
            (Some("70"), "2026-08-24T12:00:00Z", Ok),
            (Some("70"), "2026-11-22T12:00:01Z", Indeterminate),
            (Some("0"), NOW, Indeterminate),
        ] {
            let mut patient = facts();
            patient.weight_kg = weight.map(|weight| measured(weight, measured_at));
            let assessment = judge(&patient, &plan(&["lidocaine 1 percent 1"]));
            let check = found(&assessment, DOSE).unwrap();
            assert_eq!(check.status, expected, "{weight:?} {measured_at}");
            assert_eq!(
                assessment.status.stops(),
                expected.stops(),
                "{weight:?} {measured_at}"
            );
            assert_eq!(check.override_policy, OverridePolicy::ByProvider);
        }
    }

    #[test]
    fn an_anaesthetic_without_a_limit_stays_open() {
        let assessment = judge(&facts(), &plan(&["tetracaine 1 percent 1"]));
        assert_eq!(status(&assessment, DOSE), Some(Indeterminate));
        assert!(
            found(&assessment, DOSE)
                .unwrap()
                .explanation
                .contains("tetracaine")
        );
    }

    #[test]
    fn nothing_is_asked_when_no_anaesthetic_is_planned() {
        let mut patient = facts();
        patient.weight_kg = None;
        let earlier = previous(DrugClass::LocalAnaesthetic, "lidocaine 900 mg", NOW);
        patient.previous_doses.push(earlier);
        let assessment = judge(&patient, &plan(&["triamcinolone_acetonide 10 mg_per_ml 1"]));
        assert_eq!(status(&assessment, DOSE), None);
    }

    #[test]
    fn a_patient_at_risk_gets_a_lower_maximum_once() {
        type Change = fn(&mut PatientFacts);
        let table: [(Change, &str); 15] = [
            (|_| {}, "0.3333"),
            (|f| f.age_years = 70, "0.3333"),
            (|f| f.age_years = 71, "0.4762"),
            (|f| f.pregnancy = Pregnancy::Pregnant, "0.4762"),
            (|f| f.pregnancy = Pregnancy::Unknown, "0.3333"),
            (|f| f.conditions.push("I50.9".to_owned()), "0.4762"),
            (|f| f.conditions.push("I44.2".to_owned()), "0.4762"),
            (|f| f.conditions.push("K72.90".to_owned()), "0.4762"),
            (|f| f.conditions.push("k7460".to_owned()), "0.4762"),
            (|f| f.conditions.push("K80.20".to_owned()), "0.3333"),
            (|f| f.conditions.push("K70.30".to_owned()), "0.4762"),
            (|f| f.conditions.push("I42.0".to_owned()), "0.4762"),
            (
                |f| {
                    f.age_years = 90;
                    f.conditions.push("I50.9".to_owned());
                },
                "0.4762",
            ),
            (|f| f.weight_kg = Some(measured("40", NOW)), "0.5556"),
            (|f| f.weight_kg = Some(measured("39.999999", NOW)), "0.7937"),
        ];
        for (index, (change, fraction)) in table.into_iter().enumerate() {
            let mut patient = facts();
            change(&mut patient);
            let (actual, _) = fraction_and_status(&patient, &["lidocaine 1 percent 10"]);
            assert_eq!(actual, fraction, "row {index}");
        }
    }

    #[test]
    fn what_was_given_in_the_window_counts() {
        for (class, dose, given_at, fraction) in [
            (
                "local_anaesthetic",
                "lidocaine 100 mg",
                "2026-11-22T11:00:00Z",
                "0.6667",
            ),
            (
                "local_anaesthetic",
                "lidocaine 100 mg",
                "2026-11-21T12:00:00Z",
                "0.6667",
            ),
            (
                "local_anaesthetic",
                "lidocaine 100 mg",
                "2026-11-21T11:59:59Z",
                "0.3333",
            ),
            (
                "local_anaesthetic",
                "lidocaine 100000 mcg",
                "2026-11-22T11:00:00Z",
                "0.6667",
            ),
            (
                "local_anaesthetic",
                "bupivacaine 25 mg",
                "2026-11-22T11:00:00Z",
                "0.5119",
            ),
            (
                "local_anaesthetic",
                "lidocaine 49 mg 5",
                "2026-11-22T11:00:00Z",
                "0.4333",
            ),
            (
                "local_anaesthetic",
                "lidocaine 60 mg 4.999999",
                "2026-11-22T11:00:00Z",
                "0.5333",
            ),
            (
                "corticosteroid",
                "triamcinolone 40 mg",
                "2026-11-22T11:00:00Z",
                "0.3333",
            ),
        ] {
            let mut patient = facts();
            let class = DrugClass::parse(class).unwrap();
            patient.previous_doses.push(previous(class, dose, given_at));
            let (actual, _) = fraction_and_status(&patient, &["lidocaine 1 percent 10"]);
            assert_eq!(actual, fraction, "{dose} {given_at}");
        }
        let mut patient = facts();
        let units = previous(DrugClass::LocalAnaesthetic, "lidocaine 5 units", NOW);
        patient.previous_doses.push(units);
        assert_eq!(
            fraction_and_status(&patient, &["lidocaine 1 percent 10"]).1,
            Indeterminate
        );
    }

    #[test]
    fn obesity_is_dosed_by_the_ideal_weight() {
        let mut patient = facts_of("120");
        patient.height_cm = Some(decimal("152.4"));
        let assessment = judge(&patient, &plan(&["lidocaine 1 percent 22.5"]));
        assert_eq!(
            found(&assessment, DOSE).unwrap().fraction,
            Some(Decimal::ONE)
        );
        assert_eq!(status(&assessment, "ideal_body_weight"), Some(Ok));
        let assessment = judge(&facts_of("120"), &plan(&["lidocaine 1 percent 22.5"]));
        assert_eq!(
            found(&assessment, DOSE).unwrap().fraction,
            Some(decimal("0.75"))
        );
        assert_eq!(status(&assessment, "ideal_body_weight"), None);
    }

    #[test]
    fn a_mixture_with_bupivacaine_shows_what_its_label_says() {
        for (syringe, earlier, expected) in [
            (
                "lidocaine 1 percent 1 + bupivacaine 0.25 percent 1",
                None,
                Some(Warn),
            ),
            (
                "lidocaine 1 percent 1 + ropivacaine 0.2 percent 1",
                None,
                None,
            ),
            ("bupivacaine 0.25 percent 1", None, None),
            (
                "bupivacaine 0.25 percent 1 + bupivacaine_epinephrine 0.25 percent 1",
                None,
                None,
            ),
            (
                "bupivacaine 0.25 percent 1",
                Some("lidocaine 10 mg"),
                Some(Warn),
            ),
            (
                "lidocaine 1 percent 1",
                Some("bupivacaine 10 mg"),
                Some(Warn),
            ),
        ] {
            let mut patient = facts();
            patient
                .previous_doses
                .extend(earlier.map(|dose| previous(DrugClass::LocalAnaesthetic, dose, NOW)));
            let assessment = judge(&patient, &plan(&[syringe]));
            assert_eq!(
                status(&assessment, "bupivacaine_mixture"),
                expected,
                "{syringe}"
            );
        }
    }

    #[test]
    fn the_sentence_names_drugs_doses_and_what_to_check() {
        let assessment = judge(&facts_of("45"), &plan(&["lidocaine 2 percent 10"]));
        let check = found(&assessment, DOSE).unwrap();
        assert_eq!(
            check.explanation,
            "Local anaesthetics make 98.77 % of the maximum (lidocaine 200 mg of 202.5 mg). The \
             maximum is near; check the dose and the weight. Known from: weight 45 kg of 2026-11-22."
        );
        assert_eq!(check.unit.as_deref(), Some("share_of_maximum"));
        assert_eq!(check.limit, Some(Decimal::ONE));
        assert_eq!(check.rule_version, rules().version);
    }

    #[test]
    fn a_practice_decides_by_its_own_figures() {
        let mut own = rules();
        own.local_anaesthetic.limits[0].plain.milligrams_per_kg = decimal("3");
        own.version = "house-1".to_owned();
        let assessment = assess(&facts_of("50"), &plan(&["lidocaine 1 percent 15.1"]), &own);
        let check = found(&assessment, DOSE).unwrap();
        assert_eq!(
            (check.status, check.rule_version.as_str()),
            (Block, "house-1")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn one_step_above_the_maximum_is_never_let_through(
            grams in 40_000_i64..66_000, percent in 1_i64..40,
        ) {
            let weight = Decimal::new(grams, 3);
            let per_ml = Decimal::from(percent);
            let maximum = weight * decimal("4.5");
            let reached = (maximum / per_ml).round_dp_with_strategy(6, rust_decimal::RoundingStrategy::ToZero);
            let above = reached + Decimal::new(1, 6);
            let facts = facts_of(&weight.to_string());
            let judged = |volume: Decimal| {
                fraction_and_status(&facts, &[&format!("lidocaine {per_ml} mg_per_ml {volume}")]).1
            };
            prop_assert_eq!(judged(above), Block);
            prop_assert_eq!(judged(reached), Warn);
        }

        #[test]
        fn the_order_of_drugs_does_not_matter(a in 1_i64..9_000, b in 1_i64..9_000, c in 1_i64..9_000) {
            let ml = |value: i64| Decimal::new(value, 3);
            let parts = [
                format!("lidocaine 1 percent {}", ml(a)),
                format!("bupivacaine 0.25 percent {}", ml(b)),
                format!("ropivacaine 0.2 percent {}", ml(c)),
            ];
            let forwards = fraction_and_status(&facts(), &[&parts.join(" + ")]);
            let [first, second, third] = &parts;
            prop_assert_eq!(&forwards, &fraction_and_status(&facts(), &[third, first, second]));
            prop_assert_eq!(&forwards, &fraction_and_status(&facts(), &[second, third, first]));
        }
    }
}
