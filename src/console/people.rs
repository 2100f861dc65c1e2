//! Finding people, and registering new ones.

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::address;
use super::context::{Context, Failure};
use super::fields::{Field, Tried, hidden, once, plain, tick};
use super::form::Form;
use super::page::Page;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/people", web::get().to(show))
        .route("/people", web::post().to(find))
        .route("/people/new", web::get().to(show_new))
        .route("/people/new", web::post().to(register));
}

/// The people whom a text may mean. A search is posted: what is typed is about a person.
pub(super) async fn found(context: &Context, text: &str) -> Result<Vec<Value>, Failure> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut answered = context
        .ask("/patients/search", &json!({"text": text, "limit": 25}))
        .await?;
    Ok(match answered["items"].take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    })
}

async fn show(context: Context) -> Result<HttpResponse, Failure> {
    context.works_with_people()?;
    Ok(search_page(&context, None, ""))
}

async fn find(context: Context, form: Form) -> Result<HttpResponse, Failure> {
    context.works_with_people()?;
    let text = form.get("text").unwrap_or_default();
    let list = found(&context, text).await?;
    Ok(search_page(&context, Some(&list), text))
}

fn search_page(context: &Context, list: Option<&[Value]>, text: &str) -> HttpResponse {
    let today = time::today(context.now, context.zone());
    let body = html! {
        div.toolbar { h1 { "People" } a.button href="/console/people/new" { "New person" } }
        form.inline method="post" action="/console/people" role="search" {
            label for="text" { "Name, birth date, telephone or record number" }
            div.row { input #text type="search" name="text" value=(text) autofocus[list.is_none_or(<[Value]>::is_empty)] autocomplete="off"; button { "Find" } }
            p.hint { "A misspelt name is found too." }
        }
        @if let Some(list) = list {
            @if list.is_empty() { p.empty { "Nobody was found for “" (text) "”." } }
            ul.found {
                @for (index, one) in list.iter().enumerate() {
                    li { a href={ "/console/people/" (plain(&one["id"])) } autofocus[index == 0] {
                        b { (plain(&one["given_name"])) " " (plain(&one["family_name"])) }
                        small {
                            "born " (time::short_date(&one["birth_date"]))
                            @if let Some(age) = time::age(&one["birth_date"], today) { " (" (age) ")" }
                            " · " (plain(&one["phone"])) " · " (plain(&one["mrn"]))
                            @if !one["archived_at"].is_null() { " · archived" }
                        }
                    } }
                }
            }
        }
    };
    Page::new("People", "People", body).show(context)
}

async fn show_new(context: Context) -> Result<HttpResponse, Failure> {
    context.works_with_people()?;
    let query = Form::of_query(context.request());
    let tried = Tried::new(query, Value::Null);
    Ok(new_page(&context, &tried))
}

/// Those who may be the same person, and why.
fn candidates(tried: &Tried) -> Markup {
    let listed = tried.problem["candidates"].as_array();
    // Who came here to book goes on with the booking.
    let books = tried.form.get("then") == Some("book");
    let way = if books {
        "/console/book?patient_id="
    } else {
        "/console/people/"
    };
    html! {
        @if let Some(listed) = listed {
            aside.candidates aria-labelledby="same" {
                h2 #same { "Perhaps the same person" }
                ul.found {
                    @for candidate in listed {
                        @let one = &candidate["patient"];
                        @let reasons: Vec<String> = candidate["reasons"].as_array().into_iter().flatten().map(plain).collect();
                        li { a href={ (way) (plain(&one["id"])) } {
                            b { (plain(&one["given_name"])) " " (plain(&one["family_name"])) }
                            small { "born " (time::short_date(&one["birth_date"])) " · " (plain(&one["phone"])) " · " (plain(&one["mrn"])) }
                            small { "▲ " (reasons.join(", ")) }
                        } }
                    }
                }
                (tick("confirm_new", "yes", "None of them: this person is new", false))
            }
        }
    }
}

fn new_page(context: &Context, tried: &Tried) -> HttpResponse {
    let body = html! {
        h1 { "New person" }
        (tried.said())
        form.stacked method="post" action="/console/people/new" {
            (once(tried))
            @if let Some(then) = tried.form.get("then") { (hidden("then", then)) }
            div.split {
                div {
                    (Field::new(tried, "given_name", "Given name").required().first())
                    (Field::new(tried, "family_name", "Family name").required())
                    (Field::new(tried, "birth_date", "Date of birth").kind("date").required())
                    (Field::new(tried, "phone", "Telephone").kind("tel"))
                }
                div {
                    (Field::new(tried, "email", "E-mail").kind("email"))
                    (Field::new(tried, "address", "Address"))
                    (Field::new(tried, "sex_at_birth", "Sex at birth").codes(&["female", "male", "intersex", "unknown"]))
                    (Field::new(tried, "preferred_language", "Language").hint("Such as en or es."))
                }
            }
            (candidates(tried))
            button { "Register" }
        }
    };
    Page::new("New person", "People", body)
        .after(&tried.problem)
        .show(context)
}

async fn register(context: Context, form: Form) -> Result<HttpResponse, Failure> {
    let mut body = person_body(&form);
    if form.has("confirm_new") {
        body["confirm_new"] = json!(true);
    }
    match context.act(&Method::POST, "/patients", &body, &form).await {
        Ok(person) => {
            let id = plain(&person["id"]);
            let path = if form.get("then") == Some("book") {
                format!("/console/book?patient_id={id}")
            } else {
                format!("/console/people/{id}")
            };
            Ok(address::go_back(&path, "added"))
        }
        Err(failure) => Ok(new_page(&context, &Tried::new(form, failure.problem()?))),
    }
}

/// The fields of a person as a new record has them.
fn person_body(form: &Form) -> Value {
    json!({
        "given_name": form.text("given_name"), "family_name": form.text("family_name"),
        "birth_date": form.text("birth_date"), "phone": form.text("phone"),
        "email": form.text("email"), "address": form.text("address"),
        "sex_at_birth": form.text("sex_at_birth"), "preferred_language": form.text("preferred_language"),
    })
}
