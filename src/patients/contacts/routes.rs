//! Contacts over HTTP.

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
    Change, Contact, ContactChanges, ContactDetails, ContactError, ContactId, Read, Record,
    Relation, change, list, read, record,
};

/// Adds the operations on contacts.
pub(in crate::patients) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_contacts)
        .service(record_contact)
        .service(get_contact)
        .service(change_contact);
}

/// Someone to be reached about a patient, by telephone or by e-mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordContactBody {
    /// Who it is.
    #[schema(min_length = 1, max_length = 200, example = "Mira Vrabec")]
    name: String,
    /// What they are to the patient.
    relation: Relation,
    /// Telephone as given.
    #[schema(min_length = 3, max_length = 40, example = "+1 555 0177")]
    phone: Option<String>,
    /// E-mail address as given.
    #[schema(min_length = 3, max_length = 254, format = Email)]
    email: Option<String>,
    /// Called when something happens to the patient.
    #[serde(default)]
    is_emergency_contact: bool,
    /// More on it, such as when to call.
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
    /// When they were no longer to be contacted.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

/// What is to be changed; a field left out stays, null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeContactBody {
    /// Who it is.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "Mira Vrabec",
        nullable = false
    )]
    name: Option<String>,
    /// What they are to the patient.
    #[schema(nullable = false)]
    relation: Option<Relation>,
    /// Telephone as given.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 3, max_length = 40, example = "+1 555 0177")]
    phone: Option<Option<String>>,
    /// E-mail address as given.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 3, max_length = 254, format = Email)]
    email: Option<Option<String>>,
    /// Called when something happens to the patient.
    #[schema(nullable = false)]
    is_emergency_contact: Option<bool>,
    /// More on it, such as when to call.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    note: Option<Option<String>>,
    /// When they were no longer to be contacted.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Option<Timestamp>>,
}

/// Someone to reach about a patient.
#[derive(Serialize, ToSchema)]
struct ContactBody {
    id: ContactId,
    patient_id: PatientId,
    name: String,
    relation: Relation,
    phone: Option<String>,
    email: Option<String>,
    is_emergency_contact: bool,
    note: Option<String>,
    ended_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<Contact> for ContactBody {
    fn from(of: Contact) -> Self {
        let details = of.details;
        Self {
            id: of.id,
            patient_id: of.patient_id,
            name: details.name,
            relation: details.relation,
            phone: details.phone,
            email: details.email,
            is_emergency_contact: details.is_emergency_contact,
            note: details.note,
            ended_at: details.ended_at,
            version: of.version,
            updated_at: of.updated_at,
        }
    }
}

impl RecordContactBody {
    fn details(&self) -> ContactDetails {
        ContactDetails {
            name: self.name.clone(),
            relation: self.relation,
            phone: self.phone.clone(),
            email: self.email.clone(),
            is_emergency_contact: self.is_emergency_contact,
            note: self.note.clone(),
            ended_at: self.ended_at.map(|instant| instant.0),
        }
    }
}

impl ChangeContactBody {
    fn changes(&self) -> ContactChanges {
        ContactChanges {
            name: self.name.clone(),
            relation: self.relation,
            phone: self.phone.clone(),
            email: self.email.clone(),
            is_emergency_contact: self.is_emergency_contact,
            note: self.note.clone(),
            ended_at: self.ended_at.map(|change| change.map(|instant| instant.0)),
        }
    }
}

fn answer(of: Contact) -> Result<Answer, Problem> {
    let version = of.version;
    Ok(Answer::ok(&ContactBody::from(of))?.version(version))
}

/// Lists whom to reach about a patient, former ones too, in the order in which they were recorded.
#[utoipa::path(
    operation_id = "listContacts", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), ListFacts),
    responses((status = 200, description = "Contacts.", body = Page<ContactBody>))
)]
#[get("/patients/{patient_id}/contacts")]
async fn list_contacts(
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
                ContactBody::from,
            ))
        })
        .await
}

/// Records a contact.
#[utoipa::path(
    operation_id = "recordContact", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
    request_body = RecordContactBody,
    responses((status = 201, description = "Recorded.", body = ContactBody), Refused<ContactError>)
)]
#[post("/patients/{patient_id}/contacts")]
async fn record_contact(
    permit: Permit<Record>,
    id: PathId<PatientId>,
    once: Once,
    body: Json<RecordContactBody>,
) -> Result<Answer, Problem> {
    let details = body.details();
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let recorded = record(transaction, id.0, &details).await?;
            let version = recorded.version;
            let location = format!("/api/v1/patients/{}/contacts/{}", id.0, recorded.id);
            Ok(Answer::created(&ContactBody::from(recorded), location)?.version(version))
        })
        .await
}

/// Reads a contact.
#[utoipa::path(
    operation_id = "getContact", tag = "patients", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("contact_id" = ContactId, Path, description = "Which one.")
    ),
    responses((status = 200, description = "As it stands.", body = ContactBody))
)]
#[get("/patients/{patient_id}/contacts/{contact_id}")]
async fn get_contact(
    permit: Permit<Read>,
    ids: PathIds<PatientId, ContactId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read(transaction, ids.0, ids.1).await?))
        .await
}

/// Corrects or ends a contact; nothing is ever deleted.
#[utoipa::path(
    operation_id = "changeContact", tag = "patients", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("contact_id" = ContactId, Path, description = "Which one."),
        IfMatch
    ),
    request_body = ChangeContactBody,
    responses((status = 200, description = "As it is now.", body = ContactBody), Refused<ContactError>)
)]
#[patch("/patients/{patient_id}/contacts/{contact_id}")]
async fn change_contact(
    permit: Permit<Change>,
    ids: PathIds<PatientId, ContactId>,
    if_match: IfMatch,
    body: Json<ChangeContactBody>,
) -> Result<Answer, Problem> {
    let changes = body.changes();
    permit
        .transaction(async |transaction| {
            let changed = change(transaction, (ids.0, ids.1), &if_match, &changes).await?;
            answer(changed)
        })
        .await
}
