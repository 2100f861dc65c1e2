//! Whether treatment helped: diary, scores and relief beside the procedures.
//!
//! All rows are read in one exchange and counted here, so that five years of daily entries cost
//! little more than one year. Patients see a procedure after its visit is signed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::local_time::local_date;
use crate::procedures::ProcedureKind;

use super::diary_periods::{
    Counts, DayMark, Flag, Period, RestsOn, chronic_migraine, medication_overuse, per_28, periods,
    responds, rests_on,
};
use super::instrument::Instrument;
use super::relief::{PointInjection, PointPain, PointRelief, ResponseClass};

/// A procedure that happened, to its end or until it was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PastProcedure {
    pub(super) id: Uuid,
    pub(super) kind: ProcedureKind,
    pub(super) completed_at: DateTime<Utc>,
}

/// A score on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PastScore {
    pub(super) instrument: Instrument,
    pub(super) taken_on: NaiveDate,
    pub(super) score: Decimal,
    pub(super) band: Option<String>,
}

/// Relief that a patient reported at a follow-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportedRelief {
    pub(super) procedure_id: Option<Uuid>,
    pub(super) told_at: DateTime<Utc>,
    pub(super) percent: i16,
}

/// The rows that the outcomes of a patient are computed from.
pub(crate) struct Findings {
    pub(super) days: Vec<DayMark>,
    pub(super) procedures: Vec<PastProcedure>,
    pub(super) scores: Vec<PastScore>,
    pub(super) told: Vec<ReportedRelief>,
    pub(super) injections: Vec<PointInjection>,
    pub(super) found: Vec<PointPain>,
    pub(super) recipes: BTreeMap<Uuid, Vec<String>>,
}

/// Migraine days before treatment and since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Response {
    pub(super) baseline: Decimal,
    pub(super) latest: Decimal,
    pub(super) responds: bool,
    /// First and last of the days before.
    pub(super) before: (NaiveDate, NaiveDate),
    /// First and last of the days since.
    pub(super) after: (NaiveDate, NaiveDate),
}

/// How a patient has fared, series in order of time.
pub(crate) struct Outcomes {
    pub(super) patient_id: PatientId,
    pub(super) zone: Tz,
    pub(super) today: NaiveDate,
    pub(super) periods: Vec<Period>,
    pub(super) chronic_migraine: Flag,
    pub(super) medication_overuse: Flag,
    /// What the flags rest on.
    pub(super) flags_rest_on: RestsOn,
    pub(super) response: Option<Response>,
    pub(super) procedures: Vec<PastProcedure>,
    pub(super) scores: Vec<PastScore>,
    pub(super) told: Vec<ReportedRelief>,
    pub(super) points: Vec<PointRelief>,
}

