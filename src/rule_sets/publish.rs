//! Publishing rules of the practice's own.

use std::sync::Arc;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::id;
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal};

use super::rule_set::{NewRuleSet, PublishedRuleSet};
use super::store;
use tautband_rules::formulary::ReviewState;
use tautband_rules::safety::rules::RuleSetRefused;
use tautband_rules::shipped::{rules_shipped_before, shipped_rules};

action!(
    /// Publishing rules of the practice's own.
    PublishRuleSet, "rule_sets.publish", practice, [Admin, Provider]
);

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub(super) enum PublishError {
    #[error("the rules cannot be used: {0}")]
    Unusable(#[from] RuleSetRefused),
    #[error("who reviewed it, and when, goes with a review")]
    ReviewUnclear,
    #[error("the review lies in the future")]
    ReviewedLater,
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
            Self::ReviewUnclear => Problem::invalid(
                ["/reviewed_by", "/reviewed_on"]
                    .map(|pointer| FieldError::new(pointer, "goes with the state reviewed"))
                    .into(),
            ),
            Self::ReviewedLater => Problem::field("/reviewed_on", "lies in the future"),
            Self::Exists => Problem::new(&VERSION_EXISTS),
            Self::Database(error) => error.into(),
        }
    }
}

/// Publishes rules; every assessment from now on uses them.
pub(super) async fn publish_rule_set(
    transaction: &Transaction<'_, PublishRuleSet>,
    new: NewRuleSet,
) -> Result<PublishedRuleSet, PublishError> {
    new.rules.validate()?;
    new.rules.keeps_rules_of(shipped_rules())?;
    if (new.review_state == ReviewState::Reviewed) != new.review.is_some() {
        return Err(PublishError::ReviewUnclear);
    }
    let today = transaction.now().date_naive();
    if new.review.as_ref().is_some_and(|review| review.on > today) {
        return Err(PublishError::ReviewedLater);
    }
    let version = &new.rules.version;
    if *version == shipped_rules().version || rules_shipped_before(version).is_some() {
        return Err(PublishError::Exists);
    }
    let set = PublishedRuleSet {
        id: id::fresh(transaction.now()),
        source: new.source,
        review_state: new.review_state,
        review: new.review,
        rules: Arc::new(new.rules),
        published_by: transaction.principal().user_id,
        published_at: transaction.now(),
    };
    match store::insert_rule_set(transaction, &set).await {
        Err(error) if error.breaks("rule_sets_version_once") => Err(PublishError::Exists),
        inserted => {
            inserted?;
            Ok(set)
        }
    }
}
