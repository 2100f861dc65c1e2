//! Whose a procedure is, for features that refer to one.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::patients::{PatientId, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::schema::procedures::dsl;
use crate::visits::VisitId;

use crate::procedures::procedure::ProcedureId;

/// Whether a procedure belongs to a person, whichever of their records is named.
pub(crate) async fn is_procedure_of(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
    patient_id: PatientId,
) -> Stored<bool> {
    let found = diesel::select(diesel::dsl::exists(
        dsl::procedures
            .filter(dsl::practice_id.eq(transaction.practice_id()))
            .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
            .filter(dsl::id.eq(id)),
    ))
    .get_result(&mut transaction.connection())
    .await?;
    Ok(found)
}

/// Whether there is such a procedure, and the caller may see it.
pub(crate) async fn procedure_exists(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
) -> Stored<bool> {
    let visit_id = super::procedures::visit_of(transaction, id).await?;
    Ok(visit_id.is_some())
}

/// The procedures of a visit, those that were entered in error, too.
pub(crate) async fn procedures_in_visit(
    transaction: &OpenTransaction<'_>,
    visit_id: VisitId,
) -> Stored<Vec<ProcedureId>> {
    Ok(dsl::procedures
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::visit_id.eq(visit_id))
        .order(dsl::id)
        .select(dsl::id)
        .load(&mut transaction.connection())
        .await?)
}
