//! Dates, times and lists as messages spell them, by the wall clock of the location.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::platform::intervals::Interval;

/// `Thursday, 3 December`.
pub(super) fn day(instant: DateTime<Utc>, zone: Tz) -> String {
    instant
        .with_timezone(&zone)
        .format("%A, %-d %B")
        .to_string()
}

/// `09:30`.
pub(super) fn clock(instant: DateTime<Utc>, zone: Tz) -> String {
    instant.with_timezone(&zone).format("%H:%M").to_string()
}

/// `09:00 to 12:00`.
pub(super) fn span(span: &Interval, zone: Tz) -> String {
    let (from, to) = (span.starts_at(), span.ends_at());
    format!("{} to {}", clock(from, zone), clock(to, zone))
}

/// `one, two and three`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `at :00 and :30`; a grid that does not fit the hour is counted from midnight.
pub(super) fn grid(every: NonZeroU32) -> String {
    let every = every.get();
    if 60_u32.is_multiple_of(every) && every >= 10 {
        let minutes = (0..60).step_by(usize::try_from(every).unwrap_or(60));
        let minutes: Vec<String> = minutes.map(|minute: u32| format!(":{minute:02}")).collect();
        format!("at {}", list(&minutes))
    } else {
        format!("every {every} minutes, counted from midnight")
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;

    #[test]
    fn a_grid_is_spelt_by_its_minutes_where_they_are_few() {
        let of = |every| grid(NonZeroU32::new(every).unwrap());
        assert_eq!(of(60), "at :00");
        assert_eq!(of(30), "at :00 and :30");
        assert_eq!(of(15), "at :00, :15, :30 and :45");
        assert_eq!(of(5), "every 5 minutes, counted from midnight");
        assert_eq!(of(50), "every 50 minutes, counted from midnight");
    }

    #[test]
    fn a_time_is_spelt_by_the_clock_of_the_location() {
        let instant = "2026-12-03T14:05:00Z".parse().unwrap();
        assert_eq!(day(instant, New_York), "Thursday, 3 December");
        assert_eq!(clock(instant, New_York), "09:05");
    }
}
