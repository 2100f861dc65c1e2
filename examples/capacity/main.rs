//! Measures the hot routes on a practice of a chosen size.
//!
//! ```sh
//! cargo run --release --example capacity -- --appointments 1000000
//! ```
//!
//! Starts a private Postgres that forces every commit to the disk, loads a practice group, starts the real service and asks it
//! over loopback, one request at a time, the routes interleaved in rounds. Times move with the machine, so each is also printed as
//! a ratio to reading one appointment by id in the same run, and beside it the pages of tables and indexes that a request touches,
//! as the database counts them: session check and audit row included.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "the table is what it is for, and the service under measurement runs by the machine's clock"
)]

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::{Datelike, Days, Utc, Weekday};
use clap::Parser;
use reqwest::{Client, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};
use tautband::application::Application;
use tautband::platform::clock::Clock;
use tautband::platform::embedded_postgres::{Durability, EmbeddedPostgres};
use tautband::settings::Settings;
use tautband::{migrations, set_up};
use tokio_postgres::NoTls;

const EMAIL: &str = "desk@capacity.example";
const PASSWORD: &str = "four quiet measured rivers";
const LOCATION: &str = "01900000-0001-7000-8000-000000000001";
const KIND: &str = "01900000-0004-7000-8000-000000000001";
/// What every other route is compared with.
const ONE_RECORD: &str = "read one appointment";

/// Measures the hot routes on a practice of a chosen size
#[derive(Parser)]
struct Options {
    /// Appointments to load; 300 make a day
    #[arg(long, default_value_t = 10_000)]
    appointments: u32,
    /// Rounds; figures are medians over all of them
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Requests of each route in a round
    #[arg(long, default_value_t = 40)]
    requests: u32,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let directory = std::env::temp_dir().join(format!("tautband-capacity-{}", std::process::id()));
    let server = EmbeddedPostgres::start(&directory, Durability::Full)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let measured = runtime.block_on(run(&server, &options));
    drop(runtime);
    let stopped = server.stop();
    std::fs::remove_dir_all(&directory).context("the data directory is left behind")?;
    stopped?;
    measured
}

async fn run(server: &EmbeddedPostgres, options: &Options) -> anyhow::Result<()> {
    migrations::create_database(&server.url("postgres"), "capacity").await?;
    let url = server.url("capacity");
    migrations::apply(&url).await?;
    let user = set_up::NewUser {
        practice: "capacity".to_owned(),
        practice_name: None,
        time_zone: chrono_tz::America::New_York,
        email: EMAIL.to_owned(),
        name: "Front Desk".to_owned(),
        role: "front_desk".to_owned(),
        password_file: None,
    };
    set_up::create_user(&url, &user, SecretString::from(PASSWORD)).await?;
    let database = Database::connect(&url).await?;
    let began = Instant::now();
    database.load(options.appointments).await?;
    eprintln!(
        "{} appointments in {:.0} s",
        options.appointments,
        began.elapsed().as_secs_f64()
    );
    let settings = Settings {
        database_url: SecretString::from(url),
        listen: "127.0.0.1:0".parse()?,
        // One after the other needs one, and one connection can be told to report what it counted.
        connections: 1,
        workers: 2,
        requests_per_minute: 1_000_000.try_into()?,
    };
    let service = Application::start(&settings, Clock::system()).await?;
    let (base, handle) = (service.url(), service.handle());
    let serving = tokio::spawn(service.run());
    let desk = Desk::sign_in(&base).await?;
    let mut routes = routes(options.appointments);
    for round in 0..=options.rounds {
        for route in &mut routes {
            let pages = database.pages(&desk).await?;
            for number in 0..options.requests {
                let took = desk
                    .ask(route.ask, round * options.requests + number)
                    .await?;
                // The first round warms up what is warm in a running clinic.
                if round > 0 {
                    route.times.push(took);
                }
            }
            if round > 0 {
                let touched = database.pages(&desk).await? - pages;
                route.pages.push(touched / i64::from(options.requests));
            }
        }
        eprintln!("round {round} of {}", options.rounds);
    }
    print(&mut routes);
    handle.stop(true).await;
    serving.await??;
    Ok(())
}

/// One route, and what it took.
struct Route {
    name: &'static str,
    ask: Ask,
    times: Vec<Duration>,
    pages: Vec<i64>,
}

/// What is asked of the service.
#[derive(Clone, Copy)]
enum Ask {
    Appointment { appointments: u32 },
    Patient,
    DayBoard,
    SlotsOfAWeek,
    FirstAvailable,
    Search,
    Book,
}

fn routes(appointments: u32) -> Vec<Route> {
    let route = |name, ask| Route {
        name,
        ask,
        times: Vec::new(),
        pages: Vec::new(),
    };
    vec![
        route(ONE_RECORD, Ask::Appointment { appointments }),
        route("read one patient", Ask::Patient),
        route("day board, 20 providers", Ask::DayBoard),
        route("slots, 7 days of one provider", Ask::SlotsOfAWeek),
        route("first available of 20, 60 days", Ask::FirstAvailable),
        route("patient search, misspelt", Ask::Search),
        route("find a slot and book it", Ask::Book),
    ]
}

fn median<T: Copy + Ord>(values: &mut [T]) -> Option<T> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

