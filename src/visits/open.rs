//! Opening a visit.

use chrono::{DateTime, Utc};

use crate::patients::{PatientId, person_id};
use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{self, FieldError, Member, Problem, ProblemType, Refusal, Shape};
use crate::practice::{LocationId, ProviderId};
use crate::scheduling::{AppointmentId, BOOKING_RULE, ChangeError, RecordStep, begin_visit};

use super::late_entry::ClinicalTime;
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

/// When a visit began that is entered later than it happened, and why.
#[derive(Debug, Clone, Default)]
pub(crate) struct LateEntry {
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) reason: Option<String>,
}

/// Why no visit was opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("the appointment has a visit already")]
    Exists(VisitId),
    #[error("a field of the body is wrong")]
    Unknown(Vec<FieldError>),
    #[error(transparent)]
    Appointment(ChangeError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static VISIT_EXISTS: ProblemType =
    ProblemType::new("visit-exists", 409, "The appointment has a visit already").with(&[
        Member::new("visit_id", Shape::Id, "The visit of the appointment."),
    ]);
impl Refusal for OpenError {
    const TYPES: &'static [&'static ProblemType] =
        &[&VISIT_EXISTS, &problem::WRONG_STATUS, &BOOKING_RULE];

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
    late_entry: &LateEntry,
) -> Result<Visit, OpenError> {
    let time = ClinicalTime {
        not_before: None,
        now: transaction.now(),
        is_late_entry: late_entry.reason.is_some(),
    };
    let started_at = time.accept(late_entry.started_at, "/started_at");
    let began = Began {
        started_at: started_at.map_err(|fault| OpenError::Unknown(vec![fault]))?,
        late_entry_reason: late_entry.reason.clone(),
    };
    let visit = match arrival {
        Arrival::Appointment(appointment_id) => {
            expected(transaction, appointment_id, began).await?
        }
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
                started_at: began.started_at,
                late_entry_reason: began.late_entry_reason,
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

/// When a visit began, and why it is entered later.
struct Began {
    started_at: DateTime<Utc>,
    late_entry_reason: Option<String>,
}

async fn expected(
    transaction: &Transaction<'_, Open>,
    appointment_id: AppointmentId,
    began: Began,
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
            started_at: began.started_at,
            late_entry_reason: began.late_entry_reason,
        }),
        Err(ChangeError::NotFound) => {
            let error = FieldError::new("/appointment_id", "names no appointment here");
            Err(OpenError::Unknown(vec![error]))
        }
        Err(refused) => Err(OpenError::Appointment(refused)),
    }
}
