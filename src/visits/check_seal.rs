//! Checking a seal: the content is read again, and its digest compared with the seal.

use crate::platform::access::action;
use crate::platform::database::Transaction;

use super::addendum::SignedVisitError;
use super::seal::{CheckedSeal, Seal};
use super::store;
use super::visit::VisitId;

action!(
    /// Checking the seal of a signed visit.
    CheckSeal, "visits.check_seal", record, [Provider, Assistant, Patient]
);

/// Computes the seal of a signed visit again, to compare it with the stored seal.
pub(crate) async fn check_seal(
    transaction: &Transaction<'_, CheckSeal>,
    id: VisitId,
) -> Result<CheckedSeal, SignedVisitError> {
    let visit = store::find(transaction, id)
        .await?
        .ok_or(SignedVisitError::NotFound)?;
    let signature = visit.signature.ok_or(SignedVisitError::NotSigned)?;
    let (signed_by, signed_at) = (signature.signed_by, signature.signed_at);
    let content = store::content(transaction, id, signed_by, signed_at).await?;
    transaction.touch("visit", id, visit.patient_id);
    Ok(CheckedSeal {
        signature,
        recomputed: Seal::over(&content),
    })
}
