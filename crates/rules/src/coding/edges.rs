//! Codes, units and payer questions on both sides of every bound.
//!
//! What each case expects is counted or calculated with whole numbers here, never by what the
//! coding itself uses.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::CodingTable;
use super::drugs::{BilledDrug, WasteModifier, drug_lines};
use super::muscles::{BothSides, CodedSite, CountedAs, code_procedure};
use super::payer::{
    Circumstance, MeasuredRelief, PayerResult, PayerSession, PriorSession, TreatedPlace,
    check_payer,
};
use crate::dose::{Amount, AmountUnit};
use crate::kind::{ProcedureKind, Side};
use crate::relief::Relief;
use crate::sample::{decimal, ml};
use crate::solution::VialKind;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn table() -> CodingTable {
    CodingTable::shipped().unwrap()
}

/// How a muscle of the plan is written: whole, by one part, or by two parts of one.
const WRITTEN: [&str; 3] = ["whole", "one part", "two parts"];

/// The sites of one muscle, so many a side.
fn sites(muscle: usize, written: &str, sides: &[Side], is_dry: bool) -> Vec<CodedSite> {
    let names: &[&str] = match written {
        "whole" => &[""],
        "one part" => &[" upper"],
        _ => &[" upper", " lower"],
    };
    let whole = format!("muscle {muscle}");
    let named = names.iter().flat_map(|name| {
        let whole = whole.clone();
        sides.iter().map(move |side| CodedSite {
            muscle_code: format!("{whole}{name}"),
            counted_as: if name.is_empty() {
                CountedAs::Muscle
            } else {
                CountedAs::PartOf(whole.clone())
            },
            side: *side,
            is_dry,
        })
    });
    named.collect()
}

#[test]
fn one_to_two_muscles_and_three_or_more_have_their_codes() {
    let table = table();
    let mut cases = 0;
    for kind in ProcedureKind::ALL {
        for written in WRITTEN {
            for sides in [
                &[Side::Left][..],
                &[Side::Left, Side::Right],
                &[Side::Left, Side::Left, Side::Midline],
            ] {
                for both in [BothSides::Once, BothSides::PerSide] {
                    for muscles in 0..=5 {
                        cases += 1;
                        let is_dry = *kind == ProcedureKind::DryNeedling;
                        let sites: Vec<CodedSite> = (0..muscles)
                            .flat_map(|muscle| sites(muscle, written, sides, is_dry))
                            .collect();
                        let coding = code_procedure(*kind, &sites, day("2026-11-22"), both, &table);
                        let distinct = if both == BothSides::PerSide && sides.len() > 1 {
                            muscles * 2
                        } else {
                            muscles
                        };
                        let code = match (kind, distinct) {
                            (ProcedureKind::BotulinumToxin, 1..) => Some("64615"),
                            (_, 0) => None,
                            (ProcedureKind::DryNeedling, 1 | 2) => Some("20560"),
                            (ProcedureKind::DryNeedling, _) => Some("20561"),
                            (_, 1 | 2) => Some("20552"),
                            _ => Some("20553"),
                        };
                        let found = (coding.code.as_deref(), coding.muscle_count);
                        assert_eq!(
                            found,
                            (code, distinct),
                            "{kind} {written} {sides:?} {both} {muscles}"
                        );
                        assert!(coding.notices.is_empty(), "{:?}", coding.notices);
                    }
                }
            }
        }
    }
    assert_eq!(cases, 3 * 3 * 3 * 2 * 6);
}

#[test]
fn a_wet_site_decides_and_a_dry_one_beside_it_counts_for_nothing() {
    let table = table();
    let mut cases = 0;
    for kind in [
        ProcedureKind::TriggerPointInjection,
        ProcedureKind::DryNeedling,
    ] {
        for wet in 0..=4 {
            for dry in 0..=4 {
                cases += 1;
                let wet_sites =
                    (0..wet).flat_map(|muscle| sites(muscle, "whole", &[Side::Left], false));
                let dry_sites =
                    (10..10 + dry).flat_map(|muscle| sites(muscle, "whole", &[Side::Left], true));
                let all: Vec<CodedSite> = wet_sites.chain(dry_sites).collect();
                let on = day("2026-11-22");
                let coding = code_procedure(kind, &all, on, BothSides::Once, &table);
                let code = match (wet, dry) {
                    (0, 0) => None,
                    (0, 1 | 2) => Some("20560"),
                    (0, _) => Some("20561"),
                    (1 | 2, _) => Some("20552"),
                    _ => Some("20553"),
                };
                assert_eq!(coding.code.as_deref(), code, "{kind} {wet} wet {dry} dry");
                assert_eq!(coding.muscle_count, if wet > 0 { wet } else { dry });
                let is_told = wet > 0 && dry > 0;
                assert_eq!(coding.notices.len(), usize::from(is_told), "{wet} {dry}");
            }
        }
    }
    assert_eq!(cases, 2 * 5 * 5);
}

