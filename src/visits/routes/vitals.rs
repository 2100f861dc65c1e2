//! Recording vitals and tenderness over HTTP.

use actix_web::put;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::visits::record::{Record, RecordError, score_tenderness, take_vitals};
use crate::visits::tenderness::TendernessScores;
use crate::visits::visit::VisitId;
use crate::visits::vitals::Vitals;

use super::visit_body::{VisitBody, shown};

/// Adds the operations that record vitals and tenderness.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(put_vitals).service(put_tenderness_scores);
}

/// All vitals of a visit. A field that is left out was not measured.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutVitalsBody {
    /// Body weight, 1 to 500 kg; becomes the patient's weight.
    weight_kg: Option<ExactDecimal>,
    /// Height, 30 to 260 cm.
    height_cm: Option<ExactDecimal>,
    #[schema(minimum = 40, maximum = 300)]
    systolic_mmhg: Option<i32>,
    #[schema(minimum = 20, maximum = 200)]
    diastolic_mmhg: Option<i32>,
    #[schema(minimum = 20, maximum = 300)]
    heart_rate_bpm: Option<i32>,
    #[schema(minimum = 50, maximum = 100)]
    spo2_percent: Option<i32>,
    /// Body temperature, 30 to 45 °C.
    temperature_c: Option<ExactDecimal>,
}

impl PutVitalsBody {
    fn vitals(&self) -> Vitals {
        Vitals {
            weight_kg: self.weight_kg.map(|value| value.0),
            height_cm: self.height_cm.map(|value| value.0),
            systolic_mmhg: self.systolic_mmhg,
            diastolic_mmhg: self.diastolic_mmhg,
            heart_rate_bpm: self.heart_rate_bpm,
            spo2_percent: self.spo2_percent,
            temperature_c: self.temperature_c.map(|value| value.0),
        }
    }
}

/// Replaces the vitals of a visit.
#[utoipa::path(
    operation_id = "putVitals", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), IfMatch),
    request_body = PutVitalsBody,
    responses((status = 200, description = "The visit as it is now.", body = VisitBody), Refused<RecordError>)
)]
#[put("/visits/{visit_id}/vitals")]
async fn put_vitals(
    permit: Permit<Record>,
    id: PathId<VisitId>,
    if_match: IfMatch,
    body: Json<PutVitalsBody>,
) -> Result<Answer, Problem> {
    let vitals = body.vitals();
    permit
        .transaction(async |transaction| {
            shown(take_vitals(transaction, id.0, &if_match, &vitals).await?)
        })
        .await
}

/// Replaces the tenderness scores of a visit: eight sites, left and right.
///
/// Each score is 0 none, 1 mild, 2 moderate or 3 severe. Their sum is the total tenderness score.
#[utoipa::path(
    operation_id = "putTendernessScores", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), IfMatch),
    request_body = TendernessScores,
    responses((status = 200, description = "The visit as it is now.", body = VisitBody), Refused<RecordError>)
)]
#[put("/visits/{visit_id}/tenderness-scores")]
async fn put_tenderness_scores(
    permit: Permit<Record>,
    id: PathId<VisitId>,
    if_match: IfMatch,
    body: Json<TendernessScores>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            shown(score_tenderness(transaction, id.0, &if_match, &body).await?)
        })
        .await
}
