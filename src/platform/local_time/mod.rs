//! Wall clocks and instants: the one place that knows about daylight saving.
//!
//! A practice thinks in wall-clock time ("Mondays 08:00 to 12:30"), the database in instants. A
//! wall-clock time names one instant on most days, none in the hour (in Lord Howe the half hour,
//! in Apia once a whole day) that the clocks skip, and two in the one they repeat. [`resolve`] says
//! which, and everything else here is built on the same rule: an instant belongs to a wall-clock
//! window exactly when the wall clock reads a time inside the window at that instant. So a window
//! shrinks on the day clocks go forward, and on the day they go back both hours are in it.

use std::num::NonZeroU32;

use chrono::{
    DateTime, MappedLocalTime, NaiveDate, NaiveTime, Offset, SecondsFormat, TimeDelta, TimeZone,
    Utc,
};
use chrono_tz::Tz;

use crate::platform::intervals::{Interval, IntervalSet};

/// No zone has ever been further than this from UTC.
const FURTHEST_OFFSET: TimeDelta = TimeDelta::hours(16);

const SECONDS_PER_DAY: i64 = 86_400;

/// The instants at which a wall clock reads a given date and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocalInstant {
    /// The reading happens once.
    Unique(DateTime<Utc>),
    /// The clocks skip the reading; at `goes_forward_at` they jump over it.
    Gap {
        /// The instant of the jump, whose own reading is the first one after the gap.
        goes_forward_at: DateTime<Utc>,
    },
    /// The reading happens twice, because the clocks are put back after the first time.
    Overlap {
        /// The first time round.
        earliest: DateTime<Utc>,
        /// The instant at which the clocks are put back: after `earliest`, not after `latest`.
        goes_back_at: DateTime<Utc>,
        /// The second time round.
        latest: DateTime<Utc>,
    },
}

impl LocalInstant {
    /// The first instant at which the clock reads this time or, when it skips it, a later one.
    pub(crate) const fn first(self) -> DateTime<Utc> {
        match self {
            Self::Unique(instant)
            | Self::Gap {
                goes_forward_at: instant,
            }
            | Self::Overlap {
                earliest: instant, ..
            } => instant,
        }
    }

    /// The instants from `floor` on at which the clock reads an earlier time.
    fn readings_before(self, floor: DateTime<Utc>) -> IntervalSet {
        let again = match self {
            Self::Unique(_) | Self::Gap { .. } => None,
            Self::Overlap {
                goes_back_at,
                latest,
                ..
            } => Interval::new(goes_back_at, latest),
        };
        Interval::new(floor, self.first())
            .into_iter()
            .chain(again)
            .collect()
    }
}

/// The instants at which the wall clock of `zone` reads `date` and `time`.
pub(crate) fn resolve(zone: Tz, date: NaiveDate, time: NaiveTime) -> LocalInstant {
    let reading = date.and_time(time);
    match zone.from_local_datetime(&reading) {
        MappedLocalTime::Single(instant) => LocalInstant::Unique(instant.to_utc()),
        MappedLocalTime::Ambiguous(earliest, latest) => {
            let (earliest, latest) = (earliest.to_utc(), latest.to_utc());
            let goes_back_at = offset_change(zone, earliest, latest).unwrap_or(latest);
            LocalInstant::Overlap {
                earliest,
                goes_back_at,
                latest,
            }
        }
        MappedLocalTime::None => {
            let reading = reading.and_utc();
            let before = reading
                .checked_sub_signed(FURTHEST_OFFSET)
                .unwrap_or(reading);
            let after = reading
                .checked_add_signed(FURTHEST_OFFSET)
                .unwrap_or(reading);
            let goes_forward_at = offset_change(zone, before, after).unwrap_or(reading);
            LocalInstant::Gap { goes_forward_at }
        }
    }
}

/// The instants at which the wall clock reads a time in `[from, to)` of `date`; a `to` that is not
/// after `from` is meant on the next date.
///
/// One span on most days. None when the clocks skip the whole window; two when they are put back
/// to a reading before the window opens, or after it has closed for the first time.
pub(crate) fn window(zone: Tz, date: NaiveDate, from: NaiveTime, to: NaiveTime) -> IntervalSet {
    let crosses_midnight = to <= from;
    let closing_date = if crosses_midnight {
        date.succ_opt().unwrap_or(date)
    } else {
        date
    };
    let opens = resolve(zone, date, from);
    let closes = resolve(zone, closing_date, to);
    if let (LocalInstant::Unique(opens), LocalInstant::Unique(closes)) = (opens, closes) {
        return Interval::new(opens, closes).into_iter().collect();
    }
    let floor = opens.first();
    closes
        .readings_before(floor)
        .subtract(&opens.readings_before(floor))
}

