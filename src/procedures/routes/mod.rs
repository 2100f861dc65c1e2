//! Procedures, and what they are made of, over HTTP.

mod bedside;
mod before;
mod bodies;
mod checks;
mod claim_bodies;
mod drafts;
mod exposures;
mod needle_bodies;
mod needles;
mod procedures;
mod reference;
mod voids;

use crate::platform::operations::Operations;

pub(crate) use bodies::ProcedureBody;

/// Adds the operations on procedures and the formulary.
pub(crate) fn configure(services: &mut Operations<'_>) {
    reference::configure(services);
    exposures::configure(services);
    procedures::configure(services);
    before::configure(services);
    needles::configure(services);
    checks::configure(services);
    bedside::configure(services);
    drafts::configure(services);
    voids::configure(services);
}
