//! Patients over HTTP.

use actix_web::{get, patch, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::ToSchema;

use crate::platform::access::Permit;
use crate::platform::blank::require_text;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::PathId;
use crate::platform::timestamp::Timestamp;

use super::access_log;
use super::accounts;
use super::alerts;
use super::clinical_facts;
use super::consents;
use super::contacts;
use super::patient::{Details, Patient, PatientId, SexAtBirth, Weight};
use super::register::{Candidate, Register, RegisterError, RegisterPatient, register};
use super::search::{Criteria, Search, SearchKey, search};
use super::update::{Archive, PatientChanges, PatientError, Read, Update, archive, read, update};

/// Adds the operations on patients.
pub(crate) fn configure(services: &mut Operations<'_>) {
    services
        .service(register_patient)
        .service(search_patients)
        .service(get_patient)
        .service(update_patient)
        .service(archive_patient);
    clinical_facts::configure(services);
    contacts::configure(services);
    consents::configure(services);
    alerts::configure(services);
    access_log::configure(services);
    accounts::configure(services);
}

/// A person to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RegisterPatientBody {
    #[schema(min_length = 1, max_length = 100, example = "Ana")]
    given_name: String,
    #[schema(min_length = 1, max_length = 100, example = "Vrabec")]
    family_name: String,
    birth_date: NaiveDate,
    sex_at_birth: Option<SexAtBirth>,
    #[schema(min_length = 3, max_length = 40, example = "+1 555 0100")]
    phone: Option<String>,
    #[schema(min_length = 3, max_length = 254, format = Email)]
    email: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    address: Option<String>,
    /// BCP 47 tag.
    #[schema(
        pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        max_length = 35,
        example = "en"
    )]
    preferred_language: Option<String>,
    /// Body weight, 1 to 500 kg.
    weight_kg: Option<ExactDecimal>,
    /// When the weight was measured; now when it is left out.
    weight_measured_at: Option<Timestamp>,
    /// The candidates for a duplicate were looked at, and this is someone new.
    #[serde(default)]
    confirm_new: bool,
}

/// What is to be changed; a field left out stays, null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdatePatientBody {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    given_name: Option<String>,
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    family_name: Option<String>,
    #[schema(nullable = false)]
    birth_date: Option<NaiveDate>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<SexAtBirth>)]
    sex_at_birth: Option<Option<SexAtBirth>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 3, max_length = 40)]
    phone: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 3, max_length = 254, format = Email)]
    email: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    address: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length = 35)]
    preferred_language: Option<Option<String>>,
    /// Body weight, 1 to 500 kg.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<ExactDecimal>)]
    weight_kg: Option<Option<ExactDecimal>>,
    /// When the weight was measured; now when it is left out.
    weight_measured_at: Option<Timestamp>,
}

/// A patient record.
#[derive(Serialize, ToSchema)]
pub(crate) struct PatientBody {
    id: PatientId,
    /// Medical record number.
    mrn: String,
    given_name: String,
    family_name: String,
    birth_date: NaiveDate,
    sex_at_birth: Option<SexAtBirth>,
    phone: Option<String>,
    email: Option<String>,
    address: Option<String>,
    preferred_language: Option<String>,
    weight_kg: Option<ExactDecimal>,
    weight_measured_at: Option<DateTime<Utc>>,
    archived_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<&Patient> for PatientBody {
    fn from(patient: &Patient) -> Self {
        let details = patient.details.clone();
        Self {
            id: patient.id,
            mrn: patient.record_number.clone(),
            given_name: details.given_name,
            family_name: details.family_name,
            birth_date: details.birth_date,
            sex_at_birth: details.sex_at_birth,
            phone: details.phone,
            email: details.email,
            address: details.address,
            preferred_language: details.preferred_language,
            weight_kg: details.weight.map(|weight| ExactDecimal(weight.kg)),
            weight_measured_at: details.weight.map(|weight| weight.measured_at),
            archived_at: patient.archived_at,
            version: patient.version,
            updated_at: patient.updated_at,
        }
    }
}

fn candidate(candidate: &Candidate) -> serde_json::Value {
    serde_json::json!({
        "patient": PatientBody::from(&candidate.patient),
        "reasons": candidate.reasons,
    })
}

fn weight(
    kg: ExactDecimal,
    measured_at: Option<Timestamp>,
    now: DateTime<Utc>,
) -> Result<Weight, FieldError> {
    let one = rust_decimal::Decimal::ONE;
    let limit = rust_decimal::Decimal::from(500);
    if kg.0 < one || kg.0 > limit || kg.0.scale() > 2 {
        return Err(FieldError::new(
            "/weight_kg",
            "must be 1 to 500 with at most two decimals",
        ));
    }
    let measured_at = measured_at.map_or(now, |instant| instant.0);
    if measured_at > now {
        return Err(FieldError::new("/weight_measured_at", "lies in the future"));
    }
    Ok(Weight {
        kg: kg.0,
        measured_at,
    })
}

impl RegisterPatientBody {
    fn command(&self, now: DateTime<Utc>) -> Result<RegisterPatient, Problem> {
        let mut errors = Vec::new();
        require_text(&self.given_name, "/given_name", &mut errors);
        require_text(&self.family_name, "/family_name", &mut errors);
        let weight = self
            .weight_kg
            .map(|kg| weight(kg, self.weight_measured_at, now))
            .transpose();
        let weight = weight.unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(RegisterPatient {
            details: Details {
                given_name: self.given_name.trim().to_owned(),
                family_name: self.family_name.trim().to_owned(),
                birth_date: self.birth_date,
                sex_at_birth: self.sex_at_birth,
                phone: self.phone.clone(),
                email: self.email.clone(),
                address: self.address.clone(),
                preferred_language: self.preferred_language.clone(),
                weight,
            },
            confirm_new: self.confirm_new,
        })
    }
}

impl UpdatePatientBody {
    fn changes(&self, now: DateTime<Utc>) -> Result<PatientChanges, Problem> {
        let weight = match self.weight_kg {
            None => None,
            Some(None) => Some(None),
            Some(Some(kg)) => {
                let weight = weight(kg, self.weight_measured_at, now);
                Some(Some(weight.map_err(|error| Problem::invalid(vec![error]))?))
            }
        };
        Ok(PatientChanges {
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            birth_date: self.birth_date,
            sex_at_birth: self.sex_at_birth,
            phone: self.phone.clone(),
            email: self.email.clone(),
            address: self.address.clone(),
            preferred_language: self.preferred_language.clone(),
            weight,
        })
    }
}

/// Registers a patient.
///
/// Answers 409 with the candidates when the person may be on record already, unless `confirm_new`
/// says they are not.
#[utoipa::path(
    operation_id = "registerPatient", tag = "patients", context_path = "/api/v1",
    request_body = RegisterPatientBody,
    params(Once),
    responses((status = 201, description = "Registered.", body = PatientBody), Refused<RegisterError>)
)]
#[post("/patients")]
async fn register_patient(
    permit: Permit<Register>,
    once: Once,
    body: Json<RegisterPatientBody>,
) -> Result<Answer, Problem> {
    let command = body.command(permit.now())?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let patient = register(transaction, &command, candidate).await?;
            let location = format!("/api/v1/patients/{}", patient.id);
            Ok(Answer::created(&PatientBody::from(&patient), location)?.version(patient.version))
        })
        .await
}

