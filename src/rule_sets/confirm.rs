//! Confirming what a colleague proposed: two people stand for rules that an admin did not publish.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::rule_set::{Confirmation, PublishedRuleSet};
use super::store;

action!(
    /// Putting proposed rules in force.
    ConfirmRuleSet, "rule_sets.confirm", practice, [Admin, Provider], done_by People
);

/// Why rules were not put in force.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfirmError {
    #[error("no such rules")]
    NotFound,
    #[error("they are in force or were")]
    Confirmed,
    #[error("who proposed them does not confirm them")]
    OwnProposal,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static ALREADY_CONFIRMED: ProblemType = ProblemType::new(
    "already-confirmed",
    409,
    "These rules were confirmed before",
);
static OWN_PROPOSAL: ProblemType = ProblemType::new(
    "own-proposal",
    409,
    "Rules are confirmed by somebody else than who proposed them",
);

impl Refusal for ConfirmError {
    const TYPES: &'static [&'static ProblemType] = &[&ALREADY_CONFIRMED, &OWN_PROPOSAL];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Confirmed => Problem::new(&ALREADY_CONFIRMED),
            Self::OwnProposal => Problem::new(&OWN_PROPOSAL),
            Self::Database(error) => error.into(),
        }
    }
}

/// Puts proposed rules in force; every assessment from now on uses them.
pub(super) async fn confirm_rule_set(
    transaction: &Transaction<'_, ConfirmRuleSet>,
    version: &str,
) -> Result<PublishedRuleSet, ConfirmError> {
    let found = store::find_rule_set(transaction, version).await?;
    let mut set = found.ok_or(ConfirmError::NotFound)?;
    if set.confirmation.is_some() {
        return Err(ConfirmError::Confirmed);
    }
    let by = transaction.principal().user_id;
    if set.published_by == by {
        return Err(ConfirmError::OwnProposal);
    }
    let confirmation = Confirmation {
        by,
        at: transaction.now(),
    };
    // Somebody else may have confirmed them since they were read.
    if !store::confirm(transaction, set.id, confirmation).await? {
        return Err(ConfirmError::Confirmed);
    }
    set.confirmation = Some(confirmation);
    transaction.touch_record("rule_set", set.id);
    Ok(set)
}
