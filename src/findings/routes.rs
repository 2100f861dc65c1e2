//! Findings over HTTP.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, patch, post};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{self, FieldError, Problem, Refused};
use crate::platform::query::{PathId, Query, parse_id};
use crate::visits::VisitId;

use super::anatomy::Region;
use super::catalogue::{ReadCatalogue, list_muscles};
use super::chart::{CHART_ID, CHART_VERSION, ChartPoint, Side, View};
use super::classification::{Activity, Classification, Finding, PalpationFindings};
use super::course::Course;
use super::draw::{draw_difference, draw_visit};
use super::measures::{PainRating, PressureThreshold, PressureUnit, TendernessGrade};
use super::muscle::{Muscle, MuscleKind};
use super::palpate::{Palpate, PalpateError, PalpatePoint, Palpated, amend, palpate};
use super::palpation::{Felt, Palpation, PalpationId, PointId, Response, Treatment, TriggerPoint};
use super::read::{Read, ReadError, of_patient, of_visit, palpation};

/// Adds the operations on findings.
pub(crate) fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_muscles_by_code)
        .service(list_views)
        .service(record_palpation)
        .service(list_visit_palpations)
        .service(get_palpation)
        .service(update_palpation)
        .service(list_patient_points)
        .service(draw_visit_chart)
        .service(draw_patient_chart);
}

/// A place on one view of the body chart.
#[derive(Serialize, ToSchema)]
struct ChartPointBody {
    view: View,
    /// Across from the viewer's left, 0 to 1.
    x: ExactDecimal,
    /// Down from the top, 0 to 1.
    y: ExactDecimal,
}

impl From<ChartPoint> for ChartPointBody {
    fn from(point: ChartPoint) -> Self {
        Self {
            view: point.view(),
            x: ExactDecimal(point.x()),
            y: ExactDecimal(point.y()),
        }
    }
}

/// What other terminologies call a muscle; null where nothing was found.
#[derive(Serialize, ToSchema)]
struct ExternalCodes {
    fma: Option<String>,
    uberon: Option<String>,
    ta98: Option<String>,
    /// Those of the above that name a broader structure.
    broader: Vec<String>,
}

/// A muscle, a part of one or a group of them.
#[derive(Serialize, ToSchema)]
struct MuscleBody {
    code: String,
    parent_code: Option<String>,
    kind: MuscleKind,
    name: String,
    latin: String,
    region: Region,
    /// Whether there is a left and a right one.
    paired: bool,
    nerve: String,
    /// Referred pain often described; a hint only.
    referral: String,
    /// Usual needle; a hint only.
    needle: String,
    /// Structures at risk.
    cautions: Vec<String>,
    external_codes: ExternalCodes,
    /// Where to put the cursor first; on the left where paired.
    chart_points: Vec<ChartPointBody>,
    catalogue_version: String,
}

impl From<Muscle> for MuscleBody {
    fn from(muscle: Muscle) -> Self {
        let home = muscle.anatomy.home;
        Self {
            code: muscle.code,
            parent_code: muscle.parent_code,
            kind: muscle.kind,
            name: muscle.name,
            latin: muscle.latin,
            region: home.region,
            paired: muscle.anatomy.is_paired,
            nerve: muscle.nerve,
            referral: muscle.referral,
            needle: muscle.needle,
            cautions: muscle.cautions,
            external_codes: ExternalCodes {
                fma: muscle.identifiers.fma,
                uberon: muscle.identifiers.uberon,
                ta98: muscle.identifiers.ta98,
                broader: muscle.identifiers.broader,
            },
            chart_points: vec![home.usual_place.into()],
            catalogue_version: muscle.catalogue_version,
        }
    }
}

/// Which muscles.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct MusclesQuery {
    #[param(nullable = false, inline)]
    region: Option<Region>,
    #[param(nullable = false, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    #[param(nullable = false, value_type = Option<Cursor>)]
    cursor: Option<Cursor>,
}

/// Lists the muscles of the catalogue by code.
#[utoipa::path(
    operation_id = "listMuscles", tag = "findings", context_path = "/api/v1",
    params(MusclesQuery),
    responses((status = 200, description = "A page of muscles.", body = Page<MuscleBody>))
)]
#[get("/muscles")]
async fn list_muscles_by_code(
    permit: Permit<ReadCatalogue>,
    query: Query<MusclesQuery>,
) -> Result<Answer, Problem> {
    let window: Window<String> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let muscles = list_muscles(transaction, query.region, &window).await?;
            let key = |muscle: &Muscle| muscle.code.clone();
            Answer::ok(&Page::of(muscles, window.size, key, MuscleBody::from))
        })
        .await
}

