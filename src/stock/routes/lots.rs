//! Lots over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, Months, NaiveDate, Utc};
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
    AdjustLot, ChangeLotError, Correction, Counted, QuarantineLot, RecallLot, ReleaseLot,
    adjust_lot, quarantine_lot, recall_lot, release_lot,
};
use super::super::correct_lot::{CorrectLot, RightValue, correct_lot};
use super::super::find_lots::{FindLotError, ReadLots, find_lots, read_lot};
use super::super::lot::{Lot, LotId, LotLabel, LotStatus, VialType};
use super::super::lot_correction::LotField;
use super::super::lot_filter::{LotFilter, LotKey};
use super::super::receive_lot::{
    DeliveredAmount, Delivery, ReceiveLot, ReceiveLotError, receive_lot,
};
use tautband_rules::dose::{Concentration, ConcentrationUnit};

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_lots)
        .service(receive)
        .service(get_lot)
        .service(adjust)
        .service(quarantine)
        .service(recall)
        .service(release)
        .service(correct);
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

text_enum! {
    /// The unit of a strength. `ratio` is the N of 1:N.
    enum StrengthUnit {
        MilligramsPerMl = "mg_per_ml",
        MicrogramsPerMl = "mcg_per_ml",
        UnitsPerMl = "units_per_ml",
        Percent = "percent",
        Ratio = "ratio",
    }
}

impl From<StrengthUnit> for ConcentrationUnit {
    fn from(unit: StrengthUnit) -> Self {
        match unit {
            StrengthUnit::MilligramsPerMl => Self::MilligramsPerMl,
            StrengthUnit::MicrogramsPerMl => Self::MicrogramsPerMl,
            StrengthUnit::UnitsPerMl => Self::UnitsPerMl,
            StrengthUnit::Percent => Self::Percent,
            StrengthUnit::Ratio => Self::Ratio,
        }
    }
}

impl From<ConcentrationUnit> for StrengthUnit {
    fn from(unit: ConcentrationUnit) -> Self {
        match unit {
            ConcentrationUnit::MilligramsPerMl => Self::MilligramsPerMl,
            ConcentrationUnit::MicrogramsPerMl => Self::MicrogramsPerMl,
            ConcentrationUnit::UnitsPerMl => Self::UnitsPerMl,
            ConcentrationUnit::Percent => Self::Percent,
            ConcentrationUnit::Ratio => Self::Ratio,
        }
    }
}

/// A last day of use as it is printed: a day, or a month.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
struct WrittenExpiry(String);

impl WrittenExpiry {
    fn last_day(&self, pointer: &str) -> Result<NaiveDate, FieldError> {
        let wrong = |detail: &str| FieldError::new(pointer, detail);
        let date = if self.0.len() == 7 {
            let first: Option<NaiveDate> = format!("{}-01", self.0).parse().ok();
            let next = first.and_then(|day| day.checked_add_months(Months::new(1)));
            next.and_then(|day| day.pred_opt())
        } else {
            self.0.parse().ok()
        };
        let date = date
            .ok_or_else(|| wrong("must be a day such as 2027-02-28, or a month such as 2027-02"))?;
        if (1900..2200).contains(&chrono::Datelike::year(&date)) {
            Ok(date)
        } else {
            Err(wrong("must lie between 1900 and 2200"))
        }
    }
}

/// Reads a strength and its unit.
fn strength(
    value: Option<ExactDecimal>,
    unit: Option<StrengthUnit>,
) -> Result<Option<Concentration>, FieldError> {
    match (value, unit) {
        (None, None) => Ok(None),
        (Some(value), Some(unit)) => {
            let value = value.0.normalize();
            if value.scale() > 4 {
                let detail = "must have at most four decimals";
                return Err(FieldError::new("/strength", detail));
            }
            Concentration::new(value, unit.into())
                .map(Some)
                .map_err(|refused| FieldError::new("/strength", refused.to_string()))
        }
        (None, Some(_)) => Err(FieldError::new("/strength", "goes with its unit")),
        (Some(_), None) => Err(FieldError::new("/strength_unit", "goes with the strength")),
    }
}

