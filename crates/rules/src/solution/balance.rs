//! What was drawn into a syringe is injected or wasted.

use rust_decimal::Decimal;

use super::mixture::VolumeTolerances;
use crate::dose::{DoseRefused, VolumeMl};

/// What was drawn does not match what was injected and wasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BalanceRefused {
    #[error("drawn {drawn_ml} mL, but injected and wasted make {accounted_ml} mL")]
    Unbalanced {
        drawn_ml: Decimal,
        accounted_ml: Decimal,
    },
    #[error("{0}")]
    Volume(#[from] DoseRefused),
}

/// Accounts for a syringe: Σ injected + wasted = drawn, within the tolerance.
pub fn balance(
    drawn: VolumeMl,
    injected: &[VolumeMl],
    wasted: VolumeMl,
    tolerances: VolumeTolerances,
) -> Result<(), BalanceRefused> {
    let accounted = VolumeMl::sum(injected.iter().copied())?.checked_add(wasted)?;
    if accounted.distance(drawn).millilitres() > tolerances.drawn_ml {
        return Err(BalanceRefused::Unbalanced {
            drawn_ml: drawn.millilitres(),
            accounted_ml: accounted.millilitres(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{ml, tolerances};

    #[test]
    fn what_was_drawn_is_injected_or_wasted() {
        for (drawn, injected, wasted, is_balanced) in [
            ("10", vec!["1", "2", "3"], "4", true),
            ("10", vec!["1", "2", "3"], "3.95", true),
            ("10", vec!["1", "2", "3"], "4.05", true),
            ("10", vec!["1", "2", "3"], "3.949999", false),
            ("10", vec!["1", "2", "3"], "4.050001", false),
            ("0", vec![], "0", true),
            ("2", vec!["0.1"; 20], "0", true),
        ] {
            let injected: Vec<VolumeMl> = injected.into_iter().map(ml).collect();
            let balanced = balance(ml(drawn), &injected, ml(wasted), tolerances());
            assert_eq!(
                balanced.is_ok(),
                is_balanced,
                "{drawn} {injected:?} {wasted}"
            );
        }
    }
}
