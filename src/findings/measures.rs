//! The measures of a palpation, each with its unit and its range.
//!
//! A value outside its range is rejected, never clipped. A pressure pain threshold is stored in
//! kilopascals, whichever unit the gauge shows; conversions are exact decimals. There is no normal
//! range for it, because devices and techniques vary too much. It is compared with the other side or
//! with the patient's own earlier values.
//!
//! # Source
//! Fischer, Pain 1987;30:115 (1 cm² probe, gauge to 11 kg); Farrar, Pain 2001;94:149 (0–10 pain).

use rust_decimal::Decimal;

use crate::platform::text::text_enum;

/// One kilogram-force per square centimetre in kilopascals, exact by definition.
const KPA_PER_KGF_CM2: Decimal = Decimal::from_parts(980_665, 0, 0, false, 4);

/// One newton per square centimetre in kilopascals.
const KPA_PER_N_CM2: Decimal = Decimal::TEN;

const HIGHEST_PRESSURE_KPA: Decimal = Decimal::from_parts(1500, 0, 0, false, 0);

/// The highest pressure that a hand-held gauge, of 11 kg, can show.
const GAUGE_LIMIT_KPA: Decimal = Decimal::from_parts(1079, 0, 0, false, 0);

/// A measure lies outside its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MeasureRefused {
    #[error("tenderness must be a grade from 0 to 4")]
    Tenderness,
    #[error("pain must be a whole number from 0 to 10")]
    Pain,
    #[error("the diameter of a taut band must be 0.5 to 10 mm")]
    TautBandDiameter,
    #[error("a pressure threshold must be above 0 and at most 1500 kPa")]
    PressureThreshold,
    #[error("a pressure threshold is averaged over 2 to 5 readings")]
    PressureReadings,
}

