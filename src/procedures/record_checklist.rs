//! Recording what was answered before the needle.

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;

use super::prepare_error::PrepareError;
use super::procedure::{Procedure, ProcedureId};
use super::read::{HoldRefused, hold};
use super::store;
use tautband_rules::checklist::{Answers, Checklist};

action!(
    /// Recording the answers before a procedure.
    RecordChecklist, "procedures.checklist", record, [Provider, Assistant]
);

/// Records the answers; those of before are replaced.
pub(super) async fn record_checklist(
    transaction: &Transaction<'_, RecordChecklist>,
    id: ProcedureId,
    if_match: &IfMatch,
    answers: Answers,
) -> Result<Procedure, PrepareError> {
    let held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    let change = held.procedure.record_checklist(Checklist {
        answers,
        by: transaction.principal().user_id,
        at: transaction.now(),
    });
    let change = change.map_err(HoldRefused::from)?;
    store::record(transaction, &change).await?;
    Ok(change.into_after())
}
