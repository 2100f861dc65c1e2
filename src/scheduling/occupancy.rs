//! When providers, patients and rooms are occupied.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::intervals::Interval;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId};

/// The bookings and holds of some resources, and what else decides about the patients.
#[derive(Debug, Default)]
pub(super) struct Occupancy {
    /// When each resource is booked or held.
    pub(super) spans: BTreeMap<Uuid, Vec<Interval>>,
    /// The spans that are seats in shared sessions.
    pub(super) seats: Vec<OccupiedSeat>,
    /// Other appointments of the patients that must be kept apart from this one.
    pub(super) kept_apart: Vec<KeptApart>,
    /// Whether a provider must first review something about one of the patients.
    pub(super) awaits_review: bool,
    /// Whether one of the patients is a person in use.
    pub(super) has_person: bool,
}

/// An occupied seat in a session of a resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct OccupiedSeat {
    pub(super) resource_id: Uuid,
    pub(super) span: Interval,
    pub(super) session_id: Uuid,
    pub(super) number: i16,
}

/// The resources whose bookings are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Resources {
    /// Providers and patients.
    pub(super) ids: Vec<Uuid>,
    pub(super) rooms: Rooms,
    /// Whether the type is a group, so that occupied seats are read, too.
    pub(super) with_seats: bool,
}

/// All rooms of some locations, with their bookings before an instant.
#[derive(Debug, Clone, Default)]
pub(super) struct Rooms {
    pub(super) location_ids: Vec<Uuid>,
    pub(super) before: DateTime<Utc>,
}

/// One provider whose hours were not read yet, and the type that is searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfOne {
    pub(super) appointment_type_id: AppointmentTypeId,
    pub(super) provider_id: ProviderId,
    /// This location; `None` means every location where the provider has hours.
    pub(super) location_id: Option<LocationId>,
    /// Bookings of rooms are read for starts before this.
    pub(super) rooms_until: DateTime<Utc>,
}

/// Another appointment of a patient whose type asks for an interval.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeptApart {
    pub(super) starts_at: DateTime<Utc>,
    /// The interval of that type.
    pub(super) days: i32,
}
