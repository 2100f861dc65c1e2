//! Short ways to write down drugs and syringes in tests.

use std::sync::LazyLock;

use rust_decimal::Decimal;

use super::dose::{Concentration, ConcentrationUnit, VolumeMl};
use super::expiry::ExpiryDate;
use super::formulary::{Drug, Formulary, Preservative};
use super::solution::{
    Component, DrawnLot, LotStanding, Solution, SolutionRefused, VialKind, VolumeTolerances,
};

/// Reads a decimal.
pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Reads a volume.
pub(crate) fn ml(text: &str) -> VolumeMl {
    VolumeMl::new(decimal(text)).unwrap()
}

/// A drug of the shipped formulary.
pub(crate) fn drug(code: &str) -> Drug {
    static SHIPPED: LazyLock<Formulary> = LazyLock::new(|| Formulary::shipped().unwrap());
    SHIPPED
        .find(code)
        .unwrap_or_else(|| panic!("no {code}"))
        .clone()
}

/// A component written "lidocaine 1 percent 10": code, value, unit, volume; no unit for water.
pub(crate) fn component(text: &str) -> Component {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (code, concentration, volume) = match words.as_slice() {
        [code, value, unit, volume] => {
            let unit = ConcentrationUnit::parse(unit).unwrap();
            (
                code,
                Some(Concentration::new(decimal(value), unit).unwrap()),
                volume,
            )
        }
        [code, volume] => (code, None, volume),
        _ => panic!("cannot read the component {text}"),
    };
    Component {
        drug: drug(code),
        concentration,
        volume: ml(volume),
        lot: None,
    }
}

/// The tolerances that are shipped.
pub(crate) fn tolerances() -> VolumeTolerances {
    VolumeTolerances {
        components_ml: decimal("0.01"),
        drawn_ml: decimal("0.05"),
    }
}

/// Components separated by a plus sign, in the volume given.
pub(crate) fn mix(text: &str, total: &str) -> Result<Solution, SolutionRefused> {
    let components = text.split('+').map(component).collect();
    Solution::mix(
        "syringe A".to_owned(),
        ml(total),
        components,
        None,
        tolerances(),
    )
}

/// Components separated by a plus sign, in exactly the volume they make.
pub(crate) fn solution(text: &str) -> Solution {
    let components: Vec<Component> = text.split('+').map(component).collect();
    let total = VolumeMl::sum(components.iter().map(|component| component.volume)).unwrap();
    Solution::mix(
        "syringe A".to_owned(),
        total,
        components,
        None,
        tolerances(),
    )
    .unwrap()
}

/// A usable lot with this preservative on its label.
pub(crate) fn lot(preservative: Option<Preservative>) -> DrawnLot {
    DrawnLot {
        number: "A1".to_owned(),
        standing: LotStanding::Available,
        expiry: ExpiryDate::on("2030-01-31".parse().unwrap()),
        remaining: ml("100"),
        vial: VialKind::Single,
        opened_at: None,
        was_used_for_another_patient: false,
        is_elsewhere: false,
        differs_from_last_draw: false,
        strength: None,
        preservative,
    }
}
