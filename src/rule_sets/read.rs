//! Reading rule sets: those of the practice, and those that came with the program.

use std::sync::Arc;

use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Stored, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::rule_set::KnownRuleSet;
use super::store;
use tautband_rules::shipped::{rules_shipped_before, shipped_rules};

action!(
    /// Reading the rule sets.
    ReadRuleSets, "rule_sets.read", practice, [Admin, FrontDesk, Provider, Assistant, Auditor]
);

/// Why a rule set was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadRuleSetError {
    #[error("no such version")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ReadRuleSetError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// The practice's own rule sets, the last published first, and the shipped one behind them all.
pub(super) async fn list_rule_sets(
    transaction: &Transaction<'_, ReadRuleSets>,
    window: &Window<Uuid>,
) -> Stored<Vec<KnownRuleSet>> {
    if window.after.is_some_and(|after| after.is_nil()) {
        return Ok(Vec::new());
    }
    let own = store::rule_sets(transaction, window).await?;
    let is_last = i64::try_from(own.len()).is_ok_and(|found| found < window.probe());
    let mut known: Vec<KnownRuleSet> = own.into_iter().map(KnownRuleSet::Published).collect();
    if is_last {
        known.push(KnownRuleSet::Shipped(Arc::clone(shipped_rules())));
    }
    Ok(known)
}

/// The rules of one version.
pub(super) async fn read_rule_set(
    transaction: &Transaction<'_, ReadRuleSets>,
    version: &str,
) -> Result<KnownRuleSet, ReadRuleSetError> {
    if version == shipped_rules().version {
        return Ok(KnownRuleSet::Shipped(Arc::clone(shipped_rules())));
    }
    if let Some(rules) = rules_shipped_before(version) {
        return Ok(KnownRuleSet::ShippedBefore(rules));
    }
    let found = store::find_rule_set(transaction, version).await?;
    found
        .map(KnownRuleSet::Published)
        .ok_or(ReadRuleSetError::NotFound)
}
