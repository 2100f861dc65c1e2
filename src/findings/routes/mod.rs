//! Findings over HTTP.

mod bodies;
mod catalogue;
mod charts;
mod palpations;
mod points;

use crate::platform::operations::Operations;

/// Adds the operations on findings.
pub(crate) fn configure(services: &mut Operations<'_>) {
    catalogue::configure(services);
    palpations::configure(services);
    points::configure(services);
    charts::configure(services);
}
