//! Completing, stopping and voiding a procedure, and retracting its visit, over HTTP.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::care::complete_procedure::complete_procedure;
use crate::care::listed_follow_up::ListedFollowUp;
use crate::care::stop_procedure::stop_procedure;
use crate::care::void_procedure::{retract_with_follow_ups, void_with_follow_ups};
use crate::platform::access::Permit;
use crate::platform::database::OpenTransaction;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::Answer;
use crate::platform::json::{Json, OptionalJson};
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::platform::timestamp::Timestamp;
use crate::platform::trail::TrailKey;
use crate::procedures::{
    CompleteError, CompleteProcedure, Ended, ProcedureBody, ProcedureId, StopError, StopProcedure,
    VoidError, VoidProcedure,
};
use crate::visits::{Retract, RetractBody, RetractError, VisitBody, VisitId, shown};

use super::follow_up_body::{FollowUpBody, Viewer};

/// Adds the ends of procedures.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(complete)
        .service(stop)
        .service(void)
        .service(retract_visit);
}

/// A procedure as it is now, and its follow-ups.
#[derive(Serialize, ToSchema)]
struct CompletedProcedureBody {
    #[serde(flatten)]
    procedure: ProcedureBody,
    /// What the protocol in force asks for.
    follow_ups: Vec<FollowUpBody>,
}

/// When it was over. Leave the content out for a procedure that is over now.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CompleteProcedureBody {
    /// When it was over, if it is entered later than that: up to seven days back.
    completed_at: Option<Timestamp>,
}

/// Completes a procedure: the rules check it once more, and the follow-ups are added.
#[utoipa::path(
    operation_id = "completeProcedure", tag = "procedures", context_path = "/api/v1",
    request_body = Option<CompleteProcedureBody>,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = CompletedProcedureBody), Refused<CompleteError>)
)]
#[post("/procedures/{procedure_id}/complete")]
async fn complete(
    permit: Permit<CompleteProcedure>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: OptionalJson<CompleteProcedureBody>,
) -> Result<Answer, Problem> {
    let completed_at = body.0.completed_at.map(|instant| instant.0);
    permit
        .transaction(async |transaction| {
            let completed = complete_procedure(transaction, id.0, &if_match, completed_at).await;
            let (completed, listed) = completed?;
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
/// must be injected or wasted before. Providers only.
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

/// Why it was entered in error.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VoidProcedureBody {
    #[schema(
        min_length = 1,
        max_length = 1000,
        example = "Planned for the wrong visit"
    )]
    reason: String,
}

/// Marks a procedure as entered in error, while the visit is open. Its follow-ups are cancelled.
///
/// Nothing of it may be in the patient or in a syringe: sites and solutions are marked or wasted first.
#[utoipa::path(
    operation_id = "voidProcedure", tag = "procedures", context_path = "/api/v1",
    request_body = VoidProcedureBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "The marked procedure.", body = ProcedureBody), Refused<VoidError>)
)]
#[post("/procedures/{procedure_id}/void")]
async fn void(
    permit: Permit<VoidProcedure>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<VoidProcedureBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let reason = body.reason.clone();
            let voided = void_with_follow_ups(transaction, id.0, &if_match, reason).await?;
            let version = voided.version();
            Ok(Answer::ok(&voided)?.version(version))
        })
        .await
}

/// Takes a signed visit back that was entered in error. Only its own provider, or who signed it, may.
///
/// It stays readable for staff, sealed and marked. It and everything under it count nowhere any more, its
/// open follow-ups are cancelled, and the patient does not see it. What lots it used stays on the list of
/// exposures, marked.
#[utoipa::path(
    operation_id = "retractVisit", tag = "visits", context_path = "/api/v1",
    request_body = RetractBody,
    params(("visit_id" = VisitId, Path, description = "The visit."), IfMatch),
    responses((status = 200, description = "The marked visit.", body = VisitBody), Refused<RetractError>)
)]
#[post("/visits/{visit_id}/retract")]
async fn retract_visit(
    permit: Permit<Retract>,
    id: PathId<VisitId>,
    if_match: IfMatch,
    key: web::Data<TrailKey>,
    body: Json<RetractBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let retracting = body.retracting();
            let how = (&if_match, &**key);
            shown(retract_with_follow_ups(transaction, id.0, how, retracting).await?)
        })
        .await
}
