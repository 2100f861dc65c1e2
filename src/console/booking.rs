//! Booking: a person, a type, a free time.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use crate::platform::access::Role;

use super::address::{self, encoded};
use super::context::{Context, Failure};
use super::fields::{Field, Tried, hidden, named, once, plain};
use super::form::Form;
use super::page::Page;
use super::people;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/book", web::get().to(show))
        .route("/book", web::post().to(book))
        .route("/book/find", web::post().to(find));
}

/// Which free times are looked for.
pub(super) struct Search<'s> {
    pub(super) type_id: String,
    pub(super) patient_id: Option<String>,
    /// The filters as the person set them.
    pub(super) query: &'s Form,
    /// Whose times are shown first, unless another filter is set.
    pub(super) usual_provider: Option<String>,
}

/// What was found, with the names that the answer leaves out.
pub(super) struct FreeTimes {
    slots: Vec<Value>,
    providers: Vec<(String, String)>,
    locations: Vec<(String, String)>,
    /// Why there is none, or that there are more.
    more: bool,
}

const DAYS: [(&str, &str); 7] = [
    ("Mon", "Monday"),
    ("Tue", "Tuesday"),
    ("Wed", "Wednesday"),
    ("Thu", "Thursday"),
    ("Fri", "Friday"),
    ("Sat", "Saturday"),
    ("Sun", "Sunday"),
];

impl Search<'_> {
    fn provider(&self) -> Option<String> {
        match self.query.get("provider_id") {
            Some("any") => None,
            Some(id) => Some(id.to_owned()),
            None => self.usual_provider.clone(),
        }
    }

    fn path(&self, context: &Context) -> String {
        let today = time::today(context.now, context.zone());
        let from = self.query.get("from").and_then(|from| from.parse().ok());
        let from = from.unwrap_or(today).max(today);
        let mut path = format!(
            "/slots?appointment_type_id={}&limit=200",
            encoded(&self.type_id)
        );
        if from > today {
            let midnight = time::midnight(from, context.zone());
            path = format!("{path}&from={}", encoded(&midnight));
        }
        let until = time::midnight(time::later(from, 21), context.zone());
        path = format!("{path}&to={}", encoded(&until));
        let wanted = [
            ("provider_id", self.provider()),
            ("patient_id", self.patient_id.clone()),
        ];
        for (name, value) in wanted {
            if let Some(value) = value {
                path = format!("{path}&{name}={}", encoded(&value));
            }
        }
        path
    }

    fn keeps(&self, slot: &Value) -> bool {
        let day = time::day(&slot["starts_at"]);
        let minute = time::minute_of_day(&slot["starts_at"]);
        let on_day = self
            .query
            .get("weekday")
            .is_none_or(|wanted| day.starts_with(wanted));
        let at_time = match self.query.get("part") {
            Some("morning") => minute < 720,
            Some("afternoon") => (720..1020).contains(&minute),
            Some("evening") => minute >= 1020,
            _ => true,
        };
        on_day && at_time
    }
}

/// The first free times that fit.
pub(super) async fn free_times(
    context: &Context,
    search: &Search<'_>,
) -> Result<FreeTimes, Failure> {
    let found = context.get(&search.path(context)).await?;
    let slots = found["items"].as_array().cloned().unwrap_or_default();
    let slots: Vec<Value> = slots
        .into_iter()
        .filter(|slot| search.keeps(slot))
        .collect();
    Ok(FreeTimes {
        slots,
        providers: named(&context.list("/providers?limit=200").await?),
        locations: named(&context.list("/locations?limit=200").await?),
        more: !found["next_cursor"].is_null(),
    })
}

/// The filters above the times.
pub(super) async fn filters(
    context: &Context,
    search: &Search<'_>,
    kept: &[(&str, &str)],
) -> Result<Markup, Failure> {
    let providers = context.list("/providers?limit=200").await?;
    let query = search.query;
    let provider = search.provider();
    let today = time::today(context.now, context.zone()).to_string();
    Ok(html! {
        form.filters method="get" {
            @for (name, value) in kept { (hidden(name, value)) }
            label { "With " select name="provider_id" {
                option value="any" { "anybody" }
                @for (id, name) in named(&providers) { option value=(id) selected[provider.as_ref() == Some(&id)] { (name) } }
            } }
            label { "From " input type="date" name="from" value=(query.get("from").unwrap_or(&today)); }
            label { "On " select name="weekday" {
                option value="" { "any day" }
                @for (short, long) in DAYS { option value=(short) selected[query.get("weekday") == Some(short)] { (long) } }
            } }
            label { "In the " select name="part" {
                option value="" { "whole day" }
                @for part in ["morning", "afternoon", "evening"] { option value=(part) selected[query.get("part") == Some(part)] { (part) } }
            } }
            button.quiet { "Show" }
        }
    })
}

