//! What comes before the needle, over HTTP: consent, time-out, checklist, set-up, and the start.

use actix_web::{post, put};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::findings::PatientPosition;
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::PathId;
use crate::rule_sets::shown;

use super::super::prepare_error::PrepareError;
use super::super::procedure::ProcedureId;
use super::super::record_checklist::{RecordChecklist, record_checklist};
use super::super::record_consent::{ConsentRecord, RecordConsent, record_consent};
use super::super::record_set_up::{RecordSetUp, record_set_up};
use super::super::record_time_out::{RecordTimeOut, record_time_out};
use super::super::set_up::{Guidance, SetUp, SkinPreparation};
use super::super::stage::{ConsentMethod, TimeOutPoints};
use super::super::start::{StartError, StartProcedure, start_procedure};
use super::bodies::{ProcedureBody, answer};
use tautband_rules::checklist::{Answers, ChecklistAnswer, LaboratoryCode, LaboratoryResult};
use tautband_rules::safety::facts::Pregnancy;

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(put_consent)
        .service(put_time_out)
        .service(put_checklist)
        .service(put_preparation)
        .service(start);
}

/// Who agreed to what, and how.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutConsentBody {
    /// The patient, or who acts for them.
    #[schema(min_length = 1, max_length = 200, example = "patient")]
    given_by: String,
    method: ConsentMethod,
    /// Which text was agreed to.
    #[schema(min_length = 1, max_length = 60, example = "2026-12")]
    text_version: String,
}

/// Records consent for a planned procedure.
#[utoipa::path(
    operation_id = "putProcedureConsent", tag = "procedures", context_path = "/api/v1",
    request_body = PutConsentBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = ProcedureBody), Refused<PrepareError>)
)]
#[put("/procedures/{procedure_id}/consent")]
async fn put_consent(
    permit: Permit<RecordConsent>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<PutConsentBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let consent = ConsentRecord {
                given_by: body.given_by.clone(),
                method: body.method,
                text_version: body.text_version.clone(),
            };
            answer(&record_consent(transaction, id.0, &if_match, consent).await?)
        })
        .await
}

/// Which points were confirmed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a checklist is a list of yes and no"
)]
struct PutTimeOutBody {
    patient_ok: bool,
    procedure_ok: bool,
    site_ok: bool,
    allergies_ok: bool,
    /// Needed, by this name or as `anticoag_ok`.
    anticoagulants_ok: Option<bool>,
    /// Short for `anticoagulants_ok`.
    anticoag_ok: Option<bool>,
}

impl PutTimeOutBody {
    fn points(&self) -> Result<TimeOutPoints, Problem> {
        let anticoagulants = self.anticoagulants_ok.or(self.anticoag_ok);
        Ok(TimeOutPoints {
            patient: self.patient_ok,
            procedure: self.procedure_ok,
            site: self.site_ok,
            allergies: self.allergies_ok,
            anticoagulants: anticoagulants
                .ok_or_else(|| Problem::field("/anticoagulants_ok", "is required"))?,
        })
    }
}

/// Records the time-out of a planned procedure. The gate opens when every point is confirmed.
#[utoipa::path(
    operation_id = "putProcedureTimeOut", tag = "procedures", context_path = "/api/v1",
    request_body = PutTimeOutBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = ProcedureBody), Refused<PrepareError>)
)]
#[put("/procedures/{procedure_id}/time-out")]
async fn put_time_out(
    permit: Permit<RecordTimeOut>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<PutTimeOutBody>,
) -> Result<Answer, Problem> {
    let points = body.points()?;
    permit
        .transaction(async |transaction| {
            answer(&record_time_out(transaction, id.0, &if_match, points).await?)
        })
        .await
}

/// Starts a procedure.
///
/// Answers 409 with `missing` while consent, a point of the time-out or the answer to an absolute
/// contraindication is missing.
#[utoipa::path(
    operation_id = "startProcedure", tag = "procedures", context_path = "/api/v1",
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = ProcedureBody), Refused<StartError>)
)]
#[post("/procedures/{procedure_id}/start")]
async fn start(
    permit: Permit<StartProcedure>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            answer(&start_procedure(transaction, id.0, &if_match).await?)
        })
        .await
}

/// A value of the laboratory.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutLaboratoryBody {
    #[schema(value_type = shown::LaboratoryCode)]
    code: LaboratoryCode,
    /// INR as it is, platelets in 10⁹/L, `hba1c` in percent, glucose in mg/dL.
    value: ExactDecimal,
    taken_on: NaiveDate,
}

/// What was answered before the needle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutChecklistBody {
    /// The questions that were answered with yes.
    #[schema(max_items = 20)]
    #[schema(value_type = Vec<shown::ChecklistAnswer>)]
    answers: Vec<ChecklistAnswer>,
    #[schema(value_type = Option<shown::Pregnancy>)]
    pregnancy: Option<Pregnancy>,
    breastfeeding: Option<bool>,
    #[schema(max_items = 20)]
    laboratory: Option<Vec<PutLaboratoryBody>>,
}

impl PutChecklistBody {
    fn answers(&self) -> Result<Answers, Problem> {
        let mut errors = Vec::new();
        let mut laboratory = Vec::new();
        for (index, result) in self.laboratory.iter().flatten().enumerate() {
            let value = result.value.0.normalize();
            if value.is_sign_negative() || value > Decimal::from(100_000) {
                let detail = "must lie between 0 and 100000";
                errors.push(FieldError::new(
                    format!("/laboratory/{index}/value"),
                    detail,
                ));
            }
            laboratory.push(LaboratoryResult {
                code: result.code,
                value,
                taken_on: result.taken_on,
            });
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(Answers {
            yes: self.answers.iter().copied().collect(),
            pregnancy: self.pregnancy,
            is_breastfeeding: self.breastfeeding,
            laboratory,
        })
    }
}

/// Records what was answered before the needle; the safety rules look at it.
#[utoipa::path(
    operation_id = "putProcedureChecklist", tag = "procedures", context_path = "/api/v1",
    request_body = PutChecklistBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = ProcedureBody), Refused<PrepareError>)
)]
#[put("/procedures/{procedure_id}/checklist")]
async fn put_checklist(
    permit: Permit<RecordChecklist>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<PutChecklistBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let answers = body.answers()?;
            answer(&record_checklist(transaction, id.0, &if_match, answers).await?)
        })
        .await
}

/// How a procedure is set up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutPreparationBody {
    position: PatientPosition,
    skin_preparation: SkinPreparation,
    guidance: Option<Guidance>,
}

/// Records how the patient lies and how the skin was prepared.
#[utoipa::path(
    operation_id = "putProcedurePreparation", tag = "procedures", context_path = "/api/v1",
    request_body = PutPreparationBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = ProcedureBody), Refused<PrepareError>)
)]
#[put("/procedures/{procedure_id}/preparation")]
async fn put_preparation(
    permit: Permit<RecordSetUp>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<PutPreparationBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let set_up = SetUp {
                position: Some(body.position),
                skin: Some(body.skin_preparation),
                guidance: body.guidance,
            };
            answer(&record_set_up(transaction, id.0, &if_match, set_up).await?)
        })
        .await
}
