//! The rules of Tautband: doses, safety checks and billing codes, as pure functions over data.
//!
//! [`safety::assess`] judges a planned procedure against the facts about a patient. [`coding`]
//! derives billing codes from what was done. Both compare exact fractions, never binary floating
//! point, and every figure they compare with is a row of a versioned list that names its source:
//! the JSON files of this crate, read by [`shipped`].
//!
//! The crate knows neither the web nor the database. The service maps its rows and request bodies
//! onto these types.

#![expect(
    missing_docs,
    reason = "a field or function whose name says everything carries no comment"
)]
#![expect(
    clippy::must_use_candidate,
    reason = "every function here is pure, so its result is why it is called"
)]

pub mod checklist;
pub mod coding;
pub mod dose;
pub mod exact;
pub mod expiry;
pub mod formulary;
pub mod kind;
pub mod relief;
pub mod safety;
#[cfg(test)]
mod sample;
pub mod shipped;
pub mod solution;
pub mod template;
pub mod text;
