//! A palpation as it is sent: to be recorded, or to be corrected.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_with::rust::double_option;
use utoipa::ToSchema;

use crate::findings::chart::{Side, View};
use crate::findings::classification::{Finding, PalpationFindings, ReferredQuality};
use crate::findings::correct::PlaceChanges;
use crate::findings::palpate::PalpatePoint;
use crate::findings::palpation::{Felt, PatientPosition, PointId};
use crate::platform::decimal::ExactDecimal;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::timestamp::Timestamp;

use super::sent_measures::{
    ClassificationOverride, PlacementOverride, PressureReadings, Zone, diameter, either_threshold,
    judgement, pain, qualities, tenderness, zones,
};

/// A palpation to be recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordPalpationBody {
    /// The code in the muscle catalogue.
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
    /// The patient recognises the pain as their own.
    pain_recognised: Finding,
    local_twitch: Finding,
    jump_sign: Finding,
    palpable_nodule: Finding,
    /// 0 none; 1 tender; 2 with grimace or flinch; 3 with withdrawal; 4 on a light touch.
    #[schema(minimum = 0, maximum = 4)]
    tenderness_grade: i16,
    /// Above 0 and up to 1500 kPa, at most two decimals.
    pressure_threshold_kpa: Option<ExactDecimal>,
    /// The pain at the point, 0 to 10.
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
    /// The readings of a gauge in its own unit. Use this or `pressure_threshold_kpa`.
    #[schema(nullable = false)]
    pressure_readings: Option<PressureReadings>,
    /// The provider's own judgement, where it differs from the criteria.
    #[schema(nullable = false)]
    classification_override: Option<ClassificationOverride>,
    /// Why the provider insists on a place that does not agree with muscle and side.
    #[schema(nullable = false)]
    placement_override: Option<PlacementOverride>,
    /// The earlier point of this patient, muscle and side that the provider recognised.
    same_as: Option<PointId>,
    /// When it was felt, if it is entered later than that; under a visit that is entered late, when the visit
    /// began, where it is left out.
    palpated_at: Option<Timestamp>,
}

const fn not_assessed() -> Finding {
    Finding::NotAssessed
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
            palpated_at: self.palpated_at.map(|instant| instant.0),
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

/// The fields to be corrected. A field that is left out stays as it is, and null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdatePalpationBody {
    /// The code in the muscle catalogue.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", nullable = false)]
    muscle_code: Option<String>,
    #[schema(nullable = false)]
    side: Option<Side>,
    #[schema(nullable = false)]
    view: Option<View>,
    #[schema(nullable = false)]
    x: Option<ExactDecimal>,
    #[schema(nullable = false)]
    y: Option<ExactDecimal>,
    /// Why the provider insists on a place that does not agree with muscle and side.
    #[schema(nullable = false)]
    placement_override: Option<PlacementOverride>,
    /// The earlier point that it is; null makes it a point of its own.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<PointId>)]
    same_as: Option<Option<PointId>>,
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
    /// The readings of a gauge in its own unit. Use this or `pressure_threshold_kpa`.
    #[schema(nullable = false)]
    pressure_readings: Option<PressureReadings>,
    /// The provider's own judgement; null returns to the criteria.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<ClassificationOverride>)]
    classification_override: Option<Option<ClassificationOverride>>,
}

impl UpdatePalpationBody {
    /// Where it was really made.
    pub(super) fn place(&self) -> Result<PlaceChanges, Problem> {
        let unit = Decimal::ZERO..=Decimal::ONE;
        let coordinates = [("/x", self.x), ("/y", self.y)];
        let outside = coordinates
            .into_iter()
            .filter(|(_, sent)| sent.is_some_and(|value| !unit.contains(&value.0)));
        let errors: Vec<FieldError> = outside
            .map(|(field, _)| FieldError::new(field, "must lie between 0 and 1"))
            .collect();
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(PlaceChanges {
            muscle_code: self.muscle_code.clone(),
            side: self.side,
            view: self.view,
            x: self.x.map(|value| value.0),
            y: self.y.map(|value| value.0),
            placement_reason: self.placement_override.as_ref().map(|by| by.reason.clone()),
            same_as: self.same_as,
        })
    }

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
