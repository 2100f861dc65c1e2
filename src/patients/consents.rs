//! Consents: what a patient agreed to, and took back again.
//!
//! A consent is about one subject: a channel by which the practice reaches the patient, or a kind of
//! procedure. Every decision is a row of its own and stays. The latest one on a subject is in force,
//! so that the record says what a patient agreed to on any day. Patients decide on channels
//! themselves; consent to a procedure is recorded by the person who explained it.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::{HasQuery, Insertable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patients::facts::{
    Fact, FactError, Writing, insertion_of_fact, operations_of_fact, queries_of_fact, require_past,
};
use crate::patients::patient::PatientId;
use crate::platform::access::{Permit, Principal, Role, action};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::Page;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{Paged, PathId, PathIds};
use crate::platform::text::text_enum;
use crate::platform::timestamp::Timestamp;

use super::store::latest_consents;

id! {
    /// Names a decision on a consent.
    pub(crate) struct ConsentId
}

text_enum! {
    /// What a consent is about: a channel, or a kind of procedure.
    pub(crate) enum ConsentSubject {
        Email = "email",
        Sms = "sms",
        Phone = "phone",
        Post = "post",
        TriggerPointInjection = "trigger_point_injection",
        DryNeedling = "dry_needling",
        BotulinumToxin = "botulinum_toxin",
    }
}

impl ConsentSubject {
    /// Whether it is a way to reach the patient.
    const fn is_channel(self) -> bool {
        matches!(self, Self::Email | Self::Sms | Self::Phone | Self::Post)
    }
}

text_enum! {
    /// What was decided.
    pub(crate) enum ConsentDecision {
        Given = "given",
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// In which form a decision was given.
    pub(crate) enum ConsentForm {
        Written = "written",
        Verbal = "verbal",
        Electronic = "electronic",
    }
}

action!(
    /// Reading what a patient agreed to.
    Read, "consents.read", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Recording a decision; patients decide on channels themselves.
    Record, "consents.record", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);

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
    /// Who decided: the patient, or a person who acts for the patient.
    #[schema(min_length = 1, max_length = 200, example = "patient")]
    decided_by: String,
    method: ConsentForm,
    /// Which text was agreed to.
    #[schema(min_length = 1, max_length = 60, example = "2026-01")]
    text_version: String,
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = crate::schema::patient_consents)]
struct ConsentRow {
    id: ConsentId,
    patient_id: PatientId,
    subject: ConsentSubject,
    decision: ConsentDecision,
    decided_at: DateTime<Utc>,
    decided_by: String,
    method: ConsentForm,
    text_version: String,
    recorded_by: Uuid,
    created_at: DateTime<Utc>,
}

/// A decision on a consent, as recorded.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = PatientConsentBody)]
struct Consent {
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

impl From<ConsentRow> for Consent {
    fn from(row: ConsentRow) -> Self {
        Self {
            id: row.id,
            patient_id: row.patient_id,
            subject: row.subject,
            decision: row.decision,
            decided_at: row.decided_at,
            decided_by: row.decided_by,
            method: row.method,
            text_version: row.text_version,
            in_force: false,
            recorded_by: row.recorded_by,
            recorded_at: row.created_at,
        }
    }
}

impl From<Consent> for ConsentRow {
    fn from(of: Consent) -> Self {
        Self {
            id: of.id,
            patient_id: of.patient_id,
            subject: of.subject,
            decision: of.decision,
            decided_at: of.decided_at,
            decided_by: of.decided_by,
            method: of.method,
            text_version: of.text_version,
            recorded_by: of.recorded_by,
            created_at: of.recorded_at,
        }
    }
}

impl Fact for Consent {
    type Id = ConsentId;
    type Recorded = RecordPatientConsentBody;
    /// The latest decision on each subject.
    type Beside = Vec<ConsentId>;
    type Read = Read;
    type Record = Record;
    const KIND: &'static str = "consent";
    const COLLECTION: &'static str = "consents";

    fn id(&self) -> ConsentId {
        self.id
    }

    fn patient_id(&self) -> PatientId {
        self.patient_id
    }

    fn version(&self) -> Option<Version> {
        None
    }

    fn show(&mut self, patient_id: PatientId, _: &Principal, latest: &Vec<ConsentId>) {
        self.patient_id = patient_id;
        self.in_force = self.decision == ConsentDecision::Given && latest.contains(&self.id);
    }

    fn new(writing: Writing<'_>, content: &RecordPatientConsentBody) -> Self {
        Self {
            id: ConsentId::fresh(writing.now),
            patient_id: writing.patient_id,
            subject: content.subject,
            decision: content.decision,
            decided_at: content.decided_at.map_or(writing.now, |instant| instant.0),
            decided_by: content.decided_by.clone(),
            method: content.method,
            text_version: content.text_version.clone(),
            in_force: false,
            recorded_by: writing.writer.user_id,
            recorded_at: writing.now,
        }
    }

    fn check(&self, writing: Writing<'_>) -> Result<(), FactError> {
        if writing.writer.role == Role::Patient && !self.subject.is_channel() {
            return Err(FactError::NotAllowed(
                "Consent to a procedure is recorded by those who explained it.",
            ));
        }
        let mut errors = Vec::new();
        let moments = [("/decided_at", Some(self.decided_at))];
        require_past(moments, &writing.now, &mut errors);
        FactError::unless_empty(errors)
    }

    async fn beside(
        transaction: &OpenTransaction<'_>,
        patient_id: PatientId,
    ) -> Stored<Vec<ConsentId>> {
        let latest = latest_consents(transaction, patient_id).await?;
        Ok(latest.into_iter().map(ConsentId::from).collect())
    }

    queries_of_fact!(ConsentRow, ConsentId, patient_consents, created_at);
    insertion_of_fact!(ConsentRow, patient_consents);
}

/// Adds the operations on consents.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_consents)
        .service(record_consent)
        .service(get_consent);
}

operations_of_fact! {
    Consent, ConsentId, RecordPatientConsentBody,
    "/patients/{patient_id}/consents", "/patients/{patient_id}/consents/{consent_id}", "consent_id";
    /// Lists what a patient agreed to and took back again, in the order in which it was recorded.
    list_consents "listPatientConsents" "Decisions.",
    /// Records that a patient agreed to something, or took it back.
    record_consent "recordPatientConsent",
    /// Reads a decision on a consent.
    get_consent "getPatientConsent" "As recorded.",
}
