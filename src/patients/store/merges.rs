//! Which record stands for which, and the merges that made it so.

use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::patient::{Patient, PatientId};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::prepared::prepared;
use crate::schema::patient_merges;
use crate::schema::patients::dsl;

use super::PatientRow;

/// Records under their own ids, locked in the order of these.
pub(in crate::patients) async fn lock_records(
    transaction: &OpenTransaction<'_>,
    ids: &[PatientId],
) -> Stored<Vec<Patient>> {
    let rows: Vec<PatientRow> = PatientRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq_any(ids))
        .order(dsl::id)
        .for_update()
        .load(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Patient::from).collect())
}

/// Points records to the one that stands for them, or each to itself. Counts as a change of them.
pub(in crate::patients) async fn point_records(
    transaction: &OpenTransaction<'_>,
    ids: &[PatientId],
    person: Option<PatientId>,
) -> Stored<()> {
    diesel::update(dsl::patients)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq_any(ids))
        .set((
            dsl::merged_into_id.eq(person),
            dsl::version.eq(dsl::version + 1),
            dsl::updated_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(in crate::patients) async fn insert_merge(
    transaction: &OpenTransaction<'_>,
    id: Uuid,
    (patient_id, duplicate_id): (PatientId, PatientId),
) -> Stored<()> {
    use patient_merges::dsl as merges;
    diesel::insert_into(merges::patient_merges)
        .values((
            merges::practice_id.eq(transaction.practice_id()),
            merges::id.eq(id),
            merges::patient_id.eq(patient_id),
            merges::duplicate_id.eq(duplicate_id),
            merges::merged_at.eq(transaction.now()),
            merges::merged_by.eq(transaction.principal().user_id),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Marks the standing merge of a duplicate as taken back; answers its id.
pub(in crate::patients) async fn undo_merge(
    transaction: &OpenTransaction<'_>,
    duplicate_id: PatientId,
) -> Stored<Option<Uuid>> {
    use patient_merges::dsl as merges;
    let undone = diesel::update(merges::patient_merges)
        .filter(merges::practice_id.eq(transaction.practice_id()))
        .filter(merges::duplicate_id.eq(duplicate_id))
        .filter(merges::undone_at.is_null())
        .set((
            merges::undone_at.eq(transaction.now()),
            merges::undone_by.eq(transaction.principal().user_id),
        ))
        .returning(merges::id)
        .get_result(&mut transaction.connection())
        .await
        .optional()?;
    Ok(undone)
}

#[derive(QueryableByName)]
struct Below {
    #[diesel(sql_type = SqlUuid)]
    id: PatientId,
}

/// A record and everything that standing merges brought into it, one into the other.
pub(in crate::patients) async fn merged_below(
    transaction: &OpenTransaction<'_>,
    id: PatientId,
) -> Stored<Vec<PatientId>> {
    let rows: Vec<Below> = prepared(diesel::sql_query(
        "WITH RECURSIVE below (id) AS (SELECT $2 UNION SELECT m.duplicate_id FROM patient_merges m \
         JOIN below ON m.patient_id = below.id WHERE m.practice_id = $1 AND m.undone_at IS NULL) \
         SELECT id FROM below",
    )
    .bind::<SqlUuid, _>(transaction.practice_id())
    .bind::<SqlUuid, _>(id))
    .load(&mut transaction.connection())
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
