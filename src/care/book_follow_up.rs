//! Making the appointment that a follow-up asks for.

use chrono::{DateTime, Utc};

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, type_names};
use crate::scheduling::{AppointmentStanding, Book, BookAppointment, BookError, book};

use super::follow_up::FollowUpId;
use super::follow_up_status::WrongStatus;
use super::listed_follow_up::ListedFollowUp;
use super::refusals::{WRONG_STATUS, joined, wrong_status};
use super::store;

action!(
    /// Booking the appointment of a follow-up; patients book their own by the rules for patients.
    BookFollowUp, "follow_ups.book", record, [FrontDesk, Provider, Assistant, Patient]
);

impl May<Book> for BookFollowUp {}

/// The time, the location and the provider that are wanted.
pub(crate) struct FollowUpAppointment {
    pub(super) starts_at: DateTime<Utc>,
    pub(super) provider_id: ProviderId,
    pub(super) location_id: LocationId,
    pub(super) appointment_type_id: Option<AppointmentTypeId>,
    /// Why staff book against the rules.
    pub(super) override_reason: Option<String>,
}

/// Why the appointment was not booked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BookFollowUpError {
    #[error("no such follow-up")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    WrongStatus(#[from] WrongStatus),
    #[error("the practice has no type of appointment for it")]
    NoAppointmentType,
    #[error("the appointment was not booked")]
    Appointment(BookError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for BookFollowUpError {
    const TYPES: &'static [&'static ProblemType] =
        &joined::<{ BookError::TYPES.len() + 1 }>(BookError::TYPES, &WRONG_STATUS);

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::WrongStatus(wrong) => wrong_status(wrong),
            Self::NoAppointmentType => Problem::field(
                "/appointment_type_id",
                "is required: no type of appointment suits a follow-up by itself",
            ),
            Self::Appointment(error) => error.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Books the appointment and records it at the follow-up, in one transaction.
pub(crate) async fn book_follow_up(
    transaction: &Transaction<'_, BookFollowUp>,
    id: FollowUpId,
    if_match: &IfMatch,
    wanted: &FollowUpAppointment,
) -> Result<ListedFollowUp, BookFollowUpError> {
    let listed = store::follow_ups::lock(transaction, id).await?;
    let ListedFollowUp { follow_up, person } = listed.ok_or(BookFollowUpError::NotFound)?;
    if_match.require(follow_up.version)?;
    follow_up.check_bookable(transaction.now())?;
    let appointment_type_id = match wanted.appointment_type_id {
        Some(id) => id,
        None => usual_appointment_type(transaction)
            .await?
            .ok_or(BookFollowUpError::NoAppointmentType)?,
    };
    let command = BookAppointment {
        patient_id: follow_up.patient_id,
        appointment_type_id,
        provider_id: wanted.provider_id,
        location_id: wanted.location_id,
        starts_at: wanted.starts_at,
        room_id: None,
        hold_id: None,
        reason: Some(follow_up.reason.clone()),
        note: None,
        override_reason: wanted.override_reason.clone(),
    };
    let booked = book(transaction, &command)
        .await
        .map_err(BookFollowUpError::Appointment)?;
    let appointment = AppointmentStanding::from(&booked);
    let follow_up = follow_up.book(appointment, transaction.now())?.follow_up;
    store::follow_ups::record(transaction, &follow_up).await?;
    transaction.touch("follow_up", id, follow_up.patient_id);
    Ok(ListedFollowUp { follow_up, person })
}

/// The type of appointment that a follow-up is booked as unless the caller names one: a type called
/// follow-up, else the shortest that is not for new patients.
async fn usual_appointment_type(
    transaction: &OpenTransaction<'_>,
) -> Stored<Option<AppointmentTypeId>> {
    let types = type_names(transaction).await?;
    let first = |fits: fn(&str) -> bool| {
        let mut types = types.iter();
        let found = types.find(|(_, name)| fits(&name.to_lowercase()));
        found.map(|(id, _)| *id)
    };
    Ok(first(|name| name.contains("follow")).or_else(|| first(|name| !name.contains("new"))))
}
