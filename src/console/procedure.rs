//! A procedure in the order of the work: gate, draw up, sites, checks, observation, end.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use crate::platform::access::Role;

use super::address::{self, encoded};
use super::body::{self, Mark};
use super::checks;
use super::context::{Context, Failure};
use super::fields::{Field, Tried, once, plain, radios, tick, version};
use super::form::Form;
use super::needles;
use super::page::Page;
use super::person;
use super::procedure_seen::Seen;
use super::texts;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/procedures/{id}", web::get().to(show))
        .route("/procedures/{id}/begin", web::post().to(begin))
        .route(
            "/procedures/{id}/checklist",
            web::post().to(answer_checklist),
        )
        .route("/procedures/{id}/observe", web::post().to(observe))
        .route("/procedures/{id}/complete", web::post().to(complete))
        .route("/procedures/{id}/discharge", web::post().to(discharge))
        .route("/procedures/{id}/stop", web::post().to(stop))
        .route("/procedures/{id}/void", web::post().to(void));
}

async fn show(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    render(&context, &id, &Tried::default()).await
}

pub(super) async fn render(
    context: &Context,
    id: &str,
    tried: &Tried,
) -> Result<HttpResponse, Failure> {
    let seen = Seen::read(context, id).await?;
    let status = plain(&seen.procedure["status"]);
    let visit = plain(&seen.procedure["visit_id"]);
    let body = html! {
        p.crumbs { a href={ "/console/visits/" (visit) } { "‹ The visit" } }
        (person::banner(context, &seen.person, &seen.alerts))
        p.state-line { b { (texts::code(&plain(&seen.procedure["kind"]))) } " " span.tag.(status) { (texts::code(&status)) }
            " for " (list_of(&seen.procedure["indication_codes"]))
            @if !seen.procedure["started_at"].is_null() { " · begun " (time::day_and_clock_in(&seen.procedure["started_at"], context.zone())) } }
        (tried.said())
        div.visit.procedure {
            div {
                ol.work {
                    li.card.current[status == "planned"].finished[status != "planned"] #gate { (gate(&seen, tried)) }
                    @if status != "planned" {
                        li.card.current[seen.is_under_way() && seen.solutions().is_empty()].finished[!seen.solutions().is_empty()] #draw { (needles::drawing_up(context, &seen, tried).await?) }
                        li.card.current[seen.is_under_way() && !seen.solutions().is_empty()].finished[!seen.is_under_way()] #sites { (needles::sites(&seen, tried)) }
                        li.card #observation { (observation(&seen)) }
                    }
                    (ending(context, &seen).await?)
                }
            }
            div.beside {
                section.card.checks-card #checks { (checks::shown(context, &seen)) }
                section.card { (chart(&seen)) }
            }
        }
    };
    let page = Page::new("Procedure", "Day board", body);
    Ok(page.after(&tried.problem).show(context))
}

fn list_of(values: &Value) -> String {
    let values = values.as_array().into_iter().flatten();
    values.map(plain).collect::<Vec<String>>().join(", ")
}

fn chart(seen: &Seen) -> Markup {
    let injections = seen.injections();
    let planned = if seen.drafts.is_empty() {
        &seen.points
    } else {
        &seen.drafts
    };
    let mut marks: Vec<Mark<'_>> = planned.iter().map(|of| Mark { of, number: None }).collect();
    let given = injections.iter().enumerate();
    marks.extend(given.map(|(index, of)| Mark {
        of,
        number: Some(index + 1),
    }));
    let mut views: Vec<String> = marks.iter().map(|mark| plain(&mark.of["view"])).collect();
    views.sort();
    views.dedup();
    html! {
        h2 { "Where" }
        @if views.is_empty() { p.hint { "No site is planned." } }
        div.small-charts { @for view in &views { figure { (body::canvas(view, &marks, None, None)) figcaption { (texts::code(view)) } } } }
        @if !views.is_empty() { p.hint { "Numbers are needle sites in their order. Rings are planned." } }
    }
}

