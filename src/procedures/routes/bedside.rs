//! What happens beside the needle and after it, over HTTP: waste, observation and discharge.

use actix_web::post;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, PathIds};

use super::super::discharge::{DischargePatient, DischargeRecord, discharge};
use super::super::observation::{ObservedSymptom, ObservedVitals};
use super::super::observe::{Observe, Seen, observe};
use super::super::observe_error::ObserveError;
use super::super::procedure::ProcedureId;
use super::super::record_waste::{RecordWaste, WasteError, WasteRecord, record_waste};
use super::super::syringe::SolutionId;
use super::bodies::{ProcedureBody, answer};

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(waste)
        .service(add_observation)
        .service(let_go);
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
            let procedure = record_waste(transaction, ids.0, ids.1, &record).await?;
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

/// Records how the patient is after the needle, also when the visit is signed already.
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
            let seen = Seen {
                vitals,
                symptoms: body.symptoms.clone(),
                note: body.note.clone(),
            };
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
