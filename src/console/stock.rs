//! Stock: lots by expiry, what was taken in, and everybody whom a recall reaches.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use crate::platform::access::Role;

use super::address::{self, encoded};
use super::body::{Muscles, sided};
use super::context::{Context, Failure};
use super::fields::{Field, Tried, named, once, plain, table, version};
use super::form::Form;
use super::page::Page;
use super::texts;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/stock", web::get().to(show))
        .route("/stock", web::post().to(receive))
        .route("/stock/{id}", web::get().to(show_lot))
        .route("/stock/{id}/{verb}", web::post().to(change));
}

const STATES: [&str; 5] = ["available", "quarantined", "recalled", "expired", "empty"];

fn state(status: &str) -> (&'static str, String) {
    let shape = match status {
        "available" => "○",
        "quarantined" => "▲",
        "recalled" => "■",
        "expired" => "✕",
        _ => "∅",
    };
    (shape, texts::code(status))
}

fn may_change(context: &Context) -> bool {
    matches!(context.role(), Role::Admin | Role::Assistant)
}

fn strength(lot: &Value) -> String {
    if lot["strength"].is_null() {
        return String::new();
    }
    format!(
        "{} {}",
        plain(&lot["strength"]),
        texts::unit(&plain(&lot["strength_unit"]))
    )
}

async fn show(context: Context) -> Result<HttpResponse, Failure> {
    list_page(&context, &Tried::default()).await
}

