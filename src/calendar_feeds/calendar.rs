//! A calendar as RFC 5545 writes it: entries with stable ids, the time zones they are in, folded
//! lines.
//!
//! A zone is written out, so that a program without a zone database of its own reads the right times.
//! Where its clocks change by a rule, such as on the last Sunday of March, the rule is written: some
//! programs read nothing else. Where they do not, the changes over the time of the entries are
//! listed, a year to either side included.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

use crate::platform::etag::Version;
use crate::platform::local_time;

/// The first and the last instant a zone is used for.
type Used = (DateTime<Utc>, DateTime<Utc>);

/// Octets of a line, its end not counted.
const WIDEST_LINE: usize = 75;
/// How far around its entries a zone is written out.
const AROUND: TimeDelta = TimeDelta::days(366);

/// When an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    Timed {
        starts_at: DateTime<Utc>,
        ends_at: DateTime<Utc>,
        zone: Tz,
    },
    /// Whole days, the last one not included.
    Days { first: NaiveDate, past: NaiveDate },
}

/// One thing on the calendar.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The same whatever happens to it.
    pub(super) uid: String,
    pub(super) summary: &'static str,
    pub(super) description: Option<String>,
    pub(super) location: Option<String>,
    pub(super) span: Span,
    /// Rises with every change.
    pub(super) version: Version,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) is_cancelled: bool,
}

/// Everything that stands in a feed.
#[derive(Debug, Clone)]
pub(super) struct Calendar {
    pub(super) entries: Vec<Entry>,
}

impl Calendar {
    /// The whole of it, as it is sent.
    pub(super) fn text(&self) -> String {
        let mut lines = Lines::default();
        lines.plain("BEGIN:VCALENDAR");
        lines.plain("VERSION:2.0");
        lines.plain("PRODID:-//Tautband//Calendar feed//EN");
        lines.plain("CALSCALE:GREGORIAN");
        lines.plain("METHOD:PUBLISH");
        lines.plain("NAME:Appointments");
        // The name that programs showed before NAME was a standard.
        lines.plain("X-WR-CALNAME:Appointments");
        lines.plain("REFRESH-INTERVAL;VALUE=DURATION:PT15M");
        for (zone, (first, last)) in self.zones() {
            write_zone(&mut lines, zone, (first - AROUND, last + AROUND));
        }
        for entry in &self.entries {
            write_entry(&mut lines, entry);
        }
        lines.plain("END:VCALENDAR");
        lines.text
    }

    /// The zones in use, each with the first and last instant it is used for.
    fn zones(&self) -> Vec<(Tz, Used)> {
        let mut zones: BTreeMap<&str, (Tz, Used)> = BTreeMap::new();
        for entry in &self.entries {
            if let Span::Timed {
                starts_at,
                ends_at,
                zone,
            } = entry.span
            {
                let (_, used) = zones
                    .entry(zone.name())
                    .or_insert((zone, (starts_at, ends_at)));
                *used = (used.0.min(starts_at), used.1.max(ends_at));
            }
        }
        zones.into_values().collect()
    }
}

fn write_entry(lines: &mut Lines, entry: &Entry) {
    lines.plain("BEGIN:VEVENT");
    lines.text_value("UID", &entry.uid);
    lines.plain(&format!("DTSTAMP:{}", utc(entry.updated_at)));
    lines.plain(&format!("LAST-MODIFIED:{}", utc(entry.updated_at)));
    lines.plain(&format!("SEQUENCE:{}", entry.version.changes()));
    match entry.span {
        Span::Timed {
            starts_at,
            ends_at,
            zone,
        } => {
            let is_local =
                is_told_by_the_clock(zone, starts_at) && is_told_by_the_clock(zone, ends_at);
            for (name, instant) in [("DTSTART", starts_at), ("DTEND", ends_at)] {
                let local = instant.with_timezone(&zone).format("%Y%m%dT%H%M%S");
                lines.plain(&if is_local {
                    format!("{name};TZID={}:{local}", zone.name())
                } else {
                    format!("{name}:{}", utc(instant))
                });
            }
        }
        Span::Days { first, past } => {
            lines.plain(&format!("DTSTART;VALUE=DATE:{}", first.format("%Y%m%d")));
            lines.plain(&format!("DTEND;VALUE=DATE:{}", past.format("%Y%m%d")));
            lines.plain("TRANSP:TRANSPARENT");
        }
    }
    lines.text_value("SUMMARY", entry.summary);
    if let Some(description) = &entry.description {
        lines.text_value("DESCRIPTION", description);
    }
    if let Some(location) = &entry.location {
        lines.text_value("LOCATION", location);
    }
    lines.plain("CLASS:PRIVATE");
    lines.plain(if entry.is_cancelled {
        "STATUS:CANCELLED"
    } else {
        "STATUS:CONFIRMED"
    });
    lines.plain("END:VEVENT");
}

