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

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::num::NonZeroU32;
use std::ops::Bound;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use thiserror::Error;
use uuid::Uuid;

use crate::platform::intervals::{Interval, IntervalSet};
use crate::platform::local_time::WallClock;

/// What a type of appointment asks of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AppointmentRules {
    /// How long the patient is there.
    pub(crate) duration_minutes: NonZeroU32,
    /// How long provider and room are blocked before.
    pub(crate) buffer_before_minutes: u32,
    /// How long provider and room are blocked after.
    pub(crate) buffer_after_minutes: u32,
    /// Whether it cannot take place without a room.
    pub(crate) needs_room: bool,
    /// How many patients share a session.
    pub(crate) capacity: NonZeroU32,
    /// The start grid, in wall-clock minutes past local midnight.
    pub(crate) start_every_minutes: NonZeroU32,
    /// How long beforehand a patient books at the latest.
    pub(crate) min_lead_minutes: u32,
    /// How long beforehand a patient books at the earliest.
    pub(crate) max_ahead_days: u32,
}

impl AppointmentRules {
    /// What the patient is told: the time without buffers.
    pub(crate) fn appointment_span(&self, starts_at: DateTime<Utc>) -> Option<Interval> {
        Interval::new(
            starts_at,
            later(starts_at, minutes(self.duration_minutes.get())),
        )
    }

    /// What provider and room are blocked for: the time with both buffers.
    pub(crate) fn blocked_span(&self, starts_at: DateTime<Utc>) -> Option<Interval> {
        let after = minutes(self.duration_minutes.get()) + minutes(self.buffer_after_minutes);
        Interval::new(
            earlier(starts_at, self.buffer_before()),
            later(starts_at, after),
        )
    }

    /// The time about which hours and bookings must be known to decide every start in `starts`.
    pub(crate) fn reach(&self, starts: &Interval) -> Option<Interval> {
        let first = self.blocked_span(starts.starts_at())?;
        let last = self.blocked_span(starts.ends_at())?;
        Interval::new(first.starts_at(), last.ends_at())
    }

    /// The places of a session that nobody has joined yet; none when it is for one patient.
    pub(crate) fn all_places(&self) -> Vec<i16> {
        let places = i16::try_from(self.capacity.get()).unwrap_or(i16::MAX);
        (1..=places).filter(|_| places > 1).collect()
    }

    fn buffer_before(&self) -> TimeDelta {
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
    /// Staff book anything that has not begun.
    pub(crate) const fn for_staff(now: DateTime<Utc>) -> Self {
        Self {
            earliest: now,
            latest: DateTime::<Utc>::MAX_UTC,
        }
    }

    /// Patients keep to the lead time and the horizon of the type.
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
    /// What blocks it, buffers included.
    pub(crate) busy: IntervalSet,
}

/// A location and its rooms.
#[derive(Debug, Clone)]
pub(crate) struct LocationCalendar {
    /// The location.
    pub(crate) location_id: Uuid,
    /// The clock on its wall, to which the start grid is tied.
    pub(crate) clock: WallClock,
    /// Its rooms, in the order in which they are to be offered.
    pub(crate) rooms: Vec<RoomCalendar>,
    /// What is known of whom it is for.
    pub(crate) patient: PatientCalendar,
}

/// When the patient cannot be booked; empty when it is not known who that is.
#[derive(Debug, Clone, Default)]
pub(crate) struct PatientCalendar {
    /// When they are elsewhere.
    pub(crate) busy: IntervalSet,
    /// The starts that lie too close to another of their appointments.
    pub(crate) too_close: IntervalSet,
}

/// The groups of a provider at a location that are of the type that is searched, by their start.
pub(crate) type Groups = BTreeMap<DateTime<Utc>, Group>;

/// A session that several patients share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// Where it takes place, if in a room.
    pub(crate) room_id: Option<Uuid>,
    /// The places nobody has, in order.
    pub(crate) free_places: Vec<i16>,
}

/// One provider at one location; there is one of these for each pair that is searched.
#[derive(Debug, Clone)]
pub(crate) struct ProviderCalendar<'calendars> {
    /// The provider.
    pub(crate) provider_id: Uuid,
    /// Where.
    pub(crate) location: &'calendars LocationCalendar,
    /// When the provider is there for the type that is searched.
    pub(crate) open: IntervalSet,
    /// What blocks the provider, here or elsewhere, with the buffers of what blocks.
    pub(crate) busy: &'calendars IntervalSet,
    /// The groups among what blocks the provider.
    pub(crate) groups: Groups,
}

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
    pub(crate) free_places: Vec<i16>,
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

