//! Safety rules with where they come from: shipped with the program, or published by a practice.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use tautband_rules::formulary::ReviewState;
use tautband_rules::safety::rules::RuleSet;

/// Who reviewed a set, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Review {
    pub(super) by: Uuid,
    pub(super) on: NaiveDate,
}

/// Who put a set in force, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Confirmation {
    pub(super) by: Uuid,
    pub(super) at: DateTime<Utc>,
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
    /// Nothing while it is a proposal.
    pub(super) confirmation: Option<Confirmation>,
}

/// What is to be published.
pub(super) struct NewRuleSet {
    pub(super) source: String,
    pub(super) review_state: ReviewState,
    pub(super) rules: RuleSet,
}

/// Rules with where they come from.
pub(super) enum KnownRuleSet {
    /// Those that come with the program.
    Shipped(Arc<RuleSet>),
    /// Those that came with the program before, to be read only.
    ShippedBefore(&'static serde_json::Value),
    Published(PublishedRuleSet),
}