/// Whether the time of the clock means this instant: when an hour comes twice, it is the first.
fn is_told_by_the_clock(zone: Tz, instant: DateTime<Utc>) -> bool {
    let local = instant.with_timezone(&zone);
    local_time::resolve(zone, local.date_naive(), local.time()).first() == instant
}

/// What a clock shows from some instants on.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Observance {
    is_daylight: bool,
    from_seconds: i32,
    to_seconds: i32,
    name: String,
}

/// A rule must hold for so long after the last entry to be written as one.
const RULE_HOLDS: TimeDelta = TimeDelta::days(8 * 366);

fn write_zone(lines: &mut Lines, zone: Tz, (first, last): (DateTime<Utc>, DateTime<Utc>)) {
    let mut observances = observances(zone, (first, last + RULE_HOLDS));
    lines.plain("BEGIN:VTIMEZONE");
    lines.text_value("TZID", zone.name());
    for (observance, onsets) in &mut observances {
        let rule = yearly_rule(onsets);
        if rule.is_none() {
            let end = last.with_timezone(&zone).naive_local();
            onsets.retain(|onset| *onset <= end);
        }
        if !onsets.is_empty() {
            write_observance(lines, observance, onsets, rule.as_deref());
        }
    }
    lines.plain("END:VTIMEZONE");
}

/// What the clocks of a zone show, and from which times of the clock before the change on.
fn observances(
    zone: Tz,
    (first, last): (DateTime<Utc>, DateTime<Utc>),
) -> BTreeMap<Observance, Vec<NaiveDateTime>> {
    // The offset that is in force at first begins there, and changes nothing.
    let mut observances: BTreeMap<Observance, Vec<NaiveDateTime>> = BTreeMap::new();
    let changes = local_time::offset_changes(zone, first, last);
    let before = |change: DateTime<Utc>| offset_seconds(zone, change - TimeDelta::seconds(1));
    let onsets = changes.into_iter().map(|change| (change, before(change)));
    for (onset, from_seconds) in [(first, offset_seconds(zone, first))]
        .into_iter()
        .chain(onsets)
    {
        let offset = zone.offset_from_utc_datetime(&onset.naive_utc());
        let observance = Observance {
            is_daylight: !offset.dst_offset().is_zero(),
            from_seconds,
            to_seconds: offset.fix().local_minus_utc(),
            name: offset.abbreviation().unwrap_or_default().to_owned(),
        };
        // By the clock as it was before the change.
        let local = onset.naive_utc() + TimeDelta::seconds(i64::from(from_seconds));
        observances.entry(observance).or_default().push(local);
    }
    observances
}

/// The rule that gives every one of the onsets: the same weekday of the same week of a month, at the
/// same time, every year. `None` when there is no such rule.
fn yearly_rule(onsets: &[NaiveDateTime]) -> Option<String> {
    let first = onsets.first()?;
    if onsets.len() < 6 {
        return None;
    }
    let is_yearly = onsets.windows(2).all(|pair| match pair {
        [one, next] => next.year() == one.year() + 1,
        _ => true,
    });
    let is_alike = onsets.iter().all(|onset| {
        (onset.month(), onset.weekday(), onset.time())
            == (first.month(), first.weekday(), first.time())
    });
    let week = |onset: &NaiveDateTime| i64::from(onset.day0() / 7) + 1;
    let is_last = |onset: &NaiveDateTime| {
        let next = *onset + TimeDelta::days(7);
        next.month() != onset.month()
    };
    let which = if onsets.iter().all(is_last) {
        -1
    } else if onsets.iter().all(|onset| week(onset) == week(first)) {
        week(first)
    } else {
        return None;
    };
    let weekday = match first.weekday() {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    };
    let month = first.month();
    (is_yearly && is_alike).then(|| format!("FREQ=YEARLY;BYMONTH={month};BYDAY={which}{weekday}"))
}

