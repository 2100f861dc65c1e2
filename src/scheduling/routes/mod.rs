//! Scheduling over HTTP.
use utoipa_actix_web::service_config::ServiceConfig;
pub(crate) fn configure(_: &mut ServiceConfig<'_>) {}
