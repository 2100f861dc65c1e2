//! Medications over HTTP.

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
    Change, Medication, MedicationChanges, MedicationClass, MedicationDetails, MedicationError,
    MedicationId, Read, Record, change, list, read, record,
};

/// Adds the operations on medications.
pub(in crate::patients) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_medications)
        .service(record_medication)
        .service(get_medication)
        .service(change_medication);
}

/// A medicine to be recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordMedicationBody {
    /// The medicine, as told.
    #[schema(min_length = 1, max_length = 200, example = "Apixaban")]
    name: String,
    /// What it does that matters to a needle or a drug; without it the name and the code tell.
    medication_class: Option<MedicationClass>,
    /// Its substance in the ATC classification.
    #[schema(
        pattern = "^[ABCDGHJLMNPRSV][0-9]{2}[A-Z]{2}[0-9]{2}$",
        example = "B01AF02"
    )]
    atc_code: Option<String>,
    /// How much and how often.
    #[schema(min_length = 1, max_length = 200, example = "5 mg twice a day")]
    dose: Option<String>,
    /// When it was last taken; unknown counts as today.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_taken_at: Option<Timestamp>,
    /// When it was stopped.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

/// What is to be changed; a field left out stays, null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeMedicationBody {
    /// The medicine, as told.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "Apixaban",
        nullable = false
    )]
    name: Option<String>,
    /// What it does that matters to a needle or a drug.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<MedicationClass>)]
    medication_class: Option<Option<MedicationClass>>,
    /// Its substance in the ATC classification.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, pattern = "^[ABCDGHJLMNPRSV][0-9]{2}[A-Z]{2}[0-9]{2}$", example = "B01AF02")]
    atc_code: Option<Option<String>>,
    /// How much and how often.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "5 mg twice a day")]
    dose: Option<Option<String>>,
    /// When it was last taken; unknown counts as today.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_taken_at: Option<Option<Timestamp>>,
    /// When it was stopped.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Option<Timestamp>>,
}

/// A medicine in a record.
#[derive(Serialize, ToSchema)]
struct MedicationBody {
    id: MedicationId,
    patient_id: PatientId,
    name: String,
    medication_class: Option<MedicationClass>,
    atc_code: Option<String>,
    dose: Option<String>,
    last_taken_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<Medication> for MedicationBody {
    fn from(of: Medication) -> Self {
        let details = of.details;
        Self {
            id: of.id,
            patient_id: of.patient_id,
            name: details.name,
            medication_class: details.medication_class,
            atc_code: details.atc_code,
            dose: details.dose,
            last_taken_at: details.last_taken_at,
            ended_at: details.ended_at,
            version: of.version,
            updated_at: of.updated_at,
        }
    }
}

impl RecordMedicationBody {
    fn details(&self) -> MedicationDetails {
        MedicationDetails {
            name: self.name.clone(),
            medication_class: self.medication_class,
            atc_code: self.atc_code.clone(),
            dose: self.dose.clone(),
            last_taken_at: self.last_taken_at.map(|instant| instant.0),
            ended_at: self.ended_at.map(|instant| instant.0),
        }
    }
}

impl ChangeMedicationBody {
    fn changes(&self) -> MedicationChanges {
        MedicationChanges {
            name: self.name.clone(),
            medication_class: self.medication_class,
            atc_code: self.atc_code.clone(),
            dose: self.dose.clone(),
            last_taken_at: self
                .last_taken_at
                .map(|change| change.map(|instant| instant.0)),
            ended_at: self.ended_at.map(|change| change.map(|instant| instant.0)),
        }
    }
}

fn answer(of: Medication) -> Result<Answer, Problem> {
    let version = of.version;
    Ok(Answer::ok(&MedicationBody::from(of))?.version(version))
}

/// Lists a patient's medications, ended ones too, in the order in which they were recorded.
#[utoipa::path(
    operation_id = "listMedications", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), ListFacts),
    responses((status = 200, description = "Medications.", body = Page<MedicationBody>))
)]
#[get("/patients/{patient_id}/medications")]
async fn list_medications(
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
                MedicationBody::from,
            ))
        })
        .await
}

/// Records a medicine.
#[utoipa::path(
    operation_id = "recordMedication", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
    request_body = RecordMedicationBody,
    responses((status = 201, description = "Recorded.", body = MedicationBody), Refused<MedicationError>)
)]
#[post("/patients/{patient_id}/medications")]
async fn record_medication(
    permit: Permit<Record>,
    id: PathId<PatientId>,
    once: Once,
    body: Json<RecordMedicationBody>,
) -> Result<Answer, Problem> {
    let details = body.details();
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let recorded = record(transaction, id.0, &details).await?;
            let version = recorded.version;
            let location = format!("/api/v1/patients/{}/medications/{}", id.0, recorded.id);
            Ok(Answer::created(&MedicationBody::from(recorded), location)?.version(version))
        })
        .await
}

/// Reads a medicine.
#[utoipa::path(
    operation_id = "getMedication", tag = "patients", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("medication_id" = MedicationId, Path, description = "Which one.")
    ),
    responses((status = 200, description = "As it stands.", body = MedicationBody))
)]
#[get("/patients/{patient_id}/medications/{medication_id}")]
async fn get_medication(
    permit: Permit<Read>,
    ids: PathIds<PatientId, MedicationId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read(transaction, ids.0, ids.1).await?))
        .await
}

/// Corrects or ends a medicine; nothing is ever deleted.
#[utoipa::path(
    operation_id = "changeMedication", tag = "patients", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("medication_id" = MedicationId, Path, description = "Which one."),
        IfMatch
    ),
    request_body = ChangeMedicationBody,
    responses((status = 200, description = "As it is now.", body = MedicationBody), Refused<MedicationError>)
)]
#[patch("/patients/{patient_id}/medications/{medication_id}")]
async fn change_medication(
    permit: Permit<Change>,
    ids: PathIds<PatientId, MedicationId>,
    if_match: IfMatch,
    body: Json<ChangeMedicationBody>,
) -> Result<Answer, Problem> {
    let changes = body.changes();
    permit
        .transaction(async |transaction| {
            answer(change(transaction, (ids.0, ids.1), &if_match, &changes).await?)
        })
        .await
}