#[test]
fn a_code_is_valid_from_its_first_day_to_its_last() {
    let table = table();
    let mut cases = 0;
    for (drug, on, code) in [
        ("triamcinolone_acetonide", "2019-12-31", None),
        ("triamcinolone_acetonide", "2020-01-01", Some("J3301")),
        ("triamcinolone_acetonide", "2099-01-01", Some("J3301")),
        ("methylprednisolone_acetate", "2024-03-30", Some("J1030")),
        ("methylprednisolone_acetate", "2024-03-31", Some("J1030")),
        ("methylprednisolone_acetate", "2024-04-01", Some("J1010")),
        ("methylprednisolone_acetate", "2024-04-02", Some("J1010")),
        ("lidocaine", "2026-03-31", Some("J2003")),
        ("lidocaine", "2026-04-01", Some("J2003")),
        ("lidocaine_infusion", "2026-04-01", None),
        ("levobupivacaine", "2026-04-01", None),
    ] {
        cases += 1;
        let found = table.drug_code(drug, day(on)).map(|row| row.code.as_str());
        assert_eq!(found, code, "{drug} {on}");
    }
    for (on, is_valid) in [("2019-12-31", false), ("2020-01-01", true)] {
        for kind in ProcedureKind::ALL {
            cases += 1;
            let is_dry = *kind == ProcedureKind::DryNeedling;
            let one = sites(0, "whole", &[Side::Left], is_dry);
            let coding = code_procedure(*kind, &one, day(on), BothSides::Once, &table);
            assert_eq!(coding.code.is_some(), is_valid, "{kind} {on}");
        }
    }
    assert_eq!(cases, 11 + 6);
}

/// The drug, its code, and how many millionths of a unit of measure make one billing unit.
const BILLED: [(&str, &str, AmountUnit, i64); 11] = [
    (
        "triamcinolone_acetonide",
        "J3301",
        AmountUnit::Milligram,
        10_000_000,
    ),
    (
        "methylprednisolone_acetate",
        "J1010",
        AmountUnit::Milligram,
        1_000_000,
    ),
    (
        "dexamethasone_phosphate",
        "J1100",
        AmountUnit::Milligram,
        1_000_000,
    ),
    ("betamethasone", "J0702", AmountUnit::Milligram, 6_000_000),
    (
        "cyanocobalamin",
        "J3420",
        AmountUnit::Microgram,
        1_000_000_000,
    ),
    (
        "hydroxocobalamin",
        "J3425",
        AmountUnit::Microgram,
        10_000_000,
    ),
    ("bupivacaine", "J0665", AmountUnit::Milligram, 500_000),
    (
        "bupivacaine_epinephrine",
        "J0665",
        AmountUnit::Milligram,
        500_000,
    ),
    ("ropivacaine", "J2795", AmountUnit::Milligram, 1_000_000),
    (
        "lidocaine_epinephrine_200",
        "J2004",
        AmountUnit::Milligram,
        1_000_000,
    ),
    ("onabotulinumtoxin_a", "J0585", AmountUnit::Unit, 1_000_000),
];

#[test]
fn units_are_rounded_up_and_the_rest_of_a_vial_has_its_line() {
    use WasteModifier::{Discarded, NothingDiscarded};
    let table = table();
    let mut cases = 0;
    for (drug, code, unit, per_unit) in BILLED {
        let amount = |millionths: i64| Amount::new(Decimal::new(millionths, 6), unit).unwrap();
        let up = |millionths: i64| -> u128 {
            u128::try_from((millionths + per_unit - 1) / per_unit).unwrap()
        };
        for units in [1, 2, 3, 7] {
            for off in [-1, 0, 1] {
                for wasted in [0, 1, per_unit, per_unit + 1] {
                    for vial in [VialKind::Single, VialKind::Multi] {
                        cases += 1;
                        let given = per_unit * units + off;
                        let billed = BilledDrug {
                            drug_code: drug.to_owned(),
                            given: amount(given),
                            given_volume: ml("1"),
                            wasted: amount(wasted),
                            wasted_volume: ml("0"),
                            vial,
                        };
                        let found: Vec<(u128, Option<WasteModifier>)> =
                            drug_lines(&billed, day("2026-11-22"), &table)
                                .unwrap()
                                .into_iter()
                                .map(|line| {
                                    assert_eq!(line.code, code);
                                    (line.units, line.modifier)
                                })
                                .collect();
                        let used = up(given);
                        let all = up(given + wasted);
                        let lines = match vial {
                            VialKind::Multi => vec![(used, None)],
                            VialKind::Single if all == used => {
                                vec![(used, Some(NothingDiscarded))]
                            }
                            VialKind::Single => {
                                vec![(used, None), (all - used, Some(Discarded))]
                            }
                        };
                        assert_eq!(found, lines, "{drug} {given} {wasted} {vial:?}");
                    }
                }
            }
        }
    }
    assert_eq!(cases, 11 * 4 * 3 * 4 * 2);
}

