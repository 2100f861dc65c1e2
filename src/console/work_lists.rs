//! The work lists: follow-ups that are due, and the waitlist.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use crate::platform::access::Role;

use super::address::{self, encoded};
use super::context::{Context, Failure};
use super::fields::{Field, Tried, act, plain, table, tick, version};
use super::form::Form;
use super::page::Page;
use super::texts;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/follow-ups", web::get().to(show_follow_ups))
        .route("/follow-ups/{id}", web::get().to(show_follow_up))
        .route("/follow-ups/{id}/{verb}", web::post().to(close))
        .route("/waitlist", web::get().to(show_waitlist))
        .route("/waitlist", web::post().to(join))
        .route("/waitlist/{id}/{verb}", web::post().to(answer));
}

const STATES: [&str; 5] = ["overdue", "due", "upcoming", "booked", "done"];

async fn show_follow_ups(context: Context) -> Result<HttpResponse, Failure> {
    let query = Form::of_query(context.request());
    let chosen = query.get("status").unwrap_or("overdue");
    let list = context
        .list(&format!("/follow-ups?status={}&limit=100", encoded(chosen)))
        .await?;
    let rows = list.iter().map(|one| {
        let id = plain(&one["id"]);
        let version = plain(&one["version"]);
        let open = matches!(chosen, "overdue" | "due" | "upcoming");
        let tried = |label: &str, result: &str| {
            act(&format!("/console/follow-ups/{id}/attempt"), label, "small", &[("version", &version), ("result", result), ("from", chosen)])
        };
        vec![
            html! { @if one["urgent"] == true { span.tag.critical { "■ urgent" } " " } a href={ "/console/people/" (plain(&one["patient"]["id"])) } { b { (plain(&one["patient"]["name"])) } } },
            html! { @if !one["patient"]["phone"].is_null() { a href={ "tel:" (plain(&one["patient"]["phone"])) } { (plain(&one["patient"]["phone"])) } } },
            html! { (texts::code(&plain(&one["kind"]))) },
            html! { (plain(&one["reason"])) },
            html! { "by " (time::day(&one["due_by"])) @if one["attempt_count"].as_i64().unwrap_or_default() > 0 { br; small { (plain(&one["attempt_count"])) " tried, last " (time::day_in(&one["last_attempt_at"], context.zone())) } } },
            html! { div.steps { a.button.small href={ "/console/follow-ups/" (id) } { "Open" }
                @if open && one["kind"] == "call" { (tried("No answer", "no_answer")) (tried("Left message", "left_message")) } } },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let body = html! {
        h1 { "Follow-ups" }
        nav.tabs aria-label="States" {
            @for state in STATES { a href={ "/console/follow-ups?status=" (state) } aria-current=[(state == chosen).then_some("page")] { (texts::code(state)) } }
        }
        (table(&["Person", "Telephone", "Kind", "Why", "When", "Do"], &rows, "Nothing is on this list."))
        @if list.len() == 100 { p.hint { "The first hundred are shown." } }
    };
    Ok(Page::new("Follow-ups", "Follow-ups", body).show(&context))
}

async fn show_follow_up(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    follow_up_page(&context, &id, &Tried::default()).await
}

async fn follow_up_page(
    context: &Context,
    id: &str,
    tried: &Tried,
) -> Result<HttpResponse, Failure> {
    let one = context.get(&format!("/follow-ups/{}", encoded(id))).await?;
    let open = matches!(
        one["status"].as_str(),
        Some("overdue" | "due" | "upcoming" | "booked")
    );
    let treats = matches!(context.role(), Role::Provider | Role::Assistant);
    let body = html! {
        p.crumbs { a href="/console/follow-ups" { "‹ Follow-ups" } }
        h1 { (plain(&one["reason"])) }
        (tried.said())
        div.split {
            section {
                dl.facts {
                    dt { "Person" } dd { a href={ "/console/people/" (plain(&one["patient"]["id"])) } { (plain(&one["patient"]["name"])) } " " (plain(&one["patient"]["phone"])) }
                    dt { "Kind" } dd { (texts::code(&plain(&one["kind"]))) }
                    dt { "When" } dd { (time::day(&one["due_from"])) " – " (time::day(&one["due_by"])) }
                    dt { "State" } dd { span.tag { (texts::code(&plain(&one["status"]))) } }
                    dt { "Tried" } dd { (plain(&one["attempt_count"])) " times" }
                    @if !one["outcome"].is_null() { dt { "Outcome" } dd { (plain(&one["outcome"])) } }
                }
                @if open {
                    div.actions {
                        a.button href={ "/console/book?patient_id=" (plain(&one["patient"]["id"])) } { "Book" }
                        @for (label, result) in [("No answer", "no_answer"), ("Left a message", "left_message"), ("Busy", "busy"), ("Wrong number", "wrong_number")] {
                            (act(&format!("/console/follow-ups/{id}/attempt"), label, "quiet", &[("version", &plain(&one["version"])), ("result", result)]))
                        }
                    }
                }
            }
            @if open && treats {
                section { (outcome_form(&one, id, tried)) }
            }
        }
    };
    Ok(Page::new("Follow-up", "Follow-ups", body)
        .after(&tried.problem)
        .show(context))
}

const SYMPTOMS: [&str; 11] = [
    "chest_pain",
    "breathlessness",
    "fever",
    "weakness",
    "spreading_redness",
    "soreness",
    "bruising",
    "bleeding",
    "dizziness",
    "worse_headache",
    "other",
];

fn outcome_form(one: &Value, id: &str, tried: &Tried) -> Markup {
    html! {
        h2 { "Reached" }
        form.stacked method="post" action={ "/console/follow-ups/" (id) "/complete" } {
            (version(one))
            (Field::new(tried, "outcome", "How it went").kind("textarea").required())
            (Field::new(tried, "relief_percent", "Relief in percent").kind("number"))
            fieldset { legend { "Asked about, and there" }
                @for symptom in SYMPTOMS { (tick("symptom", symptom, &texts::code(symptom), false)) }
            }
            (Field::new(tried, "next_step", "What comes next"))
            button { "Close the follow-up" }
        }
    }
}

async fn close(
    context: Context,
    at: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (id, verb) = at.into_inner();
    let body = match verb.as_str() {
        "attempt" => json!({"result": form.text("result")}),
        "cancel" => json!({"reason": form.text("reason")}),
        _ => {
            let there = form.all("symptom");
            let answers = SYMPTOMS
                .iter()
                .map(|symptom| ((*symptom).to_owned(), json!(there.contains(symptom))));
            let screen: serde_json::Map<String, Value> = answers.collect();
            json!({
                "outcome": form.text("outcome"), "next_step": form.text("next_step"),
                "relief_percent": form.integer("relief_percent"), "adverse_event_screen": screen,
            })
        }
    };
    let path = format!("/follow-ups/{}/{}", encoded(&id), encoded(&verb));
    match context.post(&path, body, &form).await {
        Ok(_) => {
            let list = format!(
                "/console/follow-ups?status={}",
                encoded(form.get("from").unwrap_or("overdue"))
            );
            Ok(address::go_back(
                &list,
                if verb == "attempt" { "tried" } else { "saved" },
            ))
        }
        Err(failure) => follow_up_page(&context, &id, &Tried::new(form, failure.problem()?)).await,
    }
}

async fn show_waitlist(context: Context) -> Result<HttpResponse, Failure> {
    waitlist_page(&context, &Tried::default()).await
}

async fn waitlist_page(context: &Context, tried: &Tried) -> Result<HttpResponse, Failure> {
    let list = context.list("/waitlist?limit=200").await?;
    let is_open = |one: &&Value| matches!(one["status"].as_str(), Some("waiting" | "offered"));
    let rows = list.iter().filter(is_open).map(|one| {
        let id = plain(&one["id"]);
        let version = plain(&one["version"]);
        let offer = &one["offer"];
        let button = |label: &str, verb: &str, class: &str| {
            act(&format!("/console/waitlist/{id}/{verb}"), label, class, &[("version", &version)])
        };
        vec![
            html! { a href={ "/console/people/" (plain(&one["patient"]["id"])) } { b { (plain(&one["patient"]["name"])) } } },
            html! { (plain(&one["appointment_type"]["name"])) },
            html! { (time::day(&one["earliest"])) " – " (time::day(&one["latest"])) },
            html! { @if offer.is_null() { span.tag { "waiting" } } @else { span.tag { "offered" } " " (time::day_and_clock(&offer["starts_at"])) " with " (plain(&offer["provider"]["name"])) br; small { "until " (time::day_and_clock(&offer["expires_at"])) } } },
            html! { div.steps {
                @if !offer.is_null() { (button("Accept", "accept", "small")) (button("Decline", "decline", "small")) }
                (button("Take off", "withdraw", "small"))
            } },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let body = html! {
        div.toolbar { h1 { "Waitlist" } a.button href="/console/book" { "Add somebody" } }
        (tried.said())
        (table(&["Person", "For", "Between", "State", "Do"], &rows, "Nobody waits. A person is put here from the booking page when nothing fits."))
    };
    Ok(Page::new("Waitlist", "Waitlist", body)
        .after(&tried.problem)
        .show(context))
}

async fn join(context: Context, form: Form) -> Result<HttpResponse, Failure> {
    let zone = context.zone().to_owned();
    let body = json!({
        "patient_id": form.text("patient_id"), "appointment_type_id": form.text("appointment_type_id"),
        "earliest": form.instant("earliest", &zone), "latest": form.instant("latest", &zone),
    });
    match context.post("/waitlist", body, &form).await {
        Ok(_) if context.role() == Role::Patient => {
            Ok(address::go_back("/console/my-care", "added"))
        }
        Ok(_) => Ok(address::go_back("/console/waitlist", "added")),
        Err(failure) => waitlist_page(&context, &Tried::new(form, failure.problem()?)).await,
    }
}

async fn answer(
    context: Context,
    at: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (id, verb) = at.into_inner();
    let path = format!("/waitlist/{}/{}", encoded(&id), encoded(&verb));
    let list = if context.role() == Role::Patient {
        "/console/my-care"
    } else {
        "/console/waitlist"
    };
    match context.post(&path, Value::Null, &form).await {
        Ok(_) => {
            let done = match verb.as_str() {
                "accept" => "accepted",
                "decline" => "declined",
                _ => "withdrawn",
            };
            Ok(address::go_back(list, done))
        }
        Err(failure) => waitlist_page(&context, &Tried::new(form, failure.problem()?)).await,
    }
}
