//! Conditions by their ICD-10-CM code, active or resolved.

mod routes;
mod store;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

use crate::patients::patient::PatientId;
use crate::patients::store::person_id;

pub(super) use routes::configure;

id! {
    /// Names a condition in a record.
    pub(crate) struct ConditionId
}

action!(
    /// Reading a patient's conditions.
    Read, "conditions.read", record, [Admin, Provider, Assistant, Patient]
);
action!(
    /// Recording a condition.
    Record, "conditions.record", record, [Provider, Assistant]
);
action!(
    /// Correcting or ending a condition.
    Change, "conditions.change", record, [Provider, Assistant]
);

/// A condition in a record.
struct Condition {
    id: ConditionId,
    patient_id: PatientId,
    details: ConditionDetails,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// What is known of a condition.
#[derive(Clone)]
struct ConditionDetails {
    /// ICD-10-CM code.
    code: String,
    /// In the words of whoever recorded it.
    text: Option<String>,
    /// When it began.
    onset_on: Option<NaiveDate>,
    /// When it was over.
    resolved_on: Option<NaiveDate>,
}

/// What is to be changed: nothing where nothing is said, cleared where `Some(None)`.
struct ConditionChanges {
    code: Option<String>,
    text: Option<Option<String>>,
    onset_on: Option<Option<NaiveDate>>,
    resolved_on: Option<Option<NaiveDate>>,
}

/// Why a condition was not read, recorded or changed.
#[derive(Debug, thiserror::Error)]
enum ConditionError {
    #[error("no such patient, or no such condition")]
    NotFound,
    #[error("dates that cannot be")]
    Dates(Vec<FieldError>),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for ConditionError {
    fn from(error: DatabaseError) -> Self {
        if error.breaks("conditions_patient_exists") {
            Self::NotFound
        } else {
            Self::Database(error)
        }
    }
}

impl Refusal for ConditionError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Dates(errors) => Problem::invalid(errors),
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
) -> Result<Vec<Condition>, ConditionError> {
    let (patient, mut found) = pipelined!(
        crate::patients::store::find(transaction, patient_id),
        store::list(transaction, patient_id, updated_since, window),
    )?;
    let patient = patient.ok_or(ConditionError::NotFound)?;
    if found.is_empty() {
        // Who learns that there is nothing has learnt something of this patient.
        transaction.touch("patient", patient.id, patient.id);
    } else {
        let touched = found
            .iter()
            .map(|found| (found.id.uuid(), found.patient_id.uuid()));
        transaction.touch_all("condition", touched);
    }
    for one in &mut found {
        one.patient_id = patient.id;
    }
    Ok(found)
}

async fn read(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    id: ConditionId,
) -> Result<Condition, ConditionError> {
    let (patient, found) = pipelined!(
        crate::patients::store::find(transaction, patient_id),
        store::find(transaction, patient_id, id),
    )?;
    let (patient, mut found) = patient.zip(found).ok_or(ConditionError::NotFound)?;
    transaction.touch("condition", id, found.patient_id);
    found.patient_id = patient.id;
    Ok(found)
}

async fn record(
    transaction: &Transaction<'_, Record>,
    patient_id: PatientId,
    details: &ConditionDetails,
) -> Result<Condition, ConditionError> {
    let now = transaction.now();
    details.check(now)?;
    let person_id = person_id(transaction, patient_id).await?;
    let patient_id = person_id.ok_or(ConditionError::NotFound)?;
    let recorded = Condition {
        id: ConditionId::fresh(now),
        patient_id,
        details: details.clone(),
        version: Version::FIRST,
        updated_at: now,
    };
    store::insert(transaction, &recorded).await?;
    transaction.touch("condition", recorded.id, patient_id);
    Ok(recorded)
}

async fn change(
    transaction: &Transaction<'_, Change>,
    (patient_id, id): (PatientId, ConditionId),
    if_match: &IfMatch,
    changes: &ConditionChanges,
) -> Result<Condition, ConditionError> {
    let mut condition = store::lock(transaction, patient_id, id)
        .await?
        .ok_or(ConditionError::NotFound)?;
    if_match.require(condition.version)?;
    let details = &mut condition.details;
    if let Some(value) = &changes.code {
        details.code.clone_from(value);
    }
    if let Some(value) = &changes.text {
        details.text.clone_from(value);
    }
    details.onset_on = changes.onset_on.unwrap_or(details.onset_on);
    details.resolved_on = changes.resolved_on.unwrap_or(details.resolved_on);
    details.check(transaction.now())?;
    condition.version = condition.version.next();
    condition.updated_at = transaction.now();
    store::update(transaction, &condition).await?;
    transaction.touch("condition", id, condition.patient_id);
    let person_id = person_id(transaction, patient_id).await?;
    condition.patient_id = person_id.unwrap_or(condition.patient_id);
    Ok(condition)
}

impl ConditionDetails {
    fn check(&self, now: DateTime<Utc>) -> Result<(), ConditionError> {
        // Somewhere it is tomorrow already.
        let today = now.date_naive().succ_opt().unwrap_or(NaiveDate::MAX);
        let mut errors = Vec::new();
        for (pointer, date) in [
            ("/onset_on", self.onset_on),
            ("/resolved_on", self.resolved_on),
        ] {
            if date.is_some_and(|date| date > today) {
                errors.push(FieldError::new(pointer, "lies in the future"));
            }
        }
        if self
            .onset_on
            .zip(self.resolved_on)
            .is_some_and(|(onset, resolved)| resolved < onset)
        {
            errors.push(FieldError::new("/resolved_on", "lies before onset_on"));
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(ConditionError::Dates(errors))
        }
    }
}
