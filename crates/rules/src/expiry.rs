//! What is printed on a vial: the expiry. A label that shows only a month means its last day.

use chrono::NaiveDate;

/// The last day on which a lot may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExpiryDate(NaiveDate);

impl ExpiryDate {
    /// An expiry printed with its day.
    pub const fn on(day: NaiveDate) -> Self {
        Self(day)
    }

    /// Whether a use on this day comes too late.
    pub fn is_past_on(self, day: NaiveDate) -> bool {
        day > self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_lot_is_usable_on_its_last_day_and_not_after() {
        let expiry = ExpiryDate::on(day("2026-11-22"));
        assert!(!expiry.is_past_on(day("2026-11-21")));
        assert!(!expiry.is_past_on(day("2026-11-22")));
        assert!(expiry.is_past_on(day("2026-11-23")));
    }
}
