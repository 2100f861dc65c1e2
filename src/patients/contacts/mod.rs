//! Contacts: whom to reach about a patient, and whom to call when something happens.
//!
//! The whole staff keeps them, and patients keep their own. Nothing is deleted: a contact ends.

mod routes;
mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};
use crate::platform::text::text_enum;

use super::patient::PatientId;

pub(super) use routes::configure;

id! {
    /// Names a contact.
    pub(crate) struct ContactId
}

text_enum! {
    /// What someone is to a patient.
    pub(crate) enum Relation {
        Spouse = "spouse",
        Partner = "partner",
        Parent = "parent",
        Child = "child",
        Sibling = "sibling",
        Guardian = "guardian",
        Relative = "relative",
        Friend = "friend",
        Caregiver = "caregiver",
        Physician = "physician",
        Other = "other",
    }
}

action!(
    /// Reading whom to reach about a patient.
    Read, "contacts.read", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Recording whom to reach about a patient.
    Record, "contacts.record", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Correcting or ending a contact.
    Change, "contacts.change", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// Someone to reach about a patient.
struct Contact {
    id: ContactId,
    /// The record it was written to.
    patient_id: PatientId,
    details: ContactDetails,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// What is known of a contact.
#[derive(Clone)]
struct ContactDetails {
    /// Who it is.
    name: String,
    /// What they are to the patient.
    relation: Relation,
    /// Telephone as given.
    phone: Option<String>,
    /// E-mail address as given.
    email: Option<String>,
    /// Called when something happens to the patient.
    is_emergency_contact: bool,
    /// More on it, such as when to call.
    note: Option<String>,
    /// When they were no longer to be contacted.
    ended_at: Option<DateTime<Utc>>,
}

/// What is to be changed: nothing where nothing is said, cleared where `Some(None)`.
struct ContactChanges {
    name: Option<String>,
    relation: Option<Relation>,
    phone: Option<Option<String>>,
    email: Option<Option<String>>,
    is_emergency_contact: Option<bool>,
    note: Option<Option<String>>,
    ended_at: Option<Option<DateTime<Utc>>>,
}

/// Why a contact was not read, recorded or changed.
#[derive(Debug, thiserror::Error)]
enum ContactError {
    #[error("no such patient, or nothing of that id")]
    NotFound,
    #[error("content that cannot be")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ContactError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

async fn list(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<Uuid>,
) -> Result<Vec<Contact>, ContactError> {
    let (patient, mut found) = pipelined!(
        super::store::find(transaction, patient_id),
        store::list(transaction, patient_id, updated_since, window),
    )?;
    let patient = patient.ok_or(ContactError::NotFound)?;
    if found.is_empty() {
        // Who learns that there is nothing has learnt something of this patient.
        transaction.touch("patient", patient.id, patient.id);
    } else {
        let touched = found
            .iter()
            .map(|found| (found.id.uuid(), found.patient_id.uuid()));
        transaction.touch_all("contact", touched);
    }
    for one in &mut found {
        one.patient_id = patient.id;
    }
    Ok(found)
}

async fn read(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    id: ContactId,
) -> Result<Contact, ContactError> {
    let (patient, found) = pipelined!(
        super::store::find(transaction, patient_id),
        store::find(transaction, patient_id, id),
    )?;
    let (patient, mut found) = patient.zip(found).ok_or(ContactError::NotFound)?;
    transaction.touch("contact", id, found.patient_id);
    found.patient_id = patient.id;
    Ok(found)
}

async fn record(
    transaction: &Transaction<'_, Record>,
    patient_id: PatientId,
    details: &ContactDetails,
) -> Result<Contact, ContactError> {
    let now = transaction.now();
    let patient = super::store::find(transaction, patient_id).await?;
    let patient = patient.ok_or(ContactError::NotFound)?;
    details.check(now)?;
    let recorded = Contact {
        id: ContactId::fresh(now),
        patient_id: patient.id,
        details: details.clone(),
        version: Version::FIRST,
        updated_at: now,
    };
    store::insert(transaction, &recorded).await?;
    transaction.touch("contact", recorded.id, patient.id);
    Ok(recorded)
}

async fn change(
    transaction: &Transaction<'_, Change>,
    (patient_id, id): (PatientId, ContactId),
    if_match: &IfMatch,
    changes: &ContactChanges,
) -> Result<Contact, ContactError> {
    let patient = super::store::find(transaction, patient_id).await?;
    let patient = patient.ok_or(ContactError::NotFound)?;
    let mut contact = store::lock(transaction, patient_id, id)
        .await?
        .ok_or(ContactError::NotFound)?;
    if_match.require(contact.version)?;
    changes.apply(&mut contact.details);
    contact.details.check(transaction.now())?;
    contact.version = contact.version.next();
    contact.updated_at = transaction.now();
    store::update(transaction, &contact).await?;
    transaction.touch("contact", id, contact.patient_id);
    contact.patient_id = patient.id;
    Ok(contact)
}

impl ContactChanges {
    fn apply(&self, details: &mut ContactDetails) {
        if let Some(value) = &self.name {
            details.name.clone_from(value);
        }
        details.relation = self.relation.unwrap_or(details.relation);
        if let Some(value) = &self.phone {
            details.phone.clone_from(value);
        }
        if let Some(value) = &self.email {
            details.email.clone_from(value);
        }
        details.is_emergency_contact = self
            .is_emergency_contact
            .unwrap_or(details.is_emergency_contact);
        if let Some(value) = &self.note {
            details.note.clone_from(value);
        }
        details.ended_at = self.ended_at.unwrap_or(details.ended_at);
    }
}

impl ContactDetails {
    fn check(&self, now: DateTime<Utc>) -> Result<(), ContactError> {
        let mut errors = Vec::new();
        if self.ended_at.is_some_and(|instant| instant > now) {
            errors.push(FieldError::new("/ended_at", "lies in the future"));
        }
        if self.phone.is_none() && self.email.is_none() {
            errors.push(FieldError::new(
                "/phone",
                "is required where there is no email",
            ));
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(ContactError::Invalid(errors))
        }
    }
}
