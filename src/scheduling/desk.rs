//! Checks single starts in one provider's calendar at one location.
//!
//! The rules are in [`slots`](super::slots).

use std::ops::Bound;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::platform::intervals::{Interval, IntervalSet};

use super::provider_calendar::{
    AppointmentRules, CallerRules, Group, ProviderCalendar, RoomCalendar, later,
};
use super::slots::{Slot, SlotRefused};

/// The rooms and seats that are free at a start.
pub(crate) struct Space {
    /// Empty when the type needs none.
    pub(crate) free_room_ids: Vec<Uuid>,
    /// Seats of a group; empty when a session is for one patient.
    pub(crate) free_seats: Vec<i16>,
}

/// A refusal, and the first start that it may not concern; `None` when it concerns every later
/// start.
struct Blocked {
    refused: SlotRefused,
    until: Option<DateTime<Utc>>,
}

/// One provider's calendar at one location, with the rules of a type and of a caller.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Desk<'calendars> {
    /// Whose calendar, and where.
    pub(crate) calendar: &'calendars ProviderCalendar<'calendars>,
    /// The rules of the type of appointment.
    pub(crate) rules: AppointmentRules,
    /// What the caller may book.
    pub(crate) caller: CallerRules,
}

impl<'calendars> Desk<'calendars> {
    /// Returns the slot at exactly this start, in this room when one is named, or why there is
    /// none.
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

    /// Whether the appointment can take place in this room.
    pub(crate) fn has_room(&self, room_id: Uuid, starts_at: DateTime<Utc>) -> bool {
        match self.group(starts_at) {
            Some(group) => group.room_id == Some(room_id),
            None => self.free_room_ids(starts_at).contains(&room_id),
        }
    }

    /// The group at this start, if a seat is free.
    fn group(&self, starts_at: DateTime<Utc>) -> Option<&Group> {
        let group = self.calendar.groups.get(&starts_at)?;
        (!group.free_seats.is_empty()).then_some(group)
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

    /// The rooms and seats that are free at this start, without checking hours and grid.
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
            free_seats: space.free_seats,
        })
    }

    /// Requires a free seat in a group, or a free provider and room.
    fn require_space(&self, starts_at: DateTime<Utc>) -> Result<Space, Blocked> {
        if let Some(group) = self.group(starts_at) {
            return Ok(Space {
                free_room_ids: group.room_id.into_iter().collect(),
                free_seats: group.free_seats.clone(),
            });
        }
        let alone = self
            .require_provider_free(starts_at)
            .and_then(|()| self.require_room(starts_at));
        let free_room_ids = alone.map_err(|blocked| self.or_next_group(blocked, starts_at))?;
        Ok(Space {
            free_room_ids,
            free_seats: self.rules.all_seats(),
        })
    }

    /// The blocking booking can be a group with free seats, so the walk must not skip its start.
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

    /// Returns the end of the appointment, which must lie in the same stretch of open hours as its
    /// start.
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

    /// When the last booking that blocks this start ends, plus the buffer before; `None` when none
    /// does.
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
