//! The row of a palpation, and how it becomes a palpation and back.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::findings::chart::{ChartPoint, Side, View};
use crate::findings::classification::{
    Activity, Classification, Classified, Finding, PalpationFindings, ReferredQuality,
};
use crate::findings::course::Course;
use crate::findings::measures::{
    PainRating, PressureThreshold, PressureUnit, TautBandDiameterMm, TendernessGrade,
};
use crate::findings::palpation::{
    Felt, Judgement, Palpation, PalpationId, PatientPosition, PointId,
};
use crate::patients::{PatientId, PersonIdOf, person_id_of};
use crate::platform::database::Stored;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::schema::{muscles, palpations};
use crate::visits::{VisitId, Voided};

#[derive(HasQuery)]
#[diesel(table_name = palpations)]
pub(super) struct PalpationRow {
    id: PalpationId,
    visit_id: VisitId,
    patient_id: PatientId,
    pub(super) point_id: PointId,
    muscle_code: String,
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
    referred_zones: Vec<Option<String>>,
    depth_mm: Option<i16>,
    note: Option<String>,
    range_of_motion_restricted: Option<Finding>,
    autonomic_signs: Option<Finding>,
    referred_qualities: Option<Vec<Option<ReferredQuality>>>,
    taut_band_diameter_mm: Option<ExactDecimal>,
    classification_reason: Option<String>,
    placement_reason: Option<String>,
    patient_position: Option<PatientPosition>,
    examined_by: Option<Uuid>,
    classification: Classification,
    activity: Activity,
    course: Course,
    voided_at: Option<DateTime<Utc>>,
    voided_by: Option<Uuid>,
    void_reason: Option<String>,
    version: Version,
    palpated_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A palpation with the person it was of and the name of its muscle.
#[derive(Queryable, Selectable)]
#[diesel(table_name = palpations, check_for_backend(Pg))]
pub(super) struct NamedPalpationRow {
    #[diesel(embed)]
    row: PalpationRow,
    #[diesel(select_expression = person_id_of!("palpations"))]
    #[diesel(select_expression_type = PersonIdOf)]
    person_id: PatientId,
    #[diesel(select_expression = muscles::name)]
    #[diesel(select_expression_type = muscles::name)]
    muscle_name: String,
}

impl NamedPalpationRow {
    pub(super) fn palpation(self) -> Stored<Palpation> {
        self.row.palpation(self.person_id, self.muscle_name)
    }
}

impl PalpationRow {
    fn unreadable(&self, column: &'static str) -> InconsistentRow {
        InconsistentRow::new("palpations", column, self.id)
    }

    pub(super) fn palpation(self, person_id: PatientId, muscle_name: String) -> Stored<Palpation> {
        let place = ChartPoint::parse(self.view, self.x.0, self.y.0);
        let reason = self.void_reason.as_deref();
        let voided = Voided::from_columns(self.voided_at, self.voided_by, reason);
        Ok(Palpation {
            voided: voided.map_err(|_half| self.unreadable("voided_at"))?,
            id: self.id,
            visit_id: self.visit_id,
            patient_id: self.patient_id,
            person_id,
            point_id: self.point_id,
            muscle_name,
            side: self.side,
            place: place.map_err(|_refused| self.unreadable("x"))?,
            chart_version: self.chart_version,
            felt: self.felt()?,
            classified: Classified {
                classification: self.classification,
                activity: self.activity,
            },
            course: self.course,
            examined_by: self.examined_by,
            version: self.version,
            entered_later: self.palpated_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            muscle_code: self.muscle_code,
            placement_reason: self.placement_reason,
        })
    }

