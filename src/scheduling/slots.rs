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
//! * when the type needs a room, one of the location is free for as long.
//!
//! [`Desk::check`] asks this of one start, when it is written; [`Desk::offers`] and [`slots`] walk
//! the grid and ask the very same of every start, so what is offered can be booked. A refusal says
//! when to try again, which lets the walk leap over a booked day instead of stepping through it.
//!
//! Nothing here reads or writes: calendars and the time of day come in as values. The patient is
//! not asked about; being in one place at a time is the database's exclusion constraint to hold.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroU32;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use thiserror::Error;
use uuid::Uuid;

use crate::platform::intervals::{Interval, IntervalSet};
use crate::platform::local_time;

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
    /// Its zone, to which the start grid is tied.
    pub(crate) zone: Tz,
    /// Its rooms, in the order in which they are to be offered.
    pub(crate) rooms: Vec<RoomCalendar>,
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
    #[error("the provider is taken")]
    ProviderBusy,
    #[error("no room is free")]
    NoRoomFree,
    #[error("the room is not free")]
    RoomNotFree,
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
            Some(room_id) if !self.free_room_ids(starts_at).contains(&room_id) => {
                Err(SlotRefused::RoomNotFree)
            }
            _ => Ok(slot),
        }
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

    fn offer(&self, starts_at: DateTime<Utc>) -> Result<Slot, Blocked> {
        self.require_bookable_by_caller(starts_at)?;
        self.require_on_grid(starts_at)?;
        let ends_at = self.require_open(starts_at)?;
        self.require_provider_free(starts_at)?;
        let free_room_ids = self.require_room(starts_at)?;
        Ok(Slot {
            starts_at,
            ends_at,
            provider_id: self.calendar.provider_id,
            location_id: self.calendar.location.location_id,
            time_zone: self.calendar.location.zone,
            free_room_ids,
        })
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
        let zone = self.calendar.location.zone;
        local_time::on_grid_from(zone, instant, self.rules.start_every_minutes)
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

/// At most `limit` slots, and where the rest begins.
pub(crate) fn page(
    calendars: &[ProviderCalendar<'_>],
    search: SlotSearch,
    limit: usize,
) -> SlotPage {
    let mut ahead = slots(calendars, search).peekable();
    let slots: Vec<Slot> = ahead.by_ref().take(limit).collect();
    let next = ahead.peek().and_then(|_| slots.last()).map(Slot::position);
    SlotPage { slots, next }
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

#[cfg(test)]
mod tests {
    use chrono_tz::{America::New_York, Australia::Lord_Howe};

    use super::*;

    const ANNA: Uuid = Uuid::from_u128(1);
    const BEN: Uuid = Uuid::from_u128(2);
    const NORTH: Uuid = Uuid::from_u128(10);
    const ROOM_1: Uuid = Uuid::from_u128(21);
    const ROOM_2: Uuid = Uuid::from_u128(22);

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    /// A wall-clock time of 4 May 2026 in New York.
    fn clock(time: &str) -> DateTime<Utc> {
        at(&format!("2026-05-04T{time}:00-04:00"))
    }

    fn set(spans: &[(&str, &str)]) -> IntervalSet {
        spans
            .iter()
            .filter_map(|(from, to)| Interval::new(clock(from), clock(to)))
            .collect()
    }

    fn day() -> Interval {
        Interval::new(clock("00:00"), clock("23:59")).unwrap()
    }

    fn half_hour() -> AppointmentRules {
        AppointmentRules {
            duration_minutes: NonZeroU32::new(30).unwrap(),
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            needs_room: false,
            start_every_minutes: NonZeroU32::new(15).unwrap(),
            min_lead_minutes: 0,
            max_ahead_days: 60,
        }
    }

    fn location(rooms: Vec<RoomCalendar>) -> LocationCalendar {
        LocationCalendar {
            location_id: NORTH,
            zone: New_York,
            rooms,
        }
    }

    fn room(room_id: Uuid, busy: &[(&str, &str)]) -> RoomCalendar {
        RoomCalendar {
            room_id,
            busy: set(busy),
        }
    }

    fn search(rules: AppointmentRules) -> SlotSearch {
        let caller = CallerRules::for_staff(clock("00:00"));
        SlotSearch {
            rules,
            caller,
            starts: day(),
            after: None,
        }
    }

    /// The wall-clock starts offered by one provider in these hours with these bookings.
    fn starts(
        rules: AppointmentRules,
        location: &LocationCalendar,
        open: &[(&str, &str)],
        busy: &[(&str, &str)],
    ) -> Vec<String> {
        let busy = set(busy);
        let calendar = ProviderCalendar {
            provider_id: ANNA,
            location,
            open: set(open),
            busy: &busy,
        };
        let caller = CallerRules::for_staff(clock("00:00"));
        Desk {
            calendar: &calendar,
            rules,
            caller,
        }
        .offers(day())
        .map(|slot| {
            slot.starts_at
                .with_timezone(&New_York)
                .format("%H:%M")
                .to_string()
        })
        .collect()
    }

    fn refusal(rules: AppointmentRules, caller: CallerRules, start: &str) -> Option<SlotRefused> {
        let location = location(vec![room(ROOM_1, &[("09:00", "10:00")])]);
        let busy = set(&[("10:00", "10:30")]);
        let open = set(&[("08:00", "12:00")]);
        let calendar = ProviderCalendar {
            provider_id: ANNA,
            location: &location,
            open,
            busy: &busy,
        };
        Desk {
            calendar: &calendar,
            rules,
            caller,
        }
        .check(clock(start), None)
        .err()
    }

    #[test]
    fn the_last_slot_ends_when_the_window_does() {
        let offered = starts(half_hour(), &location(vec![]), &[("08:00", "09:00")], &[]);
        assert_eq!(offered, ["08:00", "08:15", "08:30"]);
    }

    #[test]
    fn an_appointment_may_span_two_windows_that_touch() {
        let windows = [("08:00", "08:20"), ("08:20", "08:45")];
        let offered = starts(half_hour(), &location(vec![]), &windows, &[]);
        assert_eq!(offered, ["08:00", "08:15"]);
    }

    #[test]
    fn a_window_that_opens_off_the_grid_offers_the_next_start_on_it() {
        let offered = starts(half_hour(), &location(vec![]), &[("08:05", "08:50")], &[]);
        assert_eq!(offered, ["08:15"]);
    }

    #[test]
    fn buffers_block_the_provider_and_may_reach_outside_the_hours() {
        let rules = AppointmentRules {
            buffer_before_minutes: 15,
            buffer_after_minutes: 15,
            ..half_hour()
        };
        let offered = starts(
            rules,
            &location(vec![]),
            &[("08:00", "11:00")],
            &[("09:15", "09:30")],
        );
        assert_eq!(
            offered,
            [
                "08:00", "08:15", "08:30", "09:45", "10:00", "10:15", "10:30"
            ]
        );
    }

    #[test]
    fn buffers_block_the_room() {
        let rules = AppointmentRules {
            needs_room: true,
            buffer_after_minutes: 15,
            ..half_hour()
        };
        let one_room = location(vec![room(ROOM_1, &[("08:45", "09:00")])]);
        let offered = starts(rules, &one_room, &[("08:00", "09:30")], &[]);
        assert_eq!(offered, ["08:00", "09:00"]);
    }

    #[test]
    fn only_the_rooms_that_are_free_are_named() {
        let rules = AppointmentRules {
            needs_room: true,
            ..half_hour()
        };
        let rooms = vec![
            room(ROOM_1, &[("08:00", "09:00")]),
            room(ROOM_2, &[("08:30", "09:00")]),
        ];
        let location = location(rooms);
        let nothing = IntervalSet::default();
        let open = set(&[("08:00", "09:30")]);
        let calendars = [ProviderCalendar {
            provider_id: ANNA,
            location: &location,
            open,
            busy: &nothing,
        }];
        let rooms: Vec<_> = slots(&calendars, search(rules))
            .map(|slot| slot.free_room_ids)
            .collect();
        assert_eq!(rooms, [vec![ROOM_2], vec![ROOM_1, ROOM_2]]);
    }

    #[test]
    fn a_type_that_needs_a_room_is_not_offered_where_there_is_none() {
        let rules = AppointmentRules {
            needs_room: true,
            ..half_hour()
        };
        assert!(starts(rules, &location(vec![]), &[("08:00", "12:00")], &[]).is_empty());
        assert!(!starts(half_hour(), &location(vec![]), &[("08:00", "12:00")], &[]).is_empty());
    }

    #[test]
    fn each_rule_has_a_refusal_of_its_own() {
        let rules = AppointmentRules {
            needs_room: true,
            ..half_hour()
        };
        let caller = CallerRules {
            earliest: clock("08:15"),
            latest: clock("11:15"),
        };
        assert_eq!(refusal(rules, caller, "08:00"), Some(SlotRefused::TooSoon));
        assert_eq!(refusal(rules, caller, "08:15"), None);
        assert_eq!(refusal(rules, caller, "08:20"), Some(SlotRefused::OffGrid));
        assert_eq!(
            refusal(rules, caller, "09:00"),
            Some(SlotRefused::NoRoomFree)
        );
        assert_eq!(
            refusal(rules, caller, "10:00"),
            Some(SlotRefused::ProviderBusy)
        );
        assert_eq!(refusal(rules, caller, "11:15"), None);
        assert_eq!(refusal(rules, caller, "11:30"), Some(SlotRefused::TooFar));
        let staff = CallerRules::for_staff(clock("00:00"));
        assert_eq!(
            refusal(rules, staff, "11:45"),
            Some(SlotRefused::OutsideHours)
        );
    }

    #[test]
    fn a_named_room_must_be_free_itself() {
        let location = location(vec![room(ROOM_1, &[("09:00", "10:00")]), room(ROOM_2, &[])]);
        let nothing = IntervalSet::default();
        let open = set(&[("08:00", "12:00")]);
        let calendar = ProviderCalendar {
            provider_id: ANNA,
            location: &location,
            open,
            busy: &nothing,
        };
        let caller = CallerRules::for_staff(clock("00:00"));
        let desk = Desk {
            calendar: &calendar,
            rules: half_hour(),
            caller,
        };
        let refused = desk.check(clock("09:00"), Some(ROOM_1));
        assert_eq!(refused, Err(SlotRefused::RoomNotFree));
        assert!(desk.check(clock("09:00"), Some(ROOM_2)).is_ok());
    }

    #[test]
    fn patients_keep_to_lead_time_and_horizon_and_staff_only_to_the_present() {
        let rules = AppointmentRules {
            min_lead_minutes: 120,
            max_ahead_days: 2,
            ..half_hour()
        };
        let now = clock("08:00");
        let patient = CallerRules::for_patient(now, &rules);
        assert_eq!(patient.earliest, clock("10:00"));
        assert_eq!(patient.latest, at("2026-05-06T08:00:00-04:00"));
        let staff = CallerRules::for_staff(now);
        assert_eq!(staff.earliest, now);
        assert!(staff.latest > at("9999-01-01T00:00:00Z"));
    }

    #[test]
    fn slots_of_several_providers_come_in_order_and_page_without_loss() {
        let location = location(vec![]);
        let nothing = IntervalSet::default();
        let calendar = |provider_id, open: &[(&str, &str)]| ProviderCalendar {
            provider_id,
            location: &location,
            open: set(open),
            busy: &nothing,
        };
        let calendars = [
            calendar(BEN, &[("08:00", "09:00")]),
            calendar(ANNA, &[("08:15", "09:00")]),
        ];
        let all: Vec<_> = slots(&calendars, search(half_hour())).collect();
        let order: Vec<_> = all
            .iter()
            .map(|slot| (slot.starts_at, slot.provider_id))
            .collect();
        assert_eq!(
            order,
            [
                (clock("08:00"), BEN),
                (clock("08:15"), ANNA),
                (clock("08:15"), BEN),
                (clock("08:30"), ANNA),
                (clock("08:30"), BEN),
            ]
        );
        let first = page(&calendars, search(half_hour()), 2);
        let second = page(
            &calendars,
            SlotSearch {
                after: first.next,
                ..search(half_hour())
            },
            3,
        );
        assert_eq!([first.slots, second.slots].concat(), all);
        assert_eq!(second.next, None);
    }

    #[test]
    fn the_grid_keeps_to_the_wall_clock_after_a_half_hour_change() {
        let location = LocationCalendar {
            zone: Lord_Howe,
            ..location(vec![])
        };
        let nothing = IntervalSet::default();
        let night = Interval::new(
            at("2026-10-04T01:00:00+10:30"),
            at("2026-10-04T05:00:00+11:00"),
        );
        let open = night.into_iter().collect();
        let calendar = ProviderCalendar {
            provider_id: ANNA,
            location: &location,
            open,
            busy: &nothing,
        };
        let rules = AppointmentRules {
            start_every_minutes: NonZeroU32::new(60).unwrap(),
            ..half_hour()
        };
        let caller = CallerRules::for_staff(night.unwrap().starts_at());
        let desk = Desk {
            calendar: &calendar,
            rules,
            caller,
        };
        let offered: Vec<_> = desk
            .offers(night.unwrap())
            .map(|slot| slot.starts_at)
            .collect();
        assert_eq!(
            offered,
            [
                at("2026-10-04T01:00:00+10:30"),
                at("2026-10-04T03:00:00+11:00"),
                at("2026-10-04T04:00:00+11:00"),
            ]
        );
    }

    #[test]
    fn a_repeated_hour_is_offered_twice() {
        let location = location(vec![]);
        let nothing = IntervalSet::default();
        let night = Interval::new(
            at("2026-11-01T01:00:00-04:00"),
            at("2026-11-01T02:00:00-05:00"),
        );
        let open = night.into_iter().collect();
        let calendar = ProviderCalendar {
            provider_id: ANNA,
            location: &location,
            open,
            busy: &nothing,
        };
        let rules = AppointmentRules {
            start_every_minutes: NonZeroU32::new(30).unwrap(),
            ..half_hour()
        };
        let caller = CallerRules::for_staff(night.unwrap().starts_at());
        let desk = Desk {
            calendar: &calendar,
            rules,
            caller,
        };
        let clocks: Vec<_> = desk
            .offers(night.unwrap())
            .map(|slot| local_time::to_zone_rfc3339(slot.starts_at, slot.time_zone))
            .collect();
        assert_eq!(
            clocks,
            [
                "2026-11-01T01:00:00-04:00",
                "2026-11-01T01:30:00-04:00",
                "2026-11-01T01:00:00-05:00",
                "2026-11-01T01:30:00-05:00",
            ]
        );
    }

    #[test]
    fn the_reach_covers_the_buffers_of_the_first_and_the_last_start() {
        let rules = AppointmentRules {
            buffer_before_minutes: 10,
            buffer_after_minutes: 20,
            ..half_hour()
        };
        let starts = Interval::new(clock("08:00"), clock("09:00")).unwrap();
        assert_eq!(
            rules.reach(&starts),
            Interval::new(clock("07:50"), clock("09:50"))
        );
    }
}
