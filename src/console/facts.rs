//! Allergies, medicines, conditions, alerts and contacts of a person.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::address::{self, encoded};
use super::context::{Context, Failure};
use super::fields::{Field, Tried, hidden, once, plain, version};
use super::form::Form;
use super::page::Page;
use super::texts;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/people/{id}/{kind}", web::post().to(add))
        .route("/people/{id}/{kind}/{fact}/end", web::post().to(end));
}

const CLASSES: [&str; 8] = [
    "anticoagulant",
    "antiplatelet",
    "maoi",
    "tca",
    "systemic_corticosteroid",
    "immunosuppressant",
    "methaemoglobin_inducer",
    "other",
];
const ALLERGENS: [&str; 12] = [
    "la_amide",
    "la_ester",
    "la_any",
    "paraben",
    "benzyl_alcohol",
    "sulfite",
    "benzalkonium",
    "cobalamin_cobalt",
    "botulinum_toxin",
    "latex",
    "chlorhexidine",
    "iodine",
];

/// The lists, each with a form for a new entry.
pub(super) async fn lists(context: &Context, id: &str, tried: &Tried) -> Result<Markup, Failure> {
    let read = async |kind: &str| {
        context
            .list_if_any(&format!("/patients/{id}/{kind}?limit=100"))
            .await
    };
    let allergies = read("allergies").await?;
    let medications = read("medications").await?;
    let conditions = read("conditions").await?;
    let alerts = read("alerts").await?;
    let allergy = |one: &Value| html! { b { (plain(&one["substance"])) } " " (plain(&one["reaction"])) " " span.tag { (texts::code(&plain(&one["severity"]))) } };
    let medicine = |one: &Value| html! { b { (plain(&one["name"])) } " " (plain(&one["dose"])) @if !one["medication_class"].is_null() { " " span.tag { (texts::code(&plain(&one["medication_class"]))) } } };
    let condition = |one: &Value| html! { b { (plain(&one["code"])) } " " (plain(&one["text"])) @if !one["onset_on"].is_null() { " " small { "since " (time::short_date(&one["onset_on"])) } } };
    let alert = |one: &Value| html! { b { (plain(&one["banner"])) } " " (plain(&one["detail"])) " " span.tag { (texts::code(&plain(&one["severity"]))) } };
    let f = |name: &'static str, label: &'static str| Field::new(tried, name, label);
    Ok(html! {
        (tried.said())
        div.split {
            div {
                (list(id, "allergies", "Allergies", &allergies, &allergy, &html! {
                    (f("substance", "Substance").required()) (f("reaction", "Reaction"))
                    (f("severity", "Severity").required().codes(&["mild", "moderate", "severe", "unknown"]))
                    (f("allergen_class", "Class").codes(&ALLERGENS))
                }))
                (list(id, "conditions", "Conditions", &conditions, &condition, &html! {
                    (f("code", "ICD-10 code").required()) (f("text", "In words")) (f("onset_on", "Since").kind("date"))
                }))
            }
            div {
                (list(id, "medications", "Medicines", &medications, &medicine, &html! {
                    (f("name", "Name").required()) (f("dose", "Dose")) (f("medication_class", "Class").codes(&CLASSES))
                }))
                (list(id, "alerts", "Alerts", &alerts, &alert, &html! {
                    (f("banner", "What staff must see at once").required()) (f("detail", "More"))
                    (f("severity", "How grave").required().codes(&["info", "caution", "critical"]))
                }))
            }
        }
    })
}

fn list(
    id: &str,
    kind: &str,
    title: &str,
    facts: &[Value],
    words: &dyn Fn(&Value) -> Markup,
    fields: &Markup,
) -> Markup {
    let is_open = |one: &&Value| one["ended_at"].is_null() && one["resolved_on"].is_null();
    let open: Vec<&Value> = facts.iter().filter(is_open).collect();
    html! {
        section.card {
            h2 { (title) }
            @if open.is_empty() { p.empty { "None is recorded." } }
            ul.rows {
                @for one in open {
                    li { span { (words(one)) }
                        form.act method="post" action={ "/console/people/" (id) "/" (kind) "/" (plain(&one["id"])) "/end" } {
                            (version(one)) button.link { "End" span.hidden { " " (title) " entry" } }
                        } }
                }
            }
            details { summary { "Add" }
                form.stacked method="post" action={ "/console/people/" (id) "/" (kind) } {
                    (once(&Tried::default())) (hidden("kind", kind)) (fields) button { "Add" }
                }
            }
        }
    }
}

fn body_of(kind: &str, form: &Form) -> Value {
    let text = |name: &str| form.text(name);
    match kind {
        "allergies" => {
            json!({"substance": text("substance"), "reaction": text("reaction"), "severity": text("severity"), "allergen_class": text("allergen_class")})
        }
        "medications" => {
            json!({"name": text("name"), "dose": text("dose"), "medication_class": text("medication_class")})
        }
        "conditions" => {
            json!({"code": text("code"), "text": text("text"), "onset_on": text("onset_on")})
        }
        "alerts" => {
            json!({"banner": text("banner"), "detail": text("detail"), "severity": text("severity")})
        }
        _ => {
            json!({"name": text("name"), "relation": text("relation"), "phone": text("phone"), "email": text("email")})
        }
    }
}

fn tab_of(kind: &str) -> &'static str {
    if kind == "contacts" {
        "contacts"
    } else {
        "facts"
    }
}

async fn add(
    context: Context,
    at: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (id, kind) = at.into_inner();
    let path = format!("/patients/{}/{}", encoded(&id), encoded(&kind));
    match context.post(&path, body_of(&kind, &form), &form).await {
        Ok(_) => Ok(address::go_back(
            &format!("/console/people/{id}?tab={}", tab_of(&kind)),
            "added",
        )),
        Err(failure) => refused(&context, &id, &Tried::new(form, failure.problem()?)).await,
    }
}

async fn refused(context: &Context, id: &str, tried: &Tried) -> Result<HttpResponse, Failure> {
    let body = html! {
        p.crumbs { a href={ "/console/people/" (id) } { "‹ Back to the person" } }
        (lists(context, &encoded(id), tried).await?)
    };
    Ok(Page::new("Facts", "People", body)
        .after(&tried.problem)
        .show(context))
}

async fn end(
    context: Context,
    at: web::Path<(String, String, String)>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (id, kind, fact) = at.into_inner();
    let path = format!(
        "/patients/{}/{}/{}",
        encoded(&id),
        encoded(&kind),
        encoded(&fact)
    );
    let body = if kind == "conditions" {
        json!({"resolved_on": time::today(context.now, context.zone())})
    } else {
        json!({"ended_at": context.now})
    };
    match context.patch(&path, body, &form).await {
        Ok(_) => Ok(address::go_back(
            &format!("/console/people/{id}?tab={}", tab_of(&kind)),
            "ended",
        )),
        Err(failure) => refused(&context, &id, &Tried::new(form, failure.problem()?)).await,
    }
}
