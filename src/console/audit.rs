//! Who looked at whom, and did what.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};

use super::address::encoded;
use super::context::{Context, Failure};
use super::fields::{plain, table};
use super::form::Form;
use super::page::Page;
use super::texts;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services.route("/audit", web::get().to(show));
}

async fn show(context: Context) -> Result<HttpResponse, Failure> {
    let query = Form::of_query(context.request());
    let mut path = "/audit-events?limit=100".to_owned();
    for name in ["patient_id", "cursor"] {
        if let Some(value) = query.get(name) {
            path.push('&');
            path.push_str(name);
            path.push('=');
            path.push_str(&encoded(value));
        }
    }
    let found = context.get(&path).await?;
    let rows = found["items"].as_array().into_iter().flatten().map(|one| {
        let record = plain(&one["patient_id"]);
        vec![
            html! { (time::day_and_clock_in(&one["at"], context.zone())) },
            html! { (plain(&one["actor"]["display_name"])) " " small { (texts::role(&plain(&one["actor"]["role"]))) } },
            html! { (texts::code(&plain(&one["action"]))) " " small { (texts::code(&plain(&one["resource_type"]))) } },
            html! { @if !record.is_empty() { a href={ "/console/audit?patient_id=" (record) } { "only this record" } } },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let body = html! {
        h1 { "Audit" }
        @if query.has("patient_id") { p { "One record. " a href="/console/audit" { "Show all" } } }
        (table(&["When", "Who", "What", "Record"], &rows, "Nothing is recorded yet."))
        @if let Some(cursor) = found["next_cursor"].as_str() {
            p { a.button.quiet href={ "/console/audit?cursor=" (encoded(cursor)) } { "Earlier" } }
        }
    };
    Ok(Page::new("Audit", "Audit", body).show(&context))
}
