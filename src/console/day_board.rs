//! The day board: a column for each provider, time down the side.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use maud::{Markup, html};
use serde_json::Value;

use crate::platform::access::Role;

use super::address::encoded;
use super::assets::{board_place, board_span};
use super::context::{Context, Failure};
use super::fields::{act, named, plain};
use super::form::Form;
use super::page::Page;
use super::texts;
use super::time;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services.route("/desk", web::get().to(show));
}

/// What is shown of which day.
struct Wanted {
    date: NaiveDate,
    location_id: Option<String>,
    /// The address of this board, to come back to.
    back: String,
    is_today: bool,
}

impl Wanted {
    fn of(context: &Context) -> Self {
        let query = Form::of_query(context.request());
        let today = time::today(context.now, context.zone());
        let date = query.get("date").and_then(|date| date.parse().ok());
        let date = date.unwrap_or(today);
        let location_id = query.get("location_id").map(str::to_owned);
        let mut wanted = Self {
            date,
            location_id,
            back: String::new(),
            is_today: date == today,
        };
        wanted.back = wanted.path(date);
        wanted
    }

    fn path(&self, date: NaiveDate) -> String {
        let location = self.location_id.as_ref();
        let location =
            location.map_or_else(String::new, |id| format!("&location_id={}", encoded(id)));
        format!("/console/desk?date={date}{location}")
    }
}

async fn show(context: Context) -> Result<HttpResponse, Failure> {
    let wanted = Wanted::of(&context);
    let locations = context.list("/locations?limit=200").await?;
    let location = wanted.location_id.as_ref();
    let location = location.map_or_else(String::new, |id| format!("&location_id={}", encoded(id)));
    let path = format!("/day-board?date={}{location}", wanted.date);
    let board = context.get(&path).await?;
    let columns = board["columns"].as_array().cloned().unwrap_or_default();
    let body = html! {
        (toolbar(&wanted, &locations, &context))
        @if columns.is_empty() {
            div.empty {
                p { "Nothing is booked on this day." }
                p { a.button href="/console/book" { "Book an appointment" } }
            }
        } @else {
            div #board data-live=(wanted.back) {
                (summary(&columns, &context))
                (grid(&columns, &wanted, &context))
                (as_list(&columns, &wanted))
            }
        }
        p.keys.hint { kbd { "↑↓←→" } " go between appointments · " kbd { "C" } " confirm · " kbd { "I" } " check in · " kbd { "R" } " to room · "
            kbd { "N" } " did not come · " kbd { "M" } " move · " kbd { "X" } " cancel · " kbd { "/" } " find a person" }
    };
    let title = format!("Day board, {}", time::long_date(wanted.date));
    Ok(Page::new(&title, "Day board", body).show(&context))
}

fn toolbar(wanted: &Wanted, locations: &[Value], context: &Context) -> Markup {
    let today = time::today(context.now, context.zone());
    html! {
        div.toolbar {
            h1 { (time::long_date(wanted.date)) @if wanted.is_today { " " span.tag { "today" } } }
            nav.days aria-label="Days" {
                a.button.quiet href=(wanted.path(time::later(wanted.date, -1))) rel="prev" { "‹" span.hidden { "The day before" } }
                a.button.quiet href=(wanted.path(today)) { "Today" }
                a.button.quiet href=(wanted.path(time::later(wanted.date, 1))) rel="next" { "›" span.hidden { "The day after" } }
                a.button.quiet href=(wanted.path(time::later(wanted.date, 7))) { "+ 1 week" }
            }
            form.jump method="get" action="/console/desk" {
                label for="date" { "Day" } input #date type="date" name="date" value=(wanted.date);
                @if locations.len() > 1 {
                    label for="location_id" { "Location" }
                    select #location_id name="location_id" {
                        option value="" { "All" }
                        @for (id, name) in named(locations) {
                            option value=(id) selected[wanted.location_id.as_ref() == Some(&id)] { (name) }
                        }
                    }
                }
                button.quiet { "Show" }
            }
            @if context.role() != Role::Auditor { a.button href="/console/book" { "Book" } }
        }
    }
}

fn all(columns: &[Value]) -> impl Iterator<Item = &Value> {
    let lists = columns
        .iter()
        .filter_map(|column| column["appointments"].as_array());
    lists.flatten()
}

fn is_off(appointment: &Value) -> bool {
    matches!(
        appointment["status"].as_str(),
        Some("cancelled" | "no_show")
    )
}

/// Minutes that somebody who should be here is late.
fn late_minutes(appointment: &Value, context: &Context) -> Option<i64> {
    let awaited = matches!(appointment["status"].as_str(), Some("booked" | "confirmed"));
    let late = time::minutes_since(&appointment["starts_at"], context.now);
    (awaited && (1..=720).contains(&late)).then_some(late)
}

