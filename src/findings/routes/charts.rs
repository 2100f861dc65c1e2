//! Body charts over HTTP.

use actix_web::{HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::findings::draw::{ComparedVisits, draw_difference, draw_visit};
use crate::findings::read::{Read, ReadError};
use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::visits::VisitId;

/// Adds the drawings.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(draw_visit_chart)
        .service(draw_patient_chart);
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

/// The two visits that are compared.
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
    let visits = ComparedVisits {
        from_id: query.from_visit,
        to_id: query.to_visit,
    };
    permit
        .transaction(async |transaction| {
            Ok(picture(draw_difference(transaction, id.0, visits).await?))
        })
        .await
}
