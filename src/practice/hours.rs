//! Opening hours: when a provider sees patients at a location.
//!
//! A weekly template holds wall-clock windows of the location and is valid for a period of dates;
//! a window belongs to the date on which it opens, so one over midnight on the last valid date
//! still runs to its end. Extra hours add to the templates. Time off and closures take away, and
//! they are applied last: a closed house stays closed, whatever somebody had added before.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use chrono_tz::Tz;
use thiserror::Error;
use uuid::Uuid;

use crate::platform::intervals::{Interval, IntervalSet};
use crate::platform::local_time;
use crate::platform::text::text_enum;

const SECONDS_PER_DAY: u32 = 86_400;
const SECONDS_PER_WEEK: u32 = 7 * SECONDS_PER_DAY;

text_enum! {
    /// A day of the week.
    pub(crate) enum Weekday {
        Monday = "monday",
        Tuesday = "tuesday",
        Wednesday = "wednesday",
        Thursday = "thursday",
        Friday = "friday",
        Saturday = "saturday",
        Sunday = "sunday",
    }
}

impl Weekday {
    /// The day of the week of a date.
    pub(crate) fn of(date: NaiveDate) -> Self {
        match date.weekday() {
            chrono::Weekday::Mon => Self::Monday,
            chrono::Weekday::Tue => Self::Tuesday,
            chrono::Weekday::Wed => Self::Wednesday,
            chrono::Weekday::Thu => Self::Thursday,
            chrono::Weekday::Fri => Self::Friday,
            chrono::Weekday::Sat => Self::Saturday,
            chrono::Weekday::Sun => Self::Sunday,
        }
    }

    const fn days_from_monday(self) -> u32 {
        match self {
            Self::Monday => 0,
            Self::Tuesday => 1,
            Self::Wednesday => 2,
            Self::Thursday => 3,
            Self::Friday => 4,
            Self::Saturday => 5,
            Self::Sunday => 6,
        }
    }
}

/// A wall-clock window that recurs every week; a `to` that is not after `from` lies on the next day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WeeklyWindow {
    /// The day on which it opens.
    pub(crate) weekday: Weekday,
    /// The first wall-clock time inside.
    pub(crate) from: NaiveTime,
    /// The first wall-clock time after it.
    pub(crate) to: NaiveTime,
    /// The types of appointment it is kept for; every type when empty.
    pub(crate) appointment_type_ids: Vec<Uuid>,
}

impl WeeklyWindow {
    fn admits(&self, appointment_type_id: Uuid) -> bool {
        self.appointment_type_ids.is_empty()
            || self.appointment_type_ids.contains(&appointment_type_id)
    }

    fn is_in_whole_minutes(&self) -> bool {
        [self.from, self.to]
            .iter()
            .all(|time| time.second() == 0 && time.nanosecond() == 0)
    }

    fn opens_at_second_of_week(&self) -> u32 {
        self.weekday.days_from_monday() * SECONDS_PER_DAY + self.from.num_seconds_from_midnight()
    }

    fn lasts_seconds(&self) -> u32 {
        let from = self.from.num_seconds_from_midnight();
        let to = self.to.num_seconds_from_midnight();
        if to > from {
            to - from
        } else {
            to + SECONDS_PER_DAY - from
        }
    }

    /// Whether the two share a time of the week; Sunday night runs on into Monday.
    fn overlaps(&self, other: &Self) -> bool {
        let (mine, theirs) = (
            self.opens_at_second_of_week(),
            other.opens_at_second_of_week(),
        );
        let until_theirs = (theirs + SECONDS_PER_WEEK - mine) % SECONDS_PER_WEEK;
        let until_mine = (mine + SECONDS_PER_WEEK - theirs) % SECONDS_PER_WEEK;
        until_theirs < self.lasts_seconds() || until_mine < other.lasts_seconds()
    }
}

/// What is wrong with one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum WindowFault {
    #[error("the window opens and closes at the same time")]
    ZeroLength,
    #[error("opening and closing times are in whole minutes")]
    NotWholeMinutes,
    #[error("the window overlaps window {earlier_index} of the list")]
    Overlaps {
        /// The place in the list of the first window it overlaps.
        earlier_index: usize,
    },
}

/// What is wrong with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum TemplateFault {
    #[error("the last valid date is before the first")]
    EndsBeforeItStarts,
    #[error("{fault}")]
    Window {
        /// The place of the window in the list, from zero.
        index: usize,
        /// What is wrong with it.
        fault: WindowFault,
    },
}

