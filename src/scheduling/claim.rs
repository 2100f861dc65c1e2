//! What a booking takes: provider, patient and room, each for a span of time.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::intervals::Interval;
use crate::platform::text::text_enum;
use crate::practice::LocationId;

use super::appointment::AppointmentId;
use super::group::Seat;
use super::hold::HoldId;

text_enum! {
    /// What can be booked once at a time. Claims are inserted in this order.
    pub(crate) enum ResourceKind {
        Provider = "provider",
        Patient = "patient",
        // Last: when the room is lost, another one is tried and the other claims are kept.
        Room = "room",
    }
}

/// A resource and the span that a booking takes it for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim {
    pub(super) kind: ResourceKind,
    pub(super) resource_id: Uuid,
    pub(super) span: Interval,
    /// The location of a room; `None` for people.
    pub(super) location_id: Option<LocationId>,
    /// The seat in a shared session; `None` when the session is for one patient.
    pub(super) seat: Option<Seat>,
}

/// What the claimed resources are booked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cause {
    Appointment(AppointmentId),
    Hold {
        id: HoldId,
        expires_at: DateTime<Utc>,
    },
}
