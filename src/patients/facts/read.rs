//! Listing the facts about a patient, and reading one.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::patients::store;
use crate::platform::access::May;
use crate::platform::database::Transaction;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;

use super::fact::{Fact, FactError};

/// Lists the facts about a patient, ended ones too, in the order in which they were recorded.
pub(super) async fn list<F: Fact>(
    transaction: &Transaction<'_, impl May<F::Read>>,
    patient_id: PatientId,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<Uuid>,
) -> Result<Vec<F>, FactError> {
    let (patient, mut found, beside) = pipelined!(
        store::find(transaction, patient_id),
        F::list(transaction, patient_id, updated_since, window),
        F::beside(transaction, patient_id),
    )?;
    let patient = patient.ok_or(FactError::NotFound)?;
    if found.is_empty() {
        // An empty list says something about this patient, too.
        transaction.touch("patient", patient.id, patient.id);
    } else {
        let touched = found
            .iter()
            .map(|fact| (fact.id().into(), fact.patient_id().uuid()));
        transaction.touch_all(F::KIND, touched);
    }
    for fact in &mut found {
        fact.show(patient.id, transaction.principal(), &beside);
    }
    Ok(found)
}

/// Reads a fact about a patient.
pub(super) async fn read<F: Fact>(
    transaction: &Transaction<'_, impl May<F::Read>>,
    patient_id: PatientId,
    id: F::Id,
) -> Result<F, FactError> {
    let (patient, found, beside) = pipelined!(
        store::find(transaction, patient_id),
        F::find(transaction, patient_id, id),
        F::beside(transaction, patient_id),
    )?;
    let (patient, mut fact) = patient.zip(found).ok_or(FactError::NotFound)?;
    transaction.touch(F::KIND, id, fact.patient_id());
    fact.show(patient.id, transaction.principal(), &beside);
    Ok(fact)
}
