//! What is in stock: lots of drugs, the vials that were opened, and where every millilitre went.
//!
//! Every lot is traceable from the delivery to the patient. An expired, quarantined, recalled or
//! empty lot cannot be drawn from, by any role. A recall reaches every row of the
//! maker's lot, at any location and however its number is written. What was mistyped is put right with a
//! reason, and a concentration that contradicts the lot is refused: its strength, what was drawn from it before
//! where nobody recorded one, or what a vial of powder can be dissolved to. A powder is counted in vials and
//! units, everything else in millilitres. A procedure takes what it draws off the stock when it is drawn up
//! ([`withdraw()`]), and the stock never falls below zero. What was entered in error is put back. Each draw
//! has a vial, named or chosen ([`choose_vials()`]).

mod change_lot;
mod choose_vials;
mod correct_lot;
mod drawn_lot;
mod find_lots;
mod lot;
mod lot_balance;
mod lot_correction;
mod lot_filter;
mod movement;
mod procedure_id;
mod receive_lot;
mod reconcile_lots;
mod routes;
mod store;
mod vial;
mod vials;
mod withdraw;

pub(crate) use choose_vials::{ChooseVialsError, Draw, DrawnFor, choose_vials};
pub(crate) use drawn_lot::{DrawnAt, drawn_lot};
pub(crate) use find_lots::FindLotError;
pub(crate) use lot::{Lot, LotId, LotUnusable, Quantity};
pub(crate) use procedure_id::ProcedureId;
pub(crate) use routes::configure;
pub(crate) use store::{find_lot, lock_vials_for, lots_in_json, lots_with_ids, vials_in_json};
pub(crate) use vial::{Recipient, Vial, VialId, VialUnusable};
pub(crate) use withdraw::{UseStock, WithdrawError, Withdrawal, return_to_lots, withdraw};
