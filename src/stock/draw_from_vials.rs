//! Choosing the vials that a syringe is drawn from.
//!
//! A single-dose vial is bound to the recipient it is drawn for, so that it can never be drawn from
//! for another. When no vial of a single-dose lot is named, one is opened there and then.

use std::collections::BTreeMap;

use crate::platform::access::May;
use crate::platform::database::{Stored, Transaction};

use super::lot::{Lot, LotId, VialType};
use super::store;
use super::vial::{Recipient, Vial, VialId};
use super::withdraw::UseStock;

/// One draw: the lot, and the vial where one is named.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw<'a> {
    pub(crate) lot: &'a Lot,
    pub(crate) vial_id: Option<VialId>,
}

/// Binds and opens single-dose vials for a recipient, one for each lot that is drawn from without a
/// named vial. Returns the vial of each draw: `None` for a multi-dose lot without a named vial.
///
/// `named` are the vials that the draws name, locked by [`super::lock_vials`].
pub(crate) async fn draw_from_vials(
    transaction: &Transaction<'_, impl May<UseStock>>,
    draws: &[Draw<'_>],
    mut named: BTreeMap<VialId, Vial>,
    recipient: Recipient,
) -> Stored<Vec<Option<VialId>>> {
    for vial in named.values_mut() {
        if vial.vial_type == VialType::SingleDose && vial.recipient.is_none() {
            vial.draw_for(recipient);
            store::record_vial(transaction, vial).await?;
        }
    }
    let by = transaction.principal().user_id;
    let mut opened: BTreeMap<LotId, Vial> = BTreeMap::new();
    let mut drawn = Vec::new();
    for draw in draws {
        let is_single = draw.lot.vial_type == VialType::SingleDose;
        drawn.push(match draw.vial_id {
            Some(id) => Some(id),
            None if is_single => {
                let vial = opened
                    .entry(draw.lot.id)
                    .or_insert_with(|| Vial::open(draw.lot, by, transaction.now()));
                vial.draw_for(recipient);
                Some(vial.id)
            }
            None => None,
        });
    }
    let opened: Vec<Vial> = opened.into_values().collect();
    if !opened.is_empty() {
        store::insert_vials(transaction, &opened).await?;
    }
    Ok(drawn)
}
