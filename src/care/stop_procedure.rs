//! Stopping a procedure, with the follow-ups of its protocol when a needle went in.

use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;
use crate::procedures::{Ended, ProcedureId, StopError, StopProcedure, stop};

use super::complete_procedure::follow_ups;
use super::listed_follow_up::ListedFollowUp;

/// Stops a procedure. A patient who received a needle gets the same follow-ups as after a completed
/// one.
pub(crate) async fn stop_procedure(
    transaction: &Transaction<'_, StopProcedure>,
    id: ProcedureId,
    if_match: &IfMatch,
    reason: &str,
) -> Result<(Ended, Vec<ListedFollowUp>), StopError> {
    let stopped = stop(transaction, id, if_match, reason).await?;
    transaction.touch("procedure", id, stopped.patient_id);
    let listed = follow_ups(transaction, &stopped).await?;
    Ok((stopped, listed))
}
