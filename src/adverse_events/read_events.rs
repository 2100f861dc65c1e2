//! Reading adverse events: those of a procedure, one, and the work list.

use uuid::Uuid;

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Stored, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::procedures::{ProcedureId, procedure_exists};

use super::event::AdverseEventId;
use super::listed_event::{EventFilter, ListedEvent};
use super::store;

action!(
    /// Reading adverse events and their work list.
    ReadAdverseEvents, "adverse_events.read", record, [Provider, Assistant]
);

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
) -> Stored<Vec<ListedEvent>> {
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
) -> Result<Vec<ListedEvent>, ReadEventError> {
    if !procedure_exists(transaction, procedure_id).await? {
        return Err(ReadEventError::NotFound);
    }
    let filter = EventFilter {
        procedure_id: Some(procedure_id),
        ..EventFilter::default()
    };
    Ok(list_events(transaction, &filter, window).await?)
}

/// One event with its course.
pub(super) async fn read_event(
    transaction: &Transaction<'_, impl May<ReadAdverseEvents>>,
    id: AdverseEventId,
) -> Result<ListedEvent, ReadEventError> {
    let read = store::find(transaction, id).await?;
    let read = read.ok_or(ReadEventError::NotFound)?;
    transaction.touch("adverse_event", id, read.event.patient_id);
    Ok(read)
}
