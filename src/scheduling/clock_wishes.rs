//! On which weekdays and at which time of the day a start is wished for, by the clock of the location.

use chrono::{NaiveTime, Timelike};

use crate::practice::Weekday;

use super::slots::Slot;

/// What a search is narrowed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ClockWishes {
    /// One bit for each weekday, in their order; any day when none is set.
    weekdays: u8,
    /// The first start of a day.
    pub(super) not_before: Option<NaiveTime>,
    /// The last start of a day.
    pub(super) not_after: Option<NaiveTime>,
}

impl ClockWishes {
    /// On these weekdays; on any when there is none.
    pub(super) fn on(mut self, weekdays: &[Weekday]) -> Self {
        for weekday in weekdays {
            self.weekdays |= bit(*weekday);
        }
        self
    }

    /// Whether a slot is at a time that is wished for.
    pub(super) fn suit(&self, slot: &Slot) -> bool {
        let local = slot.starts_at.with_timezone(&slot.time_zone).naive_local();
        let time = local.time();
        let minute = NaiveTime::from_hms_opt(time.hour(), time.minute(), 0).unwrap_or(time);
        let is_on = self.weekdays == 0 || self.weekdays & bit(Weekday::of(local.date())) != 0;
        is_on
            && self.not_before.is_none_or(|first| minute >= first)
            && self.not_after.is_none_or(|last| minute <= last)
    }
}

fn bit(weekday: Weekday) -> u8 {
    let place = Weekday::ALL.iter().position(|day| *day == weekday);
    place.map_or(0, |place| 1 << place)
}
