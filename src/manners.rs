//! The manners of the API that no operation has to think of: HEAD wherever GET is, OPTIONS for every
//! path, a front page that says where to go, and a page for each kind of problem.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde_json::{Value, json};

use crate::platform::problem::{self, Problem};

/// Answers HEAD as GET; the server leaves the body out, because it knows what was asked.
pub(crate) async fn head_as_get(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if *request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Says where to go.
pub(crate) async fn front_page() -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "name": "Tautband",
        "version": env!("CARGO_PKG_VERSION"),
        "documentation": "/docs/",
        "document": "/api/v1/openapi.json",
        "sign_in": "/api/v1/auth/login",
        "health": "/health/ready",
    }))
}

/// The kind of problem that a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kind {
    status: u16,
    title: String,
    /// The operations that can answer it, by their ids.
    operations: Vec<String>,
}

/// A page about one kind of problem: the address that its `type` names.
pub(crate) async fn problem_page(request: HttpRequest) -> HttpResponse {
    static KINDS: OnceLock<BTreeMap<String, Kind>> = OnceLock::new();
    let kinds = KINDS.get_or_init(|| {
        crate::openapi::document().map_or_else(|_| BTreeMap::new(), |document| kinds_in(&document))
    });
    let kind = request.match_info().get("kind").unwrap_or_default();
    match kinds.get(kind) {
        Some(of) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .body(page(kind, of)),
        None => Problem::new(&problem::NOT_FOUND)
            .detail("No operation answers a problem of this kind; /docs lists those that exist.")
            .error_response(),
    }
}

fn page(name: &str, kind: &Kind) -> String {
    let Kind {
        status,
        title,
        operations,
    } = kind;
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <h1>{title}</h1><p>Type <code>/problems/{name}</code>, status {status}.</p>\
         <p>The member <code>detail</code> of the answer says what is wrong and what would be right. \
         Where fields are at fault, <code>errors</code> names each of them by its JSON pointer. \
         Quote <code>instance</code> when you ask for help: it is the id of the request.</p>\
         <p>Operations that can answer it, as <a href=\"/docs/\">the documentation</a> names them:\
         </p><ul>"
    );
    for operation in operations {
        // Writing to a string cannot fail.
        let _ = write!(page, "<li><code>{operation}</code></li>");
    }
    page.push_str("</ul></html>");
    page
}

/// Every kind that the document names, with its status and title.
fn kinds_in(document: &Value) -> BTreeMap<String, Kind> {
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(_, path)| path.as_object().into_iter().flatten());
    for (_, operation) in operations {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let responses = operation["responses"].as_object().into_iter().flatten();
        for (status, response) in responses {
            let reference = response["$ref"]
                .as_str()
                .and_then(|to| to.strip_prefix('#'));
            let shared = reference.and_then(|pointer| document.pointer(pointer));
            let said = shared.unwrap_or(response)["description"].as_str();
            let said = said.unwrap_or_default();
            for (name, title) in named_in(said) {
                let kind = kinds.entry(name).or_insert_with(|| Kind {
                    status: status.parse().unwrap_or_default(),
                    title,
                    operations: Vec::new(),
                });
                kind.operations.push(id.to_owned());
            }
        }
    }
    kinds
}

/// The kinds in a description such as "`/problems/stale-version`: Somebody was faster."
fn named_in(description: &str) -> Vec<(String, String)> {
    let mut named = Vec::new();
    for part in description.split("`/problems/").skip(1) {
        if let Some((name, rest)) = part.split_once("`: ") {
            let title = rest.split(". ").next().unwrap_or(rest);
            named.push((name.to_owned(), title.trim_end_matches('.').to_owned()));
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::named_in;

    #[test]
    fn a_description_names_its_kinds_with_their_titles() {
        let named = named_in("`/problems/a`: One is wrong. `/problems/b`: Two are.");
        let pair = |name: &str, title: &str| (name.to_owned(), title.to_owned());
        assert_eq!(named, [pair("a", "One is wrong"), pair("b", "Two are")]);
    }
}