/// One drawing of the body chart.
#[derive(Serialize, ToSchema)]
struct BodyChartViewBody {
    code: View,
    title: String,
    chart_id: String,
    chart_version: i16,
    /// The view that shows the same place on the other side of the body.
    mirror: View,
    regions: Vec<Region>,
}

impl From<View> for BodyChartViewBody {
    fn from(view: View) -> Self {
        Self {
            code: view,
            title: view.title().to_owned(),
            chart_id: CHART_ID.to_owned(),
            chart_version: CHART_VERSION,
            mirror: view.mirrored(),
            regions: view.regions().to_vec(),
        }
    }
}

/// Lists the drawings of the body chart.
///
/// The origin is the top left as the viewer sees it; x runs to the right and y down, both from 0 to
/// 1. Seen from behind, the patient's left is the viewer's left; seen from the front, the right.
#[utoipa::path(
    operation_id = "listBodyChartViews", tag = "findings", context_path = "/api/v1",
    responses((status = 200, description = "All views.", body = Page<BodyChartViewBody>))
)]
#[get("/body-chart/views")]
async fn list_views(permit: Permit<ReadCatalogue>) -> Result<Answer, Problem> {
    permit
        .transaction(async |_| {
            let items = View::ALL
                .iter()
                .copied()
                .map(BodyChartViewBody::from)
                .collect();
            Answer::ok(&Page {
                items,
                next_cursor: None,
            })
        })
        .await
}

/// What was felt at one point.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordPalpationBody {
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
    /// The earlier point the provider recognised: of this patient, in this muscle, on this side.
    same_as: Option<PointId>,
}

/// A region to which pain is referred.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, min_length = 1, max_length = 60, example = "temple")]
struct Zone(String);

fn zones(zones: Option<&Vec<Zone>>) -> Vec<String> {
    zones
        .into_iter()
        .flatten()
        .map(|zone| zone.0.clone())
        .collect()
}

/// Collects what a schema cannot say of the measures.
fn threshold(value: Option<ExactDecimal>) -> Result<Option<PressureThreshold>, FieldError> {
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

fn tenderness(grade: i16) -> Result<TendernessGrade, Problem> {
    TendernessGrade::new(grade)
        .map_err(|refused| Problem::field("/tenderness_grade", refused.to_string()))
}

fn pain(rating: Option<i16>) -> Result<Option<PainRating>, Problem> {
    let rating = rating.map(PainRating::new).transpose();
    rating.map_err(|refused| Problem::field("/pain_nrs", refused.to_string()))
}

impl RecordPalpationBody {
    fn command(&self) -> Result<PalpatePoint, Problem> {
        let unit = Decimal::ZERO..=Decimal::ONE;
        let mut errors = Vec::new();
        for (field, value) in [("/x", self.x), ("/y", self.y)] {
            if !unit.contains(&value.0) {
                errors.push(FieldError::new(field, "must lie between 0 and 1"));
            }
        }
        let pressure_threshold = threshold(self.pressure_threshold_kpa).unwrap_or_else(|error| {
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
                findings: self.findings(),
                tenderness: tenderness(self.tenderness_grade)?,
                pressure_threshold,
                pain: pain(self.pain_nrs)?,
                referred_zones: zones(self.referred_zones.as_ref()),
                depth_mm: self.depth_mm,
                note: self.note.clone(),
            },
            same_as: self.same_as,
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
            ..PalpationFindings::NOT_ASSESSED
        }
    }
}

/// What was felt at one point at one visit, and what it amounts to.
#[derive(Serialize, ToSchema)]
struct PalpationBody {
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
        Self {
            id: palpation.id,
            point_id: palpation.point_id,
            visit_id: palpation.visit_id,
            patient_id: palpation.patient_id,
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

/// Records what was felt at a point; muscle, side, view and coordinates must agree.
///
/// Without `same_as` it is a new point, and earlier points that it may be are proposed.
#[utoipa::path(
    operation_id = "recordPalpation", tag = "findings", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), Once),
    request_body = RecordPalpationBody,
    responses((status = 201, description = "Recorded.", body = PalpationBody), Refused<PalpateError>)
)]
#[post("/visits/{visit_id}/trigger-points")]
async fn record_palpation(
    permit: Permit<Palpate>,
    id: PathId<VisitId>,
    once: Once,
    body: Json<RecordPalpationBody>,
) -> Result<Answer, Problem> {
    body.command()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let palpated = palpate(transaction, id.0, body.command()?).await?;
            let palpation = &palpated.palpation;
            let version = palpation.version;
            let location = format!("/api/v1/visits/{}/trigger-points/{}", id.0, palpation.id);
            Ok(Answer::created(&PalpationBody::from(palpated), location)?.version(version))
        })
        .await
}

/// A page by limit and cursor alone.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    #[param(nullable = false, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    #[param(nullable = false, value_type = Option<Cursor>)]
    cursor: Option<Cursor>,
}