fn print(routes: &mut [Route]) {
    println!(
        "{:<32} {:>10} {:>8} {:>8}",
        "route", "median ms", "ratio", "pages"
    );
    let mut one = Duration::ZERO;
    for route in routes {
        let time = median(&mut route.times).unwrap_or_default();
        if route.name == ONE_RECORD {
            one = time;
        }
        println!(
            "{:<32} {:>10.2} {:>8.1} {:>8}",
            route.name,
            time.as_secs_f64() * 1000.0,
            time.as_secs_f64() / one.as_secs_f64(),
            median(&mut route.pages).unwrap_or_default(),
        );
    }
}

/// The front desk, signed in.
struct Desk {
    http: Client,
    base: String,
    token: String,
}

impl Desk {
    async fn sign_in(base: &str) -> anyhow::Result<Self> {
        let http = Client::new();
        let answer: Value = http
            .post(format!("{base}/api/v1/auth/login"))
            .json(&json!({ "email": EMAIL, "password": PASSWORD }))
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        let token = answer.get("access_token").and_then(Value::as_str);
        Ok(Self {
            http,
            base: format!("{base}/api/v1"),
            token: token.context("no token")?.to_owned(),
        })
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let answer = request.bearer_auth(&self.token).send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        ensure!(status.is_success(), "{status}: {body}");
        Ok(body)
    }

    /// How long an answer takes to be here whole.
    async fn ask(&self, ask: Ask, number: u32) -> anyhow::Result<Duration> {
        let get = |path: String| self.http.get(format!("{}{path}", self.base));
        let began = Instant::now();
        match ask {
            Ask::Appointment { appointments } => {
                let which = number.wrapping_mul(7_919) % (appointments / 300 * 300);
                let path = format!("/appointments/01900000-0007-7000-8000-{which:012x}");
                self.send(get(path)).await?;
            }
            Ask::Patient => {
                let which = number.wrapping_mul(7_919) % 2_000;
                let path = format!("/patients/01900000-0006-7000-8000-{which:012x}");
                self.send(get(path)).await?;
            }
            Ask::DayBoard => {
                let path = format!("/day-board?date={}&location_id={LOCATION}", next_weekday());
                let board = self.send(get(path)).await?;
                ensure!(board.to_string().len() > 10_000, "an empty board");
            }
            Ask::SlotsOfAWeek => {
                let provider = number % 20;
                let until = Utc::now() + chrono::TimeDelta::days(7);
                let until = until.format("%Y-%m-%dT%H:%M:%SZ");
                let path = format!(
                    "/slots?appointment_type_id={KIND}&to={until}&provider_id=01900000-0003-7000-8000-{provider:012x}"
                );
                self.send(get(path)).await?;
            }
            Ask::FirstAvailable => {
                let until = Utc::now() + chrono::TimeDelta::days(60);
                let until = until.format("%Y-%m-%dT%H:%M:%SZ");
                let path = format!("/slots?appointment_type_id={KIND}&to={until}&limit=1");
                self.send(get(path)).await?;
            }
            Ask::Search => {
                let path = format!("{}/patients/search", self.base);
                let body = json!({ "text": "Elenna Lindquist-Bergh" });
                let found = self.send(self.http.post(path).json(&body)).await?;
                ensure!(found.pointer("/items/0").is_some(), "nobody found");
            }
            Ask::Book => return self.book(number).await,
        }
        Ok(began.elapsed())
    }

    /// Looks for a slot, then books it; the time of the booking alone.
    async fn book(&self, number: u32) -> anyhow::Result<Duration> {
        let path = format!("/slots?appointment_type_id={KIND}&limit=1");
        let found = self
            .send(self.http.get(format!("{}{path}", self.base)))
            .await?;
        let slot = found.pointer("/items/0").context("no slot is left")?;
        let patient = 500 + number;
        let body = json!({
            "patient_id": format!("01900000-0006-7000-8000-{patient:012x}"),
            "appointment_type_id": KIND,
            "provider_id": slot.get("provider_id"),
            "location_id": slot.get("location_id"),
            "starts_at": slot.get("starts_at"),
        });
        let began = Instant::now();
        let path = format!("{}/appointments", self.base);
        self.send(self.http.post(path).json(&body)).await?;
        Ok(began.elapsed())
    }
}

fn next_weekday() -> chrono::NaiveDate {
    let mut day = Utc::now().date_naive() + Days::new(1);
    while matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        day = day + Days::new(1);
    }
    day
}

/// The database from outside, as its owner.
struct Database {
    client: tokio_postgres::Client,
}

impl Database {
    async fn connect(url: &str) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self { client })
    }

    async fn load(&self, appointments: u32) -> anyhow::Result<()> {
        let practice = self
            .client
            .query_one("SELECT id::text FROM control.practices", &[])
            .await?;
        let sql = include_str!("load.sql")
            .replace("{practice}", practice.get(0))
            .replace("{appointments}", &appointments.to_string());
        self.client.batch_execute(&sql).await?;
        self.client.batch_execute("VACUUM ANALYZE").await?;
        Ok(self.client.batch_execute("CHECKPOINT").await?)
    }

    /// Pages of tables and indexes touched since the database was made.
    async fn pages(&self, desk: &Desk) -> anyhow::Result<i64> {
        // A connection reports what it counted with the first transaction after a second.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        let me = desk.http.get(format!("{}/me", desk.base));
        desk.send(me).await?;
        let pages = self
            .client
            .query_one(
                "SELECT sum(coalesce(heap_blks_hit, 0) + coalesce(heap_blks_read, 0) + coalesce(idx_blks_hit, 0)
                     + coalesce(idx_blks_read, 0))::bigint FROM pg_statio_user_tables",
                &[],
            )
            .await?;
        Ok(pages.get(0))
    }
}
