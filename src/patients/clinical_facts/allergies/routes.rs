//! Allergies over HTTP.

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
    AllergenClass, Allergy, AllergyChanges, AllergyDetails, AllergyError, AllergyId, Change, Read,
    Record, Severity, change, list, read, record,
};

/// Adds the operations on allergies.
pub(in crate::patients) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_allergies)
        .service(record_allergy)
        .service(get_allergy)
        .service(change_allergy);
}

/// An allergy to be recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordAllergyBody {
    /// The substance, as told.
    #[schema(min_length = 1, max_length = 200, example = "Lidocaine")]
    substance: String,
    /// What the checks before an injection look for.
    allergen_class: Option<AllergenClass>,
    /// What happened.
    #[schema(min_length = 1, max_length = 500, example = "Hives")]
    reaction: Option<String>,
    /// How bad it was.
    #[serde(default = "unknown")]
    severity: Severity,
    /// When it was found not to hold, or no longer.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

const fn unknown() -> Severity {
    Severity::Unknown
}

/// What is to be changed; a field left out stays, null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeAllergyBody {
    /// The substance, as told.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "Lidocaine",
        nullable = false
    )]
    substance: Option<String>,
    /// What the checks before an injection look for.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<AllergenClass>)]
    allergen_class: Option<Option<AllergenClass>>,
    /// What happened.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "Hives")]
    reaction: Option<Option<String>>,
    /// How bad it was.
    #[schema(nullable = false)]
    severity: Option<Severity>,
    /// When it was found not to hold, or no longer.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Option<Timestamp>>,
}

/// An allergy in a record.
#[derive(Serialize, ToSchema)]
struct AllergyBody {
    id: AllergyId,
    patient_id: PatientId,
    substance: String,
    allergen_class: Option<AllergenClass>,
    reaction: Option<String>,
    severity: Severity,
    ended_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<Allergy> for AllergyBody {
    fn from(of: Allergy) -> Self {
        let details = of.details;
        Self {
            id: of.id,
            patient_id: of.patient_id,
            substance: details.substance,
            allergen_class: details.allergen_class,
            reaction: details.reaction,
            severity: details.severity,
            ended_at: details.ended_at,
            version: of.version,
            updated_at: of.updated_at,
        }
    }
}

impl RecordAllergyBody {
    fn details(&self) -> AllergyDetails {
        AllergyDetails {
            substance: self.substance.clone(),
            allergen_class: self.allergen_class,
            reaction: self.reaction.clone(),
            severity: self.severity,
            ended_at: self.ended_at.map(|instant| instant.0),
        }
    }
}

impl ChangeAllergyBody {
    fn changes(&self) -> AllergyChanges {
        AllergyChanges {
            substance: self.substance.clone(),
            allergen_class: self.allergen_class,
            reaction: self.reaction.clone(),
            severity: self.severity,
            ended_at: self.ended_at.map(|change| change.map(|instant| instant.0)),
        }
    }
}

fn answer(of: Allergy) -> Result<Answer, Problem> {
    let version = of.version;
    Ok(Answer::ok(&AllergyBody::from(of))?.version(version))
}

/// Lists a patient's allergies, ended ones too, in the order in which they were recorded.
#[utoipa::path(
    operation_id = "listAllergies", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), ListFacts),
    responses((status = 200, description = "Allergies.", body = Page<AllergyBody>))
)]
#[get("/patients/{patient_id}/allergies")]
async fn list_allergies(
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
                AllergyBody::from,
            ))
        })
        .await
}

/// Records an allergy.
#[utoipa::path(
    operation_id = "recordAllergy", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
    request_body = RecordAllergyBody,
    responses((status = 201, description = "Recorded.", body = AllergyBody), Refused<AllergyError>)
)]
#[post("/patients/{patient_id}/allergies")]
async fn record_allergy(
    permit: Permit<Record>,
    id: PathId<PatientId>,
    once: Once,
    body: Json<RecordAllergyBody>,
) -> Result<Answer, Problem> {
    let details = body.details();
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let recorded = record(transaction, id.0, &details).await?;
            let version = recorded.version;
            let location = format!("/api/v1/patients/{}/allergies/{}", id.0, recorded.id);
            Ok(Answer::created(&AllergyBody::from(recorded), location)?.version(version))
        })
        .await
}

/// Reads an allergy.
#[utoipa::path(
    operation_id = "getAllergy", tag = "patients", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("allergy_id" = AllergyId, Path, description = "Which one.")
    ),
    responses((status = 200, description = "As it stands.", body = AllergyBody))
)]
#[get("/patients/{patient_id}/allergies/{allergy_id}")]
async fn get_allergy(
    permit: Permit<Read>,
    ids: PathIds<PatientId, AllergyId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read(transaction, ids.0, ids.1).await?))
        .await
}

/// Corrects or ends an allergy; nothing is ever deleted.
#[utoipa::path(
    operation_id = "changeAllergy", tag = "patients", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("allergy_id" = AllergyId, Path, description = "Which one."),
        IfMatch
    ),
    request_body = ChangeAllergyBody,
    responses((status = 200, description = "As it is now.", body = AllergyBody), Refused<AllergyError>)
)]
#[patch("/patients/{patient_id}/allergies/{allergy_id}")]
async fn change_allergy(
    permit: Permit<Change>,
    ids: PathIds<PatientId, AllergyId>,
    if_match: IfMatch,
    body: Json<ChangeAllergyBody>,
) -> Result<Answer, Problem> {
    let changes = body.changes();
    permit
        .transaction(async |transaction| {
            answer(change(transaction, (ids.0, ids.1), &if_match, &changes).await?)
        })
        .await
}
