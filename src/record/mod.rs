//! The record as a whole. This feature reads across all others, so it depends on them and none
//! depends on it.
//!
//! * **Merging.** Two records that turned out to be one person are joined without rewriting a row:
//!   a row keeps the record it was written to, sealed ones above all, and every read by patient
//!   asks for all records of the person. Taking a merge back therefore leaves nothing to repair. The
//!   exclusion constraint covers all bookings of a person; a merge is refused while appointments of
//!   the two records overlap, until the front desk has moved one of them.
//! * **The timeline**: appointments, visits, procedures, follow-ups and assessments in one list,
//!   newest first. The front desk sees what it needs for planning, and no clinical data.
//! * **The export**: everything on record of one patient, for the patient and for those who treat.
//!   The database finds the tables by their patient column, so that no table can be forgotten.

mod close;
mod export;
mod merge;
mod routes;
mod store;
mod timeline;
mod timeline_entry;

pub(crate) use routes::configure;
