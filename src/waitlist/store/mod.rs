//! Rows and queries of the waitlist.

mod entries;
mod offers;
mod openings;
mod queue;
mod views;

pub(super) use entries::{
    count_waiting, expire_entries, insert, live_of_person, live_of_type, lock, lock_with_siblings,
    record, record_wishes, unknown,
};
pub(super) use offers::{close_offers, insert_offer, lock_offered, lock_run_out, open_offer};
pub(super) use openings::{called, forget_calls, wanted_openings};
pub(super) use queue::{given_up, passed_on, queue_for, take_turn};
pub(super) use views::{list, view};
