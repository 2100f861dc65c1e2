//! Facts about a patient that booking must respect, set by the features that know the reason.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::patients::patient::PatientId;
use crate::platform::database::{OpenTransaction, Stored};
use crate::schema::patients::dsl;

/// Notes that something written to this record waits for a provider's review. What it is stays with
/// the feature that asks for it.
pub(crate) async fn await_review(transaction: &OpenTransaction<'_>, id: PatientId) -> Stored<()> {
    count_reviews(transaction, id, 1).await
}

/// Notes that one of the things that waited was reviewed.
pub(crate) async fn end_review(transaction: &OpenTransaction<'_>, id: PatientId) -> Stored<()> {
    count_reviews(transaction, id, -1).await
}

/// No change of the record as it is answered, so its version stays.
async fn count_reviews(transaction: &OpenTransaction<'_>, id: PatientId, more: i32) -> Stored<()> {
    diesel::update(dsl::patients)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .set(dsl::awaited_reviews.eq(dsl::awaited_reviews + more))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Notes that a needle went in, from which intervals between procedures count whether it was booked
/// or the patient walked in.
pub(crate) async fn note_needle(
    transaction: &OpenTransaction<'_>,
    id: PatientId,
    at: Option<DateTime<Utc>>,
) -> Stored<()> {
    diesel::update(dsl::patients)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .set(dsl::last_needled_at.eq(at))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
