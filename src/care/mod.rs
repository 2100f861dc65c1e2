//! Care over time: plans, follow-ups, the diary, scores, and whether it all helped.
//!
//! Completing a procedure brings the follow-ups of its protocol in the same transaction: a call in
//! the first days for adverse events, a visit after two to four weeks, questionnaires later. Each
//! step exists once, whatever the protocol says afterwards. What is due follows from the window, and
//! nothing is moved by a clock. A procedure that was stopped brings the same where a needle went in. An appointment made for a follow-up moves it: each of its steps
//! writes down what it means, in the same transaction, so that all lists and reports say the same.
//!
//! A call asks every question of a screen for adverse events, and a red flag raises an urgent call.
//! Whoever is not reached stays due, with the tries counted.
//!
//! The diary and the questionnaires belong to the patient, who writes them and sees them beside
//! the procedures. The front desk sees whom to call and when, and nothing of what was said.

mod agree_plan;
mod assess;
mod book_follow_up;
mod change_protocol;
mod close_follow_up;
mod complete_procedure;
mod course_picture;
mod create_follow_up;
mod diary;
mod follow_up;
mod instrument;
mod keep_diary;
mod list_follow_ups;
mod list_therapies;
mod outcomes;
mod plan;
mod plan_sheet;
mod practice_report;
mod protocol;
mod refusals;
mod relief;
mod report_adverse_event;
mod routes;
mod stop_procedure;
mod store;
mod therapy;

pub(crate) use routes::configure;
