//! How a practice fares: whether follow-ups are kept, appointments attended, and needles helpful.
//!
//! Months are the smallest unit of time. Three things are counted in each period: of the follow-ups
//! whose window closed in it, how many were done; of the appointments kept or missed, how many were
//! missed, by provider; of the injections with pain noted before and after, how many took half of
//! the pain away at once, by muscle, by recipe and by provider.
//!
//! A report must not identify a patient. A row about fewer than five patients shows no numbers, and
//! where exactly one row of a table is hidden the next smallest is hidden with it, because it could
//! be worked out from the others and the total. Names in a CSV file that a spreadsheet would take
//! for a formula are made harmless.

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;

use crate::platform::database::DatabaseError;
use crate::platform::local_time::local_day_bounds;
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal};
use crate::platform::text::text_enum;

text_enum! {
    /// What a row counts.
    pub(crate) enum Measure {
        /// Follow-ups whose window closed in the period and those of them that were done.
        FollowUpRetention = "follow_up_retention",
        /// Appointments kept or missed and those of them that were missed.
        NoShowRate = "no_show_rate",
        /// Injections with pain noted before and after and those that took half of it away.
        Response = "response",
    }
}

text_enum! {
    /// By what a table is divided.
    pub(crate) enum Division {
        All = "all",
        Kind = "kind",
        Provider = "provider",
        Muscle = "muscle",
        Recipe = "recipe",
    }
}

text_enum! {
    /// How long each period of a report is.
    pub(crate) enum Every {
        Month = "month",
        Quarter = "quarter",
        Year = "year",
        Whole = "whole",
    }
}

/// Days from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReportPeriod {
    pub(super) first_day: NaiveDate,
    pub(super) last_day: NaiveDate,
}

/// A row as it was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Place of the period in the report.
    pub(super) period: usize,
    pub(super) measure: Measure,
    pub(super) division: Division,
    pub(super) key: String,
    pub(super) label: String,
    pub(super) patients: i64,
    pub(super) cases: i64,
    pub(super) reached: i64,
    /// Mean relief at once, in percent of the pain before.
    pub(super) mean_relief: Option<Decimal>,
}

/// Numbers that are about enough patients to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(super) patients: i64,
    pub(super) cases: i64,
    pub(super) reached: i64,
    pub(super) percent: Option<Decimal>,
    pub(super) mean_relief_percent: Option<Decimal>,
}

/// A row as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportRow {
    pub(super) period: ReportPeriod,
    pub(super) measure: Measure,
    pub(super) division: Division,
    pub(super) key: String,
    pub(super) label: String,
    /// `None` when they are about too few patients.
    pub(super) numbers: Option<Numbers>,
}

/// A report.
pub(crate) struct Report {
    pub(super) zone: Tz,
    pub(super) rows: Vec<ReportRow>,
}

/// Rows about fewer patients show no numbers.
pub(crate) const SMALLEST_GROUP: i64 = 5;
/// Longest span of one report.
const MOST_MONTHS: usize = 36;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    #[error("not a span of months")]
    Span(&'static str),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ReportError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::Span(detail) => Problem::invalid(vec![FieldError::new("#/query/to", detail)]),
            Self::Database(error) => error.into(),
        }
    }
}

/// The periods from the first of one month to the end of another.
pub(crate) fn split(
    from: NaiveDate,
    to: NaiveDate,
    every: Every,
) -> Result<Vec<ReportPeriod>, ReportError> {
    if to < from {
        return Err(ReportError::Span("lies before from"));
    }
    let months: Vec<NaiveDate> = (0..=u32::try_from(MOST_MONTHS).unwrap_or(u32::MAX))
        .map_while(|count| from.checked_add_months(Months::new(count)))
        .take_while(|month| *month <= to)
        .collect();
    if months.len() > MOST_MONTHS {
        return Err(ReportError::Span("lies more than 36 months after from"));
    }
    let length = match every {
        Every::Month => 1,
        Every::Quarter => 3,
        Every::Year => 12,
        Every::Whole => MOST_MONTHS,
    };
    let period = |months: &[NaiveDate]| {
        let (first, last) = (*months.first()?, *months.last()?);
        let last_day = last
            .checked_add_months(Months::new(1))?
            .checked_sub_days(Days::new(1))?;
        Some(ReportPeriod {
            first_day: first,
            last_day,
        })
    };
    Ok(months.chunks(length).filter_map(period).collect())
}

