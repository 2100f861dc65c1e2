//! What is printed on a vial: the expiry and the National Drug Code.
//!
//! A label that shows only a month means the last day of that month. Drug codes are printed in
//! three hyphenation patterns of ten digits; registries and claims want eleven (5-4-2), so the
//! short part is padded with a zero. The printed text is kept beside it by the caller.

use chrono::{Days, Months, NaiveDate};

/// The last day on which a lot may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ExpiryDate(NaiveDate);

impl ExpiryDate {
    /// An expiry printed with its day.
    pub(crate) const fn on(day: NaiveDate) -> Self {
        Self(day)
    }

    /// An expiry printed as year and month; nothing if there is no such month.
    pub(crate) fn in_month(year: i32, month: u32) -> Option<Self> {
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        let next = first.checked_add_months(Months::new(1))?;
        next.checked_sub_days(Days::new(1)).map(Self)
    }

    /// The last usable day.
    pub(crate) const fn last_day(self) -> NaiveDate {
        self.0
    }

    /// Whether a use on this day comes too late.
    pub(crate) fn is_past_on(self, day: NaiveDate) -> bool {
        day > self.0
    }
}

/// An eleven-digit National Drug Code, written 5-4-2.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct NationalDrugCode(String);

impl NationalDrugCode {
    /// Reads 4-4-2, 5-3-2, 5-4-1 or 5-4-2 with hyphens, or eleven plain digits.
    ///
    /// Ten digits without hyphens are ambiguous and therefore nothing.
    pub(crate) fn parse(printed: &str) -> Option<Self> {
        let printed = printed.trim();
        if !printed
            .chars()
            .all(|character| character.is_ascii_digit() || character == '-')
        {
            return None;
        }
        let parts: Vec<&str> = printed.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        match (lengths.as_slice(), parts.as_slice()) {
            ([4, 4, 2] | [5, 3, 2] | [5, 4, 1 | 2], [labeler, product, package]) => {
                Some(Self(format!("{labeler:0>5}-{product:0>4}-{package:0>2}")))
            }
            ([11], [digits]) => {
                let (labeler, rest) = digits.split_at_checked(5)?;
                let (product, package) = rest.split_at_checked(4)?;
                Some(Self(format!("{labeler}-{product}-{package}")))
            }
            _ => None,
        }
    }

    /// The code written 5-4-2.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_expires_with_its_last_day() {
        for (year, month, last) in [
            (2026, 2, "2026-02-28"),
            (2028, 2, "2028-02-29"),
            (2026, 12, "2026-12-31"),
        ] {
            assert_eq!(
                ExpiryDate::in_month(year, month).unwrap().last_day(),
                day(last)
            );
        }
        assert_eq!(ExpiryDate::in_month(2026, 13), None);
    }

    #[test]
    fn a_lot_is_usable_on_its_last_day_and_not_after() {
        let expiry = ExpiryDate::on(day("2026-11-22"));
        assert!(!expiry.is_past_on(day("2026-11-21")));
        assert!(!expiry.is_past_on(day("2026-11-22")));
        assert!(expiry.is_past_on(day("2026-11-23")));
    }

    #[test]
    fn every_hyphenation_becomes_five_four_two() {
        for (printed, code) in [
            ("0409-4276-02", "00409-4276-02"),
            ("55150-165-30", "55150-0165-30"),
            ("63323-4650-2", "63323-4650-02"),
            ("00409-4276-02", "00409-4276-02"),
            ("00409427602", "00409-4276-02"),
            (" 0409-4276-02 ", "00409-4276-02"),
        ] {
            assert_eq!(
                NationalDrugCode::parse(printed).unwrap().as_str(),
                code,
                "{printed}"
            );
        }
    }

    #[test]
    fn an_ambiguous_or_foreign_code_is_nothing() {
        for printed in [
            "0409427602",
            "",
            "409-4276-02",
            "0409-4276",
            "0409-427A-02",
            "0409–4276–02",
        ] {
            assert_eq!(NationalDrugCode::parse(printed), None, "{printed}");
        }
    }
}
