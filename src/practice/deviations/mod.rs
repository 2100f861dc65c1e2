//! To come.
use utoipa_actix_web::service_config::ServiceConfig;
pub(super) fn configure(_: &mut ServiceConfig<'_>) {}
