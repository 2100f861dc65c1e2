//! Rows and queries of procedures.

mod bedside;
mod belongings;
mod drafts;
mod exposures;
mod past;
mod procedures;
mod surroundings;
mod whose;

pub(super) use bedside::{insert_observation, insert_waste, treats_here};
pub(super) use drafts::{
    dismiss_open_drafts, drafts_of, find_draft, has_open_drafts, insert_drafts, last_completed,
    record_draft,
};
pub(super) use exposures::exposures;
pub(super) use past::{
    EarlierSession, FindingsRow, earlier_sessions, findings_of_points, group_members, pains_found,
    zone_of_visit,
};
pub(super) use procedures::{
    find_procedure, insert_injection, insert_override, insert_procedure, insert_syringe,
    lock_procedure, procedures_of_visit, record_procedure, visit_is_seen, visit_of,
};
pub(super) use surroundings::{
    NeedledMuscle, PATIENT_OF_PROCEDURE, Surroundings, Vitals, surroundings,
};
pub(crate) use whose::{is_procedure_of, procedure_exists};
