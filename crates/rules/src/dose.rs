//! Volumes, concentrations and amounts of drug, exact and with their unit in the type.
//!
//! A milligram read as a microgram is a thousandfold error, so a mass can only be made and read by
//! naming the unit, and international units never add to a mass. A concentration is kept as it
//! stands on the vial (mg/mL, mcg/mL, units/mL, percent or 1:N) and is converted in one place:
//! 1 % weight by volume is 10 mg/mL, and 1:N is one gram in N millilitres.
//!
//! A recorded quantity has at most six decimals; a smaller step cannot be measured or stored.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use super::exact::{Exact, NotExact};
use crate::text::text_enum;

const FINEST_SCALE: u32 = 6;
const LARGEST: Decimal = Decimal::from_parts(100_000_000, 0, 0, false, 0);

/// Why a quantity, or a calculation with quantities, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DoseRefused {
    #[error("a quantity cannot be negative")]
    Negative,
    #[error("a concentration must be above zero")]
    NotPositive,
    #[error("a quantity has at most six decimals")]
    TooPrecise,
    #[error("the quantity is too large to be a dose")]
    TooLarge,
    #[error("a solution cannot be stronger than 100 %")]
    AboveHundredPercent,
    #[error("a mass and international units cannot be added or compared")]
    UnitMismatch,
    #[error("the calculation leaves the range in which it is exact")]
    NotExact,
}

impl From<NotExact> for DoseRefused {
    fn from(_: NotExact) -> Self {
        Self::NotExact
    }
}

fn checked_quantity(value: Decimal) -> Result<Decimal, DoseRefused> {
    let normal = value.normalize();
    if normal.is_sign_negative() && !normal.is_zero() {
        return Err(DoseRefused::Negative);
    }
    if normal.scale() > FINEST_SCALE {
        return Err(DoseRefused::TooPrecise);
    }
    if normal > LARGEST {
        return Err(DoseRefused::TooLarge);
    }
    Ok(normal)
}

/// A volume in millilitres, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VolumeMl(Decimal);

impl VolumeMl {
    /// No volume.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Reads a recorded volume.
    pub fn new(millilitres: Decimal) -> Result<Self, DoseRefused> {
        checked_quantity(millilitres).map(Self)
    }

    /// The volume in millilitres.
    pub const fn millilitres(self) -> Decimal {
        self.0
    }

    /// Whether there is none.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The sum of both.
    pub fn checked_add(self, other: Self) -> Result<Self, DoseRefused> {
        let sum = self.0.checked_add(other.0).ok_or(DoseRefused::NotExact)?;
        checked_quantity(sum).map(Self)
    }

    /// Adds volumes up; the order does not matter.
    pub fn sum(volumes: impl IntoIterator<Item = Self>) -> Result<Self, DoseRefused> {
        volumes.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// How far apart both are, whichever is larger.
    #[must_use]
    pub fn distance(self, other: Self) -> Self {
        Self(if self.0 > other.0 {
            self.0 - other.0
        } else {
            other.0 - self.0
        })
    }

    /// The volume as an exact fraction.
    pub fn exact(self) -> Result<Exact, DoseRefused> {
        Ok(Exact::from_decimal(self.0)?)
    }
}

/// A mass of drug; made and read only by naming the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mass {
    micrograms: Exact,
}

impl Mass {
    /// No drug.
    pub const ZERO: Self = Self {
        micrograms: Exact::ZERO,
    };

    /// Reads a mass written in milligrams.
    pub fn from_milligrams(milligrams: Exact) -> Result<Self, DoseRefused> {
        Ok(Self {
            micrograms: milligrams.checked_mul(Exact::whole(1000))?,
        })
    }

    /// Reads a mass written in micrograms.
    pub const fn from_micrograms(micrograms: Exact) -> Self {
        Self { micrograms }
    }

    /// The mass in milligrams.
    pub fn milligrams(self) -> Result<Exact, DoseRefused> {
        Ok(self.micrograms.checked_div(Exact::whole(1000))?)
    }

    /// The mass in micrograms.
    pub const fn micrograms(self) -> Exact {
        self.micrograms
    }

