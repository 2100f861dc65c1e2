//! Conditions over HTTP.

use actix_web::{get, patch, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::ToSchema;

use crate::patients::listing::ListFacts;
use crate::patients::patient::PatientId;
use crate::platform::access::Permit;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::Page;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, PathIds, Query};

use super::{
    Change, Condition, ConditionChanges, ConditionDetails, ConditionError, ConditionId, Read,
    Record, change, list, read, record,
};

/// Adds the operations on conditions.
pub(in crate::patients) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_conditions)
        .service(record_condition)
        .service(get_condition)
        .service(change_condition);
}

/// A condition to be recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordConditionBody {
    /// ICD-10-CM code.
    #[schema(
        pattern = r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$",
        example = "G43.709"
    )]
    code: String,
    /// In the words of whoever recorded it.
    #[schema(min_length = 1, max_length = 500)]
    text: Option<String>,
    /// When it began.
    onset_on: Option<NaiveDate>,
    /// When it was over.
    resolved_on: Option<NaiveDate>,
}

/// What is to be changed; a field left out stays, null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeConditionBody {
    /// ICD-10-CM code.
    #[schema(
        pattern = r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$",
        example = "G43.709",
        nullable = false
    )]
    code: Option<String>,
    /// In the words of whoever recorded it.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    text: Option<Option<String>>,
    /// When it began.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<NaiveDate>)]
    onset_on: Option<Option<NaiveDate>>,
    /// When it was over.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<NaiveDate>)]
    resolved_on: Option<Option<NaiveDate>>,
}

/// A condition in a record.
#[derive(Serialize, ToSchema)]
struct ConditionBody {
    id: ConditionId,
    patient_id: PatientId,
    code: String,
    text: Option<String>,
    onset_on: Option<NaiveDate>,
    resolved_on: Option<NaiveDate>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<Condition> for ConditionBody {
    fn from(of: Condition) -> Self {
        let details = of.details;
        Self {
            id: of.id,
            patient_id: of.patient_id,
            code: details.code,
            text: details.text,
            onset_on: details.onset_on,
            resolved_on: details.resolved_on,
            version: of.version,
            updated_at: of.updated_at,
        }
    }
}

impl RecordConditionBody {
    fn details(&self) -> ConditionDetails {
        ConditionDetails {
            code: self.code.clone(),
            text: self.text.clone(),
            onset_on: self.onset_on,
            resolved_on: self.resolved_on,
        }
    }
}

impl ChangeConditionBody {
    fn changes(&self) -> ConditionChanges {
        ConditionChanges {
            code: self.code.clone(),
            text: self.text.clone(),
            onset_on: self.onset_on,
            resolved_on: self.resolved_on,
        }
    }
}

fn answer(of: Condition) -> Result<Answer, Problem> {
    let version = of.version;
    Ok(Answer::ok(&ConditionBody::from(of))?.version(version))
}

/// Lists a patient's conditions, ended ones too, in the order in which they were recorded.
#[utoipa::path(
    operation_id = "listConditions", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), ListFacts),
    responses((status = 200, description = "Conditions.", body = Page<ConditionBody>))
)]
#[get("/patients/{patient_id}/conditions")]
async fn list_conditions(
    permit: Permit<Read>,
    id: PathId<PatientId>,
    query: Query<ListFacts>,
) -> Result<Answer, Problem> {
    let window = query.window()?;
    permit
        .transaction(async |transaction| {
            let found = list(transaction, id.0, query.updated_since(), &window).await?;
            Answer::ok(&Page::of(
                found,
                window.size,
                |of| of.id.uuid(),
                ConditionBody::from,
            ))
        })
        .await
}

/// Records a condition.
#[utoipa::path(
    operation_id = "recordCondition", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
    request_body = RecordConditionBody,
    responses((status = 201, description = "Recorded.", body = ConditionBody), Refused<ConditionError>)
)]
#[post("/patients/{patient_id}/conditions")]
async fn record_condition(
    permit: Permit<Record>,
    id: PathId<PatientId>,
    once: Once,
    body: Json<RecordConditionBody>,
) -> Result<Answer, Problem> {
    let details = body.details();
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let recorded = record(transaction, id.0, &details).await?;
            let version = recorded.version;
            let location = format!("/api/v1/patients/{}/conditions/{}", id.0, recorded.id);
            Ok(Answer::created(&ConditionBody::from(recorded), location)?.version(version))
        })
        .await
}

/// Reads a condition.
#[utoipa::path(
    operation_id = "getCondition", tag = "patients", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("condition_id" = ConditionId, Path, description = "Which one.")
    ),
    responses((status = 200, description = "As it stands.", body = ConditionBody))
)]
#[get("/patients/{patient_id}/conditions/{condition_id}")]
async fn get_condition(
    permit: Permit<Read>,
    ids: PathIds<PatientId, ConditionId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read(transaction, ids.0, ids.1).await?))
        .await
}

/// Corrects or ends a condition; nothing is ever deleted.
#[utoipa::path(
    operation_id = "changeCondition", tag = "patients", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("condition_id" = ConditionId, Path, description = "Which one."),
        IfMatch
    ),
    request_body = ChangeConditionBody,
    responses((status = 200, description = "As it is now.", body = ConditionBody), Refused<ConditionError>)
)]
#[patch("/patients/{patient_id}/conditions/{condition_id}")]
async fn change_condition(
    permit: Permit<Change>,
    ids: PathIds<PatientId, ConditionId>,
    if_match: IfMatch,
    body: Json<ChangeConditionBody>,
) -> Result<Answer, Problem> {
    let changes = body.changes();
    permit
        .transaction(async |transaction| {
            answer(change(transaction, (ids.0, ids.1), &if_match, &changes).await?)
        })
        .await
}
