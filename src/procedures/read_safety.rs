//! Reading what the safety rules say of a procedure as it is recorded now.

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{Problem, ProblemType, Refusal};

use super::judge::{JudgeError, gather, judge};
use super::procedure::ProcedureId;
use super::read::ReadProcedureError;
use super::report::SafetyReport;
use super::store;

action!(
    /// Asking the safety rules.
    ReadSafety, "procedures.safety", record, [Provider, Assistant]
);

/// Why there is no assessment to read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadSafetyError {
    #[error(transparent)]
    Read(#[from] ReadProcedureError),
    #[error(transparent)]
    Judge(#[from] JudgeError),
}

impl Refusal for ReadSafetyError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::Read(error) => error.problem(),
            Self::Judge(error) => error.problem(),
        }
    }
}

/// What the rules say of a procedure as it is recorded now.
pub(super) async fn read_safety(
    transaction: &Transaction<'_, ReadSafety>,
    id: ProcedureId,
) -> Result<SafetyReport, ReadSafetyError> {
    let (found, gathered) = pipelined!(
        store::find_procedure(transaction, id),
        gather(transaction, id)
    )
    .map_err(ReadProcedureError::from)?;
    let procedure = found.ok_or(ReadProcedureError::NotFound)?;
    transaction.touch("procedure", id, procedure.patient_id);
    let judged = judge(transaction.now(), &procedure, gathered)?;
    Ok(SafetyReport::new(
        &judged.assessment,
        &procedure,
        &judged.rules,
        transaction.now(),
    ))
}