impl Outcomes {
    /// Counts what was found.
    pub(super) fn of(
        patient_id: PatientId,
        findings: Findings,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Self {
        let today = local_date(zone, now);
        let first_day = findings.days.iter().map(|day| day.date).min();
        let mut periods = first_day
            .map(|first| periods(&findings.days, first, today))
            .unwrap_or_default();
        let counts: Vec<&Counts> = periods.iter().map(|period| &period.counts).collect();
        let (chronic, overuse) = (chronic_migraine(&counts), medication_overuse(&counts));
        let flags_rest_on = rests_on(&periods);
        periods.reverse();
        let treated_on = findings
            .procedures
            .first()
            .map(|first| local_date(zone, first.completed_at));
        let points = findings
            .injections
            .iter()
            .map(|injection| {
                let recipe = injection
                    .solution_id
                    .and_then(|id| findings.recipes.get(&id));
                let recipe = recipe.cloned().unwrap_or_default();
                PointRelief::of(injection, &findings.injections, &findings.found, recipe)
            })
            .collect();
        Self {
            patient_id,
            zone,
            today,
            chronic_migraine: chronic,
            medication_overuse: overuse,
            flags_rest_on,
            response: response(&findings.days, treated_on, today),
            periods,
            procedures: findings.procedures,
            scores: findings.scores,
            told: findings.told,
            points,
        }
    }
}

/// Compares the 28 days before the day of the first procedure with the latest 28 days since then
/// with enough recorded days, wherever the periods that are shown begin.
fn response(days: &[DayMark], treated_on: Option<NaiveDate>, today: NaiveDate) -> Option<Response> {
    let treated_on = treated_on?;
    let days: BTreeMap<NaiveDate, &DayMark> = days.iter().map(|day| (day.date, day)).collect();
    let before = Period::ending(treated_on.pred_opt()?, &days)?;
    let baseline = per_28(before.counts.migraine, before.counts.recorded)?;
    let is_chronic = before.counts.has_chronic_headache();
    let since = today
        .iter_days()
        .rev()
        .map_while(|last_day| Period::ending(last_day, &days));
    let after = since
        .take_while(|period| period.first_day >= treated_on)
        .find(|period| period.counts.tell())?;
    let latest = per_28(after.counts.migraine, after.counts.recorded)?;
    Some(Response {
        baseline,
        latest,
        responds: responds(baseline, latest, is_chronic)?,
        before: (before.first_day, before.last_day),
        after: (after.first_day, after.last_day),
    })
}

impl ReportedRelief {
    /// The class of this relief.
    pub(super) fn response(&self) -> ResponseClass {
        ResponseClass::of(Decimal::from(self.percent))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A diary of these days; those of the second list are days with migraine.
    fn diary(recorded: &[&str], migraine: &[&str]) -> Vec<DayMark> {
        let dates = |spans: &[&str]| -> Vec<NaiveDate> {
            let span = |span: &&str| {
                let (first, last) = span.split_once(' ').unwrap();
                let last = date(last);
                date(first).iter_days().take_while(move |day| *day <= last)
            };
            spans.iter().flat_map(span).collect()
        };
        let migraine = dates(migraine);
        let mark = |date: NaiveDate| DayMark {
            date,
            is_retrospective: false,
            headache: migraine.contains(&date),
            migraine: migraine.contains(&date),
            peak_pain_nrs: None,
            classes: BTreeSet::new(),
        };
        dates(recorded).into_iter().map(mark).collect()
    }

    fn figures(
        days: &[DayMark],
        treated_on: &str,
        today: &str,
    ) -> Option<(Decimal, Decimal, bool)> {
        let response = response(days, Some(date(treated_on)), date(today))?;
        Some((response.baseline, response.latest, response.responds))
    }

    fn told(baseline: &str, latest: &str, responds: bool) -> (Decimal, Decimal, bool) {
        let decimal = |text: &str| text.parse().unwrap();
        (decimal(baseline), decimal(latest), responds)
    }

    /// Treated on 15 October: the 28 days before are 17 September to 14 October, with ten days of
    /// migraine; 15 October to 11 November are the first 28 since, with four.
    fn treated() -> Vec<DayMark> {
        diary(
            &["2026-09-17 2026-11-11"],
            &["2026-09-17 2026-09-26", "2026-10-15 2026-10-18"],
        )
    }

    #[test]
    fn the_response_compares_the_month_before_the_first_procedure_with_the_latest_since() {
        let days = treated();
        let found = response(&days, Some(date("2026-10-15")), date("2026-11-11")).unwrap();
        let span = |first, last| (date(first), date(last));
        assert_eq!(found.before, span("2026-09-17", "2026-10-14"));
        assert_eq!(found.after, span("2026-10-15", "2026-11-11"));
        assert_eq!(
            figures(&days, "2026-10-15", "2026-11-11"),
            Some(told("10.00", "4.00", true))
        );
        assert_eq!(response(&days, None, date("2026-11-11")), None);
        assert_eq!(
            figures(&days, "2026-10-15", "2026-11-10"),
            None,
            "no 28 days have passed"
        );
    }

    #[test]
    fn the_response_does_not_hang_on_the_day_it_is_asked_on() {
        // Nothing was written after 11 November. Seven days later the last 28 hold 21 of the
        // diary, 22 October to 11 November, without migraine; a day later too few, and those of
        // the day before still tell.
        for today in ["2026-11-18", "2026-11-19", "2026-12-24"] {
            assert_eq!(
                figures(&treated(), "2026-10-15", today),
                Some(told("10.00", "0.00", true)),
                "{today}"
            );
        }
        // 16 October to 12 November: 27 recorded, three with migraine: 3 / 27 × 28 = 3.11.
        assert_eq!(
            figures(&treated(), "2026-10-15", "2026-11-12"),
            Some(told("10.00", "3.11", true))
        );
    }

    #[test]
    fn fewer_than_21_recorded_days_say_nothing_on_either_side() {
        let since = "2026-10-15 2026-11-11";
        let migraine = ["2026-10-05 2026-10-14", "2026-10-15 2026-10-21"];
        // 24 September to 14 October are 21 days: 10 / 21 × 28 = 13.33, and half of it is 6.67.
        let enough = diary(&["2026-09-24 2026-10-14", since], &migraine);
        assert_eq!(
            figures(&enough, "2026-10-15", "2026-11-11"),
            Some(told("13.33", "7.00", false))
        );
        let too_few = diary(&["2026-09-25 2026-10-14", since], &migraine);
        assert_eq!(figures(&too_few, "2026-10-15", "2026-11-11"), None);
        // What was written more than 28 days before does not help.
        let long_ago = ["2026-08-01 2026-09-16", "2026-09-25 2026-10-14", since];
        let long_ago = diary(&long_ago, &migraine);
        assert_eq!(figures(&long_ago, "2026-10-15", "2026-11-11"), None);
        let before = "2026-09-17 2026-10-14";
        let since = diary(&[before, "2026-10-15 2026-11-03"], &migraine);
        assert_eq!(
            figures(&since, "2026-10-15", "2026-11-11"),
            None,
            "20 days since"
        );
    }

    #[test]
    fn chronic_headache_responds_to_three_in_ten_fewer() {
        let days = |since: &str| {
            diary(
                &["2026-09-17 2026-11-11"],
                &["2026-09-17 2026-10-06", since],
            )
        };
        // 20 of 28 days before: 14 are three in ten fewer.
        assert_eq!(
            figures(&days("2026-10-15 2026-10-28"), "2026-10-15", "2026-11-11"),
            Some(told("20.00", "14.00", true))
        );
        assert_eq!(
            figures(&days("2026-10-15 2026-10-29"), "2026-10-15", "2026-11-11"),
            Some(told("20.00", "15.00", false))
        );
    }
}