fn write_observance(
    lines: &mut Lines,
    observance: &Observance,
    onsets: &[NaiveDateTime],
    rule: Option<&str>,
) {
    let kind = if observance.is_daylight {
        "DAYLIGHT"
    } else {
        "STANDARD"
    };
    lines.plain(&format!("BEGIN:{kind}"));
    let mut onsets = onsets.iter().map(|onset| onset.format("%Y%m%dT%H%M%S"));
    if let Some(first) = onsets.next() {
        lines.plain(&format!("DTSTART:{first}"));
    }
    match rule {
        Some(rule) => lines.plain(&format!("RRULE:{rule}")),
        None => onsets.for_each(|onset| lines.plain(&format!("RDATE:{onset}"))),
    }
    lines.plain(&format!("TZOFFSETFROM:{}", offset(observance.from_seconds)));
    lines.plain(&format!("TZOFFSETTO:{}", offset(observance.to_seconds)));
    if !observance.name.is_empty() {
        lines.text_value("TZNAME", &observance.name);
    }
    lines.plain(&format!("END:{kind}"));
}

fn offset_seconds(zone: Tz, instant: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&instant.naive_utc())
        .fix()
        .local_minus_utc()
}

/// `+0545`; with seconds where there are some.
fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let all = seconds.unsigned_abs();
    let (hours, minutes, rest) = (all / 3600, all / 60 % 60, all % 60);
    let mut text = format!("{sign}{hours:02}{minutes:02}");
    if rest > 0 {
        // Writing into a string does not fail.
        let _ = write!(text, "{rest:02}");
    }
    text
}

