//! Every steroid at its limits, beside every other, in every interval and place.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::facts::{Place, PreviousDose};
use super::super::sample::{NOW, at, facts, plan, previous};
use super::super::verdict::CheckStatus::{self, Block, Ok, Warn};
use super::{DAY, Table, seconds_ago};
use crate::formulary::DrugClass;
use crate::kind::Side;

/// The product, its ingredient, and hundredths of a milligram that act like 20 mg of
/// hydrocortisone.
const STEROIDS: [(&str, &str, i64); 6] = [
    ("hydrocortisone", "hydrocortisone", 2_000),
    ("methylprednisolone_acetate", "methylprednisolone", 400),
    ("triamcinolone_acetonide", "triamcinolone", 400),
    ("betamethasone", "betamethasone", 75),
    ("dexamethasone_phosphate", "dexamethasone", 75),
    ("prednisolone", "prednisolone", 500),
];
/// Tenths of a milligram in a millilitre.
const STRENGTHS: [i64; 7] = [10, 25, 40, 60, 100, 400, 800];

fn syringe(product: &str, strength: i64, microlitres: i64) -> String {
    let (strength, volume) = (Decimal::new(strength, 1), Decimal::new(microlitres, 6));
    format!("{product} {strength} mg_per_ml {volume}")
}

fn earlier(text: &str, ago: i64) -> PreviousDose {
    previous(DrugClass::Corticosteroid, text, &seconds_ago(ago))
}

/// Equivalents are compared as dose x 400 against limit x hundredths.
fn expected(tenths_of_millionths: i64, hundredths: i64) -> CheckStatus {
    let equivalent = i128::from(tenths_of_millionths) * 400;
    let limit = |milligrams: i128| milligrams * 10_000_000 * i128::from(hundredths);
    if equivalent > limit(80) {
        Block
    } else if equivalent > limit(40) {
        Warn
    } else {
        Ok
    }
}

#[test]
fn no_steroid_passes_either_limit_at_any_strength() {
    let mut table = Table::default();
    for (product, _, hundredths) in STEROIDS {
        for strength in STRENGTHS {
            for limit in [40, 80] {
                let most = limit * 10_000_000 * hundredths / 400 / strength;
                for volume in [most, most + 1] {
                    let text = syringe(product, strength, volume);
                    let verdict = expected(volume * strength, hundredths);
                    let judged = (&facts(), &plan(&[&text]));
                    table.expect(judged, "corticosteroid_dose", Some(verdict), &|| {
                        text.clone()
                    });
                }
            }
        }
    }
    assert_eq!(table.cases, 6 * 7 * 4);
}

#[test]
fn a_steroid_of_the_same_day_counts_whatever_it_was() {
    let mut table = Table::default();
    for (product, _, hundredths) in STEROIDS {
        for (_, ingredient, other) in STEROIDS {
            // The other steroid has used up 40 mg of triamcinolone.
            let before = format!("{ingredient} {} mg", Decimal::new(other * 10, 2));
            for (ago, counts) in [(0, true), (DAY - 1, true), (DAY, true), (DAY + 1, false)] {
                let mut patient = facts();
                patient.previous_doses.push(earlier(&before, ago));
                let most = 40 * 10_000_000 * hundredths / 400 / 100;
                for (volume, alone) in [(most, Ok), (most + 1, Warn)] {
                    let text = syringe(product, 100, volume);
                    let together = if alone == Ok { Warn } else { Block };
                    let verdict = if counts { together } else { alone };
                    let judged = (&patient, &plan(&[&text]));
                    table.expect(judged, "corticosteroid_dose", Some(verdict), &|| {
                        format!("{text} after {before} {ago} s ago")
                    });
                }
            }
        }
    }
    assert_eq!(table.cases, 6 * 6 * 4 * 2);
}

