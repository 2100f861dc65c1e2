//! Reading visits.

use crate::platform::access::{May, action};
use crate::platform::database::{Stored, Transaction};
use crate::platform::page::Window;

use super::store;
use super::visit::{Visit, VisitDay, VisitFilter, VisitId, VisitKey};
use super::writable::VisitRefused;

action!(
    /// Reading visits; patients read their own once they are signed.
    Read, "visits.read", record, [Provider, Assistant, Patient]
);

/// Returns a visit with its addenda.
pub(crate) async fn read(
    transaction: &Transaction<'_, Read>,
    id: VisitId,
) -> Result<Visit, VisitRefused> {
    let visit = store::find(transaction, id)
        .await?
        .ok_or(VisitRefused::NotFound)?;
    transaction.touch("visit", id, visit.patient_id);
    Ok(visit)
}

/// Returns the visits that match a filter, the latest first, without their addenda.
pub(crate) async fn list(
    transaction: &Transaction<'_, Read>,
    filter: &VisitFilter,
    window: &Window<VisitKey>,
) -> Stored<Vec<Visit>> {
    let visits = store::list(transaction, filter, window).await?;
    transaction.touch_all(
        "visit",
        visits
            .iter()
            .map(|visit| (visit.id.uuid(), visit.patient_id.uuid())),
    );
    Ok(visits)
}

/// Returns the patient and the day of a visit, open or signed; `None` when there is no such visit.
///
/// The caller touches what it reads under the visit, so this leaves no audit row of its own.
pub(crate) async fn visit_day(
    transaction: &Transaction<'_, impl May<Read>>,
    id: VisitId,
) -> Stored<Option<VisitDay>> {
    store::find_day(transaction, id).await
}
