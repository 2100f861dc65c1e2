//! Booking an appointment.

use chrono::{DateTime, Utc};

use crate::patients::{PatientId, lock_person};
use crate::platform::access::{May, Role, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::etag::Version;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::pipeline::pipelined;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, RoomId, most_booked_ahead};

use super::appointment::{Appointment, AppointmentId, Milestones};
use super::appointment_status::Status;
use super::appointment_view::AppointmentView;
use super::book_error::BookError;
use super::check;
use super::chosen::Chosen;
use super::claim::Cause;
use super::hold::HoldId;
use super::refusals::BookingRule;
use super::store;
use super::take;
use super::wanted::{Claimant, Wanted};

action!(
    /// Booking an appointment; patients book for themselves.
    Book, "appointments.book", appointments, [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// An appointment to be booked.
#[derive(Debug, Clone)]
pub(crate) struct BookAppointment {
    pub(crate) patient_id: PatientId,
    pub(crate) appointment_type_id: AppointmentTypeId,
    pub(crate) provider_id: ProviderId,
    pub(crate) location_id: LocationId,
    pub(crate) starts_at: DateTime<Utc>,
    /// This room and no other; the first free one when none is named and one is needed.
    pub(crate) room_id: Option<RoomId>,
    /// The hold that kept the slot until now; it is used up.
    pub(crate) hold_id: Option<HoldId>,
    /// Why the patient comes.
    pub(crate) reason: Option<String>,
    /// What staff note for each other.
    pub(crate) note: Option<String>,
    /// Why staff book against hours, grid or times; nothing overrides that a time is taken.
    pub(crate) override_reason: Option<String>,
}

/// Books the appointment. Its provider, room and patient are reserved when this returns.
pub(crate) async fn book(
    transaction: &Transaction<'_, impl May<Book>>,
    command: &BookAppointment,
) -> Result<AppointmentView, BookError> {
    let is_patient = transaction.principal().role == Role::Patient;
    if is_patient && (command.override_reason.is_some() || command.note.is_some()) {
        return Err(BookError::StaffOnly);
    }
    book_wanted(transaction, command, command.wanted()).await
}

/// Refuses so many more appointments to a patient who has reached the practice's limit of
/// appointments ahead. Appointments booked by staff do not count, and staff have no limit.
pub(super) async fn require_room_ahead(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    more: i16,
) -> Result<(), BookError> {
    if transaction.principal().role != Role::Patient {
        return Ok(());
    }
    // Lock the person, or concurrent bookings would each miss the others. Taken after the schedule
    // lock; every booking uses this order.
    lock_person(transaction, patient_id).await?;
    let (booked, most) = pipelined!(
        store::count_booked_ahead(transaction, patient_id),
        most_booked_ahead(transaction),
    )?;
    if booked + i64::from(more) > most {
        return Err(BookError::Rule(BookingRule::TooManyAhead));
    }
    Ok(())
}

/// Books after the rules that decide who may override what.
pub(super) async fn book_wanted(
    transaction: &OpenTransaction<'_>,
    command: &BookAppointment,
    mut wanted: Wanted,
) -> Result<AppointmentView, BookError> {
    let claimant = Claimant {
        patient_id: Some(command.patient_id),
        hold_id: command.hold_id,
    };
    let checked = check::look_up(transaction, &mut wanted, claimant).await?;
    if !checked.unknown.is_empty() {
        return Err(BookError::Unknown(checked.unknown));
    }
    if !wanted.is_promised {
        require_room_ahead(transaction, command.patient_id, 1).await?;
    }
    let (chosen, _) = check::choose(transaction, &wanted, &checked).await?;
    let mut booked = command.appointment(transaction.now(), &chosen);
    booked.patient_id = checked.person_id.unwrap_or(command.patient_id);
    win(transaction, booked, &chosen).await
}

/// Writes the appointment, if it wins the time.
pub(super) async fn win(
    transaction: &OpenTransaction<'_>,
    mut booked: Appointment,
    chosen: &Chosen,
) -> Result<AppointmentView, BookError> {
    let id = booked.id;
    let cause = Cause::Appointment(booked.id);
    // One round trip, unless another booking wins the room.
    let ((), room_id, mut view) = pipelined!(
        async { Ok(store::insert(transaction, &booked).await?) },
        take::take_for(transaction, cause, Some(booked.patient_id), chosen),
        async { Ok(store::view(transaction, id).await?) },
    )?;
    if room_id != booked.place.room_id {
        booked.place.room_id = room_id;
        store::set_room(transaction, id, room_id).await?;
        view = store::view(transaction, id).await?;
    }
    store::record(transaction, &booked.booking()).await?;
    transaction.touch("appointment", id, booked.patient_id);
    // Unreachable: a caller who may book for a patient may read the booking.
    let view = view.ok_or_else(|| InconsistentRow::new("appointments", "patient_id", id));
    Ok(view.map_err(DatabaseError::from)?)
}

impl BookAppointment {
    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            appointment_type_id: self.appointment_type_id,
            provider_id: self.provider_id,
            location_id: self.location_id,
            starts_at: self.starts_at,
            duration_minutes: None,
            room_id: self.room_id,
            is_overridden: self.override_reason.is_some(),
            is_promised: false,
            patients: self.patient_id.into(),
        }
    }

    pub(super) fn appointment(&self, now: DateTime<Utc>, chosen: &Chosen) -> Appointment {
        Appointment {
            id: AppointmentId::fresh(now),
            patient_id: self.patient_id,
            appointment_type_id: self.appointment_type_id,
            place: chosen.place(),
            status: Status::Booked,
            reason: self.reason.clone(),
            note: self.note.clone(),
            override_reason: self.override_reason.clone(),
            cancellation: None,
            series: None,
            milestones: Milestones::default(),
            undoable_steps: 0,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        }
    }
}
