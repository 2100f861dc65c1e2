//! Findings over HTTP.

mod bodies;
mod catalogue;
mod charts;
mod palpations;
mod points;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations on findings.
pub(crate) fn configure(services: &mut ServiceConfig<'_>) {
    catalogue::configure(services);
    palpations::configure(services);
    points::configure(services);
    charts::configure(services);
}