/// Reads a patient's record.
#[utoipa::path(
    operation_id = "getPatient", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient.")),
    responses((status = 200, description = "The record.", body = PatientBody), Refused<PatientError>)
)]
#[get("/patients/{patient_id}")]
async fn get_patient(permit: Permit<Read>, id: PathId<PatientId>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let patient = read(transaction, id.0).await?;
            Ok(Answer::ok(&PatientBody::from(&patient))?.version(patient.version))
        })
        .await
}

/// Corrects a patient's record.
///
/// Patients themselves may change how they are reached: phone, e-mail, address and language.
#[utoipa::path(
    operation_id = "updatePatient", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), IfMatch),
    request_body = UpdatePatientBody,
    responses((status = 200, description = "As it is now.", body = PatientBody), Refused<PatientError>)
)]
#[patch("/patients/{patient_id}")]
async fn update_patient(
    permit: Permit<Update>,
    id: PathId<PatientId>,
    if_match: IfMatch,
    body: Json<UpdatePatientBody>,
) -> Result<Answer, Problem> {
    let changes = body.changes(permit.now())?;
    permit
        .transaction(async |transaction| {
            let patient = update(transaction, id.0, &if_match, &changes).await?;
            Ok(Answer::ok(&PatientBody::from(&patient))?.version(patient.version))
        })
        .await
}

/// Takes a record out of use. It stays readable and keeps its history.
#[utoipa::path(
    operation_id = "archivePatient", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), IfMatch),
    responses((status = 200, description = "As it is now.", body = PatientBody), Refused<PatientError>)
)]
#[post("/patients/{patient_id}/archive")]
async fn archive_patient(
    permit: Permit<Archive>,
    id: PathId<PatientId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let patient = archive(transaction, id.0, &if_match).await?;
            Ok(Answer::ok(&PatientBody::from(&patient))?.version(patient.version))
        })
        .await
}

/// What is known of the person looked for; all of it must fit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SearchPatientsBody {
    /// Anything the caller says: a name, a birth date, a telephone or record number.
    #[schema(min_length = 1, max_length = 200, example = "Vrabez Ana")]
    text: Option<String>,
    /// Names in any order; misspellings and missing accents are forgiven.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    birth_date: Option<NaiveDate>,
    #[schema(min_length = 3, max_length = 40)]
    phone: Option<String>,
    #[schema(min_length = 1, max_length = 40)]
    mrn: Option<String>,
    cursor: Option<Cursor>,
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Finds patients, the likeliest first.
///
/// A POST, because what is searched for is personal and has no place in a URL.
#[utoipa::path(
    operation_id = "searchPatients", tag = "patients", context_path = "/api/v1",
    request_body = SearchPatientsBody,
    responses((status = 200, description = "Patients who fit.", body = Page<PatientBody>))
)]
#[post("/patients/search")]
async fn search_patients(
    permit: Permit<Search>,
    body: Json<SearchPatientsBody>,
) -> Result<Answer, Problem> {
    let criteria = Criteria::new(
        body.text.as_deref(),
        body.name.as_deref(),
        body.birth_date,
        body.phone.as_deref(),
        body.mrn.as_deref(),
    );
    let window: Window<SearchKey> = Window::new(body.limit, body.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let patients = search(transaction, &criteria, &window).await?;
            let key = |patient: &Patient| -> SearchKey {
                let details = &patient.details;
                (
                    details.family_name.clone(),
                    details.given_name.clone(),
                    patient.id.uuid(),
                )
            };
            let page = Page::of(patients, window.size, key, |patient| {
                PatientBody::from(&patient)
            });
            Answer::ok(&page)
        })
        .await
}
