//! Protocols: which follow-ups a kind of procedure adds, and when each of them is due.
//!
//! A step is due within a window after the procedure. Windows in days are made of whole calendar
//! days in the practice's zone: they open when the first day begins and close when the last one
//! ends, whatever the clocks do in between. Windows in hours are counted as hours. What needs
//! somebody in the practice avoids days on which it is closed: a window that would open or close on
//! such a day does so on the next open one, so that a window always has a length.
//!
//! The shipped protocol asks how the first days went (soreness and adverse events show within 72
//! hours), sees the patient after two to four weeks, and asks by questionnaire at six and twelve
//! weeks, when the lasting effect of an injection shows.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::platform::intervals::{Interval, IntervalSet};
use crate::platform::local_time::{local_date, local_day_bounds};
use crate::platform::text::text_enum;
use crate::procedures::ProcedureKind;

use super::due_window::DueWindow;
use super::follow_up::{FollowUpKind, ProtocolId};

text_enum! {
    /// What a window is counted in.
    pub(crate) enum WindowUnit {
        Hours = "hours",
        Days = "days",
    }
}

/// One follow-up that a procedure adds; spelt the same in JSON and in the database.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProtocolStep {
    /// Names the step within its protocol.
    #[schema(
        pattern = "^[a-z][a-z0-9_]{0,59}$",
        max_length = 60,
        example = "first_call"
    )]
    pub(super) code: String,
    pub(super) kind: FollowUpKind,
    pub(super) unit: WindowUnit,
    /// The window opens so many hours or calendar days after the procedure.
    #[schema(minimum = 0, maximum = 1000)]
    pub(super) from: u16,
    /// The window closes after so many hours, or at the end of that calendar day.
    #[schema(minimum = 1, maximum = 1000)]
    pub(super) to: u16,
    /// What for, in words a patient may read.
    #[schema(min_length = 1, max_length = 500)]
    pub(super) reason: String,
}

/// A protocol as it is in force, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Protocol {
    /// `None` for the shipped protocol, which is in force until a practice writes its own.
    pub(super) id: Option<ProtocolId>,
    pub(super) procedure_kind: ProcedureKind,
    pub(super) name: String,
    pub(super) steps: Vec<ProtocolStep>,
    pub(super) created_at: Option<DateTime<Utc>>,
}

/// What is wrong with the step at this place of a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StepFault {
    pub(super) index: usize,
    pub(super) field: &'static str,
    pub(super) detail: &'static str,
}

/// Where a practice is and when it is closed.
pub(crate) struct Calendar {
    pub(super) zone: Tz,
    pub(super) closed: IntervalSet,
}

/// A closure lasts 400 days at most, so an open day is always found within this span.
const LONGEST_SEARCH_DAYS: u64 = 800;

impl Protocol {
    /// The protocol a practice starts with.
    pub(crate) fn shipped(procedure_kind: ProcedureKind) -> Self {
        let step = |code: &str, kind, unit, (from, to), reason: &str| ProtocolStep {
            code: code.to_owned(),
            kind,
            unit,
            from,
            to,
            reason: reason.to_owned(),
        };
        let (hours, days) = (WindowUnit::Hours, WindowUnit::Days);
        let lasting = "How your headaches have been since the treatment";
        Self {
            id: None,
            procedure_kind,
            name: "Shipped with the service".to_owned(),
            steps: vec![
                step(
                    "first_call",
                    FollowUpKind::Call,
                    hours,
                    (24, 72),
                    "How you have been in the first days after the treatment",
                ),
                step(
                    "review_visit",
                    FollowUpKind::Visit,
                    days,
                    (14, 28),
                    "Looking at the treated muscles and what has changed",
                ),
                step(
                    "questionnaire_6_weeks",
                    FollowUpKind::Questionnaire,
                    days,
                    (42, 49),
                    lasting,
                ),
                step(
                    "questionnaire_12_weeks",
                    FollowUpKind::Questionnaire,
                    days,
                    (84, 91),
                    lasting,
                ),
            ],
            created_at: None,
        }
    }
}

impl ProtocolStep {
    /// When this step is due after a procedure.
    pub(crate) fn window_after(&self, done_at: DateTime<Utc>, calendar: &Calendar) -> DueWindow {
        match self.unit {
            WindowUnit::Hours => self.hours_after(done_at, calendar),
            WindowUnit::Days => self.days_after(done_at, calendar),
        }
    }

