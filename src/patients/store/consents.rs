//! Which consents of a patient are the latest.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::platform::database::{OpenTransaction, Stored};
use crate::schema::patient_consents::dsl;

use super::persons::records_of;

/// The latest decision on each subject, be it given or withdrawn.
pub(in crate::patients) async fn latest_consents(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<Uuid>> {
    let rows = dsl::patient_consents
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .distinct_on(dsl::subject)
        .order((dsl::subject, dsl::decided_at.desc(), dsl::id.desc()))
        .select(dsl::id)
        .load(&mut transaction.connection())
        .await?;
    Ok(rows)
}
