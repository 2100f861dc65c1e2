//! Diagnosis codes: which are offered, and which support the procedure before a payer.

use serde::{Deserialize, Serialize};

use super::payer::PayerCheck;
use crate::formulary::ReviewState;

/// One diagnosis code with our own short wording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indication {
    pub code: String,
    pub wording: String,
}

/// The codes of one release of ICD-10-CM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicationList {
    pub source: String,
    pub review_state: ReviewState,
    /// Offered when a procedure is recorded.
    pub offered: Vec<Indication>,
    /// For adverse events and circumstances.
    pub context: Vec<Indication>,
    /// Categories that look like codes but cannot be billed.
    pub not_billable: Vec<String>,
}

/// Whether two ways of writing name the same code; dots and case do not matter.
pub(super) fn is_same_code(left: &str, right: &str) -> bool {
    let plain = |code: &str| code.replace('.', "").trim().to_ascii_uppercase();
    plain(left) == plain(right)
}

impl IndicationList {
    /// Names the recorded codes that no claim can go out with: categories, and what the list does not
    /// have.
    pub fn check(&self, recorded: &[String]) -> PayerCheck {
        let missing = recorded.iter().filter_map(|code| {
            if self.is_not_billable(code) {
                Some(format!(
                    "a billable diagnosis code in place of the category {code}"
                ))
            } else if self.lists(code) {
                None
            } else {
                Some(format!(
                    "a diagnosis code of the list in place of {code}, which it does not have"
                ))
            }
        });
        PayerCheck::documented(
            "diagnosis_codes",
            missing.collect(),
            "Every recorded diagnosis is a billable code of the list.",
        )
    }

    fn lists(&self, code: &str) -> bool {
        self.offered
            .iter()
            .chain(&self.context)
            .any(|row| is_same_code(&row.code, code))
    }

    /// Whether the code is a category that cannot be billed.
    pub fn is_not_billable(&self, code: &str) -> bool {
        self.not_billable
            .iter()
            .any(|category| is_same_code(category, code))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::CodingTable;
    use super::super::payer::PayerResult;

    #[test]
    fn codes_are_listed_once_and_none_is_a_mere_category() {
        let list = CodingTable::shipped().unwrap().indications;
        let codes: BTreeSet<_> = list
            .offered
            .iter()
            .chain(&list.context)
            .map(|row| &row.code)
            .collect();
        assert_eq!(codes.len(), list.offered.len() + list.context.len());
        for code in codes {
            assert!(!list.is_not_billable(code), "{code}");
        }
        for code in ["M26.62", "m2662", "Z91.19"] {
            assert!(list.is_not_billable(code), "{code}");
        }
    }

    #[test]
    fn codes_no_claim_can_go_out_with_are_named() {
        let list = CodingTable::shipped().unwrap().indications;
        for (recorded, missing) in [
            (vec![], vec![]),
            (vec!["M79.18", "g44209", "Z79.01"], vec![]),
            (
                vec!["M79.18", "M26.62"],
                vec!["a billable diagnosis code in place of the category M26.62"],
            ),
            (
                vec!["Q99.99", "Z91.19"],
                vec![
                    "a diagnosis code of the list in place of Q99.99, which it does not have",
                    "a billable diagnosis code in place of the category Z91.19",
                ],
            ),
        ] {
            let recorded: Vec<String> = recorded.into_iter().map(str::to_owned).collect();
            let check = list.check(&recorded);
            let result = if missing.is_empty() {
                PayerResult::Pass
            } else {
                PayerResult::NeedsDocumentation
            };
            assert_eq!(check.missing, missing, "{recorded:?}");
            assert_eq!((check.code, check.result), ("diagnosis_codes", result));
        }
    }

    #[test]
    fn the_codes_that_support_an_injection_are_offered() {
        let table = CodingTable::shipped().unwrap();
        let covered = &table.payer("lcd_2024").unwrap().covered_indications;
        assert_eq!(covered.len(), 10);
        for code in covered {
            assert!(
                table
                    .indications
                    .offered
                    .iter()
                    .any(|row| &row.code == code),
                "{code}"
            );
        }
    }
}
