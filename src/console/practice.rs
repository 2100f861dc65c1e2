//! The practice: from nothing to the first bookable time, then hours, closures and people.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use maud::html;
use serde_json::{Value, json};

use super::address::{self, encoded};
use super::context::{Context, Failure};
use super::fields::{Tried, hidden, plain};
use super::form::Form;
use super::page::Page;
use super::practice_parts;
use super::set_up::SetUp;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/practice", web::get().to(show))
        .route("/practice/{kind}", web::get().to(show_kind))
        .route("/practice/{kind}", web::post().to(add));
}

const TABS: [(&str, &str); 8] = [
    ("locations", "Locations and rooms"),
    ("types", "Appointment types"),
    ("providers", "Providers"),
    ("hours", "Hours"),
    ("closures", "Closures"),
    ("time-off", "Time off"),
    ("users", "People and roles"),
    ("rules", "Rules"),
];

async fn show(context: Context) -> Result<HttpResponse, Failure> {
    let set_up = SetUp::read(&context).await?;
    let practice = context.get("/practice").await?;
    let first = match (set_up.next(), set_up.types.first()) {
        (None, Some(kind)) => {
            let path = format!("/slots?appointment_type_id={}&limit=1", plain(&kind["id"]));
            context.list_if_any(&path).await?.into_iter().next()
        }
        _ => None,
    };
    let body = html! {
        h1 { (plain(&practice["name"])) }
        section.card.next {
            @if let Some(next) = set_up.next() {
                h2 { "To the first bookable time" }
                p { "Four things must be there before somebody can be booked." }
                ol.steps-to { @for (kind, words, is_done) in set_up.steps() {
                    li.finished[is_done] { span.shape aria-hidden="true" { @if is_done { "✓" } @else { "○" } } " " (words) " "
                        @if kind == next { a.button href={ "/console/practice/" (kind) } { "Do this next" } } @else if is_done { span.hidden { "done" } } }
                } }
            } @else {
                h2 { "Ready to be booked" }
                @if let Some(first) = &first { p { "The next free time is " b { (time::day_and_clock(&first["starts_at"])) } "." } }
                @else { p { "No time is free in the next weeks. Look at the hours." } }
                div.actions { a.button href="/console/book" { "Book an appointment" } a.button.quiet href="/console/desk" { "Day board" } }
            }
        }
        div.tiles {
            @for (kind, name) in TABS { a.choice href={ "/console/practice/" (kind) } { span { (name) } small { (summary(kind, &set_up)) } } }
        }
        dl.facts { dt { "Time zone" } dd { (plain(&practice["time_zone"])) } dt { "Short name" } dd { (plain(&practice["slug"])) }
            dt { "A freed time is offered for" } dd { (plain(&practice["waitlist_offer_minutes"])) " minutes" } }
    };
    Ok(Page::new("Practice", "Practice", body).show(&context))
}

fn summary(kind: &str, set_up: &SetUp) -> String {
    let first = |list: &[Value]| {
        let names: Vec<String> = list.iter().take(3).map(|one| plain(&one["name"])).collect();
        let more = list.len().saturating_sub(3);
        if more > 0 {
            format!("{} and {more} more", names.join(", "))
        } else {
            names.join(", ")
        }
    };
    match kind {
        "locations" => first(&set_up.locations),
        "types" => first(&set_up.types),
        "providers" => first(&set_up.providers),
        "hours" => "When each provider is where".to_owned(),
        "closures" => "Days on which nobody is seen".to_owned(),
        "time-off" => "Holidays and illness of providers".to_owned(),
        "users" => "Who may sign in, and as what".to_owned(),
        _ => "The limits behind the checks, with their source".to_owned(),
    }
}

async fn show_kind(context: Context, kind: web::Path<String>) -> Result<HttpResponse, Failure> {
    kind_page(&context, &kind, &Tried::default()).await
}

async fn kind_page(context: &Context, kind: &str, tried: &Tried) -> Result<HttpResponse, Failure> {
    let set_up = SetUp::read(context).await?;
    let name = TABS
        .iter()
        .find(|(known, _)| *known == kind)
        .map(|(_, name)| *name);
    let name = name.ok_or_else(nothing)?;
    let (list, form) = match kind {
        "locations" => practice_parts::locations(context, &set_up, tried),
        "types" => practice_parts::types(&set_up, tried),
        "providers" => practice_parts::providers(&set_up, tried),
        "hours" => practice_parts::hours(context, &set_up, tried).await?,
        "closures" => practice_parts::closures(context, &set_up, tried).await?,
        "time-off" => practice_parts::time_off(context, &set_up, tried).await?,
        "users" => practice_parts::users(context, tried).await?,
        _ => practice_parts::rules(context).await?,
    };
    let body = html! {
        p.crumbs { a href="/console/practice" { "‹ Practice" } }
        h1 { (name) }
        (tried.said())
        @if set_up.next() == Some(kind) { p.copied { "This is the next step to the first bookable time." } }
        (list)
        (form)
    };
    let page = Page::new(name, "Practice", body);
    Ok(page.after(&tried.problem).show(context))
}

