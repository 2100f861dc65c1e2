//! Pain relief in percent of the pain before, exact.
//!
//! The ratings are kept, not the quotient: whether relief reaches a threshold is decided on the whole
//! numbers, and every place shows the same figure, to one decimal.

use std::cmp::Ordering;

use rust_decimal::Decimal;

/// Pain relief between two ratings, or two sums of ratings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relief {
    before: u32,
    after: u32,
}

impl Relief {
    /// The relief from one rating to another; none where there was no pain before.
    pub fn from_to(before: u32, after: u32) -> Option<Self> {
        (before > 0).then_some(Self { before, after })
    }

    /// The relief over pairs of ratings; none where there was no pain before, or a rating is below zero.
    pub fn over(pairs: impl IntoIterator<Item = (i16, i16)>) -> Option<Self> {
        let mut sums = (0_u32, 0_u32);
        for (before, after) in pairs {
            sums.0 = sums.0.checked_add(u32::try_from(before).ok()?)?;
            sums.1 = sums.1.checked_add(u32::try_from(after).ok()?)?;
        }
        Self::from_to(sums.0, sums.1)
    }

    /// Whether it reaches so many percent, decided without dividing.
    pub fn is_at_least(self, percent: Decimal) -> bool {
        let hundredfold = self.gained().checked_mul(Decimal::ONE_HUNDRED);
        let asked = percent.checked_mul(Decimal::from(self.before));
        hundredfold
            .zip(asked)
            .is_some_and(|(reached, asked)| reached >= asked)
    }

    /// What a person reads: to one decimal, and never used to decide.
    pub fn shown_percent(self) -> Decimal {
        let percent = self
            .gained()
            .checked_mul(Decimal::ONE_HUNDRED)
            .and_then(|hundredfold| hundredfold.checked_div(Decimal::from(self.before)));
        percent.unwrap_or_default().round_dp(1).normalize()
    }

    fn gained(self) -> Decimal {
        Decimal::from(self.before) - Decimal::from(self.after)
    }
}

impl Ord for Relief {
    /// More relief is greater, by what is left of the pain before.
    fn cmp(&self, other: &Self) -> Ordering {
        let left = u64::from(self.after) * u64::from(other.before);
        let right = u64::from(other.after) * u64::from(self.before);
        right.cmp(&left)
    }
}

impl PartialOrd for Relief {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::decimal;

    fn relief(before: u32, after: u32) -> Relief {
        Relief::from_to(before, after).unwrap()
    }

    #[test]
    fn relief_is_shown_to_one_decimal() {
        for (before, after, shown) in [
            (8, 3, "62.5"),
            (10, 5, "50"),
            (6, 4, "33.3"),
            (7, 7, "0"),
            (4, 6, "-50"),
            (3, 1, "66.7"),
        ] {
            assert_eq!(relief(before, after).shown_percent(), decimal(shown));
        }
        assert_eq!(Relief::from_to(0, 3), None);
        assert_eq!(Relief::over([(0, 0), (0, 2)]), None);
        assert_eq!(Relief::over([(8, 3), (-1, 0)]), None);
    }

    #[test]
    fn a_threshold_is_decided_on_the_exact_figure() {
        // Shown as 50 %, 49.95 % and 49.96 %: what is shown decides nothing.
        for (before, after, percent, reaches) in [
            (10, 5, "50", true),
            (2_000, 1_001, "50", false),
            (2_500, 1_251, "50", false),
            (3, 2, "33.333333", true),
            (3, 2, "33.333334", false),
            (4, 6, "-50", true),
            (4, 6, "0", false),
        ] {
            let reached = relief(before, after).is_at_least(decimal(percent));
            assert_eq!(reached, reaches, "{before} {after} {percent}");
        }
    }

    #[test]
    fn reliefs_are_compared_exactly() {
        assert!(relief(3, 2) > relief(10, 7));
        assert_eq!(relief(10, 5).cmp(&relief(4, 2)), Ordering::Equal);
        assert_eq!(Relief::over([(8, 3), (2, 1)]), Some(relief(10, 4)));
    }
}
