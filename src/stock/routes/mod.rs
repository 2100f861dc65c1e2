//! Lots and vials over HTTP.

mod lots;
mod reconciliation;
mod vials;

use crate::platform::operations::Operations;

/// Adds the operations on lots and vials.
pub(crate) fn configure(services: &mut Operations<'_>) {
    reconciliation::configure(services);
    vials::configure(services);
    lots::configure(services);
}
