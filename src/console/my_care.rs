//! The first page of a patient: what comes next, what is due, and what was agreed.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::address::{self, encoded};
use super::booking::{self, Search};
use super::context::{Context, Failure};
use super::fields::{Tried, act, hidden, once, plain, radios, table};
use super::form::Form;
use super::page::Page;
use super::texts;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/my-care", web::get().to(show))
        .route("/my-care/diary", web::post().to(keep_diary))
        .route("/my-care/book", web::get().to(show_book))
        .route("/my-care/book", web::post().to(book))
        .route("/my-care/access", web::get().to(show_access));
}

/// The record that the page is about. Who acts for several sees the first.
pub(super) fn patient_id(context: &Context) -> Result<String, Failure> {
    let first = context.principal.patient_ids.first();
    // The pages are those of a patient; others have no record of their own here.
    let refused = || Failure::Refused {
        status: StatusCode::FORBIDDEN,
        problem: Value::Null,
    };
    first.map(ToString::to_string).ok_or_else(refused)
}

async fn show(context: Context) -> Result<HttpResponse, Failure> {
    render(&context, &Tried::default()).await
}

async fn render(context: &Context, tried: &Tried) -> Result<HttpResponse, Failure> {
    let patient_id = patient_id(context)?;
    let appointments = context.list("/me/appointments?limit=200").await?;
    let follow_ups = context.list_if_any("/me/follow-ups?limit=50").await?;
    let plans = context.list_if_any("/me/treatment-plan").await?;
    let waits = context.list_if_any("/waitlist?limit=50").await?;
    let today = time::today(context.now, context.zone());
    let entry = context
        .get_if_any(&format!("/patients/{patient_id}/diary/{today}"))
        .await?;
    let body = html! {
        (tried.said())
        (next_appointments(&appointments, context))
        (offers(&waits))
        (diary(&entry, tried))
        (due(&follow_ups, context))
        (plan(&plans))
    };
    let page = Page::new("My care", "My care", body);
    Ok(page.after(&tried.problem).show(context))
}

fn next_appointments(appointments: &[Value], context: &Context) -> Markup {
    let is_ahead = |one: &&Value| {
        let awaited = matches!(one["status"].as_str(), Some("booked" | "confirmed"));
        awaited && time::minutes_since(&one["starts_at"], context.now) < 0
    };
    let mut ahead: Vec<&Value> = appointments.iter().filter(is_ahead).collect();
    ahead.sort_by_key(|one| plain(&one["starts_at"]));
    html! {
        section.card.next {
            @if let Some((next, rest)) = ahead.split_first() {
                h1 { "Your next appointment" }
                p.big { (time::day(&next["starts_at"])) ", " (time::clock(&next["starts_at"])) }
                p { (plain(&next["appointment_type"]["name"])) " with " (plain(&next["provider"]["name"])) br; (plain(&next["location"]["name"])) }
                div.actions {
                    a.button href={ "/console/appointments/" (plain(&next["id"])) "/move" } { "Move" }
                    a.button.quiet href={ "/console/appointments/" (plain(&next["id"])) "#cancel" } { "See or cancel" }
                }
                @if !rest.is_empty() {
                    h2 { "After that" }
                    ul.plain { @for one in rest { li { a href={ "/console/appointments/" (plain(&one["id"])) } { (time::day_and_clock(&one["starts_at"])) } " " (plain(&one["appointment_type"]["name"])) } } }
                }
            } @else {
                h1 { "No appointment is booked" }
                a.button href="/console/my-care/book" { "Book an appointment" }
            }
        }
    }
}

fn offers(waits: &[Value]) -> Markup {
    html! {
        @for one in waits.iter().filter(|one| !one["offer"].is_null()) {
            @let offer = &one["offer"];
            @let version = plain(&one["version"]);
            @let path = format!("/console/waitlist/{}", plain(&one["id"]));
            section.card.next {
                h2 { "A time became free" }
                p.big { (time::day_and_clock(&offer["starts_at"])) }
                p { "With " (plain(&offer["provider"]["name"])) ". It is kept for you until " (time::day_and_clock(&offer["expires_at"])) "." }
                div.actions {
                    (act(&format!("{path}/accept"), "Take it", "main", &[("version", &version)]))
                    (act(&format!("{path}/decline"), "No, thank you", "quiet", &[("version", &version)]))
                }
            }
        }
    }
}

