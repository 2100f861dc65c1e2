//! The course of a patient as a picture: days with headache and pain over time, and the procedures.
//!
//! A provider shows it to a patient and prints it, so it stands on white, says everything in shape
//! and filling as well as in colour, and contains no name. Each column is 28 days of the diary: its
//! height is the days with headache, its hatched part those with migraine. Columns with too few
//! entries are left open with a question mark, and the line of pain breaks there, because no data is
//! not the same as no headache. Where there is room the numbers stand on the columns, so that two
//! prints can be compared.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::platform::local_time::local_date;

use super::diary_periods::{Period, per_28};
use super::outcomes::Outcomes;

const WIDTH: i64 = 1000;
const HEIGHT: i64 = 680;
const LEFT: i64 = 90;
const RIGHT: i64 = 970;
/// The most columns that stay readable in print.
const MOST_PERIODS: usize = 26;
/// The most columns that are wide enough for numbers.
const MOST_LABELLED: usize = 13;
const DAYS_PANEL: Panel = Panel {
    top: 130,
    bottom: 370,
    most: 28,
    room: 52,
};
const PAIN_PANEL: Panel = Panel {
    top: 440,
    bottom: 590,
    most: 10,
    room: 12,
};

const STYLE: &str = "text{font:15px sans-serif;fill:#111}.small{font-size:13px}.title{font-size:22px;\
font-weight:bold}.grid{stroke:#bbb;stroke-width:1}.axis{stroke:#111;stroke-width:1.5}\
.headache{fill:#cfe3f3;stroke:#0b3c5d;stroke-width:1.5}.migraine{fill:url(#hatch);stroke:#0b3c5d;\
stroke-width:1.5}.unknown{fill:none;stroke:#777;stroke-dasharray:3 4}.pain{fill:none;stroke:#b34700;\
stroke-width:3}.mark{fill:#fff;stroke:#b34700;stroke-width:2.5}.procedure{stroke:#111;\
stroke-width:2;stroke-dasharray:7 4}.needle{fill:#111}.value{font-size:14px;font-weight:bold;\
text-anchor:middle;paint-order:stroke;stroke:#fff;stroke-width:4px}";

const PATTERN: &str = "<pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\">\
<rect width=\"7\" height=\"7\" fill=\"#7fb2d9\"/><path d=\"M-2 9L9 -2M-2 2L2 -2M5 9L9 5\" \
stroke=\"#0b3c5d\" stroke-width=\"1.4\"/></pattern>";

/// A part of the sheet with a scale from 0.
#[derive(Clone, Copy)]
struct Panel {
    top: i64,
    bottom: i64,
    most: i64,
    /// From its heading down to its top.
    room: i64,
}

impl Panel {
    fn y(self, value: Decimal) -> i64 {
        let height = Decimal::from(self.bottom - self.top) * value / Decimal::from(self.most);
        self.bottom - height.round().to_i64().unwrap_or(0)
    }
}

/// The span of time across the sheet.
#[derive(Clone, Copy)]
struct Axis {
    first_day: NaiveDate,
    days: i64,
}

impl Axis {
    /// The left edge of a day.
    fn x(self, date: NaiveDate) -> i64 {
        LEFT + (RIGHT - LEFT) * (date - self.first_day).num_days() / self.days.max(1)
    }

    /// The middle of a column.
    fn middle(self, period: &Period) -> i64 {
        i64::midpoint(self.x(period.first_day), self.x(period.last_day))
    }
}

/// Draws the course.
pub(crate) fn draw(outcomes: &Outcomes) -> String {
    let skipped = outcomes.periods.len().saturating_sub(MOST_PERIODS);
    let periods = outcomes.periods.get(skipped..).unwrap_or_default();
    let mut svg = opened(outcomes, periods);
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else {
        text(&mut svg, (LEFT, 200), "", "There are no diary entries yet.");
        svg.push_str("</svg>\n");
        return svg;
    };
    let days = (last.last_day - first.first_day).num_days() + 1;
    let axis = Axis {
        first_day: first.first_day,
        days,
    };
    scales(&mut svg);
    for period in periods {
        column(&mut svg, axis, period);
    }
    dates(&mut svg, axis, periods);
    pain_line(&mut svg, axis, periods);
    procedures(&mut svg, axis, outcomes);
    if periods.len() <= MOST_LABELLED {
        values(&mut svg, axis, periods);
    }
    legend(&mut svg);
    svg.push_str("</svg>\n");
    svg
}

fn opened(outcomes: &Outcomes, periods: &[Period]) -> String {
    let mut svg = String::new();
    line(
        &mut svg,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\" aria-labelledby=\"title described\">"
        ),
    );
    line(
        &mut svg,
        format_args!("<title id=\"title\">Headache days, pain and procedures</title>"),
    );
    line(
        &mut svg,
        format_args!(
            "<desc id=\"described\">{}</desc>",
            described(outcomes, periods)
        ),
    );
    line(
        &mut svg,
        format_args!("<style>{STYLE}</style><defs>{PATTERN}</defs>"),
    );
    line(
        &mut svg,
        format_args!("<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>"),
    );
    text(
        &mut svg,
        (LEFT, 36),
        "title",
        "Headache days, pain and procedures",
    );
    svg
}