/// Lists what was felt at one visit, in the order it was recorded.
#[utoipa::path(
    operation_id = "listVisitTriggerPoints", tag = "findings", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), PageQuery),
    responses((status = 200, description = "A page of palpations.", body = Page<PalpationBody>))
)]
#[get("/visits/{visit_id}/trigger-points")]
async fn list_visit_palpations(
    permit: Permit<Read>,
    id: PathId<VisitId>,
    query: Query<PageQuery>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let palpations = of_visit(transaction, id.0, &window).await?;
            let key = |palpation: &Palpation| palpation.id.uuid();
            Answer::ok(&Page::of(palpations, window.size, key, PalpationBody::from))
        })
        .await
}

/// The visit and the palpation in a path.
#[derive(Debug, Clone, Copy)]
struct PalpationPath {
    visit_id: VisitId,
    palpation_id: PalpationId,
}

impl FromRequest for PalpationPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = |name| {
            let id = request.match_info().get(name).and_then(parse_id);
            id.ok_or_else(|| Problem::new(&problem::NOT_FOUND))
        };
        ready(id("visit_id").and_then(|visit_id| {
            let palpation_id = id("palpation_id")?;
            Ok(Self {
                visit_id: visit_id.into(),
                palpation_id: palpation_id.into(),
            })
        }))
    }
}

/// Reads what was felt at one point at one visit.
#[utoipa::path(
    operation_id = "getPalpation", tag = "findings", context_path = "/api/v1",
    params(
        ("visit_id" = VisitId, Path, description = "The visit."),
        ("palpation_id" = PalpationId, Path, description = "The palpation."),
    ),
    responses((status = 200, description = "The palpation.", body = PalpationBody))
)]
#[get("/visits/{visit_id}/trigger-points/{palpation_id}")]
async fn get_palpation(permit: Permit<Read>, path: PalpationPath) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let found = palpation(transaction, path.visit_id, path.palpation_id).await?;
            let version = found.version;
            Ok(Answer::ok(&PalpationBody::from(found))?.version(version))
        })
        .await
}

/// What is to be corrected; a field left out stays, null clears it. Muscle and place stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdatePalpationBody {
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
}

impl UpdatePalpationBody {
    fn change(&self) -> Result<impl Fn(&mut Felt), Problem> {
        let pressure_threshold = self.pressure_threshold_kpa.map(threshold).transpose();
        let pressure_threshold =
            pressure_threshold.map_err(|error| Problem::invalid(vec![error]))?;
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
            felt.tenderness = grade.unwrap_or(felt.tenderness);
            felt.pressure_threshold = pressure_threshold.unwrap_or(felt.pressure_threshold);
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

/// Corrects what was felt at a point in an open visit; what follows from it is derived anew.
#[utoipa::path(
    operation_id = "updatePalpation", tag = "findings", context_path = "/api/v1",
    params(
        ("visit_id" = VisitId, Path, description = "The visit."),
        ("palpation_id" = PalpationId, Path, description = "The palpation."),
        IfMatch,
    ),
    request_body = UpdatePalpationBody,
    responses(
        (status = 200, description = "As it is now.", body = PalpationBody),
        Refused<PalpateError>,
    )
)]
#[patch("/visits/{visit_id}/trigger-points/{palpation_id}")]
async fn update_palpation(
    permit: Permit<Palpate>,
    path: PalpationPath,
    if_match: IfMatch,
    body: Json<UpdatePalpationBody>,
) -> Result<Answer, Problem> {
    let change = body.change()?;
    permit
        .transaction(async |transaction| {
            let ids = (path.visit_id, path.palpation_id);
            let amended = amend(transaction, ids, &if_match, &change).await?;
            let version = amended.version;
            Ok(Answer::ok(&PalpationBody::from(amended))?.version(version))
        })
        .await
}

/// A needle a point has had.
#[derive(Serialize, ToSchema)]
struct TreatmentBody {
    injection_id: Uuid,
    procedure_id: Uuid,
    visit_id: VisitId,
    injected_at: DateTime<Utc>,
    /// Nothing for a dry needle.
    volume_ml: ExactDecimal,
    pain_nrs_before: Option<i16>,
    pain_nrs_after: Option<i16>,
}

impl From<Treatment> for TreatmentBody {
    fn from(treatment: Treatment) -> Self {
        Self {
            injection_id: treatment.injection_id,
            procedure_id: treatment.procedure_id,
            visit_id: treatment.visit_id,
            injected_at: treatment.injected_at,
            volume_ml: ExactDecimal(treatment.volume_ml),
            pain_nrs_before: treatment.pain_before,
            pain_nrs_after: treatment.pain_after,
        }
    }
}

