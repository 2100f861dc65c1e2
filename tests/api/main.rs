//! The service through its public API, against a real Postgres: each test has a database of its
//! own, and every answer is held to the OpenAPI document.

mod harness;

mod doors;
mod patients;
mod practice;
mod signing_in;