/// What is left of rooms and places.
pub(crate) struct Space {
    /// Empty when the type needs none.
    pub(crate) free_room_ids: Vec<Uuid>,
    /// Of a group; empty when a session is for one patient.
    pub(crate) free_places: Vec<i16>,
}

/// A refusal and the first start that could get past it; none when no later start can.
struct Blocked {
    refused: SlotRefused,
    until: Option<DateTime<Utc>>,
}

/// One provider's calendar at one location, seen with the rules of a type and of a caller.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Desk<'calendars> {
    /// Whose calendar, and where.
    pub(crate) calendar: &'calendars ProviderCalendar<'calendars>,
    /// What the type of appointment asks.
    pub(crate) rules: AppointmentRules,
    /// What the caller may book.
    pub(crate) caller: CallerRules,
}

impl<'calendars> Desk<'calendars> {
    /// The slot at exactly this start, in that room when one is named, or why it is not offered.
    pub(crate) fn check(
        &self,
        starts_at: DateTime<Utc>,
        room_id: Option<Uuid>,
    ) -> Result<Slot, SlotRefused> {
        let slot = self.offer(starts_at).map_err(|blocked| blocked.refused)?;
        match room_id {
            Some(room_id) if !self.has_room(room_id, starts_at) => Err(SlotRefused::RoomNotFree),
            _ => Ok(slot),
        }
    }

    /// Whether the appointment can take place in this very room.
    pub(crate) fn has_room(&self, room_id: Uuid, starts_at: DateTime<Utc>) -> bool {
        match self.group(starts_at) {
            Some(group) => group.room_id == Some(room_id),
            None => self.free_room_ids(starts_at).contains(&room_id),
        }
    }

    /// The group at this start that has a place left.
    fn group(&self, starts_at: DateTime<Utc>) -> Option<&Group> {
        let group = self.calendar.groups.get(&starts_at)?;
        (!group.free_places.is_empty()).then_some(group)
    }

    /// The rooms of the location that are free for an appointment at this start, buffers included.
    pub(crate) fn free_room_ids(&self, starts_at: DateTime<Utc>) -> Vec<Uuid> {
        let Some(blocked) = self.rules.blocked_span(starts_at) else {
            return Vec::new();
        };
        let is_free = |room: &&RoomCalendar| room.busy.overlapping(&blocked).next().is_none();
        self.calendar
            .location
            .rooms
            .iter()
            .filter(is_free)
            .map(|room| room.room_id)
            .collect()
    }

