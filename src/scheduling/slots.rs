//! Slots: the starts at which an appointment can be booked as things stand.
//!
//! A start is offered when all of this holds:
//!
//! * it is neither sooner nor further ahead than the caller may book;
//! * the wall clock of the location reads a multiple of `start_every_minutes` past midnight, so
//!   08:00, 08:15, 08:30 hold whatever daylight saving did, and a repeated hour is offered twice;
//! * the appointment lies within the provider's open hours at the location; windows that touch
//!   are one;
//! * the provider is free from the buffer before it to the buffer after it; the buffers may reach
//!   outside the open hours, because they are for the room and the notes, not for the patient;
//! * when the type needs a room, one of the location is free for as long;
//! * the patient, where it is known who it is for, is free, and no other of their appointments
//!   lies closer than the types allow.
//!
//! A group shares provider, room and time: a start at which the provider has a group of the type
//! already is offered as long as a place is left in it, and every other start that the group is in
//! the way of is not.
//!
//! [`Desk::check`] asks this of one start, when it is written; [`Desk::offers`] and [`slots`] walk
//! the grid and ask the very same of every start, so what is offered can be booked. A refusal says
//! when to try again, which lets the walk leap over a booked day instead of stepping through it.
//!
//! Nothing here reads or writes: calendars and the time of day come in as values. That nobody is
//! in two places at once, whoever books at the same moment, is the database's to hold.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use thiserror::Error;
use uuid::Uuid;

/// A start that can be booked as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    /// When the appointment begins.
    pub(crate) starts_at: DateTime<Utc>,
    /// When it ends, buffers left out.
    pub(crate) ends_at: DateTime<Utc>,
    /// With whom.
    pub(crate) provider_id: Uuid,
    /// Where.
    pub(crate) location_id: Uuid,
    /// The zone of the location.
    pub(crate) time_zone: Tz,
    /// The rooms it could take place in; empty when the type needs none.
    pub(crate) free_room_ids: Vec<Uuid>,
    /// The places of a group that are left; none for a type without groups.
    pub(crate) free_seats: Vec<i16>,
}

impl Slot {
    /// The place of the slot in the order of a search.
    pub(crate) const fn position(&self) -> SlotPosition {
        SlotPosition {
            starts_at: self.starts_at,
            provider_id: self.provider_id,
            location_id: self.location_id,
        }
    }
}

/// A place in the order of a search, from which it can be taken up again.
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
    #[error("the appointment would begin sooner than you may book")]
    TooSoon,
    #[error("the appointment would begin further ahead than you may book")]
    TooFar,
    #[error("appointments of this type do not begin at this time of the clock")]
    OffGrid,
    #[error("the provider is not there for the whole appointment")]
    OutsideHours,
    #[error("the clocks go forward past this time on that day")]
    Skipped,
    #[error("the appointment would lie too close to another of the patient")]
    TooClose,
    #[error("the patient is taken")]
    PatientBusy,
    #[error("the provider is taken")]
    ProviderBusy,
    #[error("no room is free")]
    NoRoomFree,
    #[error("the room is not free")]
    RoomNotFree,
}