    /// The sum of both.
    pub fn checked_add(self, other: Self) -> Result<Self, DoseRefused> {
        Ok(Self {
            micrograms: self.micrograms.checked_add(other.micrograms)?,
        })
    }
}

text_enum! {
    /// The unit in which an amount of drug is written.
    pub enum AmountUnit {
        Milligram = "mg",
        Microgram = "mcg",
        Unit = "units",
    }
}

/// An amount of drug: a mass, or international units, which no factor turns into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Amount {
    /// A mass.
    Mass(Mass),
    /// International units.
    Units(Exact),
}

impl Amount {
    /// Reads a recorded amount in its unit.
    pub fn new(value: Decimal, unit: AmountUnit) -> Result<Self, DoseRefused> {
        let value = Exact::from_decimal(checked_quantity(value)?)?;
        Ok(match unit {
            AmountUnit::Milligram => Self::Mass(Mass::from_milligrams(value)?),
            AmountUnit::Microgram => Self::Mass(Mass::from_micrograms(value)),
            AmountUnit::Unit => Self::Units(value),
        })
    }

    /// The mass, refused for international units.
    pub const fn mass(self) -> Result<Mass, DoseRefused> {
        match self {
            Self::Mass(mass) => Ok(mass),
            Self::Units(_) => Err(DoseRefused::UnitMismatch),
        }
    }

    /// The international units, refused for a mass.
    pub const fn units(self) -> Result<Exact, DoseRefused> {
        match self {
            Self::Units(units) => Ok(units),
            Self::Mass(_) => Err(DoseRefused::UnitMismatch),
        }
    }

    /// The value in the unit asked for; converts milligrams and micrograms, nothing else.
    pub fn in_unit(self, unit: AmountUnit) -> Result<Exact, DoseRefused> {
        match unit {
            AmountUnit::Milligram => self.mass()?.milligrams(),
            AmountUnit::Microgram => Ok(self.mass()?.micrograms()),
            AmountUnit::Unit => self.units(),
        }
    }

    /// The sum of both, refused across kinds.
    pub fn checked_add(self, other: Self) -> Result<Self, DoseRefused> {
        match (self, other) {
            (Self::Mass(left), Self::Mass(right)) => Ok(Self::Mass(left.checked_add(right)?)),
            (Self::Units(left), Self::Units(right)) => Ok(Self::Units(left.checked_add(right)?)),
            _ => Err(DoseRefused::UnitMismatch),
        }
    }
}

text_enum! {
    /// How a concentration is written on the vial; the value of `ratio` is the N of 1:N.
    pub enum ConcentrationUnit {
        MilligramsPerMl = "mg_per_ml",
        MicrogramsPerMl = "mcg_per_ml",
        UnitsPerMl = "units_per_ml",
        Percent = "percent",
        Ratio = "ratio",
    }
}

/// A concentration above zero, kept as it was written.
#[serde_as]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "WrittenConcentration", into = "WrittenConcentration")]
pub struct Concentration {
    value: Decimal,
    unit: ConcentrationUnit,
}

#[serde_as]
#[derive(Clone, Serialize, Deserialize)]
struct WrittenConcentration {
    #[serde_as(as = "DisplayFromStr")]
    value: Decimal,
    unit: ConcentrationUnit,
}

impl TryFrom<WrittenConcentration> for Concentration {
    type Error = DoseRefused;

    fn try_from(written: WrittenConcentration) -> Result<Self, DoseRefused> {
        Self::new(written.value, written.unit)
    }
}

impl From<Concentration> for WrittenConcentration {
    fn from(concentration: Concentration) -> Self {
        Self {
            value: concentration.value,
            unit: concentration.unit,
        }
    }
}

impl Concentration {
    /// Reads a concentration; zero, a negative value and more than 100 % are refused.
    pub fn new(value: Decimal, unit: ConcentrationUnit) -> Result<Self, DoseRefused> {
        let value = checked_quantity(value)?;
        if value.is_zero() {
            return Err(DoseRefused::NotPositive);
        }
        if unit == ConcentrationUnit::Percent && value > Decimal::ONE_HUNDRED {
            return Err(DoseRefused::AboveHundredPercent);
        }
        Ok(Self { value, unit })
    }

