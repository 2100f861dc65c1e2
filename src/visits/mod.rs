//! Visits: one encounter of a patient with a provider, from arrival to signature.
//!
//! A visit comes from an appointment or from a patient who walks in, and an appointment gives one
//! visit. Notes, vitals and diagnoses are written while it is open. A writer names the version that
//! they read, so that two writers never overwrite each other.
//!
//! The tenderness of eight sites on both sides adds up to the total tenderness score of the visit.
//!
//! The provider of the visit signs it. The signature seals the visit: a SHA-256 over the visit and
//! everything under it, computed from one canonical text that the database writes. After that the
//! database refuses every change, and only addenda can be added. Reading the seal computes it again,
//! so that a copy that was altered outside the service is detected.
//!
//! Assistants record and never sign. Patients read their visits once they are signed.

mod addendum;
mod check_seal;
mod note_templates;
mod open;
mod read;
mod record;
mod routes;
mod seal;
mod sign;
mod store;
mod tenderness;
mod visit;
mod vitals;
mod writable;

pub(crate) use read::{Read as ReadVisit, visit_day};
pub(crate) use routes::configure;
pub(crate) use visit::{OpenVisit, VisitDay, VisitId};
pub(crate) use writable::{VisitRefused, open_visit};