/// A template that cannot be kept, with everything that is wrong with it; never empty.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the hours contradict themselves in {} places", .0.len())]
pub(crate) struct TemplateRefused(pub(crate) Vec<TemplateFault>);

/// A provider's weekly hours at one location for a period of dates; no two windows overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AvailabilityTemplate {
    zone: Tz,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    weekly: Vec<WeeklyWindow>,
}

impl AvailabilityTemplate {
    /// The template, `valid_until` included, or all that is wrong with it.
    pub(crate) fn new(
        zone: Tz,
        valid_from: NaiveDate,
        valid_until: Option<NaiveDate>,
        weekly: Vec<WeeklyWindow>,
    ) -> Result<Self, TemplateRefused> {
        let mut faults = Vec::new();
        if valid_until.is_some_and(|until| until < valid_from) {
            faults.push(TemplateFault::EndsBeforeItStarts);
        }
        faults.extend(window_faults(&weekly));
        if faults.is_empty() {
            Ok(Self {
                zone,
                valid_from,
                valid_until,
                weekly,
            })
        } else {
            Err(TemplateRefused(faults))
        }
    }

    /// Every window that admits the type and shares an instant with `range`, in its full length.
    ///
    /// Not cut to the range: an appointment that begins inside may end outside.
    pub(crate) fn open_intervals(
        &self,
        appointment_type_id: Uuid,
        range: &Interval,
    ) -> IntervalSet {
        let first = local_time::local_date(self.zone, range.starts_at());
        let last = local_time::local_date(self.zone, range.ends_at());
        // A window over midnight that opened the day before reaches into the first date.
        let first = first.pred_opt().unwrap_or(first).max(self.valid_from);
        let last = self.valid_until.map_or(last, |until| until.min(last));
        first
            .iter_days()
            .take_while(|date| *date <= last)
            .flat_map(|date| self.windows_on(date, appointment_type_id))
            .filter(|interval| interval.overlaps(range))
            .collect()
    }

    fn windows_on(&self, date: NaiveDate, appointment_type_id: Uuid) -> Vec<Interval> {
        let weekday = Weekday::of(date);
        self.weekly
            .iter()
            .filter(|window| window.weekday == weekday && window.admits(appointment_type_id))
            .map(|window| local_time::window(self.zone, date, window.from, window.to))
            .flat_map(|open| open.as_slice().to_vec())
            .collect()
    }
}

fn window_faults(weekly: &[WeeklyWindow]) -> impl Iterator<Item = TemplateFault> {
    weekly.iter().enumerate().filter_map(|(index, window)| {
        let earlier = weekly.get(..index).unwrap_or_default();
        let fault = window_fault(window, earlier)?;
        Some(TemplateFault::Window { index, fault })
    })
}

fn window_fault(window: &WeeklyWindow, earlier: &[WeeklyWindow]) -> Option<WindowFault> {
    if !window.is_in_whole_minutes() {
        return Some(WindowFault::NotWholeMinutes);
    }
    if window.from == window.to {
        return Some(WindowFault::ZeroLength);
    }
    let overlaps = |other: &WeeklyWindow| other.from != other.to && other.overlaps(window);
    let earlier_index = earlier.iter().position(overlaps)?;
    Some(WindowFault::Overlaps { earlier_index })
}

/// Everything that decides when a provider is there at one location.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProviderHours {
    /// The weekly hours at the location; their periods may follow one another.
    pub(crate) templates: Vec<AvailabilityTemplate>,
    /// Hours added at the location, for every type of appointment.
    pub(crate) extra_hours: IntervalSet,
    /// When the provider is away, wherever that would have been.
    pub(crate) time_off: IntervalSet,
    /// When the location, or the whole practice, is closed.
    pub(crate) closures: IntervalSet,
}

impl ProviderHours {
    /// When appointments of the type can take place, complete within `range`.
    pub(crate) fn open_intervals(
        &self,
        appointment_type_id: Uuid,
        range: &Interval,
    ) -> IntervalSet {
        let weekly: IntervalSet = self
            .templates
            .iter()
            .flat_map(|template| {
                template
                    .open_intervals(appointment_type_id, range)
                    .as_slice()
                    .to_vec()
            })
            .collect();
        weekly
            .union(&self.extra_hours)
            .subtract(&self.time_off)
            .subtract(&self.closures)
    }

