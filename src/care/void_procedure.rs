//! Voiding a procedure, and retracting a visit, with the follow-ups that were to come.

use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;
use crate::platform::trail::TrailKey;
use crate::procedures::{
    ProcedureBody, ProcedureId, VoidError, VoidProcedure, procedures_in_visit, renew_last_needle,
    void_procedure,
};
use crate::visits::{Retract, RetractError, Retracting, Visit, VisitId, retract};

use super::complete_procedure::cancel_follow_ups;

/// Marks a procedure as entered in error, and cancels what was to follow it.
pub(crate) async fn void_with_follow_ups(
    transaction: &Transaction<'_, VoidProcedure>,
    id: ProcedureId,
    if_match: &IfMatch,
    reason: String,
) -> Result<ProcedureBody, VoidError> {
    let voided = void_procedure(transaction, id, if_match, reason).await?;
    cancel_follow_ups(transaction, &[id], "The procedure was entered in error").await?;
    Ok(ProcedureBody::from(&voided))
}

/// Retracts a signed visit, and cancels what was to follow its procedures.
pub(crate) async fn retract_with_follow_ups(
    transaction: &Transaction<'_, Retract>,
    id: VisitId,
    (if_match, key): (&IfMatch, &TrailKey),
    retracting: Retracting,
) -> Result<Visit, RetractError> {
    let visit = retract(transaction, id, if_match, retracting, key).await?;
    let procedure_ids = procedures_in_visit(transaction, id).await?;
    let reason = "The visit was entered in error";
    cancel_follow_ups(transaction, &procedure_ids, reason).await?;
    renew_last_needle(transaction, visit.record_id).await?;
    Ok(visit)
}
