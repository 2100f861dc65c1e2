//! Concentrations that the formulary does not list: a slip of the unit, or a vial of another kind.
//!
//! A concentration that lies exactly a thousandfold beside a listed one was read in the wrong unit,
//! micrograms for milligrams or the other way round; one tenfold or a hundredfold beside it has its
//! decimal point in the wrong place. Both stop until a provider decides. Any other that is not listed may
//! be on the shelf all the same and is only asked about.

use super::facts::PlannedProcedure;
use super::given::components;
use super::verdict::{Check, CheckStatus, OverridePolicy};
use crate::dose::{Amount, Concentration};
use crate::exact::Exact;
use crate::solution::Component;

/// A decimal point one or two places off, and a microgram for a milligram.
const SLIPS: [u32; 3] = [10, 100, 1_000];

/// How a concentration stands to the listed ones.
#[derive(PartialEq, Eq)]
enum Usual {
    Listed,
    Unlisted,
    OffByAPowerOfTen,
}

/// Checks the concentration of every component against the formulary of this version.
pub fn check(planned: &PlannedProcedure, formulary_version: &str) -> Option<Check> {
    let slips = named(planned, &Usual::OffByAPowerOfTen);
    let others = named(planned, &Usual::Unlisted);
    let mut sentences = Vec::new();
    if !slips.is_empty() {
        let slips = slips.join(", ");
        sentences.push(format!(
            "Ten, a hundred or a thousand times off a usual concentration: {slips}."
        ));
    }
    if !others.is_empty() {
        let others = others.join(", ");
        sentences.push(format!("Not a usual concentration: {others}."));
    }
    if sentences.is_empty() {
        return None;
    }
    sentences.push("Check the vial and the unit.".to_owned());
    let stops = !slips.is_empty();
    Some(Check {
        code: "unusual_concentration".to_owned(),
        status: if stops {
            CheckStatus::Block
        } else {
            CheckStatus::Warn
        },
        limit: None,
        actual: None,
        exact_actual: None,
        fraction: None,
        unit: None,
        rule_version: formulary_version.to_owned(),
        explanation: sentences.join(" "),
        override_policy: OverridePolicy::ByProvider,
        needs_acknowledgement: !stops,
    })
}

/// The components that stand so, by name and concentration, once each.
fn named(planned: &PlannedProcedure, sought: &Usual) -> Vec<String> {
    let mut named: Vec<String> = components(planned)
        .filter_map(|component| Some((component, component.concentration?)))
        .filter(|(component, concentration)| usual(component, *concentration) == *sought)
        .map(|(component, concentration)| format!("{} {concentration}", component.drug.name))
        .collect();
    named.sort_unstable();
    named.dedup();
    named
}

fn usual(component: &Component, concentration: Concentration) -> Usual {
    let listed = &component.drug.concentrations;
    let per_ml = concentration.amount_per_ml();
    if listed.is_empty() || listed.iter().any(|one| one.amount_per_ml() == per_ml) {
        return Usual::Listed;
    }
    let figure = per_ml.ok().map(figure_of);
    let is_slip = listed
        .iter()
        .filter_map(|one| one.amount_per_ml().ok())
        .any(|one| {
            let one = figure_of(one);
            figure.is_some_and(|figure| is_slip(figure, one) || is_slip(one, figure))
        });
    if is_slip {
        Usual::OffByAPowerOfTen
    } else {
        Usual::Unlisted
    }
}

/// The number alone: a drug is dosed in a mass or in units, never in both.
const fn figure_of(amount: Amount) -> Exact {
    match amount {
        Amount::Mass(mass) => mass.micrograms(),
        Amount::Units(units) => units,
    }
}

fn is_slip(larger: Exact, smaller: Exact) -> bool {
    SLIPS
        .iter()
        .any(|times| smaller.checked_mul(Exact::whole(*times)) == Ok(larger))
}

#[cfg(test)]
mod tests {
    use super::super::sample::plan;
    use super::*;

