//! A patient's own record: signed visits with the chart, the plan, and how they have fared.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::Value;

use super::address::encoded;
use super::body::{Muscles, sided};
use super::context::{Context, Failure};
use super::fields::plain;
use super::my_care::patient_id;
use super::outcomes;
use super::page::Page;
use super::texts;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/my-care/record", web::get().to(show))
        .route("/my-care/record/{id}", web::get().to(show_visit))
        .route("/my-care/outcomes", web::get().to(show_outcomes));
}

async fn show(context: Context) -> Result<HttpResponse, Failure> {
    let patient_id = patient_id(&context)?;
    let visits = context
        .list(&format!("/visits?patient_id={patient_id}&limit=100"))
        .await?;
    let body = html! {
        h1 { "My visits" }
        @if visits.is_empty() { p.empty { "Nothing here yet. A visit appears once your provider has signed it." } }
        ul.found {
            @for one in &visits {
                li { a href={ "/console/my-care/record/" (plain(&one["id"])) } {
                    b { (time::day_in(&one["started_at"], &plain(&one["time_zone"]))) } small { (plain(&one["provider"]["name"])) } } }
            }
        }
        p { a.button.quiet href="/console/my-care/outcomes" { "How I have been doing" } }
    };
    Ok(Page::new("My visits", "My visits", body).show(&context))
}

const PARTS: [(&str, &str); 4] = [
    ("chief_complaint", "Why you came"),
    ("objective", "What was found"),
    ("assessment", "What it means"),
    ("plan", "What comes next"),
];

async fn show_visit(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let id = encoded(&id);
    let visit = context.get(&format!("/visits/{id}")).await?;
    let points = context
        .list_if_any(&format!("/visits/{id}/trigger-points?limit=200"))
        .await?;
    let procedures = context
        .list_if_any(&format!("/visits/{id}/procedures?limit=50"))
        .await?;
    let muscles = Muscles::read(&context).await?;
    let day = time::day_in(&visit["started_at"], &plain(&visit["time_zone"]));
    let body = html! {
        p.crumbs { a href="/console/my-care/record" { "‹ My visits" } }
        h1 { "Visit of " (day) }
        p.state-line { "With " (plain(&visit["provider"]["name"])) @if !visit["signed_at"].is_null() { " · signed " (time::day_in(&visit["signed_at"], &plain(&visit["time_zone"]))) } }
        section.card.written { @for (name, label) in PARTS { @let text = plain(&visit[name]); @if !text.is_empty() { h2 { (label) } p.prose { (text) } } } }
        @if !points.is_empty() {
            section.card.paper { h2 { "Body chart" }
                img.drawing src={ "/console/visits/" (id) "/chart.svg" } alt="The points of this visit on the body chart. The list below names them.";
                (felt(&points, &muscles))
            }
        }
        (given(&procedures, &muscles))
    };
    Ok(Page::new("A visit", "My visits", body).show(&context))
}

fn felt(points: &[Value], muscles: &Muscles) -> Markup {
    html! {
        ol.points { @for one in points.iter().filter(|one| one["voided"].is_null()) {
            li { div { b { (sided(&muscles.name(&plain(&one["muscle_code"])), &plain(&one["side"]))) } " " span.tag { (texts::code(&plain(&one["classification"]))) } } }
        } }
    }
}

fn given(procedures: &[Value], muscles: &Muscles) -> Markup {
    let done = procedures.iter().filter(|one| one["status"] == "completed");
    html! {
        @for one in done {
            @let sites: Vec<&Value> = one["injections"].as_array().into_iter().flatten().filter(|site| site["voided"].is_null()).collect();
            section.card { h2 { "What was done: " (texts::code(&plain(&one["kind"]))) }
                ol.points { @for site in sites { li { div { (sided(&muscles.name(&plain(&site["muscle_code"])), &plain(&site["side"]))) " " small { (plain(&site["volume_ml"])) " ml" } } } } }
            }
        }
    }
}

async fn show_outcomes(context: Context) -> Result<HttpResponse, Failure> {
    let id = patient_id(&context)?;
    let outcomes = context.get(&format!("/patients/{id}/outcomes")).await?;
    let muscles = Muscles::read(&context).await?;
    let body = html! {
        p.crumbs { a href="/console/my-care/record" { "‹ My visits" } }
        h1 { "How I have been doing" }
        (outcomes::shown(&id, &outcomes, &muscles))
    };
    Ok(Page::new("How I have been doing", "My visits", body).show(&context))
}
