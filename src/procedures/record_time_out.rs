//! Recording the pause before the needle.

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;

use super::prepare_error::PrepareError;
use super::procedure::{Procedure, ProcedureId};
use super::read::{HoldRefused, hold};
use super::stage::{TimeOut, TimeOutPoints};
use super::store;

action!(
    /// Recording a time-out.
    RecordTimeOut, "procedures.time_out", record, [Provider, Assistant]
);
/// Records which points of the time-out were confirmed.
pub(super) async fn record_time_out(
    transaction: &Transaction<'_, RecordTimeOut>,
    id: ProcedureId,
    if_match: &IfMatch,
    confirmed: TimeOutPoints,
) -> Result<Procedure, PrepareError> {
    let held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    let change = held.procedure.record_time_out(TimeOut {
        confirmed,
        by: transaction.principal().user_id,
        at: transaction.now(),
    });
    let change = change.map_err(HoldRefused::from)?;
    store::record(transaction, &change).await?;
    Ok(change.into_after())
}