    #[test]
    fn a_slip_of_the_unit_stops_and_another_concentration_is_asked_about() {
        use CheckStatus::{Block, Warn};
        for (syringe, expected) in [
            ("lidocaine 1 percent 1", None),
            ("lidocaine 10 mg_per_ml 1", None),
            ("lidocaine 10000 mcg_per_ml 1", None),
            ("lidocaine 10 mcg_per_ml 1", Some(Block)),
            ("lidocaine 5 mcg_per_ml 1", Some(Block)),
            ("lidocaine 20 mcg_per_ml 1", Some(Block)),
            ("lidocaine 10.001 mcg_per_ml 1", Some(Warn)),
            ("lidocaine 4 percent 1", Some(Warn)),
            ("lidocaine 10 percent 1", Some(Block)),
            ("lidocaine 0.1 percent 1", Some(Block)),
            ("lidocaine 20 percent 1", Some(Block)),
            ("triamcinolone_acetonide 400 mg_per_ml 1", Some(Block)),
            ("triamcinolone_acetonide 0.4 mg_per_ml 1", Some(Block)),
            ("onabotulinumtoxin_a 500 units_per_ml 1", Some(Block)),
            ("onabotulinumtoxin_a 5 units_per_ml 1", Some(Block)),
            ("lidocaine 15 mcg_per_ml 1", Some(Warn)),
            ("triamcinolone_acetonide 40 mg_per_ml 1", None),
            ("triamcinolone_acetonide 40 mcg_per_ml 1", Some(Block)),
            ("triamcinolone_acetonide 20 mg_per_ml 1", Some(Warn)),
            ("cyanocobalamin 1000 mcg_per_ml 1", None),
            ("cyanocobalamin 1000 mg_per_ml 1", Some(Block)),
            ("cyanocobalamin 999 mg_per_ml 1", Some(Warn)),
            ("cyanocobalamin 1 mcg_per_ml 1", Some(Block)),
            ("onabotulinumtoxin_a 50 units_per_ml 1", None),
            ("onabotulinumtoxin_a 25 units_per_ml 1", Some(Warn)),
            ("onabotulinumtoxin_a 50000 units_per_ml 1", Some(Block)),
            ("epinephrine 1 mg_per_ml 1", None),
            ("epinephrine 1 mcg_per_ml 1", Some(Block)),
            ("sterile_water 1", None),
            ("sterile_water 1 percent 1", None),
            ("platelet_rich_plasma 1", None),
        ] {
            let check = check(&plan(&[syringe]), "2026-11");
            let found = check.as_ref().map(|check| check.status);
            assert_eq!(found, expected, "{syringe}");
            if let Some(check) = check {
                assert_eq!(check.needs_acknowledgement, check.status == Warn);
                assert_eq!(check.override_policy, OverridePolicy::ByProvider);
                assert_eq!(check.rule_version, "2026-11");
                assert_eq!(check.code, "unusual_concentration");
            }
        }
    }

    #[test]
    fn the_sentence_names_each_component_once() {
        let syringe = "lidocaine 10 mcg_per_ml 1 + triamcinolone_acetonide 20 mg_per_ml 1";
        for (syringes, sentence) in [
            (
                vec![syringe, syringe],
                "Ten, a hundred or a thousand times off a usual concentration: Lidocaine 10 mcg/mL. Not a usual \
                 concentration: Triamcinolone acetonide 20 mg/mL. Check the vial and the unit.",
            ),
            (
                vec!["lidocaine 4 percent 1"],
                "Not a usual concentration: Lidocaine 4 %. Check the vial and the unit.",
            ),
            (
                vec!["lidocaine 10 mcg_per_ml 1"],
                "Ten, a hundred or a thousand times off a usual concentration: Lidocaine 10 mcg/mL. Check the vial and \
                 the unit.",
            ),
        ] {
            let check = check(&plan(&syringes), "2026-11").unwrap();
            assert_eq!(check.explanation, sentence);
        }
    }
}