const TIME_OUT: [(&str, &str); 5] = [
    ("patient_ok", "Right person: name and birth date were said"),
    ("procedure_ok", "Right procedure"),
    ("site_ok", "Right sites and sides"),
    ("allergies_ok", "Allergies were asked about"),
    ("anticoagulants_ok", "Blood thinners were asked about"),
];

fn gate(seen: &Seen, tried: &Tried) -> Markup {
    let procedure = &seen.procedure;
    let path = format!("/console/procedures/{}", seen.id());
    let refused = tried.form.has("consent_method");
    html! {
        h2 { "1 · Before the needle" }
        @if procedure["status"] == "planned" {
            form method="post" action={ (path) "/begin" } {
                (version(procedure))
                (radios("consent_method", "Consent, given by the patient", &[("written", "Written"), ("verbal", "Said aloud"), ("electronic", "Electronic")],
                    tried.form.get("consent_method").unwrap_or("written")))
                fieldset.stack { legend { "Time-out, said aloud by the team" }
                    label.tick.all { input type="checkbox" data-all="time-out"; " All five" }
                    @for (name, words) in TIME_OUT { label.tick { input type="checkbox" name=(name) value="yes" checked[refused && tried.form.has(name)] data-of="time-out"; " " (words) } }
                }
                button { "Begin the procedure" }
            }
            (checklist(procedure, &path))
        } @else {
            p { "✓ Consent " (plain(&procedure["consent"]["method"])) ", time-out complete." }
        }
    }
}

const ANSWERS: [(&str, &str); 16] = [
    ("red_flag", "A red flag of headache"),
    ("malignancy_suspected", "Malignancy suspected"),
    ("active_infection", "Active infection"),
    ("needle_phobia", "Fear of needles"),
    ("prior_vasovagal", "Fainted before"),
    ("untreated_endocrinopathy", "Untreated endocrine disease"),
    ("landmarks_unclear", "Landmarks unclear"),
    ("malignant_hyperthermia", "Malignant hyperthermia"),
    ("leber_optic_neuropathy", "Leber’s optic neuropathy"),
    ("skull_defect", "Skull defect"),
    ("single_lung", "Single lung"),
    (
        "contralateral_pneumothorax",
        "Pneumothorax of the other side",
    ),
    ("severe_copd", "Severe COPD"),
    ("medication_overuse", "Medication overuse"),
    (
        "bleeding_cleared_by_specialist",
        "Bleeding risk cleared by a specialist",
    ),
    (
        "neuromuscular_cleared_by_specialist",
        "Neuromuscular disease cleared by a specialist",
    ),
];

fn checklist(procedure: &Value, path: &str) -> Markup {
    let known = procedure["checklist"]["answers"].as_array();
    let is_yes = |name: &str| known.is_some_and(|known| known.iter().any(|one| one == name));
    let pregnancy = procedure["checklist"]["pregnancy"]
        .as_str()
        .unwrap_or("unknown");
    html! {
        details open[procedure["checklist"].is_null()] { summary { "Questions that the checks ask about " @if procedure["checklist"].is_null() { span.tag { "not answered" } } @else { span.tag { "✓ answered" } } }
            form method="post" action={ (path) "/checklist" } {
                (version(procedure))
                p.hint { "Tick what is true. What is not ticked was asked and is not so." }
                div.ticks { @for (name, words) in ANSWERS { (tick("answers", name, words, is_yes(name))) } }
                (radios("pregnancy", "Pregnant?", &[("not_pregnant", "No"), ("pregnant", "Yes"), ("unknown", "Not known")], pregnancy))
                button.quiet { "Save the answers" }
            }
        }
    }
}

async fn answer_checklist(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let body = json!({"answers": form.list("answers"), "pregnancy": form.text("pregnancy")});
    let path = format!("/procedures/{}/checklist", encoded(&id));
    let saved = context.put(&path, body, &form).await;
    finish(&context, &id, form, saved, ("saved", "")).await
}

