//! Planning and reading procedures over HTTP.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::rule_sets::shown;
use crate::visits::VisitId;

use super::super::plan::{PlanProcedure, PlanProcedureError, PlannedKind, plan_procedure};
use super::super::procedure::{Procedure, ProcedureId};
use super::super::read::{ReadProcedure, ReadProcedureError, procedures_of_visit, read_procedure};
use super::bodies::{ProcedureBody, answer};
use tautband_rules::kind::ProcedureKind;

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_procedures)
        .service(plan)
        .service(get_procedure);
}

/// Lists the procedures of a visit, in the order they were planned.
#[utoipa::path(
    operation_id = "listProcedures", tag = "procedures", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), PageParameters),
    responses((status = 200, description = "The procedures.", body = Page<ProcedureBody>), Refused<ReadProcedureError>)
)]
#[get("/visits/{visit_id}/procedures")]
async fn list_procedures(
    permit: Permit<ReadProcedure>,
    id: PathId<VisitId>,
    query: Query<PageParameters>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = query.window()?;
    permit
        .transaction(async |transaction| {
            let procedures = procedures_of_visit(transaction, id.0, &window).await?;
            let key = |procedure: &Procedure| procedure.id.uuid();
            let body = |procedure| ProcedureBody::from(&procedure);
            Answer::ok(&Page::of(procedures, window.size, key, body))
        })
        .await
}

/// What is to be done, and for what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanProcedureBody {
    #[schema(value_type = shown::ProcedureKind)]
    kind: ProcedureKind,
    /// ICD-10-CM codes it is done for.
    #[schema(max_items = 12, example = json!(["G44.219"]))]
    indication_codes: Vec<IndicationCode>,
    /// The template it begins from.
    #[schema(pattern = "^[a-z0-9_]+$", min_length = 1, max_length = 60)]
    template_code: Option<String>,
}

/// An ICD-10-CM code.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$", example = "G44.219")]
struct IndicationCode(String);

/// Plans a procedure within an open visit.
#[utoipa::path(
    operation_id = "planProcedure", tag = "procedures", context_path = "/api/v1",
    request_body = PlanProcedureBody,
    params(("visit_id" = VisitId, Path, description = "The visit."), Once),
    responses((status = 201, description = "Planned.", body = ProcedureBody), Refused<PlanProcedureError>)
)]
#[post("/visits/{visit_id}/procedures")]
async fn plan(
    permit: Permit<PlanProcedure>,
    id: PathId<VisitId>,
    once: Once,
    body: Json<PlanProcedureBody>,
) -> Result<Answer, Problem> {
    let plan = PlannedKind {
        kind: body.kind,
        indication_codes: body
            .indication_codes
            .iter()
            .map(|code| code.0.clone())
            .collect(),
        template_code: body.template_code.clone(),
    };
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let procedure = plan_procedure(transaction, id.0, &plan).await?;
            let location = format!("/api/v1/procedures/{}", procedure.id);
            let body = ProcedureBody::from(&procedure);
            Ok(Answer::created(&body, location)?.version(procedure.version))
        })
        .await
}

/// Reads a procedure with all that belongs to it.
///
/// Patients read theirs once the visit is signed.
#[utoipa::path(
    operation_id = "getProcedure", tag = "procedures", context_path = "/api/v1",
    params(("procedure_id" = ProcedureId, Path, description = "The procedure.")),
    responses((status = 200, description = "The procedure.", body = ProcedureBody), Refused<ReadProcedureError>)
)]
#[get("/procedures/{procedure_id}")]
async fn get_procedure(
    permit: Permit<ReadProcedure>,
    id: PathId<ProcedureId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(&read_procedure(transaction, id.0).await?))
        .await
}
