//! A visit: the chart beside the note, what was found, what was done, and the signature.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use crate::platform::access::Role;

use super::address::{self, encoded};
use super::body;
use super::context::{Context, Failure};
use super::fields::{Field, Tried, hidden, once, plain, version_of};
use super::form::Form;
use super::page::Page;
use super::person;
use super::points::{self, Asked};
use super::texts;
use super::time;
use super::visit_seen::Seen;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/visits/{id}", web::get().to(show))
        .route("/visits/{id}/note", web::post().to(save_note))
        .route("/visits/{id}/draft", web::post().to(draft_note))
        .route("/visits/{id}/vitals", web::post().to(save_vitals))
        .route("/visits/{id}/procedures", web::post().to(plan_procedure))
        .route("/visits/{id}/sign", web::post().to(sign))
        .route("/visits/{id}/addenda", web::post().to(add))
        .route("/visits/{id}/discard", web::post().to(discard))
        .route("/visits/{id}/chart.svg", web::get().to(chart));
}

async fn show(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    render(&context, &id, &Tried::default(), None).await
}

/// The page. `asked` is the place that was clicked on or the muscle that was typed.
pub(super) async fn render(
    context: &Context,
    id: &str,
    tried: &Tried,
    asked: Option<Asked>,
) -> Result<HttpResponse, Failure> {
    let seen = Seen::read(context, id).await?;
    let query = Form::of_query(context.request());
    let view = asked.as_ref().and_then(|asked| asked.view(&seen));
    let view = view.or_else(|| query.get("view").map(str::to_owned));
    let view = view.unwrap_or_else(|| seen.usual_view());
    let left = html! {
        section.card #chart { (chart_part(context, &seen, &view, tried, asked.as_ref()).await?) }
        section.card { (points::listed(&seen)) }
    };
    let right = html! {
        section.card { (procedures(&seen, tried)) }
        (note_part(context, &seen, tried).await?)
        section.card { (vitals(&seen, tried)) }
        (ending(context, &seen, tried))
    };
    let body = html! {
        (person::banner(context, &seen.person, &seen.alerts))
        (heading(&seen))
        (tried.said())
        div.visit { div { (left) } div { (right) } }
    };
    let title = format!("Visit of {}", person::name_of(&seen.person));
    let page = Page::new(&title, "Day board", body);
    Ok(page.after(&tried.problem).show(context))
}

fn heading(seen: &Seen) -> Markup {
    let visit = &seen.visit;
    let status = plain(&visit["status"]);
    html! {
        p.state-line {
            span.tag.(status) { (texts::code(&status)) } " Visit of "
            (time::day_and_clock_in(&visit["started_at"], &plain(&visit["time_zone"]))) " with " (plain(&visit["provider"]["name"]))
            " · " a href={ "/console/people/" (plain(&visit["patient_id"])) } { "the whole record" }
            " · " a href={ "/console/people/" (plain(&visit["patient_id"])) "/outcomes" } { "outcomes" }
        }
        @if !visit["signed_at"].is_null() {
            p.done { "Signed " (time::day_and_clock_in(&visit["signed_at"], &plain(&visit["time_zone"]))) ". Seal " code { (plain(&visit["content_sha256"]).chars().take(12).collect::<String>()) } }
        }
    }
}

async fn chart_part(
    context: &Context,
    seen: &Seen,
    view: &str,
    tried: &Tried,
    asked: Option<&Asked>,
) -> Result<Markup, Failure> {
    let count = |view: &str| seen.found.iter().filter(|one| one["view"] == view).count();
    let place = format!("/console/visits/{}/place", seen.id());
    let action = seen.is_open().then_some(place.as_str());
    let chosen = asked.and_then(|asked| asked.place(seen));
    Ok(html! {
        h2 { "Body chart" }
        @if seen.is_open() {
            form.inline.typed method="post" action=(place) {
                label for="muscle" { "Type a muscle, or click on the chart" }
                div.row {
                    input #muscle name="muscle" list="muscles" autocomplete="off" autofocus[asked.is_none() && tried.problem.is_null()] placeholder="tra u l = left upper trapezius";
                    button.quiet { "Find" }
                }
                datalist #muscles { @for name in seen.muscles.all_names() { option value=(name) {} } }
            }
        }
        (body::views(view, count))
        (body::canvas(view, &seen.marks(), chosen, action))
        p.legend.hint { span.key.active {} " active " span.key.latent {} " latent " span.key.ghost {} " felt before, not yet today. L and R are the patient’s own sides." }
        @if seen.is_open() {
            @if let Some(asked) = asked { (points::form(context, seen, asked, tried).await?) }
        }
    })
}

