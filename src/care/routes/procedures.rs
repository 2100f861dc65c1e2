//! Completing a procedure over HTTP.

use actix_web::post;
use serde::Serialize;
use utoipa::ToSchema;

use crate::care::complete_procedure::{CompleteProcedure, complete_procedure};
use crate::platform::access::Permit;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::Answer;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::procedures::{CompleteError, ProcedureBody, ProcedureId};

use super::follow_ups::{FollowUpBody, Viewer};

/// Adds the completion of procedures.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(complete);
}

/// A procedure as it is now, and what it brings.
#[derive(Serialize, ToSchema)]
struct CompletedProcedureBody {
    #[serde(flatten)]
    procedure: ProcedureBody,
    /// What the protocol in force asks for.
    follow_ups: Vec<FollowUpBody>,
}

/// Completes a procedure: the rules judge once more, the stock falls, the follow-ups are made.
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
            let viewer = Viewer::of(transaction).await?;
            let body = CompletedProcedureBody {
                procedure: ProcedureBody::from(&completed.procedure),
                follow_ups: listed
                    .into_iter()
                    .map(|listed| viewer.body(listed))
                    .collect(),
            };
            Ok(Answer::ok(&body)?.version(completed.version))
        })
        .await
}
