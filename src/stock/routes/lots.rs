//! Lots over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::blank::trimmed;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::text::text_enum;
use crate::platform::timestamp::Timestamp;

use super::super::change_lot::{
    AdjustLot, ChangeLotError, Correction, QuarantineLot, RecallLot, ReleaseLot, adjust_lot,
    quarantine_lot, recall_lot, release_lot,
};
use super::super::find_lots::{FindLotError, ReadLots, find_lots, read_lot};
use super::super::lot::{Lot, LotId, LotStatus, VialType};
use super::super::lot_filter::{LotFilter, LotKey};
use super::super::receive_lot::{Delivery, ReceiveLot, ReceiveLotError, receive_lot};

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_lots)
        .service(receive)
        .service(get_lot)
        .service(adjust)
        .service(quarantine)
        .service(recall)
        .service(release);
}

text_enum! {
    /// How clients write the kind of a vial; the short words mean the long ones.
    enum WrittenVialType {
        SingleDose = "single_dose",
        MultiDose = "multi_dose",
        Single = "single",
        Multi = "multi",
    }
}

impl From<WrittenVialType> for VialType {
    fn from(written: WrittenVialType) -> Self {
        match written {
            WrittenVialType::SingleDose | WrittenVialType::Single => Self::SingleDose,
            WrittenVialType::MultiDose | WrittenVialType::Multi => Self::MultiDose,
        }
    }
}

/// What came in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReceiveLotBody {
    #[schema(min_length = 1, max_length = 60, example = "lidocaine")]
    drug_code: String,
    /// As printed on the vial.
    #[schema(min_length = 1, max_length = 60, example = "LD4471")]
    lot_number: String,
    /// Last day of use.
    expires_on: NaiveDate,
    vial_type: WrittenVialType,
    /// More than nothing, with at most three decimals.
    quantity_ml: ExactDecimal,
    location_id: Uuid,
}

/// A lot of a drug at a location.
#[derive(Serialize, ToSchema)]
struct LotBody {
    id: LotId,
    drug_code: String,
    lot_number: String,
    expires_on: NaiveDate,
    vial_type: VialType,
    location_id: Uuid,
    status: LotStatus,
    /// Why it was set aside or recalled.
    status_reason: Option<String>,
    /// What is left of it.
    quantity_ml: ExactDecimal,
    /// What came in.
    received_ml: ExactDecimal,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl LotBody {
    fn new(lot: Lot, now: DateTime<Utc>) -> Self {
        Self {
            status: lot.status(now),
            id: lot.id,
            drug_code: lot.drug_code,
            lot_number: lot.lot_number,
            expires_on: lot.expires_on,
            vial_type: lot.vial_type,
            location_id: lot.location_id,
            status_reason: lot.status_reason,
            quantity_ml: lot.remaining_ml.into(),
            received_ml: lot.received_ml.into(),
            version: lot.version,
            updated_at: lot.updated_at,
        }
    }
}

fn answer(lot: Lot, now: DateTime<Utc>) -> Result<Answer, Problem> {
    let version = lot.version;
    Ok(Answer::ok(&LotBody::new(lot, now))?.version(version))
}

/// The most a column of stock holds.
const LARGEST_ML: Decimal = Decimal::from_parts(9_999_999, 0, 0, false, 0);

fn stock_ml(quantity: ExactDecimal, pointer: &str) -> Result<Decimal, FieldError> {
    let value = quantity.0.normalize();
    if value.scale() > 3 || value.abs() > LARGEST_ML {
        let detail = "must have at most 7 digits before and 3 after the point";
        return Err(FieldError::new(pointer, detail));
    }
    Ok(value)
}

impl ReceiveLotBody {
    fn delivery(&self) -> Result<Delivery, Problem> {
        let mut errors = Vec::new();
        let lot_number = trimmed(&self.lot_number, "/lot_number", &mut errors);
        let quantity_ml = stock_ml(self.quantity_ml, "/quantity_ml").and_then(|quantity| {
            if quantity > Decimal::ZERO {
                Ok(quantity)
            } else {
                Err(FieldError::new("/quantity_ml", "must be above zero"))
            }
        });
        if !(1900..2200).contains(&chrono::Datelike::year(&self.expires_on)) {
            errors.push(FieldError::new(
                "/expires_on",
                "must lie between 1900 and 2200",
            ));
        }
        match quantity_ml {
            Ok(quantity_ml) if errors.is_empty() => Ok(Delivery {
                drug_code: self.drug_code.clone(),
                lot_number,
                expires_on: self.expires_on,
                vial_type: self.vial_type.into(),
                quantity_ml,
                location_id: self.location_id,
            }),
            quantity => {
                errors.extend(quantity.err());
                Err(Problem::invalid(errors))
            }
        }
    }
}

/// Which lots; all of it must fit.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListLots {
    #[param(
        nullable = false,
        min_length = 1,
        max_length = 60,
        example = "lidocaine"
    )]
    drug_code: Option<String>,
    #[param(nullable = false, inline)]
    status: Option<LotStatus>,
    #[param(nullable = false)]
    location_id: Option<Uuid>,
    /// Changed at this instant or later.
    #[param(nullable = false, inline)]
    updated_since: Option<Timestamp>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
    /// Where the page begins.
    #[param(nullable = false, inline)]
    cursor: Option<Cursor>,
}