/// A relief of exactly so many percent.
fn percent(text: &str) -> Relief {
    let gained = (decimal(text) * Decimal::from(1_000_000)).to_u32().unwrap();
    Relief::from_to(100_000_000, 100_000_000 - gained).unwrap()
}

fn place(muscle: &str, side: Side, region: &str) -> TreatedPlace {
    TreatedPlace {
        muscle_code: muscle.to_owned(),
        counted_as: muscle.to_owned(),
        side,
        region: region.to_owned(),
    }
}

fn prior(on: NaiveDate) -> PriorSession {
    PriorSession {
        on,
        places: vec![place("trapezius", Side::Left, "neck")],
        relief: MeasuredRelief {
            relief: Some(percent("50")),
            days: Some(42),
            scale_before: Some("nrs".to_owned()),
            scale_after: Some("nrs".to_owned()),
            measured_on: Some(on),
            is_duration_explained: true,
            function_scale: Some("ndi".to_owned()),
            function_percent: Some(decimal("50")),
        },
    }
}

fn session(on: NaiveDate) -> PayerSession {
    PayerSession {
        on,
        kind: ProcedureKind::TriggerPointInjection,
        indications: vec!["G44.209".to_owned()],
        places: vec![place("trapezius", Side::Left, "neck")],
        drugs: Vec::new(),
        findings: 2,
        conservative_care_days: Some(42),
        circumstances: BTreeSet::from([
            Circumstance::FailedConservativeCare,
            Circumstance::OngoingProgramme,
        ]),
        missing_record_elements: Vec::new(),
    }
}

/// How one payer answers one question.
fn answer(
    payer: &str,
    session: &PayerSession,
    prior: &[PriorSession],
    code: &str,
) -> Option<PayerResult> {
    let table = table();
    let checks = check_payer(table.payer(payer).unwrap(), session, prior);
    let found = checks.iter().find(|check| check.code == code);
    found.map(|check| check.result)
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "compared with what is found, which may be nothing"
)]
const fn pass_if(passes: bool) -> Option<PayerResult> {
    Some(if passes {
        PayerResult::Pass
    } else {
        PayerResult::Fail
    })
}

#[test]
fn the_cap_counts_calendar_months_to_the_day() {
    let mut cases = 0;
    for (payer, cap, months) in [
        ("lcd_2024", 3, 12),
        ("four_a_year", 4, 12),
        ("three_in_three_months", 3, 3),
    ] {
        for on in ["2026-01-09", "2026-03-28", "2026-07-01", "2028-02-28"] {
            let on = day(on);
            // The same day of the month, so many months earlier, lies outside.
            let (years, month) = match on.month() {
                month if month > months => (0, month - months),
                month => (1, month + 12 - months),
            };
            let opens = NaiveDate::from_ymd_opt(on.year() - years, month, on.day()).unwrap();
            for (offset, is_within) in [(-1, false), (0, false), (1, true), (2, true)] {
                let oldest = if offset < 0 {
                    opens - Days::new(1)
                } else {
                    opens + Days::new(u64::try_from(offset).unwrap())
                };
                for others in 0..=4 {
                    cases += 1;
                    let mut before = vec![prior(oldest)];
                    before.extend(std::iter::repeat_n(prior(on), others));
                    let number = others + usize::from(is_within) + 1;
                    let found = answer(payer, &session(on), &before, "session_cap");
                    assert_eq!(
                        found,
                        pass_if(number <= cap),
                        "{payer} {on} {oldest} {others}"
                    );
                }
            }
        }
    }
    assert_eq!(cases, 3 * 4 * 4 * 5);
}

#[test]
fn a_place_waits_42_days_on_its_own_side() {
    let mut cases = 0;
    let on = day("2026-01-10");
    for ago in [0, 1, 41, 42, 43, 400] {
        for (muscle, side) in [
            ("trapezius", Side::Left),
            ("trapezius", Side::Right),
            ("temporalis", Side::Left),
        ] {
            for payer in ["lcd_2024", "four_a_year", "three_in_three_months"] {
                cases += 1;
                let mut before = prior(on - Days::new(ago));
                before.places = vec![place(muscle, side, "neck")];
                let is_same = (muscle, side) == ("trapezius", Side::Left);
                let expected = pass_if(!is_same || ago >= 42).filter(|_| payer == "lcd_2024");
                let found = answer(payer, &session(on), &[before], "same_place_interval");
                assert_eq!(found, expected, "{payer} {muscle} {side} {ago} days ago");
            }
        }
    }
    // What comes later does not count.
    let later = prior(on + Days::new(1));
    let found = answer("lcd_2024", &session(on), &[later], "same_place_interval");
    assert_eq!(found, pass_if(true));
    assert_eq!(cases + 1, 6 * 3 * 3 + 1);
}

