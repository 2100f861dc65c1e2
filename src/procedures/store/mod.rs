//! Rows and queries of procedures and lots.

mod lots;
mod past;
mod procedures;

pub(super) use lots::{
    Movement, draw_from_lot, exposures, find_lot, insert_lot, insert_movements, lock_lot,
    lots_matching, lots_of_procedure, lots_with_ids, record_lot, zone_of_location,
};
pub(super) use past::{
    EarlierSession, FindingsRow, VitalsRow, components_before, earlier_sessions,
    findings_of_points, group_members, sites_before, vitals, zone_of_visit,
};
pub(super) use procedures::{
    find_procedure, insert_injection, insert_override, insert_procedure, insert_syringe,
    lock_procedure, procedures_of_visit, record_procedure, visit_is_seen, visit_of,
};
