//! One appointment: who, when, what has happened, and what can be done with it.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use crate::platform::access::Role;

use super::address::{self, encoded, own_path};
use super::booking::{self, Search};
use super::context::{Context, Failure};
use super::day_board::steps;
use super::fields::{Field, Tried, hidden, once, plain, version};
use super::form::Form;
use super::page::Page;
use super::texts;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/appointments/{id}", web::get().to(show))
        .route("/appointments/{id}/move", web::get().to(show_move))
        .route("/appointments/{id}/move", web::post().to(move_it))
        .route("/appointments/{id}/cancel", web::post().to(cancel))
        .route("/appointments/{id}/visit", web::post().to(open_visit))
        .route("/appointments/{id}/{step}", web::post().to(step));
}

const CANCEL_REASONS: [&str; 7] = [
    "patient_request",
    "provider_unavailable",
    "illness",
    "weather",
    "duplicate",
    "no_longer_needed",
    "other",
];

fn is_patient(context: &Context) -> bool {
    context.role() == Role::Patient
}

/// Where a page about an appointment leads back to.
fn back_of(context: &Context, form: &Form) -> String {
    let otherwise = if is_patient(context) {
        "/console/my-care"
    } else {
        "/console/desk"
    };
    own_path(form.get("back"), otherwise).to_owned()
}

async fn show(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    render(&context, &id, &Tried::default()).await
}

async fn render(context: &Context, id: &str, tried: &Tried) -> Result<HttpResponse, Failure> {
    let one = context
        .get(&format!("/appointments/{}", encoded(id)))
        .await?;
    let query = if tried.problem.is_null() {
        Form::of_query(context.request())
    } else {
        tried.form.clone()
    };
    let back = back_of(context, &query);
    let patient_id = plain(&one["patient"]["id"]);
    let staff = !is_patient(context);
    let person = if staff {
        context
            .get_if_any(&format!("/patients/{patient_id}"))
            .await?
    } else {
        Value::Null
    };
    let changes = if staff {
        context
            .list_if_any(&format!("/appointments/{}/changes?limit=50", encoded(id)))
            .await?
    } else {
        Vec::new()
    };
    let name = plain(&one["patient"]["name"]);
    let body = html! {
        p.crumbs { a href=(back) { "‹ Back" } }
        (tried.said())
        div.split {
            section { (facts_of(&one, &person)) (buttons(context, &one, &back)) }
            section { (cancel_form(&one, tried, &back)) (history(&changes)) }
        }
    };
    let title = if staff {
        name
    } else {
        "Your appointment".to_owned()
    };
    let place = if staff { "Day board" } else { "My care" };
    Ok(Page::new(&title, place, body)
        .after(&tried.problem)
        .show(context))
}

fn facts_of(one: &Value, person: &Value) -> Markup {
    let (shape, word) = texts::status(one["status"].as_str().unwrap_or_default());
    html! {
        h1 {
            @if person.is_null() { (plain(&one["appointment_type"]["name"])) }
            @else { a href={ "/console/people/" (plain(&one["patient"]["id"])) } { (plain(&one["patient"]["name"])) } }
        }
        p.state-line { span.tag { (shape) " " (word) } " " (time::day(&one["starts_at"])) ", " b { (time::clock(&one["starts_at"])) "–" (time::clock(&one["ends_at"])) } }
        dl.facts {
            dt { "Type" } dd { (plain(&one["appointment_type"]["name"])) }
            dt { "With" } dd { (plain(&one["provider"]["name"])) }
            dt { "Where" } dd { (plain(&one["location"]["name"])) @if !one["room"].is_null() { ", " (plain(&one["room"]["name"])) } }
            @if !person.is_null() {
                dt { "Telephone" } dd { @if person["phone"].is_null() { "none" } @else { a href={ "tel:" (plain(&person["phone"])) } { (plain(&person["phone"])) } } }
                dt { "Born" } dd { (time::short_date(&person["birth_date"])) }
                dt { "Record" } dd { (plain(&person["mrn"])) }
            }
            @if !one["reason"].is_null() { dt { "Reason" } dd { (plain(&one["reason"])) } }
            @if !one["cancellation"].is_null() { dt { "Cancelled" } dd { (texts::code(&plain(&one["cancellation"]["reason_code"]))) " " (plain(&one["cancellation"]["note"])) } }
        }
    }
}

fn allows(one: &Value, wanted: &str) -> bool {
    let allowed = one["allowed"].as_array();
    allowed.is_some_and(|allowed| allowed.iter().any(|act| act == wanted))
}

fn buttons(context: &Context, one: &Value, back: &str) -> Markup {
    let id = plain(&one["id"]);
    let treats = matches!(context.role(), Role::Provider | Role::Assistant);
    let is_here = matches!(
        one["status"].as_str(),
        Some("arrived" | "roomed" | "in_progress" | "completed")
    );
    html! {
        div.actions {
            @if treats && is_here {
                form.act method="post" action={ "/console/appointments/" (id) "/visit" } { (hidden("once", &id)) button { "Open the visit" } }
            }
            @if !is_patient(context) { (steps(one, &format!("/console/appointments/{id}?back={}", encoded(back)), (false, true))) }
            @if allows(one, "reschedule") { a.button.quiet href={ "/console/appointments/" (id) "/move?back=" (encoded(back)) } { "Move" } }
        }
    }
}

