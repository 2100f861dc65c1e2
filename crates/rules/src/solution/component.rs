//! One drug or diluent of a solution.

use super::drawn_lot::DrawnLot;
use crate::dose::{Amount, Concentration, DoseRefused, VolumeMl};
use crate::formulary::{Drug, DrugClass, Preservative};

/// One drug or diluent in the syringe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    pub drug: Drug,
    /// `None` only for a plain diluent.
    pub concentration: Option<Concentration>,
    pub volume: VolumeMl,
    pub lot: Option<DrawnLot>,
}

/// Why a component cannot be part of a solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ComponentRefused {
    #[error("has no volume")]
    NoVolume,
    #[error("has no concentration")]
    NoConcentration,
    #[error("is not dosed in this unit")]
    WrongUnit,
    #[error("cannot be calculated: {0}")]
    Dose(#[from] DoseRefused),
}

impl Component {
    /// The preservative on the label, else the usual one.
    pub fn preservative(&self) -> Preservative {
        self.lot
            .as_ref()
            .and_then(|lot| lot.preservative)
            .unwrap_or(self.drug.usual_preservative)
    }

    pub(super) const fn is_diluent(&self) -> bool {
        matches!(
            self.drug.class,
            DrugClass::Saline | DrugClass::SterileWater | DrugClass::Biologic
        )
    }

    /// Checks the component on its own.
    pub(super) fn validate(&self) -> Result<(), ComponentRefused> {
        if self.volume.is_zero() {
            return Err(ComponentRefused::NoVolume);
        }
        let Some(concentration) = self.concentration else {
            return if self.is_diluent() {
                Ok(())
            } else {
                Err(ComponentRefused::NoConcentration)
            };
        };
        let is_in_units = matches!(concentration.amount_per_ml()?, Amount::Units(_));
        let takes_units = self.drug.class == DrugClass::BotulinumToxin;
        let takes_either = self.drug.class == DrugClass::Other;
        if is_in_units != takes_units && !takes_either {
            return Err(ComponentRefused::WrongUnit);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{component, lot};

    #[test]
    fn the_label_decides_about_the_preservative() {
        let mut drawn = component("triamcinolone_acetonide 40 mg_per_ml 1");
        assert_eq!(drawn.preservative(), Preservative::BenzylAlcohol);
        drawn.lot = Some(lot(Some(Preservative::Free)));
        assert_eq!(drawn.preservative(), Preservative::Free);
    }
}
