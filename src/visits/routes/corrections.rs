//! Discarding visits and handing them over, over HTTP.

use actix_web::post;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::practice::ProviderId;
use crate::visits::discard::{Discard, DiscardError, discard};
use crate::visits::hand_over::{HandOver, HandOverError, hand_over};
use crate::visits::retract::Retracting;
use crate::visits::visit::VisitId;

use super::visit_body::{VisitBody, shown};

/// Adds the operations that put visits right.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(discard_visit).service(hand_visit_over);
}

/// Why something is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DiscardBody {
    #[schema(
        min_length = 1,
        max_length = 1000,
        example = "Opened for the wrong patient"
    )]
    reason: String,
}

/// Discards an open visit that nothing lies under. Its appointment is `arrived` again.
#[utoipa::path(
    operation_id = "discardVisit", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), IfMatch),
    request_body = DiscardBody,
    responses((status = 200, description = "The discarded visit.", body = VisitBody), Refused<DiscardError>)
)]
#[post("/visits/{visit_id}/discard")]
async fn discard_visit(
    permit: Permit<Discard>,
    id: PathId<VisitId>,
    if_match: IfMatch,
    body: Json<DiscardBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            shown(discard(transaction, id.0, &if_match, body.reason.clone()).await?)
        })
        .await
}

/// Who goes on with the visit, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HandOverVisitBody {
    provider_id: ProviderId,
    #[schema(min_length = 1, max_length = 1000, example = "The provider fell ill")]
    reason: String,
}

/// Hands an open visit over to another provider, who may sign it then.
#[utoipa::path(
    operation_id = "handVisitOver", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), IfMatch),
    request_body = HandOverVisitBody,
    responses((status = 200, description = "The visit as it is now.", body = VisitBody), Refused<HandOverError>)
)]
#[post("/visits/{visit_id}/hand-over")]
async fn hand_visit_over(
    permit: Permit<HandOver>,
    id: PathId<VisitId>,
    if_match: IfMatch,
    body: Json<HandOverVisitBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let (to, reason) = (body.provider_id, body.reason.clone());
            shown(hand_over(transaction, id.0, &if_match, to, reason).await?)
        })
        .await
}

/// Why a signed visit is taken back, and whose it really was.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetractBody {
    #[schema(
        min_length = 1,
        max_length = 1000,
        example = "Written to the wrong patient"
    )]
    reason: String,
    /// The patient it really was about, if it was about another one.
    belongs_to_patient_id: Option<PatientId>,
}

impl RetractBody {
    /// What is to be done.
    pub(crate) fn retracting(&self) -> Retracting {
        Retracting {
            reason: self.reason.clone(),
            belongs_to_patient_id: self.belongs_to_patient_id,
        }
    }
}
