//! Consents over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patients::listing::ListFacts;
use crate::patients::patient::PatientId;
use crate::platform::access::Permit;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::Page;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, PathIds, Query};
use crate::platform::timestamp::Timestamp;

use super::{
    Consent, ConsentDecision, ConsentError, ConsentForm, ConsentId, ConsentSubject, Decided, Read,
    Record, list, read, record,
};

/// Adds the operations on consents.
pub(in crate::patients) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_consents)
        .service(record_consent)
        .service(get_consent);
}

/// A decision on a consent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordPatientConsentBody {
    /// The channel, or the kind of procedure.
    subject: ConsentSubject,
    decision: ConsentDecision,
    /// When it was decided; now when it is left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    /// Who decided: the patient, or who acts for them.
    #[schema(min_length = 1, max_length = 200, example = "patient")]
    decided_by: String,
    method: ConsentForm,
    /// Which text was agreed to.
    #[schema(min_length = 1, max_length = 60, example = "2026-01")]
    text_version: String,
}

/// A decision on a consent, as recorded.
#[derive(Serialize, ToSchema)]
struct PatientConsentBody {
    id: ConsentId,
    patient_id: PatientId,
    subject: ConsentSubject,
    decision: ConsentDecision,
    decided_at: DateTime<Utc>,
    decided_by: String,
    method: ConsentForm,
    text_version: String,
    /// Whether the patient consents by it today: the latest decision on its subject, and given.
    in_force: bool,
    /// The user.
    recorded_by: Uuid,
    recorded_at: DateTime<Utc>,
}

impl From<Consent> for PatientConsentBody {
    fn from(of: Consent) -> Self {
        let decided = of.decided;
        Self {
            id: of.id,
            patient_id: of.patient_id,
            subject: decided.subject,
            decision: decided.decision,
            decided_at: decided.decided_at,
            decided_by: decided.decided_by,
            method: decided.method,
            text_version: decided.text_version,
            in_force: of.is_latest && decided.decision == ConsentDecision::Given,
            recorded_by: of.recorded_by,
            recorded_at: of.recorded_at,
        }
    }
}

impl RecordPatientConsentBody {
    fn decided(&self, now: DateTime<Utc>) -> Decided {
        Decided {
            subject: self.subject,
            decision: self.decision,
            decided_at: self.decided_at.map_or(now, |instant| instant.0),
            decided_by: self.decided_by.clone(),
            method: self.method,
            text_version: self.text_version.clone(),
        }
    }
}

/// Lists what a patient agreed to and took back again, in the order in which it was recorded.
#[utoipa::path(
    operation_id = "listPatientConsents", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), ListFacts),
    responses((status = 200, description = "Decisions.", body = Page<PatientConsentBody>))
)]
#[get("/patients/{patient_id}/consents")]
async fn list_consents(
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
                PatientConsentBody::from,
            ))
        })
        .await
}

/// Records that a patient agreed to something, or took it back.
#[utoipa::path(
    operation_id = "recordPatientConsent", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
    request_body = RecordPatientConsentBody,
    responses(
        (status = 201, description = "Recorded.", body = PatientConsentBody),
        Refused<ConsentError>
    )
)]
#[post("/patients/{patient_id}/consents")]
async fn record_consent(
    permit: Permit<Record>,
    id: PathId<PatientId>,
    once: Once,
    body: Json<RecordPatientConsentBody>,
) -> Result<Answer, Problem> {
    let decided = body.decided(permit.now());
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let recorded = record(transaction, id.0, &decided).await?;
            let location = format!("/api/v1/patients/{}/consents/{}", id.0, recorded.id);
            Answer::created(&PatientConsentBody::from(recorded), location)
        })
        .await
}

/// Reads a decision on a consent.
#[utoipa::path(
    operation_id = "getPatientConsent", tag = "patients", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("consent_id" = ConsentId, Path, description = "Which one.")
    ),
    responses((status = 200, description = "As recorded.", body = PatientConsentBody))
)]
#[get("/patients/{patient_id}/consents/{consent_id}")]
async fn get_consent(
    permit: Permit<Read>,
    ids: PathIds<PatientId, ConsentId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let found = read(transaction, ids.0, ids.1).await?;
            Answer::ok(&PatientConsentBody::from(found))
        })
        .await
}
