//! Marking a palpation of an open visit as entered in error, such as a point that was clicked by mistake.

use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;
use crate::visits::{self, Voided};

use super::correct::PalpationOfVisit;
use super::palpate::{Palpate, PalpateError};
use super::palpation::Palpation;
use super::store;

/// Marks a palpation as entered in error. It stays and counts nowhere; the point can be palpated again.
pub(crate) async fn void_palpation(
    transaction: &Transaction<'_, Palpate>,
    palpation: PalpationOfVisit,
    if_match: &IfMatch,
    reason: String,
) -> Result<Palpation, PalpateError> {
    let PalpationOfVisit { visit_id, id } = palpation;
    visits::open_visit(transaction, visit_id).await?;
    let palpation = store::lock_palpation(transaction, visit_id, id).await?;
    let mut palpation = palpation.ok_or(PalpateError::NotFound)?;
    if palpation.voided.is_some() {
        return Err(PalpateError::Voided);
    }
    if_match.require(palpation.version)?;
    let voided = Voided {
        at: transaction.now(),
        by: transaction.principal().user_id,
        reason,
    };
    palpation.version = palpation.version.next();
    palpation.updated_at = voided.at;
    store::record_void(transaction, &palpation, &voided).await?;
    palpation.voided = Some(voided);
    transaction.touch("palpation", palpation.id, palpation.patient_id);
    Ok(palpation)
}
