//! Rows and queries of visits.

mod corrections;
mod open_visits;
mod recordings;
mod seals;
mod visit_row;
mod visits;

pub(super) use corrections::{
    has_content, is_active_provider, record_discard, record_hand_over, record_retraction,
};
pub(super) use open_visits::{insert, lock, lock_against_signing, unknown_references};
pub(super) use recordings::{record_note, record_tenderness, record_vitals, record_weight};
pub(super) use seals::{content, insert_addendum, procedures_under_way, record_signature};
pub(super) use visits::{find, find_day, is_discarded, list, of_appointment};
