//! Addresses of pages, and the answers that send a browser to one.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::http::header;

/// Sends the browser on with a fresh request.
pub(super) fn go_to(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}

/// The same, and the page says what was done.
pub(super) fn go_back(path: &str, done: &str) -> HttpResponse {
    // A part of the page that is named stays at the end.
    let (path, part) = path.split_once('#').unwrap_or((path, ""));
    let part = if part.is_empty() {
        String::new()
    } else {
        format!("#{part}")
    };
    let joint = if path.contains('?') { '&' } else { '?' };
    go_to(&format!("{path}{joint}done={done}{part}"))
}

/// The page to go back to, when it is one of ours.
pub(super) fn own_path<'p>(given: Option<&'p str>, otherwise: &'p str) -> &'p str {
    let is_ours = |path: &&str| {
        let unclear = ["//", "\\", "\r", "\n", "done="];
        path.starts_with("/console/") && !unclear.iter().any(|part| path.contains(part))
    };
    given.filter(is_ours).unwrap_or(otherwise)
}

/// A text as a value in a query.
pub(super) fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    text.bytes().fold(String::new(), |mut written, byte| {
        if is_plain(byte) {
            written.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(written, "%{byte:02X}");
        }
        written
    })
}
