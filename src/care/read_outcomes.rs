//! Reading how a patient has fared.

use chrono::TimeDelta;

use crate::patients::{PatientId, person_id};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::practice::practice_zone;

use super::outcomes::Outcomes;
use super::store;

action!(
    /// Reading how a patient has fared.
    ReadOutcomes, "outcomes.read", record, [Provider, Assistant, Patient]
);

/// Diaries are counted for so long back.
const LONGEST_DAYS: i64 = 5 * 366;

/// Why the outcomes were not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutcomesError {
    #[error("no such patient")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for OutcomesError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// Reads and counts what is known of a patient's course.
pub(crate) async fn read_outcomes(
    transaction: &Transaction<'_, ReadOutcomes>,
    patient_id: PatientId,
) -> Result<Outcomes, OutcomesError> {
    let earliest = (transaction.now() - TimeDelta::days(LONGEST_DAYS)).date_naive();
    let (person_id, zone, findings) = pipelined!(
        person_id(transaction, patient_id),
        practice_zone(transaction),
        store::outcomes::findings(transaction, patient_id, earliest),
    )?;
    let person_id = person_id.ok_or(OutcomesError::NotFound)?;
    transaction.touch("outcomes", patient_id, patient_id);
    Ok(Outcomes::of(person_id, findings, zone.0, transaction.now()))
}
