//! Scheduling over HTTP.

mod affected;
mod appointments;
mod attendance;
mod bodies;
mod calendar;
mod changes;
mod holds;
mod series;
mod steps;

use crate::platform::operations::Operations;

pub(crate) use bodies::{NamedBody, OverrideBody};

/// Adds the operations of scheduling.
pub(crate) fn configure(services: &mut Operations<'_>) {
    calendar::configure(services);
    holds::configure(services);
    changes::configure(services);
    appointments::configure(services);
    steps::configure(services);
    series::configure(services);
    affected::configure(services);
    attendance::configure(services);
}
