//! Who received a lot: every patient, visit and site, for a recall.
//!
//! An auditor follows a lot without learning names: who somebody is belongs to those who call them.
//!
//! A patient whose syringe was drawn from the lot is listed even if nothing of it was injected yet.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::{Role, action};
use crate::platform::database::Transaction;
use crate::platform::page::Window;
use crate::visits::VisitId;

use super::find_lots::FindLotError;
use super::lot::LotId;
use super::procedure::{InjectionId, ProcedureId, ProcedureStatus, SolutionId};
use super::store;
use tautband_rules::kind::Side;

action!(
    /// Reading who received a lot.
    ReadExposures, "lots.exposures", record, [Admin, Provider, Assistant, Auditor]
);

/// A patient whose syringe was drawn from a lot.
pub(super) struct Exposure {
    /// Tells one drawing from the lot from another.
    pub(super) id: Uuid,
    pub(super) solution_id: SolutionId,
    pub(super) patient_id: PatientId,
    /// Nothing for an auditor.
    pub(super) patient_name: Option<String>,
    pub(super) visit_id: VisitId,
    pub(super) procedure_id: ProcedureId,
    pub(super) procedure_status: ProcedureStatus,
    pub(super) drawn_ml: Decimal,
    pub(super) drawn_at: DateTime<Utc>,
    pub(super) sites: Vec<ExposedSite>,
}

/// A site that received some of it, in the solution it was mixed into.
#[derive(Clone)]
pub(super) struct ExposedSite {
    pub(super) injection_id: InjectionId,
    pub(super) muscle_code: String,
    pub(super) side: Side,
    pub(super) volume_ml: Decimal,
    pub(super) injected_at: DateTime<Utc>,
}

/// Every patient whose syringe was drawn from a lot, the earliest first.
pub(super) async fn read_exposures(
    transaction: &Transaction<'_, ReadExposures>,
    id: LotId,
    window: &Window<Uuid>,
) -> Result<Vec<Exposure>, FindLotError> {
    store::find_lot(transaction, id)
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
