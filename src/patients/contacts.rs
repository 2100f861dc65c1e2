//! Contacts: the people to reach about a patient, and to call when something happens.
//!
//! The whole staff keeps them, and patients keep their own. Nothing is deleted: a contact ends.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use diesel::prelude::{AsChangeset, HasQuery, Insertable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::patients::facts::{
    Changeable, Changes, Fact, FactError, Writing, change_of_fact, changes_of_fact, fields_of_fact,
    insertion_of_fact, operations_of_fact, queries_of_fact, require_past,
};
use crate::patients::patient::PatientId;
use crate::platform::access::{Permit, Principal, action};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::{IfMatch, Version};
use crate::platform::id::id;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::Page;
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{Paged, PathId, PathIds};
use crate::platform::text::text_enum;
use crate::platform::timestamp::Timestamp;

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
    /// Reading the contacts of a patient.
    Read, "contacts.read", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Recording a contact of a patient.
    Record, "contacts.record", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Correcting or ending a contact.
    Change, "contacts.change", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);

fields_of_fact! {
    table patient_contacts, id ContactId;
    /// Someone to reach about a patient.
    fact Contact as ContactBody;
    /// Someone to be reached about a patient, by telephone or by e-mail.
    record RecordContactBody;
    /// What is to be changed; a field left out stays, null clears it.
    change ChangeContactBody;

    /// The name of the contact.
    name: required String with (min_length = 1, max_length = 200, example = "Mira Vrabec");
    /// What they are to the patient.
    relation: required Relation with ();
    /// Telephone as given.
    phone: optional String with (min_length = 3, max_length = 40, example = "+1 555 0177");
    /// E-mail address as given.
    email: optional String with (min_length = 3, max_length = 254, format = Email);
    /// Called when something happens to the patient.
    is_emergency_contact: defaulted bool = "bool::default" with ();
    /// More about the contact, such as when to call.
    note: optional String with (min_length = 1, max_length = 500);
    /// From when on they are no longer to be contacted.
    ended_at: instant DateTime with ();
}

impl Fact for Contact {
    type Id = ContactId;
    type Recorded = RecordContactBody;
    type Beside = ();
    type Read = Read;
    type Record = Record;
    const KIND: &'static str = "contact";
    const COLLECTION: &'static str = "contacts";

    fn id(&self) -> ContactId {
        self.id
    }

    fn patient_id(&self) -> PatientId {
        self.patient_id
    }

    fn version(&self) -> Option<Version> {
        Some(self.version)
    }

    fn show(&mut self, patient_id: PatientId, _: &Principal, (): &()) {
        self.patient_id = patient_id;
    }

    fn new(writing: Writing<'_>, content: &RecordContactBody) -> Self {
        Self::recorded(writing, content)
    }

    fn check(&self, writing: Writing<'_>) -> Result<(), FactError> {
        let mut errors = Vec::new();
        require_past([("/ended_at", self.ended_at)], &writing.now, &mut errors);
        if self.phone.is_none() && self.email.is_none() {
            errors.push(FieldError::new(
                "/phone",
                "is required where there is no email",
            ));
        }
        FactError::unless_empty(errors)
    }

    async fn beside(_: &OpenTransaction<'_>, _: PatientId) -> Stored<()> {
        Ok(())
    }

    queries_of_fact!(Contact, ContactId, patient_contacts, updated_at);
    insertion_of_fact!(Contact, patient_contacts, created_at = now);
}

impl Changeable for Contact {
    type Changed = ChangeContactBody;
    type Change = Change;

    changes_of_fact!(Contact, ContactId, patient_contacts);
}

/// Adds the operations on contacts.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_contacts)
        .service(record_contact)
        .service(get_contact)
        .service(change_contact);
}

operations_of_fact! {
    Contact, ContactId, RecordContactBody,
    "/patients/{patient_id}/contacts", "/patients/{patient_id}/contacts/{contact_id}", "contact_id";
    /// Lists a patient's contacts, former ones too, in the order in which they were recorded.
    list_contacts "listContacts" "Contacts.",
    /// Records a contact.
    record_contact "recordContact",
    /// Reads a contact.
    get_contact "getContact" "As it stands.",
}

change_of_fact! {
    Contact, ContactId, ChangeContactBody, "/patients/{patient_id}/contacts/{contact_id}", "contact_id";
    /// Corrects or ends a contact; nothing is ever deleted.
    change_contact "changeContact",
}
