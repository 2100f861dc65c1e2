//! At every limit of the shipped rules: what lies on it, and the smallest step beyond it.
//!
//! The smallest step is the last decimal a volume can be written with, a millionth of a millilitre.
//! The tables below count their cases. What each case expects is worked out in whole numbers or
//! written by hand, never by the code under test.

mod codes;
mod contraindications;
mod corticosteroid;
mod local_anaesthetic;
mod noise;
mod site;
mod slips;
mod toxin;
mod vitamin_b12;

use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};

use chrono::TimeDelta;

use super::facts::{PatientFacts, PlannedProcedure};
use super::rules::RuleSet;
use super::sample::{NOW, at, facts, facts_of, judge, plan, rules, status};
use super::verdict::CheckStatus::{self, Block, Ok, Warn};
use crate::sample::decimal;

const STEP: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// An hour and a day, in seconds.
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// The instant so many seconds before the assessment.
fn seconds_ago(seconds: i64) -> String {
    (at(NOW) - TimeDelta::seconds(seconds)).to_rfc3339()
}

/// Counts the cases of a table and compares each.
#[derive(Default)]
struct Table {
    cases: u32,
}

impl Table {
    /// How the check with this code comes out; none when it is not raised.
    fn expect(
        &mut self,
        (patient, planned): (&PatientFacts, &PlannedProcedure),
        code: &str,
        expected: Option<CheckStatus>,
        case: &dyn Fn() -> String,
    ) {
        self.cases += 1;
        let assessment = judge(patient, planned);
        let found = status(&assessment, code);
        assert_eq!(found, expected, "{code}: {}", case());
    }
}

/// The largest volume that can be written and does not hold more than this amount.
fn largest_within(amount: Decimal, per_ml: Decimal) -> Decimal {
    (amount / per_ml).round_dp_with_strategy(6, RoundingStrategy::ToZero)
}

/// How a check comes out for so many millilitres of a drug.
fn of_volume(patient: &PatientFacts, drug: &str, millilitres: Decimal, code: &str) -> CheckStatus {
    let assessment = judge(patient, &plan(&[&format!("{drug} {millilitres}")]));
    let found = status(&assessment, code).unwrap();
    assert!(assessment.status >= found, "{drug} {millilitres}");
    found
}

/// Every anaesthetic of the rules: product, milligrams a millilitre, plain or not.
const ANAESTHETICS: [(&str, &str, &str, bool); 10] = [
    ("lidocaine", "lidocaine", "10", false),
    ("lidocaine", "lidocaine_epinephrine", "10", true),
    ("bupivacaine", "bupivacaine", "2.5", false),
    ("bupivacaine", "bupivacaine_epinephrine", "5", true),
    ("levobupivacaine", "levobupivacaine", "5", false),
    ("ropivacaine", "ropivacaine", "2", false),
    ("mepivacaine", "mepivacaine", "10", false),
    ("procaine", "procaine", "10", false),
    ("chloroprocaine", "chloroprocaine", "20", false),
    ("lidocaine", "lidocaine", "20", false),
];