/// Two taps: was there a headache, and how bad.
fn diary(entry: &Value, tried: &Tried) -> Markup {
    let headache = match entry["headache"].as_bool() {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    let worst = plain(&entry["peak_pain_nrs"]);
    let grades =
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"].map(|grade| (grade, grade));
    html! {
        section.card {
            h2 { "Today’s diary" @if !entry.is_null() { " " span.tag { "✓ kept" } } }
            form method="post" action="/console/my-care/diary" {
                @if entry.is_null() { (once(tried)) } @else { (hidden("version", &plain(&entry["version"]))) }
                (radios("headache", "Did you have a headache today?", &[("no", "No"), ("yes", "Yes")], headache))
                (radios("peak_pain_nrs", "How bad was it at its worst, from 0 to 10?", &grades, &worst))
                button { "Save" }
            }
        }
    }
}

fn due(follow_ups: &[Value], context: &Context) -> Markup {
    let is_open = |one: &&Value| {
        let is_over = matches!(one["status"].as_str(), Some("done" | "cancelled"));
        !is_over && time::minutes_since(&one["due_by"], context.now) < 0
    };
    let open: Vec<&Value> = follow_ups.iter().filter(is_open).collect();
    html! {
        section.card {
            h2 { "What is planned" }
            @if open.is_empty() { p.empty { "Nothing is planned." } }
            ul.plain { @for one in open {
                li { b { (plain(&one["reason"])) } " " span.tag { (texts::code(&plain(&one["kind"]))) } br; small { (time::day(&one["due_from"])) " – " (time::day(&one["due_by"])) } }
            } }
        }
    }
}

fn plan(plans: &[Value]) -> Markup {
    html! {
        @for plan in plans {
            section.card {
                h2 { (plain(&plan["title"])) }
                p { (plain(&plan["summary"])) }
                ul.plain {
                    @for goal in plan["goals"].as_array().into_iter().flatten() { li { "◎ " (plain(&goal["text"])) " " span.tag { (texts::code(&plain(&goal["status"]))) } } }
                    @for activity in plan["activities"].as_array().into_iter().flatten() { li { "• " b { (texts::code(&plain(&activity["therapy_code"]))) } ", " (plain(&activity["frequency"])) " " (plain(&activity["instructions"])) } }
                }
            }
        }
    }
}

/// What a day has beside the two taps.
const KEPT: [&str; 8] = [
    "duration_minutes",
    "features",
    "medications",
    "migraine",
    "note",
    "sleep_hours",
    "stress_nrs",
    "triggers",
];

async fn keep_diary(context: Context, form: Form) -> Result<HttpResponse, Failure> {
    let patient_id = patient_id(&context)?;
    let today = time::today(context.now, context.zone());
    let entry = json!({"headache": form.yes_or_no("headache"), "peak_pain_nrs": form.integer("peak_pain_nrs")});
    let path = format!("/patients/{patient_id}/diary");
    let kept = if form.has("version") {
        // A day that is changed keeps what the two taps do not ask.
        let before = context.get(&format!("{path}/{today}")).await?;
        let mut whole = json!({});
        for member in KEPT {
            whole[member] = before[member].clone();
        }
        whole["headache"] = entry["headache"].clone();
        whole["peak_pain_nrs"] = entry["peak_pain_nrs"].clone();
        context.put(&format!("{path}/{today}"), whole, &form).await
    } else {
        let mut new = entry;
        new["entry_date"] = json!(today);
        context.post(&path, new, &form).await
    };
    match kept {
        Ok(_) => Ok(address::go_back("/console/my-care", "saved")),
        Err(failure) => render(&context, &Tried::new(form, failure.problem()?)).await,
    }
}

async fn show_book(context: Context) -> Result<HttpResponse, Failure> {
    let query = Form::of_query(context.request());
    book_page(&context, &query, &Tried::default()).await
}

async fn book_page(
    context: &Context,
    query: &Form,
    tried: &Tried,
) -> Result<HttpResponse, Failure> {
    let types = context.list("/appointment-types?limit=200").await?;
    let is_open = |one: &&Value| one["active"] == true && one["patient_bookable"] == true;
    let times = if let Some(type_id) = query.get("type_id") {
        let search = Search {
            type_id: type_id.to_owned(),
            patient_id: Some(patient_id(context)?),
            query,
            usual_provider: None,
        };
        let free = booking::free_times(context, &search).await?;
        let fields = html! { (hidden("type_id", type_id)) (once(tried)) };
        html! {
            (booking::filters(context, &search, &[("type_id", type_id)]).await?)
            (booking::time_buttons(&free, "/console/my-care/book", &fields, "Book"))
        }
    } else {
        html! {}
    };
    let body = html! {
        h1 { "Book an appointment" }
        (tried.said())
        div.choices {
            @for one in types.iter().filter(is_open) {
                @let id = plain(&one["id"]);
                a.choice href={ "/console/my-care/book?type_id=" (encoded(&id)) } aria-current=[(query.get("type_id") == Some(&id)).then_some("true")] {
                    span { (plain(&one["name"])) } small { (plain(&one["duration_minutes"])) " minutes" }
                }
            }
        }
        (times)
    };
    Ok(Page::new("Book", "Book", body)
        .after(&tried.problem)
        .show(context))
}

async fn book(context: Context, form: Form) -> Result<HttpResponse, Failure> {
    let mut body = booking::chosen_time(&form);
    body["patient_id"] = json!(patient_id(&context)?);
    body["appointment_type_id"] = form.text("type_id");
    match context.post("/appointments", body, &form).await {
        Ok(_) => Ok(address::go_back("/console/my-care", "booked")),
        Err(failure) => {
            let tried = Tried::new(form.clone(), failure.problem()?);
            book_page(&context, &form, &tried).await
        }
    }
}

async fn show_access(context: Context) -> Result<HttpResponse, Failure> {
    let patient_id = patient_id(&context)?;
    let list = context
        .list(&format!("/patients/{patient_id}/access-log?limit=100"))
        .await?;
    let rows = list.iter().map(|one| {
        vec![
            html! { (time::day_and_clock_in(&one["at"], context.zone())) },
            html! { (plain(&one["actor"]["display_name"])) " " small { (texts::role(&plain(&one["actor"]["role"]))) } },
            html! { (texts::code(&plain(&one["action"]))) },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let body = html! {
        h1 { "Who looked at my record" }
        (table(&["When", "Who", "What"], &rows, "Nobody yet."))
    };
    Ok(Page::new("Who looked", "Who looked", body).show(&context))
}
