//! Procedures, lots and their rules over HTTP.

mod bedside;
mod bodies;
mod claim_bodies;
mod drafts;
mod lots;
mod procedures;
mod reference;
mod rule_sets;
mod vials;

use crate::platform::operations::Operations;

pub(crate) use bodies::ProcedureBody;

/// Adds the operations on procedures, lots, the formulary and the rules.
pub(crate) fn configure(services: &mut Operations<'_>) {
    reference::configure(services);
    rule_sets::configure(services);
    vials::configure(services);
    lots::configure(services);
    procedures::configure(services);
    bedside::configure(services);
    drafts::configure(services);
    super::adverse_events::configure(services);
}
