//! The parts of the practice: what is there, and the form that adds to it.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::context::{Context, Failure};
use super::fields::{Field, Tried, named, once, plain, table, tick};
use super::set_up::SetUp;
use super::texts;
use super::time;

/// What is there, and the form below it.
type Part = (Markup, Markup);

fn new_form(kind: &str, title: &str, tried: &Tried, fields: &Markup) -> Markup {
    html! {
        section.card { h2 { (title) }
            form.stacked method="post" action={ "/console/practice/" (kind) } { (once(tried)) (fields) button { "Add" } }
        }
    }
}

fn cells(list: &[Value], names: &[&str]) -> Vec<Vec<Markup>> {
    let row = |one: &Value| {
        let cell = |name: &&str| html! { (texts::value(&one[*name])) };
        names.iter().map(cell).collect()
    };
    list.iter().map(row).collect()
}

pub(super) fn locations(context: &Context, set_up: &SetUp, tried: &Tried) -> Part {
    let rooms = |location: &Value| {
        let rooms = set_up
            .rooms
            .iter()
            .filter(|room| room["location_id"] == location["id"]);
        rooms
            .map(|room| plain(&room["name"]))
            .collect::<Vec<String>>()
            .join(", ")
    };
    let rows = set_up.locations.iter().map(|one| {
        vec![
            html! { b { (plain(&one["name"])) } },
            html! { (plain(&one["address"])) },
            html! { (plain(&one["time_zone"])) },
            html! { (rooms(one)) },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let list = table(
        &["Name", "Address", "Time zone", "Rooms"],
        &rows,
        "None yet. Add the place where you see people.",
    );
    let form = html! {
        (new_form("locations", "Add a location", tried, &html! {
            (Field::new(tried, "name", "Name").required()) (Field::new(tried, "address", "Address"))
            (Field::new(tried, "time_zone", "Time zone").required().value(&json!(context.zone())).hint("Such as America/New_York."))
        }))
        @if !set_up.locations.is_empty() { section.card { h2 { "Add a room" }
            form.row method="post" action="/console/practice/rooms" { (once(tried))
                select name="location_id" aria-label="Location" { @for (id, name) in named(&set_up.locations) { option value=(id) { (name) } } }
                input name="name" required aria-label="Name of the room" placeholder="Room 1"; button.quiet { "Add the room" } }
        } }
    };
    (list, form)
}

pub(super) fn types(set_up: &SetUp, tried: &Tried) -> Part {
    let rows = cells(
        &set_up.types,
        &[
            "name",
            "duration_minutes",
            "buffer_after_minutes",
            "patient_bookable",
            "needs_room",
            "cancel_cutoff_minutes",
        ],
    );
    let list = table(
        &[
            "Name",
            "Minutes",
            "Pause after",
            "Patients book it",
            "Needs a room",
            "Cancel until, minutes before",
        ],
        &rows,
        "None yet. Add what people come for.",
    );
    let form = new_form(
        "types",
        "Add a type",
        tried,
        &html! {
            div.split { div {
                (Field::new(tried, "name", "Name").required())
                (Field::new(tried, "duration_minutes", "Minutes").kind("number").required().value(&json!(30)))
                (Field::new(tried, "start_every_minutes", "A start every … minutes").kind("number").required().value(&json!(15)))
            } div {
                (Field::new(tried, "buffer_after_minutes", "Pause after, minutes").kind("number").value(&json!(0)))
                (Field::new(tried, "cancel_cutoff_minutes", "Patients cancel until … minutes before").kind("number").value(&json!(1440)))
                (tick("patient_bookable", "yes", "Patients may book it themselves", true)) (tick("needs_room", "yes", "It needs a room", false))
            } }
        },
    );
    (list, form)
}

pub(super) fn providers(set_up: &SetUp, tried: &Tried) -> Part {
    let rows = cells(&set_up.providers, &["name", "credentials", "npi", "active"]);
    let list = table(
        &["Name", "Credentials", "NPI", "Works here"],
        &rows,
        "None yet. Add who sees people.",
    );
    let form = new_form(
        "providers",
        "Add a provider",
        tried,
        &html! {
            (Field::new(tried, "name", "Name").required()) (Field::new(tried, "credentials", "Credentials").hint("Such as MD.")) (Field::new(tried, "npi", "NPI"))
        },
    );
    (list, form)
}

const WEEKDAYS: [(&str, &str); 7] = [
    ("monday", "Mon"),
    ("tuesday", "Tue"),
    ("wednesday", "Wed"),
    ("thursday", "Thu"),
    ("friday", "Fri"),
    ("saturday", "Sat"),
    ("sunday", "Sun"),
];

pub(super) async fn hours(
    context: &Context,
    set_up: &SetUp,
    tried: &Tried,
) -> Result<Part, Failure> {
    let mut rows = Vec::new();
    for provider in &set_up.providers {
        let path = format!(
            "/providers/{}/availability?limit=20",
            plain(&provider["id"])
        );
        for one in context.list(&path).await? {
            let location = set_up
                .locations
                .iter()
                .find(|place| place["id"] == one["location_id"]);
            let weekly = one["weekly"].as_array().into_iter().flatten();
            let weekly = weekly.map(|span| {
                format!(
                    "{} {}–{}",
                    texts::code(&plain(&span["weekday"]))
                        .chars()
                        .take(3)
                        .collect::<String>(),
                    plain(&span["from"]),
                    plain(&span["to"])
                )
            });
            let weekly: Vec<String> = weekly.collect();
            let end = if one["valid_until"].is_null() {
                String::new()
            } else {
                format!(" to {}", time::short_date(&one["valid_until"]))
            };
            rows.push(vec![
                html! { b { (plain(&provider["name"])) } },
                html! { (location.map_or_else(String::new, |place| plain(&place["name"]))) },
                html! { "from " (time::short_date(&one["valid_from"])) (end) },
                html! { (weekly.join(", ")) },
            ]);
        }
    }
    let today = time::today(context.now, context.zone());
    let list = table(
        &["Provider", "Where", "When", "Hours"],
        &rows,
        "Nobody has hours yet, so nothing can be booked.",
    );
    let first = |list: &[Value]| list.first().map_or(Value::Null, |one| one["id"].clone());
    let form = new_form(
        "hours",
        "Set the hours of a provider",
        tried,
        &html! {
            div.split { div {
                (Field::new(tried, "provider_id", "Provider").required().choices(named(&set_up.providers)).value(&first(&set_up.providers)))
                (Field::new(tried, "location_id", "Where").required().choices(named(&set_up.locations)).value(&first(&set_up.locations)))
                (Field::new(tried, "valid_from", "From the day").kind("date").required().value(&json!(today)))
            } div {
                fieldset { legend { "On" } @for (index, (day, short)) in WEEKDAYS.iter().enumerate() { (tick("weekday", day, short, index < 5)) } }
                div.row { (Field::new(tried, "from_1", "From").kind("time").required().value(&json!("08:00"))) (Field::new(tried, "to_1", "To").kind("time").required().value(&json!("12:00"))) }
                div.row { (Field::new(tried, "from_2", "And from").kind("time").value(&json!("13:00"))) (Field::new(tried, "to_2", "To").kind("time").value(&json!("17:00"))) }
            } }
            p.hint { "These hours replace those of the same provider at the same place from that day on. Appointments outside stay booked and are listed under “Affected”." }
        },
    );
    Ok((list, form))
}

fn spans(context: &Context, tried: &Tried) -> Markup {
    let start = time::for_field(context.now, context.zone());
    html! {
        (Field::new(tried, "starts_at", "From").kind("datetime-local").required().value(&json!(start)))
        (Field::new(tried, "ends_at", "Until").kind("datetime-local").required().value(&json!(start)))
        (Field::new(tried, "reason", "Why").required())
    }
}

pub(super) async fn closures(
    context: &Context,
    set_up: &SetUp,
    tried: &Tried,
) -> Result<Part, Failure> {
    let all = context.list("/closures?limit=200").await?;
    let rows = all.iter().rev().map(|one| {
        vec![
            html! { (time::day_and_clock(&one["starts_at"])) },
            html! { (time::day_and_clock(&one["ends_at"])) },
            html! { (plain(&one["reason"])) },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let list = table(&["From", "Until", "Why"], &rows, "No closure is planned.");
    let form = new_form(
        "closures",
        "Close the practice or a place",
        tried,
        &html! {
            (Field::new(tried, "location_id", "Where").choices(named(&set_up.locations)).hint("Empty means everywhere.")) (spans(context, tried))
            p.hint { "Appointments inside stay booked and are listed under “Affected” until each is moved, cancelled or kept." }
        },
    );
    Ok((list, form))
}

pub(super) async fn time_off(
    context: &Context,
    set_up: &SetUp,
    tried: &Tried,
) -> Result<Part, Failure> {
    let mut rows = Vec::new();
    for provider in &set_up.providers {
        let path = format!("/providers/{}/time-off?limit=50", plain(&provider["id"]));
        for one in context.list(&path).await? {
            rows.push(vec![
                html! { b { (plain(&provider["name"])) } },
                html! { (time::day_and_clock(&one["starts_at"])) },
                html! { (time::day_and_clock(&one["ends_at"])) },
                html! { (plain(&one["reason"])) },
            ]);
        }
    }
    let list = table(
        &["Provider", "From", "Until", "Why"],
        &rows,
        "Nobody is away.",
    );
    let form = new_form(
        "time-off",
        "Add time off",
        tried,
        &html! { (Field::new(tried, "provider_id", "Who").required().choices(named(&set_up.providers))) (spans(context, tried)) },
    );
    Ok((list, form))
}

const ROLES: [&str; 5] = ["front_desk", "provider", "assistant", "admin", "auditor"];

pub(super) async fn users(context: &Context, tried: &Tried) -> Result<Part, Failure> {
    let users = context.list("/users?limit=200").await?;
    let invitations = context.list_if_any("/invitations?limit=50").await?;
    let rows = users
        .iter()
        .filter(|one| one["role"] != "patient")
        .map(|one| {
            vec![
                html! { b { (plain(&one["display_name"])) } },
                html! { (plain(&one["email"])) },
                html! { (texts::code(&plain(&one["role"]))) },
                html! { @if one["disabled"] == true { "✕ kept out" } @else { "○ may sign in" } },
            ]
        });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let open = invitations
        .iter()
        .filter(|one| one["accepted_at"].is_null() && one["revoked_at"].is_null());
    let open: Vec<Vec<Markup>> = open
        .map(|one| {
            vec![
                html! { (plain(&one["email"])) },
                html! { (texts::code(&plain(&one["role"]))) },
                html! { "until " (time::day_in(&one["expires_at"], context.zone())) },
            ]
        })
        .collect();
    let list = html! { (table(&["Name", "E-mail", "Role", "State"], &rows, "Nobody yet.")) @if !open.is_empty() { h2 { "Invited" } (table(&["E-mail", "As", "Good"], &open, "")) } };
    let form = new_form(
        "users",
        "Invite somebody",
        tried,
        &html! { (Field::new(tried, "email", "E-mail").kind("email").required()) (Field::new(tried, "role", "As").required().codes(&ROLES)) },
    );
    Ok((list, form))
}

pub(super) async fn rules(context: &Context) -> Result<Part, Failure> {
    let sets = context.list("/rule-sets?limit=20").await?;
    let rows = sets.iter().map(|one| vec![html! { b { (plain(&one["version"])) } }, html! { (texts::code(&plain(&one["origin"]))) }, html! { (texts::code(&plain(&one["review_state"]))) }, html! { (plain(&one["source"])) }, html! { @if one["confirmed_at"].is_null() { "▲ proposed" } @else { "○ confirmed " (time::day_in(&one["confirmed_at"], context.zone())) } }]);
    let rows: Vec<Vec<Markup>> = rows.collect();
    let note = html! { p.hint { "The limits are data with a source. The one confirmed last is in force. A practice publishes its own through the interface for programs." } };
    Ok((
        table(
            &["Version", "From", "Review", "Source", "State"],
            &rows,
            "None.",
        ),
        note,
    ))
}
