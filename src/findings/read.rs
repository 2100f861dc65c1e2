//! Reading what was found: at one visit, and of one patient over all visits.

use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::visits::{ReadVisit, VisitId, visit_day};

use super::palpation::{Palpation, PalpationId, TriggerPoint};
use super::store;

action!(
    /// Reading trigger points; patients read their own of signed visits.
    Read, "findings.read", record, [Provider, Assistant, Patient]
);

/// Reading what a visit found includes reading which day and which patient it was.
impl May<ReadVisit> for Read {}

/// Why findings were not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("the visit, patient or palpation does not exist")]
    NotFound,
    #[error("the visit is of another patient")]
    AnotherVisit(Vec<&'static str>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ReadError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::AnotherVisit(fields) => {
                let error = |field| {
                    problem::FieldError::new(
                        format!("#/query/{field}"),
                        "names no visit of this patient",
                    )
                };
                Problem::invalid(fields.into_iter().map(error).collect())
            }
            Self::Database(error) => error.into(),
        }
    }
}

/// Returns what was felt at one visit, in the order in which it was recorded.
pub(crate) async fn of_visit(
    transaction: &Transaction<'_, Read>,
    visit_id: VisitId,
    window: &Window<Uuid>,
) -> Result<Vec<Palpation>, ReadError> {
    let visit = visit_day(transaction, visit_id)
        .await?
        .ok_or(ReadError::NotFound)?;
    let palpations = store::of_visit(transaction, visit_id, window).await?;
    transaction.touch("visit", visit_id, visit.patient_id);
    Ok(palpations)
}

/// Returns one palpation of a visit.
pub(crate) async fn palpation(
    transaction: &Transaction<'_, Read>,
    visit_id: VisitId,
    id: PalpationId,
) -> Result<Palpation, ReadError> {
    let palpation = store::find_palpation(transaction, visit_id, id).await?;
    let palpation = palpation.ok_or(ReadError::NotFound)?;
    transaction.touch("palpation", id, palpation.patient_id);
    Ok(palpation)
}

/// Returns the points of a patient with their history, in the order in which they were first found.
pub(crate) async fn of_patient(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    window: &Window<Uuid>,
) -> Result<Vec<TriggerPoint>, ReadError> {
    let points = store::of_patient(transaction, patient_id, window)
        .await?
        .ok_or(ReadError::NotFound)?;
    transaction.touch("trigger_points", patient_id, patient_id);
    Ok(points)
}