    fn days_after(&self, done_at: DateTime<Utc>, calendar: &Calendar) -> DueWindow {
        let done_on = local_date(calendar.zone, done_at);
        let day = |count: u16| {
            let date = later(done_on, u64::from(count));
            calendar.open_day_from(date, self.needs_the_practice())
        };
        DueWindow {
            due_from: day(self.from).map_or(done_at, |day| day.starts_at()),
            due_by: day(self.to).map_or(done_at, |day| day.ends_at()),
        }
    }

    fn hours_after(&self, done_at: DateTime<Utc>, calendar: &Calendar) -> DueWindow {
        let instant = |hours: u16| {
            done_at
                .checked_add_signed(TimeDelta::hours(i64::from(hours)))
                .unwrap_or(done_at)
        };
        let (due_from, due_by) = (instant(self.from), instant(self.to));
        if !self.needs_the_practice() {
            return DueWindow { due_from, due_by };
        }
        let last_instant = due_by - TimeDelta::microseconds(1);
        DueWindow {
            due_from: calendar
                .open_day_after(due_from)
                .map_or(due_from, |day| day.starts_at()),
            due_by: calendar
                .open_day_after(last_instant)
                .map_or(due_by, |day| day.ends_at()),
        }
    }

    const fn needs_the_practice(&self) -> bool {
        matches!(self.kind, FollowUpKind::Visit | FollowUpKind::Call)
    }
}

impl Calendar {
    /// The first day from `date` on that exists and, if asked for, is not closed as a whole.
    fn open_day_from(&self, date: NaiveDate, avoid_closed: bool) -> Option<Interval> {
        let mut days = (0..LONGEST_SEARCH_DAYS)
            .filter_map(|ahead| local_day_bounds(self.zone, later(date, ahead)));
        let first = days.next()?;
        if !avoid_closed || !self.closed.contains(&first) {
            return Some(first);
        }
        Some(days.find(|day| !self.closed.contains(day)).unwrap_or(first))
    }

    /// The next open day, when the practice is closed on the day of `instant`.
    fn open_day_after(&self, instant: DateTime<Utc>) -> Option<Interval> {
        let date = local_date(self.zone, instant);
        let day = local_day_bounds(self.zone, date)?;
        if self.closed.contains(&day) {
            self.open_day_from(date, true)
        } else {
            None
        }
    }
}

fn later(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days))
        .unwrap_or(NaiveDate::MAX)
}

