//! The data that comes with the program: the formulary, the safety rules and the codes.
//!
//! They are read once. That they can be read is proven by the tests of their own modules, so a
//! program that was built has them.

use std::sync::{Arc, LazyLock};

use super::coding::CodingTable;
use super::formulary::Formulary;
use super::safety::rules::RuleSet;

#[expect(clippy::expect_used, reason = "a test reads the same text")]
static FORMULARY: LazyLock<Formulary> =
    LazyLock::new(|| Formulary::shipped().expect("the shipped formulary is readable"));

#[expect(clippy::expect_used, reason = "a test reads the same text")]
static RULES: LazyLock<Arc<RuleSet>> =
    LazyLock::new(|| Arc::new(RuleSet::shipped().expect("the shipped rules are readable")));

#[expect(clippy::expect_used, reason = "a test reads the same text")]
static CODING: LazyLock<CodingTable> =
    LazyLock::new(|| CodingTable::shipped().expect("the shipped codes are readable"));

/// The drugs a solution can be made of.
pub(super) fn formulary() -> &'static Formulary {
    &FORMULARY
}

/// The safety rules that come with the program; in force until a practice publishes its own.
pub(super) fn shipped_rules() -> &'static Arc<RuleSet> {
    &RULES
}

/// The codes and payer rules in force.
pub(super) fn coding() -> &'static CodingTable {
    &CODING
}
