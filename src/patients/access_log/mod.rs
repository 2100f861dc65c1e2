//! Who read or changed what, newest first: of one patient, as patients and auditors ask for it, and
//! of the whole practice, for auditors alone. Asking is an act that leaves a row itself.

mod routes;
mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::{May, action};
use crate::platform::audit::{ActorRole, AuditOutcome};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::platform::trail::{TrailKey, Verified, VerifyTrail, verify_trail};

pub(super) use routes::configure;

use super::patient::PatientId;

action!(
    /// Reading who read or changed a patient's record.
    Read, "access_log.read", trail, [Patient, Auditor]
);

action!(
    /// Reading who did what in the practice.
    ReadEvents, "audit_events.read", trail, [Auditor]
);

action!(
    /// Verifying that the trail was not changed.
    Verify, "audit_events.verify", trail, [Auditor]
);

impl May<VerifyTrail> for Verify {}

/// Act and number of the row before a page: an act on many records is as many rows.
type AccessKey = (Uuid, i64);

/// What was done with one record, or with a list that came back empty.
struct Access {
    id: Uuid,
    at: DateTime<Utc>,
    actor_user_id: Uuid,
    /// Nothing when the account is gone.
    actor_name: Option<String>,
    actor_role: ActorRole,
    /// The user for whom a service account acted.
    on_behalf_of: Option<Uuid>,
    on_behalf_of_name: Option<String>,
    action: String,
    outcome: AuditOutcome,
    resource_type: String,
    resource_id: Option<Uuid>,
    patient_id: Option<Uuid>,
    request_id: String,
    /// Which record of the act it is.
    number: i64,
}

/// Why an access log was not read.
#[derive(Debug, thiserror::Error)]
enum AccessLogError {
    #[error("no such patient")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for AccessLogError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

async fn list(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    window: &Window<AccessKey>,
) -> Result<Vec<Access>, AccessLogError> {
    let patient = super::store::find(transaction, patient_id).await?;
    if patient.is_none() {
        return Err(AccessLogError::NotFound);
    }
    transaction.touch("access_log", patient_id, patient_id);
    Ok(store::list_of_patient(transaction, patient_id, window).await?)
}

/// Whose part of the trail is read.
#[derive(Debug, Clone, Copy)]
enum AskedFor {
    Everything,
    Patient(PatientId),
    /// What one user did.
    User(Uuid),
}

async fn list_events(
    transaction: &Transaction<'_, ReadEvents>,
    asked: AskedFor,
    window: &Window<AccessKey>,
) -> Result<Vec<Access>, DatabaseError> {
    transaction.touch_all("audit_event", []);
    match asked {
        AskedFor::Patient(patient_id) => {
            store::list_of_patient(transaction, patient_id, window).await
        }
        AskedFor::User(user_id) => store::list(transaction, Some(user_id), window).await,
        AskedFor::Everything => store::list(transaction, None, window).await,
    }
}

async fn verify(
    transaction: &Transaction<'_, Verify>,
    key: &TrailKey,
    kept: Option<&str>,
) -> Result<Verified, DatabaseError> {
    transaction.touch_all("audit_event", []);
    verify_trail(transaction, key, kept).await
}
