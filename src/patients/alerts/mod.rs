//! Alerts: what everybody who opens a record must see at once.
//!
//! An alert is a banner, which says what to do, and a detail, which says why. The front desk sees
//! banners only. Providers and assistants write them, admins read, patients read their own.

mod routes;
mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::{Role, action};
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
    /// Names an alert.
    pub(crate) struct AlertId
}

text_enum! {
    /// How loudly an alert is shown.
    pub(crate) enum AlertSeverity {
        Info = "info",
        Caution = "caution",
        Critical = "critical",
    }
}

action!(
    /// Reading a patient's alerts; the front desk reads the banners.
    Read, "alerts.read", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Recording an alert.
    Record, "alerts.record", record, [Provider, Assistant]
);
action!(
    /// Correcting or ending an alert.
    Change, "alerts.change", record, [Provider, Assistant]
);

/// What everybody who opens a record must see at once.
struct Alert {
    id: AlertId,
    /// The record it was written to.
    patient_id: PatientId,
    details: AlertDetails,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// What is known of an alert.
#[derive(Clone)]
struct AlertDetails {
    /// The line that is shown, to the front desk too.
    banner: String,
    /// How loudly it is shown.
    severity: AlertSeverity,
    /// The clinical reason; hidden from the front desk.
    detail: Option<String>,
    /// When it no longer applied.
    ended_at: Option<DateTime<Utc>>,
}

/// What is to be changed: nothing where nothing is said, cleared where `Some(None)`.
struct AlertChanges {
    banner: Option<String>,
    severity: Option<AlertSeverity>,
    detail: Option<Option<String>>,
    ended_at: Option<Option<DateTime<Utc>>>,
}

/// Why an alert was not read, recorded or changed.
#[derive(Debug, thiserror::Error)]
enum AlertError {
    #[error("no such patient, or nothing of that id")]
    NotFound,
    #[error("content that cannot be")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for AlertError {
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
) -> Result<Vec<Alert>, AlertError> {
    let (patient, mut found) = pipelined!(
        super::store::find(transaction, patient_id),
        store::list(transaction, patient_id, updated_since, window),
    )?;
    let patient = patient.ok_or(AlertError::NotFound)?;
    if found.is_empty() {
        // Who learns that there is nothing has learnt something of this patient.
        transaction.touch("patient", patient.id, patient.id);
    } else {
        let touched = found
            .iter()
            .map(|found| (found.id.uuid(), found.patient_id.uuid()));
        transaction.touch_all("alert", touched);
    }
    for one in &mut found {
        one.patient_id = patient.id;
        one.narrow_to(transaction.principal().role);
    }
    Ok(found)
}

async fn read(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    id: AlertId,
) -> Result<Alert, AlertError> {
    let (patient, found) = pipelined!(
        super::store::find(transaction, patient_id),
        store::find(transaction, patient_id, id),
    )?;
    let (patient, mut found) = patient.zip(found).ok_or(AlertError::NotFound)?;
    transaction.touch("alert", id, found.patient_id);
    found.patient_id = patient.id;
    found.narrow_to(transaction.principal().role);
    Ok(found)
}

async fn record(
    transaction: &Transaction<'_, Record>,
    patient_id: PatientId,
    details: &AlertDetails,
) -> Result<Alert, AlertError> {
    let now = transaction.now();
    let patient = super::store::find(transaction, patient_id).await?;
    let patient = patient.ok_or(AlertError::NotFound)?;
    details.check(now)?;
    let recorded = Alert {
        id: AlertId::fresh(now),
        patient_id: patient.id,
        details: details.clone(),
        version: Version::FIRST,
        updated_at: now,
    };
    store::insert(transaction, &recorded).await?;
    transaction.touch("alert", recorded.id, patient.id);
    Ok(recorded)
}

async fn change(
    transaction: &Transaction<'_, Change>,
    (patient_id, id): (PatientId, AlertId),
    if_match: &IfMatch,
    changes: &AlertChanges,
) -> Result<Alert, AlertError> {
    let patient = super::store::find(transaction, patient_id).await?;
    let patient = patient.ok_or(AlertError::NotFound)?;
    let mut alert = store::lock(transaction, patient_id, id)
        .await?
        .ok_or(AlertError::NotFound)?;
    if_match.require(alert.version)?;
    changes.apply(&mut alert.details);
    alert.details.check(transaction.now())?;
    alert.version = alert.version.next();
    alert.updated_at = transaction.now();
    store::update(transaction, &alert).await?;
    transaction.touch("alert", id, alert.patient_id);
    alert.patient_id = patient.id;
    Ok(alert)
}

impl Alert {
    /// Leaves what the role may see: the front desk has no business with clinical reasons.
    fn narrow_to(&mut self, role: Role) {
        if role == Role::FrontDesk {
            self.details.detail = None;
        }
    }
}

impl AlertChanges {
    fn apply(&self, details: &mut AlertDetails) {
        if let Some(value) = &self.banner {
            details.banner.clone_from(value);
        }
        details.severity = self.severity.unwrap_or(details.severity);
        if let Some(value) = &self.detail {
            details.detail.clone_from(value);
        }
        details.ended_at = self.ended_at.unwrap_or(details.ended_at);
    }
}

impl AlertDetails {
    fn check(&self, now: DateTime<Utc>) -> Result<(), AlertError> {
        if self.ended_at.is_some_and(|instant| instant > now) {
            let error = FieldError::new("/ended_at", "lies in the future");
            return Err(AlertError::Invalid(vec![error]));
        }
        Ok(())
    }
}
