//! What was done in a procedure, for a report of harm.

use chrono::{DateTime, Utc};

use crate::patients::PatientId;
use crate::platform::access::May;
use crate::platform::database::Transaction;
use crate::platform::problem::{Problem, ProblemType, Refusal};
use crate::stock::LotId;

use super::injection::InjectionId;
use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::ProcedureStatus;
use super::read::{ReadProcedure, ReadProcedureError, WRONG_STATUS, read_procedure};

/// What was done in a procedure that was begun.
pub(crate) struct Treatment {
    pub(crate) procedure_id: ProcedureId,
    pub(crate) patient_id: PatientId,
    pub(crate) started_at: DateTime<Utc>,
    /// Its needle sites.
    pub(crate) injections: Vec<InjectionId>,
    /// What was drawn from.
    pub(crate) lots: Vec<LotId>,
}

/// Why there is no treatment to read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TreatmentError {
    #[error(transparent)]
    Read(#[from] ReadProcedureError),
    #[error("the procedure is {0} and was not begun")]
    NotBegun(ProcedureStatus),
}

impl Refusal for TreatmentError {
    const TYPES: &'static [&'static ProblemType] = &[&WRONG_STATUS];

    fn problem(self) -> Problem {
        match self {
            Self::Read(error) => error.problem(),
            Self::NotBegun(status) => Problem::new(&WRONG_STATUS).member("current_status", status),
        }
    }
}

/// Reads what was done in a procedure, and refuses one that was not begun.
pub(crate) async fn read_treatment(
    transaction: &Transaction<'_, impl May<ReadProcedure>>,
    id: ProcedureId,
) -> Result<Treatment, TreatmentError> {
    let procedure = read_procedure(transaction, id).await?;
    let status = procedure.status();
    treatment(procedure).ok_or(TreatmentError::NotBegun(status))
}

fn treatment(procedure: Procedure) -> Option<Treatment> {
    Some(Treatment {
        procedure_id: procedure.id,
        patient_id: procedure.patient_id,
        started_at: procedure.started_at()?,
        lots: procedure.drawn_from_lots().into_keys().collect(),
        injections: procedure
            .injections
            .into_iter()
            .map(|site| site.id)
            .collect(),
    })
}
