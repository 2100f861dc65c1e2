//! The id of the request, known wherever the request is being worked on.

use tokio::task_local;

task_local! {
    static REQUEST_ID: String;
}

/// Runs `work` as part of the request with this id.
pub(crate) async fn in_request<T>(id: String, work: impl Future<Output = T>) -> T {
    REQUEST_ID.scope(id, work).await
}

/// The id of the request being worked on; `-` outside of one.
pub(crate) fn request_id() -> String {
    REQUEST_ID
        .try_with(String::clone)
        .unwrap_or_else(|_| "-".to_owned())
}