fn utc(instant: DateTime<Utc>) -> String {
    instant.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Lines that end and are folded as they must be.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    /// A property whose value is text, which may hold anything.
    fn text_value(&mut self, name: &str, value: &str) {
        let mut line = format!("{name}:");
        for sign in value.chars() {
            match sign {
                '\\' | ';' | ',' => line.extend(['\\', sign]),
                '\n' => line.push_str("\\n"),
                sign if sign.is_control() => {}
                sign => line.push(sign),
            }
        }
        self.plain(&line);
    }

    /// A line that is as it must be but for its length.
    fn plain(&mut self, line: &str) {
        let mut width = 0;
        for sign in line.chars() {
            if width + sign.len_utf8() > WIDEST_LINE {
                self.text.push_str("\r\n ");
                width = 1;
            }
            self.text.push(sign);
            width += sign.len_utf8();
        }
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America::New_York, Asia::Kathmandu, Australia::Lord_Howe};

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn entry(zone: Tz, starts_at: &str) -> Entry {
        let starts_at = at(starts_at);
        Entry {
            uid: "appointment-1@tautband".to_owned(),
            summary: "Appointment",
            description: None,
            location: Some("Main Street; 1st floor, left\nback door".to_owned()),
            span: Span::Timed {
                starts_at,
                ends_at: starts_at + TimeDelta::minutes(30),
                zone,
            },
            version: Version::FIRST.next().next(),
            updated_at: at("2026-03-02T14:00:00Z"),
            is_cancelled: false,
        }
    }

    fn lines(entries: Vec<Entry>) -> Vec<String> {
        let text = Calendar { entries }.text();
        let unfolded = text.replace("\r\n ", "");
        unfolded.split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn an_entry_is_at_the_wall_clock_of_its_zone_and_counts_its_changes() {
        let lines = lines(vec![entry(New_York, "2026-03-09T13:00:00Z")]);
        for expected in [
            "DTSTART;TZID=America/New_York:20260309T090000",
            "DTEND;TZID=America/New_York:20260309T093000",
            "SEQUENCE:2",
            "DTSTAMP:20260302T140000Z",
            "LOCATION:Main Street\\; 1st floor\\, left\\nback door",
            "STATUS:CONFIRMED",
        ] {
            assert!(lines.iter().any(|line| line == expected), "{expected}");
        }
    }

    #[test]
    fn no_line_is_wider_than_75_octets_and_no_sign_is_cut_in_two() {
        let mut wide = entry(New_York, "2026-03-09T13:00:00Z");
        wide.location = Some("Ärztehaus an der Großen Straße — ".repeat(20));
        let text = Calendar {
            entries: vec![wide.clone()],
        }
        .text();
        assert!(text.split("\r\n").all(|line| line.len() <= WIDEST_LINE));
        assert!(text.ends_with("END:VCALENDAR\r\n"));
        let unfolded = text.replace("\r\n ", "");
        assert!(unfolded.contains(wide.location.unwrap().trim_end()));
    }

    #[test]
    fn a_zone_is_written_out_with_every_change_around_its_entries() {
        let all = lines(vec![entry(New_York, "2026-07-01T13:00:00Z")]).join("\n");
        // From July 2025 to July 2027: two changes a year, and what was in force at first.
        for expected in [
            "BEGIN:DAYLIGHT\nDTSTART:20260308T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nTZNAME:EDT\nEND:DAYLIGHT",
            "BEGIN:STANDARD\nDTSTART:20251102T020000\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nTZNAME:EST\nEND:STANDARD",
            "BEGIN:DAYLIGHT\nDTSTART:20250630T090000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0400\nTZNAME:EDT\nEND:DAYLIGHT",
        ] {
            assert!(all.contains(expected), "{expected}\nin\n{all}");
        }
    }

    #[test]
    fn the_rules_of_eight_zones_give_the_changes_of_their_clocks() {
        for (zone, rules) in [
            (chrono_tz::Europe::London, 2),
            (chrono_tz::Europe::Berlin, 2),
            (New_York, 2),
            (chrono_tz::America::Los_Angeles, 2),
            (chrono_tz::Australia::Sydney, 2),
            (Lord_Howe, 2),
            (chrono_tz::America::Santiago, 0),
            (Kathmandu, 0),
        ] {
            let text = lines(vec![entry(zone, "2026-07-01T01:00:00Z")]).join("\n");
            assert_eq!(
                text.matches("RRULE:FREQ=YEARLY").count(),
                rules,
                "{zone}\n{text}"
            );
            assert!(rules == 0 || !text.contains("RDATE"), "{zone}\n{text}");
            assert!(text.contains("X-WR-CALNAME:Appointments"));
        }
        let last_sunday = lines(vec![entry(
            chrono_tz::Europe::Berlin,
            "2026-07-01T01:00:00Z",
        )]);
        assert!(last_sunday.contains(&"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU".to_owned()));
    }

    #[test]
    fn what_is_in_an_hour_that_comes_twice_is_told_apart() {
        let all = lines(vec![
            entry(New_York, "2026-11-01T05:15:00Z"),
            entry(New_York, "2026-11-01T06:15:00Z"),
        ]);
        assert!(all.contains(&"DTSTART;TZID=America/New_York:20261101T011500".to_owned()));
        assert!(all.contains(&"DTSTART:20261101T061500Z".to_owned()));
        assert!(all.contains(&"DTEND:20261101T064500Z".to_owned()));
    }

    #[test]
    fn half_hours_and_quarters_of_an_hour_are_kept() {
        let all = lines(vec![
            entry(Lord_Howe, "2026-07-01T01:00:00Z"),
            entry(Kathmandu, "2026-07-01T01:00:00Z"),
        ])
        .join("\n");
        let summer = "DTSTART:20251005T020000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU\nTZOFFSETFROM:+1030\nTZOFFSETTO:+1100";
        assert!(all.contains(summer), "{all}");
        assert!(all.contains("TZOFFSETTO:+0545"));
        assert_eq!(all.matches("BEGIN:VTIMEZONE").count(), 2);
    }

    #[test]
    fn days_have_no_clock_and_take_no_time() {
        let days = Entry {
            span: Span::Days {
                first: "2026-03-05".parse().unwrap(),
                past: "2026-03-07".parse().unwrap(),
            },
            is_cancelled: true,
            ..entry(New_York, "2026-03-09T13:00:00Z")
        };
        let lines = lines(vec![days]);
        assert!(lines.contains(&"DTSTART;VALUE=DATE:20260305".to_owned()));
        assert!(lines.contains(&"DTEND;VALUE=DATE:20260307".to_owned()));
        assert!(lines.contains(&"TRANSP:TRANSPARENT".to_owned()));
        assert!(lines.contains(&"STATUS:CANCELLED".to_owned()));
        assert!(!lines.contains(&"BEGIN:VTIMEZONE".to_owned()));
    }
}