    /// The value as written.
    pub const fn value(self) -> Decimal {
        self.value
    }

    /// The unit as written.
    pub const fn unit(self) -> ConcentrationUnit {
        self.unit
    }

    /// How much drug one millilitre holds.
    pub fn amount_per_ml(self) -> Result<Amount, DoseRefused> {
        let value = Exact::from_decimal(self.value)?;
        Ok(match self.unit {
            ConcentrationUnit::MilligramsPerMl => Amount::Mass(Mass::from_milligrams(value)?),
            ConcentrationUnit::MicrogramsPerMl => Amount::Mass(Mass::from_micrograms(value)),
            ConcentrationUnit::UnitsPerMl => Amount::Units(value),
            ConcentrationUnit::Percent => {
                Amount::Mass(Mass::from_milligrams(value.checked_mul(Exact::whole(10))?)?)
            }
            ConcentrationUnit::Ratio => {
                let gram = Exact::whole(1_000_000);
                Amount::Mass(Mass::from_micrograms(gram.checked_div(value)?))
            }
        })
    }

    /// How much drug a volume (an exact number of millilitres) holds.
    pub fn amount_in(self, millilitres: Exact) -> Result<Amount, DoseRefused> {
        Ok(match self.amount_per_ml()? {
            Amount::Mass(mass) => Amount::Mass(Mass::from_micrograms(
                mass.micrograms().checked_mul(millilitres)?,
            )),
            Amount::Units(units) => Amount::Units(units.checked_mul(millilitres)?),
        })
    }
}