/// Names where others show counts: who waits, who is late, who is unconfirmed.
fn summary(columns: &[Value], context: &Context) -> Markup {
    let mut waiting: Vec<&Value> = all(columns)
        .filter(|one| one["status"] == "arrived")
        .collect();
    waiting.sort_by_key(|one| std::cmp::Reverse(one["waiting_minutes"].as_i64()));
    let late: Vec<&Value> = all(columns)
        .filter(|one| late_minutes(one, context).is_some())
        .collect();
    let open = all(columns)
        .filter(|one| one["status"] == "booked" && late_minutes(one, context).is_none());
    let open: Vec<&Value> = open.collect();
    let line = |title: &str, shape: &str, list: &[&Value], note: &dyn Fn(&Value) -> String| {
        html! {
            @if !list.is_empty() {
                div.line {
                    dt { span.shape aria-hidden="true" { (shape) } " " (title) " (" (list.len()) ")" }
                    dd { @for one in list.iter().take(8) {
                        a href={ "/console/appointments/" (plain(&one["id"])) } { (plain(&one["patient"]["name"])) }
                        " " small { (note(one)) } " "
                    }
                    @if list.len() > 8 { small { "and " (list.len() - 8) " more" } } }
                }
            }
        }
    };
    let waited = |one: &Value| format!("{} min", plain(&one["waiting_minutes"]));
    let missed = |one: &Value| format!("{} min", late_minutes(one, context).unwrap_or_default());
    let at = |one: &Value| time::clock(&one["starts_at"]);
    html! {
        dl.summary {
            (line("Waiting", "▲", &waiting, &waited))
            (line("Late", "!", &late, &missed))
            (line("Unconfirmed", "○", &open, &at))
        }
    }
}

/// The hours that the board shows.
fn hours(columns: &[Value]) -> (u32, u32) {
    let on = || all(columns).filter(|one| !is_off(one));
    let first = on().map(|one| time::minute_of_day(&one["starts_at"])).min();
    let last = on().map(|one| {
        let length = time::minutes_between(&one["starts_at"], &one["ends_at"]);
        time::minute_of_day(&one["starts_at"]) + u32::try_from(length).unwrap_or(30)
    });
    let first = first.unwrap_or(480) / 60 * 60;
    let last = last.max().unwrap_or(1020).div_ceil(60) * 60;
    (first, last.clamp(first + 240, first + 900))
}

fn grid(columns: &[Value], wanted: &Wanted, context: &Context) -> Markup {
    let (first, last) = hours(columns);
    let now = time::for_field(context.now, columns_zone(columns, context));
    let now = minute_of_field(&now).filter(|now| wanted.is_today && (first..last).contains(now));
    html! {
        div.board tabindex="0" role="region" aria-label="Appointments by provider" {
            div.hours aria-hidden="true" {
                div.head {}
                div.slots {
                    @for hour in (first..last).step_by(60) {
                        span.hour.{ (board_place(hour - first)) }.n12 { (time::clock_of_minute(hour)) }
                    }
                }
            }
            @for column in columns {
                (one_column(column, first, now, wanted, context))
            }
        }
        @let off: Vec<&Value> = all(columns).filter(|one| is_off(one)).collect();
        @if !off.is_empty() {
            section.off aria-label="Cancelled or not come" {
                h2 { "Cancelled or not come" }
                ul.plain {
                    @for one in off {
                        @let (shape, word) = texts::status(one["status"].as_str().unwrap_or_default());
                        li { span.shape aria-hidden="true" { (shape) } " " (time::clock(&one["starts_at"])) " "
                            a href={ "/console/appointments/" (plain(&one["id"])) } { (plain(&one["patient"]["name"])) } " " small { (word) } }
                    }
                }
            }
        }
    }
}

fn columns_zone<'z>(columns: &'z [Value], context: &'z Context) -> &'z str {
    let zone = all(columns)
        .next()
        .and_then(|one| one["time_zone"].as_str());
    zone.unwrap_or(context.zone())
}

fn minute_of_field(typed: &str) -> Option<u32> {
    let (_, clock) = typed.split_once('T')?;
    let (hours, minutes) = clock.split_once(':')?;
    Some(hours.parse::<u32>().ok()? * 60 + minutes.parse::<u32>().ok()?)
}

fn one_column(
    column: &Value,
    first: u32,
    now: Option<u32>,
    wanted: &Wanted,
    context: &Context,
) -> Markup {
    let provider_id = plain(&column["provider"]["id"]);
    let appointments = column["appointments"].as_array();
    let on = appointments
        .into_iter()
        .flatten()
        .filter(|one| !is_off(one));
    html! {
        section.column aria-label=(plain(&column["provider"]["name"])) {
            h2.head { (plain(&column["provider"]["name"]))
                " " a.add href={ "/console/book?provider_id=" (provider_id) "&from=" (wanted.date) } aria-label={ "Book with " (plain(&column["provider"]["name"])) } { "+" } }
            div.slots data-provider=(provider_id) data-first=(first) data-date=(wanted.date) {
                @if let Some(now) = now { div.now-line.{ (board_place(now.saturating_sub(first))) }.n1 {} }
                @for one in on { (card(one, first, wanted, context)) }
            }
        }
    }
}

