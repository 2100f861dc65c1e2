//! Rows of the sealed trail. A statement of SQL reads both halves, the acts and their leaves, at once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::schema::audit_checkpoints;

use super::leaf::Entry;
use super::merkle::Hash;

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// Lets one worker seal the trail of a practice at a time; says whether it is this one.
pub(super) async fn lock_trail(transaction: &OpenTransaction<'_>) -> Stored<bool> {
    let lock = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 7)) AS yes";
    let answer: Answer = diesel::sql_query(lock)
        .bind::<Text, _>(transaction.practice_id().to_string())
        .get_result(&mut transaction.connection())
        .await?;
    Ok(answer.yes)
}

/// A sealed state of the trail.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_checkpoints, check_for_backend(diesel::pg::Pg))]
pub(super) struct CheckpointRow {
    pub(super) size: i64,
    pub(super) edge: Vec<u8>,
    pub(super) recorded_until: DateTime<Utc>,
}

/// The last one.
pub(super) async fn last_checkpoint(
    transaction: &OpenTransaction<'_>,
) -> Stored<Option<CheckpointRow>> {
    let row = audit_checkpoints::table
        .filter(audit_checkpoints::practice_id.eq(transaction.practice_id()))
        .order(audit_checkpoints::size.desc())
        .select(CheckpointRow::as_select())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row)
}

/// Sizes and notes of all of them, the smallest first.
pub(super) async fn notes(transaction: &OpenTransaction<'_>) -> Stored<Vec<(i64, String)>> {
    let notes = audit_checkpoints::table
        .filter(audit_checkpoints::practice_id.eq(transaction.practice_id()))
        .order(audit_checkpoints::size)
        .select((audit_checkpoints::size, audit_checkpoints::note))
        .load(&mut transaction.connection())
        .await?;
    Ok(notes)
}

/// Acts that have no leaf, in the order in which they were recorded.
const UNSEALED: &str = "
    SELECT e.id, e.at, e.recorded_at, e.actor_user_id, e.actor_role, e.session_id, e.on_behalf_of, e.request_id, e.action, e.outcome,
        e.resource_type, e.resource_ids, e.patient_ids
    FROM audit_events e
    LEFT JOIN audit_leaves l ON l.practice_id = e.practice_id AND l.event_id = e.id
    WHERE e.practice_id = $1 AND e.recorded_at >= $2 AND l.event_id IS NULL
    ORDER BY e.recorded_at, e.id
    LIMIT $3";

/// Acts without a leaf that were recorded at `since` or later.
pub(super) async fn unsealed(
    transaction: &OpenTransaction<'_>,
    since: DateTime<Utc>,
    most: i64,
) -> Stored<Vec<Entry>> {
    let entries = diesel::sql_query(UNSEALED)
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<Timestamptz, _>(since)
        .bind::<BigInt, _>(most)
        .load(&mut transaction.connection())
        .await?;
    Ok(entries)
}

const ADD_LEAVES: &str = "
    INSERT INTO audit_leaves (practice_id, position, event_id, leaf_hash)
    SELECT $1, leaf.position, leaf.event_id, leaf.hash
    FROM unnest($2, $3, $4) AS leaf (position, event_id, hash)";

/// Adds leaves from this position on.
pub(super) async fn add_leaves(
    transaction: &OpenTransaction<'_>,
    first: i64,
    leaves: &[(Uuid, Hash)],
) -> Stored<()> {
    let positions: Vec<i64> = (first..).take(leaves.len()).collect();
    let ids: Vec<Uuid> = leaves.iter().map(|(id, _)| *id).collect();
    let hashes: Vec<Vec<u8>> = leaves.iter().map(|(_, hash)| hash.to_vec()).collect();
    diesel::sql_query(ADD_LEAVES)
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<Array<BigInt>, _>(positions)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Bytea>, _>(hashes)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// A state about to be kept.
pub(super) struct NewCheckpoint {
    pub(super) size: i64,
    pub(super) edge: Vec<u8>,
    pub(super) recorded_until: DateTime<Utc>,
    pub(super) note: String,
}

pub(super) async fn add_checkpoint(
    transaction: &OpenTransaction<'_>,
    checkpoint: &NewCheckpoint,
) -> Stored<()> {
    diesel::insert_into(audit_checkpoints::table)
        .values((
            audit_checkpoints::practice_id.eq(transaction.practice_id()),
            audit_checkpoints::size.eq(checkpoint.size),
            audit_checkpoints::edge.eq(&checkpoint.edge),
            audit_checkpoints::recorded_until.eq(checkpoint.recorded_until),
            audit_checkpoints::note.eq(&checkpoint.note),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// A leaf as it was sealed.
#[derive(Debug, QueryableByName)]
pub(super) struct Leaf {
    #[diesel(sql_type = BigInt)]
    pub(super) position: i64,
    #[diesel(sql_type = SqlUuid)]
    pub(super) event_id: Uuid,
    #[diesel(sql_type = Bytea)]
    pub(super) leaf_hash: Vec<u8>,
    /// Whether the act is still there.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(super) found: Option<Uuid>,
}

const LEAVES: &str = "
    SELECT l.position, l.event_id, l.leaf_hash, e.id AS found
    FROM audit_leaves l
    LEFT JOIN audit_events e ON e.practice_id = l.practice_id AND e.id = l.event_id
    WHERE l.practice_id = $1 AND l.position >= $2
    ORDER BY l.position
    LIMIT $3";

/// The leaves from a position on.
pub(super) async fn leaves(
    transaction: &OpenTransaction<'_>,
    first: i64,
    most: i64,
) -> Stored<Vec<Leaf>> {
    let leaves = diesel::sql_query(LEAVES)
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<BigInt, _>(first)
        .bind::<BigInt, _>(most)
        .load(&mut transaction.connection())
        .await?;
    Ok(leaves)
}

const ENTRIES: &str = "
    SELECT e.id, e.at, e.recorded_at, e.actor_user_id, e.actor_role, e.session_id, e.on_behalf_of, e.request_id, e.action, e.outcome,
        e.resource_type, e.resource_ids, e.patient_ids
    FROM audit_leaves l
    JOIN audit_events e ON e.practice_id = l.practice_id AND e.id = l.event_id
    WHERE l.practice_id = $1 AND l.position >= $2 AND l.position < $3
    ORDER BY l.position";

/// The acts under the leaves of a range, in their order.
pub(super) async fn entries(
    transaction: &OpenTransaction<'_>,
    first: i64,
    end: i64,
) -> Stored<Vec<Entry>> {
    let entries = diesel::sql_query(ENTRIES)
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<BigInt, _>(first)
        .bind::<BigInt, _>(end)
        .load(&mut transaction.connection())
        .await?;
    Ok(entries)
}