impl std::fmt::Display for Concentration {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = self.value;
        match self.unit {
            ConcentrationUnit::MilligramsPerMl => write!(formatter, "{value} mg/mL"),
            ConcentrationUnit::MicrogramsPerMl => write!(formatter, "{value} mcg/mL"),
            ConcentrationUnit::UnitsPerMl => write!(formatter, "{value} units/mL"),
            ConcentrationUnit::Percent => write!(formatter, "{value} %"),
            ConcentrationUnit::Ratio => write!(formatter, "1:{value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn concentration(value: &str, unit: &str) -> Result<Concentration, DoseRefused> {
        Concentration::new(decimal(value), ConcentrationUnit::parse(unit).unwrap())
    }

    #[test]
    fn every_way_of_writing_a_concentration_gives_the_same_drug() {
        for (value, unit, micrograms_per_ml) in [
            ("1", "percent", "10000"),
            ("2", "percent", "20000"),
            ("0.25", "percent", "2500"),
            ("0.5", "percent", "5000"),
            ("0.2", "percent", "2000"),
            ("0.9", "percent", "9000"),
            ("100", "percent", "1000000"),
            ("10", "mg_per_ml", "10000"),
            ("40", "mg_per_ml", "40000"),
            ("0.001", "mg_per_ml", "1"),
            ("1000", "mcg_per_ml", "1000"),
            ("0.5", "mcg_per_ml", "0.5"),
            ("100000", "ratio", "10"),
            ("200000", "ratio", "5"),
            ("1000", "ratio", "1000"),
            ("80000", "ratio", "12.5"),
        ] {
            let amount = concentration(value, unit).unwrap().amount_per_ml().unwrap();
            let expected = Exact::from_decimal(decimal(micrograms_per_ml)).unwrap();
            assert_eq!(
                amount.in_unit(AmountUnit::Microgram).unwrap(),
                expected,
                "{value} {unit}"
            );
        }
    }

    #[test]
    fn an_endless_ratio_stays_exact() {
        let third = concentration("300000", "ratio").unwrap();
        let three_ml = third.amount_in(Exact::whole(3)).unwrap();
        assert_eq!(three_ml.mass().unwrap().micrograms(), Exact::whole(10));
    }

    #[test]
    fn impossible_quantities_are_refused() {
        for (value, unit, refused) in [
            ("0", "percent", DoseRefused::NotPositive),
            ("0.000", "ratio", DoseRefused::NotPositive),
            ("-1", "mg_per_ml", DoseRefused::Negative),
            ("100.1", "percent", DoseRefused::AboveHundredPercent),
            ("0.0000001", "mcg_per_ml", DoseRefused::TooPrecise),
            ("100000001", "units_per_ml", DoseRefused::TooLarge),
        ] {
            assert_eq!(concentration(value, unit), Err(refused), "{value} {unit}");
        }
        assert_eq!(VolumeMl::new(decimal("-0.1")), Err(DoseRefused::Negative));
        assert_eq!(
            VolumeMl::new(decimal("0.1234567")),
            Err(DoseRefused::TooPrecise)
        );
        assert_eq!(
            VolumeMl::new(decimal("0.10000000")),
            VolumeMl::new(decimal("0.1"))
        );
    }

    #[test]
    fn a_milligram_is_a_thousand_micrograms() {
        let milligram = Amount::new(decimal("1"), AmountUnit::Milligram).unwrap();
        let thousand = Amount::new(decimal("1000"), AmountUnit::Microgram).unwrap();
        assert_eq!(milligram, thousand);
        assert_ne!(
            milligram,
            Amount::new(decimal("1"), AmountUnit::Microgram).unwrap()
        );
    }

    #[test]
    fn units_never_mix_with_a_mass() {
        let units = Amount::new(decimal("5"), AmountUnit::Unit).unwrap();
        let mass = Amount::new(decimal("5"), AmountUnit::Milligram).unwrap();
        assert_eq!(units.checked_add(mass), Err(DoseRefused::UnitMismatch));
        assert_eq!(
            units.in_unit(AmountUnit::Milligram),
            Err(DoseRefused::UnitMismatch)
        );
        assert_eq!(
            mass.in_unit(AmountUnit::Unit),
            Err(DoseRefused::UnitMismatch)
        );
        assert!(units.checked_add(units).is_ok());
    }

    #[test]
    fn a_concentration_reads_as_on_the_vial() {
        for (value, unit, text) in [
            ("1.0", "percent", "1 %"),
            ("100000", "ratio", "1:100000"),
            ("1000", "mcg_per_ml", "1000 mcg/mL"),
            ("40", "mg_per_ml", "40 mg/mL"),
            ("50", "units_per_ml", "50 units/mL"),
        ] {
            assert_eq!(concentration(value, unit).unwrap().to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn a_dose_is_additive_over_volumes(a in 0_u32..100_000, b in 0_u32..100_000, c in 1_u32..900_000) {
            let strength = Concentration::new(Decimal::new(c.into(), 4), ConcentrationUnit::Percent).unwrap();
            let ml = |n: u32| Exact::from_decimal(Decimal::new(n.into(), 3)).unwrap();
            let apart = strength.amount_in(ml(a)).unwrap().checked_add(strength.amount_in(ml(b)).unwrap());
            prop_assert_eq!(apart.unwrap(), strength.amount_in(ml(a + b)).unwrap());
        }

        #[test]
        fn scaling_a_volume_scales_the_dose(a in 0_u32..100_000, k in 1_u32..100, c in 1_u32..1_000_000) {
            let strength = Concentration::new(c.into(), ConcentrationUnit::Ratio).unwrap();
            let ml = Exact::from_decimal(Decimal::new(a.into(), 3)).unwrap();
            let scaled = strength.amount_in(ml.checked_mul(Exact::whole(k)).unwrap()).unwrap();
            let once = strength.amount_in(ml).unwrap().mass().unwrap().micrograms();
            prop_assert_eq!(scaled.mass().unwrap().micrograms(), once.checked_mul(Exact::whole(k)).unwrap());
        }

        #[test]
        fn volumes_add_in_any_order(mut volumes in proptest::collection::vec(0_i64..10_000_000, 0..30)) {
            let sum = |volumes: &[i64]| VolumeMl::sum(volumes.iter().map(|v| VolumeMl::new(Decimal::new(*v, 6)).unwrap())).unwrap();
            let forwards = sum(&volumes);
            volumes.reverse();
            prop_assert_eq!(forwards, sum(&volumes));
        }
    }
}
