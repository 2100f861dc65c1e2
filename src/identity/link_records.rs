//! What merged records mean for the accounts of patients: an account that reaches one record of a
//! person reaches all of them, for as long as they are merged. Since an access token names what it
//! reaches, those of before end with the change.

use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};

use super::store;

/// Lets whoever reaches one of the records of a merge reach all of them.
pub(crate) async fn link_merged(
    transaction: &OpenTransaction<'_>,
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
pub(crate) async fn unlink_merged(transaction: &OpenTransaction<'_>, merge_id: Uuid) -> Stored<()> {
    let (practice_id, now) = (transaction.practice_id(), transaction.now());
    store::revoke_merge_links(transaction.connection(), practice_id, merge_id, now).await
}
