//! Scheduling over HTTP.

mod appointments;
mod attendance;
mod bodies;
mod calendar;
mod holds;
mod series;
mod steps;

use utoipa_actix_web::service_config::ServiceConfig;

use super::waitlist;

pub(super) use bodies::NamedBody;

/// Adds the operations of scheduling.
pub(crate) fn configure(services: &mut ServiceConfig<'_>) {
    calendar::configure(services);
    holds::configure(services);
    appointments::configure(services);
    steps::configure(services);
    series::configure(services);
    waitlist::configure(services);
    attendance::configure(services);
}
