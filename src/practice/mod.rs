//! The practice.
mod hours;
pub(crate) use hours::{
    AvailabilityTemplate, ProviderHours, TemplateFault, TemplateRefused, Weekday, WeeklyWindow, WindowFault,
};

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations.
pub(crate) fn configure(_: &mut ServiceConfig<'_>) {}
