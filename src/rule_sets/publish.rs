//! Publishing rules of the practice's own.

use std::sync::Arc;

use crate::platform::access::{Role, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::id;
use crate::platform::problem::{Problem, ProblemType, Refusal};

use super::rule_set::{Confirmation, NewRuleSet, PublishedRuleSet, Review};
use super::store;
use tautband_rules::formulary::ReviewState;
use tautband_rules::safety::rules::RuleSetRefused;
use tautband_rules::shipped::{rules_shipped_before, shipped_rules};

action!(
    /// Publishing rules of the practice's own, as an admin, or proposing them, as a provider.
    PublishRuleSet, "rule_sets.publish", practice, [Admin, Provider], done_by People
);

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub(super) enum PublishError {
    #[error("the rules cannot be used: {0}")]
    Unusable(#[from] RuleSetRefused),
    #[error("a review is the act of a provider")]
    NoReviewer,
    #[error("there is such a version")]
    Exists,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static VERSION_EXISTS: ProblemType = ProblemType::new(
    "version-exists",
    409,
    "There are rules of this version, and a version is never changed",
);

impl Refusal for PublishError {
    const TYPES: &'static [&'static ProblemType] = &[&VERSION_EXISTS];

    fn problem(self) -> Problem {
        match self {
            Self::Unusable(refused) => Problem::field("/rules", refused.to_string()),
            Self::NoReviewer => Problem::field(
                "/review_state",
                "can be reviewed only when a provider says so who is signed in; publish it as \
                 awaiting_clinician_review, or let a provider propose it",
            ),
            Self::Exists => Problem::new(&VERSION_EXISTS),
            Self::Database(error) => error.into(),
        }
    }
}

/// Publishes rules, and every assessment from now on uses them. What a provider publishes is a proposal
/// until somebody else confirms it: a slip of one person must not move a limit for everybody.
pub(super) async fn publish_rule_set(
    transaction: &Transaction<'_, PublishRuleSet>,
    new: NewRuleSet,
) -> Result<PublishedRuleSet, PublishError> {
    new.rules.validate()?;
    new.rules.keeps_rules_of(shipped_rules())?;
    let principal = transaction.principal();
    let is_reviewed = new.review_state == ReviewState::Reviewed;
    if is_reviewed && principal.role != Role::Provider {
        return Err(PublishError::NoReviewer);
    }
    let (by, at) = (principal.user_id, transaction.now());
    let version = &new.rules.version;
    if *version == shipped_rules().version || rules_shipped_before(version).is_some() {
        return Err(PublishError::Exists);
    }
    let set = PublishedRuleSet {
        id: id::fresh(transaction.now()),
        source: new.source,
        review_state: new.review_state,
        review: is_reviewed.then(|| Review {
            by,
            on: at.date_naive(),
        }),
        rules: Arc::new(new.rules),
        published_by: by,
        published_at: at,
        confirmation: (principal.role == Role::Admin).then_some(Confirmation { by, at }),
    };
    match store::insert_rule_set(transaction, &set).await {
        Err(error) if error.breaks("rule_sets_version_once") => Err(PublishError::Exists),
        inserted => {
            inserted?;
            transaction.touch_record("rule_set", set.id);
            Ok(set)
        }
    }
}