/// Lists lots by drug, those that expire first before the others.
#[utoipa::path(
    operation_id = "listLots", tag = "lots", context_path = "/api/v1",
    params(ListLots),
    responses((status = 200, description = "The lots.", body = Page<LotBody>))
)]
#[get("/lots")]
async fn list_lots(permit: Permit<ReadLots>, query: Query<ListLots>) -> Result<Answer, Problem> {
    let query = query.into_inner();
    let window: Window<LotKey> = Window::new(query.limit, query.cursor.as_ref())?;
    let filter = LotFilter {
        drug_code: query.drug_code,
        status: query.status,
        location_id: query.location_id,
        updated_since: query.updated_since.map(|since| since.0),
    };
    permit
        .transaction(async |transaction| {
            let lots = find_lots(transaction, &filter, &window).await?;
            let key = |lot: &Lot| (lot.drug_code.clone(), lot.expires_on, lot.id.uuid());
            let now = transaction.now();
            Answer::ok(&Page::of(lots, window.size, key, |lot| {
                LotBody::new(lot, now)
            }))
        })
        .await
}

/// Takes a lot into stock.
#[utoipa::path(
    operation_id = "receiveLot", tag = "lots", context_path = "/api/v1",
    request_body = ReceiveLotBody,
    params(Once),
    responses((status = 201, description = "In stock.", body = LotBody), Refused<ReceiveLotError>)
)]
#[post("/lots")]
async fn receive(
    permit: Permit<ReceiveLot>,
    once: Once,
    body: Json<ReceiveLotBody>,
) -> Result<Answer, Problem> {
    let delivery = body.delivery()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let lot = receive_lot(transaction, &delivery).await?;
            let (version, location) = (lot.version, format!("/api/v1/lots/{}", lot.id));
            let body = LotBody::new(lot, transaction.now());
            Ok(Answer::created(&body, location)?.version(version))
        })
        .await
}

/// Reads a lot.
#[utoipa::path(
    operation_id = "getLot", tag = "lots", context_path = "/api/v1",
    params(("lot_id" = LotId, Path, description = "The lot.")),
    responses((status = 200, description = "The lot.", body = LotBody), Refused<FindLotError>)
)]
#[get("/lots/{lot_id}")]
async fn get_lot(permit: Permit<ReadLots>, id: PathId<LotId>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let lot = read_lot(transaction, id.0).await?;
            answer(lot, transaction.now())
        })
        .await
}

/// A correction of what is left.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdjustLotBody {
    /// What came (positive) or went, with at most three decimals; not zero.
    #[schema(example = "-1.5")]
    change_ml: ExactDecimal,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "A vial was broken")]
    note: String,
}

/// Corrects what is left of a lot, as after a count or a broken vial.
#[utoipa::path(
    operation_id = "adjustLot", tag = "lots", context_path = "/api/v1",
    request_body = AdjustLotBody,
    params(("lot_id" = LotId, Path, description = "The lot."), IfMatch),
    responses((status = 200, description = "As it is now.", body = LotBody), Refused<ChangeLotError>)
)]
#[post("/lots/{lot_id}/adjust")]
async fn adjust(
    permit: Permit<AdjustLot>,
    id: PathId<LotId>,
    if_match: IfMatch,
    body: Json<AdjustLotBody>,
) -> Result<Answer, Problem> {
    let change_ml = stock_ml(body.change_ml, "/change_ml");
    let change_ml = change_ml.map_err(|error| Problem::invalid(vec![error]))?;
    if change_ml.is_zero() {
        return Err(Problem::field("/change_ml", "must not be zero"));
    }
    permit
        .transaction(async |transaction| {
            let correction = Correction {
                change_ml,
                note: body.note.clone(),
            };
            let lot = adjust_lot(transaction, id.0, &if_match, &correction).await?;
            answer(lot, transaction.now())
        })
        .await
}

/// Why a lot is set aside or recalled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LotReasonBody {
    #[schema(min_length = 1, max_length = 500, example = "Particles seen in a vial")]
    reason: String,
}

/// Sets a lot aside until someone has looked at it.
#[utoipa::path(
    operation_id = "quarantineLot", tag = "lots", context_path = "/api/v1",
    request_body = LotReasonBody,
    params(("lot_id" = LotId, Path, description = "The lot."), IfMatch),
    responses((status = 200, description = "As it is now.", body = LotBody), Refused<ChangeLotError>)
)]
#[post("/lots/{lot_id}/quarantine")]
async fn quarantine(
    permit: Permit<QuarantineLot>,
    id: PathId<LotId>,
    if_match: IfMatch,
    body: Json<LotReasonBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let lot = quarantine_lot(transaction, id.0, &if_match, &body.reason).await?;
            answer(lot, transaction.now())
        })
        .await
}

/// Takes a lot out of use for good.
#[utoipa::path(
    operation_id = "recallLot", tag = "lots", context_path = "/api/v1",
    request_body = LotReasonBody,
    params(("lot_id" = LotId, Path, description = "The lot."), IfMatch),
    responses((status = 200, description = "As it is now.", body = LotBody), Refused<ChangeLotError>)
)]
#[post("/lots/{lot_id}/recall")]
async fn recall(
    permit: Permit<RecallLot>,
    id: PathId<LotId>,
    if_match: IfMatch,
    body: Json<LotReasonBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let lot = recall_lot(transaction, id.0, &if_match, &body.reason).await?;
            answer(lot, transaction.now())
        })
        .await
}

/// Puts a lot back into use that was set aside. A recalled lot stays recalled.
#[utoipa::path(
    operation_id = "releaseLot", tag = "lots", context_path = "/api/v1",
    params(("lot_id" = LotId, Path, description = "The lot."), IfMatch),
    responses((status = 200, description = "As it is now.", body = LotBody), Refused<ChangeLotError>)
)]
#[post("/lots/{lot_id}/release")]
async fn release(
    permit: Permit<ReleaseLot>,
    id: PathId<LotId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let lot = release_lot(transaction, id.0, &if_match).await?;
            answer(lot, transaction.now())
        })
        .await
}
