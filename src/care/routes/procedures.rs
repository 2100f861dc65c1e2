//! Completing a procedure over HTTP.

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the completion of procedures.
pub(super) fn configure(_: &mut ServiceConfig<'_>) {}