fn cancel_form(one: &Value, tried: &Tried, back: &str) -> Markup {
    html! {
        @if allows(one, "cancel") {
            details #cancel open[tried.form.has("reason_code")] {
                summary { "Cancel this appointment" }
                form.stacked method="post" action={ "/console/appointments/" (plain(&one["id"])) "/cancel" } {
                    (version(one)) (hidden("back", back))
                    (Field::new(tried, "reason_code", "Why").codes(&CANCEL_REASONS).value(&json!("patient_request")).required())
                    (Field::new(tried, "note", "Note"))
                    button.danger { "Cancel the appointment" }
                }
            }
        }
    }
}

fn history(changes: &[Value]) -> Markup {
    html! {
        @if !changes.is_empty() {
            h2 { "What happened" }
            ol.history {
                @for change in changes {
                    li {
                        b { (texts::code(&plain(&change["change"]))) } " "
                        small { (time::day_and_clock_in(&change["changed_at"], change["time_zone"].as_str().unwrap_or("UTC"))) }
                        @if !change["reason"].is_null() { " " span { (plain(&change["reason"])) } }
                    }
                }
            }
        }
    }
}

async fn step(
    context: Context,
    at: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (id, step) = at.into_inner();
    let path = format!("/appointments/{}/{}", encoded(&id), encoded(&step));
    let body = if matches!(step.as_str(), "no-show" | "room" | "undo") {
        json!({})
    } else {
        Value::Null
    };
    match context.post(&path, body, &form).await {
        Ok(_) => Ok(address::go_back(&back_of(&context, &form), &step)),
        Err(failure) => {
            let tried = Tried::new(form, failure.problem()?);
            render(&context, &id, &tried).await
        }
    }
}

async fn cancel(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let body = json!({"reason_code": form.text("reason_code"), "note": form.text("note")});
    let path = format!("/appointments/{}/cancel", encoded(&id));
    match context.post(&path, body, &form).await {
        Ok(_) => Ok(address::go_back(&back_of(&context, &form), "cancelled")),
        Err(failure) => {
            let tried = Tried::new(form, failure.problem()?);
            render(&context, &id, &tried).await
        }
    }
}

async fn show_move(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    render_move(&context, &id, &Tried::default()).await
}

async fn render_move(context: &Context, id: &str, tried: &Tried) -> Result<HttpResponse, Failure> {
    let one = context
        .get(&format!("/appointments/{}", encoded(id)))
        .await?;
    let query = Form::of_query(context.request());
    let back = back_of(
        context,
        if tried.problem.is_null() {
            &query
        } else {
            &tried.form
        },
    );
    let search = Search {
        type_id: plain(&one["appointment_type"]["id"]),
        patient_id: Some(plain(&one["patient"]["id"])),
        query: &query,
        usual_provider: Some(plain(&one["provider"]["id"])),
    };
    let free = booking::free_times(context, &search).await?;
    let hidden_fields = html! { (version(&one)) (hidden("back", &back)) (once(tried)) };
    let body = html! {
        p.crumbs { a href={ "/console/appointments/" (id) "?back=" (encoded(&back)) } { "‹ Back" } }
        h1 { "Move " (plain(&one["patient"]["name"])) }
        p { (plain(&one["appointment_type"]["name"])) " with " (plain(&one["provider"]["name"])) ", now " b { (time::day_and_clock(&one["starts_at"])) } }
        (tried.said())
        (booking::filters(context, &search, &[("back", &back)]).await?)
        (booking::time_buttons(&free, &format!("/console/appointments/{id}/move"), &hidden_fields, "Move to"))
    };
    let place = if is_patient(context) {
        "My care"
    } else {
        "Day board"
    };
    Ok(Page::new("Move an appointment", place, body)
        .after(&tried.problem)
        .show(context))
}

async fn move_it(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let body = booking::chosen_time(&form);
    let path = format!("/appointments/{}/reschedule", encoded(&id));
    match context.post(&path, body, &form).await {
        Ok(_) => Ok(address::go_back(&back_of(&context, &form), "moved")),
        Err(failure) => {
            let tried = Tried::new(form, failure.problem()?);
            render_move(&context, &id, &tried).await
        }
    }
}

/// Begins the visit of the appointment, or goes on with the one that is there.
async fn open_visit(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let one = context
        .get(&format!("/appointments/{}", encoded(&id)))
        .await?;
    let path = format!(
        "/visits?patient_id={}&limit=200",
        plain(&one["patient"]["id"])
    );
    let visits = context.list(&path).await?;
    let known = visits
        .iter()
        .find(|visit| visit["appointment_id"] == one["id"]);
    if let Some(visit) = known {
        return Ok(address::go_to(&format!(
            "/console/visits/{}",
            plain(&visit["id"])
        )));
    }
    match context
        .post("/visits", json!({"appointment_id": *id}), &form)
        .await
    {
        Ok(visit) => Ok(address::go_to(&format!(
            "/console/visits/{}",
            plain(&visit["id"])
        ))),
        Err(failure) => {
            let tried = Tried::new(form, failure.problem()?);
            render(&context, &id, &tried).await
        }
    }
}