/// From the beginning of the first day to the end of the last.
pub(super) fn instants(period: ReportPeriod, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    // A day that its zone skipped has no bounds; the day beside it begins at the same instant.
    let bounds = |day: NaiveDate| {
        local_day_bounds(zone, day)
            .or_else(|| local_day_bounds(zone, day.succ_opt().unwrap_or(day)))
    };
    (
        bounds(period.first_day).map_or(DateTime::<Utc>::MIN_UTC, |day| day.starts_at()),
        bounds(period.last_day).map_or(DateTime::<Utc>::MAX_UTC, |day| day.ends_at()),
    )
}

/// Sorts the rows into their tables and hides what is about too few patients.
pub(super) fn shown(mut counted: Vec<Counted>, periods: &[ReportPeriod]) -> Vec<ReportRow> {
    counted.sort_by(|one, other| {
        let key = |row: &Counted| (row.period, row.measure, row.division);
        key(one)
            .cmp(&key(other))
            .then_with(|| (&one.label, &one.key).cmp(&(&other.label, &other.key)))
    });
    let same_table = |one: &Counted, other: &Counted| {
        (one.period, one.measure, one.division) == (other.period, other.measure, other.division)
    };
    let mut rows = Vec::with_capacity(counted.len());
    for table in counted.chunk_by(same_table) {
        let hidden = hidden_in(table);
        for (index, row) in table.iter().enumerate() {
            let Some(period) = periods.get(row.period) else {
                continue;
            };
            rows.push(ReportRow {
                period: *period,
                measure: row.measure,
                division: row.division,
                key: row.key.clone(),
                label: row.label.clone(),
                numbers: (!hidden.contains(&index)).then(|| row.numbers()),
            });
        }
    }
    rows
}

/// The places of the rows of a table that are not shown.
fn hidden_in(table: &[Counted]) -> Vec<usize> {
    let mut hidden: Vec<usize> = table
        .iter()
        .enumerate()
        .filter(|(_, row)| row.patients < SMALLEST_GROUP)
        .map(|(index, _)| index)
        .collect();
    if hidden.len() == 1 {
        let next = table
            .iter()
            .enumerate()
            .filter(|(index, _)| !hidden.contains(index))
            .min_by_key(|(_, row)| row.patients);
        hidden.extend(next.map(|(index, _)| index));
    }
    hidden
}

impl Counted {
    fn numbers(&self) -> Numbers {
        let percent = (self.cases > 0).then(|| {
            let share = Decimal::from(self.reached) / Decimal::from(self.cases);
            (share * Decimal::ONE_HUNDRED).round_dp(1)
        });
        Numbers {
            patients: self.patients,
            cases: self.cases,
            reached: self.reached,
            percent,
            mean_relief_percent: self.mean_relief.map(|mean| mean.round_dp(1)),
        }
    }
}

impl Report {
    /// The report as a file for a spreadsheet (RFC 4180).
    pub(crate) fn csv(&self) -> String {
        let mut file = String::from(
            "first_day,last_day,measure,divided_by,key,label,patients,cases,reached,percent,\
             mean_relief_percent,suppressed\r\n",
        );
        for row in &self.rows {
            let number = |of: fn(&Numbers) -> Option<String>| {
                row.numbers.as_ref().and_then(of).unwrap_or_default()
            };
            let cells = [
                row.period.first_day.to_string(),
                row.period.last_day.to_string(),
                row.measure.as_str().to_owned(),
                row.division.as_str().to_owned(),
                cell(&row.key),
                cell(&row.label),
                number(|numbers| Some(numbers.patients.to_string())),
                number(|numbers| Some(numbers.cases.to_string())),
                number(|numbers| Some(numbers.reached.to_string())),
                number(|numbers| numbers.percent.map(|percent| percent.to_string())),
                number(|numbers| numbers.mean_relief_percent.map(|mean| mean.to_string())),
                row.numbers.is_none().to_string(),
            ];
            file.push_str(&cells.join(","));
            file.push_str("\r\n");
        }
        file
    }
}

