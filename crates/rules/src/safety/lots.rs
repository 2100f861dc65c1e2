//! What no one may inject: expired, quarantined, recalled or empty lots, old and shared vials.
//!
//! These refusals cannot be overridden. A recall exists to keep a drug out of people, and a
//! single-dose vial that served another patient carries that patient's blood. A lot that is kept at
//! another location can be drawn all the same, vials travel; but it may be the wrong number.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{PatientFacts, PlannedProcedure};
use super::rules::{OpenedVial, RuleSet};
use super::verdict::{Check, CheckStatus};
use crate::dose::{Concentration, VolumeMl};
use crate::formulary::DrugClass;
use crate::solution::{Component, DrawnLot, LotStanding, VialKind};

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
    let forbidden = found.into_iter().map(|(code, named)| {
        let named = named.join(", ");
        let explanation = format!(
            "{} ({named}). Check the vial and take another.",
            fault(code)
        );
        Check::forbidden(rules, code, explanation)
    });
    forbidden
        .chain(elsewhere(planned, rules))
        .chain(other_strength(planned, rules))
        .collect()
}

/// Lots that are kept at another location than that of the visit.
fn elsewhere(planned: &PlannedProcedure, rules: &RuleSet) -> Option<Check> {
    let named: BTreeSet<String> = super::given::components(planned)
        .filter_map(|component| Some((component, component.lot.as_ref()?)))
        .filter(|(_, lot)| lot.is_elsewhere)
        .map(|(component, lot)| format!("{} {}", component.drug.name, lot.number))
        .collect();
    (!named.is_empty()).then(|| {
        let named: Vec<String> = named.into_iter().collect();
        let named = named.join(", ");
        let explanation = format!(
            "The lot is kept at another location than that of the visit ({named}). Check that it is \
             the vial at hand."
        );
        Check::plain(rules, "lot_elsewhere", CheckStatus::Warn, explanation)
    })
}

/// Lots whose strength nobody recorded, and that were drawn from with another concentration before.
fn other_strength(planned: &PlannedProcedure, rules: &RuleSet) -> Option<Check> {
    let named: BTreeSet<String> = super::given::components(planned)
        .filter_map(|component| Some((component, component.lot.as_ref()?)))
        .filter(|(_, lot)| lot.differs_from_last_draw)
        .map(|(component, lot)| format!("{} {}", component.drug.name, lot.number))
        .collect();
    (!named.is_empty()).then(|| {
        let named: Vec<String> = named.into_iter().collect();
        let explanation = format!(
            "The strength of the lot is not recorded, and it was drawn from with another concentration \
             before ({}). Check what is printed on the vial, and record it with the lot.",
            named.join(", ")
        );
        let check = Check::plain(rules, "lot_strength_unrecorded", CheckStatus::Warn, explanation);
        Check {
            needs_acknowledgement: true,
            ..check
        }
    })
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
        "lot_strength_differs" => "The lot has another strength than is written for the syringe",
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
    if is_of_another_strength(component, lot) {
        faults.push("lot_strength_differs");
    }
    if is_opened_too_long(facts, component, lot, rules) {
        faults.push("vial_opened_too_long");
    }
    faults
}

/// Whether the label of the lot says another strength than was written for the syringe, in whatever unit.
fn is_of_another_strength(component: &Component, lot: &DrawnLot) -> bool {
    let written = component.concentration.map(Concentration::amount_per_ml);
    let label = lot.strength.map(Concentration::amount_per_ml);
    written
        .zip(label)
        .is_some_and(|(written, label)| written != label)
}

