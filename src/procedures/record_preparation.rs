//! Recording how the patient lies and the skin was cleaned.

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;

use super::prepare::PrepareError;
use super::procedure::{Procedure, ProcedureId, ProcedureStatus};
use super::read::hold;
use super::set_up::Preparation;
use super::store;

action!(
    /// Recording how a procedure was set up.
    RecordPreparation, "procedures.preparation", record, [Provider, Assistant]
);

/// Records how the procedure is set up.
pub(super) async fn record_preparation(
    transaction: &Transaction<'_, RecordPreparation>,
    id: ProcedureId,
    if_match: &IfMatch,
    preparation: Preparation,
) -> Result<Procedure, PrepareError> {
    let mut held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require_status(&[ProcedureStatus::Planned, ProcedureStatus::InProgress])?;
    held.procedure.preparation = preparation;
    held.procedure.change(transaction.now());
    store::record_procedure(transaction, &held.procedure).await?;
    Ok(held.procedure)
}
