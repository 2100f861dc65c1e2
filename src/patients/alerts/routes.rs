//! Alerts over HTTP.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
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
use crate::platform::timestamp::Timestamp;

use super::{
    Alert, AlertChanges, AlertDetails, AlertError, AlertId, AlertSeverity, Change, Read, Record,
    change, list, read, record,
};

/// Adds the operations on alerts.
pub(in crate::patients) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_alerts)
        .service(record_alert)
        .service(get_alert)
        .service(change_alert);
}

/// An alert to be shown on a record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordAlertBody {
    /// The line that is shown, to the front desk too.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "Never leave alone after an injection"
    )]
    banner: String,
    /// How loudly it is shown.
    severity: AlertSeverity,
    /// The clinical reason; hidden from the front desk.
    #[schema(min_length = 1, max_length = 2000)]
    detail: Option<String>,
    /// When it no longer applied.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

/// What is to be changed; a field left out stays, null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeAlertBody {
    /// The line that is shown, to the front desk too.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "Never leave alone after an injection",
        nullable = false
    )]
    banner: Option<String>,
    /// How loudly it is shown.
    #[schema(nullable = false)]
    severity: Option<AlertSeverity>,
    /// The clinical reason; hidden from the front desk.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    detail: Option<Option<String>>,
    /// When it no longer applied.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Option<Timestamp>>,
}

/// What everybody who opens a record must see at once.
#[derive(Serialize, ToSchema)]
struct AlertBody {
    id: AlertId,
    patient_id: PatientId,
    banner: String,
    severity: AlertSeverity,
    detail: Option<String>,
    ended_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<Alert> for AlertBody {
    fn from(of: Alert) -> Self {
        let details = of.details;
        Self {
            id: of.id,
            patient_id: of.patient_id,
            banner: details.banner,
            severity: details.severity,
            detail: details.detail,
            ended_at: details.ended_at,
            version: of.version,
            updated_at: of.updated_at,
        }
    }
}

impl RecordAlertBody {
    fn details(&self) -> AlertDetails {
        AlertDetails {
            banner: self.banner.clone(),
            severity: self.severity,
            detail: self.detail.clone(),
            ended_at: self.ended_at.map(|instant| instant.0),
        }
    }
}

impl ChangeAlertBody {
    fn changes(&self) -> AlertChanges {
        AlertChanges {
            banner: self.banner.clone(),
            severity: self.severity,
            detail: self.detail.clone(),
            ended_at: self.ended_at.map(|change| change.map(|instant| instant.0)),
        }
    }
}

fn answer(of: Alert) -> Result<Answer, Problem> {
    let version = of.version;
    Ok(Answer::ok(&AlertBody::from(of))?.version(version))
}

/// Lists a patient's alerts, ended ones too, in the order in which they were recorded. The front desk sees the banners.
#[utoipa::path(
    operation_id = "listAlerts", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), ListFacts),
    responses((status = 200, description = "Alerts.", body = Page<AlertBody>))
)]
#[get("/patients/{patient_id}/alerts")]
async fn list_alerts(
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
                AlertBody::from,
            ))
        })
        .await
}

/// Records an alert.
#[utoipa::path(
    operation_id = "recordAlert", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
    request_body = RecordAlertBody,
    responses((status = 201, description = "Recorded.", body = AlertBody), Refused<AlertError>)
)]
#[post("/patients/{patient_id}/alerts")]
async fn record_alert(
    permit: Permit<Record>,
    id: PathId<PatientId>,
    once: Once,
    body: Json<RecordAlertBody>,
) -> Result<Answer, Problem> {
    let details = body.details();
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let recorded = record(transaction, id.0, &details).await?;
            let version = recorded.version;
            let location = format!("/api/v1/patients/{}/alerts/{}", id.0, recorded.id);
            Ok(Answer::created(&AlertBody::from(recorded), location)?.version(version))
        })
        .await
}

/// Reads an alert.
#[utoipa::path(
    operation_id = "getAlert", tag = "patients", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("alert_id" = AlertId, Path, description = "Which one.")
    ),
    responses((status = 200, description = "As it stands.", body = AlertBody))
)]
#[get("/patients/{patient_id}/alerts/{alert_id}")]
async fn get_alert(
    permit: Permit<Read>,
    ids: PathIds<PatientId, AlertId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read(transaction, ids.0, ids.1).await?))
        .await
}

/// Corrects or ends an alert; nothing is ever deleted.
#[utoipa::path(
    operation_id = "changeAlert", tag = "patients", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("alert_id" = AlertId, Path, description = "Which one."),
        IfMatch
    ),
    request_body = ChangeAlertBody,
    responses((status = 200, description = "As it is now.", body = AlertBody), Refused<AlertError>)
)]
#[patch("/patients/{patient_id}/alerts/{alert_id}")]
async fn change_alert(
    permit: Permit<Change>,
    ids: PathIds<PatientId, AlertId>,
    if_match: IfMatch,
    body: Json<ChangeAlertBody>,
) -> Result<Answer, Problem> {
    let changes = body.changes();
    permit
        .transaction(async |transaction| {
            let changed = change(transaction, (ids.0, ids.1), &if_match, &changes).await?;
            answer(changed)
        })
        .await
}