fn is_opened_too_long(
    facts: &PatientFacts,
    component: &Component,
    lot: &DrawnLot,
    rules: &RuleSet,
) -> bool {
    let Some(opened_at) = lot.opened_at else {
        return lot.vial == VialKind::Multi && lot.was_used_for_another_patient;
    };
    let lasts = rules.solution.lasts(OpenedVial {
        kind: lot.vial,
        class: Some(component.drug.class),
    });
    let earliest = lasts.and_then(|lasts| facts.assessed_at.checked_sub_signed(lasts));
    earliest.is_none_or(|earliest| opened_at < earliest)
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

#[cfg(test)]
#[expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one place"
)]
mod tests {
    use super::super::sample::{at, facts, found, judge, plan, status};
    use super::super::verdict::OverridePolicy;
    use super::*;
    use crate::expiry::ExpiryDate;
    use crate::sample::{component, lot, ml, tolerances};
    use crate::solution::Solution;

    const CODES: [&str; 7] = [
        "lot_expired",
        "lot_quarantined",
        "lot_recalled",
        "lot_empty",
        "lot_too_little",
        "vial_shared",
        "vial_opened_too_long",
    ];

    fn with(change: fn(&mut DrawnLot)) -> PlannedProcedure {
        let mut drawn = component("ropivacaine 0.2 percent 1");
        let mut lot = lot(None);
        change(&mut lot);
        drawn.lot = Some(lot);
        let mut planned = plan(&["ropivacaine 0.2 percent 1"]);
        planned.solutions =
            vec![Solution::mix("A".to_owned(), ml("1"), vec![drawn], None, tolerances()).unwrap()];
        planned
    }

    #[test]
    fn an_unusable_lot_cannot_be_overridden() {
        type Change = fn(&mut DrawnLot);
        let table: [(Change, Option<&str>); 19] = [
            (|_| {}, None),
            (
                |l| l.expiry = ExpiryDate::on("2026-11-22".parse().unwrap()),
                None,
            ),
            (
                |l| l.expiry = ExpiryDate::on("2026-11-21".parse().unwrap()),
                Some("lot_expired"),
            ),
            (
                |l| l.expiry = ExpiryDate::on("2026-11-30".parse().unwrap()),
                None,
            ),
            (
                |l| l.expiry = ExpiryDate::on("2026-10-31".parse().unwrap()),
                Some("lot_expired"),
            ),
            (
                |l| l.standing = LotStanding::Quarantined,
                Some("lot_quarantined"),
            ),
            (|l| l.standing = LotStanding::Recalled, Some("lot_recalled")),
            (|l| l.remaining = ml("0"), Some("lot_empty")),
            (|l| l.remaining = ml("1"), None),
            (|l| l.remaining = ml("0.999999"), Some("lot_too_little")),
            (
                |l| l.was_used_for_another_patient = true,
                Some("vial_shared"),
            ),
            (
                |l| {
                    l.was_used_for_another_patient = true;
                    l.vial = VialKind::Multi;
                    l.opened_at = Some(at("2026-11-20T12:00:00Z"));
                },
                None,
            ),
            (
                |l| {
                    l.was_used_for_another_patient = true;
                    l.vial = VialKind::Multi;
                },
                Some("vial_opened_too_long"),
            ),
            (
                |l| {
                    l.vial = VialKind::Multi;
                    l.opened_at = Some(at("2026-10-25T12:00:00Z"));
                },
                None,
            ),
            (
                |l| {
                    l.vial = VialKind::Multi;
                    l.opened_at = Some(at("2026-10-25T11:59:59Z"));
                },
                Some("vial_opened_too_long"),
            ),
            (|l| l.opened_at = Some(at("2026-11-22T11:00:00Z")), None),
            (
                |l| l.opened_at = Some(at("2026-01-01T11:00:00Z")),
                Some("vial_opened_too_long"),
            ),
            (|l| l.vial = VialKind::Multi, None),
            (
                |l| l.expiry = ExpiryDate::on("2020-01-01".parse().unwrap()),
                Some("lot_expired"),
            ),
        ];
        for (index, (change, expected)) in table.into_iter().enumerate() {
            let assessment = judge(&facts(), &with(change));
            for code in CODES {
                let check = found(&assessment, code);
                assert_eq!(
                    check.is_some(),
                    expected == Some(code),
                    "row {index} {code}"
                );
                if let Some(check) = check {
                    assert_eq!(check.status, CheckStatus::Block);
                    assert_eq!(check.override_policy, OverridePolicy::Never);
                    assert!(check.explanation.contains("A1"), "{}", check.explanation);
                }
            }
        }
    }

