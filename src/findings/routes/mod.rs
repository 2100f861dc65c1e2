//! Findings over HTTP.

mod catalogue;
mod charts;
mod palpations;
mod points;
mod sent_measures;
mod sent_palpation;
mod shown_palpation;

use crate::platform::operations::Operations;

/// Adds the operations on findings.
pub(crate) fn configure(services: &mut Operations<'_>) {
    catalogue::configure(services);
    palpations::configure(services);
    points::configure(services);
    charts::configure(services);
}
