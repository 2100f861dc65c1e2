//! Reporting harm: at once, or long after the visit was signed.

use crate::patients::await_review;
use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal};
use crate::procedures::{ProcedureId, ReadProcedure, TreatmentError, read_treatment};

use super::event::{AdverseEvent, EntryKind, EventStatus};
use super::event_report::EventReport;
use super::listed_event::ListedEvent;
use super::store;

action!(
    /// Reporting an adverse event.
    ReportAdverseEvent, "adverse_events.report", record, [Provider, Assistant]
);

impl May<ReadProcedure> for ReportAdverseEvent {}

/// Why nothing was reported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportAdverseEventError {
    #[error(transparent)]
    Procedure(#[from] TreatmentError),
    #[error("the report breaks a rule")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ReportAdverseEventError {
    const TYPES: &'static [&'static ProblemType] = TreatmentError::TYPES;

    fn problem(self) -> Problem {
        match self {
            Self::Procedure(error) => error.problem(),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::Database(error) => error.into(),
        }
    }
}

/// Records what happened; a serious event is on the work list from now on, and
/// nothing is booked for the patient until it was reviewed.
pub(crate) async fn report_adverse_event(
    transaction: &Transaction<'_, ReportAdverseEvent>,
    id: ProcedureId,
    report: &EventReport,
) -> Result<ListedEvent, ReportAdverseEventError> {
    let treatment = read_treatment(transaction, id).await?;
    let by = transaction.principal().user_id;
    let event = AdverseEvent::report(report, &treatment, by, transaction.now())
        .map_err(ReportAdverseEventError::Invalid)?;
    store::insert(transaction, &event).await?;
    let entry = event.entry(EntryKind::Report, event.description.as_deref(), by);
    store::insert_entry(transaction, &event, &entry).await?;
    if event.status() == EventStatus::AwaitingReview {
        await_review(transaction, event.patient_id).await?;
    }
    transaction.touch("adverse_event", event.id, event.patient_id);
    let person = store::person(transaction, event.patient_id).await?;
    let person =
        person.ok_or_else(|| InconsistentRow::new("adverse_events", "patient_id", event.id));
    let (person_id, patient_name) = person.map_err(DatabaseError::from)?;
    Ok(ListedEvent {
        event,
        entries: vec![entry],
        started_at: Some(treatment.started_at),
        person_id,
        patient_name,
    })
}
