//! The refusal of what is recorded on another day than that of the appointment.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::platform::problem::Problem;

use super::refusals::BookingRule;
use super::wording;

/// The appointment is not on this day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AnotherDay {
    pub(super) starts_at: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
    pub(super) zone: Tz,
}

impl AnotherDay {
    /// Says both days and what is possible.
    pub(super) fn problem(self) -> Problem {
        let Self {
            starts_at,
            now,
            zone,
        } = self;
        let detail = format!(
            "This appointment is on {} at {}, and today is {}. Record this on that day or move the \
             appointment; to record it today all the same, check the patient in with an override \
             and its reason.",
            wording::day(starts_at, zone),
            wording::clock(starts_at, zone),
            wording::day(now, zone),
        );
        BookingRule::AnotherDay.problem().detail(detail)
    }
}
