//! Rule sets that practices published.
//!
//! A set never changes once it is published, so what was read of one is kept for the next time.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{DatabaseError, OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::platform::text::Word;
use crate::schema::rule_sets;

use super::rule_set::{Confirmation, PublishedRuleSet, Review};
use tautband_rules::formulary::ReviewState;
use tautband_rules::safety::rules::RuleSet;
use tautband_rules::shipped::shipped_rules;

/// So many sets are kept at most; beyond that all are read again.
const MOST_KEPT: usize = 1_000;

/// The set that was last seen in force in each practice, with its id.
type Kept = HashMap<Uuid, (Uuid, Arc<RuleSet>)>;

static KEPT: LazyLock<Mutex<Kept>> = LazyLock::new(|| Mutex::new(HashMap::new()));

/// The rules in force: the practice's last confirmed, else those that come with the program.
pub(crate) async fn rules_in_force(transaction: &OpenTransaction<'_>) -> Stored<Arc<RuleSet>> {
    let practice_id = transaction.practice_id();
    let last: Option<Uuid> = rule_sets::table
        .filter(rule_sets::practice_id.eq(practice_id))
        .filter(rule_sets::confirmed_at.is_not_null())
        .order((rule_sets::confirmed_at.desc(), rule_sets::id.desc()))
        .select(rule_sets::id)
        .first(&mut transaction.connection())
        .await
        .optional()?;
    let Some(id) = last else {
        return Ok(Arc::clone(shipped_rules()));
    };
    if let Some((_, rules)) = last_kept(practice_id).filter(|(kept, _)| *kept == id) {
        return Ok(rules);
    }
    let content: serde_json::Value = rule_sets::table
        .filter(rule_sets::practice_id.eq(practice_id))
        .filter(rule_sets::id.eq(id))
        .select(rule_sets::content)
        .first(&mut transaction.connection())
        .await?;
    let rules = Arc::new(read(content)?);
    kept(|sets| {
        if sets.len() >= MOST_KEPT {
            sets.clear();
        }
        sets.insert(practice_id, (id, Arc::clone(&rules)));
    });
    Ok(rules)
}

/// The rules that are probably in force, without asking: those that were when they were last asked
/// for here.
pub(crate) fn rules_last_in_force(transaction: &OpenTransaction<'_>) -> Arc<RuleSet> {
    last_kept(transaction.practice_id())
        .map_or_else(|| Arc::clone(shipped_rules()), |(_, rules)| rules)
}

fn last_kept(practice_id: Uuid) -> Option<(Uuid, Arc<RuleSet>)> {
    kept(|sets| sets.get(&practice_id).cloned())
}

fn kept<T>(with: impl FnOnce(&mut Kept) -> T) -> T {
    with(&mut KEPT.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Reads a set that was checked when it was published. A set that cannot be read is an error: no
/// other rules take its place.
fn read(content: serde_json::Value) -> Stored<RuleSet> {
    serde_json::from_value(content).map_err(|error| {
        let error = diesel::result::Error::DeserializationError(Box::new(error));
        DatabaseError::from(error)
    })
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = rule_sets, check_for_backend(diesel::pg::Pg))]
struct RuleSetRow {
    id: Uuid,
    source: String,
    review_state: Word<ReviewState>,
    reviewed_by: Option<Uuid>,
    reviewed_on: Option<NaiveDate>,
    content: serde_json::Value,
    published_by: Uuid,
    published_at: DateTime<Utc>,
    confirmed_by: Option<Uuid>,
    confirmed_at: Option<DateTime<Utc>>,
}

impl RuleSetRow {
    fn published(self) -> Stored<PublishedRuleSet> {
        Ok(PublishedRuleSet {
            id: self.id,
            source: self.source,
            review_state: self.review_state.0,
            review: self
                .reviewed_by
                .zip(self.reviewed_on)
                .map(|(by, on)| Review { by, on }),
            rules: Arc::new(read(self.content)?),
            published_by: self.published_by,
            published_at: self.published_at,
            confirmation: self
                .confirmed_by
                .zip(self.confirmed_at)
                .map(|(by, at)| Confirmation { by, at }),
        })
    }
}

/// Keeps a set that was checked.
pub(super) async fn insert_rule_set(
    transaction: &OpenTransaction<'_>,
    set: &PublishedRuleSet,
) -> Stored<()> {
    let content = serde_json::to_value(&*set.rules).map_err(|error| {
        let error = diesel::result::Error::SerializationError(Box::new(error));
        DatabaseError::from(error)
    })?;
    let review = set.review.as_ref();
    diesel::insert_into(rule_sets::table)
        .values((
            rule_sets::practice_id.eq(transaction.practice_id()),
            rule_sets::id.eq(set.id),
            rule_sets::version.eq(&set.rules.version),
            rule_sets::source.eq(&set.source),
            rule_sets::review_state.eq(Word(set.review_state)),
            rule_sets::reviewed_by.eq(review.map(|review| review.by)),
            rule_sets::reviewed_on.eq(review.map(|review| review.on)),
            rule_sets::content.eq(content),
            rule_sets::published_by.eq(set.published_by),
            rule_sets::published_at.eq(set.published_at),
            rule_sets::confirmed_by.eq(set.confirmation.map(|confirmed| confirmed.by)),
            rule_sets::confirmed_at.eq(set.confirmation.map(|confirmed| confirmed.at)),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Puts a proposal in force; says whether it still was one.
pub(super) async fn confirm(
    transaction: &OpenTransaction<'_>,
    id: Uuid,
    confirmation: Confirmation,
) -> Stored<bool> {
    let confirmed = diesel::update(rule_sets::table)
        .filter(rule_sets::practice_id.eq(transaction.practice_id()))
        .filter(rule_sets::id.eq(id))
        .filter(rule_sets::confirmed_at.is_null())
        .set((
            rule_sets::confirmed_by.eq(confirmation.by),
            rule_sets::confirmed_at.eq(confirmation.at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(confirmed == 1)
}

/// The practice's sets from the place of the window on, the last published first.
pub(super) async fn rule_sets(
    transaction: &OpenTransaction<'_>,
    window: &Window<Uuid>,
) -> Stored<Vec<PublishedRuleSet>> {
    let mut query = rule_sets::table
        .filter(rule_sets::practice_id.eq(transaction.practice_id()))
        .order(rule_sets::id.desc())
        .limit(window.probe())
        .select(RuleSetRow::as_select())
        .into_boxed();
    if let Some(after) = window.after {
        query = query.filter(rule_sets::id.lt(after));
    }
    let rows: Vec<RuleSetRow> = query.load(&mut transaction.connection()).await?;
    rows.into_iter().map(RuleSetRow::published).collect()
}

pub(super) async fn find_rule_set(
    transaction: &OpenTransaction<'_>,
    version: &str,
) -> Stored<Option<PublishedRuleSet>> {
    let row: Option<RuleSetRow> = rule_sets::table
        .filter(rule_sets::practice_id.eq(transaction.practice_id()))
        .filter(rule_sets::version.eq(version))
        .select(RuleSetRow::as_select())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    row.map(RuleSetRow::published).transpose()
}
