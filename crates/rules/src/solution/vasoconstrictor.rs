//! How much epinephrine surrounds a drug in a mixture.

use crate::dose::{Concentration, DoseRefused, Mass, VolumeMl};
use crate::formulary::{Drug, DrugClass};

/// How much epinephrine surrounds a drug in a millilitre of what it was mixed into.
///
/// A drug that came without epinephrine has a mixture with it only when a vasoconstrictor was added on
/// purpose. What the other products carry counts only then.
pub fn vasoconstrictor_per_ml(
    drug: &Drug,
    mixed: &[(&Drug, Option<Concentration>, VolumeMl)],
    total: VolumeMl,
) -> Result<Mass, DoseRefused> {
    let mut is_meant = drug.vasoconstrictor.is_some();
    let mut mass = Mass::ZERO;
    for &(part, concentration, volume) in mixed {
        let is_vasoconstrictor = part.class == DrugClass::Vasoconstrictor;
        is_meant |= is_vasoconstrictor;
        let carried = if is_vasoconstrictor {
            concentration
        } else {
            part.vasoconstrictor
        };
        if let Some(carried) = carried {
            mass = mass.checked_add(carried.amount_in(volume.exact()?)?.mass()?)?;
        }
    }
    if !is_meant {
        return Ok(Mass::ZERO);
    }
    let per_ml = mass.micrograms().checked_div(total.exact()?)?;
    Ok(Mass::from_micrograms(per_ml))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Exact;
    use crate::sample::{decimal, solution};

    #[test]
    fn epinephrine_spreads_over_the_whole_syringe() {
        for (mixture, index, micrograms) in [
            ("lidocaine 1 percent 10", 0, "0"),
            ("lidocaine_epinephrine 1 percent 10", 0, "10"),
            ("lidocaine_epinephrine_200 1 percent 10", 0, "5"),
            (
                "lidocaine_epinephrine 1 percent 5 + saline 0.9 percent 5",
                0,
                "5",
            ),
            (
                "lidocaine 2 percent 19.99 + epinephrine 1000 ratio 0.01",
                0,
                "0.5",
            ),
            (
                "epinephrine 1000 ratio 0.1 + lidocaine 1 percent 9.9",
                1,
                "10",
            ),
            // A drug that came without gains nothing from what another product carries.
            (
                "lidocaine_epinephrine 1 percent 5 + bupivacaine 0.25 percent 5",
                0,
                "5",
            ),
            (
                "lidocaine_epinephrine 1 percent 5 + bupivacaine 0.25 percent 5",
                1,
                "0",
            ),
            (
                "lidocaine_epinephrine 1 percent 4.95 + epinephrine 1000 ratio 0.05 + lidocaine 1 \
                 percent 5",
                2,
                "9.95",
            ),
        ] {
            let solution = solution(mixture);
            let per_ml = solution
                .vasoconstrictor_per_ml(&solution.components()[index])
                .unwrap();
            let expected = Exact::from_decimal(decimal(micrograms)).unwrap();
            assert_eq!(per_ml, Mass::from_micrograms(expected), "{mixture} {index}");
        }
    }
}
