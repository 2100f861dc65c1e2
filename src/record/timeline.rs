//! What happened and what is to come, in one list.

use crate::patients::{PatientId, person_id};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::store;
use super::timeline_entry::{TimelineEntry, TimelineKey, TimelineKind};

action!(
    /// Reading a patient's timeline; who may see what of it is with the kinds.
    ReadTimeline, "patients.read_timeline", record,
    [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// Why no timeline was read.
#[derive(Debug, thiserror::Error)]
pub(super) enum TimelineError {
    #[error("no such patient")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for TimelineError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// What the caller may see of a patient's timeline, the newest first.
pub(super) async fn timeline(
    transaction: &Transaction<'_, ReadTimeline>,
    patient_id: PatientId,
    kind: Option<TimelineKind>,
    window: &Window<TimelineKey>,
) -> Result<Vec<TimelineEntry>, TimelineError> {
    let open = TimelineKind::open_to(transaction.principal().role);
    let wanted: Vec<TimelineKind> = open
        .iter()
        .copied()
        .filter(|open| kind.is_none_or(|kind| kind == *open))
        .collect();
    let (person_id, entries) = pipelined!(
        person_id(transaction, patient_id),
        store::timeline(transaction, patient_id, &wanted, window),
    )?;
    person_id.ok_or(TimelineError::NotFound)?;
    transaction.touch("timeline", patient_id, patient_id);
    Ok(entries)
}
