//! Doses that were given elsewhere, over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters, Window};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{PathId, PathIds, Query};
use crate::platform::text::text_enum;
use crate::visits::Voided;

use super::outside_dose::{DayPrecision, OutsideDose, OutsideDoseId};
use super::read_outside_doses::{ReadOutsideDoses, read_outside_doses};
use super::record_outside_dose::{
    OutsideDoseError, RecordOutsideDose, ToldDose, record_outside_dose, void_outside_dose,
};
use super::store::DoseKey;
use tautband_rules::dose::AmountUnit;

/// Adds the operations on doses that were given elsewhere.
pub(crate) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_doses)
        .service(record_dose)
        .service(void_dose);
}

text_enum! {
    /// The unit of an amount.
    enum DoseUnit {
        Milligram = "mg",
        Microgram = "mcg",
        Units = "units",
    }
}

impl From<DoseUnit> for AmountUnit {
    fn from(unit: DoseUnit) -> Self {
        match unit {
            DoseUnit::Milligram => Self::Milligram,
            DoseUnit::Microgram => Self::Microgram,
            DoseUnit::Units => Self::Unit,
        }
    }
}

impl From<AmountUnit> for DoseUnit {
    fn from(unit: AmountUnit) -> Self {
        match unit {
            AmountUnit::Milligram => Self::Milligram,
            AmountUnit::Microgram => Self::Microgram,
            AmountUnit::Unit => Self::Units,
        }
    }
}

/// A dose that was given elsewhere, as it was told.
#[derive(Serialize, ToSchema)]
struct OutsideDoseBody {
    id: OutsideDoseId,
    /// The person, also where the dose was recorded at a duplicate.
    patient_id: PatientId,
    drug_code: String,
    amount: ExactDecimal,
    unit: DoseUnit,
    given_on: NaiveDate,
    given_on_precision: DayPrecision,
    muscle_code: Option<String>,
    given_by: Option<String>,
    told_by: String,
    /// Always true: it was told, and nobody here gave it.
    reported: bool,
    /// The user.
    recorded_by: Uuid,
    recorded_at: DateTime<Utc>,
    /// Set when it was entered in error; it counts nowhere then.
    voided: Option<Voided>,
}

impl OutsideDoseBody {
    fn of(person_id: PatientId, dose: OutsideDose) -> Self {
        Self {
            id: dose.id,
            patient_id: person_id,
            drug_code: dose.drug_code,
            amount: dose.amount.into(),
            unit: dose.unit.into(),
            given_on: dose.given_on,
            given_on_precision: dose.precision,
            muscle_code: dose.muscle_code,
            given_by: dose.given_by,
            told_by: dose.told_by,
            reported: true,
            recorded_by: dose.recorded_by,
            recorded_at: dose.recorded_at,
            voided: dose.voided,
        }
    }
}

/// What was told of a dose.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordOutsideDoseBody {
    #[schema(min_length = 1, max_length = 60, example = "lidocaine")]
    drug_code: String,
    /// Above zero, with at most four decimals.
    #[schema(example = "40")]
    amount: ExactDecimal,
    unit: DoseUnit,
    /// The day, or a day of the month or of the year.
    given_on: NaiveDate,
    /// How exactly the day is known.
    given_on_precision: DayPrecision,
    /// The muscle, where that is known.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$")]
    muscle_code: Option<String>,
    /// Who gave it, where that is known.
    #[schema(min_length = 1, max_length = 200)]
    given_by: Option<String>,
    /// Who said so.
    #[schema(min_length = 1, max_length = 200, example = "patient")]
    told_by: String,
}

impl RecordOutsideDoseBody {
    fn told(&self) -> Result<ToldDose, Problem> {
        let amount = self.amount.0.normalize();
        if amount.scale() > 4 || amount > rust_decimal::Decimal::from(10_000_000) {
            let detail = "must have at most 8 digits before and 4 after the point";
            return Err(Problem::invalid(vec![FieldError::new("/amount", detail)]));
        }
        Ok(ToldDose {
            drug_code: self.drug_code.clone(),
            amount,
            unit: self.unit.into(),
            given_on: self.given_on,
            precision: self.given_on_precision,
            muscle_code: self.muscle_code.clone(),
            given_by: self.given_by.clone(),
            told_by: self.told_by.clone(),
        })
    }
}

/// Lists the doses that a patient was given elsewhere, the latest day first.
#[utoipa::path(
    operation_id = "listOutsideDoses", tag = "procedures", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), PageParameters),
    responses((status = 200, description = "A page of doses.", body = Page<OutsideDoseBody>), Refused<OutsideDoseError>)
)]
#[get("/patients/{patient_id}/outside-doses")]
async fn list_doses(
    permit: Permit<ReadOutsideDoses>,
    patient_id: PathId<PatientId>,
    query: Query<PageParameters>,
) -> Result<Answer, Problem> {
    let window: Window<DoseKey> = query.window()?;
    permit
        .transaction(async |transaction| {
            let (person_id, doses) = read_outside_doses(transaction, patient_id.0, &window).await?;
            let key = OutsideDose::key;
            let shown = |dose| OutsideDoseBody::of(person_id, dose);
            Answer::ok(&Page::of(doses, window.size, key, shown))
        })
        .await
}

/// Records a dose that a patient was given elsewhere. It counts in ceilings and intervals.
#[utoipa::path(
    operation_id = "recordOutsideDose", tag = "procedures", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
    request_body = RecordOutsideDoseBody,
    responses((status = 201, description = "Recorded.", body = OutsideDoseBody), Refused<OutsideDoseError>)
)]
#[post("/patients/{patient_id}/outside-doses")]
async fn record_dose(
    permit: Permit<RecordOutsideDose>,
    patient_id: PathId<PatientId>,
    once: Once,
    body: Json<RecordOutsideDoseBody>,
) -> Result<Answer, Problem> {
    body.told()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let told = body.told()?;
            let (person_id, dose) = record_outside_dose(transaction, patient_id.0, told).await?;
            Answer::made(&OutsideDoseBody::of(person_id, dose))
        })
        .await
}

/// Why it was entered in error.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VoidOutsideDoseBody {
    #[schema(min_length = 1, max_length = 1000, example = "It was another drug")]
    reason: String,
}

/// Marks a dose as entered in error. It stays and counts nowhere.
#[utoipa::path(
    operation_id = "voidOutsideDose", tag = "procedures", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("outside_dose_id" = OutsideDoseId, Path, description = "The dose."),
    ),
    request_body = VoidOutsideDoseBody,
    responses((status = 200, description = "The marked dose.", body = OutsideDoseBody), Refused<OutsideDoseError>)
)]
#[post("/patients/{patient_id}/outside-doses/{outside_dose_id}/void")]
async fn void_dose(
    permit: Permit<RecordOutsideDose>,
    PathIds(patient_id, id): PathIds<PatientId, OutsideDoseId>,
    body: Json<VoidOutsideDoseBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let reason = body.reason.clone();
            let (person_id, dose) = void_outside_dose(transaction, patient_id, id, reason).await?;
            Answer::ok(&OutsideDoseBody::of(person_id, dose))
        })
        .await
}
