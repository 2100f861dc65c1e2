//! Reporting harm over HTTP.

use actix_web::post;
use serde::Serialize;
use utoipa::ToSchema;

use crate::adverse_events::{
    AdverseEventBody, ReportAdverseEvent, ReportAdverseEventBody, ReportAdverseEventError,
};
use crate::care::follow_up::FollowUpId;
use crate::care::report_adverse_event::report_with_follow_up;
use crate::platform::access::Permit;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::procedures::ProcedureId;

/// Adds the report of adverse events.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(report);
}

/// An event just reported, and the call it asks for.
#[derive(Serialize, ToSchema)]
struct ReportedAdverseEventBody {
    #[serde(flatten)]
    event: AdverseEventBody,
    /// The urgent call on the list of follow-ups; null unless the event is serious.
    follow_up_id: Option<FollowUpId>,
}

/// Reports harm during or after a procedure, also after the visit was signed.
///
/// A serious event is on the work list of `/adverse-events` until a provider has reviewed it, and
/// adds an urgent call to the follow-ups. The patient cannot be booked until then.
#[utoipa::path(
    operation_id = "reportAdverseEvent", tag = "procedures", context_path = "/api/v1",
    request_body = ReportAdverseEventBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), Once),
    responses((status = 201, description = "Reported.", body = ReportedAdverseEventBody), Refused<ReportAdverseEventError>)
)]
#[post("/procedures/{procedure_id}/adverse-events")]
async fn report(
    permit: Permit<ReportAdverseEvent>,
    id: PathId<ProcedureId>,
    once: Once,
    body: Json<ReportAdverseEventBody>,
) -> Result<Answer, Problem> {
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let report = body.report();
            let (read, follow_up_id) = report_with_follow_up(transaction, id.0, &report).await?;
            let event = AdverseEventBody::new(read, transaction.now());
            let (version, location) = (event.version(), event.location());
            let body = ReportedAdverseEventBody {
                event,
                follow_up_id,
            };
            Ok(Answer::created(&body, location)?.version(version))
        })
        .await
}
