//! A palpation as it is shown.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::findings::chart::{Side, View};
use crate::findings::classification::{Activity, Classification, Finding, ReferredQuality};
use crate::findings::course::Course;
use crate::findings::measures::{PainRating, PressureThreshold};
use crate::findings::palpate::Palpated;
use crate::findings::palpation::{Palpation, PalpationId, PatientPosition, PointId};
use crate::patients::PatientId;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::visits::{VisitId, Voided};

/// What was felt at one point at one visit, and its classification.
#[derive(Serialize, ToSchema)]
pub(super) struct PalpationBody {
    id: PalpationId,
    /// The id of the point, the same over all visits.
    point_id: PointId,
    visit_id: VisitId,
    patient_id: PatientId,
    muscle_code: String,
    muscle_name: String,
    side: Side,
    view: View,
    x: ExactDecimal,
    y: ExactDecimal,
    chart_version: i16,
    taut_band: Finding,
    hypersensitive_spot: Finding,
    referred_pain: Finding,
    pain_recognised: Finding,
    local_twitch: Finding,
    jump_sign: Finding,
    palpable_nodule: Finding,
    tenderness_grade: i16,
    pressure_threshold_kpa: Option<ExactDecimal>,
    pain_nrs: Option<i16>,
    referred_zones: Vec<String>,
    depth_mm: Option<i16>,
    note: Option<String>,
    range_of_motion_restricted: Finding,
    autonomic_signs: Finding,
    referred_qualities: Vec<ReferredQuality>,
    taut_band_diameter_mm: Option<ExactDecimal>,
    /// How the patient lay or sat; null when it was not recorded.
    patient_position: Option<PatientPosition>,
    /// The user who recorded it; null in palpations from before this was stored.
    examined_by: Option<Uuid>,
    /// Whether the pressure is higher than a hand-held gauge can show. If so, check the unit.
    pressure_is_beyond_gauge: bool,
    /// Why the provider insisted on a place that the anatomy check refuses.
    placement_override_reason: Option<String>,
    /// The classification by the criteria, even if the provider judged otherwise.
    derived_classification: Classification,
    derived_activity: Activity,
    /// Why the provider judged otherwise; null when the criteria apply.
    classification_override_reason: Option<String>,
    classification: Classification,
    activity: Activity,
    course: Course,
    /// Earlier points that this new point may be, the nearest first. Only in the response to recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    proposed_same_as: Option<Vec<PointId>>,
    /// Whether the point lies far from the usual place of the muscle. Only in the response to
    /// recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    far_from_usual_place: Option<bool>,
    /// Set when it was entered in error; it counts nowhere then.
    voided: Option<Voided>,
    version: Version,
    /// When it was felt.
    palpated_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Palpation> for PalpationBody {
    fn from(palpation: Palpation) -> Self {
        let palpated_at = palpation.palpated_at();
        let (felt, place) = (palpation.felt, palpation.place);
        let findings = felt.findings;
        let derived = findings.classify();
        Self {
            id: palpation.id,
            point_id: palpation.point_id,
            visit_id: palpation.visit_id,
            patient_id: palpation.person_id,
            muscle_code: palpation.muscle_code,
            muscle_name: palpation.muscle_name,
            side: palpation.side,
            view: place.view(),
            x: ExactDecimal(place.x()),
            y: ExactDecimal(place.y()),
            chart_version: palpation.chart_version,
            taut_band: findings.taut_band,
            hypersensitive_spot: findings.hypersensitive_spot,
            referred_pain: findings.referred_pain,
            pain_recognised: findings.pain_recognised,
            local_twitch: findings.local_twitch,
            jump_sign: findings.jump_sign,
            palpable_nodule: findings.palpable_nodule,
            tenderness_grade: felt.tenderness.get(),
            pressure_threshold_kpa: felt
                .pressure_threshold
                .map(|threshold| ExactDecimal(threshold.kilopascals())),
            pain_nrs: felt.pain.map(PainRating::get),
            referred_zones: felt.referred_zones,
            depth_mm: felt.depth_mm,
            note: felt.note,
            range_of_motion_restricted: findings.range_of_motion_restricted,
            autonomic_signs: findings.autonomic_signs,
            referred_qualities: felt.referred_qualities,
            taut_band_diameter_mm: felt
                .taut_band_diameter
                .map(|diameter| ExactDecimal(diameter.millimetres())),
            patient_position: felt.position,
            examined_by: palpation.examined_by,
            pressure_is_beyond_gauge: felt
                .pressure_threshold
                .is_some_and(PressureThreshold::is_beyond_the_gauge),
            placement_override_reason: palpation.placement_reason,
            derived_classification: derived.classification,
            derived_activity: derived.activity,
            classification_override_reason: felt.judgement.map(|judged| judged.reason),
            classification: palpation.classified.classification,
            activity: palpation.classified.activity,
            course: palpation.course,
            proposed_same_as: None,
            far_from_usual_place: None,
            voided: palpation.voided,
            version: palpation.version,
            palpated_at,
            recorded_at: palpation.created_at,
            updated_at: palpation.updated_at,
        }
    }
}

impl From<Palpated> for PalpationBody {
    fn from(palpated: Palpated) -> Self {
        Self {
            proposed_same_as: Some(palpated.proposed_same_as),
            far_from_usual_place: Some(palpated.is_unusual),
            ..Self::from(palpated.palpation)
        }
    }
}