fn name_of<'n>(names: &'n [(String, String)], id: &Value) -> &'n str {
    let id = id.as_str().unwrap_or_default();
    let found = names.iter().find(|(known, _)| known == id);
    found.map_or("", |(_, name)| name.as_str())
}

/// The free times of a day with one provider at one place.
struct Row<'s> {
    day: String,
    provider_id: &'s Value,
    location_id: &'s Value,
    slots: Vec<&'s Value>,
}

/// Days in their order, and in each the providers in the order of their first free time.
fn rows(slots: &[Value]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for slot in slots {
        let day = time::day(&slot["starts_at"]);
        let (provider_id, location_id) = (&slot["provider_id"], &slot["location_id"]);
        let known = rows.iter_mut().find(|row| {
            row.day == day && row.provider_id == provider_id && row.location_id == location_id
        });
        match known {
            Some(row) => row.slots.push(slot),
            None => rows.push(Row {
                day,
                provider_id,
                location_id,
                slots: vec![slot],
            }),
        }
    }
    rows
}

const DAYS_SHOWN: usize = 6;
const TIMES_SHOWN: usize = 14;

/// Each free time as a button that takes it.
pub(super) fn time_buttons(free: &FreeTimes, action: &str, fields: &Markup, verb: &str) -> Markup {
    let rows = rows(&free.slots);
    let mut days: Vec<&str> = rows.iter().map(|row| row.day.as_str()).collect();
    days.dedup();
    let first = free.slots.first();
    html! {
        @if days.is_empty() {
            div.empty {
                p { "Nothing is free in these three weeks that fits." }
                p { "Choose " b { "anybody" } ", any day or a later date, or put the person on the waitlist." }
            }
        }
        div.times {
            @for day in days.iter().take(DAYS_SHOWN) {
                section.free-day {
                    h3 { (day) }
                    @for row in rows.iter().filter(|row| row.day == **day) {
                        @let with = name_of(&free.providers, row.provider_id);
                        div.free-row {
                            p.with { b { (with) } @if free.locations.len() > 1 { small { (name_of(&free.locations, row.location_id)) } } }
                            div.slots-of-day {
                                @for slot in row.slots.iter().take(TIMES_SHOWN) {
                                    @let clock = time::clock(&slot["starts_at"]);
                                    form method="post" action=(action) {
                                        (fields)
                                        (hidden("starts_at", &plain(&slot["starts_at"])))
                                        (hidden("provider_id", &plain(row.provider_id)))
                                        (hidden("location_id", &plain(row.location_id)))
                                        button.time autofocus[first == Some(*slot)] aria-label={ (verb) " " (day) " " (clock) " with " (with) } { (clock) }
                                    }
                                }
                                @if row.slots.len() > TIMES_SHOWN { small { "and " (row.slots.len() - TIMES_SHOWN) " more" } }
                            }
                        }
                    }
                }
            }
        }
        @if free.more || days.len() > DAYS_SHOWN { p.hint { "There are more times. Choose a later date to see them." } }
    }
}

/// The time that a button names.
pub(super) fn chosen_time(form: &Form) -> Value {
    json!({
        "starts_at": form.text("starts_at"), "provider_id": form.text("provider_id"),
        "location_id": form.text("location_id"),
    })
}

async fn show(context: Context) -> Result<HttpResponse, Failure> {
    context.works_with_people()?;
    let query = Form::of_query(context.request());
    render(&context, &query, &Tried::default(), None).await
}

async fn find(context: Context, form: Form) -> Result<HttpResponse, Failure> {
    let found = people::found(&context, form.get("text").unwrap_or_default()).await?;
    render(&context, &form, &Tried::default(), Some(found)).await
}

async fn render(
    context: &Context,
    query: &Form,
    tried: &Tried,
    found: Option<Vec<Value>>,
) -> Result<HttpResponse, Failure> {
    let types = context.list("/appointment-types?limit=200").await?;
    let types: Vec<Value> = types
        .into_iter()
        .filter(|one| one["active"] == true)
        .collect();
    let person = match query.get("patient_id") {
        Some(id) => context.get(&format!("/patients/{}", encoded(id))).await?,
        None => Value::Null,
    };
    let body = html! {
        h1 { "Book an appointment" }
        (tried.said())
        ol.stages {
            li.now[person.is_null()] { h2 { "Person" } (who(&person, query, found.as_deref())) }
            @if !person.is_null() {
                li { h2 { "Type" } (type_choice(&types, &person, query)) }
                @if let Some(type_id) = query.get("type_id") {
                    li { h2 { "Time" } (when(context, &person, type_id, query, tried).await?) }
                }
            }
        }
    };
    Ok(Page::new("Book", "Book", body)
        .after(&tried.problem)
        .show(context))
}

