//! A page of somebody who is signed in: the way around and the messages.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::{Markup, html};
use serde_json::Value;

use crate::platform::access::Role;

use super::context::Context;
use super::form::Form;
use super::frame::{document, mark};
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
        let idle = session::idle_lifetime(context.role());
        response
            .content_type("text/html; charset=utf-8")
            .body(document(self.title, practice, (role, Some(idle)), &body).into_string())
    }
}

/// The places that each role goes to.
fn places(role: Role) -> &'static [(&'static str, &'static str)] {
    match role {
        Role::FrontDesk => &[
            ("Day board", "/console/desk"),
            ("Book", "/console/book"),
            ("People", "/console/people"),
            ("Unconfirmed", "/console/unconfirmed"),
            ("Follow-ups", "/console/follow-ups"),
            ("Waitlist", "/console/waitlist"),
            ("Affected", "/console/affected"),
        ],
        Role::Admin => &[
            ("Practice", "/console/practice"),
            ("Day board", "/console/desk"),
            ("Book", "/console/book"),
            ("People", "/console/people"),
            ("Waitlist", "/console/waitlist"),
            ("Affected", "/console/affected"),
            ("Stock", "/console/stock"),
        ],
        Role::Provider | Role::Assistant => &[
            ("Day board", "/console/desk"),
            ("People", "/console/people"),
            ("Book", "/console/book"),
            ("Follow-ups", "/console/follow-ups"),
            ("Stock", "/console/stock"),
        ],
        Role::Patient => &[
            ("My care", "/console/my-care"),
            ("Book", "/console/my-care/book"),
            ("My visits", "/console/my-care/record"),
            ("Who looked", "/console/my-care/access"),
        ],
        Role::Auditor => &[("Audit", "/console/audit"), ("Stock", "/console/stock")],
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
