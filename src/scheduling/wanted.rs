//! What a caller wants to book, before anything is checked.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::practice::{AppointmentType, AppointmentTypeId, LocationId, ProviderId, RoomId};

use super::appointment::{Appointment, AppointmentId};
use super::hold::HoldId;

/// The appointment that is wanted: type, provider, location and start.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(super) appointment_type_id: AppointmentTypeId,
    pub(super) provider_id: ProviderId,
    pub(super) location_id: LocationId,
    pub(super) starts_at: DateTime<Utc>,
    /// How long it takes; as long as its type when `None`.
    pub(super) duration_minutes: Option<NonZeroU32>,
    /// Only this room; any free room of the location when `None`.
    pub(super) room_id: Option<RoomId>,
    /// Staff gave a reason to book against hours, grid and times, and before a review.
    pub(super) is_overridden: bool,
    /// The practice offered this time by the rules for patients, which are not checked again.
    pub(super) is_promised: bool,
    pub(super) patients: ForPatients,
}

impl Wanted {
    /// The type with the length that is wanted, so that every rule is checked with that length.
    pub(super) fn fit(&self, mut appointment_type: AppointmentType) -> AppointmentType {
        if let Some(minutes) = self.duration_minutes {
            appointment_type.rules.duration_minutes = minutes;
        }
        appointment_type
    }

    /// The same type, provider, location, start and room that the appointment has now.
    pub(super) fn as_it_is(appointment: &Appointment, is_overridden: bool) -> Self {
        let place = appointment.place;
        Self {
            appointment_type_id: appointment.appointment_type_id,
            provider_id: place.provider_id,
            location_id: place.location_id,
            starts_at: place.starts_at,
            duration_minutes: place.duration_minutes(),
            room_id: place.room_id,
            is_overridden,
            is_promised: false,
            patients: ForPatients::moving(appointment),
        }
    }
}

/// The patients an appointment is for, as far as they are known.
#[derive(Debug, Clone, Default)]
pub(super) struct ForPatients {
    /// The time must suit all of them.
    pub(super) patient_ids: Vec<Uuid>,
    /// The appointments that are moved; they do not block the new time.
    pub(super) moved_ids: Vec<AppointmentId>,
}

impl ForPatients {
    /// The patient of an appointment that is moved.
    pub(super) fn moving(appointment: &Appointment) -> Self {
        Self {
            patient_ids: vec![appointment.patient_id.uuid()],
            moved_ids: vec![appointment.id],
        }
    }
}

impl From<PatientId> for ForPatients {
    fn from(patient_id: PatientId) -> Self {
        Self {
            patient_ids: vec![patient_id.uuid()],
            moved_ids: Vec::new(),
        }
    }
}

/// The patient a booking is for, and the hold that is used up by it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Claimant {
    pub(super) patient_id: Option<PatientId>,
    pub(super) hold_id: Option<HoldId>,
}