    /// The slots that begin in `starts`, in order, found one at a time.
    pub(crate) fn offers(self, starts: Interval) -> Offers<'calendars> {
        let next_from = Some(starts.starts_at());
        Offers {
            desk: self,
            next_from,
            ends_at: starts.ends_at(),
        }
    }

    /// The rooms and the places that are left at this start, whatever hours and grid say.
    pub(crate) fn space(&self, starts_at: DateTime<Utc>) -> Result<Space, SlotRefused> {
        self.require_patient_free(starts_at)
            .and_then(|()| self.require_space(starts_at))
            .map_err(|blocked| blocked.refused)
    }

    fn offer(&self, starts_at: DateTime<Utc>) -> Result<Slot, Blocked> {
        self.require_bookable_by_caller(starts_at)?;
        self.require_on_grid(starts_at)?;
        let ends_at = self.require_open(starts_at)?;
        self.require_apart(starts_at)?;
        self.require_patient_free(starts_at)?;
        let space = self.require_space(starts_at)?;
        Ok(Slot {
            starts_at,
            ends_at,
            provider_id: self.calendar.provider_id,
            location_id: self.calendar.location.location_id,
            time_zone: self.calendar.location.clock.zone(),
            free_room_ids: space.free_room_ids,
            free_places: space.free_places,
        })
    }

    /// In a group that has begun to fill up, or where provider and room are free.
    fn require_space(&self, starts_at: DateTime<Utc>) -> Result<Space, Blocked> {
        if let Some(group) = self.group(starts_at) {
            return Ok(Space {
                free_room_ids: group.room_id.into_iter().collect(),
                free_places: group.free_places.clone(),
            });
        }
        let alone = self
            .require_provider_free(starts_at)
            .and_then(|()| self.require_room(starts_at));
        let free_room_ids = alone.map_err(|blocked| self.or_next_group(blocked, starts_at))?;
        Ok(Space {
            free_room_ids,
            free_places: self.rules.all_places(),
        })
    }

    /// What is in the way may be a group that can itself be joined: not to be leapt over.
    fn or_next_group(&self, mut blocked: Blocked, starts_at: DateTime<Utc>) -> Blocked {
        let after = (Bound::Excluded(starts_at), Bound::Unbounded);
        let next = self.calendar.groups.range(after).next();
        let next = next.map(|(group_starts_at, _)| *group_starts_at);
        blocked.until = [blocked.until, next].into_iter().flatten().min();
        blocked
    }

    fn require_apart(&self, starts_at: DateTime<Utc>) -> Result<(), Blocked> {
        let too_close = &self.calendar.location.patient.too_close;
        match too_close.ending_after(starts_at).first() {
            Some(days) if days.starts_at() <= starts_at => Err(Blocked {
                refused: SlotRefused::TooClose,
                until: Some(days.ends_at()),
            }),
            _ => Ok(()),
        }
    }

    fn require_patient_free(&self, starts_at: DateTime<Utc>) -> Result<(), Blocked> {
        let Some(span) = self.rules.appointment_span(starts_at) else {
            return Ok(());
        };
        let busy = &self.calendar.location.patient.busy;
        match busy.overlapping(&span).last() {
            None => Ok(()),
            Some(elsewhere) => Err(Blocked {
                refused: SlotRefused::PatientBusy,
                until: Some(elsewhere.ends_at()),
            }),
        }
    }

    fn require_bookable_by_caller(&self, starts_at: DateTime<Utc>) -> Result<(), Blocked> {
        if starts_at < self.caller.earliest {
            let until = Some(self.caller.earliest);
            return Err(Blocked {
                refused: SlotRefused::TooSoon,
                until,
            });
        }
        if starts_at > self.caller.latest {
            return Err(Blocked {
                refused: SlotRefused::TooFar,
                until: None,
            });
        }
        Ok(())
    }

    fn require_on_grid(&self, starts_at: DateTime<Utc>) -> Result<(), Blocked> {
        let until = self.on_grid_from(starts_at);
        if until == Some(starts_at) {
            Ok(())
        } else {
            Err(Blocked {
                refused: SlotRefused::OffGrid,
                until,
            })
        }
    }

    /// The end of the appointment, which lies in the same stretch of open hours as its start.
    fn require_open(&self, starts_at: DateTime<Utc>) -> Result<DateTime<Utc>, Blocked> {
        let outside = |until| Blocked {
            refused: SlotRefused::OutsideHours,
            until,
        };
        let span = self
            .rules
            .appointment_span(starts_at)
            .ok_or(outside(None))?;
        let ahead = self.calendar.open.ending_after(starts_at);
        if ahead.first().is_some_and(|open| open.contains(&span)) {
            return Ok(span.ends_at());
        }
        let next_opening = ahead
            .iter()
            .map(Interval::starts_at)
            .find(|opens| *opens > starts_at);
        Err(outside(next_opening))
    }

    fn require_provider_free(&self, starts_at: DateTime<Utc>) -> Result<(), Blocked> {
        match self.free_again(self.calendar.busy, starts_at) {
            None => Ok(()),
            until => Err(Blocked {
                refused: SlotRefused::ProviderBusy,
                until,
            }),
        }
    }

    fn require_room(&self, starts_at: DateTime<Utc>) -> Result<Vec<Uuid>, Blocked> {
        if !self.rules.needs_room {
            return Ok(Vec::new());
        }
        let free_room_ids = self.free_room_ids(starts_at);
        if free_room_ids.is_empty() {
            let rooms = self.calendar.location.rooms.iter();
            let until = rooms
                .filter_map(|room| self.free_again(&room.busy, starts_at))
                .min();
            return Err(Blocked {
                refused: SlotRefused::NoRoomFree,
                until,
            });
        }
        Ok(free_room_ids)
    }

    /// When what is in the way of this start is over, with our buffer after it; nothing when
    /// nothing is in the way.
    fn free_again(&self, busy: &IntervalSet, starts_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let blocked = self.rules.blocked_span(starts_at)?;
        let in_the_way = busy.overlapping(&blocked).last()?;
        Some(later(in_the_way.ends_at(), self.rules.buffer_before()))
    }

    fn on_grid_from(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let clock = &self.calendar.location.clock;
        clock.on_grid_from(instant, self.rules.start_every_minutes)
    }
}

