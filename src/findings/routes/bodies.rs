//! What was felt, as it is sent and shown.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::findings::chart::{Side, View};
use crate::findings::classification::{
    Activity, Classification, Classified, Finding, PalpationFindings, ReferredQuality,
};
use crate::findings::course::Course;
use crate::findings::measures::{
    MeasureRefused, PainRating, PressureThreshold, PressureUnit, TautBandDiameterMm,
    TendernessGrade,
};
use crate::findings::palpate::{PalpatePoint, Palpated};
use crate::findings::palpation::{
    Felt, Judgement, Palpation, PalpationId, PatientPosition, PointId,
};
use crate::patients::PatientId;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::problem::{FieldError, Problem};
use crate::visits::VisitId;

/// What was felt at one point.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordPalpationBody {
    /// By the code of the catalogue.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "trapezius_upper")]
    muscle_code: String,
    #[schema(example = "left")]
    side: Side,
    #[schema(example = "HN_POST")]
    view: View,
    /// Across the view from the viewer's left, 0 to 1.
    #[schema(example = "0.27")]
    x: ExactDecimal,
    /// Down the view, 0 to 1.
    #[schema(example = "0.70")]
    y: ExactDecimal,
    taut_band: Finding,
    hypersensitive_spot: Finding,
    referred_pain: Finding,
    /// The patient recognises the pain as theirs.
    pain_recognised: Finding,
    local_twitch: Finding,
    jump_sign: Finding,
    palpable_nodule: Finding,
    /// 0 none; 1 tender; 2 with grimace or flinch; 3 with withdrawal; 4 on a light touch.
    #[schema(minimum = 0, maximum = 4)]
    tenderness_grade: i16,
    /// Above 0 and up to 1500 kPa, at most two decimals.
    pressure_threshold_kpa: Option<ExactDecimal>,
    /// Pain there, 0 to 10.
    #[schema(minimum = 0, maximum = 10)]
    pain_nrs: Option<i16>,
    /// Where pain was referred to, as observed.
    #[serde(default)]
    #[schema(max_items = 20, nullable = false)]
    referred_zones: Option<Vec<Zone>>,
    #[schema(minimum = 0, maximum = 120)]
    depth_mm: Option<i16>,
    #[schema(min_length = 1, max_length = 2000)]
    note: Option<String>,
    /// Restricted range of motion.
    #[serde(default = "not_assessed")]
    range_of_motion_restricted: Finding,
    #[serde(default = "not_assessed")]
    autonomic_signs: Finding,
    /// How the patient describes the referred pain.
    #[schema(max_items = 6, nullable = false)]
    #[serde(default)]
    referred_qualities: Option<Vec<ReferredQuality>>,
    /// 0.5 to 10 mm, at most one decimal.
    taut_band_diameter_mm: Option<ExactDecimal>,
    /// How the patient lay or sat.
    patient_position: Option<PatientPosition>,
    /// What a gauge showed, in its own unit; instead of `pressure_threshold_kpa`.
    #[schema(nullable = false)]
    pressure_readings: Option<PressureReadings>,
    /// The provider's own judgement, where it is another than the criteria give.
    #[schema(nullable = false)]
    classification_override: Option<ClassificationOverride>,
    /// Why the place stands though muscle, side, view and coordinates do not agree.
    #[schema(nullable = false)]
    placement_override: Option<PlacementOverride>,
    /// The earlier point the provider recognised: of this patient, in this muscle, on this side.
    same_as: Option<PointId>,
}

const fn not_assessed() -> Finding {
    Finding::NotAssessed
}

/// One reading of a gauge, or two to five of which the last two are averaged: the first presses
/// teach the patient.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PressureReadings {
    unit: PressureUnit,
    #[schema(min_items = 1, max_items = 5)]
    readings: Vec<ExactDecimal>,
}

/// A judgement against the criteria.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassificationOverride {
    classification: Classification,
    activity: Activity,
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// A place against the anatomy check.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlacementOverride {
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// A region to which pain is referred.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, min_length = 1, max_length = 60, example = "temple")]
pub(super) struct Zone(String);

