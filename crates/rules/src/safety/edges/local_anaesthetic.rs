//! Every anaesthetic, with and without a vasoconstrictor, at four fifths and at the whole of its
//! maximum: by weight, by risk, beside every other, over the window, with a weight of every age.

use rust_decimal::Decimal;

use super::super::facts::{PatientFacts, Pregnancy, Sex};
use super::super::sample::{NOW, facts, facts_of, measured, plan, previous};
use super::super::verdict::CheckStatus::{self, Block, Indeterminate, Ok, Warn};
use super::{DAY, HOUR, Table, seconds_ago};
use crate::formulary::DrugClass;

const CODE: &str = "local_anaesthetic_dose";

/// An anaesthetic of 10 mg/mL: what is in the vial, what is added, its maximum in tenths of a
/// milligram per kilogram and in milligrams.
struct Product {
    code: &'static str,
    has_added: bool,
    tenths_per_kg: i64,
    milligrams: i64,
}

const fn product(
    code: &'static str,
    has_added: bool,
    tenths_per_kg: i64,
    milligrams: i64,
) -> Product {
    Product {
        code,
        has_added,
        tenths_per_kg,
        milligrams,
    }
}

const PRODUCTS: [Product; 17] = [
    product("lidocaine", false, 45, 300),
    product("lidocaine_epinephrine", false, 70, 500),
    product("lidocaine_epinephrine_200", false, 70, 500),
    product("lidocaine", true, 70, 500),
    product("bupivacaine", false, 20, 175),
    product("bupivacaine_epinephrine", false, 30, 225),
    product("bupivacaine", true, 30, 225),
    product("levobupivacaine", false, 20, 200),
    product("levobupivacaine", true, 30, 225),
    product("ropivacaine", false, 30, 200),
    product("ropivacaine", true, 30, 200),
    product("mepivacaine", false, 45, 350),
    product("mepivacaine", true, 70, 500),
    product("procaine", false, 100, 600),
    product("procaine", true, 100, 600),
    product("chloroprocaine", false, 100, 800),
    product("chloroprocaine", true, 120, 1000),
];

impl Product {
    /// A syringe with so many millionths of a millilitre of it.
    fn syringe(&self, microlitres: i64) -> String {
        let volume = Decimal::new(microlitres, 6);
        let added = if self.has_added {
            // Enough for every volume of this table to count as a mixture with epinephrine.
            " + epinephrine 1000 mcg_per_ml 1"
        } else {
            ""
        };
        format!("{} 1 percent {volume}{added}", self.code)
    }

    /// The maximum in millionths of a milligram.
    fn maximum(&self, grams: i64) -> i64 {
        (self.tenths_per_kg * grams * 100).min(self.milligrams * 1_000_000)
    }

    /// The weight in grams at which both figures meet, and the gram above.
    fn knee(&self) -> [i64; 2] {
        let grams = self.milligrams * 10_000 / self.tenths_per_kg;
        [grams, grams + 1]
    }
}

/// A tenth of a milligram a hundredth of a millilitre: dose and maximum in tenths of a share.
fn expected(dose: i64, maximum: i64, tenths: i64) -> CheckStatus {
    if dose * 10 > maximum * tenths {
        Block
    } else if dose * 100 >= maximum * tenths * 8 {
        Warn
    } else {
        Ok
    }
}

fn kilograms(grams: i64) -> String {
    Decimal::new(grams, 3).to_string()
}

/// Both limits of one product in one patient, on the step before and on the step after.
fn at_both_limits(
    table: &mut Table,
    patient: &PatientFacts,
    product: &Product,
    maximum: (i64, i64),
) {
    let (maximum, tenths) = maximum;
    // A millionth of a millilitre holds ten millionths of a milligram.
    let most = maximum * tenths / 100;
    let quiet = (maximum * tenths * 8).div_euclid(1_000);
    for volume in [quiet - 1, quiet + 1, most, most + 1] {
        let syringe = product.syringe(volume);
        let verdict = expected(volume * 10, maximum, tenths);
        table.expect((patient, &plan(&[&syringe])), CODE, Some(verdict), &|| {
            format!("{syringe}, maximum {maximum} x {tenths}/10")
        });
    }
}

#[test]
fn no_maximum_is_passed_at_any_weight() {
    let mut table = Table::default();
    for product in &PRODUCTS {
        let [knee, above] = product.knee();
        for grams in [30_000, 39_999, 40_000, knee, above, 120_000] {
            let patient = facts_of(&kilograms(grams));
            let tenths = if grams < 40_000 { 7 } else { 10 };
            at_both_limits(
                &mut table,
                &patient,
                product,
                (product.maximum(grams), tenths),
            );
        }
    }
    assert_eq!(table.cases, 17 * 6 * 4);
}

#[test]
fn every_risk_lowers_every_maximum_once() {
    type Change = fn(&mut PatientFacts);
    fn ill(patient: &mut PatientFacts, code: &str) {
        patient.conditions.push(code.to_owned());
    }
    let risks: [(Change, i64); 14] = [
        (|p| p.age_years = 70, 10),
        (|p| p.age_years = 71, 7),
        (|p| p.pregnancy = Pregnancy::Pregnant, 7),
        (|p| p.pregnancy = Pregnancy::Unknown, 10),
        (|p| ill(p, "I44.2"), 7),
        (|p| ill(p, "I45.0"), 7),
        (|p| ill(p, "I50.9"), 7),
        (|p| ill(p, "K70.40"), 7),
        (|p| ill(p, "K72.10"), 7),
        (|p| ill(p, "K74.60"), 7),
        (|p| ill(p, "I46.9"), 7),
        (|p| ill(p, "K70.30"), 7),
        (|p| ill(p, "K80.20"), 10),
        (
            |p| {
                ill(p, "I50.9");
                ill(p, "K74.60");
                p.age_years = 90;
            },
            7,
        ),
    ];
    let mut table = Table::default();
    for product in &PRODUCTS {
        for (change, tenths) in risks {
            let mut patient = facts();
            change(&mut patient);
            at_both_limits(
                &mut table,
                &patient,
                product,
                (product.maximum(70_000), tenths),
            );
        }
    }
    assert_eq!(table.cases, 17 * 14 * 4);
}

