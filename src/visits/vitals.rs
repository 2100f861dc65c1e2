//! Vitals: what was measured at a visit, within what a person can have.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// What was measured; `None` where it was not measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Vitals {
    pub(crate) weight_kg: Option<Decimal>,
    pub(crate) height_cm: Option<Decimal>,
    pub(crate) systolic_mmhg: Option<i32>,
    pub(crate) diastolic_mmhg: Option<i32>,
    pub(crate) heart_rate_bpm: Option<i32>,
    pub(crate) spo2_percent: Option<i32>,
    pub(crate) temperature_c: Option<Decimal>,
}

/// What is to be changed: `None` leaves a value as it is, `Some(None)` clears it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct VitalsChanges {
    pub(crate) weight_kg: Option<Option<Decimal>>,
    pub(crate) height_cm: Option<Option<Decimal>>,
    pub(crate) systolic_mmhg: Option<Option<i32>>,
    pub(crate) diastolic_mmhg: Option<Option<i32>>,
    pub(crate) heart_rate_bpm: Option<Option<i32>>,
    pub(crate) spo2_percent: Option<Option<i32>>,
    pub(crate) temperature_c: Option<Option<Decimal>>,
}

impl VitalsChanges {
    pub(crate) fn applied_to(&self, vitals: Vitals) -> Vitals {
        Vitals {
            weight_kg: self.weight_kg.unwrap_or(vitals.weight_kg),
            height_cm: self.height_cm.unwrap_or(vitals.height_cm),
            systolic_mmhg: self.systolic_mmhg.unwrap_or(vitals.systolic_mmhg),
            diastolic_mmhg: self.diastolic_mmhg.unwrap_or(vitals.diastolic_mmhg),
            heart_rate_bpm: self.heart_rate_bpm.unwrap_or(vitals.heart_rate_bpm),
            spo2_percent: self.spo2_percent.unwrap_or(vitals.spo2_percent),
            temperature_c: self.temperature_c.unwrap_or(vitals.temperature_c),
        }
    }
}

/// Vitals, and the time at which they were taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TakenVitals {
    pub(crate) vitals: Vitals,
    pub(crate) taken_at: DateTime<Utc>,
}

/// A measurement that cannot be right, and what would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutOfRange {
    pub(crate) field: &'static str,
    pub(crate) detail: &'static str,
}

/// The values that a decimal measurement can have.
#[derive(Debug, Clone, Copy)]
struct Plausible {
    lowest: i64,
    highest: i64,
    most_decimals: u32,
    fault: OutOfRange,
}

const WEIGHT: Plausible = Plausible {
    lowest: 1,
    highest: 500,
    most_decimals: 2,
    fault: OutOfRange {
        field: "weight_kg",
        detail: "must be 1 to 500 with at most two decimals",
    },
};

const HEIGHT: Plausible = Plausible {
    lowest: 30,
    highest: 260,
    most_decimals: 1,
    fault: OutOfRange {
        field: "height_cm",
        detail: "must be 30 to 260 with at most one decimal",
    },
};

const TEMPERATURE: Plausible = Plausible {
    lowest: 30,
    highest: 45,
    most_decimals: 1,
    fault: OutOfRange {
        field: "temperature_c",
        detail: "must be 30 to 45 with at most one decimal",
    },
};

impl Plausible {
    fn contains(&self, value: Decimal) -> bool {
        let range = Decimal::from(self.lowest)..=Decimal::from(self.highest);
        range.contains(&value) && value.scale() <= self.most_decimals
    }
}

impl Vitals {
    /// Returns every measurement that cannot be right. The document already bounds whole numbers.
    pub(crate) fn faults(&self) -> Vec<OutOfRange> {
        let mut faults = Vec::new();
        for (value, plausible) in [
            (self.weight_kg, WEIGHT),
            (self.height_cm, HEIGHT),
            (self.temperature_c, TEMPERATURE),
        ] {
            if value.is_some_and(|value| !plausible.contains(value)) {
                faults.push(plausible.fault);
            }
        }
        let pressure = self.systolic_mmhg.zip(self.diastolic_mmhg);
        if pressure.is_some_and(|(systolic, diastolic)| systolic <= diastolic) {
            faults.push(OutOfRange {
                field: "systolic_mmhg",
                detail: "must be higher than diastolic_mmhg",
            });
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(vitals: Vitals) -> Vec<&'static str> {
        vitals.faults().iter().map(|fault| fault.field).collect()
    }

    fn decimal(text: &str) -> Option<Decimal> {
        text.parse().ok()
    }

    #[test]
    fn every_measurement_ends_where_it_says() {
        let weight = |text| {
            faults(Vitals {
                weight_kg: decimal(text),
                ..Vitals::default()
            })
        };
        let height = |text| {
            faults(Vitals {
                height_cm: decimal(text),
                ..Vitals::default()
            })
        };
        let temperature = |text| {
            faults(Vitals {
                temperature_c: decimal(text),
                ..Vitals::default()
            })
        };
        for within in [weight("1"), weight("500"), height("30"), height("260")] {
            assert_eq!(within, [""; 0]);
        }
        assert_eq!(temperature("30"), [""; 0]);
        assert_eq!(temperature("45.0"), [""; 0]);
        for outside in [weight("0.99"), weight("500.01"), weight("70.123")] {
            assert_eq!(outside, ["weight_kg"]);
        }
        for outside in [height("29.9"), height("260.1"), height("170.25")] {
            assert_eq!(outside, ["height_cm"]);
        }
        for outside in [
            temperature("29.9"),
            temperature("45.1"),
            temperature("36.65"),
        ] {
            assert_eq!(outside, ["temperature_c"]);
        }
    }

    #[test]
    fn the_systolic_pressure_is_the_higher_one() {
        let pressure = |systolic, diastolic| {
            faults(Vitals {
                systolic_mmhg: Some(systolic),
                diastolic_mmhg: Some(diastolic),
                ..Vitals::default()
            })
        };
        assert_eq!(pressure(120, 80), [""; 0]);
        assert_eq!(pressure(80, 80), ["systolic_mmhg"]);
        assert_eq!(pressure(80, 120), ["systolic_mmhg"]);
    }
}
