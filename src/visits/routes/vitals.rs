//! Recording vitals and tenderness over HTTP.

use actix_web::put;
use serde::Deserialize;
use serde_with::rust::double_option;
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
use crate::visits::vitals::VitalsChanges;

use super::visit_body::{VisitBody, shown};

/// Adds the operations that record vitals and tenderness.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(put_vitals).service(put_tenderness_scores);
}

/// The vitals that were measured. A field that is left out stays as it is, and null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutVitalsBody {
    /// Body weight, 1 to 500 kg; becomes the patient's weight.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<ExactDecimal>)]
    weight_kg: Option<Option<ExactDecimal>>,
    /// Height, 30 to 260 cm.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<ExactDecimal>)]
    height_cm: Option<Option<ExactDecimal>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<i32>, minimum = 40, maximum = 300)]
    systolic_mmhg: Option<Option<i32>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<i32>, minimum = 20, maximum = 200)]
    diastolic_mmhg: Option<Option<i32>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<i32>, minimum = 20, maximum = 300)]
    heart_rate_bpm: Option<Option<i32>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<i32>, minimum = 50, maximum = 100)]
    spo2_percent: Option<Option<i32>>,
    /// Body temperature, 30 to 45 °C.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<ExactDecimal>)]
    temperature_c: Option<Option<ExactDecimal>>,
}

impl PutVitalsBody {
    fn changes(&self) -> VitalsChanges {
        let decimal = |sent: Option<Option<ExactDecimal>>| sent.map(|value| value.map(|one| one.0));
        VitalsChanges {
            weight_kg: decimal(self.weight_kg),
            height_cm: decimal(self.height_cm),
            systolic_mmhg: self.systolic_mmhg,
            diastolic_mmhg: self.diastolic_mmhg,
            heart_rate_bpm: self.heart_rate_bpm,
            spo2_percent: self.spo2_percent,
            temperature_c: decimal(self.temperature_c),
        }
    }
}

/// Records the vitals of a visit that were measured. Those that are left out stay.
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
    let changes = body.changes();
    permit
        .transaction(async |transaction| {
            shown(take_vitals(transaction, id.0, &if_match, &changes).await?)
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
