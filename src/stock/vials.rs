//! Opening a vial, reading those of a lot, and throwing one away.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::lot::{LotId, LotStatus};
use super::store;
use super::vial::{Discard, Vial, VialId};

action!(
    /// Opening a vial.
    OpenVial, "vials.open", practice, [Provider, Assistant]
);
action!(
    /// Reading the vials of a lot.
    ReadVials, "vials.read", practice, [Admin, Provider, Assistant, Auditor]
);
action!(
    /// Throwing a vial away.
    DiscardVial, "vials.discard", practice, [Provider, Assistant]
);

/// Why a vial was not opened, read or thrown away.
#[derive(Debug, thiserror::Error)]
pub(super) enum VialError {
    #[error("no such lot or vial")]
    NotFound,
    #[error("the lot is {0}")]
    LotUnusable(LotStatus),
    #[error("it was opened in the future")]
    OpenedLater,
    #[error("the vial was thrown away")]
    Discarded,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for VialError {
    const TYPES: &'static [&'static ProblemType] = &[&problem::WRONG_STATUS];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::LotUnusable(status) => {
                Problem::new(&problem::WRONG_STATUS).member("current_status", status)
            }
            Self::OpenedLater => Problem::field("/opened_at", "lies in the future"),
            Self::Discarded => {
                Problem::new(&problem::WRONG_STATUS).member("current_status", "discarded")
            }
            Self::Database(error) => error.into(),
        }
    }
}

/// Opens a vial of a lot that may be used.
pub(super) async fn open_vial(
    transaction: &Transaction<'_, OpenVial>,
    lot_id: LotId,
    opened_at: Option<DateTime<Utc>>,
) -> Result<Vial, VialError> {
    if opened_at.is_some_and(|at| at > transaction.now()) {
        return Err(VialError::OpenedLater);
    }
    let lot = store::lock_lot(transaction, lot_id).await?;
    let lot = lot.ok_or(VialError::NotFound)?;
    match lot.status(transaction.now()) {
        LotStatus::Available => {}
        status => return Err(VialError::LotUnusable(status)),
    }
    let mut vial = Vial::open(&lot, transaction.principal().user_id, transaction.now());
    vial.opened_at = opened_at.unwrap_or(vial.opened_at);
    store::insert_vials(transaction, std::slice::from_ref(&vial)).await?;
    Ok(vial)
}

/// The vials of a lot, those opened first before the others.
pub(super) async fn vials_of_lot(
    transaction: &Transaction<'_, ReadVials>,
    lot_id: LotId,
    window: &Window<Uuid>,
) -> Result<Vec<Vial>, VialError> {
    let lot = store::find_lot(transaction, lot_id).await?;
    lot.ok_or(VialError::NotFound)?;
    Ok(store::vials_of_lot(transaction, lot_id, window).await?)
}

/// Throws a vial away; nothing is drawn from it any more.
pub(super) async fn discard_vial(
    transaction: &Transaction<'_, DiscardVial>,
    id: VialId,
) -> Result<Vial, VialError> {
    let mut vials = store::lock_vials(transaction, &[id]).await?;
    let mut vial = vials.pop().ok_or(VialError::NotFound)?;
    if vial.discarded.is_some() {
        return Err(VialError::Discarded);
    }
    vial.discarded = Some(Discard {
        by: transaction.principal().user_id,
        at: transaction.now(),
    });
    store::record_vial(transaction, &vial).await?;
    Ok(vial)
}