/// A cell of words. What a spreadsheet would take for a formula begins with an apostrophe.
fn cell(words: &str) -> String {
    let is_formula = words.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let words = if is_formula {
        format!("'{words}")
    } else {
        words.to_owned()
    };
    if words.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", words.replace('"', "\"\""))
    } else {
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn counted(division: Division, key: &str, patients: i64) -> Counted {
        Counted {
            period: 0,
            measure: Measure::Response,
            division,
            key: key.into(),
            label: key.into(),
            patients,
            cases: patients * 2,
            reached: patients,
            mean_relief: Some(Decimal::new(-1234, 2)),
        }
    }

    const MARCH: fn() -> ReportPeriod = || ReportPeriod {
        first_day: date("2026-03-01"),
        last_day: date("2026-03-31"),
    };

    fn numbers_shown(patients: &[i64]) -> Vec<bool> {
        let rows = patients
            .iter()
            .enumerate()
            .map(|(index, patients)| counted(Division::Muscle, &index.to_string(), *patients))
            .collect();
        shown(rows, &[MARCH()])
            .iter()
            .map(|row| row.numbers.is_some())
            .collect()
    }

    #[test]
    fn rows_about_few_patients_are_hidden_and_never_one_alone() {
        assert_eq!(numbers_shown(&[5, 9]), [true, true]);
        assert_eq!(numbers_shown(&[4, 9, 6]), [false, true, false]);
        assert_eq!(numbers_shown(&[4, 9, 3]), [false, true, false]);
        assert_eq!(numbers_shown(&[4]), [false]);
    }

    #[test]
    fn months_make_periods() {
        let of = |from: &str, to: &str, every| {
            split(date(from), date(to), every).map(|periods| {
                periods
                    .iter()
                    .map(|period| format!("{} {}", period.first_day, period.last_day))
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(
            of("2027-12-01", "2028-02-01", Every::Month).unwrap(),
            [
                "2027-12-01 2027-12-31",
                "2028-01-01 2028-01-31",
                "2028-02-01 2028-02-29"
            ]
        );
        assert_eq!(
            of("2026-01-01", "2026-04-01", Every::Quarter).unwrap(),
            ["2026-01-01 2026-03-31", "2026-04-01 2026-04-30"]
        );
        assert_eq!(
            of("2024-01-01", "2026-12-01", Every::Whole).unwrap(),
            ["2024-01-01 2026-12-31"]
        );
        assert!(of("2024-01-01", "2027-01-01", Every::Year).is_err());
        assert!(of("2026-02-01", "2026-01-01", Every::Month).is_err());
    }

    #[test]
    fn a_file_holds_no_formula() {
        for (words, written) in [
            ("Dr Ada", "Dr Ada"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
        ] {
            assert_eq!(cell(words), written);
        }
        let report = Report {
            zone: Tz::UTC,
            rows: shown(
                vec![
                    counted(Division::All, "all", 8),
                    counted(Division::Provider, "=a", 8),
                    counted(Division::Muscle, "b", 2),
                ],
                &[MARCH()],
            ),
        };
        let lines: Vec<String> = report.csv().lines().map(str::to_owned).collect();
        assert_eq!(
            lines[1..],
            [
                "2026-03-01,2026-03-31,response,all,all,all,8,16,8,50.0,-12.3,false",
                "2026-03-01,2026-03-31,response,provider,'=a,'=a,8,16,8,50.0,-12.3,false",
                "2026-03-01,2026-03-31,response,muscle,b,b,,,,,,true",
            ]
        );
    }
}
