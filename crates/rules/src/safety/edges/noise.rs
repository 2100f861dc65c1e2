//! How many warnings an uncomplicated session gives: with more than one, they are not read.

use super::super::facts::{PlannedNeedle, PlannedProcedure, caution_flags};
use super::super::sample::{allergy, facts, judge, named, plan, site};
use super::super::verdict::CheckStatus;
use crate::sample::ml;

/// Muscle, flags and length of the needle of the sites of a usual session.
const SITES: [(&str, &str, u16); 6] = [
    ("trapezius_upper", "PTX", 38),
    ("levator_scapulae", "PTX", 38),
    ("splenius_capitis", "VASC(vertebral a., high level)", 38),
    ("scm_sternal", "VASC(carotid/jugular),NERVE", 25),
    ("temporalis", "VASC(superficial temporal a.)", 25),
    ("semispinalis_capitis", "NERVE(greater occipital),DURA", 38),
];

/// Both sides of every muscle, with lidocaine, each site confirmed and drawn back on.
fn session() -> PlannedProcedure {
    let mut planned = plan(&["lidocaine 1 percent 6"]);
    planned.sites = SITES
        .iter()
        .flat_map(|row| ["left", "right"].map(|side| (row, side)))
        .map(|((muscle, flags, length_mm), side)| {
            let mut one = site(&format!("{muscle} {side}"), "0.5", Some(0));
            one.caution_flags = caution_flags(flags);
            one.is_caution_acknowledged = true;
            one.volume = ml("0.5");
            one.needle = Some(PlannedNeedle {
                length_mm: *length_mm,
                longest_usual_mm: Some(*length_mm),
                is_aspirated: true,
            });
            one
        })
        .collect();
    planned
}

#[test]
fn an_uncomplicated_session_warns_at_most_once() {
    let mut usual = facts();
    usual
        .allergies
        .extend(["Penicillin", "pollen", "house dust"].map(allergy));
    usual
        .medications
        .extend(["Sumatriptan 50 mg", "Magnesium", "Propranolol"].map(named));
    let assessment = judge(&usual, &session());
    let warnings: Vec<&str> = assessment
        .checks
        .iter()
        .filter(|check| check.status != CheckStatus::Ok)
        .map(|check| check.code.as_str())
        .collect();
    println!("{} warnings in an uncomplicated session", warnings.len());
    assert!(warnings.len() <= 1, "{warnings:?}");
}
