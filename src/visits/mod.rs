//! Visits: one encounter of a patient with a provider, from arrival to signature.
//!
//! A visit comes from an appointment or from someone who walks in, and an appointment gives one
//! visit. Notes, vitals and diagnoses are written while it is open, each change against the version
//! its writer has read, so that two editors never overwrite each other.
//!
//! The tenderness of eight sites on both sides adds up to the total tenderness score of the visit.
//!
//! Its own provider signs it. The signature seals it: a SHA-256 over the visit and everything under
//! it, computed by the database from one canonical text. From then on the database itself refuses
//! every change, and an addendum is the only way on. Reading the seal computes it again, so that a
//! copy altered outside the service is found out.
//!
//! Assistants record and never sign. Patients read their visits once they are signed.

mod addendum;
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

pub(crate) use open::{OpenVisit, VisitRefused, open_visit};
pub(crate) use routes::configure;
pub(crate) use visit::VisitId;
