//! The kinds of harm, as data: codes and words of our own, and the grades each is given.

use std::sync::LazyLock;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use tautband_rules::formulary::ReviewState;

const SHIPPED: &str = include_str!("shipped_adverse_events.json");

/// One kind of harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventKind {
    pub(super) code: String,
    pub(super) wording: String,
    /// The grades it is given, in ascending order.
    pub(super) grades: Vec<i16>,
    /// When it usually shows, for reading.
    pub(super) usual_onset: String,
    /// Whether it is serious at any grade.
    pub(super) is_always_serious: bool,
    pub(super) source: String,
    pub(super) review_state: ReviewState,
}

/// Every kind of harm, under one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventCatalogue {
    pub(super) version: String,
    /// A serious event is reviewed within so many hours.
    review_within_hours: u32,
    pub(super) kinds: Vec<EventKind>,
}

impl EventCatalogue {
    /// The kind with this code.
    pub(super) fn find(&self, code: &str) -> Option<&EventKind> {
        self.kinds.iter().find(|kind| kind.code == code)
    }

    /// How long the review of a serious event may take.
    pub(super) fn review_within(&self) -> TimeDelta {
        TimeDelta::hours(i64::from(self.review_within_hours))
    }
}

#[expect(clippy::expect_used, reason = "a test reads the same text")]
static CATALOGUE: LazyLock<EventCatalogue> = LazyLock::new(|| {
    serde_json::from_str(SHIPPED).expect("the shipped catalogue of adverse events is readable")
});

/// The catalogue that comes with the program.
pub(super) fn catalogue() -> &'static EventCatalogue {
    &CATALOGUE
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_every_kind_names_grades_and_source() {
        let kinds = &catalogue().kinds;
        let codes: BTreeSet<&String> = kinds.iter().map(|kind| &kind.code).collect();
        assert_eq!(codes.len(), kinds.len());
        for kind in kinds {
            assert!(!kind.grades.is_empty(), "{}", kind.code);
            assert!(
                kind.grades.is_sorted_by(|a, b| a < b),
                "{} {:?}",
                kind.code,
                kind.grades
            );
            assert!(
                kind.grades.iter().all(|grade| (1..=5).contains(grade)),
                "{}",
                kind.code
            );
            assert!(!kind.source.is_empty(), "{}", kind.code);
        }
    }

    #[test]
    fn what_is_always_serious_is_serious_at_grade_one() {
        for code in [
            "pneumothorax",
            "last_cns",
            "last_cv",
            "anaphylaxis",
            "dural_puncture",
            "vertebral_artery_injection",
            "wrong_site",
            "wrong_drug",
            "wrong_dose",
        ] {
            assert!(catalogue().find(code).unwrap().is_always_serious, "{code}");
        }
        for code in ["soreness", "bruising", "vasovagal", "headache_exacerbation"] {
            assert!(!catalogue().find(code).unwrap().is_always_serious, "{code}");
        }
        assert_eq!(catalogue().find("bad_luck"), None);
        assert_eq!(catalogue().review_within(), TimeDelta::hours(24));
    }
}
