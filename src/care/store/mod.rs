//! Rows and queries of care.

pub(super) mod assessments;
pub(super) mod diary;
pub(super) mod follow_up_list;
pub(super) mod follow_ups;
pub(super) mod outcomes;
pub(super) mod plans;
pub(super) mod practice_report;
pub(super) mod protocols;
