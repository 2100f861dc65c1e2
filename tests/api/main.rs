//! The service through its public API, against a real Postgres: each test has a database of its
//! own, and every answer is held to the OpenAPI document.

mod harness;

mod adverse_events;
mod care;
mod demo;
mod doors;
mod drafts;
mod findings;
mod journey;
mod patients;
mod practice;
mod procedures;
mod rule_sets;
mod scheduling;
mod signing_in;
mod stock;
mod visits;
