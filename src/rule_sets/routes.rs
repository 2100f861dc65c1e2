//! Rule sets over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{self, Problem, Refused};
use crate::platform::query::Query;
use crate::platform::text::text_enum;

use super::confirm::{ConfirmError, ConfirmRuleSet, confirm_rule_set};
use super::difference::{Difference, differences};
use super::publish::{PublishError, PublishRuleSet, publish_rule_set};
use super::read::{ReadRuleSetError, ReadRuleSets, list_rule_sets, read_rule_set};
use super::rule_set::{KnownRuleSet, NewRuleSet, PublishedRuleSet};
use super::rules_in_force;
use super::shown;
use tautband_rules::formulary::ReviewState;
use tautband_rules::safety::rules::RuleSet;

pub(crate) fn configure(services: &mut Operations<'_>) {
    services
        .service(list)
        .service(publish)
        .service(get_one)
        .service(compare)
        .service(confirm);
}

text_enum! {
    /// Where a rule set comes from.
    enum RuleSetOrigin {
        Shipped = "shipped",
        Practice = "practice",
    }
}

/// A versioned set of rules, each figure with its source and review state.
#[derive(Serialize, ToSchema)]
#[schema(as = RuleSet)]
struct RuleSetBody {
    #[schema(example = "2026-12")]
    version: String,
    /// With the program, or published by the practice.
    origin: RuleSetOrigin,
    /// Where a practice has its figures from; those that are shipped name it row by row.
    source: Option<String>,
    /// How far its figures have been reviewed.
    #[schema(value_type = shown::ReviewState)]
    review_state: ReviewState,
    /// The user, a provider, who said that they reviewed it.
    reviewed_by: Option<Uuid>,
    reviewed_on: Option<NaiveDate>,
    /// The user who published or proposed it.
    published_by: Option<Uuid>,
    published_at: Option<DateTime<Utc>>,
    /// The admin who published it, or the second person; nobody while it is a proposal.
    confirmed_by: Option<Uuid>,
    /// In force from then on, until one is confirmed later.
    confirmed_at: Option<DateTime<Utc>>,
    /// Its figures and rows, each with source and review state.
    #[schema(value_type = Object)]
    rules: serde_json::Value,
}

fn content(rules: &RuleSet) -> Result<serde_json::Value, Problem> {
    serde_json::to_value(rules).map_err(|error| {
        tracing::error!(%error, "the rules could not be written");
        Problem::new(&problem::INTERNAL)
    })
}

impl RuleSetBody {
    fn new(known: &KnownRuleSet) -> Result<Self, Problem> {
        match known {
            KnownRuleSet::Shipped(rules) => Ok(Self::shipped(&rules.version, content(rules)?)),
            KnownRuleSet::ShippedBefore(rules) => {
                let version = rules.get("version").and_then(serde_json::Value::as_str);
                let version = version.unwrap_or_default();
                Ok(Self::shipped(version, (*rules).clone()))
            }
            KnownRuleSet::Published(set) => Self::published(set),
        }
    }

    fn shipped(version: &str, rules: serde_json::Value) -> Self {
        Self {
            version: version.to_owned(),
            origin: RuleSetOrigin::Shipped,
            source: None,
            review_state: ReviewState::AwaitingClinicianReview,
            reviewed_by: None,
            reviewed_on: None,
            published_by: None,
            published_at: None,
            confirmed_by: None,
            confirmed_at: None,
            rules,
        }
    }

    fn published(set: &PublishedRuleSet) -> Result<Self, Problem> {
        let review = set.review.as_ref();
        Ok(Self {
            version: set.rules.version.clone(),
            origin: RuleSetOrigin::Practice,
            source: Some(set.source.clone()),
            review_state: set.review_state,
            reviewed_by: review.map(|review| review.by),
            reviewed_on: review.map(|review| review.on),
            published_by: Some(set.published_by),
            published_at: Some(set.published_at),
            confirmed_by: set.confirmation.map(|confirmed| confirmed.by),
            confirmed_at: set.confirmation.map(|confirmed| confirmed.at),
            rules: content(&set.rules)?,
        })
    }
}

/// Which rule sets.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListRuleSets {
    /// Rows of the page; each holds all its rules, so pages are short.
    #[param(minimum = 1, maximum = 20, nullable = false)]
    limit: Option<i64>,
    /// Where the page begins.
    #[param(nullable = false, inline)]
    cursor: Option<Cursor>,
}

/// Rows of a page unless the client asks for another number.
const USUAL_SIZE: i64 = 5;

/// Lists the rule sets, the newest first and the shipped one last. Of those that are confirmed, the one
/// confirmed last is in force.
#[utoipa::path(
    operation_id = "listRuleSets", tag = "procedures", context_path = "/api/v1",
    params(ListRuleSets),
    responses((status = 200, description = "The rule sets.", body = Page<RuleSetBody>))
)]
#[get("/rule-sets")]
async fn list(permit: Permit<ReadRuleSets>, query: Query<ListRuleSets>) -> Result<Answer, Problem> {
    let limit = query.limit.unwrap_or(USUAL_SIZE);
    let window: Window<Uuid> = Window::new(Some(limit), query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let known = list_rule_sets(transaction, &window).await?;
            let shown: Result<Vec<(Uuid, RuleSetBody)>, Problem> = known
                .iter()
                .map(|known| Ok((key(known), RuleSetBody::new(known)?)))
                .collect();
            Answer::ok(&Page::of(
                shown?,
                window.size,
                |(key, _)| *key,
                |(_, body)| body,
            ))
        })
        .await
}