    /// When something can take place that could not before, whatever the type of appointment.
    pub(crate) fn opened_since(&self, before: &Self, range: &Interval) -> IntervalSet {
        // One that no window names stands for all of those.
        let named = [self, before].into_iter().flat_map(Self::types_named);
        let types: BTreeSet<Uuid> = named.chain([Uuid::nil()]).collect();
        let opened = types.into_iter().flat_map(|id| {
            let after = self.open_intervals(id, range);
            let opened = after.subtract(&before.open_intervals(id, range));
            opened.as_slice().to_vec()
        });
        opened.collect()
    }

    fn types_named(&self) -> impl Iterator<Item = Uuid> {
        let windows = self.templates.iter().flat_map(|template| &template.weekly);
        windows.flat_map(|window| window.appointment_type_ids.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use chrono_tz::America::New_York;

    use super::*;

    const CONSULTATION: Uuid = Uuid::from_u128(1);
    const INJECTION: Uuid = Uuid::from_u128(2);

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn span(starts_at: &str, ends_at: &str) -> Interval {
        Interval::new(at(starts_at), at(ends_at)).unwrap()
    }

    fn window(weekday: Weekday, from: &str, to: &str) -> WeeklyWindow {
        let time = |text| NaiveTime::parse_from_str(text, "%H:%M:%S").unwrap();
        let (from, to) = (time(&format!("{from}:00")), time(&format!("{to}:00")));
        WeeklyWindow {
            weekday,
            from,
            to,
            appointment_type_ids: Vec::new(),
        }
    }

    fn template(weekly: Vec<WeeklyWindow>) -> Result<AvailabilityTemplate, TemplateRefused> {
        AvailabilityTemplate::new(New_York, date("2026-01-01"), None, weekly)
    }

    fn faults(weekly: Vec<WeeklyWindow>) -> Vec<TemplateFault> {
        template(weekly).unwrap_err().0
    }

    fn fault(index: usize, fault: WindowFault) -> TemplateFault {
        TemplateFault::Window { index, fault }
    }

    #[test]
    fn what_opens_is_what_was_not_open_before() {
        let day = span("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z");
        let monday = template(vec![window(Weekday::Monday, "08:00", "12:00")]).unwrap();
        let away = ProviderHours {
            templates: vec![monday.clone()],
            time_off: [span("2026-03-02T14:00:00Z", "2026-03-02T20:00:00Z")]
                .into_iter()
                .collect(),
            ..ProviderHours::default()
        };
        let back = ProviderHours {
            templates: vec![monday],
            ..ProviderHours::default()
        };
        let opened = back.opened_since(&away, &day);
        let rest_of_the_morning = span("2026-03-02T14:00:00Z", "2026-03-02T17:00:00Z");
        assert_eq!(opened.as_slice(), [rest_of_the_morning]);
        assert!(away.opened_since(&back, &day).as_slice().is_empty());
        assert!(back.opened_since(&back, &day).as_slice().is_empty());
    }

    #[test]
    fn a_window_opened_to_one_more_type_opens() {
        let day = span("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z");
        let hours = |types: &[Uuid]| {
            let mut morning = window(Weekday::Monday, "08:00", "12:00");
            morning.appointment_type_ids = types.to_vec();
            ProviderHours {
                templates: vec![template(vec![morning]).unwrap()],
                ..ProviderHours::default()
            }
        };
        let (one, both) = (hours(&[CONSULTATION]), hours(&[CONSULTATION, INJECTION]));
        let morning = span("2026-03-02T13:00:00Z", "2026-03-02T17:00:00Z");
        assert_eq!(both.opened_since(&one, &day).as_slice(), [morning]);
        assert_eq!(hours(&[]).opened_since(&both, &day).as_slice(), [morning]);
        assert!(one.opened_since(&hours(&[]), &day).as_slice().is_empty());
    }

    #[test]
    fn windows_that_touch_are_accepted() {
        let touching = vec![
            window(Weekday::Sunday, "20:00", "00:00"),
            window(Weekday::Monday, "00:00", "08:00"),
            window(Weekday::Monday, "08:00", "12:00"),
        ];
        assert!(template(touching).is_ok());
    }

    #[test]
    fn every_bad_window_is_named_by_its_place() {
        let mut uneven = window(Weekday::Friday, "08:00", "09:00");
        uneven.to += TimeDelta::seconds(1);
        let bad = vec![
            window(Weekday::Monday, "08:00", "12:00"),
            window(Weekday::Monday, "13:00", "13:00"),
            window(Weekday::Monday, "11:59", "14:00"),
            uneven,
        ];
        assert_eq!(
            faults(bad),
            [
                fault(1, WindowFault::ZeroLength),
                fault(2, WindowFault::Overlaps { earlier_index: 0 }),
                fault(3, WindowFault::NotWholeMinutes),
            ]
        );
    }

    #[test]
    fn a_window_over_midnight_overlaps_the_next_morning() {
        let overlap = WindowFault::Overlaps { earlier_index: 0 };
        let midweek = vec![
            window(Weekday::Tuesday, "22:00", "02:00"),
            window(Weekday::Wednesday, "01:00", "03:00"),
        ];
        assert_eq!(faults(midweek), [fault(1, overlap)]);
        let over_the_weekend = vec![
            window(Weekday::Monday, "01:00", "03:00"),
            window(Weekday::Sunday, "22:00", "02:00"),
        ];
        assert_eq!(faults(over_the_weekend), [fault(1, overlap)]);
    }

    #[test]
    fn equal_windows_of_different_days_do_not_overlap() {
        let days = Weekday::ALL
            .iter()
            .map(|&weekday| window(weekday, "22:00", "02:00"));
        assert!(template(days.collect()).is_ok());
    }

    #[test]
    fn a_period_that_ends_before_it_starts_is_refused() {
        let refused = AvailabilityTemplate::new(
            New_York,
            date("2026-05-02"),
            Some(date("2026-05-01")),
            Vec::new(),
        );
        assert_eq!(refused.unwrap_err().0, [TemplateFault::EndsBeforeItStarts]);
    }

    #[test]
    fn the_last_valid_date_is_included_and_its_night_runs_to_the_end() {
        let nights = Weekday::ALL
            .iter()
            .map(|&weekday| window(weekday, "22:00", "02:00"));
        let template = AvailabilityTemplate::new(
            New_York,
            date("2026-05-04"),
            Some(date("2026-05-05")),
            nights.collect(),
        )
        .unwrap();
        let may = span("2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z");
        assert_eq!(
            template.open_intervals(CONSULTATION, &may).as_slice(),
            [
                span("2026-05-04T22:00:00-04:00", "2026-05-05T02:00:00-04:00"),
                span("2026-05-05T22:00:00-04:00", "2026-05-06T02:00:00-04:00"),
            ]
        );
    }

    #[test]
    fn a_window_that_began_before_the_range_is_given_in_full() {
        let template = template(vec![window(Weekday::Monday, "22:00", "04:00")]).unwrap();
        let early_tuesday = span("2026-05-05T03:00:00-04:00", "2026-05-05T03:30:00-04:00");
        assert_eq!(
            template
                .open_intervals(CONSULTATION, &early_tuesday)
                .as_slice(),
            [span(
                "2026-05-04T22:00:00-04:00",
                "2026-05-05T04:00:00-04:00"
            )]
        );
    }

    #[test]
    fn a_window_kept_for_some_types_is_closed_to_the_others() {
        let mut kept = window(Weekday::Monday, "08:00", "12:00");
        kept.appointment_type_ids = vec![INJECTION];
        let template = template(vec![kept]).unwrap();
        let monday = span("2026-05-04T00:00:00Z", "2026-05-05T00:00:00Z");
        assert_eq!(
            template.open_intervals(INJECTION, &monday).as_slice().len(),
            1
        );
        assert_eq!(
            template.open_intervals(CONSULTATION, &monday),
            IntervalSet::default()
        );
    }

    #[test]
    fn extra_hours_add_and_closures_and_time_off_have_the_last_word() {
        let monday = |from: &str, to: &str| {
            span(
                &format!("2026-05-04T{from}:00-04:00"),
                &format!("2026-05-04T{to}:00-04:00"),
            )
        };
        let hours = ProviderHours {
            templates: vec![template(vec![window(Weekday::Monday, "08:00", "12:00")]).unwrap()],
            extra_hours: [monday("12:00", "15:00")].into_iter().collect(),
            time_off: [monday("09:00", "10:00")].into_iter().collect(),
            closures: [monday("14:00", "18:00")].into_iter().collect(),
        };
        let open = hours.open_intervals(CONSULTATION, &monday("00:00", "23:00"));
        assert_eq!(
            open.as_slice(),
            [monday("08:00", "09:00"), monday("10:00", "14:00")]
        );
    }
}
