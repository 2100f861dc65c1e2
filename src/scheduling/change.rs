//! What every change of an appointment starts and ends with: the lock, and the record.

use chrono::TimeDelta;

use crate::platform::access::Role;
use crate::platform::database::{DatabaseError, OpenTransaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::intervals::Interval;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::practice::{AppointmentType, find_appointment_type};

use super::allowed_acts::is_nearer_than;
use super::another_day::AnotherDay;
use super::appointment::{Appointment, AppointmentId, Change};
use super::appointment_status::WrongStatus;
use super::book_error::BookError;
use super::chosen::Chosen;
use super::group::GroupOf;
use super::load_calendars::appointment_rules;
use super::refusals::{BOOKING_RULE, BookingRule, OUTSIDE_AVAILABILITY, SLOT_TAKEN, WRONG_STATUS};
use super::store;

/// Why an appointment was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    #[error("no such appointment")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    WrongStatus(#[from] WrongStatus),
    #[error("the appointment is on another day")]
    AnotherDay(AnotherDay),
    #[error("the appointment is not affected")]
    NotAffected,
    #[error("only staff change {0}")]
    StaffOnly(&'static str),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ChangeError {
    const TYPES: &'static [&'static ProblemType] = &[&WRONG_STATUS, &BOOKING_RULE];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::WrongStatus(refused) => refused.problem(),
            Self::AnotherDay(day) => day.problem(),
            Self::NotAffected => Problem::new(&problem::NOT_FOUND).detail(
                "This appointment is not on the list of affected appointments, or no longer; \
                 use reschedule or cancel instead.",
            ),
            Self::StaffOnly(field) => Problem::new(&problem::NOT_ALLOWED).detail(format!(
                "Only staff can change {field}; leave it out, or call the practice."
            )),
            Self::Database(error) => error.into(),
        }
    }
}

/// Why an appointment was not moved, or not brought back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MoveError {
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error(transparent)]
    Book(#[from] BookError),
}

impl From<WrongStatus> for MoveError {
    fn from(refused: WrongStatus) -> Self {
        Self::Change(refused.into())
    }
}

impl From<DatabaseError> for MoveError {
    fn from(error: DatabaseError) -> Self {
        Self::Change(error.into())
    }
}

impl Refusal for MoveError {
    const TYPES: &'static [&'static ProblemType] = &[
        &WRONG_STATUS,
        &SLOT_TAKEN,
        &OUTSIDE_AVAILABILITY,
        &BOOKING_RULE,
    ];

    fn problem(self) -> Problem {
        match self {
            Self::Change(error) => error.problem(),
            Self::Book(error) => error.problem(),
        }
    }
}

/// Locks the appointment, and requires the version that the caller read.
pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
    if_match: &IfMatch,
) -> Result<Appointment, ChangeError> {
    let appointment = store::lock(transaction, id)
        .await?
        .ok_or(ChangeError::NotFound)?;
    if_match.require(appointment.version)?;
    Ok(appointment)
}

/// Records the change and returns the appointment after it.
pub(super) async fn record(
    transaction: &OpenTransaction<'_>,
    change: Change,
) -> Result<Appointment, DatabaseError> {
    store::record(transaction, &change).await?;
    let after = change.after();
    transaction.touch("appointment", after.id, after.patient_id);
    Ok(after.clone())
}

/// The type of an appointment.
pub(super) async fn type_of(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
) -> Result<AppointmentType, ChangeError> {
    // Unreachable for readable rows: a foreign key guarantees that the type exists.
    let found = find_appointment_type(transaction, appointment.appointment_type_id).await?;
    found.ok_or(ChangeError::NotFound)
}

/// Refuses patients who cancel or move after the cut-off of the type.
pub(super) fn require_before_cutoff(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    appointment_type: &AppointmentType,
) -> Result<(), BookError> {
    let is_patient = transaction.principal().role == Role::Patient;
    if is_patient && is_past_cutoff(transaction, appointment, appointment_type) {
        return Err(BookError::Rule(BookingRule::CancelCutoff));
    }
    Ok(())
}

/// Whether the cut-off of the type has passed.
pub(super) fn is_past_cutoff(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    appointment_type: &AppointmentType,
) -> bool {
    let cutoff_minutes = appointment_type.rules.cancel_cutoff_minutes;
    is_nearer_than(transaction, &appointment.standing(), cutoff_minutes.into())
}

/// The place that the appointment has or had, with the buffers of its type, to be taken again.
pub(super) fn place_of(
    appointment: &Appointment,
    appointment_type: &AppointmentType,
) -> Option<Chosen> {
    let place = appointment.place;
    let rules = appointment_rules(&appointment_type.rules);
    let before = TimeDelta::minutes(i64::from(rules.buffer_before_minutes));
    let after = TimeDelta::minutes(i64::from(rules.buffer_after_minutes));
    Some(Chosen {
        provider_id: place.provider_id,
        span: Interval::new(place.starts_at, place.ends_at)?,
        blocked: Interval::new(place.starts_at - before, place.ends_at + after)?,
        rooms: place.room_id.into_iter().collect(),
        seats: rules.all_seats(),
        group: GroupOf {
            appointment_type_id: appointment_type.id,
            location_id: place.location_id,
        },
    })
}
