//! Exact fractions, so that a sum of doses never drifts and a limit is never compared with a
//! rounded number.
//!
//! A dose per site is site volume × component mass ÷ solution volume, and a share of a maximum is
//! another division: neither is a finite decimal. Both are therefore kept as numerator and
//! denominator in lowest terms and compared without dividing; only what a person reads is
//! rounded. A number that would not fit is a typed refusal, never a wrapped or rounded value.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;

/// A calculation left the range in which it is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the calculation leaves the range in which it is exact")]
pub struct NotExact;

/// A non-negative fraction in lowest terms; its denominator is never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Exact {
    numerator: u128,
    denominator: u128,
}

impl Exact {
    /// Nothing.
    pub const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };
    /// The whole.
    pub const ONE: Self = Self {
        numerator: 1,
        denominator: 1,
    };

    /// Takes over a whole number.
    pub fn whole(number: u32) -> Self {
        Self {
            numerator: u128::from(number),
            denominator: 1,
        }
    }

    /// Takes over a decimal unchanged; a negative one is refused.
    pub fn from_decimal(decimal: Decimal) -> Result<Self, NotExact> {
        let normal = decimal.normalize();
        let numerator = u128::try_from(normal.mantissa()).map_err(|_negative| NotExact)?;
        let denominator = 10_u128.checked_pow(normal.scale()).ok_or(NotExact)?;
        Ok(Self::reduced(numerator, denominator))
    }

    /// The sum, or a refusal when it does not fit.
    pub fn checked_add(self, other: Self) -> Result<Self, NotExact> {
        let shared = greatest_common_divisor(self.denominator, other.denominator);
        let mine = self.denominator / shared;
        let theirs = other.denominator / shared;
        let left = self.numerator.checked_mul(theirs).ok_or(NotExact)?;
        let right = other.numerator.checked_mul(mine).ok_or(NotExact)?;
        let numerator = left.checked_add(right).ok_or(NotExact)?;
        let denominator = self.denominator.checked_mul(theirs).ok_or(NotExact)?;
        Ok(Self::reduced(numerator, denominator))
    }

    /// The product, or a refusal when it does not fit.
    pub fn checked_mul(self, other: Self) -> Result<Self, NotExact> {
        let left = Self::reduced(self.numerator, other.denominator);
        let right = Self::reduced(other.numerator, self.denominator);
        Ok(Self {
            numerator: left
                .numerator
                .checked_mul(right.numerator)
                .ok_or(NotExact)?,
            denominator: left
                .denominator
                .checked_mul(right.denominator)
                .ok_or(NotExact)?,
        })
    }

    /// The quotient; dividing by nothing is refused.
    pub fn checked_div(self, other: Self) -> Result<Self, NotExact> {
        if other.is_zero() {
            return Err(NotExact);
        }
        self.checked_mul(Self {
            numerator: other.denominator,
            denominator: other.numerator,
        })
    }

    /// Adds everything up.
    pub fn sum(parts: impl IntoIterator<Item = Self>) -> Result<Self, NotExact> {
        parts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// Whether there is nothing of it.
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// The next whole number at or above it.
    pub const fn ceiling(self) -> u128 {
        self.numerator.div_ceil(self.denominator)
    }

    /// What a person reads: rounded half up, never used to decide.
    pub fn rounded(self, places: u32) -> Option<Decimal> {
        let scale = 10_u128.checked_pow(places)?;
        let whole = (self.numerator / self.denominator).checked_mul(scale)?;
        let rest = self.numerator % self.denominator;
        let halves = rest
            .checked_mul(scale)?
            .checked_mul(2)?
            .checked_add(self.denominator)?;
        let fraction = halves / self.denominator.checked_mul(2)?;
        let mantissa = i128::try_from(whole.checked_add(fraction)?).ok()?;
        Decimal::try_from_i128_with_scale(mantissa, places)
            .ok()
            .map(|decimal| decimal.normalize())
    }

    /// Reads what [`Display`](fmt::Display) wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (numerator, denominator) = text.split_once('/')?;
        let denominator = denominator.parse().ok().filter(|one| *one != 0)?;
        Some(Self::reduced(numerator.parse().ok()?, denominator))
    }

    fn reduced(numerator: u128, denominator: u128) -> Self {
        let shared = greatest_common_divisor(numerator, denominator).max(1);
        Self {
            numerator: numerator / shared,
            denominator: denominator / shared,
        }
    }
}

