//! Sealing: what was recorded since the last time becomes leaves of the tree, and the new root is signed.

use chrono::TimeDelta;
use uuid::Uuid;

use crate::platform::access::{Permit, job};
use crate::platform::database::{Database, Transaction};
use crate::platform::problem::{self, Problem};

use super::merkle::Tree;
use super::note::Checkpoint;
use super::store::{self, NewCheckpoint};
use super::{AT_ONCE, TrailKey};

job!(
    /// Sealing the trail of a practice.
    SealTrail, "audit_events.seal", practice
);

/// A transaction may commit this long after its acts were recorded. Later ones than that are faults.
pub(super) const LATEST: TimeDelta = TimeDelta::minutes(30);

/// Seals what is to be sealed in a practice, as much as fits into one transaction; says how much that was.
pub(crate) async fn seal_trail(
    database: &Database,
    key: &TrailKey,
    practice_id: Uuid,
) -> Result<usize, Problem> {
    let permit = Permit::<SealTrail>::of_job(database.clone(), practice_id);
    permit
        .transaction(async |transaction| seal(transaction, key).await)
        .await
}

async fn seal(transaction: &Transaction<'_, SealTrail>, key: &TrailKey) -> Result<usize, Problem> {
    if !store::lock_trail(transaction).await? {
        return Ok(0);
    }
    let last = store::last_checkpoint(transaction).await?;
    let (mut tree, until) = match &last {
        None => (Tree::default(), super::BEGINNING),
        Some(last) => {
            let size = u64::try_from(last.size).ok();
            let tree = size.and_then(|size| Tree::restored(size, &last.edge));
            // The verifier says what is wrong; nothing is sealed on top of it.
            let tree = tree.ok_or_else(|| {
                tracing::error!("the last checkpoint of a trail was changed");
                Problem::new(&problem::INTERNAL)
            })?;
            (tree, last.recorded_until)
        }
    };
    let since = until - LATEST;
    let entries = store::unsealed(transaction, since, AT_ONCE).await?;
    let Some(newest) = entries.last() else {
        return Ok(0);
    };
    let practice_id = transaction.practice_id();
    let recorded_until = newest.recorded_at().max(until);
    let first = i64::try_from(tree.size()).unwrap_or(i64::MAX);
    let leaves: Vec<_> = entries
        .iter()
        .map(|entry| (entry.id, entry.hash(practice_id)))
        .collect();
    for (_, hash) in &leaves {
        tree.add(*hash);
    }
    store::add_leaves(transaction, first, &leaves).await?;
    let checkpoint = Checkpoint {
        practice_id,
        size: tree.size(),
        root: tree.root(),
    };
    let row = NewCheckpoint {
        size: i64::try_from(tree.size()).unwrap_or(i64::MAX),
        edge: tree.edge(),
        recorded_until,
        note: checkpoint.signed(key.pair()),
    };
    store::add_checkpoint(transaction, &row).await?;
    Ok(leaves.len())
}