fn maximum(rules: &RuleSet, ingredient: &str, is_with: bool, kilograms: Decimal) -> Decimal {
    let limits = &rules.local_anaesthetic.limits;
    let row = limits.iter().find(|row| row.ingredient == ingredient);
    let row = row.unwrap();
    let with = row.with_vasoconstrictor.as_ref().filter(|_| is_with);
    let ceiling = with.unwrap_or(&row.plain);
    (ceiling.milligrams_per_kg * kilograms).min(ceiling.absolute_milligrams)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_anaesthetic_passes_its_maximum_by_the_smallest_step(
        drug in 0_usize..ANAESTHETICS.len(), grams in 40_000_i64..150_000, is_old in any::<bool>(),
    ) {
        let (ingredient, product, per_ml, is_with) = ANAESTHETICS[drug];
        let kilograms = Decimal::new(grams, 3);
        let mut patient = facts_of(&kilograms.to_string());
        let mut most = maximum(&rules(), ingredient, is_with, kilograms);
        if is_old {
            patient.age_years = 71;
            most *= decimal("0.7");
        }
        let per_ml = decimal(per_ml);
        let product = format!("{product} {per_ml} mg_per_ml");
        let within = largest_within(most, per_ml);
        let at = |volume| of_volume(&patient, &product, volume, "local_anaesthetic_dose");
        prop_assert_eq!(at(within), Warn);
        prop_assert_eq!(at(within + STEP), Block);
        let quiet = largest_within(most * decimal("0.8"), per_ml);
        prop_assert_ne!(at(quiet + STEP), Ok);
        prop_assert_eq!(at(quiet - STEP), Ok);
    }

    #[test]
    fn no_steroid_passes_its_limits_by_the_smallest_step(
        drug in 0_usize..5, per_ml in 1_i64..80,
    ) {
        let (product, potency) = [
            ("triamcinolone_acetonide", "4"),
            ("methylprednisolone_acetate", "4"),
            ("dexamethasone_phosphate", "0.75"),
            ("betamethasone", "0.75"),
            ("hydrocortisone", "20"),
        ][drug];
        let per_ml = Decimal::from(per_ml);
        let product = format!("{product} {per_ml} mg_per_ml");
        let at = |volume| of_volume(&facts(), &product, volume, "corticosteroid_dose");
        for (limit, within, beyond) in [("40", Ok, Warn), ("80", Warn, Block)] {
            let most = decimal(limit) * decimal(potency) / decimal("4");
            let volume = largest_within(most, per_ml);
            prop_assert_eq!(at(volume), within);
            prop_assert_eq!(at(volume + STEP), beyond);
        }
    }

    #[test]
    fn no_vitamin_passes_its_limit_by_the_smallest_step(per_ml in 100_i64..2_000) {
        let per_ml = Decimal::from(per_ml);
        let product = format!("cyanocobalamin {per_ml} mcg_per_ml");
        let volume = largest_within(decimal("1000"), per_ml);
        let at = |volume| of_volume(&facts(), &product, volume, "vitamin_b12_dose");
        prop_assert_eq!(at(volume), Ok);
        prop_assert_eq!(at(volume + STEP), Warn);
    }

    #[test]
    fn no_toxin_passes_its_maximum_by_the_smallest_step(per_ml in 10_i64..200) {
        let per_ml = Decimal::from(per_ml);
        let product = format!("onabotulinumtoxin_a {per_ml} units_per_ml");
        let volume = largest_within(decimal("195"), per_ml);
        let at = |volume| of_volume(&facts(), &product, volume, "toxin_units");
        prop_assert_eq!(at(volume), Ok);
        prop_assert_eq!(at(volume + STEP), Block);
    }

    #[test]
    fn twice_the_volume_is_twice_the_share(thousandths in 1_i64..8_000, drug in 0_usize..10) {
        let (_, product, per_ml, _) = ANAESTHETICS[drug];
        let share = |volume: Decimal| {
            let syringe = format!("{product} {per_ml} mg_per_ml {volume}");
            let assessment = judge(&facts(), &plan(&[&syringe]));
            let check = super::sample::found(&assessment, "local_anaesthetic_dose").unwrap();
            check.fraction.unwrap()
        };
        let volume = Decimal::new(thousandths, 3);
        let apart = (share(volume * Decimal::TWO) - share(volume) * Decimal::TWO).abs();
        // Both are shown with four decimals.
        prop_assert!(apart <= decimal("0.0002"), "{} apart", apart);
    }

    #[test]
    fn a_dose_in_two_syringes_or_two_procedures_is_one_dose(
        first in 1_i64..15_000, second in 1_i64..15_000,
    ) {
        let ml = |thousandths: i64| Decimal::new(thousandths, 3);
        let share = |patient: &PatientFacts, syringes: &[&str]| {
            let assessment = judge(patient, &plan(syringes));
            let check = super::sample::found(&assessment, "local_anaesthetic_dose").unwrap();
            (check.fraction, check.status)
        };
        let whole = format!("lidocaine 1 percent {}", ml(first + second));
        let (one, two) = (
            format!("lidocaine 1 percent {}", ml(first)),
            format!("lidocaine 1 percent {}", ml(second)),
        );
        let together = share(&facts(), &[&whole]);
        prop_assert_eq!(&together, &share(&facts(), &[&one, &two]));
        prop_assert_eq!(&together, &share(&facts(), &[&two, &one]));
        let mut treated = facts();
        let class = crate::formulary::DrugClass::LocalAnaesthetic;
        let milligrams = ml(first) * Decimal::TEN;
        let earlier = format!("lidocaine {milligrams} mg");
        treated
            .previous_doses
            .push(super::sample::previous(class, &earlier, super::sample::NOW));
        prop_assert_eq!(&together, &share(&treated, &[&two]));
    }
}

#[test]
fn a_site_takes_no_more_than_its_limits_by_the_smallest_step() {
    for (volume, expected) in [
        ("2", None),
        ("2.000001", Some(Warn)),
        ("5", Some(Warn)),
        ("5.000001", Some(Block)),
    ] {
        let mut planned = plan(&["lidocaine 0.5 percent 6"]);
        planned.sites.truncate(1);
        planned.sites[0].volume = crate::sample::ml(volume);
        let assessment = judge(&facts(), &planned);
        assert_eq!(status(&assessment, "site_volume"), expected, "{volume}");
    }
}
