//! Completing and stopping a procedure over HTTP.

use actix_web::post;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::care::complete_procedure::complete_procedure;
use crate::care::listed_follow_up::ListedFollowUp;
use crate::care::stop_procedure::stop_procedure;
use crate::platform::access::Permit;
use crate::platform::database::OpenTransaction;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::procedures::{
    CompleteError, CompleteProcedure, Ended, ProcedureBody, ProcedureId, StopError, StopProcedure,
};

use super::follow_up_body::{FollowUpBody, Viewer};

/// Adds the ends of procedures.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(complete).service(stop);
}

/// A procedure as it is now, and its follow-ups.
#[derive(Serialize, ToSchema)]
struct CompletedProcedureBody {
    #[serde(flatten)]
    procedure: ProcedureBody,
    /// What the protocol in force asks for.
    follow_ups: Vec<FollowUpBody>,
}

/// Completes a procedure: the rules check it once more, the stock is reduced, the follow-ups are added.
#[utoipa::path(
    operation_id = "completeProcedure", tag = "procedures", context_path = "/api/v1",
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = CompletedProcedureBody), Refused<CompleteError>)
)]
#[post("/procedures/{procedure_id}/complete")]
async fn complete(
    permit: Permit<CompleteProcedure>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let (completed, listed) = complete_procedure(transaction, id.0, &if_match).await?;
            answer(transaction, &completed, listed).await
        })
        .await
}

/// Why it is not finished.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StopProcedureBody {
    #[schema(
        min_length = 1,
        max_length = 1000,
        example = "The patient felt faint after the second point"
    )]
    reason: String,
}

/// Stops a procedure that is planned or under way; it is abandoned from then on. What was drawn up
/// must be injected or wasted before, and the stock is reduced by it. Providers only.
#[utoipa::path(
    operation_id = "stopProcedure", tag = "procedures", context_path = "/api/v1",
    request_body = StopProcedureBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = CompletedProcedureBody), Refused<StopError>)
)]
#[post("/procedures/{procedure_id}/stop")]
async fn stop(
    permit: Permit<StopProcedure>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<StopProcedureBody>,
) -> Result<Answer, Problem> {
    if body.reason.trim().is_empty() {
        return Err(Problem::field("/reason", "must not be blank"));
    }
    permit
        .transaction(async |transaction| {
            let stopped = stop_procedure(transaction, id.0, &if_match, &body.reason).await?;
            answer(transaction, &stopped.0, stopped.1).await
        })
        .await
}

async fn answer(
    transaction: &OpenTransaction<'_>,
    ended: &Ended,
    listed: Vec<ListedFollowUp>,
) -> Result<Answer, Problem> {
    let viewer = Viewer::of(transaction).await?;
    let follow_ups = listed.into_iter().map(|listed| viewer.body(listed));
    let body = CompletedProcedureBody {
        procedure: ProcedureBody::from(&ended.procedure),
        follow_ups: follow_ups.collect(),
    };
    Ok(Answer::ok(&body)?.version(ended.version))
}
