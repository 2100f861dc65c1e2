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
//! What happened earlier than it is written down names its own time, and the visit says why
//! (`late_entry`). A provider who cannot go on hands an open visit over to a colleague, who signs it then. A
//! visit that was opened by mistake is discarded while nothing lies under it. A signed visit that was
//! entered in error is retracted: it stays readable, sealed and marked, and what lies under it counts
//! nowhere any more.
//!
//! The version of a visit counts what is recorded under it, too, so that a signature is for what its provider
//! has read. The note can be written by who has read the note.
//!
//! Assistants record and never sign. Patients read their visits once they are signed.

mod addendum;
mod check_seal;
mod discard;
mod hand_over;
mod late_entry;
mod note_templates;
mod open;
mod read;
mod record;
mod retract;
mod routes;
mod seal;
mod sign;
mod store;
mod tenderness;
mod visit;
mod vitals;
mod voided;
mod writable;

pub(crate) use late_entry::ClinicalTime;
pub(crate) use read::{Read as ReadVisit, visit_day};
pub(crate) use retract::{Retract, RetractError, Retracting, retract};
pub(crate) use routes::{RetractBody, VisitBody, configure, shown};
pub(crate) use visit::{OpenVisit, Visit, VisitDay, VisitId};
pub(crate) use voided::{ALREADY_VOIDED, Voided};
pub(crate) use writable::{VisitRefused, open_visit};
