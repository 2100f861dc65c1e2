//! Opening a visit.

use crate::patients::{PatientId, person_id};
use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal};
use crate::practice::{LocationId, ProviderId};
use crate::scheduling::{AppointmentId, BOOKING_RULE, ChangeError, RecordStep, begin_visit};

use super::store;
use super::visit::{NewVisit, Visit, VisitId};

action!(
    /// Opening a visit.
    Open, "visits.open", record, [Provider, Assistant]
);

impl May<RecordStep> for Open {}

/// Where a visit comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arrival {
    /// A patient with an appointment.
    Appointment(AppointmentId),
    /// A patient without an appointment.
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
    #[error("an id in the body names nothing in this practice")]
    Unknown(Vec<FieldError>),
    #[error(transparent)]
    Appointment(ChangeError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static VISIT_EXISTS: ProblemType =
    ProblemType::new("visit-exists", 409, "The appointment has a visit already");
/// The refusal of scheduling for an appointment that is over, repeated here for the document.
static WRONG_STATUS: ProblemType = ProblemType::new(
    "wrong-status",
    409,
    "This does not apply where the appointment stands",
);

impl Refusal for OpenError {
    const TYPES: &'static [&'static ProblemType] = &[&VISIT_EXISTS, &WRONG_STATUS, &BOOKING_RULE];

    fn problem(self) -> Problem {
        match self {
            Self::Exists(visit_id) => Problem::new(&VISIT_EXISTS).member("visit_id", visit_id),
            Self::Unknown(errors) => Problem::invalid(errors),
            Self::Appointment(refused) => refused.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Opens a visit. An appointment gives one visit.
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
    // `begin_visit` locks the appointment, so that a second visit cannot be opened meanwhile.
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
