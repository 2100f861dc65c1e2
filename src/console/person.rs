//! The page of a person: what one must know at once, then the tabs.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use crate::platform::access::Role;

use super::address::{self, encoded};
use super::context::{Context, Failure};
use super::facts;
use super::fields::{Field, Tried, act, hidden, named, once, plain, table, version};
use super::form::Form;
use super::page::Page;
use super::texts;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/people/{id}", web::get().to(show))
        .route("/people/{id}/edit", web::get().to(show_edit))
        .route("/people/{id}/edit", web::post().to(edit))
        .route("/people/{id}/activation", web::post().to(offer_code))
        .route("/people/{id}/visit", web::post().to(open_visit));
}

/// Whether the role sees the chart.
fn sees_chart(context: &Context) -> bool {
    matches!(context.role(), Role::Provider | Role::Assistant)
}

async fn show(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let id = encoded(&id);
    let person = context.get(&format!("/patients/{id}")).await?;
    let alerts = context
        .list_if_any(&format!("/patients/{id}/alerts?limit=50"))
        .await?;
    let query = Form::of_query(context.request());
    let usual = if sees_chart(&context) {
        "chart"
    } else {
        "appointments"
    };
    let tab = query.get("tab").unwrap_or(usual);
    let body = html! {
        (banner(&context, &person, &alerts))
        (tabs(&context, &id, tab))
        @match tab {
            "chart" if sees_chart(&context) => (chart(&context, &id).await?),
            "facts" => (facts::lists(&context, &id, &Tried::default()).await?),
            "contacts" => (contacts(&context, &id).await?),
            "follow-ups" => (follow_ups(&context, &id).await?),
            _ => (appointments(&context, &id).await?),
        }
    };
    let name = name_of(&person);
    Ok(Page::new(&name, "People", body).show(&context))
}

/// Given and family name.
pub(super) fn name_of(person: &Value) -> String {
    format!(
        "{} {}",
        plain(&person["given_name"]),
        plain(&person["family_name"])
    )
}

/// Who it is, and the alerts.
pub(super) fn banner(context: &Context, person: &Value, alerts: &[Value]) -> Markup {
    let today = time::today(context.now, context.zone());
    let id = plain(&person["id"]);
    html! {
        div.banner {
            div {
                h1 { (name_of(person)) @if !person["archived_at"].is_null() { " " span.tag { "archived" } } }
                p {
                    "Born " (time::short_date(&person["birth_date"]))
                    @if let Some(age) = time::age(&person["birth_date"], today) { ", " (age) " years" }
                    " · " (plain(&person["mrn"]))
                    @if !person["phone"].is_null() { " · " a href={ "tel:" (plain(&person["phone"])) } { (plain(&person["phone"])) } }
                    @if !person["email"].is_null() { " · " (plain(&person["email"])) }
                    @if !person["weight_kg"].is_null() { " · " (plain(&person["weight_kg"])) " kg" }
                }
            }
            div.actions {
                a.button href={ "/console/book?patient_id=" (id) } { "Book" }
                a.button.quiet href={ "/console/people/" (id) "/edit" } { "Change" }
            }
        }
        @let open: Vec<&Value> = alerts.iter().filter(|alert| alert["ended_at"].is_null()).collect();
        @if !open.is_empty() {
            ul.alerts aria-label="Alerts" {
                @for alert in open {
                    @let severity = plain(&alert["severity"]);
                    li.(severity) { b { (match severity.as_str() { "critical" => "■ Critical", "caution" => "▲ Caution", _ => "● Note" }) } " "
                        (plain(&alert["banner"])) @if !alert["detail"].is_null() { " " small { (plain(&alert["detail"])) } } }
                }
            }
        }
    }
}

