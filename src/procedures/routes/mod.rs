//! Procedures, lots and their rules over HTTP.

mod bodies;
mod lots;
mod procedures;
mod reference;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use bodies::ProcedureBody;

/// Adds the operations on procedures, lots, the formulary and the rules.
pub(crate) fn configure(services: &mut ServiceConfig<'_>) {
    reference::configure(services);
    lots::configure(services);
    procedures::configure(services);
}
