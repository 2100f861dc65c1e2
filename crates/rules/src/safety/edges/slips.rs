//! A thousand concentrations with the decimal point or the unit slipped, and a thousand lots of another
//! strength than was written: each is refused or stops.

use rust_decimal::Decimal;

use super::super::concentration;
use super::super::sample::{facts, judge, plan, status};
use super::super::verdict::CheckStatus;
use crate::dose::{Concentration, ConcentrationUnit};
use crate::formulary::{Drug, DrugClass, Formulary};
use crate::sample::{component, lot, tolerances};
use crate::solution::{DrawnLot, Solution};

/// What a slip makes of a concentration: another value, or the same value in another unit.
fn slipped(right: Concentration, number: usize) -> Option<(Decimal, ConcentrationUnit)> {
    use ConcentrationUnit::{MicrogramsPerMl, MilligramsPerMl};
    let factors = ["10", "0.1", "100", "0.01", "1000", "0.001"];
    let factor: Decimal = factors[number % factors.len()].parse().unwrap();
    if number.is_multiple_of(7) {
        return match right.unit() {
            MilligramsPerMl => Some((right.value(), MicrogramsPerMl)),
            MicrogramsPerMl => Some((right.value(), MilligramsPerMl)),
            _ => None,
        };
    }
    Some((right.value() * factor, right.unit()))
}

fn stops(drug: &Drug, (value, unit): (Decimal, ConcentrationUnit)) -> bool {
    // What no concentration can be is refused before any rule looks at it.
    if Concentration::new(value, unit).is_err() {
        return true;
    }
    let syringe = format!("{} {value} {unit} 1", drug.code);
    concentration::check(&plan(&[&syringe]), "v").is_some_and(|check| check.status.stops())
}

#[test]
fn none_of_a_thousand_slipped_concentrations_passes() {
    let formulary = Formulary::shipped().unwrap();
    let drugs: Vec<&Drug> = formulary
        .drugs
        .iter()
        .filter(|drug| !drug.concentrations.is_empty() && drug.class != DrugClass::Saline)
        .collect();
    let mut passed = Vec::new();
    let mut tried = 0_u32;
    for number in 0_usize.. {
        let drug = drugs[number * 31 % drugs.len()];
        let right = drug.concentrations[number % drug.concentrations.len()];
        let Some(wrong) = slipped(right, number) else {
            continue;
        };
        tried += 1;
        if !stops(drug, wrong) {
            passed.push(format!("{} {right} as {} {}", drug.code, wrong.0, wrong.1));
        }
        if tried == 1_000 {
            break;
        }
    }
    println!("{tried} slipped concentrations, {} passed", passed.len());
    assert_eq!(passed, Vec::<String>::new());
}

/// A lot of a drug whose label says a strength, and a syringe for which another one was written.
fn of_another_strength(number: usize, drugs: &[&Drug]) -> Option<(String, Concentration)> {
    let drug = drugs[number * 17 % drugs.len()];
    let written = drug.concentrations[number % drug.concentrations.len()];
    let factor = ["2", "0.5", "4", "1.000001", "10", "0.25"][number % 6];
    let label = written.value() * factor.parse::<Decimal>().unwrap();
    let label = Concentration::new(label, written.unit()).ok()?;
    (label.amount_per_ml() != written.amount_per_ml()).then(|| {
        (
            format!("{} {} {} 1", drug.code, written.value(), written.unit()),
            label,
        )
    })
}

#[test]
fn none_of_a_thousand_lots_of_another_strength_passes() {
    let formulary = Formulary::shipped().unwrap();
    let drugs: Vec<&Drug> = formulary
        .drugs
        .iter()
        .filter(|drug| !drug.concentrations.is_empty())
        .collect();
    let (mut tried, mut passed) = (0_u32, 0_u32);
    for (syringe, label) in (0_usize..).filter_map(|number| of_another_strength(number, &drugs)) {
        tried += 1;
        let mut component = component(&syringe);
        component.lot = Some(DrawnLot {
            strength: Some(label),
            ..lot(None)
        });
        let total = component.volume;
        let mixed = Solution::mix("A".to_owned(), total, vec![component], None, tolerances());
        let mut planned = plan(&["saline 0.9 percent 1"]);
        planned.solutions = vec![mixed.unwrap()];
        let found = status(&judge(&facts(), &planned), "lot_strength_differs");
        passed += u32::from(!found.is_some_and(CheckStatus::stops));
        if tried == 1_000 {
            break;
        }
    }
    println!("{tried} lots of another strength, {passed} passed");
    assert_eq!(passed, 0);
}

#[test]
fn the_same_strength_in_another_unit_is_the_same() {
    for (written, value, unit, expected) in [
        (
            "lidocaine 1 percent 1",
            "10",
            ConcentrationUnit::MilligramsPerMl,
            None,
        ),
        (
            "lidocaine 1 percent 1",
            "1",
            ConcentrationUnit::Percent,
            None,
        ),
        (
            "lidocaine 1 percent 1",
            "2",
            ConcentrationUnit::Percent,
            Some(CheckStatus::Block),
        ),
    ] {
        let mut component = component(written);
        component.lot = Some(DrawnLot {
            strength: Concentration::new(value.parse().unwrap(), unit).ok(),
            ..lot(None)
        });
        let total = component.volume;
        let mixed = Solution::mix("A".to_owned(), total, vec![component], None, tolerances());
        let mut planned = plan(&["saline 0.9 percent 1"]);
        planned.solutions = vec![mixed.unwrap()];
        let found = status(&judge(&facts(), &planned), "lot_strength_differs");
        assert_eq!(found, expected, "{written} {value}");
    }
}
