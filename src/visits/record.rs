//! Writing the note, the vitals and the tenderness of an open visit.

use chrono::TimeDelta;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal};

use super::store;
use super::tenderness::TendernessScores;
use super::visit::{Diagnosis, LockedVisit, Note, Visit, VisitId};
use super::vitals::{OutOfRange, TakenVitals, VitalsChanges};
use super::writable::{VisitRefused, lock_open_visit};

action!(
    /// Writing the note, the diagnoses and the vitals of a visit.
    Record, "visits.record", record, [Provider, Assistant]
);

/// What is to be changed: `None` leaves a text as it is, `Some(None)` clears it.
#[derive(Default)]
pub(crate) struct NoteChanges {
    pub(crate) chief_complaint: Option<Option<String>>,
    pub(crate) subjective: Option<Option<String>>,
    pub(crate) objective: Option<Option<String>>,
    pub(crate) assessment: Option<Option<String>>,
    pub(crate) plan: Option<Option<String>>,
    pub(crate) diagnoses: Option<Vec<Diagnosis>>,
}

/// Why a visit was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error(transparent)]
    Refused(#[from] VisitRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("implausible vitals")]
    Implausible(Vec<OutOfRange>),
}

impl From<DatabaseError> for RecordError {
    fn from(error: DatabaseError) -> Self {
        Self::Refused(error.into())
    }
}

impl Refusal for RecordError {
    const TYPES: &'static [&'static ProblemType] = VisitRefused::TYPES;

    fn problem(self) -> Problem {
        match self {
            Self::Refused(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::Implausible(faults) => {
                let error =
                    |fault: &OutOfRange| FieldError::new(format!("/{}", fault.field), fault.detail);
                Problem::invalid(faults.iter().map(error).collect())
            }
        }
    }
}

/// Changes the note of an open visit that is still as the caller read it.
pub(crate) async fn write_note(
    transaction: &Transaction<'_, Record>,
    id: VisitId,
    if_match: &IfMatch,
    changes: NoteChanges,
) -> Result<Visit, RecordError> {
    let locked = lock_open_visit(transaction, id).await?;
    if_match.require_since(locked.written_version, locked.version)?;
    let note = changes.applied_to(locked.note.clone());
    store::record_note(transaction, &locked, &note).await?;
    written(transaction, &locked).await
}

/// Writes the vitals that were measured into an open visit that is still as the caller read it; the others
/// stay. A weight becomes the patient's weight, unless a later one is known: vitals of a visit that is
/// more than a day old count from its beginning.
pub(crate) async fn take_vitals(
    transaction: &Transaction<'_, Record>,
    id: VisitId,
    if_match: &IfMatch,
    changes: &VitalsChanges,
) -> Result<Visit, RecordError> {
    let locked = lock_open_visit(transaction, id).await?;
    if_match.require_since(locked.written_version, locked.version)?;
    let before = locked.vitals.map(|taken| taken.vitals).unwrap_or_default();
    let vitals = changes.applied_to(before);
    let faults = vitals.faults();
    if !faults.is_empty() {
        return Err(RecordError::Implausible(faults));
    }
    let now = transaction.now();
    let is_of_today = now - locked.started_at < TimeDelta::days(1);
    let taken = TakenVitals {
        vitals,
        taken_at: if is_of_today { now } else { locked.started_at },
    };
    store::record_vitals(transaction, &locked, &taken).await?;
    if let Some(Some(weight_kg)) = changes.weight_kg {
        store::record_weight(transaction, locked.patient_id, weight_kg, taken.taken_at).await?;
    }
    written(transaction, &locked).await
}

/// Replaces the tenderness scores of an open visit that is still as the caller read it.
pub(crate) async fn score_tenderness(
    transaction: &Transaction<'_, Record>,
    id: VisitId,
    if_match: &IfMatch,
    scores: &TendernessScores,
) -> Result<Visit, RecordError> {
    let locked = lock_open_visit(transaction, id).await?;
    if_match.require_since(locked.written_version, locked.version)?;
    store::record_tenderness(transaction, &locked, scores).await?;
    written(transaction, &locked).await
}

async fn written(
    transaction: &Transaction<'_, Record>,
    visit: &LockedVisit,
) -> Result<Visit, RecordError> {
    transaction.touch("visit", visit.id, visit.patient_id);
    let written = store::find(transaction, visit.id).await?;
    Ok(written.ok_or(VisitRefused::NotFound)?)
}

impl NoteChanges {
    fn applied_to(self, note: Note) -> Note {
        Note {
            chief_complaint: self.chief_complaint.unwrap_or(note.chief_complaint),
            subjective: self.subjective.unwrap_or(note.subjective),
            objective: self.objective.unwrap_or(note.objective),
            assessment: self.assessment.unwrap_or(note.assessment),
            plan: self.plan.unwrap_or(note.plan),
            diagnoses: self.diagnoses.unwrap_or(note.diagnoses),
        }
    }
}
