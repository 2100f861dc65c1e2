//! The service through its public API, against a real Postgres: each test has a database of its
//! own, and every answer is held to the OpenAPI document.

mod harness;

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
mod visits;
mod waitlist;
