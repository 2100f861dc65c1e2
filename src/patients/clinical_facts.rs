//! What is clinically known of a patient: allergies, medicines and conditions.
use utoipa_actix_web::service_config::ServiceConfig;
pub(super) fn configure(_: &mut ServiceConfig<'_>) {}
