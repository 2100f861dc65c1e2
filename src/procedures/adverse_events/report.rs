//! Reporting harm: at once, or long after the visit was signed.

use crate::patients::await_review;
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction};
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal};
use crate::procedures::procedure::{ProcedureId, ProcedureStatus};
use crate::procedures::read::{ReadProcedureError, WRONG_STATUS, read_procedure};

use super::event::{AdverseEvent, EntryKind, EventReport, EventStatus};
use super::list::ReadEvent;
use super::store;

action!(
    /// Reporting an adverse event.
    ReportAdverseEvent, "adverse_events.report", record, [Provider, Assistant]
);

/// Why nothing was reported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportAdverseEventError {
    #[error(transparent)]
    Read(#[from] ReadProcedureError),
    #[error("the procedure is {0}")]
    WrongStatus(ProcedureStatus),
    #[error("the report breaks a rule")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ReportAdverseEventError {
    const TYPES: &'static [&'static ProblemType] = &[&WRONG_STATUS];

    fn problem(self) -> Problem {
        match self {
            Self::Read(error) => error.problem(),
            Self::WrongStatus(status) => {
                Problem::new(&WRONG_STATUS).member("current_status", status)
            }
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::Database(error) => error.into(),
        }
    }
}

/// Records what happened; a serious event is on the work list from now on, and
/// nothing is booked for the patient until it was reviewed.
pub(crate) async fn report_adverse_event(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
    report: &EventReport,
) -> Result<ReadEvent, ReportAdverseEventError> {
    let procedure = read_procedure(transaction, id).await?;
    let by = transaction.principal().user_id;
    let now = transaction.now();
    match procedure.status {
        ProcedureStatus::InProgress | ProcedureStatus::Completed => {}
        ProcedureStatus::Abandoned if procedure.was_begun() => {}
        status => return Err(ReportAdverseEventError::WrongStatus(status)),
    }
    let event = AdverseEvent::report(report, &procedure, (by, now))
        .map_err(ReportAdverseEventError::Invalid)?;
    store::insert(transaction, &event).await?;
    let entry = event.entry(EntryKind::Report, event.description.as_deref(), by);
    store::insert_entry(transaction, &event, &entry).await?;
    if event.status() == EventStatus::AwaitingReview {
        await_review(transaction, event.patient_id).await?;
    }
    transaction.touch("adverse_event", event.id, event.patient_id);
    let person = store::person(transaction, event.patient_id).await?;
    let (person_id, patient_name) = person.ok_or(ReadProcedureError::NotFound)?;
    Ok(ReadEvent {
        event,
        entries: vec![entry],
        started_at: procedure.started_at,
        person_id,
        patient_name,
    })
}
