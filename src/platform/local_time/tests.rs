//! The days on which clocks change, in zones that do it in their own way.

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
