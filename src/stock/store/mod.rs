//! Rows and queries of lots, of what moved in and out of them, and of vials.

mod corrections;
mod lots;
mod movements;
mod reconciliation;
mod vials;

pub(super) use corrections::insert_correction;
pub(super) use lots::{
    draw_from_lot, insert_lot, lock_lot, lock_lots, lock_makers_lot, lot_in_stock, lots_matching,
    record_lot, return_to_lot, zone_of_location,
};
pub(crate) use lots::{find_lot, lots_in_json, lots_with_ids};
pub(super) use movements::insert_movements;
pub(super) use reconciliation::lots_with_movements;
pub(super) use vials::{insert_vials, lock_vials, open_vials, record_vial, vials_of_lot};
pub(crate) use vials::{lock_vials_for, vials_in_json};
