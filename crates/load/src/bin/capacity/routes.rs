//! The hot routes: what is asked, what it is compared with, and what is promised of it.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::load::{DESK, FREE_SLOTS, MOVABLE, PASSWORD, World};

/// How often all free half-hours can be booked by the service, with another provider and room each time; and as often by the
/// statements that repeat its bookings.
pub(crate) const PASSES: u64 = 50;

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Nobody,
    Desk,
    Provider,
}

/// One request.
#[derive(Default)]
pub(crate) struct Ask {
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    /// Whatever version there is.
    pub(crate) if_match: bool,
}

/// What differs between one repetition of the statements of a request and the next.
#[derive(Default)]
pub(crate) struct Variation {
    /// Lines that count, in the language of `pgbench`; `:k` is the number of the repetition.
    pub(crate) sets: Vec<String>,
    /// Values of the request, and what stands in their place.
    pub(crate) values: Vec<(String, String)>,
    /// Instants of this day move on by `:shift` half-hours.
    pub(crate) from: Option<DateTime<Utc>>,
}

/// What is promised; nothing is where nothing is said.
#[derive(Clone, Copy, Default)]
pub(crate) struct Promise {
    /// Median over that of the route it is compared with, alone on the machine.
    pub(crate) ratio: Option<f64>,
    /// Without those that begin and end every transaction.
    pub(crate) statements: Option<u32>,
    pub(crate) exchanges: Option<u32>,
    pub(crate) pages: Option<i64>,
    /// Requests a second over the repetitions of its statements, at so many connections.
    pub(crate) of_bench: &'static [(u32, f64)],
}

/// A route and how it is asked.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) who: Who,
    /// The route it is compared with.
    pub(crate) baseline: &'static str,
    pub(crate) promise: Promise,
    pub(crate) ask: fn(&World, u64) -> Ask,
    /// Whether an answer is what was loaded.
    pub(crate) holds: fn(&Value) -> bool,
    /// How its statements are repeated; from the request, its number and its answer.
    pub(crate) repeat: Option<fn(&World, u64, &Value) -> Variation>,
    /// Only the statement that reads this table is repeated.
    pub(crate) only: Option<&'static str>,
}

/// Reading takes one exchange, and another for the audit row and the commit.
const READ: Promise = Promise {
    ratio: None,
    statements: None,
    exchanges: Some(2),
    pages: None,
    of_bench: &[],
};

/// The hours are read first, then what is booked in them.
const READ_IN_STEPS: Promise = Promise {
    exchanges: Some(3),
    ..READ
};

fn get(path: String) -> Ask {
    Ask {
        path,
        ..Ask::default()
    }
}

fn id(kind: &str, number: u64) -> String {
    format!("01900000-{kind}-7000-8000-{number:012x}")
}

fn varied(kind: &str, variable: &str) -> String {
    format!("('01900000-{kind}-7000-8000-' || lpad(to_hex(:{variable}::bigint), 12, '0'))::uuid")
}

/// Far apart, so that neighbours are not read one after the other.
fn scattered(number: u64, of: u64) -> u64 {
    number * 7_919 % of
}

/// One of the records of a kind, each time another one.
fn one_of(kind: &str, number: u64, of: u64) -> Variation {
    Variation {
        sets: vec![format!(r"\set which :k * 7919 % {of}")],
        values: vec![(id(kind, scattered(number, of)), varied(kind, "which"))],
        from: None,
    }
}

/// One of the patients with five trigger points: every fifth.
fn examined(world: &World, number: u64) -> String {
    id("0006", scattered(number, world.patients / 5) * 5 + 2)
}

fn one_examined(world: &World, number: u64, _: &Value) -> Variation {
    Variation {
        sets: vec![format!(
            r"\set which (:k * 7919 % {}) * 5 + 2",
            world.patients / 5
        )],
        values: vec![(examined(world, number), varied("0006", "which"))],
        from: None,
    }
}

fn same(_: &World, _: u64, _: &Value) -> Variation {
    Variation::default()
}

fn has_items(body: &Value) -> bool {
    body.pointer("/items/0").is_some()
}

