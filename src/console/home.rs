//! The first page of each role.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use crate::platform::access::Role;

use super::address;
use super::frame;
use super::session;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("", web::get().to(go_home))
        .route("/", web::get().to(go_home))
        .route("/home", web::get().to(go_home));
}

const fn home_of(role: Role) -> &'static str {
    match role {
        Role::FrontDesk | Role::Provider | Role::Assistant => "/console/desk",
        Role::Admin => "/console/practice",
        Role::Patient => "/console/my-care",
        Role::Auditor => "/console/audit",
    }
}

/// To the page with which the day of a role begins.
pub(crate) async fn go_home(request: HttpRequest) -> HttpResponse {
    let principal = session::signed_in(&request);
    address::go_to(principal.map_or("/console/sign-in", |principal| home_of(principal.role)))
}

/// The answer to an address that is none.
pub(super) async fn nothing_here() -> HttpResponse {
    frame::refused(StatusCode::NOT_FOUND, &Value::Null)
}