fn units_per_vial(units: ExactDecimal, pointer: &str) -> Result<Decimal, FieldError> {
    let units = units.0.normalize();
    if units > Decimal::ZERO && units.scale() <= 4 && units < Decimal::from(10_000_000) {
        Ok(units)
    } else {
        let detail = "must be above zero, with at most four decimals";
        Err(FieldError::new(pointer, detail))
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
    /// Last day of use, or the month: `2027-02` is its last day.
    #[schema(value_type = String, pattern = r"^\d{4}-\d{2}(-\d{2})?$", example = "2027-02")]
    expires_on: WrittenExpiry,
    vial_type: WrittenVialType,
    /// How much fluid came in: more than nothing, with at most three decimals. A powder says `vials` instead.
    quantity_ml: Option<ExactDecimal>,
    /// How many vials of a powder came in; goes with `units_per_vial`. A powder is counted in units.
    #[schema(minimum = 1, maximum = 100_000)]
    vials: Option<u32>,
    location_id: Uuid,
    /// As printed on the vial; goes with `strength_unit`.
    #[schema(example = "1")]
    strength: Option<ExactDecimal>,
    strength_unit: Option<StrengthUnit>,
    /// Of a powder, how many units a vial holds.
    units_per_vial: Option<ExactDecimal>,
    #[schema(min_length = 1, max_length = 200)]
    manufacturer: Option<String>,
    /// National Drug Code as printed, with or without dashes.
    #[schema(pattern = r"^[0-9-]{10,14}$", example = "0409-4276-01")]
    ndc: Option<String>,
    /// What the code on the package says (GS1).
    #[schema(min_length = 8, max_length = 200)]
    barcode: Option<String>,
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
    /// What is left of a fluid; null where the lot is a powder.
    quantity_ml: Option<ExactDecimal>,
    /// What came in of a fluid; null where the lot is a powder.
    received_ml: Option<ExactDecimal>,
    /// What is left of a powder, and that in vials; null where the lot is a fluid.
    quantity_units: Option<ExactDecimal>,
    quantity_vials: Option<ExactDecimal>,
    /// What came in of a powder, and that in vials; null where the lot is a fluid.
    received_units: Option<ExactDecimal>,
    received_vials: Option<ExactDecimal>,
    /// As printed on the vial, where it was recorded.
    strength: Option<ExactDecimal>,
    strength_unit: Option<StrengthUnit>,
    /// Of a powder, how many units a vial holds.
    units_per_vial: Option<ExactDecimal>,
    manufacturer: Option<String>,
    ndc: Option<String>,
    barcode: Option<String>,
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
            quantity_ml: lot.powder.is_none().then(|| lot.remaining_ml.into()),
            received_ml: lot.powder.is_none().then(|| lot.received_ml.into()),
            quantity_units: lot.powder.map(|powder| powder.remaining_units.into()),
            quantity_vials: lot.powder.map(|powder| powder.remaining_vials().into()),
            received_units: lot.powder.map(|powder| powder.received_units.into()),
            received_vials: lot.powder.map(|powder| powder.received_vials().into()),
            strength: lot.label.strength.map(|one| one.value().into()),
            strength_unit: lot.label.strength.map(|one| one.unit().into()),
            units_per_vial: lot.label.units_per_vial.map(ExactDecimal),
            manufacturer: lot.label.manufacturer,
            ndc: lot.label.ndc,
            barcode: lot.label.barcode,
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
const LARGEST: Decimal = Decimal::from_parts(9_999_999, 0, 0, false, 0);

fn stock_ml(quantity: ExactDecimal, pointer: &str) -> Result<Decimal, FieldError> {
    let value = quantity.0.normalize();
    if value.scale() > 3 || value.abs() > LARGEST {
        let detail = "must have at most 7 digits before and 3 after the point";
        return Err(FieldError::new(pointer, detail));
    }
    Ok(value)
}

impl ReceiveLotBody {
    fn amount(&self, units_per_vial: Option<Decimal>) -> Result<DeliveredAmount, FieldError> {
        let wrong = |pointer: &str, detail: &str| Err(FieldError::new(pointer, detail));
        match (self.quantity_ml, self.vials) {
            (None, None) => wrong("/quantity_ml", "is required, or vials for a powder"),
            (Some(_), Some(_)) => wrong(
                "/vials",
                "is for a powder, which has no quantity_ml; say one of them",
            ),
            (Some(quantity), None) => {
                let quantity = stock_ml(quantity, "/quantity_ml")?;
                if quantity > Decimal::ZERO {
                    Ok(DeliveredAmount::Millilitres(quantity))
                } else {
                    wrong("/quantity_ml", "must be above zero")
                }
            }
            (None, Some(vials)) => match units_per_vial {
                None => wrong("/units_per_vial", "is required where vials are counted"),
                Some(units) if Decimal::from(vials) * units > LARGEST => {
                    wrong("/vials", "makes more than a stock can hold")
                }
                Some(units_per_vial) => Ok(DeliveredAmount::Powder {
                    vials,
                    units_per_vial,
                }),
            },
        }
    }

    fn delivery(&self) -> Result<Delivery, Problem> {
        let mut errors = Vec::new();
        let lot_number = trimmed(&self.lot_number, "/lot_number", &mut errors);
        let expires_on = self.expires_on.last_day("/expires_on");
        let expires_on = expires_on.unwrap_or_else(|error| {
            errors.push(error);
            NaiveDate::MIN
        });
        let strength = strength(self.strength, self.strength_unit).unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        let units = self
            .units_per_vial
            .map(|units| units_per_vial(units, "/units_per_vial"));
        let units_per_vial = units.transpose().unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        match self.amount(units_per_vial) {
            Ok(amount) if errors.is_empty() => Ok(Delivery {
                drug_code: self.drug_code.clone(),
                lot_number,
                expires_on,
                vial_type: self.vial_type.into(),
                amount,
                location_id: self.location_id,
                label: LotLabel {
                    strength,
                    units_per_vial,
                    manufacturer: self.manufacturer.clone(),
                    ndc: self.ndc.clone(),
                    barcode: self.barcode.clone(),
                },
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
    /// What came (positive) or went of a fluid, with at most three decimals; not zero.
    #[schema(example = "-1.5")]
    change_ml: Option<ExactDecimal>,
    /// What came (positive) or went of a powder, with at most three decimals; not zero.
    change_units: Option<ExactDecimal>,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "A vial was broken")]
    note: String,
}

impl AdjustLotBody {
    fn change(&self) -> Result<Counted, FieldError> {
        let (pointer, change, counted): (_, _, fn(Decimal) -> Counted) =
            match (self.change_ml, self.change_units) {
                (Some(change), None) => ("/change_ml", change, Counted::Millilitres),
                (None, Some(change)) => ("/change_units", change, Counted::Units),
                (None, None) => {
                    let detail = "is required, or change_units for a powder";
                    return Err(FieldError::new("/change_ml", detail));
                }
                (Some(_), Some(_)) => {
                    let detail = "is for a powder, which has no change_ml; say one of them";
                    return Err(FieldError::new("/change_units", detail));
                }
            };
        let change = stock_ml(change, pointer)?;
        if change.is_zero() {
            return Err(FieldError::new(pointer, "must not be zero"));
        }
        Ok(counted(change))
    }
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
    let change = body.change();
    let change = change.map_err(|error| Problem::invalid(vec![error]))?;
    permit
        .transaction(async |transaction| {
            let correction = Correction {
                change,
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

/// A recalled lot, and all rows of the maker's lot.
#[derive(Serialize, ToSchema)]
struct RecalledLotBody {
    #[serde(flatten)]
    lot: LotBody,
    /// Every row of the maker's lot, at any location and however its number is written.
    lots: Vec<LotBody>,
}

/// Takes a lot of the maker out of use for good, at every location.
#[utoipa::path(
    operation_id = "recallLot", tag = "lots", context_path = "/api/v1",
    request_body = LotReasonBody,
    params(("lot_id" = LotId, Path, description = "The lot."), IfMatch),
    responses((status = 200, description = "As it is now.", body = RecalledLotBody), Refused<ChangeLotError>)
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
            let lots = recall_lot(transaction, id.0, &if_match, &body.reason).await?;
            let now = transaction.now();
            let shown = |lot: &Lot| LotBody::new(lot.clone(), now);
            let Some(named) = lots.first() else {
                return Err(ChangeLotError::NotFound.into());
            };
            let recalled = RecalledLotBody {
                lot: shown(named),
                lots: lots.iter().map(shown).collect(),
            };
            Ok(Answer::ok(&recalled)?.version(named.version))
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

/// What was mistyped, and what is right.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CorrectLotBody {
    field: LotField,
    /// What is right, written as when the lot was received; null where it can be left out. A strength is
    /// written with its unit behind a blank, such as `1 percent`.
    #[schema(max_length = 200, example = "2027-02-28")]
    value: Option<String>,
    #[schema(min_length = 1, max_length = 500, example = "The year was mistyped")]
    reason: String,
}

impl CorrectLotBody {
    fn right(&self) -> Result<RightValue, FieldError> {
        let value = self.value.as_deref().map(str::trim);
        let wrong = |detail: &str| FieldError::new("/value", detail);
        let required = || {
            value
                .filter(|text| !text.is_empty())
                .ok_or_else(|| wrong("is required"))
        };
        let number = |text: &str| {
            let read: Option<Decimal> = text.parse().ok();
            read.ok_or_else(|| wrong("must be a number"))
        };
        Ok(match self.field {
            LotField::ExpiresOn => {
                RightValue::ExpiresOn(WrittenExpiry(required()?.to_owned()).last_day("/value")?)
            }
            LotField::LotNumber => {
                let text = required()?;
                if text.chars().count() > 60 {
                    return Err(wrong("must have at most 60 characters"));
                }
                RightValue::LotNumber(text.to_owned())
            }
            LotField::Strength => RightValue::Strength(match value {
                None => None,
                Some(text) => {
                    let (amount, unit) = text.split_once(' ').unwrap_or((text, ""));
                    let unit = StrengthUnit::parse(unit)
                        .ok_or_else(|| wrong("must be a number and a unit, such as 1 percent"))?;
                    strength(Some(ExactDecimal(number(amount)?)), Some(unit))
                        .map_err(|error| wrong(&error.detail))?
                }
            }),
            LotField::UnitsPerVial => RightValue::UnitsPerVial(match value {
                None => None,
                Some(text) => Some(units_per_vial(ExactDecimal(number(text)?), "/value")?),
            }),
            LotField::Manufacturer => RightValue::Manufacturer(value.map(str::to_owned)),
            LotField::Ndc => {
                let is_ndc = |text: &&str| {
                    (10..=14).contains(&text.len())
                        && text
                            .chars()
                            .all(|mark| mark.is_ascii_digit() || mark == '-')
                };
                if value.is_some_and(|text| !is_ndc(&text)) {
                    return Err(wrong("must be 10 to 14 digits and dashes"));
                }
                RightValue::Ndc(value.map(str::to_owned))
            }
            LotField::Barcode => {
                if value.is_some_and(|text| text.len() < 8) {
                    return Err(wrong("must have at least 8 characters"));
                }
                RightValue::Barcode(value.map(str::to_owned))
            }
        })
    }
}

/// Puts right what was mistyped of a lot. The reason and what it was before are kept.
#[utoipa::path(
    operation_id = "correctLot", tag = "lots", context_path = "/api/v1",
    request_body = CorrectLotBody,
    params(("lot_id" = LotId, Path, description = "The lot."), IfMatch),
    responses((status = 200, description = "As it is now.", body = LotBody), Refused<ChangeLotError>)
)]
#[post("/lots/{lot_id}/correct")]
async fn correct(
    permit: Permit<CorrectLot>,
    id: PathId<LotId>,
    if_match: IfMatch,
    body: Json<CorrectLotBody>,
) -> Result<Answer, Problem> {
    let right = body.right();
    let right = right.map_err(|error| Problem::invalid(vec![error]))?;
    permit
        .transaction(async |transaction| {
            let right = right.clone();
            let lot = correct_lot(transaction, id.0, &if_match, right, &body.reason).await?;
            answer(lot, transaction.now())
        })
        .await
}
