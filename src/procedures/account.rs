//! Accounting for what was drawn up: every syringe adds up, and the stock falls by what was drawn.
//!
//! Fluid leaves its lot when it is drawn up, so that nobody counts on what is in a syringe. What was
//! drawn is injected or wasted before a witness. A syringe that was entered in error gives back what it
//! took.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::platform::access::May;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::decimal::ExactDecimal;
use crate::platform::problem::{self, Member, Problem, ProblemType, Refusal, Shape};
use crate::stock::{
    LotId, Quantity, UseStock, WithdrawError, Withdrawal, return_to_lots, withdraw,
};

use super::procedure::Procedure;
use super::syringe::SolutionId;
use super::unusable_lot::{LOT_UNUSABLE, UnusableLot, unusable};
use tautband_rules::dose::VolumeMl;
use tautband_rules::exact::Exact;
use tautband_rules::safety::rules::RuleSet;
use tautband_rules::solution::balance;

/// Why what was drawn is not accounted for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    #[error("what was drawn is not accounted for")]
    Unbalanced(Vec<UnbalancedSolution>),
    #[error("a lot cannot be drawn from")]
    Unusable(Vec<(LotId, &'static str)>),
    #[error("what is recorded does not fit together")]
    Inconsistent,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<WithdrawError> for AccountError {
    fn from(error: WithdrawError) -> Self {
        match error {
            WithdrawError::Unusable { lot_id, reason } => {
                Self::Unusable(vec![(lot_id, reason.as_str())])
            }
            WithdrawError::Database(error) => error.into(),
        }
    }
}

/// A solution that does not add up.
const UNBALANCED_SOLUTION: &[Member] = &[
    Member::new("solution_id", Shape::Id, "The solution."),
    Member::new("drawn_ml", Shape::Decimal, "Drawn up."),
    Member::new("injected_ml", Shape::Decimal, "Injected."),
    Member::new("wasted_ml", Shape::Decimal, "Wasted."),
];

pub(super) static UNBALANCED: ProblemType = ProblemType::new(
    "volumes-unbalanced",
    409,
    "What was drawn is neither injected nor wasted",
)
.with(&[Member::new(
    "solutions",
    Shape::Objects(UNBALANCED_SOLUTION),
    "Each solution that does not add up.",
)]);

impl Refusal for AccountError {
    const TYPES: &'static [&'static ProblemType] = &[&LOT_UNUSABLE, &UNBALANCED];

    fn problem(self) -> Problem {
        match self {
            Self::Unbalanced(solutions) => Problem::new(&UNBALANCED)
                .detail("Record what was wasted, before a witness, or the site that is missing.")
                .member("solutions", solutions),
            Self::Unusable(lots) => unusable(
                lots.into_iter()
                    .map(|(lot_id, reason)| UnusableLot {
                        index: None,
                        lot_id,
                        reason,
                    })
                    .collect(),
            ),
            Self::Inconsistent => Problem::new(&problem::INTERNAL),
            Self::Database(error) => error.into(),
        }
    }
}

/// A syringe of which some is neither injected nor wasted, or more than was drawn.
#[derive(Debug, serde::Serialize)]
pub(crate) struct UnbalancedSolution {
    solution_id: SolutionId,
    drawn_ml: ExactDecimal,
    injected_ml: ExactDecimal,
    wasted_ml: ExactDecimal,
}

/// Refuses syringes that do not add up within the tolerance of the rules.
pub(super) fn refuse_unbalanced(
    procedure: &Procedure,
    rules: &RuleSet,
) -> Result<(), AccountError> {
    let unbalanced = unbalanced(procedure, rules)?;
    if unbalanced.is_empty() {
        Ok(())
    } else {
        Err(AccountError::Unbalanced(unbalanced))
    }
}

fn unbalanced(
    procedure: &Procedure,
    rules: &RuleSet,
) -> Result<Vec<UnbalancedSolution>, AccountError> {
    let mut unbalanced = Vec::new();
    for syringe in &procedure.syringes {
        let injected_ml = procedure.injected_ml(syringe.id);
        let wasted_ml = procedure.wasted_ml(syringe.id);
        let volumes = VolumeMl::new(syringe.volume_ml).and_then(|drawn| {
            let injected = VolumeMl::new(injected_ml)?;
            Ok((drawn, injected, VolumeMl::new(wasted_ml)?))
        });
        let (drawn, injected, wasted) =
            volumes.map_err(|_unreadable| AccountError::Inconsistent)?;
        if balance(drawn, &[injected], wasted, rules.tolerances()).is_err() {
            unbalanced.push(UnbalancedSolution {
                solution_id: syringe.id,
                drawn_ml: syringe.volume_ml.into(),
                injected_ml: injected_ml.into(),
                wasted_ml: wasted_ml.into(),
            });
        }
    }
    Ok(unbalanced)
}

/// What of each lot was wasted: its share of the wasted syringes, to a thousandth.
///
/// A share can be endless, as a third is; the rest counts as used, so that used and wasted always
/// make exactly what was drawn.
fn wasted_of_lots(procedure: &Procedure) -> Option<BTreeMap<LotId, Quantity>> {
    let mut exact: BTreeMap<LotId, (Exact, Exact)> = BTreeMap::new();
    for syringe in &procedure.syringes {
        let wasted = Exact::from_decimal(procedure.wasted_ml(syringe.id)).ok()?;
        let whole = Exact::from_decimal(syringe.volume_ml).ok()?;
        for component in &syringe.components {
            let taken = component.quantity();
            let share = |of: Decimal| {
                let part = Exact::from_decimal(of).ok()?;
                wasted.checked_mul(part).ok()?.checked_div(whole).ok()
            };
            let sums = exact
                .entry(component.lot_id)
                .or_insert((Exact::ZERO, Exact::ZERO));
            *sums = (
                sums.0.checked_add(share(taken.ml)?).ok()?,
                sums.1.checked_add(share(taken.units)?).ok()?,
            );
        }
    }
    let taken = procedure.taken_from_lots();
    let rounded = exact.into_iter().map(|(lot_id, (ml, units))| {
        let most = taken.get(&lot_id).copied().unwrap_or_default();
        let wasted = Quantity {
            ml: ml.rounded(3)?.min(most.ml),
            units: units.rounded(3)?.min(most.units),
        };
        Some((lot_id, wasted))
    });
    rounded.collect()
}

/// What each lot gave to a procedure, and how much of that was wasted.
fn given_by_lots(procedure: &Procedure) -> Option<BTreeMap<LotId, Withdrawal>> {
    let wasted = wasted_of_lots(procedure)?;
    let taken = procedure.taken_from_lots().into_iter();
    Some(
        taken
            .map(|(lot_id, drawn)| {
                let withdrawal = Withdrawal {
                    lot_id,
                    drawn,
                    wasted: wasted.get(&lot_id).copied().unwrap_or_default(),
                };
                (lot_id, withdrawal)
            })
            .collect(),
    )
}

/// What one act changed: what was drawn and wasted after it, less what was before.
fn moved(before: &Procedure, after: &Procedure) -> Option<Vec<Withdrawal>> {
    let (before, after) = (given_by_lots(before)?, given_by_lots(after)?);
    let lot_ids: BTreeSet<LotId> = before.keys().chain(after.keys()).copied().collect();
    let one = |lot_id| {
        let then = before.get(&lot_id);
        let now = after.get(&lot_id);
        let part = |of: fn(&Withdrawal) -> Quantity| {
            now.map(of).unwrap_or_default() - then.map(of).unwrap_or_default()
        };
        Withdrawal {
            lot_id,
            drawn: part(|one| one.drawn),
            wasted: part(|one| one.wasted),
        }
    };
    Some(lot_ids.into_iter().map(one).collect())
}

/// Takes off the stock what an act drew, or books a part of it as wasted.
pub(super) async fn draw_stock(
    transaction: &Transaction<'_, impl May<UseStock>>,
    before: &Procedure,
    after: &Procedure,
) -> Result<(), AccountError> {
    let moved = moved(before, after).ok_or(AccountError::Inconsistent)?;
    Ok(withdraw(transaction, after.id, &moved).await?)
}

/// Puts back into the stock what an act found never to have been drawn.
pub(super) async fn give_back(
    transaction: &Transaction<'_, impl May<UseStock>>,
    before: &Procedure,
    after: &Procedure,
) -> Result<(), AccountError> {
    let moved = moved(before, after).ok_or(AccountError::Inconsistent)?;
    Ok(return_to_lots(transaction, after.id, &moved).await?)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::procedure::sample;
    use super::super::syringe::{Syringe, SyringeComponent, Waste};
    use super::*;

    /// A syringe of these volumes, each from a lot of its own, of which so much was wasted.
    fn wasted(volumes_ml: &[Decimal], wasted_ml: Decimal) -> Procedure {
        let component = |(number, volume_ml): (u128, &Decimal)| SyringeComponent {
            drug_code: "lidocaine".to_owned(),
            concentration: None,
            volume_ml: *volume_ml,
            lot_id: LotId::from(Uuid::from_u128(number)),
            vial_id: None,
            differs_from_last_draw: false,
        };
        let at = DateTime::UNIX_EPOCH + TimeDelta::hours(1);
        Procedure {
            syringes: vec![Syringe {
                id: SolutionId::from(Uuid::nil()),
                label: "A".to_owned(),
                volume_ml: volumes_ml.iter().copied().sum(),
                components: (0..).zip(volumes_ml).map(component).collect(),
                prepared_at: at,
                prepared_by: Uuid::nil(),
                beyond_use_at: None,
                recorded_at: at,
                voided: None,
            }],
            wastes: vec![Waste {
                solution_id: SolutionId::from(Uuid::nil()),
                volume_ml: wasted_ml,
                reason: None,
                witnessed_by: Uuid::max(),
                recorded_by: Uuid::nil(),
                recorded_at: at,
            }],
            ..sample::procedure()
        }
    }

    fn decimals(texts: &[&str]) -> Vec<Decimal> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn each_lot_bears_its_share_of_the_waste() {
        for (volumes, waste, shares) in [
            (vec!["3"], "1", vec!["1"]),
            (vec!["2", "1"], "3", vec!["2", "1"]),
            (vec!["2", "1"], "1", vec!["0.667", "0.333"]),
            (vec!["1", "1", "1"], "1", vec!["0.333", "0.333", "0.333"]),
            (vec!["9.9", "0.1"], "0.05", vec!["0.05", "0.001"]),
            (vec!["0.001", "1"], "1.001", vec!["0.001", "1"]),
        ] {
            let procedure = wasted(&decimals(&volumes), waste.parse().unwrap());
            let found: Vec<Decimal> = wasted_of_lots(&procedure)
                .unwrap()
                .into_values()
                .map(|share| share.ml)
                .collect();
            assert_eq!(found, decimals(&shares), "{volumes:?} {waste}");
        }
    }

    #[test]
    fn a_syringe_adds_up_within_the_tolerance_and_no_further() {
        let rules = RuleSet::shipped().unwrap();
        for (waste, is_balanced) in [
            ("3", true),
            ("2.95", true),
            ("2.949", false),
            ("3.05", true),
            ("3.051", false),
            ("0", false),
        ] {
            let procedure = wasted(&decimals(&["2", "1"]), waste.parse().unwrap());
            let found = unbalanced(&procedure, &rules).unwrap();
            assert_eq!(found.is_empty(), is_balanced, "{waste}");
        }
    }

    proptest! {
        #[test]
        fn no_lot_bears_more_waste_than_was_drawn_from_it(
            volumes in proptest::collection::vec(1_i64..20_000, 1..6),
            thousandths in 0_i64..=1_000,
        ) {
            let volumes: Vec<Decimal> = volumes.iter().map(|ml| Decimal::new(*ml, 3)).collect();
            let all: Decimal = volumes.iter().copied().sum();
            let waste = (all * Decimal::new(thousandths, 3)).round_dp(3);
            let procedure = wasted(&volumes, waste);
            let shares = wasted_of_lots(&procedure).unwrap();
            for (lot_id, drawn) in procedure.drawn_from_lots() {
                let share = shares[&lot_id].ml;
                prop_assert!(share >= Decimal::ZERO && share <= drawn);
            }
            let apart = (shares.values().map(|share| share.ml).sum::<Decimal>() - waste).abs();
            prop_assert!(apart <= Decimal::new(3, 3), "{} apart", apart);
        }
    }
}
