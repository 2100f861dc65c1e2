//! How many statements a request took, as the line about it in the log says.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Mutex, OnceLock};

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// BEGIN with its settings, the question whether the session holds, COMMIT.
pub const OF_EVERY_TRANSACTION: u64 = 3;

/// Only of requests that a test counts: their ids begin so.
const COUNTED: &str = "counted-";

fn counts() -> &'static Mutex<HashMap<String, u64>> {
    static COUNTS: OnceLock<Mutex<HashMap<String, u64>>> = OnceLock::new();
    COUNTS.get_or_init(Mutex::default)
}

/// The statements of the request with this id.
pub fn of(request_id: &str) -> u64 {
    counts().lock().unwrap()[request_id]
}

/// Reads the log.
pub struct Counts;

#[derive(Default)]
struct Line {
    request_id: String,
    statements: u64,
}

impl Visit for Line {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "statements" {
            self.statements = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "request_id" {
            value.clone_into(&mut self.request_id);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl<S: Subscriber> Layer<S> for Counts {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        if line.request_id.starts_with(COUNTED) {
            counts()
                .lock()
                .unwrap()
                .insert(line.request_id, line.statements);
        }
    }
}
