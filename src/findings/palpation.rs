//! A trigger point as a lasting thing of a patient, and what was felt there at one visit.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;
use crate::visits::VisitId;

use super::chart::{ChartPoint, Side, View};
use super::classification::{Classified, PalpationFindings, ReferredQuality};
use super::course::{Course, Observation, Presence};
use super::measures::{PainRating, PressureThreshold, TautBandDiameterMm, TendernessGrade};

id! {
    /// Names a trigger point over all visits.
    pub(crate) struct PointId
}

id! {
    /// Names what was felt at a point at one visit.
    pub(crate) struct PalpationId
}

text_enum! {
    /// How the patient lies or sits.
    pub(crate) enum PatientPosition {
        Prone = "prone",
        Supine = "supine",
        SideLying = "side_lying",
        Seated = "seated",
    }
}

/// What a palpation found and measured.
#[derive(Debug, Clone)]
pub(crate) struct Felt {
    pub(crate) position: Option<PatientPosition>,
    pub(crate) findings: PalpationFindings,
    pub(crate) tenderness: TendernessGrade,
    pub(crate) pressure_threshold: Option<PressureThreshold>,
    pub(crate) pain: Option<PainRating>,
    /// Where pain was referred to, as observed.
    pub(crate) referred_zones: Vec<String>,
    /// How the patient describes it.
    pub(crate) referred_qualities: Vec<ReferredQuality>,
    pub(crate) taut_band_diameter: Option<TautBandDiameterMm>,
    pub(crate) depth_mm: Option<i16>,
    pub(crate) note: Option<String>,
    /// The provider's own judgement, where it is another than the criteria give.
    pub(crate) judgement: Option<Judgement>,
}

impl Felt {
    /// What it amounts to: by the provider's judgement, else by the criteria.
    pub(crate) fn classified(&self) -> Classified {
        self.judgement
            .as_ref()
            .map_or_else(|| self.findings.classify(), |judged| judged.classified)
    }
}

/// What a provider judged against the criteria, and why.
#[derive(Debug, Clone)]
pub(crate) struct Judgement {
    pub(crate) classified: Classified,
    pub(crate) reason: String,
}

/// What was felt at one point at one visit, and what it amounts to.
#[derive(Debug, Clone)]
pub(crate) struct Palpation {
    pub(crate) id: PalpationId,
    pub(crate) visit_id: VisitId,
    /// The record it was written to.
    pub(crate) patient_id: PatientId,
    /// The person behind the record, who is shown.
    pub(crate) person_id: PatientId,
    pub(crate) point_id: PointId,
    pub(crate) muscle_code: String,
    pub(crate) muscle_name: String,
    pub(crate) side: Side,
    pub(crate) place: ChartPoint,
    pub(crate) chart_version: i16,
    pub(crate) felt: Felt,
    /// Why the place stands against the anatomy check.
    pub(crate) placement_reason: Option<String>,
    pub(crate) classified: Classified,
    pub(crate) course: Course,
    /// The user who recorded it; nothing in rows of before.
    pub(crate) examined_by: Option<Uuid>,
    pub(crate) version: Version,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Palpation {
    /// What it says about whether the point is there.
    pub(crate) fn observation(&self) -> Observation {
        let spot = self.felt.findings.hypersensitive_spot;
        Observation {
            observed_at: self.created_at,
            presence: Presence::of(self.classified.classification, spot),
        }
    }
}

/// A point as far as a needle needs it.
#[derive(Debug, Clone)]
pub(crate) struct PlacedPoint {
    pub(crate) id: PointId,
    pub(crate) muscle_code: String,
    pub(crate) side: Side,
    pub(crate) view: View,
    pub(crate) x: Decimal,
    pub(crate) y: Decimal,
}

/// A trigger point with everything that was found at it and done to it.
#[derive(Debug, Clone)]
pub(crate) struct TriggerPoint {
    pub(crate) id: PointId,
    pub(crate) person_id: PatientId,
    pub(crate) muscle_code: String,
    pub(crate) muscle_name: String,
    pub(crate) side: Side,
    pub(crate) place: ChartPoint,
    pub(crate) chart_version: i16,
    pub(crate) first_visit_id: VisitId,
    pub(crate) created_at: DateTime<Utc>,
    /// Oldest first.
    pub(crate) palpations: Vec<Palpation>,
    /// Oldest first.
    pub(crate) treatments: Vec<Treatment>,
}

/// A needle a point has had.
#[derive(Debug, Clone)]
pub(crate) struct Treatment {
    pub(crate) injection_id: Uuid,
    pub(crate) procedure_id: Uuid,
    pub(crate) visit_id: VisitId,
    pub(crate) injected_at: DateTime<Utc>,
    pub(crate) volume_ml: Decimal,
    pub(crate) pain_before: Option<i16>,
    pub(crate) pain_after: Option<i16>,
}

/// How a point answered its treatments: mean pain before and after those that were rated twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) treatments_rated: usize,
    pub(crate) pain_before: Decimal,
    pub(crate) pain_after: Decimal,
    /// Nothing where there was no pain before.
    pub(crate) relief_percent: Option<Decimal>,
}

impl Response {
    /// Sums up the treatments that were rated before and after; nothing if none was.
    pub(crate) fn to(treatments: &[Treatment]) -> Option<Self> {
        let rated: Vec<(i16, i16)> = treatments
            .iter()
            .filter_map(|treatment| treatment.pain_before.zip(treatment.pain_after))
            .collect();
        let count = Decimal::from(u32::try_from(rated.len()).ok().filter(|count| *count > 0)?);
        let before: Decimal = rated.iter().map(|(before, _)| Decimal::from(*before)).sum();
        let after: Decimal = rated.iter().map(|(_, after)| Decimal::from(*after)).sum();
        Some(Self {
            treatments_rated: rated.len(),
            pain_before: (before / count).round_dp(1),
            pain_after: (after / count).round_dp(1),
            relief_percent: (!before.is_zero())
                .then(|| ((before - after) / before * Decimal::ONE_HUNDRED).round_dp(0)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn treated(pain_before: Option<i16>, pain_after: Option<i16>) -> Treatment {
        Treatment {
            injection_id: Uuid::nil(),
            procedure_id: Uuid::nil(),
            visit_id: Uuid::nil().into(),
            injected_at: DateTime::UNIX_EPOCH,
            volume_ml: Decimal::ONE,
            pain_before,
            pain_after,
        }
    }

    #[test]
    fn a_response_is_the_mean_of_the_treatments_rated_twice() {
        let treatments = [
            treated(Some(8), Some(2)),
            treated(Some(6), None),
            treated(Some(4), Some(1)),
        ];
        let response = Response::to(&treatments).unwrap();
        assert_eq!(response.treatments_rated, 2);
        assert_eq!(response.pain_before, Decimal::from(6));
        assert_eq!(response.pain_after.to_string(), "1.5");
        assert_eq!(response.relief_percent, Some(Decimal::from(75)));
    }

    #[test]
    fn without_ratings_there_is_no_response_and_without_pain_no_relief() {
        assert_eq!(Response::to(&[treated(Some(5), None)]), None);
        let painless = Response::to(&[treated(Some(0), Some(0))]).unwrap();
        assert_eq!(painless.relief_percent, None);
    }
}
