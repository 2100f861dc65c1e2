//! What tests stand on: one private Postgres for the run, a clinic cloned for each test, clients
//! that are signed in, and answers that are checked against the document as they arrive.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "a clinic has people whom no test has met yet"
)]

mod clinic;
pub mod contract;
mod procedure;
mod relay;
mod server;
mod statements;
mod tls_server;

pub use clinic::*;
pub use procedure::*;
pub use server::{Client, Reply, outside, plain_http, start_on, versions};
pub use tls_server::{Authority, TlsServer};

/// Asserts that a reply is this problem.
#[macro_export]
macro_rules! assert_problem {
    ($reply:expr, $status:literal, $kind:literal) => {{
        let reply = $reply;
        assert_eq!(reply.status, $status, "{}", reply.body);
        assert_eq!(reply.body["type"], $kind, "{}", reply.body);
        reply
    }};
}
