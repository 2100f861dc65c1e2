//! Slots: the starts at which an appointment can be booked now.
//!
//! A start is a slot when all of this holds:
//!
//! * it is not sooner and not further ahead than the caller may book;
//! * the wall clock of the location reads a multiple of `start_every_minutes` past midnight, so
//!   08:00, 08:15, 08:30 stay the same when the clocks change, and a repeated hour has slots twice;
//! * the appointment lies within the provider's open hours at the location; windows that touch
//!   are one;
//! * the provider is free from the buffer before it to the buffer after it; the buffers may reach
//!   outside the open hours, because they are for the room and the notes, not for the patient;
//! * when the type needs a room, a room of the location is free for as long;
//! * the patient, if known, is free, and no other appointment of theirs is closer than the
//!   interval of the types.
//!
//! A group shares provider, room and time. The start of a group of the type is a slot as long as a
//! seat is free; every other start that overlaps the group is not.
//!
//! [`Desk::check`](super::desk::Desk::check) decides one start when it is booked.
//! [`Desk::offers`](super::desk::Desk::offers) and [`slots`](super::merge_slots::slots) walk the grid
//! with the same code, so every slot that is found can be booked. A refusal says when to try again,
//! so the walk skips a booked day in one step.
//!
//! Nothing here reads or writes: calendars and the current time come in as values. The database
//! prevents double bookings by concurrent callers.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use thiserror::Error;
use uuid::Uuid;

/// A start that can be booked now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    /// When the appointment begins.
    pub(crate) starts_at: DateTime<Utc>,
    /// When it ends, without buffers.
    pub(crate) ends_at: DateTime<Utc>,
    /// The provider.
    pub(crate) provider_id: Uuid,
    /// Where.
    pub(crate) location_id: Uuid,
    /// The zone of the location.
    pub(crate) time_zone: Tz,
    /// The free rooms; empty when the type needs none.
    pub(crate) free_room_ids: Vec<Uuid>,
    /// The free seats of a group; empty for a type without groups.
    pub(crate) free_seats: Vec<i16>,
}

impl Slot {
    /// The position of the slot in the order of a search.
    pub(crate) const fn position(&self) -> SlotPosition {
        SlotPosition {
            starts_at: self.starts_at,
            provider_id: self.provider_id,
            location_id: self.location_id,
        }
    }
}

/// A position in the order of a search, from which the search can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SlotPosition {
    /// Compared first.
    pub(crate) starts_at: DateTime<Utc>,
    /// Compared second.
    pub(crate) provider_id: Uuid,
    /// Compared last.
    pub(crate) location_id: Uuid,
}

/// Why a start is not offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum SlotRefused {
    #[error("The appointment would start sooner than you can book.")]
    TooSoon,
    #[error("The appointment would start later than you can book.")]
    TooFar,
    #[error("Appointments of this type do not start at this time.")]
    OffGrid,
    #[error("The provider has no hours for the whole appointment.")]
    OutsideHours,
    #[error("The clocks go forward: this time does not exist on that day.")]
    Skipped,
    #[error("The appointment would be too close to another one of the patient.")]
    TooClose,
    #[error("The patient has another appointment.")]
    PatientBusy,
    #[error("The provider has another booking.")]
    ProviderBusy,
    #[error("No room is free.")]
    NoRoomFree,
    #[error("The room is not free.")]
    RoomNotFree,
}
