//! What no one may inject: expired, quarantined, recalled or empty lots, old and shared vials.
//!
//! These refusals cannot be overridden. A recall exists to keep a drug out of people, and a
//! single-dose vial that served another patient carries that patient's blood.

use std::collections::BTreeMap;

use super::facts::{PatientFacts, PlannedProcedure};
use super::given::days_before;
use super::rules::RuleSet;
use super::verdict::Check;
use crate::procedures::dose::VolumeMl;
use crate::procedures::formulary::DrugClass;
use crate::procedures::solution::{Component, DrawnLot, LotStanding, VialKind};

/// Checks the lots and the age of every planned solution.
pub(super) fn check(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Vec<Check> {
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (position, solution) in planned.solutions.iter().enumerate() {
        if solution.is_beyond_use(facts.assessed_at) {
            found
                .entry("solution_beyond_use")
                .or_default()
                .push(solution.label().to_owned());
        }
        for (index, component) in solution.components().iter().enumerate() {
            for code in component_faults(facts, component, rules) {
                let place = format!("solution {position} component {index}");
                let named = component
                    .lot
                    .as_ref()
                    .map_or(place, |lot| lot.number.clone());
                found
                    .entry(code)
                    .or_default()
                    .push(format!("{} {named}", component.drug.name));
            }
        }
    }
    for code in drawn_too_much(planned) {
        found.entry("lot_too_little").or_default().push(code);
    }
    found
        .into_iter()
        .map(|(code, named)| {
            let named = named.join(", ");
            let explanation = format!(
                "{} ({named}). Check the vial and take another.",
                fault(code)
            );
            Check::forbidden(rules, code, explanation)
        })
        .collect()
}

fn fault(code: &str) -> &'static str {
    match code {
        "solution_beyond_use" => "The mixed solution is past its beyond-use time",
        "lot_missing" => "No lot is recorded",
        "lot_expired" => "The lot has expired",
        "lot_quarantined" => "The lot is in quarantine",
        "lot_recalled" => "The lot has been recalled",
        "lot_empty" => "The lot is empty",
        "lot_too_little" => "The lot does not hold what is drawn",
        "vial_shared" => "A single-dose vial was used for another patient",
        _ => "The vial was opened too long ago, or at an unknown time",
    }
}

fn component_faults(
    facts: &PatientFacts,
    component: &Component,
    rules: &RuleSet,
) -> Vec<&'static str> {
    let is_own_blood = component.drug.class == DrugClass::Biologic;
    let Some(lot) = &component.lot else {
        return if is_own_blood {
            Vec::new()
        } else {
            vec!["lot_missing"]
        };
    };
    let mut faults = Vec::new();
    if lot.expiry.is_past_on(facts.assessed_at.date_naive()) {
        faults.push("lot_expired");
    }
    match lot.standing {
        LotStanding::Available => {}
        LotStanding::Quarantined => faults.push("lot_quarantined"),
        LotStanding::Recalled => faults.push("lot_recalled"),
    }
    if lot.remaining.is_zero() {
        faults.push("lot_empty");
    }
    if lot.vial == VialKind::Single && lot.was_used_for_another_patient {
        faults.push("vial_shared");
    }
    if is_opened_too_long(facts, lot, rules) {
        faults.push("vial_opened_too_long");
    }
    faults
}

fn is_opened_too_long(facts: &PatientFacts, lot: &DrawnLot, rules: &RuleSet) -> bool {
    let Some(opened_at) = lot.opened_at else {
        return lot.vial == VialKind::Multi && lot.was_used_for_another_patient;
    };
    let limit = rules.solution.opened_vial_days.whole();
    let earliest = limit.and_then(|days| days_before(facts.assessed_at, days));
    earliest.is_ok_and(|earliest| opened_at < earliest) || earliest.is_err()
}

/// Lots from which the plan draws more than they hold, over all solutions.
fn drawn_too_much(planned: &PlannedProcedure) -> Vec<String> {
    let mut drawn: BTreeMap<(&str, &str), (VolumeMl, VolumeMl)> = BTreeMap::new();
    for component in super::given::components(planned) {
        let Some(lot) = &component.lot else { continue };
        let key = (component.drug.code.as_str(), lot.number.as_str());
        let entry = drawn.entry(key).or_insert((VolumeMl::ZERO, lot.remaining));
        if let Ok(sum) = entry.0.checked_add(component.volume) {
            entry.0 = sum;
        }
    }
    drawn
        .into_iter()
        .filter(|(_, (needed, remaining))| needed > remaining && !remaining.is_zero())
        .map(|((drug, number), _)| format!("{drug} {number}"))
        .collect()
}