const PARTS: [(&str, &str); 5] = [
    ("chief_complaint", "Why the patient comes"),
    ("subjective", "What the patient says"),
    ("objective", "What was found"),
    ("assessment", "Assessment"),
    ("plan", "Plan"),
];

/// The tries of one form of a page with several: the others show what is saved.
pub(super) fn tries<'t>(tried: &'t Tried, none: &'t Tried, form: &str) -> &'t Tried {
    if tried.form.get("form") == Some(form) {
        tried
    } else {
        none
    }
}

fn diagnoses(visit: &Value) -> String {
    let all = visit["diagnoses"].as_array().into_iter().flatten();
    let lines = all.map(|one| format!("{} {}", plain(&one["code"]), plain(&one["text"])));
    lines.collect::<Vec<String>>().join("\n")
}

async fn note_part(context: &Context, seen: &Seen, tried: &Tried) -> Result<Markup, Failure> {
    let visit = &seen.visit;
    let none = Tried::default();
    let tried = tries(tried, &none, "note");
    if !seen.is_open() {
        return Ok(html! {
            section.card.written {
                h2 { "Note" }
                @for (name, label) in PARTS {
                    @let text = plain(&visit[name]);
                    @if !text.is_empty() { h3 { (label) } p.prose { (text) } }
                }
                @if visit["diagnoses"].as_array().is_some_and(|all| !all.is_empty()) { h3 { "Diagnoses" } p.prose { (diagnoses(visit)) } }
                @for one in visit["addenda"].as_array().into_iter().flatten() {
                    h3 { "Added " (time::day_and_clock_in(&one["written_at"], &plain(&visit["time_zone"]))) } p.prose { (plain(&one["text"])) }
                }
            }
        });
    }
    let templates = context.list_if_any("/note-templates?limit=50").await?;
    let action = format!("/console/visits/{}/note", seen.id());
    Ok(html! {
        section.card {
            div.toolbar { h2 { "Note" } span.saved role="status" data-saved="" { "Saves itself while you write" } }
            @if !templates.is_empty() {
                form.row.small-form method="post" action={ "/console/visits/" (seen.id()) "/draft" } {
                    (version_of("visit", visit))
                    label.hidden for="template_id" { "Template" }
                    select #template_id name="template_id" { @for one in &templates { option value=(plain(&one["id"])) { (plain(&one["name"])) } } }
                    button.quiet { "Begin from template" }
                }
            }
            form.note method="post" action=(action) data-autosave="" {
                (version_of("visit", visit)) (hidden("form", "note"))
                @for (name, label) in PARTS { (Field::new(tried, name, label).kind("textarea").value(&visit[name])) }
                (Field::new(tried, "diagnoses", "Diagnoses").kind("textarea").value(&json!(diagnoses(visit))).hint("One a line: the ICD-10 code, then words."))
                button { "Save the note" }
            }
        }
    })
}

/// The note as the form has it. An emptied part is taken away.
fn note_of(form: &Form) -> Value {
    let mut body = json!({});
    for (name, _) in PARTS {
        body[name] = form.text_or_nothing(name);
    }
    let lines = form.get("diagnoses").unwrap_or_default().lines();
    let lines = lines.map(str::trim).filter(|line| !line.is_empty());
    let diagnoses = lines.map(|line| {
        let (code, text) = line.split_once(' ').unwrap_or((line, ""));
        json!({"code": code, "text": text.trim()})
    });
    body["diagnoses"] = diagnoses.collect();
    body
}