/// The shipped rules come behind all others.
const fn key(known: &KnownRuleSet) -> Uuid {
    match known {
        KnownRuleSet::Shipped(_) | KnownRuleSet::ShippedBefore(_) => Uuid::nil(),
        KnownRuleSet::Published(set) => set.id,
    }
}

/// Reads one rule set.
#[utoipa::path(
    operation_id = "getRuleSet", tag = "procedures", context_path = "/api/v1",
    params(("rule_version" = String, Path, description = "The version.", example = "2026-12")),
    responses((status = 200, description = "The rule set.", body = RuleSetBody), Refused<ReadRuleSetError>)
)]
#[get("/rule-sets/{rule_version}")]
#[expect(clippy::disallowed_types, reason = "a version is no id")]
async fn get_one(
    permit: Permit<ReadRuleSets>,
    version: actix_web::web::Path<String>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let known = read_rule_set(transaction, &version).await?;
            Answer::ok(&RuleSetBody::new(&known)?)
        })
        .await
}

/// Rules of the practice's own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PublishRuleSetBody {
    /// A name that was not used before; results repeat it.
    #[schema(
        pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        min_length = 1,
        max_length = 40,
        example = "riverside-1"
    )]
    version: String,
    /// Where the figures come from.
    #[schema(min_length = 1, max_length = 500)]
    source: String,
    /// `reviewed` is for providers alone: the reviewer is who is signed in.
    #[schema(value_type = shown::ReviewState)]
    review_state: ReviewState,
    /// All rules, as `GET /rule-sets/{rule_version}` shows them, with the figures of the practice.
    #[schema(value_type = Object)]
    rules: serde_json::Map<String, serde_json::Value>,
}

impl PublishRuleSetBody {
    fn rule_set(&self) -> Result<NewRuleSet, Problem> {
        let mut content = self.rules.clone();
        content.insert("version".to_owned(), self.version.clone().into());
        let rules = serde_json::from_value(content.into());
        let rules = rules.map_err(|error: serde_json::Error| {
            Problem::field("/rules", format!("cannot be read: {error}"))
        })?;
        Ok(NewRuleSet {
            source: self.source.clone(),
            review_state: self.review_state,
            rules,
        })
    }
}

/// Publishes rules of the practice's own. Those of an admin are in force at once. Those of a provider are a
/// proposal until an admin or another provider confirms it.
///
/// Figures may change and no rule may go missing. What was judged before keeps its version.
#[utoipa::path(
    operation_id = "publishRuleSet", tag = "procedures", context_path = "/api/v1",
    request_body = PublishRuleSetBody,
    params(Once),
    responses((status = 201, description = "Published, or proposed.", body = RuleSetBody), Refused<PublishError>)
)]
#[post("/rule-sets")]
async fn publish(
    permit: Permit<PublishRuleSet>,
    once: Once,
    body: Json<PublishRuleSetBody>,
) -> Result<Answer, Problem> {
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let set = publish_rule_set(transaction, body.rule_set()?).await?;
            let location = format!("/api/v1/rule-sets/{}", set.rules.version);
            Answer::created(&RuleSetBody::published(&set)?, location)
        })
        .await
}

/// A figure or row that is not the same.
#[derive(Serialize, ToSchema)]
struct DifferenceBody {
    /// JSON pointer into the rules.
    #[schema(example = "/local_anaesthetic/limits/0/plain/milligrams_per_kg")]
    pointer: String,
    /// As it is in force; nothing where it is added.
    in_force: Option<serde_json::Value>,
    /// As this version says; nothing where it is taken away.
    in_version: Option<serde_json::Value>,
}

impl From<Difference> for DifferenceBody {
    fn from(difference: Difference) -> Self {
        Self {
            pointer: difference.pointer,
            in_force: difference.before,
            in_version: difference.after,
        }
    }
}

/// What a version would change.
#[derive(Serialize, ToSchema)]
struct ComparisonBody {
    /// The version in force.
    in_force: String,
    differences: Vec<DifferenceBody>,
}

/// Shows what is different in a version from the rules in force.
#[utoipa::path(
    operation_id = "compareRuleSet", tag = "procedures", context_path = "/api/v1",
    params(("rule_version" = String, Path, description = "The version.", example = "2026-11.2")),
    responses((status = 200, description = "The differences.", body = ComparisonBody), Refused<ReadRuleSetError>)
)]
#[get("/rule-sets/{rule_version}/differences")]
#[expect(clippy::disallowed_types, reason = "a version is no id")]
async fn compare(
    permit: Permit<ReadRuleSets>,
    version: actix_web::web::Path<String>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let known = read_rule_set(transaction, &version).await?;
            let in_force = rules_in_force(transaction).await?;
            let (before, after) = (content(&in_force)?, RuleSetBody::new(&known)?.rules);
            let found = differences(&before, &after);
            Answer::ok(&ComparisonBody {
                in_force: in_force.version.clone(),
                differences: found.into_iter().map(DifferenceBody::from).collect(),
            })
        })
        .await
}

/// Confirms rules that somebody else proposed; every assessment from now on uses them.
#[utoipa::path(
    operation_id = "confirmRuleSet", tag = "procedures", context_path = "/api/v1",
    params(("rule_version" = String, Path, description = "The version.", example = "riverside-1")),
    responses((status = 200, description = "In force.", body = RuleSetBody), Refused<ConfirmError>)
)]
#[post("/rule-sets/{rule_version}/confirm")]
#[expect(clippy::disallowed_types, reason = "a version is no id")]
async fn confirm(
    permit: Permit<ConfirmRuleSet>,
    version: actix_web::web::Path<String>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let set = confirm_rule_set(transaction, &version).await?;
            Answer::ok(&RuleSetBody::published(&set)?)
        })
        .await
}