fn who(person: &Value, query: &Form, found: Option<&[Value]>) -> Markup {
    if !person.is_null() {
        return html! {
            p.chosen { b { (plain(&person["given_name"])) " " (plain(&person["family_name"])) } " "
                small { "born " (time::short_date(&person["birth_date"])) " · " (plain(&person["mrn"])) " · " (plain(&person["phone"])) }
                " " a href="/console/book" { "Choose another" } }
        };
    }
    let kept: String = ["provider_id", "from"]
        .iter()
        .filter_map(|name| {
            query
                .get(name)
                .map(|value| format!("&{name}={}", encoded(value)))
        })
        .collect();
    html! {
        form.inline method="post" action="/console/book/find" role="search" {
            @for name in ["provider_id", "from"] { @if let Some(value) = query.get(name) { (hidden(name, value)) } }
            label for="text" { "Name, birth date, telephone or record number" }
            div.row { input #text type="search" name="text" value=[query.get("text")] autofocus[found.is_none()] autocomplete="off"; button { "Find" } }
        }
        @if let Some(found) = found {
            @if found.is_empty() { p.empty { "Nobody was found. A misspelt name is found too, so this person is probably new." } }
            ul.found {
                @for (index, one) in found.iter().enumerate() {
                    li { a href={ "/console/book?patient_id=" (plain(&one["id"])) (kept) } autofocus[index == 0] {
                        b { (plain(&one["given_name"])) " " (plain(&one["family_name"])) }
                        small { "born " (time::short_date(&one["birth_date"])) " · " (plain(&one["phone"])) " · " (plain(&one["mrn"])) }
                    } }
                }
            }
            p { a.button.quiet href="/console/people/new?then=book" { "New person" } }
        }
    }
}

fn type_choice(types: &[Value], person: &Value, query: &Form) -> Markup {
    let chosen = query.get("type_id");
    html! {
        div.choices {
            @for (index, one) in types.iter().enumerate() {
                @let id = plain(&one["id"]);
                a.choice href={ "/console/book?patient_id=" (plain(&person["id"])) "&type_id=" (id)
                    @for name in ["provider_id", "from", "weekday", "part"] { @if let Some(value) = query.get(name) { "&" (name) "=" (encoded(value)) } } }
                    aria-current=[(chosen == Some(&id)).then_some("true")] autofocus[chosen.is_none() && index == 0] {
                    span { svg.dot viewBox="0 0 8 8" aria-hidden="true" { circle cx="4" cy="4" r="4" fill=(plain(&one["color"])) {} } " " (plain(&one["name"])) }
                    small { (plain(&one["duration_minutes"])) " minutes" }
                }
            }
        }
    }
}

async fn when(
    context: &Context,
    person: &Value,
    type_id: &str,
    query: &Form,
    tried: &Tried,
) -> Result<Markup, Failure> {
    let patient_id = plain(&person["id"]);
    let own = context
        .provider_id()
        .filter(|_| context.role() == Role::Provider);
    let search = Search {
        type_id: type_id.to_owned(),
        patient_id: Some(patient_id.clone()),
        query,
        usual_provider: own,
    };
    let free = free_times(context, &search).await?;
    let kept = [("patient_id", patient_id.as_str()), ("type_id", type_id)];
    let fields =
        html! { (hidden("patient_id", &patient_id)) (hidden("type_id", type_id)) (once(tried)) };
    Ok(html! {
        (filters(context, &search, &kept).await?)
        (time_buttons(&free, "/console/book", &fields, "Book"))
        details { summary { "Nothing fits: put on the waitlist" }
            form.stacked method="post" action="/console/waitlist" {
                (hidden("patient_id", &patient_id)) (hidden("appointment_type_id", type_id)) (once(tried))
                (Field::new(tried, "earliest", "From").kind("datetime-local").value(&json!(time::for_field(context.now, context.zone()))).required())
                (Field::new(tried, "latest", "Until").kind("datetime-local").value(&json!(time::for_field(context.now + chrono::TimeDelta::days(28), context.zone()))).required())
                button.quiet { "Put on the waitlist" }
            }
        }
    })
}

async fn book(context: Context, form: Form) -> Result<HttpResponse, Failure> {
    let mut body = chosen_time(&form);
    body["patient_id"] = form.text("patient_id");
    body["appointment_type_id"] = form.text("type_id");
    body["reason"] = form.text("reason");
    match context.post("/appointments", body, &form).await {
        Ok(one) => {
            let path = format!("/console/appointments/{}", plain(&one["id"]));
            Ok(address::go_back(&path, "booked"))
        }
        Err(failure) => {
            let tried = Tried::new(form.clone(), failure.problem()?);
            render(&context, &form, &tried, None).await
        }
    }
}