fn described(outcomes: &Outcomes, periods: &[Period]) -> String {
    let days = |period: &Period| {
        let days = per_28(period.counts.headache, period.counts.recorded);
        let days = days.map_or_else(
            || "too few entries".to_owned(),
            |days| format!("{} headache days", days.normalize()),
        );
        format!("28 days to {}: {days}.", period.last_day)
    };
    let said: Vec<String> = periods.iter().map(days).collect();
    format!(
        "{} Procedures: {}.",
        said.join(" "),
        outcomes.procedures.len()
    )
}

fn line(svg: &mut String, written: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = svg.write_fmt(written);
    svg.push('\n');
}

fn text(svg: &mut String, (x, y): (i64, i64), class: &str, words: &str) {
    line(
        svg,
        format_args!("<text x=\"{x}\" y=\"{y}\" class=\"{class}\">{words}</text>"),
    );
}

fn scales(svg: &mut String) {
    for (panel, step, words) in [
        (DAYS_PANEL, 7, "Days with headache, of 28"),
        (PAIN_PANEL, 5, "Worst pain of the day, on average, 0 to 10"),
    ] {
        text(svg, (LEFT, panel.top - panel.room), "", words);
        for value in (0..=panel.most).filter(|value| value % step == 0) {
            let y = panel.y(Decimal::from(value));
            let class = if value == 0 { "axis" } else { "grid" };
            line(
                svg,
                format_args!("<path class=\"{class}\" d=\"M{LEFT} {y}H{RIGHT}\"/>"),
            );
            line(
                svg,
                format_args!(
                    "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{value}</text>",
                    LEFT - 10,
                    y + 5
                ),
            );
        }
    }
}

fn column(svg: &mut String, axis: Axis, period: &Period) {
    let left = axis.x(period.first_day) + 3;
    let right = axis.x(period.last_day.succ_opt().unwrap_or(period.last_day)) - 3;
    let (width, bottom) = (right - left, DAYS_PANEL.bottom);
    let counts = &period.counts;
    let height_of = |days| per_28(days, counts.recorded).map(|days| bottom - DAYS_PANEL.y(days));
    let (Some(headache), Some(migraine)) = (height_of(counts.headache), height_of(counts.migraine))
    else {
        let top = bottom - 60;
        line(
            svg,
            format_args!(
                "<rect class=\"unknown\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"60\"/>"
            ),
        );
        line(
            svg,
            format_args!(
                "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">?</text>",
                left + width / 2,
                bottom - 25
            ),
        );
        return;
    };
    for (class, height) in [("headache", headache), ("migraine", migraine)] {
        line(
            svg,
            format_args!(
                "<rect class=\"{class}\" x=\"{left}\" y=\"{}\" width=\"{width}\" height=\"{height}\"/>",
                bottom - height
            ),
        );
    }
}

fn dates(svg: &mut String, axis: Axis, periods: &[Period]) {
    let every = periods.len().div_ceil(9).max(1);
    for period in periods.iter().rev().step_by(every) {
        // Under the right edge, because a column ends with that day.
        let edge = axis.x(period.last_day);
        for panel in [DAYS_PANEL, PAIN_PANEL] {
            line(
                svg,
                format_args!(
                    "<text class=\"small\" x=\"{edge}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                    panel.bottom + 20,
                    period.last_day.format("%-d %b %y")
                ),
            );
        }
    }
}

/// The mean of the worst pains of a period with enough recorded days.
fn told_pain(period: &Period) -> Option<Decimal> {
    period
        .counts
        .tell()
        .then(|| period.counts.mean_peak_pain())
        .flatten()
}

/// The numbers on the columns and above the line.
fn values(svg: &mut String, axis: Axis, periods: &[Period]) {
    for period in periods {
        let (counts, x) = (&period.counts, axis.middle(period));
        let days = |days: u32| per_28(days, counts.recorded);
        let headache = days(counts.headache).map(|days| (DAYS_PANEL, days, -7));
        let migraine = days(counts.migraine)
            .filter(|days| *days >= Decimal::TWO)
            .map(|days| (DAYS_PANEL, days, 16));
        let pain = told_pain(period).map(|pain| (PAIN_PANEL, pain, -14));
        for (panel, value, aside) in [headache, migraine, pain].into_iter().flatten() {
            line(
                svg,
                format_args!(
                    "<text class=\"value\" x=\"{x}\" y=\"{}\">{}</text>",
                    panel.y(value) + aside,
                    value.round_dp(1).normalize()
                ),
            );
        }
    }
}

