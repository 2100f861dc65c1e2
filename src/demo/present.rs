//! The instant at which the story is written, and the days around it.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

/// How far the story reaches back and ahead, in days.
pub(super) const PAST_DAYS: i32 = 91;
pub(super) const FUTURE_DAYS: i32 = 14;

/// The instant at which the story is written, and its date in the practice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present {
    pub(super) now: DateTime<Utc>,
    pub(super) today: NaiveDate,
}

pub(super) fn minutes(count: i32) -> TimeDelta {
    TimeDelta::minutes(i64::from(count))
}

/// The day so many days from another.
pub(super) fn day_from(date: NaiveDate, days: i32) -> NaiveDate {
    let count = Days::new(u64::from(days.unsigned_abs()));
    let moved = if days < 0 {
        date.checked_sub_days(count)
    } else {
        date.checked_add_days(count)
    };
    moved.unwrap_or(date)
}
