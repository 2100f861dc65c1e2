//! Checking a seal: the content is read and digested again.

use crate::platform::access::action;
use crate::platform::database::Transaction;

use super::addendum::SignedVisitError;
use super::store;
use super::visit::{Seal, Signature, VisitId};

action!(
    /// Checking the seal of a signed visit.
    CheckSeal, "visits.check_seal", record, [Provider, Assistant, Patient]
);

/// A signature beside what the content amounts to now.
pub(crate) struct CheckedSeal {
    pub(crate) signature: Signature,
    pub(crate) recomputed: Seal,
}

impl CheckedSeal {
    /// Whether nothing under the signature has changed.
    pub(crate) fn is_intact(&self) -> bool {
        self.signature.seal == self.recomputed
    }
}

/// Computes the seal of a signed visit again.
pub(crate) async fn check_seal(
    transaction: &Transaction<'_, CheckSeal>,
    id: VisitId,
) -> Result<CheckedSeal, SignedVisitError> {
    let visit = store::find(transaction, id)
        .await?
        .ok_or(SignedVisitError::NotFound)?;
    let signature = visit.signature.ok_or(SignedVisitError::NotSigned)?;
    let content = store::content(transaction, id).await?;
    transaction.touch("visit", id, visit.patient_id);
    Ok(CheckedSeal {
        signature,
        recomputed: Seal::over(&content),
    })
}
