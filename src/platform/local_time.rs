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

    /// Whose clock it is.
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

/// How long until a clock so far from UTC reads a multiple of `every` minutes, if nobody touches it.
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
mod tests {
    use chrono::Timelike;
    use chrono_tz::{
        America::{Havana, New_York, St_Johns},
        Asia::Kathmandu,
        Australia::Lord_Howe,
        Europe::London,
        Pacific::Apia,
    };
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn time(text: &str) -> NaiveTime {
        NaiveTime::parse_from_str(text, "%H:%M").unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn spans(zone: Tz, on: &str, from: &str, to: &str) -> Vec<(String, String)> {
        window(zone, date(on), time(from), time(to))
            .as_slice()
            .iter()
            .map(|span| {
                (
                    to_zone_rfc3339(span.starts_at(), zone),
                    to_zone_rfc3339(span.ends_at(), zone),
                )
            })
            .collect()
    }

    fn span(starts_at: &str, ends_at: &str) -> (String, String) {
        (starts_at.to_owned(), ends_at.to_owned())
    }

    fn hours_of(zone: Tz, on: &str) -> i64 {
        let day = local_day_bounds(zone, date(on)).unwrap();
        (day.ends_at() - day.starts_at()).num_hours()
    }

    #[test]
    fn an_ordinary_time_is_one_instant() {
        let noon = resolve(Kathmandu, date("2026-07-01"), time("12:00"));
        assert_eq!(noon, LocalInstant::Unique(at("2026-07-01T12:00:00+05:45")));
    }

    #[test]
    fn a_skipped_time_names_the_jump() {
        let skipped = |zone, on, reading| resolve(zone, date(on), time(reading));
        let jump = |text| LocalInstant::Gap {
            goes_forward_at: at(text),
        };
        let new_york = skipped(New_York, "2026-03-08", "02:30");
        assert_eq!(new_york, jump("2026-03-08T03:00:00-04:00"));
        let london = skipped(London, "2026-03-29", "01:00");
        assert_eq!(london, jump("2026-03-29T02:00:00+01:00"));
        let lord_howe = skipped(Lord_Howe, "2026-10-04", "02:29");
        assert_eq!(lord_howe, jump("2026-10-04T02:30:00+11:00"));
        let havana = skipped(Havana, "2026-03-08", "00:00");
        assert_eq!(havana, jump("2026-03-08T01:00:00-04:00"));
        let apia = skipped(Apia, "2011-12-30", "12:00");
        assert_eq!(apia, jump("2011-12-31T00:00:00+14:00"));
    }

    #[test]
    fn a_repeated_time_names_both_instants_and_the_change() {
        assert_eq!(
            resolve(New_York, date("2026-11-01"), time("01:30")),
            LocalInstant::Overlap {
                earliest: at("2026-11-01T01:30:00-04:00"),
                goes_back_at: at("2026-11-01T01:00:00-05:00"),
                latest: at("2026-11-01T01:30:00-05:00"),
            }
        );
        assert_eq!(
            resolve(Lord_Howe, date("2026-04-05"), time("01:45")),
            LocalInstant::Overlap {
                earliest: at("2026-04-05T01:45:00+11:00"),
                goes_back_at: at("2026-04-05T01:30:00+10:30"),
                latest: at("2026-04-05T01:45:00+10:30"),
            }
        );
    }

    #[test]
    fn the_first_minute_after_a_change_is_unique() {
        let after_gap = resolve(New_York, date("2026-03-08"), time("03:00"));
        assert_eq!(
            after_gap,
            LocalInstant::Unique(at("2026-03-08T03:00:00-04:00"))
        );
        let after_overlap = resolve(New_York, date("2026-11-01"), time("02:00"));
        assert_eq!(
            after_overlap,
            LocalInstant::Unique(at("2026-11-01T02:00:00-05:00"))
        );
    }

    #[test]
    fn a_window_shrinks_when_the_clocks_go_forward() {
        assert_eq!(
            spans(New_York, "2026-03-08", "01:00", "04:00"),
            [span(
                "2026-03-08T01:00:00-05:00",
                "2026-03-08T04:00:00-04:00"
            )]
        );
        assert_eq!(
            spans(New_York, "2026-03-08", "02:30", "04:00"),
            [span(
                "2026-03-08T03:00:00-04:00",
                "2026-03-08T04:00:00-04:00"
            )]
        );
        assert_eq!(
            spans(Lord_Howe, "2026-10-04", "01:30", "02:15"),
            [span(
                "2026-10-04T01:30:00+10:30",
                "2026-10-04T02:30:00+11:00"
            )]
        );
    }

    #[test]
    fn a_window_that_is_skipped_altogether_is_empty() {
        assert_eq!(spans(London, "2026-03-29", "01:00", "02:00"), []);
        assert_eq!(spans(Apia, "2011-12-30", "08:00", "17:00"), []);
    }

    #[test]
    fn both_hours_are_in_the_window_when_the_clocks_go_back() {
        assert_eq!(
            spans(London, "2026-10-25", "01:00", "02:00"),
            [span(
                "2026-10-25T01:00:00+01:00",
                "2026-10-25T02:00:00+00:00"
            )]
        );
    }

    #[test]
    fn a_window_that_ends_inside_the_repeated_hour_is_open_twice() {
        assert_eq!(
            spans(New_York, "2026-11-01", "00:30", "01:30"),
            [
                span("2026-11-01T00:30:00-04:00", "2026-11-01T01:30:00-04:00"),
                span("2026-11-01T01:00:00-05:00", "2026-11-01T01:30:00-05:00"),
            ]
        );
        assert_eq!(
            spans(New_York, "2026-11-01", "01:30", "03:00"),
            [
                span("2026-11-01T01:30:00-04:00", "2026-11-01T01:00:00-05:00"),
                span("2026-11-01T01:30:00-05:00", "2026-11-01T03:00:00-05:00"),
            ]
        );
    }

    #[test]
    fn a_window_until_midnight_does_not_reach_into_a_repeated_midnight() {
        assert_eq!(
            spans(Havana, "2026-10-31", "22:00", "00:00"),
            [span(
                "2026-10-31T22:00:00-04:00",
                "2026-11-01T00:00:00-04:00"
            )]
        );
        assert_eq!(
            spans(Havana, "2026-10-31", "23:00", "00:30"),
            [
                span("2026-10-31T23:00:00-04:00", "2026-11-01T00:30:00-04:00"),
                span("2026-11-01T00:00:00-05:00", "2026-11-01T00:30:00-05:00"),
            ]
        );
    }

    #[test]
    fn a_window_may_cross_midnight_and_the_year() {
        assert_eq!(
            spans(Kathmandu, "2026-12-31", "22:00", "02:00"),
            [span(
                "2026-12-31T22:00:00+05:45",
                "2027-01-01T02:00:00+05:45"
            )]
        );
        assert_eq!(
            spans(New_York, "2026-03-07", "22:00", "04:00"),
            [span(
                "2026-03-07T22:00:00-05:00",
                "2026-03-08T04:00:00-04:00"
            )]
        );
    }

    #[test]
    fn a_day_has_23_24_or_25_hours() {
        assert_eq!(hours_of(New_York, "2026-03-08"), 23);
        assert_eq!(hours_of(New_York, "2026-03-09"), 24);
        assert_eq!(hours_of(New_York, "2026-11-01"), 25);
        assert_eq!(hours_of(Havana, "2026-03-08"), 23);
        assert_eq!(hours_of(Havana, "2026-11-01"), 25);
        assert_eq!(hours_of(Havana, "2026-10-31"), 24);
        assert_eq!(hours_of(Apia, "2011-12-29"), 24);
        assert_eq!(hours_of(Apia, "2011-12-31"), 24);
        assert_eq!(local_day_bounds(Apia, date("2011-12-30")), None);
    }

    #[test]
    fn a_day_begins_at_the_first_of_two_midnights_and_after_a_skipped_one() {
        let begins = |zone, on| local_day_bounds(zone, date(on)).unwrap().starts_at();
        assert_eq!(
            begins(Havana, "2026-11-01"),
            at("2026-11-01T00:00:00-04:00")
        );
        assert_eq!(
            begins(Havana, "2026-03-08"),
            at("2026-03-08T01:00:00-04:00")
        );
    }

    #[test]
    fn an_instant_is_answered_with_the_offset_of_its_zone() {
        assert_eq!(
            to_zone_rfc3339(at("2026-07-01T00:00:00Z"), Kathmandu),
            "2026-07-01T05:45:00+05:45"
        );
    }

    #[test]
    fn the_grid_follows_the_wall_clock_past_a_half_hour_change() {
        let hourly = NonZeroU32::new(60).unwrap();
        let night = Interval::new(at("2026-10-03T12:00:00Z"), at("2026-10-04T12:00:00Z")).unwrap();
        let clock = WallClock::over(Lord_Howe, &night);
        let next = |instant| clock.on_grid_from(instant, hourly);
        let exact = at("2026-10-04T03:00:00+11:00");
        assert_eq!(next(at("2026-10-04T01:01:00+10:30")), Some(exact));
        assert_eq!(next(exact), Some(exact));
        let just_after = exact + TimeDelta::microseconds(1);
        assert_eq!(next(just_after), Some(at("2026-10-04T04:00:00+11:00")));
    }

    #[test]
    fn the_grid_begins_anew_every_midnight() {
        let every = NonZeroU32::new(50).unwrap();
        let (late, midnight) = (
            at("2026-07-01T23:21:00+05:45"),
            at("2026-07-02T00:00:00+05:45"),
        );
        let clock = WallClock::over(Kathmandu, &Interval::new(late, midnight).unwrap());
        assert_eq!(clock.on_grid_from(late, every), Some(midnight));
    }

    /// Midnight UTC of a date on or near a change of clocks, and the zone.
    fn eventful_days() -> impl Strategy<Value = (Tz, NaiveDate)> {
        let days = [
            (New_York, "2026-03-08"),
            (New_York, "2026-11-01"),
            (London, "2026-03-29"),
            (London, "2026-10-25"),
            (Lord_Howe, "2026-04-05"),
            (Lord_Howe, "2026-10-04"),
            (Kathmandu, "2026-12-31"),
            (Havana, "2026-03-08"),
            (Havana, "2026-11-01"),
            (Apia, "2011-12-30"),
            (St_Johns, "2010-11-07"),
        ];
        prop::sample::select(days.map(|(zone, on)| (zone, date(on))).to_vec())
    }

    fn minutes_around(day: NaiveDate) -> impl Iterator<Item = DateTime<Utc>> {
        let noon = day.and_time(time("12:00")).and_utc();
        (-4_000..4_000).map(move |minute| noon + TimeDelta::minutes(minute))
    }

    fn minutes_in(set: &IntervalSet) -> Vec<DateTime<Utc>> {
        let minutes = |span: &Interval| {
            let (first, last) = (span.starts_at(), span.ends_at());
            (0..(last - first).num_minutes()).map(move |minute| first + TimeDelta::minutes(minute))
        };
        set.as_slice().iter().flat_map(minutes).collect()
    }

    fn minute_of_day(minute: u32) -> NaiveTime {
        NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_window_holds_the_minutes_at_which_the_clock_reads_a_time_inside(
            (zone, day) in eventful_days(),
            from in (0_u32..1_440).prop_map(minute_of_day),
            to in (0_u32..1_440).prop_map(minute_of_day),
        ) {
            let next_day = if to > from { day } else { day.succ_opt().unwrap() };
            let (opens, closes) = (day.and_time(from), next_day.and_time(to));
            let model: Vec<_> = minutes_around(day)
                .filter(|instant| {
                    let reading = instant.with_timezone(&zone).naive_local();
                    opens <= reading && reading < closes
                })
                .collect();
            prop_assert_eq!(minutes_in(&window(zone, day, from, to)), model);
        }

        #[test]
        fn the_grid_is_every_minute_whose_reading_is_a_multiple(
            (zone, day) in eventful_days(),
            every in 1_u32..200,
            known in (-5_000_i64..5_000, 1_i64..5_000),
        ) {
            let model: Vec<_> = minutes_around(day)
                .filter(|instant| {
                    let reading = instant.with_timezone(&zone).time();
                    (reading.num_seconds_from_midnight() / 60).is_multiple_of(every)
                })
                .collect();
            let every = NonZeroU32::new(every).unwrap();
            let noon = day.and_time(time("12:00")).and_utc();
            let known_from = noon + TimeDelta::minutes(known.0);
            let known = Interval::new(known_from, known_from + TimeDelta::minutes(known.1)).unwrap();
            let clock = WallClock::over(zone, &known);
            let next = |instant| clock.on_grid_from(instant, every);
            let mut grid = Vec::new();
            let mut candidate = next(minutes_around(day).next().unwrap());
            while let Some(instant) = candidate.filter(|i| *i <= model[model.len() - 1]) {
                grid.push(instant);
                candidate = next(instant + TimeDelta::seconds(1));
            }
            prop_assert_eq!(grid, model);
        }
    }
}
