//! Every vitamin B12 at its usual bounds, over the day, and written in the wrong unit.

use rust_decimal::Decimal;

use super::super::sample::{facts, plan, previous};
use super::super::verdict::CheckStatus::{Ok, Warn};
use super::{DAY, HOUR, Table, seconds_ago};
use crate::formulary::DrugClass;

const VITAMINS: [&str; 3] = ["cyanocobalamin", "hydroxocobalamin", "methylcobalamin"];
/// Micrograms in a millilitre.
const STRENGTHS: [i64; 8] = [50, 100, 200, 500, 700, 1_000, 3_000, 5_000];

fn syringe(vitamin: &str, strength: i64, microlitres: i64) -> String {
    let volume = Decimal::new(microlitres, 6);
    format!("{vitamin} {strength} mcg_per_ml {volume}")
}

#[test]
fn a_session_takes_between_a_hundred_and_a_thousand_micrograms() {
    let mut table = Table::default();
    for vitamin in VITAMINS {
        for strength in STRENGTHS {
            for limit in [100, 1_000] {
                let most = limit * 1_000_000 / strength;
                for volume in [most - 1, most, most + 1] {
                    let text = syringe(vitamin, strength, volume);
                    let judged = (&facts(), &plan(&[&text]));
                    // In millionths of a microgram.
                    let dose = volume * strength;
                    let verdict = if dose > 1_000_000_000 { Warn } else { Ok };
                    table.expect(judged, "vitamin_b12_dose", Some(verdict), &|| text.clone());
                    let low = (dose < 100_000_000).then_some(Ok);
                    table.expect(judged, "vitamin_b12_low", low, &|| text.clone());
                }
            }
        }
    }
    assert_eq!(table.cases, 3 * 8 * 2 * 3 * 2);
}

#[test]
fn a_day_takes_a_thousand_micrograms_of_all_together() {
    let mut table = Table::default();
    for vitamin in VITAMINS {
        for other in VITAMINS {
            for before in [1, 400, 999, 1_000] {
                for (ago, counts) in [
                    (0, true),
                    (HOUR, true),
                    (DAY, true),
                    (DAY + 1, false),
                    (2 * DAY, false),
                ] {
                    let mut patient = facts();
                    let earlier = format!("{other} {before} mcg");
                    let dose = previous(DrugClass::VitaminB12, &earlier, &seconds_ago(ago));
                    patient.previous_doses.push(dose);
                    let left = (1_000 - before) * 1_000;
                    for volume in [left, left + 1].into_iter().filter(|volume| *volume > 0) {
                        let text = syringe(vitamin, 1_000, volume);
                        let verdict = if volume > left { Warn } else { Ok };
                        let told = counts.then_some(verdict);
                        let judged = (&patient, &plan(&[&text]));
                        table.expect(judged, "vitamin_b12_day", told, &|| {
                            format!("{text} after {earlier} {ago} s ago")
                        });
                    }
                }
            }
        }
    }
    // Nothing is left beside a thousand, so that one volume of two is none.
    assert_eq!(table.cases, 3 * 3 * 5 * (4 * 2 - 1));
}

#[test]
fn a_hundred_milligrams_were_meant_as_micrograms() {
    let mut table = Table::default();
    for vitamin in VITAMINS {
        for (written, is_told) in [
            ("0.1 mg_per_ml", false),
            ("1 mg_per_ml", false),
            ("99 mg_per_ml", false),
            ("99.999999 mg_per_ml", false),
            ("100 mg_per_ml", true),
            ("100.000001 mg_per_ml", true),
            ("1000 mg_per_ml", true),
            ("99 mcg_per_ml", false),
            ("100 mcg_per_ml", false),
            ("1000 mcg_per_ml", false),
            ("100000 mcg_per_ml", false),
            ("10 percent", false),
        ] {
            let text = format!("{vitamin} {written} 0.001");
            let told = is_told.then_some(Warn);
            let judged = (&facts(), &plan(&[&text]));
            table.expect(judged, "vitamin_b12_unit", told, &|| text.clone());
        }
    }
    assert_eq!(table.cases, 3 * 12);
}
