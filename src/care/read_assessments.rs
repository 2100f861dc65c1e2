//! Reading the scores of a patient.

use crate::patients::{PatientId, person_id};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::assessment::{Assessment, AssessmentKey};
use super::instrument::{AssessmentId, Instrument};
use super::store;

action!(
    /// Reading the scores of a patient.
    ReadAssessments, "assessments.read", record, [Provider, Assistant, Patient]
);

/// Why no score was read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadAssessmentsError {
    #[error("no such patient or assessment")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ReadAssessmentsError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// Scores of a patient, the latest first.
pub(crate) async fn read_assessments(
    transaction: &Transaction<'_, ReadAssessments>,
    patient_id: PatientId,
    instrument: Option<Instrument>,
    window: &Window<AssessmentKey>,
) -> Result<Vec<Assessment>, ReadAssessmentsError> {
    if person_id(transaction, patient_id).await?.is_none() {
        return Err(ReadAssessmentsError::NotFound);
    }
    let found = store::assessments::list(transaction, patient_id, instrument, window).await?;
    let touched = found.iter().map(|one| (one.id.uuid(), patient_id.uuid()));
    transaction.touch_all("assessment", touched);
    Ok(found)
}

/// One assessment within reach.
pub(crate) async fn read_assessment(
    transaction: &Transaction<'_, ReadAssessments>,
    id: AssessmentId,
) -> Result<Assessment, ReadAssessmentsError> {
    let found = store::assessments::find(transaction, id)
        .await?
        .ok_or(ReadAssessmentsError::NotFound)?;
    transaction.touch("assessment", id, found.patient_id);
    Ok(found)
}