fn tabs(context: &Context, id: &str, current: &str) -> Markup {
    let mut list = vec![
        ("appointments", "Appointments"),
        ("follow-ups", "Follow-ups"),
        ("contacts", "Contacts and consents"),
    ];
    if sees_chart(context) {
        list.insert(0, ("chart", "Chart"));
    }
    if sees_chart(context) || context.role() == Role::Admin {
        list.push(("facts", "Allergies, medicines, conditions"));
    }
    html! {
        nav.tabs aria-label="Parts of the record" {
            @for (tab, name) in list {
                a href={ "/console/people/" (id) "?tab=" (tab) } aria-current=[(tab == current).then_some("page")] { (name) }
            }
            @if sees_chart(context) { a href={ "/console/people/" (id) "/outcomes" } { "Outcomes" } }
        }
    }
}

async fn appointments(context: &Context, id: &str) -> Result<Markup, Failure> {
    let mut list = context
        .list(&format!("/appointments?patient_id={id}&limit=200"))
        .await?;
    let waits = context
        .list_if_any(&format!("/waitlist?patient_id={id}&limit=50"))
        .await?;
    list.sort_by_key(|one| std::cmp::Reverse(plain(&one["starts_at"])));
    let is_ahead = |one: &&Value| time::minutes_since(&one["starts_at"], context.now) < 0;
    let (mut ahead, past): (Vec<&Value>, Vec<&Value>) = list.iter().partition(is_ahead);
    ahead.reverse();
    let back = format!("/console/people/{id}?tab=appointments");
    let row = |one: &&Value| {
        let (shape, word) = texts::status(one["status"].as_str().unwrap_or_default());
        vec![
            html! { a href={ "/console/appointments/" (plain(&one["id"])) "?back=" (encoded(&back)) } { (time::day_and_clock(&one["starts_at"])) } },
            html! { (plain(&one["appointment_type"]["name"])) },
            html! { (plain(&one["provider"]["name"])) },
            html! { (shape) " " (word) },
        ]
    };
    let heads = ["When", "Type", "With", "State"];
    let coming: Vec<Vec<Markup>> = ahead.iter().map(row).collect();
    let gone: Vec<Vec<Markup>> = past.iter().map(row).collect();
    Ok(html! {
        h2 { "Coming" }
        (table(&heads, &coming, "No appointment is booked."))
        @if !waits.is_empty() {
            h2 { "Waiting for" }
            ul.plain { @for one in &waits {
                li { (plain(&one["appointment_type"]["name"])) " " span.tag { (texts::code(&plain(&one["status"]))) } " "
                    small { "until " (time::day(&one["latest"])) } }
            } }
        }
        h2 { "Past" }
        (table(&heads, &gone, "Nothing yet."))
    })
}

