//! Care over time: plans, follow-ups, the diary, scores, and whether it all helped.
//!
//! Completing a procedure adds the follow-ups of its protocol in the same transaction: a call in the
//! first days for adverse events, a visit after two to four weeks, questionnaires later. A stopped
//! procedure adds the same ones when a needle went in. Each step exists once for a procedure, even
//! when the protocol changes later.
//!
//! Whether a follow-up is due is computed from its window when it is read; no job runs at midnight.
//! An appointment that is made for a follow-up changes it: every step of the appointment updates the
//! follow-up in its own transaction, so that all lists and reports agree.
//!
//! A call asks every question of a screen for adverse events, and a red flag raises an urgent call.
//! A patient who is not reached stays due, and the tries are counted.
//!
//! The diary and the questionnaires belong to the patient, who writes them and sees them beside
//! the procedures. The front desk sees which patients to call and when, and not what they said.

mod adverse_symptom;
mod agree_plan;
mod assessment;
mod book_follow_up;
mod change_protocol;
mod close_follow_up;
mod complete_procedure;
mod course_picture;
mod create_follow_up;
mod diary;
mod diary_periods;
mod diary_table;
mod due_window;
mod enter_assessment;
mod follow_up;
mod follow_up_outcome;
mod follow_up_status;
mod import_diary;
mod instrument;
mod keep_diary;
mod list_follow_ups;
mod list_therapies;
mod listed_follow_up;
mod outcomes;
mod plan;
mod plan_sheet;
mod practice_report;
mod protocol;
mod read_assessments;
mod read_outcomes;
mod read_practice_report;
mod refusals;
mod relief;
mod report_adverse_event;
mod routes;
mod stop_procedure;
mod store;
mod therapy;
mod today;
mod void_procedure;

pub(crate) use close_follow_up::{CancelFollowUp, end_follow_up};
pub(crate) use plan::TreatmentPlanId;
pub(crate) use routes::configure;
pub(crate) use store::plans::active_plans;
