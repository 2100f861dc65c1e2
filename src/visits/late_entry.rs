//! When something happened, beside when it was recorded.
//!
//! What is written down later than it happened names its own time, at most seven days back, and the visit
//! says why. Windows, intervals, follow-ups and lists go by the time at which it happened.

use chrono::{DateTime, TimeDelta, Utc};

use crate::platform::problem::FieldError;

/// How far back something may be entered.
const LONGEST_DELAY: TimeDelta = TimeDelta::days(7);

/// Up to here nobody asks why it was not entered at once.
const USUAL_DELAY: TimeDelta = TimeDelta::hours(1);

/// The span in which something may have happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClinicalTime {
    /// Nothing under a visit happened before the visit.
    pub(crate) not_before: Option<DateTime<Utc>>,
    pub(crate) now: DateTime<Utc>,
    /// The visit says why it was entered late.
    pub(crate) is_late_entry: bool,
}

impl ClinicalTime {
    /// Accepts the time at which something happened: the one that is named, or now. A fault points at the
    /// field that names it, or at the reason that is missing.
    pub(crate) fn accept(
        &self,
        named: Option<DateTime<Utc>>,
        field: &str,
    ) -> Result<DateTime<Utc>, FieldError> {
        let Some(at) = named else {
            return Ok(self.now);
        };
        if at > self.now {
            let detail = format!("must not be later than now, {}", self.now.to_rfc3339());
            return Err(FieldError::new(field, detail));
        }
        let earliest = self.now - LONGEST_DELAY;
        if at < earliest {
            let detail = format!(
                "must be {} or later: seven days back at most",
                earliest.to_rfc3339()
            );
            return Err(FieldError::new(field, detail));
        }
        if let Some(not_before) = self.not_before
            && at < not_before
        {
            let detail = format!("must not be earlier than {}", not_before.to_rfc3339());
            return Err(FieldError::new(field, detail));
        }
        if at < self.now - USUAL_DELAY && !self.is_late_entry {
            return Err(FieldError::new(
                "/late_entry_reason",
                "is required on the visit for what happened more than an hour ago",
            ));
        }
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(minutes_ago: i64, is_late_entry: bool) -> Result<DateTime<Utc>, String> {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(100);
        let time = ClinicalTime {
            not_before: Some(now - TimeDelta::days(8)),
            now,
            is_late_entry,
        };
        time.accept(Some(now - TimeDelta::minutes(minutes_ago)), "/at")
            .map_err(|fault| fault.pointer.clone())
    }

    #[test]
    fn what_happened_in_the_last_hour_needs_no_reason_and_older_needs_one() {
        assert!(accepted(60, false).is_ok());
        assert_eq!(accepted(61, false), Err("/late_entry_reason".to_owned()));
        assert!(accepted(61, true).is_ok());
    }

    #[test]
    fn a_time_lies_in_the_last_seven_days_and_not_in_the_future() {
        assert!(accepted(7 * 24 * 60, true).is_ok());
        assert_eq!(accepted(7 * 24 * 60 + 1, true), Err("/at".to_owned()));
        assert_eq!(accepted(-1, true), Err("/at".to_owned()));
    }

    #[test]
    fn nothing_happened_before_its_visit() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(100);
        let time = ClinicalTime {
            not_before: Some(now - TimeDelta::hours(2)),
            now,
            is_late_entry: true,
        };
        assert!(time.accept(Some(now - TimeDelta::hours(2)), "/at").is_ok());
        assert!(time.accept(Some(now - TimeDelta::hours(3)), "/at").is_err());
        assert_eq!(time.accept(None, "/at").ok(), Some(now));
    }
}
