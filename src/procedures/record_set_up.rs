//! Recording how the patient lies and the skin was cleaned.

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;

use super::prepare_error::PrepareError;
use super::procedure::{Procedure, ProcedureId};
use super::read::{HoldRefused, hold};
use super::set_up::SetUp;
use super::store;

action!(
    /// Recording how a procedure was set up.
    RecordSetUp, "procedures.preparation", record, [Provider, Assistant]
);

/// Records how the procedure is set up.
pub(super) async fn record_set_up(
    transaction: &Transaction<'_, RecordSetUp>,
    id: ProcedureId,
    if_match: &IfMatch,
    set_up: SetUp,
) -> Result<Procedure, PrepareError> {
    let held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    let change = held.procedure.record_set_up(set_up, transaction.now());
    let change = change.map_err(HoldRefused::from)?;
    store::record(transaction, &change).await?;
    Ok(change.into_after())
}
