//! Patients over HTTP.

use actix_web::{get, patch, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::ToSchema;

use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::PathId;
use crate::platform::timestamp::Timestamp;
use crate::practice::practice_zone;

use super::access_log;
use super::accounts;
use super::alerts;
use super::clinical_facts;
use super::consents;
use super::contacts;
use super::duplicates::Candidate;
use super::patient::{
    DatePrecision, Details, Patient, PatientId, SexAtBirth, Weight, can_be_found,
};
use super::phone::{digits, region_of};
use super::register::{Register, RegisterError, RegisterPatient, register};
use super::search::{Criteria, Said, Search, SearchKey, search};
use super::update::{PatientChanges, PatientError, Read, Update, read, update};

/// Adds the operations on patients.
pub(crate) fn configure(services: &mut Operations<'_>) {
    services
        .service(register_patient)
        .service(search_patients)
        .service(get_patient)
        .service(update_patient);
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
    /// Left out or null where the person has one name.
    #[schema(min_length = 1, max_length = 100, example = "Vrabec")]
    family_name: Option<String>,
    /// A name that the person had before.
    #[schema(min_length = 1, max_length = 100, example = "Novak")]
    former_name: Option<String>,
    /// The name by which the person wants to be called.
    #[schema(min_length = 1, max_length = 100)]
    preferred_name: Option<String>,
    #[schema(min_length = 1, max_length = 40, example = "they/them")]
    pronouns: Option<String>,
    birth_date: NaiveDate,
    /// The birth date is a guess, because nobody knows it.
    #[serde(default)]
    birth_date_estimated: bool,
    #[serde(default)]
    needs_interpreter: bool,
    /// Insurance as text.
    #[schema(min_length = 1, max_length = 200)]
    insurance: Option<String>,
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
    /// Null where the person has one name.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    family_name: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    former_name: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    preferred_name: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    pronouns: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    insurance: Option<Option<String>>,
    #[schema(nullable = false)]
    birth_date: Option<NaiveDate>,
    #[schema(nullable = false)]
    birth_date_estimated: Option<bool>,
    #[schema(nullable = false)]
    needs_interpreter: Option<bool>,
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
    /// Null where the person has one name.
    family_name: Option<String>,
    former_name: Option<String>,
    preferred_name: Option<String>,
    pronouns: Option<String>,
    birth_date: NaiveDate,
    birth_date_estimated: bool,
    needs_interpreter: bool,
    insurance: Option<String>,
    /// The first day of the month or the year where `died_on_precision` says so.
    died_on: Option<NaiveDate>,
    died_on_precision: Option<DatePrecision>,
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
    /// In the answer to archiving: what is still open. In the answer to a death: what was ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    open_items: Option<Vec<OpenItemBody>>,
}

/// Something that is or was planned for the patient.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenItemBody {
    /// `appointment`, `waitlist_entry`, `follow_up` or `visit`.
    pub(crate) kind: String,
    pub(crate) id: uuid::Uuid,
    /// When it is, where it has a time.
    pub(crate) at: Option<DateTime<Utc>>,
}

impl PatientBody {
    /// The record with what is open or was ended.
    pub(crate) fn with_open_items(mut self, items: Vec<OpenItemBody>) -> Self {
        self.open_items = Some(items);
        self
    }
}

