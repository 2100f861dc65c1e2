//! To come.
use crate::platform::id::id;
use utoipa_actix_web::service_config::ServiceConfig;
id! {
    /// Names one.
    pub(crate) struct LocationId
}
pub(super) fn configure(_: &mut ServiceConfig<'_>) {}