async fn save_note(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let path = format!("/visits/{}", encoded(&id));
    let saved = context.patch(&path, note_of(&form), &form).await;
    finish(&context, &id, form, saved, "saved").await
}

/// Back to the visit, or the visit with what was wrong.
pub(super) async fn finish(
    context: &Context,
    id: &str,
    form: Form,
    answered: Result<Value, Failure>,
    done: &str,
) -> Result<HttpResponse, Failure> {
    match answered {
        Ok(_) => Ok(address::go_back(
            &format!("/console/visits/{}", encoded(id)),
            done,
        )),
        Err(failure) => {
            let tried = Tried::new(form, failure.problem()?);
            render(context, id, &tried, None).await
        }
    }
}

async fn draft_note(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let path = format!("/visits/{}/note-draft", encoded(&id));
    let template = json!({"template_id": form.text("template_id")});
    let drafted = match context.post(&path, template, &Form::default()).await {
        Ok(draft) => {
            // What stands already stays; the template fills what is empty.
            let visit = context.get(&format!("/visits/{}", encoded(&id))).await?;
            let mut body = json!({});
            for (name, _) in PARTS {
                if visit[name].is_null() && !draft[name].is_null() {
                    body[name] = draft[name].clone();
                }
            }
            context
                .patch(&format!("/visits/{}", encoded(&id)), body, &form)
                .await
        }
        refused => refused,
    };
    finish(&context, &id, form, drafted, "drafted").await
}

const VITALS: [(&str, &str); 7] = [
    ("weight_kg", "Weight, kg"),
    ("height_cm", "Height, cm"),
    ("systolic_mmhg", "Systolic, mmHg"),
    ("diastolic_mmhg", "Diastolic, mmHg"),
    ("heart_rate_bpm", "Pulse, per minute"),
    ("spo2_percent", "Oxygen, %"),
    ("temperature_c", "Temperature, °C"),
];

fn vitals(seen: &Seen, tried: &Tried) -> Markup {
    let now = &seen.visit["vitals"];
    let none = Tried::default();
    let tried = tries(tried, &none, "vitals");
    html! {
        h2 { "Vitals" }
        @if seen.is_open() {
            form.vitals method="post" action={ "/console/visits/" (seen.id()) "/vitals" } {
                (version_of("visit", &seen.visit)) (hidden("form", "vitals"))
                @for (name, label) in VITALS { (Field::new(tried, name, label).kind("number").value(&now[name])) }
                button.quiet { "Save the vitals" }
            }
        } @else {
            dl.facts { @for (name, label) in VITALS { @if !now[name].is_null() { dt { (label) } dd { (plain(&now[name])) } } } }
            @if now.is_null() { p.hint { "None were taken." } }
        }
    }
}

async fn save_vitals(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let mut body = json!({});
    for (name, _) in VITALS {
        body[name] = match name {
            "weight_kg" | "height_cm" | "temperature_c" => form.text(name),
            _ => form.integer(name),
        };
    }
    let path = format!("/visits/{}/vitals", encoded(&id));
    let saved = context.put(&path, body, &form).await;
    finish(&context, &id, form, saved, "saved").await
}

const KINDS: [(&str, &str); 3] = [
    ("trigger_point_injection", "Inject trigger points"),
    ("botulinum_toxin", "Botulinum toxin"),
    ("dry_needling", "Dry needling"),
];