async fn list_page(context: &Context, tried: &Tried) -> Result<HttpResponse, Failure> {
    let query = Form::of_query(context.request());
    let chosen = query.get("status").unwrap_or("available");
    let lots = context
        .list(&format!("/lots?status={}&limit=200", encoded(chosen)))
        .await?;
    let today = time::today(context.now, context.zone());
    let soon = time::later(today, 30).to_string();
    let rows = lots.iter().map(|lot| {
        let (shape, word) = state(lot["status"].as_str().unwrap_or_default());
        let is_soon = plain(&lot["expires_on"]) <= soon;
        vec![
            html! { a href={ "/console/stock/" (plain(&lot["id"])) } { b { (texts::code(&plain(&lot["drug_code"]))) } } " " (strength(lot)) },
            html! { (plain(&lot["lot_number"])) },
            html! { (time::short_date(&lot["expires_on"])) @if is_soon && chosen == "available" { " " span.tag.caution { "▲ soon" } } },
            html! { (plain(&lot["quantity_ml"])) " of " (plain(&lot["received_ml"])) " ml" },
            html! { (texts::code(&plain(&lot["vial_type"]))) },
            html! { span.tag.(plain(&lot["status"])) { (shape) " " (word) } },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let body = html! {
        h1 { "Stock" }
        (tried.said())
        nav.tabs aria-label="States" { @for one in STATES { a href={ "/console/stock?status=" (one) } aria-current=[(one == chosen).then_some("page")] { (texts::code(one)) } } }
        (table(&["Drug", "Lot", "Use until", "Left", "Vials", "State"], &rows, "No lot is in this state."))
        @if may_change(context) {
            details open[!tried.problem.is_null()] { summary { "Take a lot in" } (receive_form(context, tried).await?) }
        }
    };
    let page = Page::new("Stock", "Stock", body);
    Ok(page.after(&tried.problem).show(context))
}

async fn receive_form(context: &Context, tried: &Tried) -> Result<Markup, Failure> {
    let drugs = context.list("/drugs?limit=200").await?;
    let drugs: Vec<(String, String)> = drugs
        .iter()
        .map(|one| (plain(&one["code"]), plain(&one["name"])))
        .collect();
    let locations = named(&context.list("/locations?limit=200").await?);
    let here = locations.first().map_or(Value::Null, |(id, _)| json!(id));
    Ok(html! {
        form.stacked.card method="post" action="/console/stock" { (once(tried))
            div.split { div {
                (Field::new(tried, "drug_code", "Drug").required().choices(drugs))
                (Field::new(tried, "lot_number", "Lot number").required())
                (Field::new(tried, "expires_on", "Use until").required().hint("A day such as 2027-03-31, or a month such as 2027-03."))
                (Field::new(tried, "quantity_ml", "Millilitres in all").kind("number").required())
            } div {
                (Field::new(tried, "strength", "Strength").kind("number"))
                (Field::new(tried, "strength_unit", "Unit of the strength").codes(&["percent", "mg_per_ml", "mcg_per_ml", "units_per_ml"]))
                (Field::new(tried, "vial_type", "Vials").required().codes(&["single_dose", "multi_dose"]))
                (Field::new(tried, "location_id", "Location").required().choices(locations).value(&here))
                (Field::new(tried, "barcode", "Barcode").hint("GS1, as the scanner types it."))
            } }
            button { "Take in" }
        }
    })
}

async fn receive(context: Context, form: Form) -> Result<HttpResponse, Failure> {
    let mut body = json!({});
    for name in [
        "drug_code",
        "lot_number",
        "expires_on",
        "quantity_ml",
        "strength",
        "strength_unit",
        "vial_type",
        "location_id",
        "barcode",
    ] {
        body[name] = form.text(name);
    }
    match context.post("/lots", body, &form).await {
        Ok(_) => Ok(address::go_back("/console/stock", "added")),
        Err(failure) => list_page(&context, &Tried::new(form, failure.problem()?)).await,
    }
}

async fn show_lot(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    lot_page(&context, &id, &Tried::default()).await
}

async fn lot_page(context: &Context, id: &str, tried: &Tried) -> Result<HttpResponse, Failure> {
    let id = encoded(id);
    let lot = context.get(&format!("/lots/{id}")).await?;
    let exposures = context
        .list_if_any(&format!("/lots/{id}/exposures?limit=200"))
        .await?;
    let muscles = Muscles::read(context).await?;
    let rows = exposures.iter().map(|one| {
        let sites = one["sites"].as_array().into_iter().flatten();
        let sites = sites.map(|site| {
            sided(
                &muscles.name(&plain(&site["muscle_code"])),
                &plain(&site["side"]),
            )
        });
        let sites: Vec<String> = sites.collect();
        vec![
            html! { b { (plain(&one["patient"]["name"])) } },
            html! { (time::day_and_clock_in(&one["drawn_at"], context.zone())) },
            html! { (plain(&one["drawn_ml"])) " ml" },
            html! { (sites.join(", ")) },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let (shape, word) = state(lot["status"].as_str().unwrap_or_default());
    let body = html! {
        p.crumbs { a href="/console/stock" { "‹ Stock" } }
        h1 { (texts::code(&plain(&lot["drug_code"]))) " " (strength(&lot)) ", lot " (plain(&lot["lot_number"])) }
        (tried.said())
        p.state-line { span.tag.(plain(&lot["status"])) { (shape) " " (word) } " " (plain(&lot["status_reason"])) " · use until " (time::short_date(&lot["expires_on"]))
            " · " b { (plain(&lot["quantity_ml"])) } " of " (plain(&lot["received_ml"])) " ml left" }
        @if may_change(context) { (acts(&lot)) }
        h2 { "Everybody who was given it" }
        (table(&["Person", "Drawn up", "How much", "Sites"], &rows, "Nobody was given anything from this lot."))
    };
    let page = Page::new("A lot", "Stock", body);
    Ok(page.after(&tried.problem).show(context))
}

fn acts(lot: &Value) -> Markup {
    let path = format!("/console/stock/{}", plain(&lot["id"]));
    let act = |verb: &str, label: &str, why: &str, class: &str| {
        html! { form.row method="post" action={ (path) "/" (verb) } { (version(lot)) input name="reason" required aria-label=(why) placeholder=(why); button.(class) { (label) } } }
    };
    html! {
        section.card { h2 { "Change" }
            @if lot["status"] == "quarantined" { form.act method="post" action={ (path) "/release" } { (version(lot)) button.quiet { "Put back into use" } } }
            @if lot["status"] == "available" { (act("quarantine", "Set aside", "Why it is set aside", "quiet")) }
            @if lot["status"] != "recalled" { (act("recall", "Recall for good", "Why it is recalled", "danger")) }
            form.row method="post" action={ (path) "/adjust" } { (version(lot)) input.volume name="change_ml" inputmode="decimal" required aria-label="Millilitres more or less" placeholder="-0.5"; input name="note" required aria-label="Why the count differs" placeholder="Why the count differs"; button.quiet { "Correct the count" } }
        }
    }
}

async fn change(
    context: Context,
    at: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (id, verb) = at.into_inner();
    let body = match verb.as_str() {
        "adjust" => json!({"change_ml": form.text("change_ml"), "note": form.text("note")}),
        "release" => Value::Null,
        _ => json!({"reason": form.text("reason")}),
    };
    let path = format!("/lots/{}/{}", encoded(&id), encoded(&verb));
    match context.post(&path, body, &form).await {
        Ok(_) => Ok(address::go_back(
            &format!("/console/stock/{}", encoded(&id)),
            "saved",
        )),
        Err(failure) => lot_page(&context, &id, &Tried::new(form, failure.problem()?)).await,
    }
}
