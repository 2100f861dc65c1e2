//! Treatment plans on paper, over HTTP.

use actix_web::{HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::care::agree_plan::{PlanError, ReadPlans, read_sheet};
use crate::care::plan::TreatmentPlanId;
use crate::care::plan_sheet;
use crate::platform::access::Permit;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};

/// Adds the printed plan.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(print_plan);
}

/// Which version is printed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PrintPlanQuery {
    /// The present one unless it is said.
    #[param(minimum = 1, maximum = 1_000_000, nullable = false)]
    version: Option<i64>,
}

/// Prints a plan for the patient, in plain words.
#[utoipa::path(
    operation_id = "printTreatmentPlan", tag = "care", context_path = "/api/v1",
    params(
        ("treatment_plan_id" = TreatmentPlanId, Path, description = "The plan."),
        PrintPlanQuery
    ),
    responses(
        (status = 200, description = "The sheet.", body = String, content_type = "text/html"),
        Refused<PlanError>,
    )
)]
#[get("/treatment-plans/{treatment_plan_id}/print")]
async fn print_plan(
    permit: Permit<ReadPlans>,
    id: PathId<TreatmentPlanId>,
    query: Query<PrintPlanQuery>,
) -> Result<HttpResponse, Problem> {
    permit
        .transaction(async |transaction| {
            let (plan, head) = read_sheet(transaction, id.0, query.version).await?;
            let sheet = plan_sheet::print(&plan, &head);
            Ok(HttpResponse::Ok()
                .content_type("text/html; charset=utf-8")
                .body(sheet))
        })
        .await
}
