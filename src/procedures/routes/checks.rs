//! What the rules and the payers say of a procedure, over HTTP.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::platform::access::Permit;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};

use super::super::acknowledge::{AcknowledgeChecks, AcknowledgeError, acknowledge};
use super::super::claim::{ReadCoding, ReadCodingError, read_coding};
use super::super::override_check::{OverrideCheck, OverrideError, override_check};
use super::super::procedure::ProcedureId;
use super::super::read_safety::{ReadSafety, ReadSafetyError, read_safety};
use super::super::report::SafetyReport;
use super::bodies::{ProcedureBody, answer};
use super::claim_bodies::CodingBody;

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(get_safety)
        .service(override_one)
        .service(acknowledge_checks)
        .service(get_coding);
}

/// Asks the safety rules about a procedure as it is recorded now.
#[utoipa::path(
    operation_id = "getProcedureSafety", tag = "procedures", context_path = "/api/v1",
    params(("procedure_id" = ProcedureId, Path, description = "The procedure.")),
    responses((status = 200, description = "What to check.", body = SafetyReport), Refused<ReadSafetyError>)
)]
#[get("/procedures/{procedure_id}/safety")]
async fn get_safety(
    permit: Permit<ReadSafety>,
    id: PathId<ProcedureId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| Answer::ok(&read_safety(transaction, id.0).await?))
        .await
}

/// Which check, and why to go on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OverrideCheckBody {
    #[schema(min_length = 1, max_length = 100, example = "local_anaesthetic_dose")]
    check_code: String,
    #[schema(
        min_length = 1,
        max_length = 1000,
        example = "Divided over an hour, monitored"
    )]
    reason: String,
}

/// Goes on in spite of a check that stops, or having read one that must be acknowledged, as it
/// stands now. Providers only.
#[utoipa::path(
    operation_id = "overrideCheck", tag = "procedures", context_path = "/api/v1",
    request_body = OverrideCheckBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = ProcedureBody), Refused<OverrideError>)
)]
#[post("/procedures/{procedure_id}/override")]
async fn override_one(
    permit: Permit<OverrideCheck>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<OverrideCheckBody>,
) -> Result<Answer, Problem> {
    if body.reason.trim().is_empty() {
        return Err(Problem::field("/reason", "must not be blank"));
    }
    permit
        .transaction(async |transaction| {
            let decision = (body.check_code.as_str(), body.reason.as_str());
            answer(&override_check(transaction, id.0, &if_match, decision).await?)
        })
        .await
}

/// The checks that were read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcknowledgeChecksBody {
    #[schema(min_items = 1, max_items = 50, example = json!(["bilateral_lung"]))]
    check_codes: Vec<String>,
}

/// Says that a provider has read these checks as they stand now. Providers only.
///
/// A check that stands stricter later, or with a higher figure, has to be read again.
#[utoipa::path(
    operation_id = "acknowledgeChecks", tag = "procedures", context_path = "/api/v1",
    request_body = AcknowledgeChecksBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = ProcedureBody), Refused<AcknowledgeError>)
)]
#[post("/procedures/{procedure_id}/acknowledge")]
async fn acknowledge_checks(
    permit: Permit<AcknowledgeChecks>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<AcknowledgeChecksBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            answer(&acknowledge(transaction, id.0, &if_match, &body.check_codes).await?)
        })
        .await
}

/// Whose rules to ask.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReadCodingQuery {
    /// The payer; the Medicare rules of 2024 unless another is named.
    #[param(
        nullable = false,
        min_length = 1,
        max_length = 60,
        example = "lcd_2024"
    )]
    payer: Option<String>,
}

/// Reads the codes of a procedure, and what a payer would ask.
#[utoipa::path(
    operation_id = "getProcedureCoding", tag = "procedures", context_path = "/api/v1",
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), ReadCodingQuery),
    responses((status = 200, description = "The codes.", body = CodingBody), Refused<ReadCodingError>)
)]
#[get("/procedures/{procedure_id}/coding")]
async fn get_coding(
    permit: Permit<ReadCoding>,
    id: PathId<ProcedureId>,
    query: Query<ReadCodingQuery>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let claim = read_coding(transaction, id.0, query.payer.as_deref()).await?;
            Answer::ok(&CodingBody::from(claim))
        })
        .await
}
