//! Rows and queries of procedures.

mod additions;
mod belongings;
mod conservative_care;
mod drafts;
mod exposures;
mod past;
mod procedure_row;
mod procedures;
mod surroundings;
mod whose;
mod witnesses;
mod written_row;

pub(super) use additions::record_beside_seal;
pub(super) use conservative_care::{last_diary_day, plan_of_day, plans_of};
pub(super) use drafts::{
    dismiss_open_drafts, drafts_of, find_draft, has_open_drafts, insert_drafts, last_completed,
    record_draft,
};
pub(super) use exposures::exposures;
pub(super) use past::{
    DaySite, EarlierSession, FindingsRow, concentrations_last_drawn, earlier_sessions,
    findings_of_points, group_members, last_needled_at, pains_found, sites_around, zone_of_visit,
};
pub(super) use procedures::{
    find_procedure, insert_procedure, lock_procedure, procedures_of_visit, record, visit_is_seen,
    visit_of,
};
pub(super) use surroundings::{PATIENT_OF_PROCEDURE, surroundings};
pub(crate) use whose::{is_procedure_of, procedure_exists, procedures_in_visit};
pub(super) use witnesses::treats_here;