    fn felt(&self) -> Result<Felt, InconsistentRow> {
        let kilopascals =
            |value: ExactDecimal| PressureThreshold::new(value.0, PressureUnit::Kilopascal);
        let tenderness = TendernessGrade::new(self.tenderness_grade);
        let threshold = self.pressure_threshold_kpa.map(kilopascals).transpose();
        let pain = self.pain_nrs.map(PainRating::new).transpose();
        let diameter = self.taut_band_diameter_mm.map(|value| value.0);
        let diameter = diameter.map(TautBandDiameterMm::new).transpose();
        let zones = self.referred_zones.iter().cloned().collect::<Option<_>>();
        let qualities = self.referred_qualities.iter().flatten();
        let qualities = qualities.copied().collect::<Option<_>>();
        Ok(Felt {
            position: self.patient_position,
            findings: self.findings(),
            tenderness: tenderness.map_err(|_refused| self.unreadable("tenderness_grade"))?,
            pressure_threshold: threshold
                .map_err(|_refused| self.unreadable("pressure_threshold_kpa"))?,
            pain: pain.map_err(|_refused| self.unreadable("pain_nrs"))?,
            referred_zones: zones.ok_or_else(|| self.unreadable("referred_zones"))?,
            referred_qualities: qualities.ok_or_else(|| self.unreadable("referred_qualities"))?,
            taut_band_diameter: diameter
                .map_err(|_refused| self.unreadable("taut_band_diameter_mm"))?,
            depth_mm: self.depth_mm,
            note: self.note.clone(),
            judgement: self.classification_reason.clone().map(|reason| Judgement {
                classified: Classified {
                    classification: self.classification,
                    activity: self.activity,
                },
                reason,
            }),
        })
    }

    /// A sign that was added later is empty in older rows, which means that it was not assessed.
    fn findings(&self) -> PalpationFindings {
        PalpationFindings {
            taut_band: self.taut_band,
            hypersensitive_spot: self.hypersensitive_spot,
            referred_pain: self.referred_pain,
            pain_recognised: self.pain_recognised,
            local_twitch: self.local_twitch,
            jump_sign: self.jump_sign,
            palpable_nodule: self.palpable_nodule,
            range_of_motion_restricted: self
                .range_of_motion_restricted
                .unwrap_or(Finding::NotAssessed),
            autonomic_signs: self.autonomic_signs.unwrap_or(Finding::NotAssessed),
        }
    }
}

/// Where a palpation lies, as it is written.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = palpations)]
pub(super) struct PlacedRow<'a> {
    point_id: PointId,
    muscle_code: &'a str,
    side: Side,
    view: View,
    x: ExactDecimal,
    y: ExactDecimal,
    chart_version: i16,
}

impl<'a> From<&'a Palpation> for PlacedRow<'a> {
    fn from(palpation: &'a Palpation) -> Self {
        Self {
            point_id: palpation.point_id,
            muscle_code: &palpation.muscle_code,
            side: palpation.side,
            view: palpation.place.view(),
            x: ExactDecimal(palpation.place.x()),
            y: ExactDecimal(palpation.place.y()),
            chart_version: palpation.chart_version,
        }
    }
}

/// The columns that a correction changes, as they are written.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = palpations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct FeltRow<'a> {
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
    referred_zones: &'a [String],
    depth_mm: Option<i16>,
    note: Option<&'a str>,
    range_of_motion_restricted: Option<Finding>,
    autonomic_signs: Option<Finding>,
    referred_qualities: Option<&'a [ReferredQuality]>,
    taut_band_diameter_mm: Option<ExactDecimal>,
    classification_reason: Option<&'a str>,
    placement_reason: Option<&'a str>,
    patient_position: Option<PatientPosition>,
    classification: Classification,
    activity: Activity,
    course: Course,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl<'a> From<&'a Palpation> for FeltRow<'a> {
    fn from(palpation: &'a Palpation) -> Self {
        let felt = &palpation.felt;
        let findings = &felt.findings;
        Self {
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
            referred_zones: &felt.referred_zones,
            depth_mm: felt.depth_mm,
            note: felt.note.as_deref(),
            range_of_motion_restricted: assessed(findings.range_of_motion_restricted),
            autonomic_signs: assessed(findings.autonomic_signs),
            referred_qualities: Some(felt.referred_qualities.as_slice())
                .filter(|qualities| !qualities.is_empty()),
            taut_band_diameter_mm: felt
                .taut_band_diameter
                .map(|diameter| ExactDecimal(diameter.millimetres())),
            classification_reason: felt.judgement.as_ref().map(|judged| judged.reason.as_str()),
            placement_reason: palpation.placement_reason.as_deref(),
            patient_position: felt.position,
            classification: palpation.classified.classification,
            activity: palpation.classified.activity,
            course: palpation.course,
            version: palpation.version,
            updated_at: palpation.updated_at,
        }
    }
}

/// The column stays empty for a sign that was not assessed.
fn assessed(finding: Finding) -> Option<Finding> {
    (finding != Finding::NotAssessed).then_some(finding)
}
