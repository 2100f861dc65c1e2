//! One figure of a rule, read exactly.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use crate::exact::{Exact, NotExact};
use crate::formulary::ReviewState;

/// One figure with where it comes from.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    #[serde_as(as = "DisplayFromStr")]
    pub value: Decimal,
    pub source: String,
    pub review_state: ReviewState,
}

impl Figure {
    /// The figure as an exact fraction.
    pub fn exact(&self) -> Result<Exact, NotExact> {
        Exact::from_decimal(self.value)
    }

    /// The figure as a whole number of days, hours or months; a broken part is dropped.
    pub fn whole(&self) -> Result<u32, NotExact> {
        self.value.to_u32().ok_or(NotExact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_read_exactly() {
        let figure = |value: &str| Figure {
            value: value.parse().unwrap(),
            source: "P".to_owned(),
            review_state: ReviewState::Reviewed,
        };
        assert_eq!(figure("84").whole(), Ok(84));
        assert_eq!(figure("-1").whole(), Err(NotExact));
        assert_eq!(
            figure("0.8").exact().unwrap().rounded(2),
            Some(figure("0.8").value)
        );
    }
}
