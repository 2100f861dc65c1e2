//! Doses that a patient was given elsewhere, as they were told.
//!
//! Botulinum toxin or a steroid of another clinic counts in ceilings and intervals like a dose of this one.
//! What was told is marked as such, with who said so. Where only the month or the year is known, the dose
//! counts from the last day that it can have been, so that no interval is taken for longer than it was.
//! A dose that was entered in error is voided: it stays, marked, and counts nowhere.

mod outside_dose;
mod read_outside_doses;
mod record_outside_dose;
mod routes;
mod store;

pub(crate) use outside_dose::OutsideDose;
pub(crate) use routes::configure;
pub(crate) use store::outside_doses_in_json;
