//! Facts about the present request: its id, and how many statements it has sent to the database.

use std::cell::Cell;

use diesel::connection::InstrumentationEvent;
use tokio::task_local;

task_local! {
    static REQUEST_ID: String;
    static STATEMENTS: Cell<u32>;
}

/// Runs `work` as part of the request with this id.
pub(crate) async fn in_request<T>(id: String, work: impl Future<Output = T>) -> T {
    let counted = STATEMENTS.scope(Cell::new(0), work);
    REQUEST_ID.scope(id, counted).await
}

/// The id of the request being worked on; `-` outside of one.
pub(crate) fn request_id() -> String {
    REQUEST_ID
        .try_with(String::clone)
        .unwrap_or_else(|_| "-".to_owned())
}

/// The statements of this request so far, those that begin and end transactions included.
pub(crate) fn statements() -> u32 {
    STATEMENTS.try_with(Cell::get).unwrap_or_default()
}

/// Listens to a connection.
pub(crate) fn observe(event: &InstrumentationEvent<'_>) {
    if matches!(event, InstrumentationEvent::StartQuery { .. }) {
        // Outside of a request there is no count.
        let _ = STATEMENTS.try_with(|count| count.set(count.get().saturating_add(1)));
    }
}
