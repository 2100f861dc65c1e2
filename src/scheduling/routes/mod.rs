//! Scheduling over HTTP.

mod appointments;
mod attendance;
mod bodies;
mod calendar;
mod holds;
mod steps;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations of scheduling.
pub(crate) fn configure(services: &mut ServiceConfig<'_>) {
    calendar::configure(services);
    holds::configure(services);
    appointments::configure(services);
    steps::configure(services);
    attendance::configure(services);
}
