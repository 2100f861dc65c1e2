//! Opening a visit, and finding an open one to record under.

use crate::patients::{PatientId, person_id};
use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};
use crate::practice::{LocationId, ProviderId};
use crate::scheduling::{AppointmentId, ChangeError, RecordStep, begin_visit};

use super::store::{self, NewVisit};
use super::visit::{Visit, VisitId};

action!(
    /// Opening a visit.
    Open, "visits.open", record, [Provider, Assistant]
);

impl May<RecordStep> for Open {}

/// Where a visit comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arrival {
    /// Someone who was expected.
    Appointment(AppointmentId),
    /// Someone who walked in.
    WalkIn {
        patient_id: PatientId,
        provider_id: ProviderId,
        location_id: LocationId,
    },
}

/// Why no visit was opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("the appointment has a visit already")]
    Exists(VisitId),
    #[error("names what is not there")]
    Unknown(Vec<FieldError>),
    #[error(transparent)]
    Appointment(ChangeError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static VISIT_EXISTS: ProblemType =
    ProblemType::new("visit-exists", 409, "The appointment has a visit already");
/// What scheduling answers for an appointment that is over; here for the document.
static WRONG_STATUS: ProblemType = ProblemType::new(
    "wrong-status",
    409,
    "This does not apply where the appointment stands",
);

impl Refusal for OpenError {
    const TYPES: &'static [&'static ProblemType] = &[&VISIT_EXISTS, &WRONG_STATUS];

    fn problem(self) -> Problem {
        match self {
            Self::Exists(visit_id) => Problem::new(&VISIT_EXISTS).member("visit_id", visit_id),
            Self::Unknown(errors) => Problem::invalid(errors),
            Self::Appointment(refused) => refused.problem(),
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
        Arrival::WalkIn {
            patient_id,
            provider_id,
            location_id,
        } => {
            let person_id = person_id(transaction, patient_id).await?;
            let visit = NewVisit {
                patient_id: person_id.unwrap_or(patient_id),
                provider_id,
                location_id,
                appointment_id: None,
            };
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
    appointment_id: AppointmentId,
) -> Result<NewVisit, OpenError> {
    // It locks the appointment, so that a second visit cannot come in between.
    let begun = begin_visit(transaction, appointment_id).await;
    if let Some(visit_id) = store::of_appointment(transaction, appointment_id).await? {
        return Err(OpenError::Exists(visit_id));
    }
    match begun {
        Ok(appointment) => Ok(NewVisit {
            patient_id: appointment.patient_id,
            provider_id: appointment.place.provider_id,
            location_id: appointment.place.location_id,
            appointment_id: Some(appointment_id),
        }),
        Err(ChangeError::NotFound) => {
            let error = FieldError::new("/appointment_id", "names no appointment here");
            Err(OpenError::Unknown(vec![error]))
        }
        Err(refused) => Err(OpenError::Appointment(refused)),
    }
}

/// An open visit, held so that nobody signs it before the transaction is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenVisit {
    pub(crate) id: VisitId,
    /// The record it is written to, and what is recorded under it with it.
    pub(crate) patient_id: PatientId,
    /// The person who is seen.
    pub(crate) person_id: PatientId,
    pub(crate) provider_id: ProviderId,
    pub(crate) location_id: LocationId,
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
pub(crate) async fn open_visit(
    transaction: &OpenTransaction<'_>,
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
