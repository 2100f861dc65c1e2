//! Looking at what is in stock.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Stored, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::lot::{Lot, LotId};
use super::lot_filter::{LotFilter, LotKey};
use super::store;

action!(
    /// Reading what is in stock.
    ReadLots, "lots.read", practice, [Admin, Provider, Assistant, Auditor]
);

/// Why a lot was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FindLotError {
    #[error("no such lot")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for FindLotError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// Lots by drug, those that expire first before the others.
pub(super) async fn find_lots(
    transaction: &Transaction<'_, ReadLots>,
    filter: &LotFilter,
    window: &Window<LotKey>,
) -> Stored<Vec<Lot>> {
    store::lots_matching(transaction, filter, window).await
}

/// One lot.
pub(super) async fn read_lot(
    transaction: &Transaction<'_, ReadLots>,
    id: LotId,
) -> Result<Lot, FindLotError> {
    store::find_lot(transaction, id)
        .await?
        .ok_or(FindLotError::NotFound)
}