    #[test]
    fn a_lot_kept_elsewhere_can_be_drawn_after_a_look_at_it() {
        assert_eq!(
            found(&judge(&facts(), &with(|_| {})), "lot_elsewhere"),
            None
        );
        let mut planned = with(|lot| lot.is_elsewhere = true);
        let again = planned.solutions[0].clone();
        planned.solutions.push(again);
        let assessment = judge(&facts(), &planned);
        let check = found(&assessment, "lot_elsewhere").unwrap();
        assert_eq!(
            check.explanation,
            "The lot is kept at another location than that of the visit (Ropivacaine A1). Check that \
             it is the vial at hand."
        );
        assert_eq!(
            (check.status, check.needs_acknowledgement),
            (CheckStatus::Warn, true)
        );
        assert_eq!(assessment.stopping().count(), 0);
    }

    #[test]
    fn every_fault_is_told_in_its_own_words() {
        for (code, words) in [
            ("solution_beyond_use", "beyond-use time"),
            ("lot_missing", "No lot"),
            ("lot_expired", "expired"),
            ("lot_quarantined", "quarantine"),
            ("lot_recalled", "recalled"),
            ("lot_empty", "empty"),
            ("lot_too_little", "does not hold"),
            ("vial_shared", "another patient"),
            ("vial_opened_too_long", "opened too long ago"),
        ] {
            assert!(fault(code).contains(words), "{code}: {}", fault(code));
        }
    }

    #[test]
    fn two_syringes_cannot_draw_more_than_the_lot_holds() {
        let half = |volume: &str| {
            let mut drawn = component(&format!("ropivacaine 0.2 percent {volume}"));
            let mut lot = lot(None);
            lot.remaining = ml("1.5");
            drawn.lot = Some(lot);
            Solution::mix("A".to_owned(), ml(volume), vec![drawn], None, tolerances()).unwrap()
        };
        for (second, expected) in [("0.5", None), ("0.500001", Some(CheckStatus::Block))] {
            let mut planned = plan(&["ropivacaine 0.2 percent 1"]);
            planned.solutions = vec![half("1"), half(second)];
            assert_eq!(
                status(&judge(&facts(), &planned), "lot_too_little"),
                expected,
                "{second}"
            );
        }
    }

    #[test]
    fn a_drug_without_a_lot_and_an_old_syringe_are_refused() {
        for (beyond, now_allows, lot) in [
            (None, false, None),
            (Some("2026-11-22T12:00:00Z"), false, Some(lot(None))),
            (Some("2026-11-22T12:00:01Z"), true, Some(lot(None))),
        ] {
            let mut drawn = component("ropivacaine 0.2 percent 1");
            let code = if lot.is_none() {
                "lot_missing"
            } else {
                "solution_beyond_use"
            };
            drawn.lot = lot;
            let mut planned = plan(&["ropivacaine 0.2 percent 1"]);
            let beyond = beyond.map(at);
            planned.solutions = vec![
                Solution::mix("A".to_owned(), ml("1"), vec![drawn], beyond, tolerances()).unwrap(),
            ];
            let assessment = judge(&facts(), &planned);
            assert_eq!(found(&assessment, code).is_none(), now_allows, "{beyond:?}");
        }
        let mut own_blood = plan(&["ropivacaine 0.2 percent 1"]);
        let mut drawn = component("platelet_rich_plasma 1");
        drawn.lot = None;
        own_blood.solutions =
            vec![Solution::mix("A".to_owned(), ml("1"), vec![drawn], None, tolerances()).unwrap()];
        assert_eq!(status(&judge(&facts(), &own_blood), "lot_missing"), None);
    }
}
