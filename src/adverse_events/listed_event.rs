//! An event as lists show it, and which events are asked for.

use chrono::{DateTime, Utc};

use crate::patients::PatientId;
use crate::procedures::ProcedureId;
use crate::stock::LotId;

use super::event::{AdverseEvent, Entry, EventStatus};

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
pub(crate) struct ListedEvent {
    pub(super) event: AdverseEvent,
    /// The earliest first.
    pub(super) entries: Vec<Entry>,
    pub(super) started_at: Option<DateTime<Utc>>,
    /// The person behind the record.
    pub(super) person_id: PatientId,
    pub(super) patient_name: String,
}

impl ListedEvent {
    /// The event itself.
    pub(crate) const fn event(&self) -> &AdverseEvent {
        &self.event
    }
}
