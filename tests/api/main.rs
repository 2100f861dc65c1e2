//! The service through its public API, against a real Postgres: each test has a database of its
//! own, and every answer is held to the OpenAPI document.

mod harness;

mod calendar_feeds;
mod care;
mod clocks;
mod demo;
mod doors;
mod findings;
mod front_desk;
mod journey;
mod patients;
mod practice;
mod procedures;
mod scheduling;
mod signing_in;
mod users;
mod visits;