fn card(one: &Value, first: u32, wanted: &Wanted, context: &Context) -> Markup {
    let id = plain(&one["id"]);
    let status = one["status"].as_str().unwrap_or_default();
    let (shape, word) = texts::status(status);
    let row = board_place(time::minute_of_day(&one["starts_at"]).saturating_sub(first));
    let length = time::minutes_between(&one["starts_at"], &one["ends_at"]);
    let late = late_minutes(one, context);
    let room = plain(&one["room"]["name"]);
    html! {
        article.appt.(status).late[late.is_some()].{ (row) }.{ "n" (board_span(length)) } data-id=(id) data-version=(plain(&one["version"])) {
            a.who #{ "a-" (id) } href={ "/console/appointments/" (id) "?back=" (encoded(&wanted.back)) } {
                span.shape aria-hidden="true" { (shape) } " "
                b { (plain(&one["patient"]["name"])) } " "
                span.at { (time::clock(&one["starts_at"])) "–" (time::clock(&one["ends_at"])) }
                span.state { (word)
                    @if let Some(minutes) = one["waiting_minutes"].as_i64() { @if status == "arrived" { " " (minutes) " min" } }
                    @if let Some(late) = late { ", " (late) " min late" }
                    @if !room.is_empty() { " · " (room) }
                }
                span.type {
                    svg.dot viewBox="0 0 8 8" aria-hidden="true" { circle cx="4" cy="4" r="4" fill=(plain(&one["color"])) {} }
                    " " (plain(&one["appointment_type"]["name"]))
                }
            }
            (steps(one, &wanted.back, (true, wanted.is_today)))
        }
    }
}

/// The acts that the appointment allows now, as buttons.
pub(super) fn steps(one: &Value, back: &str, (next_only, is_today): (bool, bool)) -> Markup {
    let id = plain(&one["id"]);
    let version = plain(&one["version"]);
    let allowed = one["allowed"].as_array().cloned().unwrap_or_default();
    let known = allowed.iter().filter_map(Value::as_str);
    let known = known.filter_map(texts::step);
    // Starting and ending a visit is done from the visit.
    let forward = |path: &str| matches!(path, "confirm" | "check-in" | "room");
    let mut shown: Vec<(&str, &str)> = known
        .filter(|(_, path)| !next_only || forward(path))
        .collect();
    if next_only && shown.len() > 1 {
        // Who is here today is checked in; who comes another day is asked to confirm.
        let later = !allowed.iter().any(|act| act == "no_show") && !is_today;
        let wanted = if later { "confirm" } else { "check-in" };
        shown.retain(|(_, path)| *path == wanted || *path == "room");
    }
    html! {
        div.steps {
            @for (label, path) in shown {
                (act(&format!("/console/appointments/{id}/{path}"), label, if next_only { "small" } else { "quiet" },
                    &[("version", &version), ("back", back)]))
            }
        }
    }
}

/// The same day as a list, for print and for who prefers one.
fn as_list(columns: &[Value], wanted: &Wanted) -> Markup {
    let mut list: Vec<(&Value, &Value)> = Vec::new();
    for column in columns {
        let appointments = column["appointments"].as_array();
        list.extend(
            appointments
                .into_iter()
                .flatten()
                .map(|one| (&column["provider"]["name"], one)),
        );
    }
    list.sort_by_key(|(_, one)| plain(&one["starts_at"]));
    html! {
        details.day-list {
            summary { "As a list" }
            table {
                caption { (time::long_date(wanted.date)) }
                thead { tr { th scope="col" { "Time" } th scope="col" { "Person" } th scope="col" { "Type" } th scope="col" { "Provider" } th scope="col" { "Room" } th scope="col" { "State" } } }
                tbody {
                    @for (provider, one) in list {
                        @let (shape, word) = texts::status(one["status"].as_str().unwrap_or_default());
                        tr {
                            td { (time::clock(&one["starts_at"])) "–" (time::clock(&one["ends_at"])) }
                            td { a href={ "/console/appointments/" (plain(&one["id"])) } { (plain(&one["patient"]["name"])) } }
                            td { (plain(&one["appointment_type"]["name"])) }
                            td { (plain(provider)) }
                            td { (plain(&one["room"]["name"])) }
                            td { (shape) " " (word) }
                        }
                    }
                }
            }
        }
    }
}
