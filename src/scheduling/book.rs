//! Booking an appointment.

use chrono::{DateTime, Utc};

use crate::patients::PatientId;
use crate::platform::access::{Role, action};
use crate::platform::database::OpenTransaction;
use crate::platform::etag::Version;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, RoomId};

use super::appointment::{Appointment, AppointmentId, Milestones, Place, Status};
use super::hold::HoldId;
use super::place::{self, BookError, Wanted};
use super::store::{self, Cause};

action!(
    /// Booking an appointment; patients book for themselves.
    Book, "appointments.book", patients, [Admin, FrontDesk, Provider, Assistant, Patient]
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
    /// Why staff book against hours, grid or times; nothing overrides that a time is taken.
    pub(crate) override_reason: Option<String>,
}

/// Books, or says why not. Whoever wins has provider, room and patient for themselves.
pub(crate) async fn book(
    transaction: &OpenTransaction<'_>,
    command: &BookAppointment,
) -> Result<Appointment, BookError> {
    let is_patient = transaction.principal().role == Role::Patient;
    if is_patient && command.override_reason.is_some() {
        return Err(BookError::StaffOnly);
    }
    let mut wanted = command.wanted();
    let checked = place::look_up(transaction, &wanted, Some(command.patient_id)).await?;
    let mut unknown = checked.unknown;
    if let Some(hold_id) = command.hold_id {
        match store::consume_hold(transaction, hold_id, &wanted).await? {
            Some(held_room_id) => wanted.room_id = wanted.room_id.or(held_room_id),
            None => unknown.push("/hold_id"),
        }
    }
    if !unknown.is_empty() {
        return Err(BookError::Unknown(unknown));
    }
    let (chosen, _) = place::choose(transaction, &wanted, &checked.appointment_type).await?;
    let mut booked = command.appointment(transaction.now(), &chosen);
    booked.patient_id = checked.person_id.unwrap_or(command.patient_id);
    store::insert(transaction, &booked).await?;
    let cause = Cause::Appointment(booked.id);
    let room_id = place::take(transaction, cause, Some(command.patient_id), &chosen).await?;
    if room_id != booked.place.room_id {
        booked.place.room_id = room_id;
        store::set_room(transaction, booked.id, room_id).await?;
    }
    store::record(transaction, &booked.booking()).await?;
    transaction.touch("appointment", booked.id, booked.patient_id);
    Ok(booked)
}

impl BookAppointment {
    fn wanted(&self) -> Wanted {
        Wanted {
            appointment_type_id: self.appointment_type_id,
            provider_id: self.provider_id,
            location_id: self.location_id,
            starts_at: self.starts_at,
            room_id: self.room_id,
            is_overridden: self.override_reason.is_some(),
            whom: self.patient_id.into(),
        }
    }

    fn appointment(&self, now: DateTime<Utc>, chosen: &place::Chosen) -> Appointment {
        Appointment {
            id: AppointmentId::fresh(now),
            patient_id: self.patient_id,
            appointment_type_id: self.appointment_type_id,
            place: Place {
                provider_id: self.provider_id,
                location_id: self.location_id,
                room_id: chosen.rooms.first().copied(),
                starts_at: chosen.span.starts_at(),
                ends_at: chosen.span.ends_at(),
            },
            status: Status::Booked,
            reason: self.reason.clone(),
            override_reason: self.override_reason.clone(),
            cancellation: None,
            milestones: Milestones::default(),
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        }
    }
}
