//! Marking sites and syringes as entered in error, over HTTP.

use actix_web::post;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::access::Permit;
use crate::platform::etag::Version;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathIds;

use super::super::injection::InjectionId;
use super::super::procedure::ProcedureId;
use super::super::syringe::SolutionId;
use super::super::void::{VoidError, VoidProcedure, void_injection, void_solution};
use super::needle_bodies::{InjectionBody, SolutionBody};

pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(void_site).service(void_syringe);
}

/// Why it was entered in error.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VoidBody {
    #[schema(min_length = 1, max_length = 1000, example = "3 mL typed for 0.3 mL")]
    reason: String,
}

/// A site that was entered in error, and the version of its procedure now.
#[derive(Serialize, ToSchema)]
struct VoidedInjectionBody {
    #[serde(flatten)]
    injection: InjectionBody,
    procedure_version: Version,
}

/// Marks a needle site as entered in error, while the visit is open. Its volume is back in the syringe.
///
/// A procedure that was completed or stopped is in progress again, and is completed or stopped once more.
#[utoipa::path(
    operation_id = "voidInjection", tag = "procedures", context_path = "/api/v1",
    request_body = VoidBody,
    params(
        ("procedure_id" = ProcedureId, Path, description = "The procedure."),
        ("injection_id" = InjectionId, Path, description = "The site."),
    ),
    responses((status = 200, description = "The marked site.", body = VoidedInjectionBody), Refused<VoidError>)
)]
#[post("/procedures/{procedure_id}/injections/{injection_id}/void")]
async fn void_site(
    permit: Permit<VoidProcedure>,
    PathIds(id, injection_id): PathIds<ProcedureId, InjectionId>,
    body: Json<VoidBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let reason = body.reason.clone();
            let (injection, procedure) =
                void_injection(transaction, id, injection_id, reason).await?;
            Answer::ok(&VoidedInjectionBody {
                injection: InjectionBody::new(&injection, procedure.id),
                procedure_version: procedure.version,
            })
        })
        .await
}

/// A solution that was entered in error, and the version of its procedure now.
#[derive(Serialize, ToSchema)]
struct VoidedSolutionBody {
    #[serde(flatten)]
    solution: SolutionBody,
    procedure_version: Version,
}

/// Marks a solution as entered in error, while the visit is open. What was drawn is back in its lots.
///
/// Sites that were injected from it are marked first.
#[utoipa::path(
    operation_id = "voidSolution", tag = "procedures", context_path = "/api/v1",
    request_body = VoidBody,
    params(
        ("procedure_id" = ProcedureId, Path, description = "The procedure."),
        ("solution_id" = SolutionId, Path, description = "The solution."),
    ),
    responses((status = 200, description = "The marked solution.", body = VoidedSolutionBody), Refused<VoidError>)
)]
#[post("/procedures/{procedure_id}/solutions/{solution_id}/void")]
async fn void_syringe(
    permit: Permit<VoidProcedure>,
    PathIds(id, solution_id): PathIds<ProcedureId, SolutionId>,
    body: Json<VoidBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let reason = body.reason.clone();
            let (syringe, procedure) = void_solution(transaction, id, solution_id, reason).await?;
            Answer::ok(&VoidedSolutionBody {
                solution: SolutionBody::new(&syringe, &procedure),
                procedure_version: procedure.version,
            })
        })
        .await
}