pub(super) fn zones(zones: Option<&Vec<Zone>>) -> Vec<String> {
    zones
        .into_iter()
        .flatten()
        .map(|zone| zone.0.clone())
        .collect()
}

/// Collects what a schema cannot say of the measures.
pub(super) fn threshold(
    value: Option<ExactDecimal>,
) -> Result<Option<PressureThreshold>, FieldError> {
    let refused = || {
        FieldError::new(
            "/pressure_threshold_kpa",
            "must lie above 0 and not above 1500, with at most two decimals",
        )
    };
    let Some(value) = value else { return Ok(None) };
    if value.0.scale() > 2 {
        return Err(refused());
    }
    match PressureThreshold::new(value.0, PressureUnit::Kilopascal) {
        Ok(threshold) => Ok(Some(threshold)),
        Err(_) => Err(refused()),
    }
}

/// The threshold a gauge showed, in kilopascals with the decimals that are kept.
fn averaged(readings: &PressureReadings) -> Result<PressureThreshold, FieldError> {
    let refused = |refused: MeasureRefused| {
        FieldError::new("/pressure_readings/readings", refused.to_string())
    };
    let values = readings.readings.iter();
    let values = values.map(|value| PressureThreshold::new(value.0, readings.unit));
    let values: Vec<PressureThreshold> = values.collect::<Result<_, _>>().map_err(refused)?;
    let threshold = match values.as_slice() {
        [only] => *only,
        values => PressureThreshold::of_readings(values).map_err(refused)?,
    };
    let kept = threshold.kilopascals().round_dp(2);
    PressureThreshold::new(kept, PressureUnit::Kilopascal).map_err(refused)
}

/// The threshold of either way to give it.
pub(super) fn either_threshold(
    kilopascals: Option<ExactDecimal>,
    readings: Option<&PressureReadings>,
) -> Result<Option<PressureThreshold>, FieldError> {
    match (kilopascals, readings) {
        (Some(_), Some(_)) => Err(FieldError::new(
            "/pressure_readings",
            "stands instead of pressure_threshold_kpa, not beside it",
        )),
        (_, Some(readings)) => averaged(readings).map(Some),
        (kilopascals, None) => threshold(kilopascals),
    }
}

/// The diameter of a taut band.
pub(super) fn diameter(
    value: Option<ExactDecimal>,
) -> Result<Option<TautBandDiameterMm>, FieldError> {
    let refused = || {
        FieldError::new(
            "/taut_band_diameter_mm",
            "must be 0.5 to 10 with at most one decimal",
        )
    };
    let Some(value) = value else { return Ok(None) };
    if value.0.normalize().scale() > 1 {
        return Err(refused());
    }
    match TautBandDiameterMm::new(value.0) {
        Ok(diameter) => Ok(Some(diameter)),
        Err(_) => Err(refused()),
    }
}

/// A judgement whose two halves go together.
pub(super) fn judgement(
    by: Option<&ClassificationOverride>,
) -> Result<Option<Judgement>, FieldError> {
    let Some(by) = by else { return Ok(None) };
    let classified = Classified::judged(by.classification, by.activity);
    let classified = classified.ok_or_else(|| {
        FieldError::new(
            "/classification_override/activity",
            "is active or latent for a trigger point, definite or probable, and for nothing else",
        )
    })?;
    Ok(Some(Judgement {
        classified,
        reason: by.reason.clone(),
    }))
}

/// Each way the pain was described, once.
pub(super) fn qualities(qualities: Option<&Vec<ReferredQuality>>) -> Vec<ReferredQuality> {
    let mut once: Vec<ReferredQuality> = qualities.into_iter().flatten().copied().collect();
    once.sort_unstable();
    once.dedup();
    once
}

pub(super) fn tenderness(grade: i16) -> Result<TendernessGrade, Problem> {
    TendernessGrade::new(grade)
        .map_err(|refused| Problem::field("/tenderness_grade", refused.to_string()))
}

pub(super) fn pain(rating: Option<i16>) -> Result<Option<PainRating>, Problem> {
    let rating = rating.map(PainRating::new).transpose();
    rating.map_err(|refused| Problem::field("/pain_nrs", refused.to_string()))
}

