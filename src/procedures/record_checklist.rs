//! Recording what was answered before the needle.

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;

use super::prepare::PrepareError;
use super::procedure::{Procedure, ProcedureId, ProcedureStatus};
use super::read::hold;
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
    let mut held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require_status(&[ProcedureStatus::Planned, ProcedureStatus::InProgress])?;
    held.procedure.checklist = Some(Checklist {
        answers,
        by: transaction.principal().user_id,
        at: transaction.now(),
    });
    held.procedure.change(transaction.now());
    store::record_procedure(transaction, &held.procedure).await?;
    Ok(held.procedure)
}
