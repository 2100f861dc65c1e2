//! Rows and queries of scheduling.

mod affected;
mod affected_by;
mod appointments;
mod attendance;
mod bookings;
mod days;
mod follow_ups;
mod holds;
mod merged_records;
mod occupancy;
mod openings;
mod series;
mod standings;
mod views;

pub(super) use affected::{is_affected, keep_affected, list_affected};
pub(super) use appointments::{
    HistoryLine, ahead_of, count_booked_ahead, find, history, insert, lock, lock_series, record,
    set_room, visit_of,
};
pub(super) use attendance::count_attendance;
pub(super) use bookings::{Known, acquire, clear_expired, known, lock_patients, release, seat_of};
pub(super) use days::{Day, of_day};
pub(super) use holds::{
    consume_hold, count_holds, delete_ended_holds, drop_holds, find_hold, insert_hold, own_hold,
    release_hold, set_hold_room,
};
pub(crate) use merged_records::{book_for_person, book_for_record, overlapping};
pub(super) use occupancy::{busy, busy_of_one, conflicts};
pub(super) use openings::clear_taken_openings;
pub(super) use series::{find_series, insert_series, list_series, zone_of};
pub(crate) use standings::standings;
pub(super) use views::{list, of_series, view};