/// The slots of one desk, in order.
#[derive(Debug, Clone)]
pub(crate) struct Offers<'calendars> {
    desk: Desk<'calendars>,
    next_from: Option<DateTime<Utc>>,
    ends_at: DateTime<Utc>,
}

impl Iterator for Offers<'_> {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        loop {
            let candidate = self.desk.on_grid_from(self.next_from?)?;
            if candidate >= self.ends_at {
                self.next_from = None;
                return None;
            }
            match self.desk.offer(candidate) {
                Ok(slot) => {
                    self.next_from = Some(later(candidate, TimeDelta::seconds(1)));
                    return Some(slot);
                }
                Err(blocked) => self.next_from = blocked.until,
            }
        }
    }
}

/// What is searched for, in every calendar alike.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SlotSearch {
    /// What the type of appointment asks.
    pub(crate) rules: AppointmentRules,
    /// What the caller may book.
    pub(crate) caller: CallerRules,
    /// When the appointment may begin.
    pub(crate) starts: Interval,
    /// The last slot already seen; only later ones are wanted.
    pub(crate) after: Option<SlotPosition>,
}

/// The slots of all the calendars, by start, provider and location.
///
/// Each calendar is asked only for its next slot, so the first available of many providers over
/// months costs no more than the slots before it.
pub(crate) fn slots<'calendars>(
    calendars: &'calendars [ProviderCalendar<'calendars>],
    search: SlotSearch,
) -> Slots<'calendars> {
    let mut slots = Slots {
        waiting: BinaryHeap::with_capacity(calendars.len()),
    };
    for calendar in calendars {
        if let Some(starts) = remaining(&search) {
            let desk = Desk {
                calendar,
                rules: search.rules,
                caller: search.caller,
            };
            slots.enqueue(desk.offers(starts), search.after);
        }
    }
    slots
}

/// The searched range, without what lies before the position.
fn remaining(search: &SlotSearch) -> Option<Interval> {
    let from = search.starts.starts_at();
    let from = search.after.map_or(from, |after| from.max(after.starts_at));
    Interval::new(from, search.starts.ends_at())
}

/// The slots of several desks, merged in order.
#[derive(Debug)]
pub(crate) struct Slots<'calendars> {
    waiting: BinaryHeap<Reverse<NextOffer<'calendars>>>,
}

impl<'calendars> Slots<'calendars> {
    /// Queues a desk by its next slot past the position; a desk with none is left out.
    fn enqueue(&mut self, mut offers: Offers<'calendars>, after: Option<SlotPosition>) {
        let next = offers.find(|slot| after.is_none_or(|after| slot.position() > after));
        self.waiting
            .extend(next.map(|slot| Reverse(NextOffer { slot, offers })));
    }
}

impl Iterator for Slots<'_> {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        let Reverse(NextOffer { slot, offers }) = self.waiting.pop()?;
        self.enqueue(offers, None);
        Some(slot)
    }
}

/// The next slot of a desk and those behind it, ordered by the slot's position.
#[derive(Debug)]
struct NextOffer<'calendars> {
    slot: Slot,
    offers: Offers<'calendars>,
}

impl PartialEq for NextOffer<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.slot.position() == other.slot.position()
    }
}

impl Eq for NextOffer<'_> {}

impl PartialOrd for NextOffer<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NextOffer<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.slot.position().cmp(&other.slot.position())
    }
}

/// One page of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotPage {
    /// The slots, in order.
    pub(crate) slots: Vec<Slot>,
    /// Where the next page takes up; none when there is no further slot.
    pub(crate) next: Option<SlotPosition>,
}

impl SlotPage {
    /// At most `limit` of the slots found, and where the rest begins.
    pub(crate) fn of(mut found: Vec<Slot>, limit: usize) -> Self {
        let has_more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| has_more).map(Slot::position);
        Self { slots: found, next }
    }
}

fn minutes(minutes: u32) -> TimeDelta {
    TimeDelta::minutes(i64::from(minutes))
}

fn later(instant: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    instant
        .checked_add_signed(by)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn earlier(instant: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    instant
        .checked_sub_signed(by)
        .unwrap_or(DateTime::<Utc>::MIN_UTC)
}