/// From the first to the last instant of a local date: 23, 24 or 25 hours on most, nothing for a
/// date that the zone skipped.
pub(crate) fn local_day_bounds(zone: Tz, date: NaiveDate) -> Option<Interval> {
    window(zone, date, NaiveTime::MIN, NaiveTime::MIN).hull()
}

/// The date that the wall clock of `zone` reads at `instant`.
pub(crate) fn local_date(zone: Tz, instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&zone).date_naive()
}

/// RFC 3339 with the offset that `zone` has at that instant.
pub(crate) fn to_zone_rfc3339(instant: DateTime<Utc>, zone: Tz) -> String {
    instant
        .with_timezone(&zone)
        .to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// The wall clock of a zone, with its offsets over some time looked up beforehand: a search for
/// slots asks for them thousands of times.
#[derive(Debug, Clone)]
pub(crate) struct WallClock {
    zone: Tz,
    /// Each stretch between two changes, and how many seconds it is from UTC.
    stretches: Vec<(Interval, i32)>,
}

impl WallClock {
    /// Right at any instant, and quick in `time`.
    pub(crate) fn over(zone: Tz, time: &Interval) -> Self {
        let mut from = time.starts_at();
        let changes = offset_changes(zone, from, time.ends_at());
        let stretch = |until| {
            let stretch = Interval::new(from, until)?;
            from = until;
            Some((stretch, offset_seconds(zone, stretch.starts_at())))
        };
        let ends = changes.into_iter().chain([time.ends_at()]);
        let stretches = ends.filter_map(stretch).collect();
        Self { zone, stretches }
    }

    /// The zone of the clock.
    pub(crate) const fn zone(&self) -> Tz {
        self.zone
    }

    /// The first instant from `instant` on at which the clock reads a multiple of `every` minutes
    /// past midnight; nothing past the end of the calendar.
    ///
    /// Readings the clocks skip are left out and those they repeat come twice, so the grid stays
    /// on 08:00, 08:15, 08:30 whatever the clocks did in the night.
    pub(crate) fn on_grid_from(
        &self,
        instant: DateTime<Utc>,
        every: NonZeroU32,
    ) -> Option<DateTime<Utc>> {
        let mut instant = whole_second_from(instant)?;
        loop {
            let offset = self.offset_seconds(instant);
            let candidate = instant.checked_add_signed(until_grid(instant, offset, every))?;
            if self.offset_seconds(candidate) == offset {
                return Some(candidate);
            }
            instant = offset_change(self.zone, instant, candidate)?;
        }
    }

    fn offset_seconds(&self, instant: DateTime<Utc>) -> i32 {
        let mut stretches = self.stretches.iter();
        let known = stretches.find(|(stretch, _)| stretch.includes(instant));
        known.map_or_else(
            || offset_seconds(self.zone, instant),
            |(_, offset_seconds)| *offset_seconds,
        )
    }
}

/// How long until a clock so far from UTC reads a multiple of `every` minutes, if its offset stays.
fn until_grid(instant: DateTime<Utc>, offset_seconds: i32, every: NonZeroU32) -> TimeDelta {
    let second = (instant.timestamp() + i64::from(offset_seconds)).rem_euclid(SECONDS_PER_DAY);
    let step = i64::from(every.get()) * 60;
    let missing = (step - second.rem_euclid(step)).rem_euclid(step);
    TimeDelta::seconds(missing.min(SECONDS_PER_DAY - second))
}

fn whole_second_from(instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let second = DateTime::from_timestamp(instant.timestamp(), 0)?;
    if second < instant {
        second.checked_add_signed(TimeDelta::seconds(1))
    } else {
        Some(second)
    }
}

/// The instant in `(from, until]` at which the zone's offset changes, or nothing when both ends
/// have the same. The two may be two days apart at most: no zone changes twice in that time.
fn offset_change(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let old_offset = offset_seconds(zone, from);
    if offset_seconds(zone, until) == old_offset {
        return None;
    }
    let (mut unchanged, mut changed) = (from.timestamp(), until.timestamp());
    while changed - unchanged > 1 {
        let middle = i64::midpoint(unchanged, changed);
        let has_changed = DateTime::from_timestamp(middle, 0)
            .is_some_and(|instant| offset_seconds(zone, instant) != old_offset);
        if has_changed {
            changed = middle;
        } else {
            unchanged = middle;
        }
    }
    DateTime::from_timestamp(changed, 0)
}

/// The instants in `(from, until]` at which the zone's offset changes, in order.
pub(crate) fn offset_changes(
    zone: Tz,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let mut changes = Vec::new();
    let mut day = from;
    while day < until {
        let next = day
            .checked_add_signed(TimeDelta::days(1))
            .map_or(until, |next| next.min(until));
        changes.extend(offset_change(zone, day, next));
        day = next;
    }
    changes
}

fn offset_seconds(zone: Tz, instant: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&instant.naive_utc())
        .fix()
        .local_minus_utc()
}

#[cfg(test)]
mod tests;
