//! Making the appointment that a follow-up asks for.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::practice::{AppointmentTypeId, LocationId, ProviderId};
use crate::scheduling::{Book, BookAppointment, BookError, book};

use super::follow_up::{FollowUpId, LinkedAppointment, WrongStatus};
use super::list_follow_ups::ListedFollowUp;
use super::refusals::{WRONG_STATUS, joined, wrong_status};
use super::store;

action!(
    /// Booking the appointment of a follow-up; patients book their own by the rules for patients.
    BookFollowUp, "follow_ups.book", record, [FrontDesk, Provider, Assistant, Patient]
);

impl May<Book> for BookFollowUp {}

/// When, where and with whom.
pub(crate) struct FollowUpAppointment {
    pub(super) starts_at: DateTime<Utc>,
    pub(super) provider_id: ProviderId,
    pub(super) location_id: LocationId,
    pub(super) appointment_type_id: Option<AppointmentTypeId>,
    /// Why staff book against the rules.
    pub(super) override_reason: Option<String>,
}

/// Why nothing was booked.
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

/// Books the appointment and ties the follow-up to it, both or neither.
pub(crate) async fn book_follow_up(
    transaction: &Transaction<'_, BookFollowUp>,
    id: FollowUpId,
    if_match: &IfMatch,
    wanted: &FollowUpAppointment,
) -> Result<ListedFollowUp, BookFollowUpError> {
    let listed = store::follow_ups::lock(transaction, id).await?;
    let follow_up = listed.ok_or(BookFollowUpError::NotFound)?.follow_up;
    if_match.require(follow_up.version)?;
    follow_up.check_bookable(transaction.now())?;
    let appointment_type_id = match wanted.appointment_type_id {
        Some(id) => id,
        None => store::usual_appointment_type(transaction)
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
        override_reason: wanted.override_reason.clone(),
    };
    let appointment = book(transaction, &command)
        .await
        .map_err(BookFollowUpError::Appointment)?
        .appointment;
    let link = LinkedAppointment {
        id: appointment.id.uuid(),
        status: appointment.status.as_str().to_owned(),
        starts_at: appointment.place.starts_at,
        zone: Tz::UTC,
    };
    let booking = follow_up.book(link, transaction.now())?;
    store::follow_ups::record(transaction, &booking.follow_up).await?;
    transaction.touch("follow_up", id, booking.follow_up.patient_id);
    // Read again for the zone of the location it was booked at.
    store::follow_ups::find(transaction, id)
        .await?
        .ok_or(BookFollowUpError::NotFound)
}
