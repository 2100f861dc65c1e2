//! Who received a lot: every patient, visit and site, for a recall.
//!
//! An auditor follows a lot without learning names: who somebody is belongs to those who call them.
//!
//! A patient whose syringe was drawn from the lot is listed even if nothing of it was injected yet.

use uuid::Uuid;

use crate::platform::access::{Role, action};
use crate::platform::database::Transaction;
use crate::platform::page::Window;
use crate::stock::{FindLotError, LotId, find_lot};

use super::exposure::Exposure;
use super::store;

action!(
    /// Reading who received a lot.
    ReadExposures, "lots.exposures", record, [Admin, Provider, Assistant, Auditor]
);

/// Every patient whose syringe was drawn from a lot, the earliest first.
pub(super) async fn read_exposures(
    transaction: &Transaction<'_, ReadExposures>,
    id: LotId,
    window: &Window<Uuid>,
) -> Result<Vec<Exposure>, FindLotError> {
    find_lot(transaction, id)
        .await?
        .ok_or(FindLotError::NotFound)?;
    let mut exposures = store::exposures(transaction, id, window).await?;
    if transaction.principal().role == Role::Auditor {
        for exposure in &mut exposures {
            exposure.patient_name = None;
        }
    }
    let read = exposures
        .iter()
        .map(|one| (one.procedure_id.uuid(), one.patient_id.uuid()));
    transaction.touch_all("procedure", read);
    Ok(exposures)
}
