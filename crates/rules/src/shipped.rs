//! The data that comes with the program: the formulary, the safety rules and the codes.
//!
//! They are read once. That they can be read is proven by the tests of their own modules, so a
//! program that was built has them.

use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::coding::CodingTable;
use super::formulary::Formulary;
use super::safety::rules::RuleSet;

#[expect(clippy::expect_used, reason = "a test reads the same text")]
static FORMULARY: LazyLock<Formulary> =
    LazyLock::new(|| Formulary::shipped().expect("the shipped formulary is readable"));

#[expect(clippy::expect_used, reason = "a test reads the same text")]
static RULES: LazyLock<Arc<RuleSet>> =
    LazyLock::new(|| Arc::new(RuleSet::shipped().expect("the shipped rules are readable")));

/// Rules that came with the program before, word for word.
#[expect(clippy::expect_used, reason = "a test reads the same text")]
static RULES_BEFORE: LazyLock<[Value; 2]> = LazyLock::new(|| {
    [
        include_str!("safety/shipped_rules_2026_11.json"),
        include_str!("safety/shipped_rules_2026_11_2.json"),
    ]
    .map(|text| serde_json::from_str(text).expect("the rules of before are readable"))
});

#[expect(clippy::expect_used, reason = "a test reads the same text")]
static CODING: LazyLock<CodingTable> =
    LazyLock::new(|| CodingTable::shipped().expect("the shipped codes are readable"));

/// The drugs a solution can be made of.
pub fn formulary() -> &'static Formulary {
    &FORMULARY
}

/// The safety rules that come with the program; in force until a practice publishes its own.
pub fn shipped_rules() -> &'static Arc<RuleSet> {
    &RULES
}

/// Rules of this version that came with the program before; what was judged by them still names
/// them.
pub fn rules_shipped_before(version: &str) -> Option<&'static Value> {
    RULES_BEFORE
        .iter()
        .find(|rules| rules.get("version").is_some_and(|own| own == version))
}

/// The codes and payer rules in force.
pub fn coding() -> &'static CodingTable {
    &CODING
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_before_are_kept_under_their_own_version() {
        let before = rules_shipped_before("2026-11").unwrap();
        assert_eq!(before["version"], "2026-11");
        assert_eq!(before.get("medication_groups"), None);
        assert_eq!(rules_shipped_before(&shipped_rules().version), None);
    }
}
