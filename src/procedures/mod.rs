//! To be told.

mod kind;

pub(crate) use kind::ProcedureKind;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations.
pub(crate) fn configure(_: &mut ServiceConfig<'_>) {}
