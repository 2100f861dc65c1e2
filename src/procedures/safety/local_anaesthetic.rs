//! Local anaesthetics: shares of the maximum are additive over all drugs of the window.
//!
//! The maximum of a drug is the lower of its figure per kilogram and its absolute figure, other
//! with a vasoconstrictor than without, and reduced for patients at risk. Toxicity adds up, so a
//! mixture within each single maximum can still be too much. Everything given in this clinic in
//! the window counts. Without a usable weight there is no answer, and no answer stops.

use std::collections::{BTreeMap, BTreeSet};

use super::contraindications::has_condition;
use super::facts::{PatientFacts, PlannedProcedure, Pregnancy};
use super::given::{GivenDose, has_class, hours_before};
use super::rules::{AnaestheticLimit, LocalAnaestheticRules, RuleSet};
use super::verdict::{Check, CheckStatus};
use super::weight::{DosingWeight, WeightUnknown, dosing_weight};
use crate::procedures::dose::{DoseRefused, Mass};
use crate::procedures::exact::{Exact, NotExact};
use crate::procedures::formulary::DrugClass;

const DOSE: &str = "local_anaesthetic_dose";

/// Why the dose cannot be told.
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
    /// The exact share of the maximum; none when it could not be told.
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
            let mut checks = vec![dose_check(rules, &shares, fraction, status)];
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

/// Adds up each drug, apart with and without a vasoconstrictor.
fn masses(
    facts: &PatientFacts,
    given: &[GivenDose<'_>],
    rules: &LocalAnaestheticRules,
) -> Result<BTreeMap<(String, bool), Mass>, DoseOpen> {
    let window_starts_at = hours_before(facts.assessed_at, rules.window_hours.whole()?)?;
    let planned = given
        .iter()
        .filter(|dose| dose.component.drug.class == DrugClass::LocalAnaesthetic)
        .map(|dose| {
            let has_vasoconstrictor = dose.solution.has_vasoconstrictor(dose.component);
            (
                (dose.component.drug.ingredient.clone(), has_vasoconstrictor),
                dose.amount,
            )
        });
    let earlier = facts
        .previous_doses
        .iter()
        .filter(|dose| dose.class == DrugClass::LocalAnaesthetic)
        .filter(|dose| dose.given_at >= window_starts_at)
        .map(|dose| {
            (
                (dose.ingredient.clone(), dose.has_vasoconstrictor),
                dose.amount,
            )
        });
    let mut masses = BTreeMap::new();
    for (key, amount) in planned.chain(earlier) {
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
    let is_ill = has_condition(facts, &reduction.condition_prefixes);
    if is_old || is_light || is_pregnant || is_ill {
        reduction.factor.exact()
    } else {
        Ok(Exact::ONE)
    }
}

fn dose_check(rules: &RuleSet, shares: &[Share], fraction: Exact, status: CheckStatus) -> Check {
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
    let explanation =
        format!("Local anaesthetics make {percent} of the maximum ({parts}). {advice}");
    let limit = rules
        .local_anaesthetic
        .block_fraction
        .exact()
        .unwrap_or(Exact::ONE);
    Check::plain(rules, DOSE, status, explanation).with_figures(fraction, limit, "share_of_maximum")
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