macro_rules! whole_number {
    ($(#[$meta:meta])* $name:ident, 0..=$highest:literal, $refused:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(i16);

        impl $name {
            /// Accepts a whole number in range.
            pub(crate) const fn new(value: i16) -> Result<Self, MeasureRefused> {
                if value >= 0 && value <= $highest {
                    Ok(Self(value))
                } else {
                    Err(MeasureRefused::$refused)
                }
            }

            /// The number as it is stored.
            pub(crate) const fn get(self) -> i16 {
                self.0
            }
        }
    };
}

whole_number!(
    /// 0 none; 1 tender; 2 with grimace or flinch; 3 with withdrawal; 4 on a light touch.
    TendernessGrade, 0..=4, Tenderness
);
whole_number!(
    /// The patient's own rating of pain, 0 none to 10 worst imaginable.
    PainRating, 0..=10, Pain
);

/// How thick the taut band feels, 0.5 to 10 mm, most often 1 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TautBandDiameterMm(Decimal);

impl TautBandDiameterMm {
    /// Accepts a diameter in range.
    pub(crate) fn new(millimetres: Decimal) -> Result<Self, MeasureRefused> {
        if (Decimal::new(5, 1)..=Decimal::TEN).contains(&millimetres) {
            Ok(Self(millimetres))
        } else {
            Err(MeasureRefused::TautBandDiameter)
        }
    }

    /// The diameter in millimetres.
    pub(crate) const fn millimetres(self) -> Decimal {
        self.0
    }
}

text_enum! {
    /// The unit a pressure gauge shows.
    pub(crate) enum PressureUnit {
        Kilopascal = "kPa",
        KilogramForcePerSquareCentimetre = "kgf/cm2",
        NewtonPerSquareCentimetre = "N/cm2",
    }
}

impl PressureUnit {
    const fn kilopascals(self) -> Decimal {
        match self {
            Self::Kilopascal => Decimal::ONE,
            Self::KilogramForcePerSquareCentimetre => KPA_PER_KGF_CM2,
            Self::NewtonPerSquareCentimetre => KPA_PER_N_CM2,
        }
    }
}

/// The pressure at which touch becomes pain, above 0 and up to 1500 kPa.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PressureThreshold(Decimal);

impl PressureThreshold {
    /// Accepts a reading in the unit the gauge shows.
    pub(crate) fn new(value: Decimal, unit: PressureUnit) -> Result<Self, MeasureRefused> {
        let kilopascals = value
            .checked_mul(unit.kilopascals())
            .ok_or(MeasureRefused::PressureThreshold)?;
        if kilopascals > Decimal::ZERO && kilopascals <= HIGHEST_PRESSURE_KPA {
            Ok(Self(kilopascals.normalize()))
        } else {
            Err(MeasureRefused::PressureThreshold)
        }
    }

    /// Averages the last two of two to five readings, because the first presses teach the patient.
    pub(crate) fn of_readings(readings: &[Self]) -> Result<Self, MeasureRefused> {
        match readings {
            [.., before, last] if readings.len() <= 5 => {
                Ok(Self(((before.0 + last.0) / Decimal::TWO).normalize()))
            }
            _ => Err(MeasureRefused::PressureReadings),
        }
    }

    /// The threshold in kilopascals, the unit it is stored in.
    pub(crate) const fn kilopascals(self) -> Decimal {
        self.0
    }

    /// Whether it lies above what a hand-held gauge shows, so that a slip of unit is likely.
    pub(crate) fn is_beyond_the_gauge(self) -> bool {
        self.0 > GAUGE_LIMIT_KPA
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn kilopascals(text: &str) -> Result<PressureThreshold, MeasureRefused> {
        PressureThreshold::new(decimal(text), PressureUnit::Kilopascal)
    }

    #[test]
    fn each_scale_ends_where_it_says() {
        assert_eq!(TendernessGrade::new(-1), Err(MeasureRefused::Tenderness));
        assert_eq!(TendernessGrade::new(0).map(TendernessGrade::get), Ok(0));
        assert_eq!(TendernessGrade::new(4).map(TendernessGrade::get), Ok(4));
        assert_eq!(TendernessGrade::new(5), Err(MeasureRefused::Tenderness));
        assert_eq!(PainRating::new(-1), Err(MeasureRefused::Pain));
        assert!(PainRating::new(0).is_ok());
        assert!(PainRating::new(10).is_ok());
        assert_eq!(PainRating::new(11), Err(MeasureRefused::Pain));
    }

    #[test]
    fn lengths_end_where_they_say() {
        let refused = Err(MeasureRefused::TautBandDiameter);
        assert_eq!(TautBandDiameterMm::new(decimal("0.49")), refused);
        assert!(TautBandDiameterMm::new(decimal("0.5")).is_ok());
        assert!(TautBandDiameterMm::new(decimal("10")).is_ok());
        assert_eq!(TautBandDiameterMm::new(decimal("10.1")), refused);
    }

    #[test]
    fn a_pressure_threshold_lies_above_nothing_and_not_above_1500_kilopascals() {
        let refused = Err(MeasureRefused::PressureThreshold);
        assert_eq!(kilopascals("0"), refused);
        assert!(kilopascals("0.0001").is_ok());
        assert!(kilopascals("1500").is_ok());
        assert_eq!(kilopascals("1500.0001"), refused);
        assert_eq!(kilopascals("-1"), refused);
        let huge = PressureThreshold::new(Decimal::MAX, PressureUnit::NewtonPerSquareCentimetre);
        assert_eq!(huge, refused);
    }

    #[test]
    fn a_threshold_beyond_the_gauge_is_doubtful() {
        assert!(!kilopascals("1079").unwrap().is_beyond_the_gauge());
        assert!(kilopascals("1079.0001").unwrap().is_beyond_the_gauge());
    }

    #[test]
    fn units_convert_exactly() {
        let kgf = PressureUnit::KilogramForcePerSquareCentimetre;
        let newton = PressureUnit::NewtonPerSquareCentimetre;
        let three = PressureThreshold::new(decimal("3.0"), kgf).unwrap();
        assert_eq!(three.kilopascals(), decimal("294.1995"));
        let twenty_five = PressureThreshold::new(decimal("25"), newton).unwrap();
        assert_eq!(twenty_five.kilopascals(), decimal("250"));
    }

    #[test]
    fn the_last_two_readings_are_averaged() {
        let reading = |text| kilopascals(text).unwrap();
        let readings = [reading("400"), reading("250"), reading("251")];
        let mean = PressureThreshold::of_readings(&readings).unwrap();
        assert_eq!(mean.kilopascals(), decimal("250.5"));
        let one = PressureThreshold::of_readings(&[reading("250")]);
        assert_eq!(one, Err(MeasureRefused::PressureReadings));
        let six = PressureThreshold::of_readings(&[reading("250"); 6]);
        assert_eq!(six, Err(MeasureRefused::PressureReadings));
        assert!(PressureThreshold::of_readings(&[reading("250"); 5]).is_ok());
    }
}