async fn follow_ups(context: &Context, id: &str) -> Result<Markup, Failure> {
    let list = context
        .list_if_any(&format!("/follow-ups?patient_id={id}&limit=200"))
        .await?;
    let rows = list.iter().map(|one| {
        vec![
            html! { (texts::code(&plain(&one["kind"]))) },
            html! { a href={ "/console/follow-ups/" (plain(&one["id"])) } { (plain(&one["reason"])) } },
            html! { (time::day(&one["due_from"])) " – " (time::day(&one["due_by"])) },
            html! { span.tag { (texts::code(&plain(&one["status"]))) } },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    Ok(table(
        &["Kind", "Why", "When", "State"],
        &rows,
        "No follow-up is planned.",
    ))
}

async fn contacts(context: &Context, id: &str) -> Result<Markup, Failure> {
    let contacts = context
        .list_if_any(&format!("/patients/{id}/contacts?limit=50"))
        .await?;
    let consents = context
        .list_if_any(&format!("/patients/{id}/consents?limit=50"))
        .await?;
    let proxies = context
        .list_if_any(&format!("/patients/{id}/proxies"))
        .await?;
    let people = contacts.iter().filter(|one| one["ended_at"].is_null()).map(|one| {
        vec![
            html! { (plain(&one["name"])) @if one["is_emergency_contact"] == true { " " span.tag { "emergency" } } },
            html! { (texts::code(&plain(&one["relation"]))) },
            html! { (plain(&one["phone"])) " " (plain(&one["email"])) },
        ]
    });
    let people: Vec<Vec<Markup>> = people.collect();
    let decisions = consents.iter().map(|one| {
        vec![
            html! { (texts::code(&plain(&one["subject"]))) },
            html! { (texts::code(&plain(&one["decision"]))) @if one["in_force"] == true { " " span.tag { "in force" } } },
            html! { (plain(&one["decided_by"])) },
            html! { (time::day_in(&one["decided_at"], context.zone())) },
        ]
    });
    let decisions: Vec<Vec<Markup>> = decisions.collect();
    let accounts = proxies.iter().map(|one| {
        vec![
            html! { (plain(&one["name"])) },
            html! { (texts::code(&plain(&one["relationship"]))) },
            html! { (texts::code(&plain(&one["scope"]))) },
            html! { span.tag { (texts::code(&plain(&one["status"]))) } },
        ]
    });
    let accounts: Vec<Vec<Markup>> = accounts.collect();
    let tried = Tried::default();
    Ok(html! {
        h2 { "Contacts" } (table(&["Name", "Relation", "How"], &people, "Nobody yet."))
        details { summary { "Add a contact" }
            form.stacked method="post" action={ "/console/people/" (id) "/contacts" } {
                (once(&tried))
                (Field::new(&tried, "name", "Name").required())
                (Field::new(&tried, "relation", "Relation").required().codes(&["spouse", "partner", "parent", "child", "sibling", "guardian", "relative", "friend", "caregiver", "physician", "other"]))
                (Field::new(&tried, "phone", "Telephone").kind("tel"))
                (Field::new(&tried, "email", "E-mail").kind("email"))
                button { "Add" }
            }
        }
        h2 { "Consents" } (table(&["About", "Decision", "By", "On"], &decisions, "None is recorded."))
        h2 { "Accounts that reach this record" } (table(&["Name", "As", "How far", "State"], &accounts, "None yet."))
        (act(&format!("/console/people/{id}/activation"), "Make a code for an account", "quiet", &[]))
    })
}

async fn offer_code(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let form = Form::default();
    let path = format!("/patients/{}/activations", encoded(&id));
    let offered = match context.post(&path, Value::Null, &form).await {
        Ok(offered) => offered,
        Err(failure) => failure.problem()?,
    };
    let tried = if offered["code"].is_null() {
        Tried::new(form, offered.clone())
    } else {
        Tried::default()
    };
    let body = html! {
        p.crumbs { a href={ "/console/people/" (id) "?tab=contacts" } { "‹ Back" } }
        h1 { "A code for an account" }
        (tried.said())
        @if let Some(code) = offered["code"].as_str() {
            p { "Give this code to the person. It is shown this once." }
            p.code { (code) }
            p { "They choose “I have a code from my clinic” on the sign-in page, and say their date of birth." }
            @if !offered["code_expires_at"].is_null() { p.hint { "Good until " (time::day_and_clock_in(&offered["code_expires_at"], context.zone())) "." } }
        }
    };
    Ok(Page::new("A code for an account", "People", body)
        .after(&tried.problem)
        .show(&context))
}

async fn chart(context: &Context, id: &str) -> Result<Markup, Failure> {
    let visits = context
        .list(&format!("/visits?patient_id={id}&limit=50"))
        .await?;
    let points = context
        .list(&format!("/patients/{id}/trigger-points?limit=100"))
        .await?;
    let rows = visits.iter().map(|one| {
        vec![
            html! { a href={ "/console/visits/" (plain(&one["id"])) } { (time::day_and_clock_in(&one["started_at"], &plain(&one["time_zone"]))) } },
            html! { (plain(&one["provider"]["name"])) },
            html! { (plain(&one["chief_complaint"])) },
            html! { span.tag { (texts::code(&plain(&one["status"]))) } },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let found = points.iter().map(|one| {
        vec![
            html! { (plain(&one["muscle_name"])) ", " (plain(&one["side"])) },
            html! { (texts::code(&plain(&one["classification"]))) },
            html! { (texts::code(&plain(&one["course"]))) },
            html! { (one["treatments"].as_array().map_or(0, Vec::len)) },
            html! { @if one["response"]["relief_percent"].is_null() { "–" } @else { (plain(&one["response"]["relief_percent"])) " %" } },
        ]
    });
    let found: Vec<Vec<Markup>> = found.collect();
    let signed: Vec<&Value> = visits
        .iter()
        .filter(|one| one["status"] == "signed")
        .collect();
    let locations = context.list("/locations?limit=50").await?;
    Ok(html! {
        (walk_in(context, id, &locations))
        h2 { "Visits" } (table(&["When", "With", "Complaint", "State"], &rows, "No visit yet."))
        h2 { "Points" } (table(&["Muscle", "Class", "Course", "Treated", "Relief"], &found, "No point was recorded."))
        @if let [latest, before, ..] = signed.as_slice() {
            details { summary { "Compare the last two signed visits" }
                img.chart alt={ "Body chart: how the points of " (time::day(&before["started_at"])) " and " (time::day(&latest["started_at"])) " differ" }
                    src={ "/console/people/" (id) "/chart.svg?from_visit=" (plain(&before["id"])) "&to_visit=" (plain(&latest["id"])) };
            }
        }
    })
}

/// A visit of somebody who came without an appointment.
fn walk_in(context: &Context, id: &str, locations: &[Value]) -> Markup {
    html! {
        @if context.provider_id().is_some() {
            details { summary { "Open a visit without an appointment" }
                form.row method="post" action={ "/console/people/" (id) "/visit" } {
                    (once(&Tried::default()))
                    label for="location_id" { "Where" }
                    select #location_id name="location_id" { @for (id, name) in named(locations) { option value=(id) { (name) } } }
                    button.quiet { "Open the visit" }
                }
            }
        }
    }
}

async fn open_visit(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let body = json!({
        "patient_id": *id, "provider_id": context.provider_id(), "location_id": form.text("location_id"),
    });
    let visit = context.post("/visits", body, &form).await?;
    let path = format!("/console/visits/{}", plain(&visit["id"]));
    Ok(address::go_to(&path))
}

async fn show_edit(context: Context, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    edit_page(&context, &id, &Tried::default()).await
}

async fn edit_page(context: &Context, id: &str, tried: &Tried) -> Result<HttpResponse, Failure> {
    let person = context.get(&format!("/patients/{}", encoded(id))).await?;
    let field = |name: &'static str, label: &'static str| {
        Field::new(tried, name, label).value(&person[name])
    };
    let body = html! {
        p.crumbs { a href={ "/console/people/" (id) } { "‹ " (name_of(&person)) } }
        h1 { "Change " (name_of(&person)) }
        (tried.said())
        form.stacked method="post" action={ "/console/people/" (id) "/edit" } {
            (version(&person))
            div.split {
                div {
                    (field("given_name", "Given name").required())
                    (field("family_name", "Family name").required())
                    (field("birth_date", "Date of birth").kind("date").required())
                    (field("phone", "Telephone").kind("tel"))
                }
                div {
                    (field("email", "E-mail").kind("email"))
                    (field("address", "Address"))
                    (field("preferred_language", "Language"))
                    (field("weight_kg", "Weight in kg").kind("number"))
                }
            }
            (hidden("given", "yes"))
            button { "Save" }
        }
    };
    Ok(Page::new("Change a person", "People", body)
        .after(&tried.problem)
        .show(context))
}

async fn edit(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let body = json!({
        "given_name": form.text("given_name"), "family_name": form.text("family_name"),
        "birth_date": form.text("birth_date"), "phone": form.text_or_nothing("phone"),
        "email": form.text_or_nothing("email"), "address": form.text_or_nothing("address"),
        "preferred_language": form.text_or_nothing("preferred_language"), "weight_kg": form.text("weight_kg"),
    });
    match context
        .patch(&format!("/patients/{}", encoded(&id)), body, &form)
        .await
    {
        Ok(_) => Ok(address::go_back(&format!("/console/people/{id}"), "saved")),
        Err(failure) => edit_page(&context, &id, &Tried::new(form, failure.problem()?)).await,
    }
}
