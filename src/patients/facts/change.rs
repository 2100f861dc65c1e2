//! Correcting or ending a fact about a patient.

use crate::patients::patient::PatientId;
use crate::patients::store;
use crate::platform::access::May;
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;
use crate::platform::pipeline::pipelined;

use super::fact::{Changeable, Changes, Fact, FactError, Writing};

/// Which fact of which patient.
#[derive(Clone, Copy)]
pub(super) struct FactOf<F: Fact> {
    pub(super) patient_id: PatientId,
    pub(super) id: F::Id,
}

/// Changes a fact in the record that it was written to.
pub(super) async fn change<F: Changeable>(
    transaction: &Transaction<'_, impl May<F::Change>>,
    which: FactOf<F>,
    if_match: &IfMatch,
    changes: &F::Changed,
) -> Result<F, FactError> {
    let FactOf { patient_id, id } = which;
    let (patient, found, beside) = pipelined!(
        store::find(transaction, patient_id),
        F::lock(transaction, patient_id, id),
        F::beside(transaction, patient_id),
    )?;
    let (patient, mut fact) = patient.zip(found).ok_or(FactError::NotFound)?;
    if_match.require(fact.current_version())?;
    changes.apply(&mut fact);
    let writing = Writing {
        patient_id: fact.patient_id(),
        writer: transaction.principal(),
        now: transaction.now(),
    };
    fact.check(writing)?;
    fact.touch(writing.now);
    fact.update(transaction).await?;
    transaction.touch(F::KIND, id, fact.patient_id());
    fact.show(patient.id, transaction.principal(), &beside);
    Ok(fact)
}
