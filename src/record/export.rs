//! Everything on record of one patient.

use serde_json::Value;

use crate::patients::{self, Patient, PatientId};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::store;

action!(
    /// Exporting everything on record of one patient; patients export their own.
    Export, "patients.export", record, [Provider, Assistant, Patient], step_up Exports
);

/// Why no export was made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    #[error("no such patient")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ExportError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// The patient, and all rows on record of them that the caller may see, by table.
pub(super) async fn export(
    transaction: &Transaction<'_, Export>,
    patient_id: PatientId,
) -> Result<(Patient, Value), ExportError> {
    let (patient, rows) = pipelined!(
        patients::find(transaction, patient_id),
        store::whole_record(transaction, patient_id),
    )?;
    let patient = patient.ok_or(ExportError::NotFound)?;
    transaction.touch("record", patient.id, patient.id);
    Ok((patient, rows))
}
