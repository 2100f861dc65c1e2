//! Consents: what a patient agreed to, and took back again.
//!
//! A consent is about one subject: a channel one may be reached by, or a kind of procedure. Every
//! decision is a row of its own and stays; the latest on a subject holds, so that what was agreed to
//! on any day can be told. Patients decide on channels themselves; what they consent to before a
//! needle is taken down by those who explained it.

mod routes;
mod store;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::{Role, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::platform::text::text_enum;

use super::patient::PatientId;

pub(super) use routes::configure;

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
    /// How a decision was told.
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

/// A decision on one subject.
struct Consent {
    id: ConsentId,
    /// The record it was written to.
    patient_id: PatientId,
    decided: Decided,
    /// The user.
    recorded_by: Uuid,
    recorded_at: DateTime<Utc>,
    /// Whether it is the latest on its subject.
    is_latest: bool,
}

/// What was decided, when, by whom, and on which text.
#[derive(Clone)]
struct Decided {
    subject: ConsentSubject,
    decision: ConsentDecision,
    decided_at: DateTime<Utc>,
    /// The patient, or who acts for them.
    decided_by: String,
    method: ConsentForm,
    text_version: String,
}

/// Why a decision was not read or recorded.
#[derive(Debug, thiserror::Error)]
enum ConsentError {
    #[error("no such patient, or no such consent")]
    NotFound,
    #[error("patients decide on channels themselves, and on nothing else")]
    NotTheirs,
    #[error("decided in the future")]
    NotYet,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ConsentError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NotTheirs => Problem::new(&problem::NOT_ALLOWED)
                .detail("Consent to a procedure is recorded by those who explained it."),
            Self::NotYet => Problem::field("/decided_at", "lies in the future"),
            Self::Database(error) => error.into(),
        }
    }
}

async fn list(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<Uuid>,
) -> Result<Vec<Consent>, ConsentError> {
    let (patient, mut found, latest) = pipelined!(
        super::store::find(transaction, patient_id),
        store::list(transaction, patient_id, updated_since, window),
        store::latest(transaction, patient_id),
    )?;
    let patient = patient.ok_or(ConsentError::NotFound)?;
    if found.is_empty() {
        // Who learns that there is nothing has learnt something of this patient.
        transaction.touch("patient", patient.id, patient.id);
    } else {
        let touched = found
            .iter()
            .map(|found| (found.id.uuid(), found.patient_id.uuid()));
        transaction.touch_all("consent", touched);
    }
    let latest: HashSet<ConsentId> = latest.into_iter().collect();
    for one in &mut found {
        one.patient_id = patient.id;
        one.is_latest = latest.contains(&one.id);
    }
    Ok(found)
}

async fn read(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    id: ConsentId,
) -> Result<Consent, ConsentError> {
    let (patient, found, latest) = pipelined!(
        super::store::find(transaction, patient_id),
        store::find(transaction, patient_id, id),
        store::latest(transaction, patient_id),
    )?;
    let (patient, mut found) = patient.zip(found).ok_or(ConsentError::NotFound)?;
    transaction.touch("consent", id, found.patient_id);
    found.patient_id = patient.id;
    found.is_latest = latest.contains(&id);
    Ok(found)
}

async fn record(
    transaction: &Transaction<'_, Record>,
    patient_id: PatientId,
    decided: &Decided,
) -> Result<Consent, ConsentError> {
    let now = transaction.now();
    let patient = super::store::find(transaction, patient_id).await?;
    let patient = patient.ok_or(ConsentError::NotFound)?;
    if transaction.principal().role == Role::Patient && !decided.subject.is_channel() {
        return Err(ConsentError::NotTheirs);
    }
    if decided.decided_at > now {
        return Err(ConsentError::NotYet);
    }
    let mut recorded = Consent {
        id: ConsentId::fresh(now),
        patient_id: patient.id,
        decided: decided.clone(),
        recorded_by: transaction.principal().user_id,
        recorded_at: now,
        is_latest: false,
    };
    store::insert(transaction, &recorded).await?;
    transaction.touch("consent", recorded.id, patient.id);
    let latest = store::latest(transaction, patient.id).await?;
    recorded.is_latest = latest.contains(&recorded.id);
    Ok(recorded)
}
