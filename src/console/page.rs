//! The frame of every page: the way around, the messages, and the headers.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

use crate::platform::access::Role;

use super::assets;
use super::context::Context;
use super::form::Form;
use super::session;
use super::texts;

/// A page that a user sees.
pub(super) struct Page<'p> {
    pub(super) title: &'p str,
    /// The place of the navigation that it belongs to.
    pub(super) place: &'p str,
    pub(super) status: StatusCode,
    pub(super) body: Markup,
}

impl<'p> Page<'p> {
    pub(super) const fn new(title: &'p str, place: &'p str, body: Markup) -> Self {
        Self {
            title,
            place,
            status: StatusCode::OK,
            body,
        }
    }

    /// With the status of a refusal, when there is one.
    pub(super) fn after(mut self, problem: &Value) -> Self {
        let status = problem["status"].as_u64();
        let status = status.and_then(|status| u16::try_from(status).ok());
        if let Some(status) = status.and_then(|status| StatusCode::from_u16(status).ok()) {
            self.status = status;
        }
        self
    }

    /// The answer, which also lets the user stay signed in.
    pub(super) fn show(self, context: &Context) -> HttpResponse {
        let done = Form::of_query(context.request());
        let done = done.get("done").and_then(texts::done);
        let body = html! {
            (header_of(context, self.place))
            main #main tabindex="-1" {
                div #said.said role="status" aria-live="polite" {
                    @if let Some(done) = done { p.done { (done) } }
                }
                (self.body)
            }
        };
        let mut response = HttpResponse::build(self.status);
        if let Some(ticket) = session::ticket(context.request(), &context.principal) {
            response.cookie(ticket);
        }
        let practice = context.me["practice"]["name"].as_str().unwrap_or_default();
        let role = context.role().as_str();
        response
            .content_type("text/html; charset=utf-8")
            .body(document(self.title, practice, role, &body).into_string())
    }
}

/// The whole document.
fn document(title: &str, practice: &str, role: &str, body: &Markup) -> Markup {
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
            body.(role) {
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
        .body(document(title, "Tautband", "outside", &body).into_string())
}

/// The places that each role goes to.
fn places(role: Role) -> &'static [(&'static str, &'static str)] {
    match role {
        Role::Admin | Role::FrontDesk => &[
            ("Day board", "/console/desk"),
            ("Book", "/console/book"),
            ("People", "/console/people"),
            ("Follow-ups", "/console/follow-ups"),
            ("Waitlist", "/console/waitlist"),
        ],
        Role::Provider | Role::Assistant => &[
            ("Day board", "/console/desk"),
            ("People", "/console/people"),
            ("Book", "/console/book"),
            ("Follow-ups", "/console/follow-ups"),
        ],
        Role::Patient => &[
            ("My care", "/console/my-care"),
            ("Book", "/console/my-care/book"),
            ("Who looked", "/console/my-care/access"),
        ],
        Role::Auditor => &[("Audit", "/console/audit")],
    }
}

fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 24 24" aria-hidden="true" {
            path d="M3 15c4-9 6 9 9 0s5-9 9 0" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" {}
            circle cx="12" cy="15" r="2.6" fill="currentColor" {}
        }
    }
}

fn header_of(context: &Context, place: &str) -> Markup {
    let me = &context.me;
    let role = context.role();
    let searches = !matches!(role, Role::Patient | Role::Auditor);
    html! {
        header.top {
            a.brand href="/console/home" { (mark()) (me["practice"]["name"].as_str().unwrap_or_default()) }
            nav aria-label="Main" {
                @for (name, path) in places(role) {
                    a href=(path) aria-current=[(*name == place).then_some("page")] { (name) }
                }
            }
            @if searches {
                form.search method="post" action="/console/people" role="search" {
                    label.hidden for="find" { "Find a person" }
                    input #find type="search" name="text" placeholder="Find a person  /" autocomplete="off";
                }
            }
            form.me method="post" action="/console/sign-out" {
                span { (me["display_name"].as_str().unwrap_or_default()) small { (texts::role(role.as_str())) } }
                button.quiet { "Sign out" }
            }
        }
    }
}

/// Sends the browser on with a fresh request.
pub(super) fn go_to(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}

/// The same, and the page says what was done.
pub(super) fn go_back(path: &str, done: &str) -> HttpResponse {
    let joint = if path.contains('?') { '&' } else { '?' };
    go_to(&format!("{path}{joint}done={done}"))
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
