//! A practice's own rules: published whole, checked first, in force from then on.
//!
//! A practice changes figures and says where they come from and who reviewed them; it cannot lose a
//! check that the shipped rules have. A version is never changed, and what was judged by it keeps
//! its name: rules that came with the program before can still be read. To go back, the rules of
//! before are published again under a new name.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Stored, Transaction};
use crate::platform::id;
use crate::platform::page::Window;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

use super::store;
use tautband_rules::formulary::ReviewState;
use tautband_rules::safety::rules::{RuleSet, RuleSetRefused};
use tautband_rules::shipped::{rules_shipped_before, shipped_rules};

action!(
    /// Reading the rule sets.
    ReadRuleSets, "rule_sets.read", practice, [Admin, FrontDesk, Provider, Assistant, Auditor]
);
action!(
    /// Publishing rules of the practice's own.
    PublishRuleSet, "rule_sets.publish", practice, [Admin, Provider]
);

/// Who reviewed a set, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Review {
    pub(super) by: String,
    pub(super) on: NaiveDate,
}

/// Rules a practice published.
#[derive(Debug, Clone)]
pub(super) struct PublishedRuleSet {
    pub(super) id: Uuid,
    pub(super) source: String,
    pub(super) review_state: ReviewState,
    pub(super) review: Option<Review>,
    pub(super) rules: Arc<RuleSet>,
    pub(super) published_by: Uuid,
    pub(super) published_at: DateTime<Utc>,
}

/// What is to be published.
pub(super) struct NewRuleSet {
    pub(super) source: String,
    pub(super) review_state: ReviewState,
    pub(super) review: Option<Review>,
    pub(super) rules: RuleSet,
}

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

/// Rules with where they come from.
pub(super) enum KnownRuleSet {
    /// Those that come with the program.
    Shipped(Arc<RuleSet>),
    /// Those that came with the program before, to be read only.
    ShippedBefore(&'static serde_json::Value),
    Published(PublishedRuleSet),
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
