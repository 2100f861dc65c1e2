//! Merged records and the accounts of patients: an account that reaches one record of a
//! person reaches all of them, for as long as they are merged. An access token names what it reaches,
//! so that the other records come within reach with the next one, and leave it at once.

use uuid::Uuid;

use crate::platform::access::May;
use crate::platform::database::{Stored, Transaction};

use super::store;

/// Changing what accounts reach because records were merged or parted. The action that merges says
/// that it may.
pub(crate) enum LinkRecords {}

/// Links every account that reaches one of the records of a merge to all of them.
pub(crate) async fn link_merged(
    transaction: &Transaction<'_, impl May<LinkRecords>>,
    merge_id: Uuid,
    patient_ids: &[Uuid],
) -> Stored<()> {
    let (practice_id, now) = (transaction.practice_id(), transaction.now());
    store::insert_merge_links(
        transaction.connection(),
        practice_id,
        patient_ids,
        merge_id,
        now,
    )
    .await
}

/// Ends the links that a merge made.
pub(crate) async fn unlink_merged(
    transaction: &Transaction<'_, impl May<LinkRecords>>,
    merge_id: Uuid,
) -> Stored<()> {
    let (practice_id, now) = (transaction.practice_id(), transaction.now());
    store::revoke_merge_links(transaction.connection(), practice_id, merge_id, now).await
}