/// Numerator and denominator in lowest terms, so that equal fractions have one text.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl Ord for Exact {
    /// Compares whole parts and then the reciprocals of what is left, so that it cannot overflow.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut left, mut right) = (*self, *other);
        let mut reversed = false;
        loop {
            let wholes =
                (left.numerator / left.denominator).cmp(&(right.numerator / right.denominator));
            let rests = (
                left.numerator % left.denominator,
                right.numerator % right.denominator,
            );
            let decided = match (wholes, rests) {
                (Ordering::Equal, (0, 0)) => Some(Ordering::Equal),
                (Ordering::Equal, (0, _)) => Some(Ordering::Less),
                (Ordering::Equal, (_, 0)) => Some(Ordering::Greater),
                (Ordering::Equal, _) => None,
                (unequal, _) => Some(unequal),
            };
            if let Some(ordering) = decided {
                return if reversed {
                    ordering.reverse()
                } else {
                    ordering
                };
            }
            left = Self {
                numerator: left.denominator,
                denominator: rests.0,
            };
            right = Self {
                numerator: right.denominator,
                denominator: rests.1,
            };
            reversed = !reversed;
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

const fn greatest_common_divisor(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::from_decimal(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_fraction_is_written_and_read_unchanged_and_nothing_else_is_read() {
        let third = Exact::ONE.checked_div(Exact::whole(3)).unwrap();
        let largest = format!("{}/{}", u128::MAX, u128::MAX - 1);
        for (fraction, text) in [
            (Exact::ZERO, "0/1"),
            (third, "1/3"),
            (exact("80.00001"), "8000001/100000"),
            (Exact::parse(&largest).unwrap(), largest.as_str()),
        ] {
            assert_eq!(fraction.to_string(), text);
            assert_eq!(Exact::parse(text), Some(fraction));
        }
        assert_eq!(Exact::parse("2/6"), Some(third));
        for text in ["", "1", "/", "1/0", "-1/3", "1/3/1", "0.5/1"] {
            assert_eq!(Exact::parse(text), None, "{text}");
        }
    }

    #[test]
    fn decimals_are_taken_over_and_shown_unchanged() {
        for text in ["0", "1", "0.1", "2.5", "0.000001", "1234567.89", "99999999"] {
            assert_eq!(
                exact(text).rounded(6).unwrap(),
                text.parse::<Decimal>().unwrap(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_negative_number_is_refused() {
        assert_eq!(Exact::from_decimal("-0.1".parse().unwrap()), Err(NotExact));
    }

    #[test]
    fn ten_tenths_are_exactly_one() {
        let tenths = Exact::sum(std::iter::repeat_n(exact("0.1"), 10)).unwrap();
        assert_eq!(tenths, Exact::ONE);
        let thirds = Exact::ONE.checked_div(Exact::whole(3)).unwrap();
        assert_eq!(Exact::sum([thirds; 3]).unwrap(), Exact::ONE);
    }

    #[test]
    fn only_the_shown_number_is_rounded_half_up() {
        let two_thirds = exact("2").checked_div(exact("3")).unwrap();
        assert_eq!(two_thirds.rounded(4).unwrap().to_string(), "0.6667");
        assert_eq!(exact("0.00005").rounded(4).unwrap().to_string(), "0.0001");
        assert_eq!(exact("0.00004").rounded(4).unwrap().to_string(), "0");
    }

    #[test]
    fn division_by_nothing_and_overflow_are_refused() {
        assert_eq!(Exact::ONE.checked_div(Exact::ZERO), Err(NotExact));
        let huge = Exact {
            numerator: u128::MAX,
            denominator: 1,
        };
        assert_eq!(huge.checked_add(Exact::ONE), Err(NotExact));
        assert_eq!(huge.checked_mul(Exact::whole(2)), Err(NotExact));
        let tiny = Exact {
            numerator: 1,
            denominator: u128::MAX,
        };
        assert_eq!(tiny.checked_mul(exact("0.5")), Err(NotExact));
        assert_eq!(huge.rounded(2), None);
    }

    #[test]
    fn comparison_survives_numbers_that_cannot_be_cross_multiplied() {
        let below = Exact {
            numerator: u128::MAX - 2,
            denominator: u128::MAX - 1,
        };
        let above = Exact {
            numerator: u128::MAX - 1,
            denominator: u128::MAX,
        };
        assert!(below < above);
        assert!(above > below);
        assert!(above < Exact::ONE);
        assert_eq!(below.cmp(&below), Ordering::Equal);
    }

    #[test]
    fn the_ceiling_is_the_next_whole_number() {
        for (text, ceiling) in [("0", 0), ("0.1", 1), ("1", 1), ("1.000001", 2), ("40", 40)] {
            assert_eq!(exact(text).ceiling(), ceiling, "{text}");
        }
    }

    proptest! {
        #[test]
        fn comparison_agrees_with_cross_multiplication(
            a in 0_u64.., b in 1_u64.., c in 0_u64.., d in 1_u64..,
        ) {
            let left = Exact::reduced(a.into(), b.into());
            let right = Exact::reduced(c.into(), d.into());
            let expected =
                (u128::from(a) * u128::from(d)).cmp(&(u128::from(c) * u128::from(b)));
            prop_assert_eq!(left.cmp(&right), expected);
        }

        #[test]
        fn dividing_undoes_multiplying(a in 0_u32.., b in 1_u32.., c in 1_u32..) {
            let value = Exact::reduced(a.into(), b.into());
            let back = value.checked_mul(Exact::whole(c)).unwrap().checked_div(Exact::whole(c));
            prop_assert_eq!(back.unwrap(), value);
        }
    }
}