#[test]
fn twelve_weeks_lie_between_two_steroids() {
    let mut table = Table::default();
    for (product, ..) in STEROIDS {
        for (_, ingredient, _) in STEROIDS {
            for (ago, is_told) in [
                (DAY, true),
                (83 * DAY, true),
                (84 * DAY - 1, true),
                (84 * DAY, false),
                (84 * DAY + 1, false),
                (85 * DAY, false),
            ] {
                let mut patient = facts();
                patient
                    .previous_doses
                    .push(earlier(&format!("{ingredient} 1 mg"), ago));
                // The latest counts, not the first.
                patient
                    .previous_doses
                    .push(earlier(&format!("{ingredient} 1 mg"), 300 * DAY));
                let planned = plan(&[&syringe(product, 100, 100_000)]);
                let told = is_told.then_some(Warn);
                table.expect((&patient, &planned), "steroid_limit_reached", told, &|| {
                    format!("{product} after {ingredient} {ago} s ago")
                });
            }
        }
    }
    assert_eq!(table.cases, 6 * 6 * 6);
}

#[test]
fn a_place_takes_three_steroids_a_year() {
    let mut table = Table::default();
    // Calendar months: the year before the 22nd begins after the 22nd.
    for (oldest, is_within) in [
        ("2025-11-22T11:59:59Z", false),
        ("2025-11-22T12:00:00Z", false),
        ("2025-11-22T12:00:01Z", true),
        ("2025-11-23T12:00:00Z", true),
    ] {
        for sessions in 0_usize..=5 {
            for (side, muscle) in [
                (Side::Left, "sternocleidomastoid"),
                (Side::Right, "sternocleidomastoid"),
                (Side::Left, "masseter"),
            ] {
                for sites_a_session in 1..=2 {
                    let mut patient = facts();
                    for session in 0..sessions {
                        let given_at = if session == 0 { oldest } else { NOW };
                        for _ in 0..sites_a_session {
                            patient.previous_doses.push(PreviousDose {
                                session_id: Uuid::from_u128(u128::try_from(session).unwrap()),
                                given_at: at(given_at),
                                place: Some(Place::of_muscle(muscle, side)),
                                ..earlier("triamcinolone 0.1 mg", 0)
                            });
                        }
                    }
                    let counted = sessions - usize::from(sessions > 0 && !is_within);
                    let is_same = (side, muscle) == (Side::Left, "sternocleidomastoid");
                    let told = (is_same && counted + 1 > 3).then_some(Warn);
                    let planned = plan(&["triamcinolone_acetonide 10 mg_per_ml 0.1"]);
                    table.expect((&patient, &planned), "steroid_same_place", told, &|| {
                        format!("{sessions} sessions since {oldest} in {muscle} {side}")
                    });
                }
            }
        }
    }
    assert_eq!(table.cases, 4 * 6 * 3 * 2);
}

#[test]
fn a_steroid_shows_in_the_head_and_clumps_with_a_paraben() {
    let mut table = Table::default();
    for (product, ..) in STEROIDS {
        let text = syringe(product, 100, 100_000);
        for (region, told) in [
            ("head", Some(Warn)),
            ("neck", None),
            ("shoulder_girdle", None),
            ("upper_back", None),
            ("low_back", None),
        ] {
            let mut planned = plan(&[&text]);
            region.clone_into(&mut planned.sites[0].region);
            table.expect(
                (&facts(), &planned),
                "steroid_visible_region",
                told,
                &|| format!("{product} {region}"),
            );
        }
        // Hydroxocobalamin is the drug of the formulary that comes with a paraben.
        for (beside, told) in [
            ("hydroxocobalamin 1000 mcg_per_ml 1", Some(Warn)),
            ("cyanocobalamin 1000 mcg_per_ml 1", None),
            ("ropivacaine 0.2 percent 1", None),
        ] {
            for (planned, told) in [
                (plan(&[&format!("{text} + {beside}")]), told),
                (plan(&[&text, beside]), None),
            ] {
                table.expect((&facts(), &planned), "paraben_with_steroid", told, &|| {
                    format!("{product} {beside}")
                });
            }
        }
    }
    assert_eq!(table.cases, 6 * (5 + 6));
}
