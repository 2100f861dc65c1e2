//! A trigger point, which a patient keeps over many visits, and a palpation: what was felt at a point
//! at one visit.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;
use crate::visits::{VisitId, Voided};

use super::body_chart::Given;
use super::chart::{ChartPoint, Side, View};
use super::classification::{Classified, PalpationFindings, ReferredQuality};
use super::course::{Course, Observation, Presence};
use super::measures::{PainRating, PressureThreshold, TautBandDiameterMm, TendernessGrade};

use tautband_rules::relief::Relief;

id! {
    /// The id of a trigger point, the same over all visits.
    pub(crate) struct PointId
}

id! {
    /// The id of a palpation.
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

/// The signs and measures of a palpation.
#[derive(Debug, Clone)]
pub(crate) struct Felt {
    pub(crate) position: Option<PatientPosition>,
    pub(crate) findings: PalpationFindings,
    pub(crate) tenderness: TendernessGrade,
    pub(crate) pressure_threshold: Option<PressureThreshold>,
    pub(crate) pain: Option<PainRating>,
    /// Where pain was referred to, as observed.
    pub(crate) referred_zones: Vec<String>,
    /// How the patient describes the referred pain.
    pub(crate) referred_qualities: Vec<ReferredQuality>,
    pub(crate) taut_band_diameter: Option<TautBandDiameterMm>,
    pub(crate) depth_mm: Option<i16>,
    pub(crate) note: Option<String>,
    /// The provider's own judgement, where it differs from the criteria.
    pub(crate) judgement: Option<Judgement>,
}

impl Felt {
    /// Returns the provider's judgement, or the classification by the criteria when there is none.
    pub(crate) fn classified(&self) -> Classified {
        self.judgement
            .as_ref()
            .map_or_else(|| self.findings.classify(), |judged| judged.classified)
    }
}

/// A classification by the provider that differs from the criteria, and the reason.
#[derive(Debug, Clone)]
pub(crate) struct Judgement {
    pub(crate) classified: Classified,
    pub(crate) reason: String,
}

/// What was felt at one point at one visit, and its classification.
#[derive(Debug, Clone)]
pub(crate) struct Palpation {
    pub(crate) id: PalpationId,
    pub(crate) visit_id: VisitId,
    /// The record it was written to.
    pub(crate) patient_id: PatientId,
    /// The person that the record belongs to, who is shown.
    pub(crate) person_id: PatientId,
    pub(crate) point_id: PointId,
    pub(crate) muscle_code: String,
    pub(crate) muscle_name: String,
    pub(crate) side: Side,
    pub(crate) place: ChartPoint,
    pub(crate) chart_version: i16,
    pub(crate) felt: Felt,
    /// Why the provider insisted on a place that the anatomy check refuses.
    pub(crate) placement_reason: Option<String>,
    pub(crate) classified: Classified,
    pub(crate) course: Course,
    /// The user who recorded it; `None` in rows from before this was stored.
    pub(crate) examined_by: Option<Uuid>,
    /// Set when it was entered in error; it counts nowhere then.
    pub(crate) voided: Option<Voided>,
    pub(crate) version: Version,
    /// When it was felt, where it was entered later.
    pub(crate) entered_later: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Palpation {
    /// When it was felt.
    pub(crate) fn palpated_at(&self) -> DateTime<Utc> {
        self.entered_later.unwrap_or(self.created_at)
    }

    /// Returns what this palpation says about the presence of the point.
    pub(crate) fn observation(&self) -> Observation {
        let spot = self.felt.findings.hypersensitive_spot;
        Observation {
            observed_at: self.palpated_at(),
            presence: Presence::of(self.classified.classification, spot),
        }
    }
}

/// The place of a point, for an injection.
#[derive(Debug, Clone)]
pub(crate) struct PlacedPoint {
    pub(crate) id: PointId,
    pub(crate) muscle_code: String,
    pub(crate) side: Side,
    pub(crate) view: View,
    pub(crate) x: Decimal,
    pub(crate) y: Decimal,
}

/// A trigger point with all its palpations and treatments.
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

/// One injection into a point, or one dry needle.
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

/// Where a needle went in.
#[derive(Debug, Clone)]
pub(crate) struct InjectedSite {
    pub(crate) injection_id: Uuid,
    pub(crate) visit_id: VisitId,
    /// The point it was meant for, where one was named.
    pub(crate) point_id: Option<PointId>,
    pub(crate) muscle_name: String,
    pub(crate) side: Side,
    pub(crate) place: ChartPoint,
    /// What went in there.
    pub(crate) given: Given,
}

/// How a point responded to treatment: mean pain before and after the treatments that have both
/// ratings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) treatments_rated: usize,
    pub(crate) pain_before: Decimal,
    pub(crate) pain_after: Decimal,
    /// `None` when there was no pain before.
    pub(crate) relief_percent: Option<Decimal>,
}

impl Response {
    /// Averages the treatments that have both ratings; `None` if there is no such treatment.
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
            relief_percent: Relief::over(rated).map(Relief::shown_percent),
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
