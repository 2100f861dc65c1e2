//! Opening a visit, and finding an open one to record under.

use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::{Action, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

use super::store::{self, NewVisit};
use super::visit::{Visit, VisitId};

action!(
    /// Opening a visit.
    Open, "visits.open", patients, [Provider, Assistant]
);

/// Where a visit comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arrival {
    /// Someone who was expected.
    Appointment(Uuid),
    /// Someone who walked in.
    WalkIn { patient_id: PatientId, provider_id: Uuid, location_id: Uuid },
}

/// Why no visit was opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("the appointment has a visit already")]
    Exists(VisitId),
    #[error("names what is not there")]
    Unknown(Vec<FieldError>),
    #[error("the appointment is over")]
    AppointmentOver,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static VISIT_EXISTS: ProblemType =
    ProblemType::new("visit-exists", 409, "The appointment has a visit already");
static APPOINTMENT_OVER: ProblemType =
    ProblemType::new("wrong-status", 409, "The appointment is not in a status that allows this");

impl Refusal for OpenError {
    const TYPES: &'static [&'static ProblemType] = &[&VISIT_EXISTS, &APPOINTMENT_OVER];

    fn problem(self) -> Problem {
        match self {
            Self::Exists(visit_id) => Problem::new(&VISIT_EXISTS).member("visit_id", visit_id),
            Self::Unknown(errors) => Problem::invalid(errors),
            Self::AppointmentOver => Problem::new(&APPOINTMENT_OVER),
            Self::Database(error) => error.into(),
        }
    }
}

/// Opens a visit; an appointment gives one.
pub(crate) async fn open(
    transaction: &Transaction<'_, Open>,
    arrival: Arrival,
) -> Result<Visit, OpenError> {
    let visit = match arrival {
        Arrival::Appointment(appointment_id) => expected(transaction, appointment_id).await?,
        Arrival::WalkIn { patient_id, provider_id, location_id } => {
            let visit = NewVisit { patient_id, provider_id, location_id, appointment_id: None };
            let unknown = store::unknown_references(transaction, &visit).await?;
            if !unknown.is_empty() {
                let error = |field| FieldError::new(field, "names nothing here");
                return Err(OpenError::Unknown(unknown.into_iter().map(error).collect()));
            }
            visit
        }
    };
    let id = VisitId::fresh(transaction.now());
    store::insert(transaction, id, &visit).await?;
    transaction.touch("visit", id, visit.patient_id);
    let opened = store::find(transaction, id).await?;
    opened.ok_or(OpenError::Unknown(Vec::new()))
}

async fn expected(
    transaction: &Transaction<'_, Open>,
    appointment_id: Uuid,
) -> Result<NewVisit, OpenError> {
    let appointment = store::lock_appointment(transaction, appointment_id).await?;
    let Some(appointment) = appointment else {
        let error = FieldError::new("/appointment_id", "names no appointment here");
        return Err(OpenError::Unknown(vec![error]));
    };
    // Under the lock of the appointment: a second visit cannot come in between.
    if let Some(visit_id) = store::of_appointment(transaction, appointment_id).await? {
        return Err(OpenError::Exists(visit_id));
    }
    if appointment.is_over {
        return Err(OpenError::AppointmentOver);
    }
    Ok(appointment.visit)
}

/// An open visit, held so that nobody signs it before the transaction is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenVisit {
    pub(crate) id: VisitId,
    pub(crate) patient_id: PatientId,
    pub(crate) provider_id: Uuid,
    pub(crate) location_id: Uuid,
    pub(crate) started_at: chrono::DateTime<chrono::Utc>,
}

/// Why nothing can be recorded under a visit.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VisitRefused {
    #[error("no such visit")]
    NotFound,
    #[error("the visit is signed and sealed")]
    Sealed,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for VisitRefused {
    const TYPES: &'static [&'static ProblemType] = &[&problem::SEALED];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Sealed => Problem::new(&problem::SEALED),
            Self::Database(error) => error.into(),
        }
    }
}

/// Holds an open visit to record something under it: signing waits, others may record too.
pub(crate) async fn open_visit<A: Action>(
    transaction: &Transaction<'_, A>,
    id: VisitId,
) -> Result<OpenVisit, VisitRefused> {
    if let Some(visit) = store::hold(transaction, id).await? {
        return Ok(visit);
    }
    // Row-level security hides a signed visit from a lock, and not from a plain read.
    match store::find_holder(transaction, id).await? {
        Some(_) => Err(VisitRefused::Sealed),
        None => Err(VisitRefused::NotFound),
    }
}