fn procedures(seen: &Seen, tried: &Tried) -> Markup {
    let codes = seen.visit["diagnoses"].as_array().into_iter().flatten();
    let codes: Vec<String> = codes.map(|one| plain(&one["code"])).collect();
    let none = Tried::default();
    let again = tries(tried, &none, "procedure");
    html! {
        h2 { "Procedures" }
        @if seen.procedures.is_empty() { p.hint { "None yet." @if seen.is_open() { " Mark the points first; they become the sites." } } }
        ul.rows {
            @for one in &seen.procedures {
                @let status = plain(&one["status"]);
                li { span { b { (texts::code(&plain(&one["kind"]))) } " " span.tag.(status) { (texts::code(&status)) } }
                    a.button.quiet href={ "/console/procedures/" (plain(&one["id"])) } { @if status == "planned" || status == "in_progress" { "Go on" } @else { "See" } } }
            }
        }
        @if seen.is_open() {
            details open[seen.procedures.is_empty()] { summary { "Plan a procedure" }
                form method="post" action={ "/console/visits/" (seen.id()) "/procedures" } {
                    (once(tried)) (hidden("form", "procedure"))
                    (Field::new(again, "indication_codes", "For which diagnoses").value(&json!(codes.join(" "))).required().hint("ICD-10 codes, such as G44.209 M79.18"))
                    div.actions { @for (kind, words) in KINDS { button.quiet name="kind" value=(kind) { (words) } } }
                }
            }
        }
    }
}

async fn plan_procedure(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let codes = form.get("indication_codes").unwrap_or_default();
    let codes: Vec<&str> = codes
        .split([' ', ',', ';'])
        .filter(|code| !code.is_empty())
        .collect();
    let body = json!({"kind": form.text("kind"), "indication_codes": codes});
    let path = format!("/visits/{}/procedures", encoded(&id));
    match context.post(&path, body, &form).await {
        Ok(planned) => Ok(address::go_to(&format!(
            "/console/procedures/{}",
            plain(&planned["id"])
        ))),
        refused => finish(&context, &id, form, refused, "added").await,
    }
}

fn ending(context: &Context, seen: &Seen, tried: &Tried) -> Markup {
    let id = seen.id();
    let visit = &seen.visit;
    let is_own = context.provider_id() == Some(plain(&visit["provider_id"]));
    html! {
        @if seen.is_open() && context.role() == Role::Provider && is_own {
            section.card.sign {
                h2 { "Sign" }
                p { "Signing seals note, points and procedures. Afterwards they can only be added to." }
                form.act method="post" action={ "/console/visits/" (id) "/sign" } { (version_of("visit", visit)) (hidden("form", "sign")) button { "Sign and seal the visit" } }
            }
        }
        @if seen.is_open() && seen.found.is_empty() && seen.procedures.is_empty() {
            details { summary { "This visit was opened by mistake" }
                form.row method="post" action={ "/console/visits/" (id) "/discard" } {
                    (version_of("visit", visit)) (hidden("form", "discard"))
                    label for="reason" { "Why" } input #reason name="reason" required; button.danger { "Discard the visit" }
                }
            }
        }
        @if visit["status"] == "signed" && context.role() == Role::Provider {
            section.card { h2 { "Add to the visit" }
                form method="post" action={ "/console/visits/" (id) "/addenda" } {
                    (once(tried)) (hidden("form", "addendum"))
                    (Field::new(tried, "text", "What is to be added").kind("textarea").required()) button.quiet { "Add" }
                }
            }
        }
    }
}

async fn sign(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let path = format!("/visits/{}/sign", encoded(&id));
    let signed = context.post(&path, Value::Null, &form).await;
    finish(&context, &id, form, signed, "signed").await
}

async fn add(context: Context, id: web::Path<String>, form: Form) -> Result<HttpResponse, Failure> {
    let path = format!("/visits/{}/addenda", encoded(&id));
    let added = context
        .post(&path, json!({"text": form.text("text")}), &form)
        .await;
    finish(&context, &id, form, added, "added").await
}

async fn discard(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let path = format!("/visits/{}/discard", encoded(&id));
    let reason = json!({"reason": form.text("reason")});
    match context.post(&path, reason, &form).await {
        Ok(_) => Ok(address::go_back("/console/desk", "discarded")),
        refused => finish(&context, &id, form, refused, "discarded").await,
    }
}

/// The chart of the visit as a picture, for print and for patients.
async fn chart(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let path = format!("/visits/{}/body-chart.svg", encoded(&id));
    let drawn = context.read(&path).await?;
    Ok(HttpResponse::Ok()
        .content_type("image/svg+xml")
        .body(drawn.body))
}
