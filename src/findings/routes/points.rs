//! Trigger points over all visits, over HTTP.

use actix_web::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::findings::chart::{Side, View};
use crate::findings::classification::{Activity, Classification};
use crate::findings::course::Course;
use crate::findings::palpation::{PointId, Response, Treatment, TriggerPoint};
use crate::findings::read::{Read, of_patient};
use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::idempotency::Answer;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, Window};
use crate::platform::problem::Problem;
use crate::platform::query::{PathId, Query};
use crate::visits::VisitId;

use super::palpations::PageQuery;
use super::shown_palpation::PalpationBody;

/// Adds the operation on trigger points.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(list_patient_points);
}

/// One injection into a point, or one dry needle.
#[derive(Serialize, ToSchema)]
struct TreatmentBody {
    injection_id: Uuid,
    procedure_id: Uuid,
    visit_id: VisitId,
    injected_at: DateTime<Utc>,
    /// 0 for a dry needle.
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

/// Mean pain before and after the treatments that have both ratings.
#[derive(Serialize, ToSchema)]
struct PointResponseBody {
    treatments_rated: usize,
    pain_nrs_before: ExactDecimal,
    pain_nrs_after: ExactDecimal,
    /// Null when there was no pain before.
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

/// A trigger point with all its palpations and treatments.
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
    /// At the last palpation.
    classification: Option<Classification>,
    /// At the last palpation.
    activity: Option<Activity>,
    /// At the last palpation.
    course: Option<Course>,
    /// Oldest first.
    palpations: Vec<PalpationBody>,
    /// Oldest first.
    treatments: Vec<TreatmentBody>,
    /// Null until a treatment has both ratings.
    response: Option<PointResponseBody>,
}

impl From<TriggerPoint> for TriggerPointBody {
    fn from(point: TriggerPoint) -> Self {
        let last = point.palpations.last();
        Self {
            point_id: point.id,
            patient_id: point.person_id,
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

/// Lists the trigger points of a patient with their history and their response to treatment.
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