impl RecordPalpationBody {
    pub(super) fn command(&self) -> Result<PalpatePoint, Problem> {
        let unit = Decimal::ZERO..=Decimal::ONE;
        let mut errors = Vec::new();
        for (field, value) in [("/x", self.x), ("/y", self.y)] {
            if !unit.contains(&value.0) {
                errors.push(FieldError::new(field, "must lie between 0 and 1"));
            }
        }
        let readings = self.pressure_readings.as_ref();
        let pressure_threshold = either_threshold(self.pressure_threshold_kpa, readings);
        let pressure_threshold = pressure_threshold.unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        let taut_band_diameter = diameter(self.taut_band_diameter_mm).unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        let judged = judgement(self.classification_override.as_ref());
        let judged = judged.unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(PalpatePoint {
            muscle_code: self.muscle_code.clone(),
            side: self.side,
            view: self.view,
            x: self.x.0,
            y: self.y.0,
            felt: Felt {
                position: self.patient_position,
                findings: self.findings(),
                tenderness: tenderness(self.tenderness_grade)?,
                pressure_threshold,
                pain: pain(self.pain_nrs)?,
                referred_zones: zones(self.referred_zones.as_ref()),
                referred_qualities: qualities(self.referred_qualities.as_ref()),
                taut_band_diameter,
                depth_mm: self.depth_mm,
                note: self.note.clone(),
                judgement: judged,
            },
            same_as: self.same_as,
            placement_reason: self.placement_override.as_ref().map(|by| by.reason.clone()),
        })
    }

    const fn findings(&self) -> PalpationFindings {
        PalpationFindings {
            taut_band: self.taut_band,
            hypersensitive_spot: self.hypersensitive_spot,
            referred_pain: self.referred_pain,
            pain_recognised: self.pain_recognised,
            local_twitch: self.local_twitch,
            jump_sign: self.jump_sign,
            palpable_nodule: self.palpable_nodule,
            range_of_motion_restricted: self.range_of_motion_restricted,
            autonomic_signs: self.autonomic_signs,
        }
    }
}

/// What was felt at one point at one visit, and what it amounts to.
#[derive(Serialize, ToSchema)]
pub(super) struct PalpationBody {
    id: PalpationId,
    /// The lasting identity of the point over all visits.
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
    /// How the patient lay or sat; null where nobody said.
    patient_position: Option<PatientPosition>,
    /// The user who recorded it; null in what was recorded before it was kept.
    examined_by: Option<Uuid>,
    /// Higher than a hand-held gauge can show: look at the unit again.
    pressure_is_beyond_gauge: bool,
    /// Why the place stands against the anatomy check.
    placement_override_reason: Option<String>,
    /// What the criteria make of the signs, whatever was judged.
    derived_classification: Classification,
    derived_activity: Activity,
    /// Why the provider judged otherwise; null where they did not.
    classification_override_reason: Option<String>,
    classification: Classification,
    activity: Activity,
    course: Course,
    /// Earlier points this new one may be, the nearest first. In the answer to recording alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    proposed_same_as: Option<Vec<PointId>>,
    /// The point lies far from the muscle's usual place. In the answer to recording alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    far_from_usual_place: Option<bool>,
    version: Version,
    recorded_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Palpation> for PalpationBody {
    fn from(palpation: Palpation) -> Self {
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
            version: palpation.version,
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

/// What is to be corrected; a field left out stays, null clears it. Muscle and place stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdatePalpationBody {
    #[schema(nullable = false)]
    taut_band: Option<Finding>,
    #[schema(nullable = false)]
    hypersensitive_spot: Option<Finding>,
    #[schema(nullable = false)]
    referred_pain: Option<Finding>,
    #[schema(nullable = false)]
    pain_recognised: Option<Finding>,
    #[schema(nullable = false)]
    local_twitch: Option<Finding>,
    #[schema(nullable = false)]
    jump_sign: Option<Finding>,
    #[schema(nullable = false)]
    palpable_nodule: Option<Finding>,
    #[schema(minimum = 0, maximum = 4, nullable = false)]
    tenderness_grade: Option<i16>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<ExactDecimal>)]
    pressure_threshold_kpa: Option<Option<ExactDecimal>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<i16>, minimum = 0, maximum = 10)]
    pain_nrs: Option<Option<i16>>,
    #[schema(max_items = 20, nullable = false)]
    referred_zones: Option<Vec<Zone>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<i16>, minimum = 0, maximum = 120)]
    depth_mm: Option<Option<i16>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    note: Option<Option<String>>,
    #[schema(nullable = false)]
    range_of_motion_restricted: Option<Finding>,
    #[schema(nullable = false)]
    autonomic_signs: Option<Finding>,
    #[schema(max_items = 6, nullable = false)]
    referred_qualities: Option<Vec<ReferredQuality>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<ExactDecimal>)]
    taut_band_diameter_mm: Option<Option<ExactDecimal>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<PatientPosition>)]
    patient_position: Option<Option<PatientPosition>>,
    /// What a gauge showed, in its own unit; instead of `pressure_threshold_kpa`.
    #[schema(nullable = false)]
    pressure_readings: Option<PressureReadings>,
    /// The provider's own judgement; null goes back to the criteria.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<ClassificationOverride>)]
    classification_override: Option<Option<ClassificationOverride>>,
}