fn is_record(body: &Value) -> bool {
    body.get("id").is_some()
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn from_now(days: i64) -> String {
    text(Utc::now() + TimeDelta::days(days))
}

/// When and by whom the free half-hour of this number is filled.
fn free_slot(world: &World, number: u64) -> (DateTime<Utc>, u64, u64) {
    let slots = u64::from(FREE_SLOTS);
    let half_hours = i64::try_from(number % slots).unwrap_or_default();
    let starts_at = world.free_from + TimeDelta::minutes(30 * half_hours);
    (
        starts_at,
        1_000 + number / slots,
        number % (world.patients - 200),
    )
}

fn book(world: &World, number: u64) -> Ask {
    let (starts_at, provider, patient) = free_slot(world, number);
    Ask {
        path: "/appointments".to_owned(),
        body: Some(json!({
            "patient_id": id("0006", patient), "appointment_type_id": id("0004", 1), "provider_id": id("0003", provider),
            "location_id": id("0001", 2), "starts_at": text(starts_at),
        })),
        ..Ask::default()
    }
}

/// The same booking at another half-hour, with a provider and a room that the service does not book itself.
fn book_again(world: &World, number: u64, booked: &Value) -> Variation {
    let (starts_at, provider, patient) = free_slot(world, number);
    let (slots, persons) = (u64::from(FREE_SLOTS), world.patients - 200);
    let room = booked
        .get("room_id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Variation {
        sets: vec![
            format!(r"\set place :k + {}", PASSES * slots),
            format!(r"\set station 1000 + :place / {slots}"),
            format!(r"\set person :place % {persons}"),
            format!(r"\set shift :place % {slots} - {}", number % slots),
        ],
        values: vec![
            (id("0003", provider), varied("0003", "station")),
            (room.to_owned(), varied("0002", "station")),
            (id("0006", patient), varied("0006", "person")),
        ],
        from: Some(starts_at),
    }
}

/// To the other one of the two half-hours that are kept for it.
fn reschedule(world: &World, number: u64) -> Ask {
    let (which, times) = (number % u64::from(MOVABLE), number / u64::from(MOVABLE));
    let half_hours = i64::try_from(2 * which + (times + 1) % 2).unwrap_or_default();
    let starts_at = world.free_from + TimeDelta::minutes(30 * half_hours);
    Ask {
        path: format!(
            "/appointments/{}/reschedule",
            id("0007", 1_000_000_000 + which)
        ),
        body: Some(json!({ "starts_at": text(starts_at) })),
        if_match: true,
    }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn appointments() -> Vec<Route> {
    let read_appointment = Route {
        key: "read_appointment",
        name: "read one appointment",
        who: Who::Desk,
        baseline: "read_appointment",
        promise: Promise {
            of_bench: &[(32, 0.65)],
            ..READ
        },
        ask: |world, number| {
            let which = scattered(number, world.appointments);
            get(format!("/appointments/{}", id("0007", which)))
        },
        holds: is_record,
        repeat: Some(|world, number, _| one_of("0007", number, world.appointments)),
        only: None,
    };
    vec![
        read_appointment,
        Route {
            key: "day_board",
            name: "day board, 20 providers, 300 appointments",
            promise: Promise {
                ratio: Some(4.0),
                of_bench: &[(32, 0.60)],
                ..READ
            },
            ask: |world, _| {
                get(format!(
                    "/day-board?date={}&location_id={}",
                    world.board,
                    id("0001", 1)
                ))
            },
            holds: |body| body.to_string().len() > 100_000,
            repeat: Some(same),
            ..read_appointment
        },
        Route {
            key: "slots_day",
            name: "slots, 1 day of one provider",
            promise: Promise {
                statements: Some(3),
                ..READ_IN_STEPS
            },
            ask: |world, number| {
                get(format!(
                    "/slots?appointment_type_id={}&from={day}T00:00:00Z&to={day}T23:59:00Z&provider_id={}",
                    id("0004", 1),
                    id("0003", number % 20),
                    day = world.board,
                ))
            },
            holds: has_items,
            repeat: Some(a_provider),
            ..read_appointment
        },
        Route {
            key: "slots_week",
            name: "slots, 7 days of one provider",
            promise: Promise {
                ratio: Some(2.0),
                statements: Some(3),
                of_bench: &[(8, 0.50)],
                ..READ_IN_STEPS
            },
            ask: |_, number| {
                let (kind, until, provider) = (id("0004", 1), from_now(7), id("0003", number % 20));
                get(format!(
                    "/slots?appointment_type_id={kind}&to={until}&provider_id={provider}"
                ))
            },
            holds: has_items,
            repeat: Some(a_provider),
            only: Some("resource_bookings"),
            ..read_appointment
        },
        Route {
            key: "first_available",
            name: "first available of 20, full for a month of 60 days",
            promise: Promise {
                ratio: Some(6.0),
                statements: Some(3),
                exchanges: Some(4),
                ..READ
            },
            ask: |_, _| {
                let (kind, location, until) = (id("0004", 2), id("0001", 1), from_now(60));
                get(format!(
                    "/slots?appointment_type_id={kind}&location_id={location}&to={until}&limit=1"
                ))
            },
            holds: has_items,
            repeat: Some(same),
            ..read_appointment
        },
        Route {
            key: "book",
            name: "book an appointment",
            promise: Promise {
                exchanges: Some(3),
                of_bench: &[(8, 0.75), (32, 0.75)],
                ..READ
            },
            ask: book,
            repeat: Some(book_again),
            ..read_appointment
        },
        Route {
            key: "reschedule",
            name: "reschedule an appointment",
            promise: Promise::default(),
            ask: reschedule,
            // Its statements name the version they change, so they take hold once.
            repeat: None,
            ..read_appointment
        },
    ]
}

fn a_provider(_: &World, number: u64, _: &Value) -> Variation {
    Variation {
        sets: vec![r"\set which :k % 20".to_owned()],
        values: vec![(id("0003", number % 20), varied("0003", "which"))],
        from: None,
    }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn charts() -> Vec<Route> {
    let read_patient = Route {
        key: "read_patient",
        name: "read one patient",
        who: Who::Desk,
        baseline: "read_appointment",
        promise: READ,
        ask: |world, number| {
            let which = scattered(number, world.patients);
            get(format!("/patients/{}", id("0006", which)))
        },
        holds: is_record,
        repeat: Some(|world, number, _| one_of("0006", number, world.patients)),
        only: None,
    };
    let chart = Route {
        who: Who::Provider,
        baseline: "read_patient",
        holds: has_items,
        repeat: Some(same),
        ..read_patient
    };
    let of_chart = Promise {
        ratio: Some(5.0),
        statements: Some(4),
        ..READ
    };
    vec![
        read_patient,
        Route {
            key: "search_patient",
            name: "patient search, misspelt",
            who: Who::Desk,
            promise: Promise {
                ratio: Some(10.0),
                statements: Some(2),
                pages: Some(200),
                ..READ_IN_STEPS
            },
            ask: |_, _| Ask {
                path: "/patients/search".to_owned(),
                body: Some(json!({ "text": "Elenna Lindquist-Bergh" })),
                ..Ask::default()
            },
            ..chart
        },
        Route {
            key: "timeline",
            name: "chart: a page of the timeline",
            promise: of_chart,
            ask: |world, number| get(format!("/patients/{}/timeline", examined(world, number))),
            repeat: Some(one_examined),
            ..chart
        },
        Route {
            key: "points",
            name: "chart: five trigger points with their history",
            promise: of_chart,
            ask: |world, number| {
                let patient = examined(world, number);
                get(format!("/patients/{patient}/trigger-points"))
            },
            repeat: Some(one_examined),
            ..chart
        },
        Route {
            key: "long_points",
            name: "chart: the same after 120 visits in ten years",
            promise: Promise {
                statements: Some(4),
                ..READ
            },
            ask: |_, _| get(format!("/patients/{}/trigger-points", id("0006", 0))),
            ..chart
        },
        Route {
            key: "read_procedure",
            name: "read one procedure",
            promise: READ,
            ask: |_, _| get(format!("/procedures/{}", id("0010", 120))),
            holds: is_record,
            ..chart
        },
        Route {
            key: "safety",
            name: "safety check with ten years of history",
            baseline: "read_procedure",
            promise: Promise {
                ratio: Some(4.0),
                statements: Some(4),
                ..READ
            },
            ask: |_, _| get(format!("/procedures/{}/safety", id("0010", 120))),
            holds: |body| body.pointer("/checks/0").is_some(),
            ..chart
        },
        Route {
            key: "read_follow_up",
            name: "read one follow-up",
            who: Who::Desk,
            promise: READ,
            ask: |world, number| {
                get(format!(
                    "/follow-ups/{}",
                    id("0015", scattered(number, world.follow_ups))
                ))
            },
            holds: is_record,
            repeat: Some(|world, number, _| one_of("0015", number, world.follow_ups)),
            ..chart
        },
        Route {
            key: "work_list",
            name: "a page of overdue follow-ups",
            who: Who::Desk,
            baseline: "read_follow_up",
            promise: Promise {
                ratio: Some(3.0),
                pages: Some(200),
                ..READ_IN_STEPS
            },
            ask: |_, _| get("/follow-ups?status=overdue".to_owned()),
            ..chart
        },
        Route {
            key: "outcomes",
            name: "outcomes with five years of diary",
            baseline: "read_follow_up",
            promise: Promise {
                ratio: Some(10.0),
                ..READ
            },
            ask: |_, _| get(format!("/patients/{}/outcomes", id("0006", 1))),
            holds: |body| body.to_string().len() > 10_000,
            ..chart
        },
        Route {
            key: "sign_in",
            name: "sign in",
            who: Who::Nobody,
            baseline: "sign_in",
            promise: Promise::default(),
            ask: |_, _| Ask {
                path: "/auth/login".to_owned(),
                body: Some(json!({ "email": DESK, "password": PASSWORD })),
                ..Ask::default()
            },
            holds: |body| body.get("access_token").is_some(),
            repeat: None,
            ..read_patient
        },
    ]
}

/// Every hot route, each after the one it is compared with.
pub(crate) fn all() -> Vec<Route> {
    let mut routes = appointments();
    routes.extend(charts());
    routes
}

/// Those whose key begins with one of these, and what they are compared with.
pub(crate) fn chosen(prefixes: &[String]) -> Vec<Route> {
    let routes = all();
    if prefixes.is_empty() {
        return routes;
    }
    let named = |route: &Route| {
        prefixes
            .iter()
            .any(|prefix| route.key.starts_with(prefix.as_str()))
    };
    let baselines: Vec<&str> = routes
        .iter()
        .filter(|route| named(route))
        .map(|route| route.baseline)
        .collect();
    let is_baseline = |route: &Route| baselines.contains(&route.key);
    routes
        .into_iter()
        .filter(|route| named(route) || is_baseline(route))
        .collect()
}