fn weekly(form: &Form) -> Value {
    let mut spans = Vec::new();
    for day in form.all("weekday") {
        for (from, to) in [("from_1", "to_1"), ("from_2", "to_2")] {
            if form.has(from) && form.has(to) {
                spans.push(json!({"weekday": day, "from": form.text(from), "to": form.text(to)}));
            }
        }
    }
    Value::Array(spans)
}

fn texts_of(form: &Form, names: &[&str]) -> Value {
    let mut body = json!({});
    for name in names {
        body[*name] = form.text(name);
    }
    body
}

fn type_of(form: &Form) -> Value {
    let mut body = texts_of(form, &["name"]);
    let minutes = [
        "duration_minutes",
        "start_every_minutes",
        "buffer_after_minutes",
        "cancel_cutoff_minutes",
    ];
    for name in minutes {
        body[name] = form.integer(name);
    }
    body["patient_bookable"] = form.yes("patient_bookable");
    body["needs_room"] = form.yes("needs_room");
    body
}

/// Sends a form to the route of its kind.
async fn send(context: &Context, kind: &str, form: &Form) -> Result<Value, Failure> {
    let zone = context.zone();
    let provider = encoded(form.get("provider_id").unwrap_or_default());
    let mut span = json!({
        "starts_at": form.instant("starts_at", zone), "ends_at": form.instant("ends_at", zone),
        "reason": form.text("reason"),
    });
    match kind {
        "locations" => {
            let body = texts_of(form, &["name", "address", "time_zone"]);
            context.post("/locations", body, form).await
        }
        "rooms" => {
            let body = texts_of(form, &["location_id", "name"]);
            context.post("/rooms", body, form).await
        }
        "types" => {
            context
                .post("/appointment-types", type_of(form), form)
                .await
        }
        "providers" => {
            let body = texts_of(form, &["name", "credentials", "npi"]);
            context.post("/providers", body, form).await
        }
        "hours" => {
            let mut body = texts_of(form, &["location_id", "valid_from"]);
            body["weekly"] = weekly(form);
            let path = format!("/providers/{provider}/availability");
            context.put(&path, body, form).await
        }
        "closures" => {
            span["location_id"] = form.text("location_id");
            context.post("/closures", span, form).await
        }
        "time-off" => {
            let path = format!("/providers/{provider}/time-off");
            context.post(&path, span, form).await
        }
        _ => Err(nothing()),
    }
}

fn nothing() -> Failure {
    Failure::Refused {
        status: StatusCode::NOT_FOUND,
        problem: Value::Null,
    }
}

async fn add(
    context: Context,
    kind: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    if kind.as_str() == "users" {
        return invite(&context, form).await;
    }
    let shown = if kind.as_str() == "rooms" {
        "locations"
    } else {
        kind.as_str()
    };
    match send(&context, &kind, &form).await {
        Ok(answer) => {
            let outside = answer["appointments_outside"].as_array();
            if outside.is_some_and(|outside| !outside.is_empty()) {
                return Ok(address::go_back("/console/affected", "affected"));
            }
            // While something is still missing, the way leads back to the list of steps.
            let is_ready = SetUp::read(&context).await?.next().is_none();
            let path = if is_ready {
                format!("/console/practice/{shown}")
            } else {
                "/console/practice".to_owned()
            };
            Ok(address::go_back(&path, "added"))
        }
        Err(failure) => kind_page(&context, shown, &Tried::new(form, failure.problem()?)).await,
    }
}

/// The code goes to the mailbox alone: whoever opens it has shown that the address is theirs.
async fn invite(context: &Context, form: Form) -> Result<HttpResponse, Failure> {
    let body = json!({"email": form.text("email"), "role": form.text("role")});
    match context.post("/invitations", body, &form).await {
        Ok(sent) => {
            let body = html! {
                p.crumbs { a href="/console/practice/users" { "‹ People and roles" } }
                h1 { "Invited" }
                p { "A mail goes to " b { (plain(&sent["email"])) } ". It brings a code, with which they choose a password." }
                (hidden("role", &plain(&sent["role"])))
            };
            Ok(Page::new("Invited", "Practice", body).show(context))
        }
        Err(failure) => kind_page(context, "users", &Tried::new(form, failure.problem()?)).await,
    }
}
