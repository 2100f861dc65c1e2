//! Reporting harm, and the urgent call that a serious event needs, in one transaction.

use crate::adverse_events::{
    EventReport, ListedEvent, ReportAdverseEvent, ReportAdverseEventError, report_adverse_event,
};
use crate::platform::database::{OpenTransaction, Stored, Transaction};
use crate::procedures::ProcedureId;

use super::due_window::DueWindow;
use super::follow_up::{FollowUp, FollowUpId, FollowUpKind, Origin};
use super::store;

const CALL_REASON: &str =
    "To ask how you are after your treatment; call us or emergency services if it gets worse";

/// Records the event; a serious event adds an urgent call to the follow-ups.
pub(crate) async fn report_with_follow_up(
    transaction: &Transaction<'_, ReportAdverseEvent>,
    id: ProcedureId,
    report: &EventReport,
) -> Result<(ListedEvent, Option<FollowUpId>), ReportAdverseEventError> {
    let read = report_adverse_event(transaction, id, report).await?;
    let call = urgent_call(transaction, id, &read).await?;
    Ok((read, call))
}

async fn urgent_call(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
    read: &ListedEvent,
) -> Stored<Option<FollowUpId>> {
    let event = read.event();
    let now = transaction.now();
    let Some(due_by) = event.review_due_by().filter(|_| event.needs_a_call()) else {
        return Ok(None);
    };
    let window = DueWindow {
        due_from: now,
        due_by,
    };
    let origin = Origin {
        procedure_id: Some(id),
        ..Origin::default()
    };
    let what = (FollowUpKind::Call, CALL_REASON);
    let call = FollowUp {
        urgent: true,
        ..FollowUp::new(event.patient_id(), what, window, origin, now)
    };
    store::follow_ups::insert(transaction, std::slice::from_ref(&call)).await?;
    transaction.touch("follow_up", call.id, call.patient_id);
    Ok(Some(call.id))
}