async fn begin(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let mut time_out = json!({});
    for (name, _) in TIME_OUT {
        time_out[name] = form.yes(name);
    }
    let consent =
        json!({"given_by": "patient", "method": form.text("consent_method"), "text_version": "1"});
    let body = json!({"consent": consent, "time_out": time_out});
    let path = format!("/procedures/{}/begin", encoded(&id));
    let begun = context.post(&path, body, &form).await;
    finish(&context, &id, form, begun, ("begun", "#draw")).await
}

/// Back to the procedure, or the procedure with what was wrong.
pub(super) async fn finish(
    context: &Context,
    id: &str,
    form: Form,
    answered: Result<Value, Failure>,
    (done, part): (&str, &str),
) -> Result<HttpResponse, Failure> {
    match answered {
        Ok(_) => {
            let path = format!("/console/procedures/{}?done={done}{part}", encoded(id));
            Ok(address::go_to(&path))
        }
        Err(failure) => render(context, id, &Tried::new(form, failure.problem()?)).await,
    }
}

const SYMPTOMS: [&str; 14] = [
    "chest_pain",
    "breathlessness",
    "dizziness",
    "fainting",
    "ringing_ears",
    "numb_mouth",
    "metallic_taste",
    "agitation",
    "seizure",
    "weakness",
    "rash",
    "bleeding",
    "nausea",
    "other",
];

fn observation(seen: &Seen) -> Markup {
    let procedure = &seen.procedure;
    let none = Tried::default();
    let all = procedure["observations"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let minutes = plain(&seen.safety["observation_minutes"]);
    let is_gone = !procedure["discharge"].is_null();
    html! {
        h2 { "4 · Observe" }
        @if !minutes.is_empty() { p { "At least " b { (minutes) " minutes" } " after the last needle." } }
        @if !all.is_empty() { ul.plain { @for one in &all {
            li { (time::clock(&one["observed_at"])) " " @if one["symptoms"].as_array().is_none_or(Vec::is_empty) { "no symptom" } @else { b { "▲ " (list_of(&one["symptoms"]).replace('_', " ")) } }
                @if !one["systolic_mmhg"].is_null() { ", " (plain(&one["systolic_mmhg"])) "/" (plain(&one["diastolic_mmhg"])) " mmHg" }
                @if !one["heart_rate_bpm"].is_null() { ", pulse " (plain(&one["heart_rate_bpm"])) }
                " " small { (plain(&one["note"])) } }
        } } }
        @if !is_gone && matches!(procedure["status"].as_str(), Some("in_progress" | "completed")) {
            details { summary { "Write down how the patient is" }
                form method="post" action={ "/console/procedures/" (seen.id()) "/observe" } {
                    (version(procedure)) (once(&none))
                    fieldset { legend { "Symptoms; none when none is ticked" } div.ticks { @for one in SYMPTOMS { (tick("symptoms", one, &texts::code(one), false)) } } }
                    div.row {
                        (Field::new(&none, "systolic_mmhg", "Systolic, mmHg").kind("number")) (Field::new(&none, "diastolic_mmhg", "Diastolic, mmHg").kind("number"))
                        (Field::new(&none, "heart_rate_bpm", "Pulse").kind("number")) (Field::new(&none, "spo2_percent", "Oxygen, %").kind("number"))
                    }
                    button.quiet { "Record" }
                }
            }
        }
        @if is_gone { p { "✓ Went home " (time::day_and_clock_in(&procedure["discharge"]["discharged_at"], &plain(&seen.visit["time_zone"]))) } }
    }
}

async fn observe(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let body = json!({
        "symptoms": form.list("symptoms"), "systolic_mmhg": form.integer("systolic_mmhg"),
        "diastolic_mmhg": form.integer("diastolic_mmhg"), "heart_rate_bpm": form.integer("heart_rate_bpm"),
        "spo2_percent": form.integer("spo2_percent"),
    });
    let path = format!("/procedures/{}/observations", encoded(&id));
    let observed = context.post(&path, body, &form).await;
    finish(&context, &id, form, observed, ("recorded", "#observation")).await
}

async fn ending(context: &Context, seen: &Seen) -> Result<Markup, Failure> {
    let procedure = &seen.procedure;
    let path = format!("/console/procedures/{}", seen.id());
    let is_completed = procedure["status"] == "completed";
    let coding = if is_completed {
        context
            .get_if_any(&format!("/procedures/{}/coding", seen.id()))
            .await?
    } else {
        Value::Null
    };
    let reads = context.role() == Role::Provider;
    Ok(html! {
        @if seen.is_under_way() {
            li.card #end { h2 { "5 · Complete" }
                p { (seen.injections().len()) " needle sites. What was drawn and not given must be thrown away before a witness; completing takes the lots from stock." }
                form.act method="post" action={ (path) "/complete" } { (version(procedure)) button { "Complete the procedure" } }
            }
        }
        @if is_completed {
            li.card.finished #end { h2 { "5 · Completed" }
                p { "✓ Completed " (time::day_and_clock_in(&procedure["completed_at"], &plain(&seen.visit["time_zone"]))) ". The follow-ups are planned." }
                @if !coding.is_null() { (codes(&coding)) }
                @if procedure["discharge"].is_null() {
                    form.row method="post" action={ (path) "/discharge" } { (version(procedure))
                        (tick("aftercare_given", "yes", "Aftercare was explained", true))
                        input name="early_reason" aria-label="Why earlier than the time of observation" placeholder="Why earlier, if it is";
                        button.quiet { "Let the patient go" } }
                }
                div.actions { a.button href={ "/console/visits/" (plain(&procedure["visit_id"])) } { "To the note and the signature" } }
            }
        }
        @if reads && matches!(procedure["status"].as_str(), Some("planned" | "in_progress")) {
            li { details { summary { "Stop or take back" }
                form.row method="post" action={ (path) "/stop" } { (version(procedure)) input name="reason" required aria-label="Why it stops" placeholder="Why it stops"; button.danger { "Stop the procedure" } }
                form.row method="post" action={ (path) "/void" } { (version(procedure)) input name="reason" required aria-label="Why it is a mistake" placeholder="Why it is a mistake"; button.danger { "Entered in error" } }
            } }
        }
    })
}

