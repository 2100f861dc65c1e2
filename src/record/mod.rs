//! The record as a whole: what stands above all features because it reads across them.
//!
//! * **Merging.** Two records that turned out to be one person are joined without rewriting a row:
//!   a row keeps the record it was written to, sealed ones above all, and every read by patient
//!   asks for all records of the person. So taking a merge back leaves nothing to repair. What a
//!   person has booked is one under the exclusion constraint; a merge of people who are in two
//!   places at once is refused until the front desk has moved one of the appointments.
//! * **The timeline**: appointments, visits, procedures, follow-ups and assessments in one list,
//!   newest first. The front desk sees what it plans with, and nothing clinical.
//! * **The export**: everything on record of one patient, for the patient and for those who treat.
//!   It asks the database which tables say whose rows they are, so that none can be forgotten.

mod export;
mod merge;
mod routes;
mod store;
mod timeline;

pub(crate) use routes::configure;
