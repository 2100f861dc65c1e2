//! What is done at the needle: drawing up, the sites, taking back, and saying what was read.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::address::encoded;
use super::context::{Context, Failure};
use super::fields::plain;
use super::form::{Form, integer_of};
use super::needles::{COMPONENTS, lots_at, scanned};
use super::procedure;
use super::texts;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/procedures/{id}/solutions", web::post().to(draw_up))
        .route(
            "/procedures/{id}/solutions/{solution}/void",
            web::post().to(void_solution),
        )
        .route(
            "/procedures/{id}/solutions/{solution}/waste",
            web::post().to(waste),
        )
        .route("/procedures/{id}/drafts", web::post().to(propose))
        .route("/procedures/{id}/sites", web::post().to(inject))
        .route(
            "/procedures/{id}/sites/{site}/void",
            web::post().to(void_site),
        )
        .route("/procedures/{id}/acknowledge", web::post().to(acknowledge))
        .route("/procedures/{id}/override", web::post().to(go_on));
}

async fn draw_up(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let mut components = Vec::new();
    let mut names = Vec::new();
    for index in COMPONENTS {
        let chosen = form.get(&format!("lot_{index}")).map(str::to_owned);
        let chosen = match chosen {
            None if index == 0 && form.has("scan") => scanned_lot(&context, &id, &form).await?,
            chosen => chosen,
        };
        let Some(chosen) = chosen else { continue };
        let mut parts = chosen
            .split('|')
            .map(|part| (!part.is_empty()).then_some(part));
        let mut next = || parts.next().flatten();
        let (lot, drug, strength, unit) = (next(), next(), next(), next());
        names.push(texts::code(drug.unwrap_or_default()));
        components.push(json!({
            "drug_code": drug, "lot_id": lot, "concentration": strength, "concentration_unit": unit,
            "volume_ml": form.text(&format!("volume_{index}")),
        }));
    }
    let body = json!({"label": names.join(" + "), "components": components});
    let path = format!("/procedures/{}/solutions", encoded(&id));
    let drawn = context.post(&path, body, &form).await;
    procedure::finish(&context, &id, form, drawn, ("drawn", "#sites")).await
}

/// The lot that a scanner or a few letters name.
async fn scanned_lot(context: &Context, id: &str, form: &Form) -> Result<Option<String>, Failure> {
    let procedure = context.get(&format!("/procedures/{}", encoded(id))).await?;
    let visit = context
        .get(&format!("/visits/{}", plain(&procedure["visit_id"])))
        .await?;
    let lots = lots_at(context, &plain(&visit["location_id"])).await?;
    let found = scanned(&lots, form.get("scan").unwrap_or_default());
    Ok(found.map(|found| found.value.clone()))
}

/// Records all ticked rows, or none when one of them is refused.
async fn inject(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let mut drafts = Vec::new();
    let mut injections = Vec::new();
    for row in form.all("give") {
        let mut parts = row.splitn(3, '|');
        let (index, kind, of) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let number = |name: &str| {
            form.get(&format!("{name}_{index}"))
                .map_or(Value::Null, integer_of)
        };
        let volume = form
            .get(&format!("volume_{index}"))
            .or_else(|| form.get("volume_all"));
        let mut site = json!({
            "solution_id": form.text("solution_id"), "volume_ml": volume, "aspirated": form.has("aspirated"),
            "needle_gauge": form.integer("needle_gauge"), "needle_length_mm": form.integer("needle_length_mm"),
            "approach": form.text("approach"), "twitch_elicited": form.has(&format!("twitch_{index}")),
            "pain_nrs_before": number("before"), "pain_nrs_after": number("after"),
        });
        if kind == "draft" {
            site["id"] = json!(of);
            drafts.push(site);
        } else {
            site["point_id"] = json!(of);
            injections.push(site);
        }
    }
    let id = id.into_inner();
    let recorded = if drafts.is_empty() {
        let path = format!("/procedures/{}/injections/batch", encoded(&id));
        context
            .post(&path, json!({"injections": injections}), &form)
            .await
    } else {
        let path = format!("/procedures/{}/drafts/confirm", encoded(&id));
        context.post(&path, json!({"drafts": drafts}), &form).await
    };
    procedure::finish(&context, &id, form, recorded, ("recorded", "#sites")).await
}

async fn propose(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let mut body = json!({"from": form.text("from")});
    if form.get("from") == Some("template") {
        let templates = context.list("/procedure-templates").await?;
        let known = templates
            .iter()
            .find(|one| one["kind"] == "botulinum_toxin");
        body["template_code"] = known.map_or(Value::Null, |one| one["code"].clone());
    }
    let path = format!("/procedures/{}/drafts", encoded(&id));
    let proposed = context.post(&path, body, &form).await;
    procedure::finish(&context, &id, form, proposed, ("proposed", "#sites")).await
}

async fn void_site(
    context: Context,
    at: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (id, site) = at.into_inner();
    let path = format!(
        "/procedures/{}/injections/{}/void",
        encoded(&id),
        encoded(&site)
    );
    let voided = context
        .post(&path, json!({"reason": form.text("reason")}), &form)
        .await;
    procedure::finish(&context, &id, form, voided, ("voided", "#sites")).await
}

async fn void_solution(
    context: Context,
    at: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (id, solution) = at.into_inner();
    let path = format!(
        "/procedures/{}/solutions/{}/void",
        encoded(&id),
        encoded(&solution)
    );
    let voided = context
        .post(&path, json!({"reason": form.text("reason")}), &form)
        .await;
    procedure::finish(&context, &id, form, voided, ("voided", "#draw")).await
}

async fn waste(
    context: Context,
    at: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (id, solution) = at.into_inner();
    let body =
        json!({"volume_ml": form.text("volume_ml"), "witnessed_by": form.text("witnessed_by")});
    let path = format!(
        "/procedures/{}/solutions/{}/waste",
        encoded(&id),
        encoded(&solution)
    );
    let wasted = context.post(&path, body, &form).await;
    procedure::finish(&context, &id, form, wasted, ("recorded", "#draw")).await
}

async fn acknowledge(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let body = json!({"check_codes": form.list("check_codes")});
    let path = format!("/procedures/{}/acknowledge", encoded(&id));
    let read = context.post(&path, body, &form).await;
    procedure::finish(&context, &id, form, read, ("read", "#checks")).await
}

async fn go_on(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let body = json!({"check_code": form.text("check_code"), "reason": form.text("reason")});
    let path = format!("/procedures/{}/override", encoded(&id));
    let gone_on = context.post(&path, body, &form).await;
    procedure::finish(&context, &id, form, gone_on, ("read", "#checks")).await
}
