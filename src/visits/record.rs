//! Writing the note and the vitals of an open visit.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal};

use super::open::VisitRefused;
use super::store;
use super::visit::{Diagnosis, Note, OutOfRange, Visit, VisitId, Vitals};

action!(
    /// Writing the note, the diagnoses and the vitals of a visit.
    Record, "visits.record", record, [Provider, Assistant]
);

/// What is to be changed: nothing where nothing is said, cleared where `Some(None)`.
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
    let locked = store::lock(transaction, id).await?;
    if_match.require(locked.version)?;
    store::record_note(
        transaction,
        &locked,
        &changes.applied_to(locked.note.clone()),
    )
    .await?;
    transaction.touch("visit", id, locked.patient_id);
    Ok(store::find(transaction, id)
        .await?
        .ok_or(VisitRefused::NotFound)?)
}

/// Puts new vitals in place of the old ones. A weight becomes the patient's weight, which doses
/// are checked against.
pub(crate) async fn take_vitals(
    transaction: &Transaction<'_, Record>,
    id: VisitId,
    if_match: &IfMatch,
    vitals: &Vitals,
) -> Result<Visit, RecordError> {
    let locked = store::lock(transaction, id).await?;
    if_match.require(locked.version)?;
    let faults = vitals.faults();
    if !faults.is_empty() {
        return Err(RecordError::Implausible(faults));
    }
    store::record_vitals(transaction, &locked, vitals).await?;
    if let Some(weight_kg) = vitals.weight_kg {
        store::record_weight(transaction, locked.patient_id, weight_kg).await?;
    }
    transaction.touch("visit", id, locked.patient_id);
    Ok(store::find(transaction, id)
        .await?
        .ok_or(VisitRefused::NotFound)?)
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