impl From<&Patient> for PatientBody {
    fn from(patient: &Patient) -> Self {
        let details = patient.details.clone();
        Self {
            id: patient.id,
            mrn: patient.record_number.clone(),
            given_name: details.given_name,
            family_name: Some(details.family_name).filter(|name| !name.is_empty()),
            former_name: details.former_name,
            preferred_name: details.preferred_name,
            pronouns: details.pronouns,
            birth_date: details.birth_date,
            birth_date_estimated: details.birth_date_estimated,
            needs_interpreter: details.needs_interpreter,
            insurance: details.insurance,
            died_on: patient.death.map(|death| death.died_on),
            died_on_precision: patient.death.map(|death| death.precision),
            open_items: None,
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
        let names = [
            ("/given_name", Some(&self.given_name)),
            ("/family_name", self.family_name.as_ref()),
            ("/former_name", self.former_name.as_ref()),
            ("/preferred_name", self.preferred_name.as_ref()),
        ];
        require_names(names, &mut errors);
        let phone = self.phone.as_ref();
        require_digits(phone, &mut errors);
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
                family_name: spaceless(self.family_name.as_ref()).unwrap_or_default(),
                former_name: spaceless(self.former_name.as_ref()),
                preferred_name: spaceless(self.preferred_name.as_ref()),
                pronouns: spaceless(self.pronouns.as_ref()),
                insurance: spaceless(self.insurance.as_ref()),
                birth_date_estimated: self.birth_date_estimated,
                needs_interpreter: self.needs_interpreter,
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

/// Refuses names that no search could find: blank ones, and a hyphen in place of a name.
fn require_names<'name>(
    names: impl IntoIterator<Item = (&'static str, Option<&'name String>)>,
    errors: &mut Vec<FieldError>,
) {
    for (pointer, name) in names {
        let Some(name) = name else { continue };
        if name.trim().is_empty() {
            errors.push(FieldError::new(pointer, "must not be blank"));
        } else if !can_be_found(name) {
            let detail = "must have a letter; leave family_name out for a person with one name";
            errors.push(FieldError::new(pointer, detail));
        }
    }
}

fn require_digits(phone: Option<&String>, errors: &mut Vec<FieldError>) {
    if phone.is_some_and(|phone| digits(phone).len() < 3) {
        let detail = "must have at least three digits, such as +1 212 555 0100";
        errors.push(FieldError::new("/phone", detail));
    }
}

/// The text without white space around it; `None` where nothing is left.
fn spaceless(text: Option<&String>) -> Option<String> {
    let text = text?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl UpdatePatientBody {
    fn changes(&self, now: DateTime<Utc>) -> Result<PatientChanges, Problem> {
        let mut errors = Vec::new();
        let given =
            |name: &'static str, of: &'_ Option<Option<String>>| (name, of.clone().flatten());
        let changed = [
            given("/family_name", &self.family_name),
            given("/former_name", &self.former_name),
            given("/preferred_name", &self.preferred_name),
        ];
        let first = ("/given_name", self.given_name.as_ref());
        let others = changed
            .iter()
            .map(|(pointer, name)| (*pointer, name.as_ref()));
        require_names([first].into_iter().chain(others), &mut errors);
        require_digits(self.phone.as_ref().and_then(Option::as_ref), &mut errors);
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let text = |of: &Option<Option<String>>| of.as_ref().map(|of| spaceless(of.as_ref()));
        let weight = match self.weight_kg {
            None => None,
            Some(None) => Some(None),
            Some(Some(kg)) => {
                let weight = weight(kg, self.weight_measured_at, now);
                Some(Some(weight.map_err(|error| Problem::invalid(vec![error]))?))
            }
        };
        Ok(PatientChanges {
            given_name: spaceless(self.given_name.as_ref()),
            family_name: text(&self.family_name).map(Option::unwrap_or_default),
            former_name: text(&self.former_name),
            preferred_name: text(&self.preferred_name),
            pronouns: text(&self.pronouns),
            insurance: text(&self.insurance),
            birth_date_estimated: self.birth_date_estimated,
            needs_interpreter: self.needs_interpreter,
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
/// Patients themselves may change how they are reached and called: phone, e-mail, address,
/// language, interpreter, preferred name and pronouns.
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

/// What is known of the person looked for; all of it must fit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SearchPatientsBody {
    /// Anything the caller says: a name, a birth date, a telephone number or its last four digits, an
    /// e-mail address, a record number.
    #[schema(min_length = 1, max_length = 200, example = "Vrabez Ana")]
    text: Option<String>,
    /// Names in any order; misspellings and missing accents are forgiven.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    birth_date: Option<NaiveDate>,
    /// In any form, or its last four digits. Numbers of contacts are searched, too.
    #[schema(min_length = 3, max_length = 40)]
    phone: Option<String>,
    #[schema(min_length = 3, max_length = 254)]
    email: Option<String>,
    #[schema(min_length = 1, max_length = 40)]
    mrn: Option<String>,
    /// Searches archived records, too.
    #[serde(default)]
    include_archived: bool,
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
    let said = Said {
        text: body.text.as_deref(),
        name: body.name.as_deref(),
        birth_date: body.birth_date,
        phone: body.phone.as_deref(),
        email: body.email.as_deref(),
        record_number: body.mrn.as_deref(),
        with_archived: body.include_archived,
    };
    // What says nothing is refused before the practice is asked for its region.
    Criteria::of(said, None).map_err(Problem::invalid)?;
    let window: Window<SearchKey> = Window::new(body.limit, body.cursor.as_ref())?;
    let said_in_words = [said.text, said.phone].into_iter().flatten();
    let may_be_number = said_in_words.flat_map(str::chars).any(char::is_numeric);
    permit
        .transaction(async |transaction| {
            // Only a telephone number is read as it is dialled in the region of the practice.
            let region = if may_be_number {
                region_of(practice_zone(transaction).await?.0)
            } else {
                None
            };
            let criteria = Criteria::of(said, region).map_err(Problem::invalid)?;
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
