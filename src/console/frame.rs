//! The document around every page, and the pages for who is not signed in or not let in.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::TimeDelta;
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

use super::assets;

/// The whole document.
pub(super) fn document(
    title: &str,
    practice: &str,
    (role, idle): (&str, Option<TimeDelta>),
    body: &Markup,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (practice) }
                link rel="stylesheet" href=(assets::style());
                link rel="icon" href=(assets::icon()) type="image/svg+xml";
                script src=(assets::script()) defer {}
            }
            body.(role) data-idle=[idle.map(|idle| idle.num_minutes())] {
                a.skip href="#main" { "Skip to the page" }
                (body)
            }
        }
    }
}

/// A page for somebody who is not signed in.
pub(super) fn outside(status: StatusCode, title: &str, body: &Markup) -> HttpResponse {
    let body = html! {
        header.top { a.brand href="/console/sign-in" { (mark()) "Tautband" } }
        main #main.narrow tabindex="-1" { (body) }
    };
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .body(document(title, "Tautband", ("outside", None), &body).into_string())
}

pub(super) fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 24 24" aria-hidden="true" {
            path d="M3 15c4-9 6 9 9 0s5-9 9 0" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" {}
            circle cx="12" cy="15" r="2.6" fill="currentColor" {}
        }
    }
}

/// A page in place of what cannot be shown.
pub(super) fn refused(status: StatusCode, problem: &Value) -> HttpResponse {
    let (title, words) = match status {
        StatusCode::FORBIDDEN => (
            "This page is for another role",
            "Your role does not open it. Ask the person who runs the practice if you need it.",
        ),
        StatusCode::NOT_FOUND => (
            "Nothing is here",
            "The page does not exist, or what it shows is not yours to see.",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "Too many requests",
            "Wait a moment, then load the page again.",
        ),
        _ => (
            "This did not work",
            "Load the page again. If it fails again, tell the person who runs the service.",
        ),
    };
    let detail = problem["detail"].as_str().or(problem["title"].as_str());
    let body = html! {
        h1 { (title) }
        p { (words) }
        @if let Some(detail) = detail.filter(|_| status != StatusCode::NOT_FOUND) { p.faint { (detail) } }
        @if let Some(instance) = problem["instance"].as_str() { p.faint { "Request " (instance) } }
        p { a.button href="/console/home" { "Go to your first page" } }
    };
    outside(status, title, &body)
}

/// The answer to a form that another site sent.
pub(super) fn from_elsewhere() -> HttpResponse {
    let body = html! {
        h1 { "This form came from elsewhere" }
        p { "Only pages of this service may send forms to it. Open the page here and send it again." }
        p { a.button href="/console/home" { "Go to your first page" } }
    };
    outside(
        StatusCode::FORBIDDEN,
        "This form came from elsewhere",
        &body,
    )
}
