//! Reading visits over HTTP.

use actix_web::get;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::idempotency::Answer;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::Problem;
use crate::platform::query::{PathId, Query};
use crate::platform::timestamp::Timestamp;
use crate::practice::ProviderId;
use crate::visits::read::{Read, list, read};
use crate::visits::visit::{Visit, VisitFilter, VisitId, VisitKey};

use super::visit_body::{VisitBody, VisitSummaryBody, shown};

/// Adds the operations that read visits.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(list_visits).service(get_visit);
}

/// The filters of the list of visits. A visit must match all of them.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct VisitsQuery {
    #[param(nullable = false)]
    patient_id: Option<PatientId>,
    #[param(nullable = false)]
    provider_id: Option<ProviderId>,
    /// Started at or after.
    #[param(nullable = false)]
    from: Option<Timestamp>,
    /// Started before.
    #[param(nullable = false)]
    to: Option<Timestamp>,
    /// Changed, signed or added to at or after.
    #[param(nullable = false)]
    updated_since: Option<Timestamp>,
    #[param(nullable = false, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    #[param(nullable = false, value_type = Option<Cursor>)]
    cursor: Option<Cursor>,
}

/// Lists visits, the latest first. Patients see their own signed ones.
#[utoipa::path(
    operation_id = "listVisits", tag = "visits", context_path = "/api/v1",
    params(VisitsQuery),
    responses((status = 200, description = "A page of visits.", body = Page<VisitSummaryBody>))
)]
#[get("/visits")]
async fn list_visits(permit: Permit<Read>, query: Query<VisitsQuery>) -> Result<Answer, Problem> {
    let filter = VisitFilter {
        patient_id: query.patient_id,
        provider_id: query.provider_id,
        from: query.from.map(|instant| instant.0),
        to: query.to.map(|instant| instant.0),
        updated_since: query.updated_since.map(|instant| instant.0),
    };
    let window: Window<VisitKey> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let visits = list(transaction, &filter, &window).await?;
            let key = |visit: &Visit| -> VisitKey { (visit.started_at, visit.id.uuid()) };
            Answer::ok(&Page::of(visits, window.size, key, VisitSummaryBody::from))
        })
        .await
}

/// Reads a visit with its vitals, diagnoses, seal and addenda.
#[utoipa::path(
    operation_id = "getVisit", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit.")),
    responses((status = 200, description = "The visit.", body = VisitBody))
)]
#[get("/visits/{visit_id}")]
async fn get_visit(permit: Permit<Read>, id: PathId<VisitId>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| shown(read(transaction, id.0).await?))
        .await
}
