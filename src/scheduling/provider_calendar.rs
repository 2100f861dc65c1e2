//! Calendars as values: the hours and bookings of a provider, the rooms of a location, and the rules
//! of a type of appointment.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::platform::intervals::{Interval, IntervalSet};
use crate::platform::local_time::WallClock;

/// The rules of a type of appointment that a calendar must fulfil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AppointmentRules {
    /// How long the patient is there.
    pub(crate) duration_minutes: NonZeroU32,
    /// How long provider and room are blocked before.
    pub(crate) buffer_before_minutes: u32,
    /// How long provider and room are blocked after.
    pub(crate) buffer_after_minutes: u32,
    /// Whether a room is needed.
    pub(crate) needs_room: bool,
    /// How many patients share a session.
    pub(crate) capacity: NonZeroU32,
    /// The start grid, in wall-clock minutes past local midnight.
    pub(crate) start_every_minutes: NonZeroU32,
    /// The lead time: patients book at least so long before the start.
    pub(crate) min_lead_minutes: u32,
    /// The horizon: patients book at most so long before the start.
    pub(crate) max_ahead_days: u32,
}

impl AppointmentRules {
    /// The time the patient is there, without buffers.
    pub(crate) fn appointment_span(&self, starts_at: DateTime<Utc>) -> Option<Interval> {
        Interval::new(
            starts_at,
            later(starts_at, minutes(self.duration_minutes.get())),
        )
    }

    /// The time provider and room are blocked, with both buffers.
    pub(crate) fn blocked_span(&self, starts_at: DateTime<Utc>) -> Option<Interval> {
        let after = minutes(self.duration_minutes.get()) + minutes(self.buffer_after_minutes);
        Interval::new(
            earlier(starts_at, self.buffer_before()),
            later(starts_at, after),
        )
    }

    /// The time whose hours and bookings decide every start in `starts`.
    pub(crate) fn reach(&self, starts: &Interval) -> Option<Interval> {
        let first = self.blocked_span(starts.starts_at())?;
        let last = self.blocked_span(starts.ends_at())?;
        Interval::new(first.starts_at(), last.ends_at())
    }

    /// The seats of an empty session; none when it is for one patient.
    pub(crate) fn all_seats(&self) -> Vec<i16> {
        let seats = i16::try_from(self.capacity.get()).unwrap_or(i16::MAX);
        (1..=seats).filter(|_| seats > 1).collect()
    }

    pub(super) fn buffer_before(&self) -> TimeDelta {
        minutes(self.buffer_before_minutes)
    }
}

/// The starts that the caller may book, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallerRules {
    /// The first start.
    pub(crate) earliest: DateTime<Utc>,
    /// The last start.
    pub(crate) latest: DateTime<Utc>,
}

impl CallerRules {
    /// Staff book every start that has not passed.
    pub(crate) const fn for_staff(now: DateTime<Utc>) -> Self {
        Self {
            earliest: now,
            latest: DateTime::<Utc>::MAX_UTC,
        }
    }

    /// Patients book within the lead time and the horizon of the type.
    pub(crate) fn for_patient(now: DateTime<Utc>, rules: &AppointmentRules) -> Self {
        Self {
            earliest: later(now, minutes(rules.min_lead_minutes)),
            latest: later(now, TimeDelta::days(i64::from(rules.max_ahead_days))),
        }
    }
}

/// A room and when it is taken.
#[derive(Debug, Clone)]
pub(crate) struct RoomCalendar {
    /// The room.
    pub(crate) room_id: Uuid,
    /// Its bookings and holds, buffers included.
    pub(crate) busy: IntervalSet,
}

/// A location and its rooms.
#[derive(Debug, Clone)]
pub(crate) struct LocationCalendar {
    /// The location.
    pub(crate) location_id: Uuid,
    /// The wall clock of the location; the grid of starts follows it.
    pub(crate) clock: WallClock,
    /// Its rooms, in the order in which they are offered.
    pub(crate) rooms: Vec<RoomCalendar>,
    /// The other appointments of the patient, if the patient is known.
    pub(crate) patient: PatientCalendar,
}

/// When the patient cannot be booked; empty when the patient is not known.
#[derive(Debug, Clone, Default)]
pub(crate) struct PatientCalendar {
    /// When the patient has other appointments.
    pub(crate) busy: IntervalSet,
    /// The starts that are too close to another appointment of the patient.
    pub(crate) too_close: IntervalSet,
}

/// The groups of a provider at a location, of the searched type, by start.
pub(crate) type Groups = BTreeMap<DateTime<Utc>, Group>;

/// A session that several patients share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// The room of the session, if it needs one.
    pub(crate) room_id: Option<Uuid>,
    /// The free seats, in order.
    pub(crate) free_seats: Vec<i16>,
}

/// The calendar of one provider at one location.
#[derive(Debug, Clone)]
pub(crate) struct ProviderCalendar<'calendars> {
    /// The provider.
    pub(crate) provider_id: Uuid,
    /// Where.
    pub(crate) location: &'calendars LocationCalendar,
    /// The open hours for the searched type.
    pub(crate) open: IntervalSet,
    /// The bookings and holds of the provider at any location, buffers included.
    pub(crate) busy: &'calendars IntervalSet,
    /// The groups among these bookings.
    pub(crate) groups: Groups,
}

fn minutes(minutes: u32) -> TimeDelta {
    TimeDelta::minutes(i64::from(minutes))
}

pub(super) fn later(instant: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    instant
        .checked_add_signed(by)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn earlier(instant: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    instant
        .checked_sub_signed(by)
        .unwrap_or(DateTime::<Utc>::MIN_UTC)
}
