//! The steps of the day: the patient confirms, arrives, is shown to a room, is seen, is done; or
//! does not come.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::etag::IfMatch;
use crate::platform::problem::{Problem, ProblemType, Refusal};
use crate::practice::{RoomId, open_times};

use super::appointment::{Act, Appointment, AppointmentId, Status, WrongStatus};
use super::calendars::Whom;
use super::change::{self, ChangeError, MoveError};
use super::place::{self, BookError, Claim, ResourceKind, Taken};
use super::refusals::{BOOKING_RULE, BookingRule, WRONG_STATUS};
use super::store::{self, Cause};

action!(
    /// Recording the steps of an appointment.
    Attend, "appointments.attend", appointments, [Admin, FrontDesk, Provider, Assistant]
);

/// A step that takes nothing but the appointment itself.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Confirm,
    CheckIn,
    Start,
    Complete,
}

/// Why an appointment was not recorded as missed.
#[derive(Debug, thiserror::Error)]
pub(super) enum MissError {
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error("it has not begun")]
    NotBegun,
}

impl From<WrongStatus> for MissError {
    fn from(refused: WrongStatus) -> Self {
        Self::Change(refused.into())
    }
}

impl From<DatabaseError> for MissError {
    fn from(error: DatabaseError) -> Self {
        Self::Change(error.into())
    }
}

impl Refusal for MissError {
    const TYPES: &'static [&'static ProblemType] = &[&WRONG_STATUS, &BOOKING_RULE];

    fn problem(self) -> Problem {
        match self {
            Self::Change(error) => error.problem(),
            Self::NotBegun => BookingRule::NotBegun.problem(),
        }
    }
}

/// Records a step.
pub(super) async fn attend(
    transaction: &Transaction<'_, Attend>,
    id: AppointmentId,
    if_match: &IfMatch,
    step: Step,
) -> Result<Appointment, ChangeError> {
    let appointment = change::lock(transaction, id, if_match).await?;
    let now = transaction.now();
    let change = match step {
        Step::Confirm => appointment.confirm(now)?,
        Step::CheckIn => appointment.check_in(now)?,
        Step::Start => appointment.start(now)?,
        Step::Complete => appointment.complete(now)?,
    };
    Ok(change::record(transaction, change).await?)
}

/// Records that the patient did not come, which can be said once it has begun; what is left of the
/// time is for others.
pub(super) async fn miss(
    transaction: &Transaction<'_, Attend>,
    id: AppointmentId,
    if_match: &IfMatch,
    note: Option<&str>,
) -> Result<Appointment, MissError> {
    let appointment = change::lock(transaction, id, if_match).await?;
    let now = transaction.now();
    let change = appointment.miss(now)?.told(note, None);
    if now < appointment.place.starts_at {
        return Err(MissError::NotBegun);
    }
    store::release(transaction, id, None).await?;
    open_times(transaction, &[appointment.opening()], now).await?;
    Ok(change::record(transaction, change).await?)
}

/// Shows the patient to a room: the one that is named, or the one that was booked. Another room
/// than the booked one is taken in its stead.
pub(super) async fn show_to_room(
    transaction: &Transaction<'_, Attend>,
    id: AppointmentId,
    if_match: &IfMatch,
    room_id: Option<RoomId>,
) -> Result<Appointment, MoveError> {
    let appointment = change::lock(transaction, id, if_match).await?;
    let change = appointment.show_to_room(room_id, transaction.now())?;
    if room_id.is_some_and(|room_id| Some(room_id) != appointment.place.room_id) {
        change_room(transaction, &appointment, room_id).await?;
    }
    Ok(change::record(transaction, change).await?)
}

/// Gives up the room of an appointment, and takes this one in its stead.
pub(super) async fn change_room(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    room_id: Option<RoomId>,
) -> Result<(), MoveError> {
    let location_id = appointment.place.location_id;
    let Some(room_id) = room_id else {
        return Ok(store::release(transaction, appointment.id, Some(ResourceKind::Room)).await?);
    };
    let known = store::known(transaction, location_id, Some(room_id)).await?;
    if !known.room {
        return Err(BookError::Unknown(vec!["/room_id"]).into());
    }
    if !known.is_room_in_use {
        return Err(BookError::taken(vec![ResourceKind::Room]).into());
    }
    let appointment_type = change::type_of(transaction, appointment).await?;
    let place = change::place_of(appointment, &appointment_type);
    let span = place.ok_or(ChangeError::NotFound)?.blocked;
    let claim = Claim {
        kind: ResourceKind::Room,
        resource_id: room_id.uuid(),
        span,
        location_id: Some(location_id),
        // The rest of a group may be there already, or come after.
        seat: store::seat_of(transaction, appointment.id).await?,
    };
    store::release(transaction, appointment.id, Some(ResourceKind::Room)).await?;
    store::clear_expired(transaction, &[room_id.uuid()], &span).await?;
    let lost = place::attempt(transaction, Cause::Appointment(appointment.id), &[claim]).await?;
    if lost.is_empty() {
        Ok(())
    } else {
        let moved = Whom {
            moved_ids: vec![appointment.id],
            ..Whom::default()
        };
        let conflicts = store::conflicts(transaction, &[room_id.uuid()], &span, &moved).await?;
        let taken = Taken {
            kinds: lost,
            conflicts,
        };
        Err(BookError::Taken(taken).into())
    }
}

/// The visit for an appointment begins. Whoever is seen has arrived, so that a check-in that
/// nobody recorded is made up for; an appointment that has begun stays as it is.
pub(crate) async fn begin_visit(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
) -> Result<Appointment, ChangeError> {
    let now = transaction.now();
    let mut appointment = store::lock(transaction, id)
        .await?
        .ok_or(ChangeError::NotFound)?;
    if appointment.status == Status::InProgress {
        transaction.touch("appointment", id, appointment.patient_id);
        return Ok(appointment);
    }
    if appointment.status.after(Act::CheckIn).is_some() {
        appointment = change::record(transaction, appointment.check_in(now)?).await?;
    }
    Ok(change::record(transaction, appointment.start(now)?).await?)
}

/// Keeps the steps of an appointment as they are until this transaction ends: its visit is signed
/// in it, and no step can be taken back after that.
pub(crate) async fn keep_steps(transaction: &OpenTransaction<'_>, id: AppointmentId) -> Stored<()> {
    store::lock(transaction, id).await?;
    Ok(())
}
