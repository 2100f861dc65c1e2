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
    /// Year and month of the release the codes were read in.
    pub release: String,
    /// The chapters from which codes were taken, by their letters.
    pub chapters: Vec<String>,
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
    plain(left) == plain(right)
}

fn plain(code: &str) -> String {
    code.replace('.', "").trim().to_ascii_uppercase()
}

impl IndicationList {
    /// Names the recorded codes that no claim can go out with: categories, and what the list does not
    /// have.
    pub fn check(&self, recorded: &[String]) -> PayerCheck {
        let missing = recorded.iter().filter_map(|code| self.fault(code));
        PayerCheck::documented(
            "diagnosis_codes",
            missing.collect(),
            "Every recorded diagnosis is a billable code of the list.",
        )
    }

    /// What a claim needs in place of this code.
    fn fault(&self, code: &str) -> Option<String> {
        if self.is_not_billable(code) {
            return Some(format!(
                "a billable diagnosis code in place of the category {code}"
            ));
        }
        (!self.lists(code)).then(|| {
            format!(
                "a diagnosis code of the list of {} in place of {code}, which it does not have",
                self.release
            )
        })
    }

    fn codes(&self) -> impl Iterator<Item = &str> {
        let rows = self.offered.iter().chain(&self.context);
        rows.map(|row| row.code.as_str())
    }

    fn lists(&self, code: &str) -> bool {
        self.codes().any(|listed| is_same_code(listed, code))
    }

    /// Whether the code is a category that cannot be billed: said so, or the beginning of a listed code.
    pub fn is_not_billable(&self, code: &str) -> bool {
        let own = plain(code);
        let is_beginning = |listed: &str| {
            let listed = plain(listed);
            listed.len() > own.len() && listed.starts_with(&own)
        };
        let is_said = self.not_billable.iter().any(|one| is_same_code(one, code));
        is_said || (own.len() >= 3 && !self.lists(code) && self.codes().any(is_beginning))
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
            assert!(
                list.chapters.iter().any(|letter| code.starts_with(letter)),
                "{code}"
            );
        }
        for code in [
            "M26.62", "m2662", "Z91.19", "G43", "G43.7", "g43.70", "G44.2", "M79.1", "M54.5",
            "M62.83", "S16.1",
        ] {
            assert!(list.is_not_billable(code), "{code}");
        }
    }

    #[test]
    fn codes_no_claim_can_go_out_with_are_named() {
        let list = CodingTable::shipped().unwrap().indications;
        for code in ["R51.9", "G43.709", "Q99", "M7", ""] {
            assert!(!list.is_not_billable(code), "{code}");
        }
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
                    "a diagnosis code of the list of 2026-04 in place of Q99.99, which it does not have",
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