#[test]
fn half_the_pain_for_six_weeks_and_half_the_function() {
    let mut cases = 0;
    let on = day("2026-01-10");
    for percent in ["0", "49", "49.999999", "50", "50.000001", "100"] {
        for days in [0, 41, 42, 43] {
            for function in ["0", "49.999999", "50", "100"] {
                cases += 2;
                let mut before = prior(on - Days::new(60));
                before.relief.relief = Some(self::percent(percent));
                before.relief.days = Some(days);
                before.relief.function_percent = Some(decimal(function));
                let before = [before];
                let is_enough = decimal(percent) >= decimal("50") && days >= 42;
                let found = answer("lcd_2024", &session(on), &before, "previous_relief");
                assert_eq!(found, pass_if(is_enough), "{percent} {days}");
                let found = answer("lcd_2024", &session(on), &before, "previous_function");
                assert_eq!(
                    found,
                    pass_if(decimal(function) >= decimal("50")),
                    "{function}"
                );
            }
        }
    }
    assert_eq!(cases, 6 * 4 * 4 * 2);
}

#[test]
fn conservative_care_regions_and_findings_at_their_bounds() {
    let mut cases = 0;
    let on = day("2026-01-10");
    for days in 35..=50 {
        cases += 1;
        let session = PayerSession {
            conservative_care_days: Some(days),
            ..session(on)
        };
        let found = answer("four_a_year", &session, &[], "conservative_care");
        assert_eq!(found, pass_if(days >= 42), "{days} days");
    }
    let regions = ["neck", "head", "upper_back"];
    for first in regions {
        for second in regions {
            cases += 1;
            let session = PayerSession {
                places: vec![
                    place("trapezius", Side::Left, first),
                    place("temporalis", Side::Left, second),
                ],
                ..session(on)
            };
            let found = answer("lcd_2024", &session, &[], "one_region");
            assert_eq!(found, pass_if(first == second), "{first} {second}");
        }
    }
    let reasons = [
        Circumstance::FailedConservativeCare,
        Circumstance::LimitedMovement,
        Circumstance::DiagnosticIntent,
    ];
    for findings in 0..=3 {
        for documented in 0..8_u32 {
            cases += 1;
            let has = |bit: u32| documented & (1 << bit) != 0;
            let circumstances = (0_u32..).zip(reasons).filter(|(bit, _)| has(*bit));
            let session = PayerSession {
                findings,
                circumstances: circumstances.map(|(_, reason)| reason).collect(),
                ..session(on)
            };
            let is_complete = findings >= 2 && documented > 0;
            let expected = if is_complete {
                PayerResult::Pass
            } else {
                PayerResult::NeedsDocumentation
            };
            let found = answer("lcd_2024", &session, &[], "first_session");
            assert_eq!(
                found,
                Some(expected),
                "{findings} findings, {documented:03b}"
            );
        }
    }
    assert_eq!(cases, 16 + 9 + 32);
}

#[test]
fn ten_diagnoses_are_covered_and_their_neighbours_are_not() {
    let mut cases = 0;
    for (code, is_covered) in [
        ("G44.201", true),
        ("G44.209", true),
        ("G44.211", true),
        ("G44.219", true),
        ("G44.221", true),
        ("G44.229", true),
        ("M79.10", true),
        ("M79.11", true),
        ("M79.12", true),
        ("M79.18", true),
        ("g44.209", true),
        ("G44209", true),
        (" M7912 ", true),
        ("G44.20", false),
        ("G44.2", false),
        ("G44.2091", false),
        ("G44.86", false),
        ("G43.709", false),
        ("M79.1", false),
        ("M79.13", false),
        ("M79.7", false),
        ("M54.2", false),
    ] {
        for (indications, expected) in [
            (vec![code], pass_if(is_covered)),
            (vec!["G43.909", code], pass_if(is_covered)),
            (vec![code, "M54.2"], pass_if(is_covered)),
        ] {
            cases += 1;
            let session = PayerSession {
                indications: indications.iter().map(|code| (*code).to_owned()).collect(),
                ..session(day("2026-01-10"))
            };
            let found = answer("lcd_2024", &session, &[], "indication");
            assert_eq!(found, expected, "{indications:?}");
        }
    }
    assert_eq!(cases, 22 * 3);
}
