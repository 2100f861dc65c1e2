//! The ground of every feature, which knows nothing of clinics: permission, transactions, audit,
//! problems, versions, retries, lists, time and text.
//!
//! A request passes three doors. Its *role* is checked by [`access::Permit`], an extractor that a
//! handler cannot do without, because only a permit opens a transaction. Its *relation* to a record
//! is checked by the record's own methods. Its *rows* are checked by Postgres.

pub(crate) mod access;
pub(crate) mod audit;
pub(crate) mod blank;
pub(crate) mod client_address;
pub mod clock;
pub(crate) mod csv_or_json;
pub mod database;
pub(crate) mod decimal;
pub(crate) mod edge;
pub mod embedded_postgres;
pub(crate) mod etag;
pub(crate) mod id;
pub(crate) mod idempotency;
pub(crate) mod inconsistent_row;
pub(crate) mod intervals;
pub(crate) mod json;
pub(crate) mod local_time;
mod not_found;
pub(crate) mod operations;
pub(crate) mod outbound;
pub(crate) mod page;
pub(crate) mod pipeline;
pub(crate) mod prepared;
pub(crate) mod problem;
mod problem_type;
pub(crate) mod query;
pub(crate) mod telemetry;
pub(crate) mod text;
pub(crate) mod timestamp;
pub(crate) mod token;
mod token_signature;
pub(crate) mod trail;
mod wording;
