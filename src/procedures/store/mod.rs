//! Rows and queries of procedures and lots.

mod bedside;
mod belongings;
mod drafts;
mod lots;
mod past;
mod procedures;
mod reconciliation;
mod rule_sets;
mod surroundings;
mod vials;
mod whose;

pub(super) use bedside::{insert_observation, insert_waste, treats_here};
pub(super) use drafts::{
    dismiss_open_drafts, drafts_of, find_draft, has_open_drafts, insert_drafts, last_completed,
    record_draft,
};
pub(super) use lots::{
    Movement, draw_from_lot, exposures, find_lot, insert_lot, insert_movements, lock_lot,
    lots_matching, lots_of_procedure, lots_with_ids, record_lot, zone_of_location,
};
pub(super) use past::{
    EarlierSession, FindingsRow, earlier_sessions, findings_of_points, group_members, pains_found,
    zone_of_visit,
};
pub(super) use procedures::{
    find_procedure, insert_injection, insert_override, insert_procedure, insert_syringe,
    lock_procedure, procedures_of_visit, record_procedure, visit_is_seen, visit_of,
};
pub(super) use reconciliation::lots_with_movements;
pub(super) use rule_sets::{
    find_rule_set, insert_rule_set, rule_sets, rules_in_force, rules_last_in_force,
};
pub(super) use surroundings::{
    NeedledMuscle, PATIENT_OF_PROCEDURE, Surroundings, Vitals, surroundings,
};
pub(super) use vials::{insert_vials, lock_vials, record_vial, vials_of_lot};
pub(crate) use whose::is_procedure_of;