/// Mean pain before and after the treatments that were rated twice.
#[derive(Serialize, ToSchema)]
struct PointResponseBody {
    treatments_rated: usize,
    pain_nrs_before: ExactDecimal,
    pain_nrs_after: ExactDecimal,
    /// Null where there was no pain before.
    relief_percent: Option<ExactDecimal>,
}

impl From<Response> for PointResponseBody {
    fn from(response: Response) -> Self {
        Self {
            treatments_rated: response.treatments_rated,
            pain_nrs_before: ExactDecimal(response.pain_before),
            pain_nrs_after: ExactDecimal(response.pain_after),
            relief_percent: response.relief_percent.map(ExactDecimal),
        }
    }
}

/// A trigger point with everything that was found at it and done to it.
#[derive(Serialize, ToSchema)]
struct TriggerPointBody {
    point_id: PointId,
    patient_id: PatientId,
    muscle_code: String,
    muscle_name: String,
    side: Side,
    view: View,
    x: ExactDecimal,
    y: ExactDecimal,
    chart_version: i16,
    first_visit_id: VisitId,
    first_found_at: DateTime<Utc>,
    /// As last palpated.
    classification: Option<Classification>,
    /// As last palpated.
    activity: Option<Activity>,
    /// As last palpated.
    course: Option<Course>,
    /// Oldest first.
    palpations: Vec<PalpationBody>,
    /// Oldest first.
    treatments: Vec<TreatmentBody>,
    /// Null before a treatment was rated before and after.
    response: Option<PointResponseBody>,
}

impl From<TriggerPoint> for TriggerPointBody {
    fn from(point: TriggerPoint) -> Self {
        let last = point.palpations.last();
        Self {
            point_id: point.id,
            patient_id: point.patient_id,
            muscle_code: point.muscle_code,
            muscle_name: point.muscle_name,
            side: point.side,
            view: point.place.view(),
            x: ExactDecimal(point.place.x()),
            y: ExactDecimal(point.place.y()),
            chart_version: point.chart_version,
            first_visit_id: point.first_visit_id,
            first_found_at: point.created_at,
            classification: last.map(|last| last.classified.classification),
            activity: last.map(|last| last.classified.activity),
            course: last.map(|last| last.course),
            response: Response::to(&point.treatments).map(PointResponseBody::from),
            palpations: point
                .palpations
                .into_iter()
                .map(PalpationBody::from)
                .collect(),
            treatments: point
                .treatments
                .into_iter()
                .map(TreatmentBody::from)
                .collect(),
        }
    }
}

/// Lists the trigger points of a patient with their history and how they answered treatment.
#[utoipa::path(
    operation_id = "listPatientTriggerPoints", tag = "findings", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), PageQuery),
    responses((status = 200, description = "A page of points.", body = Page<TriggerPointBody>))
)]
#[get("/patients/{patient_id}/trigger-points")]
async fn list_patient_points(
    permit: Permit<Read>,
    id: PathId<PatientId>,
    query: Query<PageQuery>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let points = of_patient(transaction, id.0, &window).await?;
            let key = |point: &TriggerPoint| point.id.uuid();
            Answer::ok(&Page::of(points, window.size, key, TriggerPointBody::from))
        })
        .await
}

fn picture(svg: String) -> HttpResponse {
    HttpResponse::Ok().content_type("image/svg+xml").body(svg)
}

/// Draws the points of a visit on the body chart.
#[utoipa::path(
    operation_id = "drawVisitBodyChart", tag = "findings", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit.")),
    responses(
        (status = 200, description = "The drawing.", body = String, content_type = "image/svg+xml"),
    )
)]
#[get("/visits/{visit_id}/body-chart.svg")]
async fn draw_visit_chart(
    permit: Permit<Read>,
    id: PathId<VisitId>,
) -> Result<HttpResponse, Problem> {
    permit
        .transaction(async |transaction| Ok(picture(draw_visit(transaction, id.0).await?)))
        .await
}

/// Which two visits are compared.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DifferenceQuery {
    /// The earlier visit.
    from_visit: VisitId,
    /// The later visit.
    to_visit: VisitId,
}

/// Draws how the points of a patient differ between two visits.
#[utoipa::path(
    operation_id = "drawPatientBodyChart", tag = "findings", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), DifferenceQuery),
    responses(
        (status = 200, description = "The drawing.", body = String, content_type = "image/svg+xml"),
        Refused<ReadError>,
    )
)]
#[get("/patients/{patient_id}/body-chart.svg")]
async fn draw_patient_chart(
    permit: Permit<Read>,
    id: PathId<PatientId>,
    query: Query<DifferenceQuery>,
) -> Result<HttpResponse, Problem> {
    let visits = (query.from_visit, query.to_visit);
    permit
        .transaction(async |transaction| {
            Ok(picture(draw_difference(transaction, id.0, visits).await?))
        })
        .await
}
