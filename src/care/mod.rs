//! To be told.

mod diary;
mod follow_up;
mod instrument;
mod protocol;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations.
pub(crate) fn configure(_: &mut ServiceConfig<'_>) {}