/// Everything that is wrong with the steps of a protocol beyond their form.
pub(crate) fn faults_of(steps: &[ProtocolStep]) -> Vec<StepFault> {
    let mut faults = Vec::new();
    let mut codes = BTreeSet::new();
    for (index, step) in steps.iter().enumerate() {
        if step.to <= step.from && (step.unit == WindowUnit::Hours || step.to < step.from) {
            faults.push(StepFault {
                index,
                field: "to",
                detail: "must lie after from",
            });
        }
        if !codes.insert(step.code.as_str()) {
            faults.push(StepFault {
                index,
                field: "code",
                detail: "names another step already",
            });
        }
        if step.reason.trim().is_empty() {
            faults.push(StepFault {
                index,
                field: "reason",
                detail: "must not be blank",
            });
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveTime, TimeZone};
    use proptest::prelude::*;

    use crate::platform::local_time::resolve;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn open_in(zone: Tz) -> Calendar {
        Calendar {
            zone,
            closed: IntervalSet::default(),
        }
    }

    fn closed_on(zone: Tz, dates: &[&str]) -> Calendar {
        let days = dates
            .iter()
            .filter_map(|date| local_day_bounds(zone, date.parse().unwrap()));
        Calendar {
            zone,
            closed: days.collect(),
        }
    }

    fn step(kind: FollowUpKind, unit: WindowUnit, from: u16, to: u16) -> ProtocolStep {
        ProtocolStep {
            code: "step".into(),
            kind,
            unit,
            from,
            to,
            reason: "Why".into(),
        }
    }

    fn visit(from: u16, to: u16) -> ProtocolStep {
        step(FollowUpKind::Visit, WindowUnit::Days, from, to)
    }

    #[test]
    fn the_shipped_protocol_calls_sees_and_asks() {
        for kind in ProcedureKind::ALL {
            let protocol = Protocol::shipped(*kind);
            let windows: Vec<_> = protocol
                .steps
                .iter()
                .map(|step| (step.kind, step.unit.as_str(), step.from, step.to))
                .collect();
            assert_eq!(
                windows,
                [
                    (FollowUpKind::Call, "hours", 24, 72),
                    (FollowUpKind::Visit, "days", 14, 28),
                    (FollowUpKind::Questionnaire, "days", 42, 49),
                    (FollowUpKind::Questionnaire, "days", 84, 91),
                ]
            );
            assert_eq!(faults_of(&protocol.steps), []);
        }
    }

    #[test]
    fn two_weeks_are_counted_on_the_calendar_across_a_change_of_the_clocks() {
        let new_york = chrono_tz::America::New_York;
        let window =
            visit(14, 28).window_after(at("2026-03-01T23:30:00-05:00"), &open_in(new_york));
        assert_eq!(window.due_from, at("2026-03-15T00:00:00-04:00"));
        assert_eq!(window.due_by, at("2026-03-30T00:00:00-04:00"));
    }

    #[test]
    fn the_day_of_the_procedure_is_the_local_one() {
        let auckland = chrono_tz::Pacific::Auckland;
        let window = visit(1, 1).window_after(at("2026-06-30T20:00:00Z"), &open_in(auckland));
        assert_eq!(window.due_from, at("2026-07-02T00:00:00+12:00"));
        assert_eq!(window.due_by, at("2026-07-03T00:00:00+12:00"));
    }

    #[test]
    fn leap_days_and_month_ends_are_days_like_others() {
        let london = chrono_tz::Europe::London;
        let leap = visit(1, 2).window_after(at("2028-02-28T12:00:00Z"), &open_in(london));
        assert_eq!(
            (leap.due_from, leap.due_by),
            (at("2028-02-29T00:00:00Z"), at("2028-03-02T00:00:00Z"))
        );
        let common = visit(1, 2).window_after(at("2027-02-28T12:00:00Z"), &open_in(london));
        assert_eq!(
            (common.due_from, common.due_by),
            (at("2027-03-01T00:00:00Z"), at("2027-03-03T00:00:00Z"))
        );
    }

    #[test]
    fn a_call_is_due_after_hours_not_days() {
        let new_york = chrono_tz::America::New_York;
        let call = step(FollowUpKind::Call, WindowUnit::Hours, 24, 72);
        let window = call.window_after(at("2026-03-07T12:00:00-05:00"), &open_in(new_york));
        assert_eq!(window.due_from, at("2026-03-08T13:00:00-04:00"));
        assert_eq!(window.due_by, at("2026-03-10T13:00:00-04:00"));
    }

    #[test]
    fn closed_days_move_both_ends_of_a_window_to_the_next_open_day() {
        let london = chrono_tz::Europe::London;
        let calendar = closed_on(london, &["2026-12-15", "2026-12-16", "2026-12-29"]);
        let window = visit(14, 28).window_after(at("2026-12-01T10:00:00Z"), &calendar);
        assert_eq!(window.due_from, at("2026-12-17T00:00:00Z"));
        assert_eq!(window.due_by, at("2026-12-31T00:00:00Z"));
        let call = step(FollowUpKind::Call, WindowUnit::Hours, 24, 36);
        let window = call.window_after(at("2026-12-14T10:00:00Z"), &calendar);
        assert_eq!(window.due_from, at("2026-12-17T00:00:00Z"));
        assert_eq!(window.due_by, at("2026-12-18T00:00:00Z"));
    }

    #[test]
    fn a_questionnaire_needs_nobody_in_the_practice() {
        let london = chrono_tz::Europe::London;
        let calendar = closed_on(london, &["2026-12-15"]);
        let ask = step(FollowUpKind::Questionnaire, WindowUnit::Days, 14, 14);
        let window = ask.window_after(at("2026-12-01T10:00:00Z"), &calendar);
        assert_eq!(window.due_from, at("2026-12-15T00:00:00Z"));
    }

    #[test]
    fn a_day_the_zone_skipped_is_passed_over() {
        let window = visit(1, 1).window_after(
            at("2011-12-29T12:00:00-10:00"),
            &open_in(chrono_tz::Pacific::Apia),
        );
        assert_eq!(window.due_from, at("2011-12-31T00:00:00+14:00"));
        assert_eq!(window.due_by, at("2012-01-01T00:00:00+14:00"));
    }

    #[test]
    fn every_fault_of_a_protocol_is_named() {
        let mut steps = vec![visit(14, 7), visit(1, 2)];
        steps[1].reason = " ".into();
        let faults: Vec<_> = faults_of(&steps)
            .iter()
            .map(|f| (f.index, f.field))
            .collect();
        assert_eq!(faults, [(0, "to"), (1, "code"), (1, "reason")]);
    }

    const ZONES: [Tz; 8] = [
        chrono_tz::America::New_York,
        chrono_tz::Europe::London,
        chrono_tz::Australia::Lord_Howe,
        chrono_tz::America::Havana,
        chrono_tz::Pacific::Apia,
        chrono_tz::Asia::Kathmandu,
        chrono_tz::America::St_Johns,
        chrono_tz::Africa::Cairo,
    ];

    prop_compose! {
        fn case()(
            zone in prop::sample::select(&ZONES[..]),
            seconds in 1_577_836_800_i64..1_893_456_000,
            from in 0_u16..400,
            width in 1_u16..60,
            closed in prop::collection::btree_set(0_u64..480, 0..40),
        ) -> (Tz, DateTime<Utc>, u16, u16, BTreeSet<u64>) {
            (zone, Utc.timestamp_opt(seconds, 0).unwrap(), from, from + width, closed)
        }
    }

    proptest! {
        #[test]
        fn windows_in_days_are_whole_open_local_days((zone, done_at, from, to, closed) in case()) {
            let done_on = local_date(zone, done_at);
            let days = closed.iter().filter_map(|ahead| local_day_bounds(zone, later(done_on, *ahead)));
            let calendar = Calendar { zone, closed: days.collect() };
            let window = visit(from, to).window_after(done_at, &calendar);
            prop_assert!(window.due_from < window.due_by);
            let opens_on = local_date(zone, window.due_from);
            let closes_on = local_date(zone, window.due_by - TimeDelta::microseconds(1));
            // Both ends are where a local day begins.
            prop_assert_eq!(window.due_from, resolve(zone, opens_on, NaiveTime::MIN).first());
            prop_assert_eq!(window.due_by, resolve(zone, later(closes_on, 1), NaiveTime::MIN).first());
            // Neither is a closed day, and each is the first open one from its place on.
            for (planned, found) in [(from, opens_on), (to, closes_on)] {
                let planned = u64::from(planned);
                let ahead = u64::try_from((found - done_on).num_days()).unwrap();
                prop_assert!(ahead >= planned && !closed.contains(&ahead));
                prop_assert!((planned..ahead).all(|day| closed.contains(&day)));
            }
            let days_apart = i64::from(found_ordinal(closes_on) - found_ordinal(opens_on));
            prop_assert!(days_apart >= 0);
        }

        #[test]
        fn windows_in_hours_keep_their_length_unless_a_closed_day_is_in_the_way(
            (zone, done_at, from, to, closed) in case()
        ) {
            let done_on = local_date(zone, done_at);
            let call = step(FollowUpKind::Call, WindowUnit::Hours, from, to);
            let open = call.window_after(done_at, &open_in(zone));
            prop_assert_eq!(open.due_from - done_at, TimeDelta::hours(i64::from(from)));
            prop_assert_eq!(open.due_by - open.due_from, TimeDelta::hours(i64::from(to - from)));
            let days = closed.iter().filter_map(|ahead| local_day_bounds(zone, later(done_on, *ahead)));
            let calendar = Calendar { zone, closed: days.collect() };
            let moved = call.window_after(done_at, &calendar);
            prop_assert!(moved.due_from < moved.due_by);
            prop_assert!(moved.due_from >= open.due_from && moved.due_by >= open.due_by);
            for inside in [moved.due_from, moved.due_by - TimeDelta::microseconds(1)] {
                let ahead = (local_date(zone, inside) - done_on).num_days();
                prop_assert!(!closed.contains(&u64::try_from(ahead).unwrap()));
            }
        }
    }

    fn found_ordinal(date: NaiveDate) -> i32 {
        date.num_days_from_ce()
    }
}
