//! Recording a fact about a patient.

use crate::patients::patient::PatientId;
use crate::patients::store;
use crate::platform::access::May;
use crate::platform::database::Transaction;

use super::fact::{Fact, FactError, Writing};

/// Records a fact under the record that stands for the person.
pub(super) async fn record<F: Fact>(
    transaction: &Transaction<'_, impl May<F::Record>>,
    patient_id: PatientId,
    content: &F::Recorded,
) -> Result<F, FactError> {
    let patient = store::find(transaction, patient_id).await?;
    let patient = patient.ok_or(FactError::NotFound)?;
    let writing = Writing {
        patient_id: patient.id,
        writer: transaction.principal(),
        now: transaction.now(),
    };
    let mut recorded = F::new(writing, content);
    recorded.check(writing)?;
    recorded.insert(transaction).await?;
    transaction.touch(F::KIND, recorded.id(), patient.id);
    let beside = F::beside(transaction, patient.id).await?;
    recorded.show(patient.id, transaction.principal(), &beside);
    Ok(recorded)
}
