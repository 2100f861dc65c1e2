//! Rows and queries of scheduling.

mod appointments;
mod attendance;
mod bookings;
mod holds;
mod views;

pub(super) use appointments::{HistoryLine, find, history, insert, lock, record, set_room};
pub(super) use attendance::attendance;
pub(super) use bookings::{
    BusyRow, Cause, acquire, busy, clear_expired, known, lock_patients, release,
};
pub(super) use holds::{
    consume_hold, count_holds, find_hold, insert_hold, release_hold, set_hold_room,
};
pub(super) use views::{ListFilter, ListKey, list, of_day, providers_of_day, view};
