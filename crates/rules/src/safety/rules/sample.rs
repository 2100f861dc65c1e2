//! The shipped rules, to which the tests of this folder change one thing.

use super::RuleSet;

/// A change to a rule set.
pub(super) type Change = fn(&mut RuleSet);

/// The shipped rules with one change.
pub(super) fn changed(change: Change) -> RuleSet {
    let mut rules = RuleSet::shipped().unwrap();
    change(&mut rules);
    rules
}
