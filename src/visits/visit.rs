//! A visit as a record.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;
use crate::practice::{LocationId, ProviderId};
use crate::scheduling::AppointmentId;

use super::tenderness::TendernessScores;

id! {
    /// Names a visit.
    pub(crate) struct VisitId
}

text_enum! {
    /// Whether a visit can still be written.
    pub(crate) enum VisitStatus {
        Open = "open",
        Signed = "signed",
    }
}

/// A visit with the names of those it is about.
pub(crate) struct Visit {
    pub(crate) id: VisitId,
    /// The person who was seen.
    pub(crate) patient_id: PatientId,
    /// The record it was written to, which a merge leaves as it was.
    pub(crate) record_id: PatientId,
    pub(crate) patient_name: String,
    pub(crate) provider_id: ProviderId,
    pub(crate) provider_name: String,
    pub(crate) location_id: LocationId,
    pub(crate) location_name: String,
    pub(crate) zone: Tz,
    pub(crate) appointment_id: Option<AppointmentId>,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) note: Note,
    pub(crate) vitals: Option<TakenVitals>,
    pub(crate) tenderness: Option<TendernessScores>,
    pub(crate) signature: Option<Signature>,
    /// Written after the signature, oldest first.
    pub(crate) addenda: Vec<Addendum>,
    /// Counts changes and addenda.
    pub(crate) version: Version,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Visit {
    /// Whether it can still be written.
    pub(crate) const fn status(&self) -> VisitStatus {
        if self.signature.is_some() {
            VisitStatus::Signed
        } else {
            VisitStatus::Open
        }
    }
}

/// What is written about a visit.
#[derive(Clone, Default)]
pub(crate) struct Note {
    pub(crate) chief_complaint: Option<String>,
    pub(crate) subjective: Option<String>,
    pub(crate) objective: Option<String>,
    pub(crate) assessment: Option<String>,
    pub(crate) plan: Option<String>,
    /// In order of weight.
    pub(crate) diagnoses: Vec<Diagnosis>,
}

/// A diagnosis: its ICD-10-CM code and the writer's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Diagnosis {
    /// ICD-10-CM code.
    #[schema(
        pattern = r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$",
        max_length = 8,
        example = "G43.709"
    )]
    pub(crate) code: String,
    /// What it means, in the writer's own words.
    #[schema(min_length = 1, max_length = 300, example = "Chronic migraine")]
    pub(crate) text: String,
}

/// What was measured, each within a plausible range; nothing where it was not measured.
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

/// Vitals and when they were taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TakenVitals {
    pub(crate) vitals: Vitals,
    pub(crate) taken_at: DateTime<Utc>,
}

/// A decimal that cannot be such a measurement, and what could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutOfRange {
    pub(crate) field: &'static str,
    pub(crate) detail: &'static str,
}

impl Vitals {
    /// Everything that cannot be right; whole numbers are bounded where they are read.
    pub(crate) fn faults(&self) -> Vec<OutOfRange> {
        let mut faults = Vec::new();
        let mut check = |field, value: Option<Decimal>, (lowest, highest, scale), detail| {
            let plausible = Decimal::from(lowest)..=Decimal::from(highest);
            if value.is_some_and(|value| !plausible.contains(&value) || value.scale() > scale) {
                faults.push(OutOfRange { field, detail });
            }
        };
        check(
            "weight_kg",
            self.weight_kg,
            (1, 500, 2),
            "must be 1 to 500 with at most two decimals",
        );
        check(
            "height_cm",
            self.height_cm,
            (30, 260, 1),
            "must be 30 to 260 with at most one decimal",
        );
        check(
            "temperature_c",
            self.temperature_c,
            (30, 45, 1),
            "must be 30 to 45 with at most one decimal",
        );
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

/// Who sealed a visit, when, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) signed_at: DateTime<Utc>,
    /// The user.
    pub(crate) signed_by: Uuid,
    pub(crate) seal: Seal,
}

/// SHA-256 over the canonical text of a visit and everything under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seal(Vec<u8>);

impl Seal {
    /// Seals a canonical text.
    pub(crate) fn over(content: &str) -> Self {
        use sha2::Digest;
        Self(sha2::Sha256::digest(content).to_vec())
    }

    /// A seal as it is stored.
    pub(crate) const fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes of the digest.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is shown: lower-case hexadecimal.
    pub(crate) fn hexadecimal(&self) -> String {
        use std::fmt::Write;
        self.0
            .iter()
            .fold(String::with_capacity(64), |mut text, byte| {
                // Writing to a string cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
    }
}

/// What was added after the signature.
#[derive(Debug, Clone)]
pub(crate) struct Addendum {
    pub(crate) id: Uuid,
    pub(crate) text: String,
    /// The user.
    pub(crate) written_by: Uuid,
    pub(crate) written_at: DateTime<Utc>,
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

    #[test]
    fn a_seal_is_the_digest_of_the_text() {
        assert_eq!(
            Seal::over("abc").hexadecimal(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
