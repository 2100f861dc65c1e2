//! Completing a procedure, and what its protocol asks for afterwards, in one transaction.
//!
//! Each step of the protocol in force becomes one follow-up, once: the database knows a follow-up
//! by procedure and step. What the protocol says later changes nothing for this patient.

use crate::platform::access::action;
use crate::platform::database::{OpenTransaction, Stored, Transaction};
use crate::platform::etag::IfMatch;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::procedures::{CompleteError, Ended, ProcedureId, complete};

use super::follow_up::{FollowUp, Origin};
use super::list_follow_ups::{FollowUpFilter, ListedFollowUp};
use super::protocol::ProtocolStep;
use super::store;

action!(
    /// Completing a procedure with its follow-ups.
    CompleteProcedure, "procedures.complete", record, [Provider, Assistant]
);

/// So many follow-ups fit on the answer; more than any protocol has steps.
const ALL_STEPS: i64 = 100;

/// Completes a procedure under way and puts what its protocol asks for on the list.
pub(crate) async fn complete_procedure(
    transaction: &Transaction<'_, CompleteProcedure>,
    id: ProcedureId,
    if_match: &IfMatch,
) -> Result<(Ended, Vec<ListedFollowUp>), CompleteError> {
    let completed = complete(transaction, id, if_match).await?;
    transaction.touch("procedure", id, completed.patient_id);
    let listed = follow_ups(transaction, &completed).await?;
    Ok((completed, listed))
}

/// Puts what the protocol asks for on the list, and answers it; nothing where no needle went in.
pub(super) async fn follow_ups(
    transaction: &OpenTransaction<'_>,
    ended: &Ended,
) -> Stored<Vec<ListedFollowUp>> {
    if !ended.was_needled() {
        return Ok(Vec::new());
    }
    add_follow_ups(transaction, ended).await?;
    let filter = FollowUpFilter {
        procedure_id: Some(ended.procedure_id.uuid()),
        ..FollowUpFilter::default()
    };
    let window = Window {
        after: None,
        size: ALL_STEPS,
    };
    store::follow_ups::list(transaction, &filter, &window).await
}

async fn add_follow_ups(transaction: &OpenTransaction<'_>, ended: &Ended) -> Stored<()> {
    let done_at = ended.ended_at;
    let (protocol, calendar) = pipelined!(
        store::protocols::in_force(transaction, ended.kind),
        store::calendar(transaction, ended.location_id, done_at),
    )?;
    let follow_up = |step: &ProtocolStep| {
        let origin = Origin {
            procedure_id: Some(ended.procedure_id.uuid()),
            protocol_id: protocol.plain_id(),
            protocol_step: Some(step.code.clone()),
            raised_by: None,
        };
        let window = step.window_after(done_at, &calendar);
        let what = (step.kind, step.reason.as_str());
        FollowUp::new(ended.patient_id, what, window, origin, done_at)
    };
    let follow_ups: Vec<FollowUp> = protocol.steps.iter().map(follow_up).collect();
    store::follow_ups::insert(transaction, &follow_ups).await?;
    let touched = follow_ups
        .iter()
        .map(|new| (new.id.uuid(), new.patient_id.uuid()));
    transaction.touch_all("follow_up", touched);
    Ok(())
}
