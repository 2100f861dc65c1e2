//! How a person has fared: the picture, the flags in words, and what each point did.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::Value;

use super::address::encoded;
use super::body::{Muscles, sided};
use super::context::{Context, Failure};
use super::fields::{plain, table};
use super::form::Form;
use super::page::Page;
use super::person::name_of;
use super::texts;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/people/{id}/outcomes", web::get().to(show))
        .route("/people/{id}/outcomes.svg", web::get().to(picture))
        .route("/people/{id}/chart.svg", web::get().to(difference));
}

async fn show(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let id = encoded(&id);
    let person = context.get(&format!("/patients/{id}")).await?;
    let outcomes = context.get(&format!("/patients/{id}/outcomes")).await?;
    let muscles = Muscles::read(&context).await?;
    let body = html! {
        p.crumbs { a href={ "/console/people/" (id) } { "‹ " (name_of(&person)) } }
        h1 { "Outcomes of " (name_of(&person)) }
        (shown(&id, &outcomes, &muscles))
    };
    Ok(Page::new("Outcomes", "People", body).show(&context))
}

/// The outcomes, for staff and for the person themself.
pub(super) fn shown(id: &str, outcomes: &Value, muscles: &Muscles) -> Markup {
    let list = |name: &str| outcomes[name].as_array().cloned().unwrap_or_default();
    let or_dash = |value: &Value| {
        if value.is_null() {
            "–".to_owned()
        } else {
            plain(value)
        }
    };
    let periods = list("periods").into_iter().rev().take(6).map(|one| {
        vec![
            html! { (time::short_date(&one["first_day"])) " – " (time::short_date(&one["last_day"])) },
            html! { @if one["enough_data"] == true { (plain(&one["recorded_days"])) " days" } @else { (plain(&one["recorded_days"])) " days, too few" } },
            html! { (or_dash(&one["headache_days_per_28"])) },
            html! { (or_dash(&one["migraine_days_per_28"])) },
            html! { (or_dash(&one["medication_days_per_28"])) },
            html! { (or_dash(&one["mean_peak_pain_nrs"])) },
        ]
    });
    let periods: Vec<Vec<Markup>> = periods.collect();
    let points = list("points").into_iter().rev().take(20).map(|one| {
        vec![
            html! { (sided(&muscles.name(&plain(&one["muscle_code"])), &plain(&one["side"]))) },
            html! { (time::day(&one["injected_at"])) },
            html! { (or_dash(&one["pain_nrs_before"])) " → " (or_dash(&one["pain_nrs_after"])) },
            html! { @if one["relief_percent"].is_null() { "–" } @else { (plain(&one["relief_percent"])) " %" } },
            html! { @if one["relief_weeks"].is_null() { "–" } @else { (plain(&one["relief_weeks"])) @if one["relief_weeks"] == 1 { " week" } @else { " weeks" } } },
        ]
    });
    let points: Vec<Vec<Markup>> = points.collect();
    let scores = list("scores").into_iter().rev().map(|one| {
        vec![
            html! { (time::short_date(&one["taken_on"])) },
            html! { (texts::code(&plain(&one["instrument"]))) },
            html! { b { (plain(&one["score"])) } },
            html! { (texts::code(&plain(&one["band"]))) },
        ]
    });
    let scores: Vec<Vec<Markup>> = scores.collect();
    html! {
        section.card { (flags(outcomes)) }
        section.card.paper { h2 { "Days with headache and pain, with the treatments" }
            img.drawing src={ "/console/people/" (id) "/outcomes.svg" } alt="Days with headache and pain over time, with the days of treatment. The tables below have the same numbers."; }
        h2 { "By period" } (table(&["Period", "Diary", "Headache days a month", "Migraine days", "Medicine days", "Mean worst pain"], &periods, "The diary is empty. Numbers appear once a few days are written down."))
        h2 { "By point" } (table(&["Point", "Treated", "Pain", "Relief", "Lasted"], &points, "No treated point was followed yet."))
        h2 { "Questionnaires" } (table(&["On", "Questionnaire", "Score", "Means"], &scores, "None was filled in yet."))
    }
}

/// A flag says what to check. It never says that nothing is wrong.
fn flags(outcomes: &Value) -> Markup {
    let flag = |name: &str| match outcomes["flags"][name].as_str() {
        Some("check") => (
            "▲",
            "check",
            "The diary meets the number of days. Check it with the patient.",
        ),
        Some("absent") => (
            "○",
            "not met",
            "The diary does not meet the number of days.",
        ),
        _ => ("?", "not known", "The diary has too few days to say."),
    };
    html! {
        h2 { "What the diary says" }
        dl.facts {
            @for (name, words) in [("medication_overuse", "Medication overuse"), ("chronic_migraine", "Chronic migraine")] {
                @let (shape, word, why) = flag(name);
                dt { (words) } dd { span.tag { (shape) " " (word) } " " small { (why) } }
            }
            @let response = &outcomes["response"];
            @if !response["responder"].is_null() {
                dt { "Response" }
                dd { (plain(&response["baseline_migraine_days_per_28"])) " → " (plain(&response["latest_migraine_days_per_28"])) " migraine days a month: "
                    @if response["responder"] == true { "at least half are gone" } @else { "less than half are gone" } }
            }
        }
    }
}

/// A drawing of a route, handed on.
async fn drawn(context: &Context, path: &str) -> Result<HttpResponse, Failure> {
    let drawing = context.read(path).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .content_type("image/svg+xml")
        .body(drawing.body))
}

async fn picture(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    drawn(
        &context,
        &format!("/patients/{}/outcomes.svg", encoded(&id)),
    )
    .await
}

async fn difference(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let query = Form::of_query(context.request());
    let visit = |name: &str| encoded(query.get(name).unwrap_or_default());
    let (from, to) = (visit("from_visit"), visit("to_visit"));
    let path = format!(
        "/patients/{}/body-chart.svg?from_visit={from}&to_visit={to}",
        encoded(&id)
    );
    drawn(&context, &path).await
}
