//! The service through its public API, against a real Postgres: each test has a database of its
//! own, and every answer is held to the `OpenAPI` document.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::needless_pass_by_value,
    reason = "a test stops where an answer is not what it says, and may tell a long story"
)]

mod harness;

mod access;
mod architecture;
mod care;
mod demo;
mod doors;
mod findings;
mod journey;
mod patients;
mod practice;
mod procedures;
mod scheduling;
mod series;
mod signing_in;
mod tables;
mod visits;
mod waitlist;
