//! The parts of a palpation that a schema cannot check: measures, readings and judgements.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::findings::classification::{Activity, Classification, Classified, ReferredQuality};
use crate::findings::measures::{
    MeasureRefused, PainRating, PressureThreshold, PressureUnit, TautBandDiameterMm,
    TendernessGrade,
};
use crate::findings::palpation::Judgement;
use crate::platform::decimal::ExactDecimal;
use crate::platform::problem::{FieldError, Problem};

/// One reading of a gauge, or two to five readings. The last two are averaged, because the first
/// ones only show the patient what to expect.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PressureReadings {
    unit: PressureUnit,
    #[schema(min_items = 1, max_items = 5)]
    readings: Vec<ExactDecimal>,
}

/// A classification by the provider that differs from the criteria.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassificationOverride {
    classification: Classification,
    activity: Activity,
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// A reason to insist on a place that the anatomy check refuses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlacementOverride {
    #[schema(min_length = 1, max_length = 500)]
    pub(super) reason: String,
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

/// Reads a threshold in kilopascals.
pub(super) fn threshold(
    value: Option<ExactDecimal>,
) -> Result<Option<PressureThreshold>, FieldError> {
    let refused = || {
        FieldError::new(
            "/pressure_threshold_kpa",
            "must be above 0 and at most 1500, with at most two decimals",
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

/// Averages the readings of a gauge, in kilopascals with two decimals.
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

/// Reads a threshold that is given either in kilopascals or as readings of a gauge.
pub(super) fn either_threshold(
    kilopascals: Option<ExactDecimal>,
    readings: Option<&PressureReadings>,
) -> Result<Option<PressureThreshold>, FieldError> {
    match (kilopascals, readings) {
        (Some(_), Some(_)) => Err(FieldError::new(
            "/pressure_readings",
            "must not be given together with pressure_threshold_kpa",
        )),
        (_, Some(readings)) => averaged(readings).map(Some),
        (kilopascals, None) => threshold(kilopascals),
    }
}

/// Reads the diameter of a taut band.
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

/// Reads a judgement, in which classification and activity must fit together.
pub(super) fn judgement(
    by: Option<&ClassificationOverride>,
) -> Result<Option<Judgement>, FieldError> {
    let Some(by) = by else { return Ok(None) };
    let classified = Classified::judged(by.classification, by.activity);
    let classified = classified.ok_or_else(|| {
        FieldError::new(
            "/classification_override/activity",
            "must be active or latent for a definite or probable trigger point, and none otherwise",
        )
    })?;
    Ok(Some(Judgement {
        classified,
        reason: by.reason.clone(),
    }))
}

/// Removes repetitions from the qualities of the referred pain.
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
