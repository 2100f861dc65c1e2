//! Scheduling over HTTP.

mod appointments;
mod attendance;
mod bodies;
mod calendar;
mod holds;
mod series;
mod steps;

use crate::platform::operations::Operations;

use super::waitlist;

pub(super) use bodies::NamedBody;
pub(crate) use bodies::OverrideBody;

/// Adds the operations of scheduling.
pub(crate) fn configure(services: &mut Operations<'_>) {
    calendar::configure(services);
    holds::configure(services);
    appointments::configure(services);
    steps::configure(services);
    series::configure(services);
    waitlist::configure(services);
    attendance::configure(services);
}
