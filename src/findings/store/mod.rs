//! Rows and queries of muscles, trigger points and palpations.

mod injections;
mod muscles;
mod palpation_row;
mod palpations;
mod point_page;
mod points;

pub(super) use injections::{into_point, sites_of_visits};
pub(super) use muscles::{insert_muscle, list_muscles, muscles};
pub(super) use palpations::{
    at_muscle, find_palpation, insert_palpation, is_palpated_elsewhere, lock_palpation, of_visit,
    of_visits, record_amendment, record_void,
};
pub(super) use points::{find_point, insert_point, move_point, of_patient};

/// More findings than any one point, muscle or page of points of a patient has.
const LONGEST_HISTORY: i64 = 5_000;
