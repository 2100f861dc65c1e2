//! Instants, dates and spans as people write them.
//!
//! The routes answer instants in the zone of the location, so the clock time stands in the text
//! already. Only what a person types needs the zone.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::Value;

fn parsed(instant: &Value) -> Option<DateTime<chrono::FixedOffset>> {
    DateTime::parse_from_rfc3339(instant.as_str()?).ok()
}

fn zone_of(zone: &str) -> Tz {
    zone.parse().unwrap_or(Tz::UTC)
}

/// `09:45`.
pub(super) fn clock(instant: &Value) -> String {
    parsed(instant).map_or_else(String::new, |at| at.format("%H:%M").to_string())
}

/// `Tue 1 Dec 2026`.
pub(super) fn day(instant: &Value) -> String {
    parsed(instant).map_or_else(String::new, |at| at.format("%a %-d %b %Y").to_string())
}

/// `Tue 1 Dec 2026, 09:45`.
pub(super) fn day_and_clock(instant: &Value) -> String {
    parsed(instant).map_or_else(String::new, |at| {
        at.format("%a %-d %b %Y, %H:%M").to_string()
    })
}

/// The same for an instant that is written in UTC.
pub(super) fn day_and_clock_in(instant: &Value, zone: &str) -> String {
    parsed(instant).map_or_else(String::new, |at| {
        let at = at.with_timezone(&zone_of(zone));
        at.format("%a %-d %b %Y, %H:%M").to_string()
    })
}

/// The day of an instant that is written in UTC.
pub(super) fn day_in(instant: &Value, zone: &str) -> String {
    parsed(instant).map_or_else(String::new, |at| {
        let at = at.with_timezone(&zone_of(zone));
        at.format("%-d %b %Y").to_string()
    })
}

/// `Tuesday 1 December 2026` of a date.
pub(super) fn long_date(date: NaiveDate) -> String {
    date.format("%A %-d %B %Y").to_string()
}

/// `1 Dec 2026` of a date in JSON.
pub(super) fn short_date(date: &Value) -> String {
    let date = date
        .as_str()
        .and_then(|text| text.parse::<NaiveDate>().ok());
    date.map_or_else(String::new, |date| date.format("%-d %b %Y").to_string())
}

/// Whole years between a date of birth and today.
pub(super) fn age(birth_date: &Value, today: NaiveDate) -> Option<u32> {
    let born: NaiveDate = birth_date.as_str()?.parse().ok()?;
    today.years_since(born)
}

/// The date that it is in a zone.
pub(super) fn today(now: DateTime<Utc>, zone: &str) -> NaiveDate {
    now.with_timezone(&zone_of(zone)).date_naive()
}

/// The date so many days later or, when negative, earlier.
pub(super) fn later(date: NaiveDate, days: i64) -> NaiveDate {
    let distance = Days::new(days.unsigned_abs());
    let moved = if days < 0 {
        date.checked_sub_days(distance)
    } else {
        date.checked_add_days(distance)
    };
    moved.unwrap_or(date)
}

/// Midnight of a date in a zone, with its offset.
pub(super) fn midnight(date: NaiveDate, zone: &str) -> String {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    let at = zone_of(zone).from_local_datetime(&midnight).earliest();
    at.map_or_else(|| format!("{date}T00:00:00Z"), |at| at.to_rfc3339())
}

/// The instant of a clock time that was typed as `2026-12-01T09:45`.
pub(super) fn instant_of(typed: &str, zone: &str) -> Option<String> {
    let wall = NaiveDateTime::parse_from_str(typed, "%Y-%m-%dT%H:%M").ok()?;
    let at = zone_of(zone).from_local_datetime(&wall).earliest()?;
    Some(at.to_rfc3339())
}

/// For a field of the type `datetime-local`.
pub(super) fn for_field(at: DateTime<Utc>, zone: &str) -> String {
    let at = at.with_timezone(&zone_of(zone));
    at.format("%Y-%m-%dT%H:%M").to_string()
}

/// Minutes since midnight of the clock.
pub(super) fn minute_of_day(instant: &Value) -> u32 {
    parsed(instant).map_or(0, |at| at.hour() * 60 + at.minute())
}

/// Minutes from an instant until now; negative before it.
pub(super) fn minutes_since(instant: &Value, now: DateTime<Utc>) -> i64 {
    parsed(instant).map_or(0, |at| (now - at.with_timezone(&Utc)).num_minutes())
}

/// Minutes between two instants.
pub(super) fn minutes_between(from: &Value, until: &Value) -> i64 {
    let span = parsed(from).zip(parsed(until));
    span.map_or(0, |(from, until)| (until - from).num_minutes())
}

/// Minutes since midnight as `09:45`.
pub(super) fn clock_of_minute(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