impl UpdatePalpationBody {
    pub(super) fn change(&self) -> Result<impl Fn(&mut Felt), Problem> {
        let faulty = |error| Problem::invalid(vec![error]);
        let readings = self.pressure_readings.as_ref();
        let pressure_threshold = match (self.pressure_threshold_kpa, readings) {
            (None, None) => None,
            (kilopascals, readings) => {
                Some(either_threshold(kilopascals.flatten(), readings).map_err(faulty)?)
            }
        };
        let diameter = self.taut_band_diameter_mm.map(diameter);
        let diameter = diameter.transpose().map_err(faulty)?;
        let judged = self.classification_override.as_ref();
        let judged = judged.map(|by| judgement(by.as_ref()));
        let judged = judged.transpose().map_err(faulty)?;
        let grade = self.tenderness_grade.map(tenderness).transpose()?;
        let rating = self.pain_nrs.map(pain).transpose()?;
        Ok(move |felt: &mut Felt| {
            let findings = &mut felt.findings;
            findings.taut_band = self.taut_band.unwrap_or(findings.taut_band);
            findings.hypersensitive_spot = self
                .hypersensitive_spot
                .unwrap_or(findings.hypersensitive_spot);
            findings.referred_pain = self.referred_pain.unwrap_or(findings.referred_pain);
            findings.pain_recognised = self.pain_recognised.unwrap_or(findings.pain_recognised);
            findings.local_twitch = self.local_twitch.unwrap_or(findings.local_twitch);
            findings.jump_sign = self.jump_sign.unwrap_or(findings.jump_sign);
            findings.palpable_nodule = self.palpable_nodule.unwrap_or(findings.palpable_nodule);
            findings.range_of_motion_restricted = self
                .range_of_motion_restricted
                .unwrap_or(findings.range_of_motion_restricted);
            findings.autonomic_signs = self.autonomic_signs.unwrap_or(findings.autonomic_signs);
            felt.taut_band_diameter = diameter.unwrap_or(felt.taut_band_diameter);
            if self.referred_qualities.is_some() {
                felt.referred_qualities = qualities(self.referred_qualities.as_ref());
            }
            if let Some(judged) = &judged {
                felt.judgement.clone_from(judged);
            }
            felt.tenderness = grade.unwrap_or(felt.tenderness);
            felt.pressure_threshold = pressure_threshold.unwrap_or(felt.pressure_threshold);
            felt.position = self.patient_position.unwrap_or(felt.position);
            felt.pain = rating.unwrap_or(felt.pain);
            felt.depth_mm = self.depth_mm.unwrap_or(felt.depth_mm);
            if self.referred_zones.is_some() {
                felt.referred_zones = zones(self.referred_zones.as_ref());
            }
            if let Some(note) = &self.note {
                felt.note.clone_from(note);
            }
        })
    }
}