fn pain_line(svg: &mut String, axis: Axis, periods: &[Period]) {
    let points: Vec<Option<(i64, i64)>> = periods
        .iter()
        .map(|period| Some((axis.middle(period), PAIN_PANEL.y(told_pain(period)?))))
        .collect();
    for run in points.split(Option::is_none) {
        let path: Vec<String> = run
            .iter()
            .flatten()
            .map(|(x, y)| format!("{x},{y}"))
            .collect();
        if path.len() > 1 {
            line(
                svg,
                format_args!("<polyline class=\"pain\" points=\"{}\"/>", path.join(" ")),
            );
        }
    }
    for (x, y) in points.into_iter().flatten() {
        line(
            svg,
            format_args!(
                "<rect class=\"mark\" x=\"{}\" y=\"{}\" width=\"12\" height=\"12\"/>",
                x - 6,
                y - 6
            ),
        );
    }
}

fn procedures(svg: &mut String, axis: Axis, outcomes: &Outcomes) {
    let shown = |at: DateTime<Utc>| local_date(outcomes.zone, at);
    let dates = outcomes
        .procedures
        .iter()
        .map(|procedure| shown(procedure.completed_at));
    let mut labelled_to = 0;
    for date in dates.filter(|date| *date >= axis.first_day) {
        let x = axis.x(date).min(RIGHT);
        for panel in [DAYS_PANEL, PAIN_PANEL] {
            line(
                svg,
                format_args!(
                    "<path class=\"procedure\" d=\"M{x} {}V{}\"/>",
                    panel.top, panel.bottom
                ),
            );
        }
        line(
            svg,
            format_args!(
                "<path class=\"needle\" d=\"M{} {}h16l-8 14z\"/>",
                x - 8,
                DAYS_PANEL.top - 14
            ),
        );
        // Dates that would run into the one before are left to the eye.
        if x - 45 >= labelled_to {
            line(
                svg,
                format_args!(
                    "<text class=\"small\" x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                    DAYS_PANEL.top - 20,
                    date.format("%-d %b %y")
                ),
            );
            labelled_to = x + 45;
        }
    }
}

fn legend(svg: &mut String) {
    let y = HEIGHT - 30;
    let box_at = |x: i64, class: &str| {
        format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"22\" height=\"16\"/>",
            y - 13
        )
    };
    let marks = [
        (LEFT, box_at(LEFT, "headache"), "headache"),
        (LEFT + 135, box_at(LEFT + 135, "migraine"), "migraine"),
        (LEFT + 265, box_at(LEFT + 265, "unknown"), "too few entries"),
        (
            LEFT + 445,
            format!(
                "<path class=\"pain\" d=\"M{} {}h28\"/><rect class=\"mark\" x=\"{}\" y=\"{}\" \
             width=\"12\" height=\"12\"/>",
                LEFT + 442,
                y - 5,
                LEFT + 450,
                y - 11
            ),
            "pain",
        ),
        (
            LEFT + 545,
            format!(
                "<path class=\"needle\" d=\"M{} {}h16l-8 14z\"/>",
                LEFT + 548,
                y - 12
            ),
            "procedure",
        ),
    ];
    for (x, mark, words) in marks {
        line(svg, format_args!("{mark}"));
        text(svg, (x + 32, y), "", words);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use chrono::Days;
    use chrono_tz::Tz;
    use uuid::Uuid;

    use crate::care::diary_periods::DayMark;
    use crate::care::outcomes::{Findings, PastProcedure};
    use crate::patients::PatientId;
    use crate::procedures::ProcedureKind;

    use super::*;

    fn course(days: u64) -> Outcomes {
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let day = |back: u64| DayMark {
            date: now.date_naive().checked_sub_days(Days::new(back)).unwrap(),
            is_retrospective: false,
            headache: back % 28 < 6 + back / 28,
            migraine: back % 28 < 2 + back / 56,
            peak_pain_nrs: Some(i16::try_from(3 + back / 60).unwrap().min(9)),
            classes: BTreeSet::new(),
        };
        let recorded = |back: &u64| !(84..105).contains(back);
        let procedures = [190, 120, 60].map(|back| PastProcedure {
            id: Uuid::nil(),
            kind: ProcedureKind::DryNeedling,
            completed_at: now.checked_sub_days(Days::new(back)).unwrap(),
        });
        let findings = Findings {
            days: (0..days).filter(recorded).map(day).collect(),
            procedures: procedures.to_vec(),
            scores: vec![],
            told: vec![],
            injections: vec![],
            found: vec![],
            recipes: BTreeMap::new(),
        };
        Outcomes::of(PatientId::fresh(now), findings, Tz::Europe__London, now)
    }

    #[test]
    fn every_period_is_a_column_and_every_procedure_a_line() {
        let svg = draw(&course(280));
        assert_eq!(svg.matches("<rect class=\"headache\"").count(), 9 + 1);
        assert_eq!(svg.matches("<rect class=\"unknown\"").count(), 1 + 1);
        assert_eq!(svg.matches("<path class=\"procedure\"").count(), 2 * 3);
        assert!(svg.contains("28 days to 2026-11-22: 6 headache days."));
        // The gap parts the line of pain in two.
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert!(svg.contains(">6</text>"));
    }

    #[test]
    fn a_patient_without_a_diary_gets_a_sheet_that_says_so() {
        let svg = draw(&course(0));
        assert!(svg.contains("There are no diary entries yet."));
        assert!(svg.ends_with("</svg>\n"));
    }
}
