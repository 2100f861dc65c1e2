//! Spans of time on the calendar as clients send and ask for them.

use std::fmt::Display;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::intervals::Interval;
use crate::platform::page::Window;
use crate::platform::problem::FieldError;
use crate::platform::timestamp::Timestamp;

/// Start and id of the row before a page.
pub(super) type StartKey = (DateTime<Utc>, Uuid);

/// The span between two instants of a body, at most so many days long.
pub(super) fn span(
    starts_at: Timestamp,
    ends_at: Timestamp,
    longest_days: i64,
    errors: &mut Vec<FieldError>,
) -> Option<Interval> {
    let span = Interval::new(starts_at.0, ends_at.0);
    if span.is_none() {
        errors.push(FieldError::new("/ends_at", "must be after starts_at"));
    }
    if ends_at.0 - starts_at.0 > TimeDelta::days(longest_days) {
        let detail = format!("must be at most {longest_days} days after starts_at");
        errors.push(FieldError::new("/ends_at", detail));
    }
    span
}

/// The span of a stored row; an error for a row that ends before it starts, which the database
/// rejects.
pub(super) fn interval(
    table: &'static str,
    row: impl Display,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
) -> Result<Interval, InconsistentRow> {
    Interval::new(starts_at, ends_at).ok_or_else(|| InconsistentRow::new(table, "ends_at", row))
}

/// Which part of a list by time is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListByStart {
    /// Only what ends after this instant.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    from: Option<Timestamp>,
    /// Only what begins before this instant.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    to: Option<Timestamp>,
    /// Only what was added at this instant or later. Nothing of it changes afterwards; the list does
    /// not say what was taken back.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    updated_since: Option<Timestamp>,
}

/// A part of a list by time.
pub(super) struct Part {
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) to: Option<DateTime<Utc>>,
    /// Only what was added then or later.
    pub(super) added_since: Option<DateTime<Utc>>,
    pub(super) window: Window<StartKey>,
}

impl ListByStart {
    pub(super) fn part(&self, window: Window<StartKey>) -> Part {
        Part {
            from: self.from.map(|instant| instant.0),
            to: self.to.map(|instant| instant.0),
            added_since: self.updated_since.map(|instant| instant.0),
            window,
        }
    }
}
