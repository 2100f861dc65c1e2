//! Visits over HTTP.

mod corrections;
mod notes;
mod opening;
mod seals;
mod visit_body;
mod visits;
mod vitals;

use crate::platform::operations::Operations;

use super::note_templates;

pub(crate) use corrections::RetractBody;
pub(crate) use visit_body::{VisitBody, shown};

/// Adds the operations on visits.
pub(crate) fn configure(services: &mut Operations<'_>) {
    opening::configure(services);
    visits::configure(services);
    notes::configure(services);
    vitals::configure(services);
    seals::configure(services);
    corrections::configure(services);
    note_templates::configure(services);
}
