//! What happens beside the needle, over HTTP: checklist, set-up, waste, observation and discharge.

use actix_web::{post, put};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::findings::PatientPosition;
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{PathId, PathIds};
use crate::rule_sets::shown;

use super::super::observation::{
    DischargePatient, DischargeRecord, Observe, ObserveError, ObservedSymptom, ObservedVitals,
    discharge, observe,
};
use super::super::prepare::PrepareError;
use super::super::procedure::{Procedure, ProcedureId, SolutionId};
use super::super::record_checklist::{RecordChecklist, record_checklist};
use super::super::record_preparation::{RecordPreparation, record_preparation};
use super::super::set_up::{Guidance, Preparation, SkinPreparation};
use super::super::waste::{RecordWaste, WasteError, WasteRecord, record_waste};
use super::bodies::ProcedureBody;
use tautband_rules::checklist::{Answers, ChecklistAnswer, LaboratoryCode, LaboratoryResult};
use tautband_rules::safety::facts::Pregnancy;

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(put_checklist)
        .service(put_preparation)
        .service(waste)
        .service(add_observation)
        .service(let_go);
}

fn answer(procedure: &Procedure) -> Result<Answer, Problem> {
    Ok(Answer::ok(&ProcedureBody::from(procedure))?.version(procedure.version))
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
    permit: Permit<RecordPreparation>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<PutPreparationBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let preparation = Preparation {
                position: Some(body.position),
                skin: Some(body.skin_preparation),
                guidance: body.guidance,
            };
            answer(&record_preparation(transaction, id.0, &if_match, preparation).await?)
        })
        .await
}

/// What was thrown away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordWasteBody {
    /// Above zero, at most what is left, with at most three decimals.
    #[schema(example = "1.5")]
    volume_ml: ExactDecimal,
    /// The provider or assistant who saw it; never the one who records it.
    witnessed_by: Uuid,
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// The procedure with what was thrown away.
#[derive(Serialize, ToSchema)]
struct RecordedWasteBody {
    #[serde(flatten)]
    procedure: ProcedureBody,
    procedure_version: Version,
}

/// Records what was thrown away of a solution, before a witness.
///
/// What was drawn is injected or wasted; a procedure is not completed until that adds up.
#[utoipa::path(
    operation_id = "recordWaste", tag = "procedures", context_path = "/api/v1",
    request_body = RecordWasteBody,
    params(
        ("procedure_id" = ProcedureId, Path, description = "The procedure."),
        ("solution_id" = SolutionId, Path, description = "The solution."), Once
    ),
    responses((status = 201, description = "Recorded.", body = RecordedWasteBody), Refused<WasteError>)
)]
#[post("/procedures/{procedure_id}/solutions/{solution_id}/waste")]
async fn waste(
    permit: Permit<RecordWaste>,
    ids: PathIds<ProcedureId, SolutionId>,
    once: Once,
    body: Json<RecordWasteBody>,
) -> Result<Answer, Problem> {
    let volume_ml = body.volume_ml.0.normalize();
    if volume_ml <= Decimal::ZERO || volume_ml > Decimal::ONE_HUNDRED || volume_ml.scale() > 3 {
        let detail = "must be above 0, at most 100, with at most three decimals";
        return Err(Problem::field("/volume_ml", detail));
    }
    let record = WasteRecord {
        volume_ml,
        reason: body.reason.clone(),
        witnessed_by: body.witnessed_by,
    };
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let procedure = record_waste(transaction, (ids.0, ids.1), &record).await?;
            Answer::made(&RecordedWasteBody {
                procedure_version: procedure.version,
                procedure: ProcedureBody::from(&procedure),
            })
        })
        .await
}

/// How the patient is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddObservationBody {
    #[schema(minimum = 20, maximum = 300)]
    heart_rate_bpm: Option<i16>,
    #[schema(minimum = 40, maximum = 300)]
    systolic_mmhg: Option<i16>,
    #[schema(minimum = 20, maximum = 200)]
    diastolic_mmhg: Option<i16>,
    #[schema(minimum = 50, maximum = 100)]
    spo2_percent: Option<i16>,
    /// Empty when there is nothing.
    #[schema(max_items = 20)]
    symptoms: Vec<ObservedSymptom>,
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

/// The procedure with how the patient is.
#[derive(Serialize, ToSchema)]
struct AddedObservationBody {
    #[serde(flatten)]
    procedure: ProcedureBody,
    procedure_version: Version,
}

/// Records how the patient is after the needle.
#[utoipa::path(
    operation_id = "addProcedureObservation", tag = "procedures", context_path = "/api/v1",
    request_body = AddObservationBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), Once),
    responses((status = 201, description = "Recorded.", body = AddedObservationBody), Refused<ObserveError>)
)]
#[post("/procedures/{procedure_id}/observations")]
async fn add_observation(
    permit: Permit<Observe>,
    id: PathId<ProcedureId>,
    once: Once,
    body: Json<AddObservationBody>,
) -> Result<Answer, Problem> {
    if let (Some(systolic), Some(diastolic)) = (body.systolic_mmhg, body.diastolic_mmhg)
        && systolic <= diastolic
    {
        let detail = "must lie below systolic_mmhg";
        return Err(Problem::field("/diastolic_mmhg", detail));
    }
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let vitals = ObservedVitals {
                heart_rate_bpm: body.heart_rate_bpm,
                systolic_mmhg: body.systolic_mmhg,
                diastolic_mmhg: body.diastolic_mmhg,
                spo2_percent: body.spo2_percent,
            };
            let seen = (vitals, body.symptoms.clone(), body.note.clone());
            let procedure = observe(transaction, id.0, seen).await?;
            Answer::made(&AddedObservationBody {
                procedure_version: procedure.version,
                procedure: ProcedureBody::from(&procedure),
            })
        })
        .await
}

/// How the patient is let go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DischargePatientBody {
    /// The patient was told what to do and when to call.
    aftercare_given: bool,
    #[schema(min_length = 1, max_length = 1000)]
    note: Option<String>,
    /// Why the patient leaves although something is missing.
    #[schema(min_length = 1, max_length = 500)]
    early_reason: Option<String>,
}

/// Lets the patient go after the time of observation.
///
/// Answers 409 with `missing` while nobody has looked, the time is not over or a symptom lasts,
/// unless `early_reason` says why the patient leaves all the same.
#[utoipa::path(
    operation_id = "dischargePatient", tag = "procedures", context_path = "/api/v1",
    request_body = DischargePatientBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = ProcedureBody), Refused<ObserveError>)
)]
#[post("/procedures/{procedure_id}/discharge")]
async fn let_go(
    permit: Permit<DischargePatient>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<DischargePatientBody>,
) -> Result<Answer, Problem> {
    let blank = |text: &String| text.trim().is_empty();
    if body.early_reason.as_ref().is_some_and(blank) {
        return Err(Problem::field("/early_reason", "must not be blank"));
    }
    permit
        .transaction(async |transaction| {
            let record = DischargeRecord {
                is_aftercare_given: body.aftercare_given,
                note: body.note.clone(),
                early_reason: body.early_reason.clone(),
            };
            answer(&discharge(transaction, id.0, &if_match, record).await?)
        })
        .await
}
