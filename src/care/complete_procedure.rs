//! Completing a procedure with the follow-ups of its protocol, in one transaction.
//!
//! Each step of the protocol in force becomes one follow-up, once: a unique index on procedure and
//! step guarantees it. A later change of the protocol does not change these follow-ups.

use chrono::{DateTime, Utc};

use crate::platform::database::{OpenTransaction, Stored, Transaction};
use crate::platform::etag::IfMatch;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::practice::{LocationId, closed_times, practice_zone};
use crate::procedures::{CompleteError, CompleteProcedure, Ended, ProcedureId, complete};

use super::follow_up::{FollowUp, Origin};
use super::listed_follow_up::{FollowUpFilter, ListedFollowUp};
use super::protocol::{Calendar, ProtocolStep};
use super::store;

/// The most follow-ups of one answer; no protocol has as many steps.
const ALL_STEPS: i64 = 100;

/// Completes a procedure in progress and adds the follow-ups of its protocol.
pub(crate) async fn complete_procedure(
    transaction: &Transaction<'_, CompleteProcedure>,
    id: ProcedureId,
    if_match: &IfMatch,
    completed_at: Option<DateTime<Utc>>,
) -> Result<(Ended, Vec<ListedFollowUp>), CompleteError> {
    let completed = complete(transaction, id, if_match, completed_at).await?;
    transaction.touch("procedure", id, completed.patient_id);
    let listed = follow_ups(transaction, &completed).await?;
    Ok((completed, listed))
}

/// Adds the follow-ups of the protocol and returns them. When no needle went in there are none, and those
/// of before a mistake was put right are cancelled.
pub(super) async fn follow_ups(
    transaction: &OpenTransaction<'_>,
    ended: &Ended,
) -> Stored<Vec<ListedFollowUp>> {
    if !ended.was_needled() {
        let reason = "The procedure ended without a needle";
        cancel_follow_ups(transaction, &[ended.procedure_id], reason).await?;
        return Ok(Vec::new());
    }
    add_follow_ups(transaction, ended).await?;
    let filter = FollowUpFilter {
        procedure_id: Some(ended.procedure_id),
        ..FollowUpFilter::default()
    };
    let window = Window {
        after: None,
        size: ALL_STEPS,
    };
    store::follow_up_list::list(transaction, &filter, &window).await
}

/// Cancels what is still open of the follow-ups of these procedures.
pub(super) async fn cancel_follow_ups(
    transaction: &OpenTransaction<'_>,
    procedure_ids: &[ProcedureId],
    reason: &str,
) -> Stored<()> {
    let cancelled = store::follow_ups::cancel_of_procedures(transaction, procedure_ids, reason);
    let touched = cancelled.await?.into_iter();
    transaction.touch_all(
        "follow_up",
        touched.map(|(id, patient_id)| (id.uuid(), patient_id.uuid())),
    );
    Ok(())
}

async fn add_follow_ups(transaction: &OpenTransaction<'_>, ended: &Ended) -> Stored<()> {
    let done_at = ended.ended_at;
    let location_id = LocationId::from(ended.location_id);
    let (protocol, zone, closed) = pipelined!(
        store::protocols::in_force(transaction, ended.kind),
        practice_zone(transaction),
        closed_times(transaction, location_id, done_at),
    )?;
    let calendar = Calendar {
        zone: zone.0,
        closed,
    };
    let follow_up = |step: &ProtocolStep| {
        let origin = Origin {
            procedure_id: Some(ended.procedure_id),
            protocol_id: protocol.id,
            protocol_step: Some(step.code.clone()),
            raised_by: None,
        };
        let window = step.window_after(done_at, &calendar);
        let what = (step.kind, step.reason.as_str());
        FollowUp::new(ended.patient_id, what, window, origin, done_at)
    };
    let follow_ups: Vec<FollowUp> = protocol.steps.iter().map(follow_up).collect();
    store::follow_ups::insert_once(transaction, &follow_ups).await?;
    let touched = follow_ups
        .iter()
        .map(|new| (new.id.uuid(), new.patient_id.uuid()));
    transaction.touch_all("follow_up", touched);
    Ok(())
}