#[test]
fn two_anaesthetics_share_one_maximum() {
    let mut table = Table::default();
    for first in &PRODUCTS {
        for second in &PRODUCTS {
            let (whole, other) = (first.maximum(70_000), second.maximum(70_000));
            let half = whole / 20;
            // What is left of the second is its maximum times what is left of the first.
            let left = i128::from(other) * i128::from(whole - half * 10) / i128::from(whole * 10);
            let left = i64::try_from(left).unwrap();
            for volume in [left, left + 1] {
                let syringes = [first.syringe(half), second.syringe(volume)];
                let exceeds = i128::from(half * 10) * i128::from(other)
                    + i128::from(volume * 10) * i128::from(whole)
                    > i128::from(whole) * i128::from(other);
                let verdict = if exceeds { Block } else { Warn };
                let planned = plan(&[&syringes[0], &syringes[1]]);
                table.expect((&facts(), &planned), CODE, Some(verdict), &|| {
                    syringes.join(" and ")
                });
            }
        }
    }
    assert_eq!(table.cases, 17 * 17 * 2);
}

#[test]
fn a_dose_counts_for_a_day_to_the_second() {
    let mut table = Table::default();
    for product in &PRODUCTS {
        let ingredient = product.code.split('_').next().unwrap();
        let has_vasoconstrictor = product.has_added || product.code.contains("epinephrine");
        let with = if has_vasoconstrictor { " 5" } else { "" };
        for (ago, counts) in [
            (0, true),
            (HOUR, true),
            (DAY - 1, true),
            (DAY, true),
            (DAY + 1, false),
            (30 * DAY, false),
        ] {
            let whole = Decimal::new(product.maximum(70_000), 6);
            let earlier = format!("{ingredient} {whole} mg{with}");
            let mut patient = facts();
            let dose = previous(DrugClass::LocalAnaesthetic, &earlier, &seconds_ago(ago));
            patient.previous_doses.push(dose);
            let verdict = if counts { Block } else { Ok };
            let planned = plan(&[&product.syringe(1)]);
            table.expect((&patient, &planned), CODE, Some(verdict), &|| {
                format!("{earlier} {ago} s ago")
            });
        }
    }
    assert_eq!(table.cases, 17 * 6);
}

#[test]
fn only_a_weight_of_ninety_days_counts() {
    let mut table = Table::default();
    for product in &PRODUCTS {
        for (weight, ago, verdict) in [
            (Some("70"), 0, Ok),
            (Some("70"), 90 * DAY - 1, Ok),
            (Some("70"), 90 * DAY, Ok),
            (Some("70"), 90 * DAY + 1, Indeterminate),
            (Some("70"), -1, Indeterminate),
            (Some("0"), 0, Indeterminate),
            (Some("-1"), 0, Indeterminate),
            (None, 0, Indeterminate),
        ] {
            let mut patient = facts();
            patient.weight_kg = weight.map(|weight| measured(weight, &seconds_ago(ago)));
            let planned = plan(&[&product.syringe(1)]);
            table.expect((&patient, &planned), CODE, Some(verdict), &|| {
                format!("{} {weight:?} {ago} s ago", product.code)
            });
        }
    }
    assert_eq!(table.cases, 17 * 8);
}

/// Above a body mass index of 30 the ideal weight counts: 50 or 45.5 kg at 152.4 cm, and 2.3 kg
/// for every 2.54 cm more.
#[test]
fn obesity_begins_the_smallest_step_above_thirty() {
    let mut table = Table::default();
    for centimetres in [150, 152, 155, 160, 165, 170, 175, 180, 185, 190, 200] {
        // 30 kg on a square metre, in thousandths of a kilogram.
        let thirty = 3 * centimetres * centimetres;
        for (sex, base) in [(Sex::Male, 500), (Sex::Female, 455), (Sex::Unknown, 455)] {
            // In 1/2540 of a kilogram.
            let ideal = base * 254 + 230 * (centimetres * 10 - 1_524);
            for (grams, is_ideal) in [(thirty, false), (thirty + 1, true)] {
                let mut patient = facts();
                patient.weight_kg = Some(measured(&kilograms(grams), NOW));
                patient.height_cm = Some(Decimal::from(centimetres));
                patient.sex = sex;
                let by_weight = if is_ideal {
                    4_500_000 * ideal / 2_540
                } else {
                    4_500 * grams
                };
                let most = by_weight.min(300_000_000) / 10;
                for (volume, verdict) in [(most, Warn), (most + 1, Block)] {
                    let planned = plan(&[&PRODUCTS[0].syringe(volume)]);
                    table.expect((&patient, &planned), CODE, Some(verdict), &|| {
                        format!("{centimetres} cm {grams} g {sex} {volume}")
                    });
                }
                let told = is_ideal.then_some(Ok);
                let planned = plan(&[&PRODUCTS[0].syringe(1)]);
                table.expect((&patient, &planned), "ideal_body_weight", told, &|| {
                    format!("{centimetres} cm {grams} g {sex}")
                });
            }
        }
    }
    assert_eq!(table.cases, 11 * 3 * 2 * 3);
}
