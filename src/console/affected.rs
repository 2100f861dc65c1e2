//! Work lists of appointments: those that a change has affected, and those of tomorrow that nobody confirmed.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::address::{self, encoded};
use super::context::{Context, Failure};
use super::fields::{Tried, act, once, plain, table};
use super::form::Form;
use super::page::Page;
use super::texts;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/affected", web::get().to(show))
        .route("/affected", web::post().to(work_through))
        .route("/unconfirmed", web::get().to(unconfirmed));
}

async fn show(context: Context) -> Result<HttpResponse, Failure> {
    render(&context, &Tried::default()).await
}

fn telephone(one: &Value) -> Markup {
    let phone = plain(&one["patient"]["phone"]);
    html! { @if phone.is_empty() { span.hint { "no telephone" } } @else { a href={ "tel:" (phone) } { (phone) } } }
}

async fn render(context: &Context, tried: &Tried) -> Result<HttpResponse, Failure> {
    let list = context
        .list("/affected-appointments?status=open&propose=true&limit=200")
        .await?;
    let body = html! {
        h1 { "Affected appointments" }
        p { "What closures, time off and changed hours have left standing. Each stays here until it is moved, cancelled or kept." }
        (tried.said())
        @if list.is_empty() { p.empty { "Nothing is affected. When you close a day or somebody is away, those who were booked appear here, with their telephone numbers." } }
        @else {
            form method="post" action="/console/affected" { (once(tried))
                (table(&["", "When", "Person", "Telephone", "Type", "With", "Because of", ""], &rows(&list), ""))
                div.actions.sticky {
                    label.tick { input type="checkbox" data-all="affected"; " All" }
                    select name="reason_code" aria-label="Reason" { @for one in ["provider_unavailable", "illness", "weather", "other"] { option value=(one) { (texts::code(one)) } } }
                    button name="verb" value="move" { "Move to the proposed time" }
                    button.danger name="verb" value="cancel" { "Cancel the ticked" }
                    button.quiet name="verb" value="keep" { "Keep the ticked as they are" }
                }
            }
        }
    };
    let page = Page::new("Affected", "Affected", body);
    Ok(page.after(&tried.problem).show(context))
}

fn rows(list: &[Value]) -> Vec<Vec<Markup>> {
    let row = |item: &Value| {
        let one = &item["appointment"];
        let proposed = &item["proposed"];
        let name = plain(&one["patient"]["name"]);
        let id = plain(&one["id"]);
        let carried = format!(
            "{id}|{}|{}|{}",
            plain(&proposed["starts_at"]),
            plain(&proposed["provider_id"]),
            plain(&proposed["location_id"])
        );
        vec![
            html! { input type="checkbox" name="item" value=(carried) data-of="affected" aria-label={ "Choose " (name) }; },
            html! { (time::day_and_clock(&one["starts_at"])) @if !proposed.is_null() { br; small { "→ " (time::day_and_clock(&proposed["starts_at"])) } } },
            html! { b { (name) } },
            telephone(one),
            html! { (plain(&one["appointment_type"]["name"])) },
            html! { (plain(&one["provider"]["name"])) },
            html! { span.tag { (texts::code(&plain(&one["affected_by"]))) } },
            html! { a href={ "/console/appointments/" (id) "/move?back=" (encoded("/console/affected")) } { "Other time" } },
        ]
    };
    list.iter().map(row).collect()
}

async fn work_through(context: Context, form: Form) -> Result<HttpResponse, Failure> {
    let verb = form.get("verb").unwrap_or_default().to_owned();
    let ids: Vec<&str> = form
        .all("item")
        .iter()
        .filter_map(|item| item.split('|').next())
        .collect();
    let body = match verb.as_str() {
        "move" => {
            let items = form.all("item");
            let items = items.iter().map(|item| {
                let mut parts = item.split('|');
                let mut next = || parts.next().filter(|part| !part.is_empty());
                json!({"appointment_id": next(), "starts_at": next(), "provider_id": next(), "location_id": next()})
            });
            json!({"items": items.collect::<Vec<Value>>()})
        }
        "keep" => json!({"appointment_ids": ids, "reason": "Kept after a call"}),
        _ => json!({"appointment_ids": ids, "reason_code": form.text("reason_code")}),
    };
    let path = match verb.as_str() {
        "move" => "/affected-appointments/move",
        "keep" => "/affected-appointments/keep",
        _ => "/affected-appointments/cancel",
    };
    match context.post(path, body, &form).await {
        Ok(_) => Ok(address::go_back("/console/affected", "saved")),
        Err(failure) => render(&context, &Tried::new(form, failure.problem()?)).await,
    }
}

/// Those of the next working day whom somebody should call.
async fn unconfirmed(context: Context) -> Result<HttpResponse, Failure> {
    context.works_with_people()?;
    let today = time::today(context.now, context.zone());
    let from = time::midnight(time::later(today, 1), context.zone());
    let until = time::midnight(time::later(today, 4), context.zone());
    let path = format!(
        "/appointments?from={}&to={}&status=booked&limit=200",
        encoded(&from),
        encoded(&until)
    );
    let mut list = context.list(&path).await?;
    list.sort_by_key(|one| plain(&one["starts_at"]));
    let rows = list.iter().map(|one| {
        let id = plain(&one["id"]);
        vec![
            html! { (time::day_and_clock(&one["starts_at"])) },
            html! { a href={ "/console/appointments/" (id) "?back=" (encoded("/console/unconfirmed")) } { b { (plain(&one["patient"]["name"])) } } },
            telephone(one),
            html! { (plain(&one["appointment_type"]["name"])) },
            html! { (plain(&one["provider"]["name"])) },
            html! { (act(&format!("/console/appointments/{id}/confirm"), "Confirm", "small", &[("version", &plain(&one["version"])), ("back", "/console/unconfirmed")])) },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let body = html! {
        h1 { "Unconfirmed, the next three days" }
        (table(&["When", "Person", "Telephone", "Type", "With", ""], &rows, "Everybody of the next three days has confirmed."))
    };
    Ok(Page::new("Unconfirmed", "Unconfirmed", body).show(&context))
}
