//! Care over HTTP.

mod adverse_events;
mod assessments;
mod blank;
mod diary;
mod follow_up_body;
mod follow_up_outcomes;
mod follow_ups;
mod outcomes;
mod plan_sheet;
mod practice_report;
mod procedures;
mod protocols;
mod treatment_plans;

use crate::platform::operations::Operations;

/// Adds the operations on plans, follow-ups and outcomes.
pub(crate) fn configure(services: &mut Operations<'_>) {
    procedures::configure(services);
    adverse_events::configure(services);
    follow_ups::configure(services);
    follow_up_outcomes::configure(services);
    protocols::configure(services);
    diary::configure(services);
    assessments::configure(services);
    treatment_plans::configure(services);
    plan_sheet::configure(services);
    outcomes::configure(services);
    practice_report::configure(services);
}
