//! Which record stands for a person, and how that changes.
//!
//! The features above say when; what a merge means for them is theirs.

use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::id;

use super::patient::{Patient, PatientId};
use super::store;

/// Two records, locked; each under its own id, merged or not.
pub(crate) struct RecordPair {
    pub(crate) patient: Patient,
    pub(crate) duplicate: Patient,
}

/// Locks the two records in the order of their ids; nothing when one is not within reach.
pub(crate) async fn lock_pair(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    duplicate_id: PatientId,
) -> Stored<Option<RecordPair>> {
    let mut locked = store::lock_records(transaction, &[patient_id, duplicate_id]).await?;
    let mut take = |id| {
        let place = locked.iter().position(|record| record.id == id)?;
        Some(locked.swap_remove(place))
    };
    let (patient, duplicate) = (take(patient_id), take(duplicate_id));
    Ok(patient
        .zip(duplicate)
        .map(|(patient, duplicate)| RecordPair { patient, duplicate }))
}

/// Makes the first record stand for the duplicate and everything merged into that before; answers
/// the id of the merge.
pub(crate) async fn join_records(
    transaction: &OpenTransaction<'_>,
    pair: &RecordPair,
) -> Stored<Uuid> {
    let merge_id = id::fresh(transaction.now());
    let (patient_id, duplicate_id) = (pair.patient.id, pair.duplicate.id);
    store::insert_merge(transaction, merge_id, (patient_id, duplicate_id)).await?;
    store::point_records(transaction, &[patient_id], None).await?;
    let merged = store::merged_below(transaction, duplicate_id).await?;
    store::point_records(transaction, &merged, Some(patient_id)).await?;
    Ok(merge_id)
}

/// Takes a merge back: the duplicate stands for itself again, and for what had been merged into
/// it. Answers the id of the merge and the records that left; nothing where there is no such merge.
pub(crate) async fn part_records(
    transaction: &OpenTransaction<'_>,
    pair: &RecordPair,
) -> Stored<Option<(Uuid, Vec<PatientId>)>> {
    let duplicate_id = pair.duplicate.id;
    if pair.duplicate.merged_into_id != Some(pair.patient.id) {
        return Ok(None);
    }
    let Some(merge_id) = store::undo_merge(transaction, duplicate_id).await? else {
        return Ok(None);
    };
    store::point_records(transaction, &[pair.patient.id], None).await?;
    let parted = store::merged_below(transaction, duplicate_id).await?;
    let others: Vec<PatientId> = parted
        .iter()
        .copied()
        .filter(|id| *id != duplicate_id)
        .collect();
    store::point_records(transaction, &[duplicate_id], None).await?;
    store::point_records(transaction, &others, Some(duplicate_id)).await?;
    Ok(Some((merge_id, parted)))
}
