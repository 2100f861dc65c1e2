//! When providers, patients and rooms are occupied.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::intervals::Interval;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId};

/// What takes the time of resources and patients.
#[derive(Debug, Default)]
pub(super) struct Occupancy {
    /// When each resource is booked or held.
    pub(super) spans: BTreeMap<Uuid, Vec<Interval>>,
    /// Which of them are places in sessions that are shared.
    pub(super) seats: Vec<OccupiedSeat>,
    /// Other appointments of the patients that must be kept apart from this one.
    pub(super) kept_apart: Vec<KeptApart>,
    /// Whether a provider must review something about one of the patients first.
    pub(super) awaits_review: bool,
    /// Whether one of the patients is a person for whom something can be booked.
    pub(super) has_person: bool,
}

/// A place in a session of a resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct OccupiedSeat {
    pub(super) resource_id: Uuid,
    pub(super) span: Interval,
    pub(super) session_id: Uuid,
    pub(super) number: i16,
}

/// What may be in the way of somebody.
#[derive(Debug, Clone, Default)]
pub(super) struct Resources {
    /// Providers and patients.
    pub(super) ids: Vec<Uuid>,
    pub(super) rooms: Rooms,
    /// Whether sessions are shared, so that it matters which places in them are taken.
    pub(super) with_seats: bool,
}

/// The rooms that may be in the way: all of some locations, before an instant.
#[derive(Debug, Clone, Default)]
pub(super) struct Rooms {
    pub(super) location_ids: Vec<Uuid>,
    pub(super) before: DateTime<Utc>,
}

/// One provider whose hours are not known yet, and what is to be booked with them.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfOne {
    pub(super) appointment_type_id: AppointmentTypeId,
    pub(super) provider_id: ProviderId,
    /// This location; wherever they keep hours when there is none.
    pub(super) location_id: Option<LocationId>,
    /// Rooms are looked at for starts before this.
    pub(super) rooms_until: DateTime<Utc>,
}

/// Another appointment of a patient whose type asks for an interval.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeptApart {
    pub(super) starts_at: DateTime<Utc>,
    /// The interval of that type.
    pub(super) days: i32,
}