fn codes(coding: &Value) -> Markup {
    html! {
        dl.facts {
            dt { "CPT" } dd { (plain(&coding["cpt"])) " " small { (plain(&coding["muscle_count"])) " muscles" } }
            @for one in coding["hcpcs"].as_array().into_iter().flatten() { dt { "HCPCS" } dd { (plain(&one["code"])) " × " (plain(&one["units"])) " " (plain(&one["modifier"])) } }
            dt { "ICD-10" } dd { (list_of(&coding["icd10"])) }
            @if coding["missing_documentation"].as_array().is_some_and(|all| !all.is_empty()) { dt { "A payer will ask for" } dd { "▲ " (list_of(&coding["missing_documentation"]).replace('_', " ")) } }
        }
    }
}

async fn complete(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let path = format!("/procedures/{}/complete", encoded(&id));
    let completed = context.post(&path, Value::Null, &form).await;
    finish(&context, &id, form, completed, ("complete", "#end")).await
}

async fn discharge(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let body = json!({"aftercare_given": form.yes("aftercare_given"), "early_reason": form.text("early_reason")});
    let path = format!("/procedures/{}/discharge", encoded(&id));
    let gone = context.post(&path, body, &form).await;
    finish(&context, &id, form, gone, ("recorded", "#end")).await
}

async fn stop(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let path = format!("/procedures/{}/stop", encoded(&id));
    let reason = json!({"reason": form.text("reason")});
    let stopped = context.post(&path, reason, &form).await;
    finish(&context, &id, form, stopped, ("stopped", "")).await
}

async fn void(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let path = format!("/procedures/{}/void", encoded(&id));
    let reason = json!({"reason": form.text("reason")});
    let voided = context.post(&path, reason, &form).await;
    finish(&context, &id, form, voided, ("voided", "")).await
}
