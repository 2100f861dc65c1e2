//! Reading adverse events: those of a procedure, one, and the work list.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::procedures::procedure::ProcedureId;
use crate::procedures::store::visit_of;
use crate::stock::LotId;

use super::event::{AdverseEvent, AdverseEventId, Entry, EventStatus};
use super::store;

action!(
    /// Reading adverse events and their work list.
    ReadAdverseEvents, "adverse_events.read", record, [Provider, Assistant]
);

/// Which events are asked for; all of it must fit.
#[derive(Debug, Default)]
pub(super) struct EventFilter {
    pub(super) status: Option<EventStatus>,
    pub(super) patient_id: Option<PatientId>,
    pub(super) procedure_id: Option<ProcedureId>,
    pub(super) lot_id: Option<LotId>,
    pub(super) updated_since: Option<DateTime<Utc>>,
}

/// An event with its course, and what is shown beside it.
#[derive(Debug, Clone)]
pub(crate) struct ReadEvent {
    pub(super) event: AdverseEvent,
    /// The earliest first.
    pub(super) entries: Vec<Entry>,
    pub(super) started_at: Option<DateTime<Utc>>,
    /// The person behind the record.
    pub(super) person_id: PatientId,
    pub(super) patient_name: String,
}

impl ReadEvent {
    /// The event itself.
    pub(crate) const fn event(&self) -> &AdverseEvent {
        &self.event
    }
}

/// Why an event was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadEventError {
    #[error("no such event or procedure")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ReadEventError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// The events that fit, those reported first before the others.
pub(super) async fn list_events(
    transaction: &Transaction<'_, ReadAdverseEvents>,
    filter: &EventFilter,
    window: &Window<Uuid>,
) -> Stored<Vec<ReadEvent>> {
    let events = store::list(transaction, filter, window).await?;
    let read = events
        .iter()
        .map(|read| (read.event.id.uuid(), read.event.patient_id.uuid()));
    transaction.touch_all("adverse_event", read);
    Ok(events)
}

/// The events of one procedure.
pub(super) async fn events_of_procedure(
    transaction: &Transaction<'_, ReadAdverseEvents>,
    procedure_id: ProcedureId,
    window: &Window<Uuid>,
) -> Result<Vec<ReadEvent>, ReadEventError> {
    let visit = visit_of(transaction, procedure_id).await?;
    visit.ok_or(ReadEventError::NotFound)?;
    let filter = EventFilter {
        procedure_id: Some(procedure_id),
        ..EventFilter::default()
    };
    Ok(list_events(transaction, &filter, window).await?)
}

/// One event with its course.
pub(super) async fn read_event(
    transaction: &OpenTransaction<'_>,
    id: AdverseEventId,
) -> Result<ReadEvent, ReadEventError> {
    let read = store::find(transaction, id).await?;
    let read = read.ok_or(ReadEventError::NotFound)?;
    transaction.touch("adverse_event", id, read.event.patient_id);
    Ok(read)
}
