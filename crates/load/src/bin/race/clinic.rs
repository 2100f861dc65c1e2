//! The clinic that is raced for: open day and night, with everything made through the API.

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::try_join_all;
use secrecy::SecretString;
use serde_json::{Value, json};
use tautband::application::{Application, Housekeeping};
use tautband::migrations;
use tautband::platform::clock::Clock;
use tautband::platform::database::DatabaseAccess;
use tautband::platform::embedded_postgres::EmbeddedPostgres;
use tautband::set_up::{self, NewUser};
use tautband::settings::{MailRoute, Settings};
use tokio_postgres::NoTls;

const PASSWORD: &str = "seven quiet rivers";
const DATABASE: &str = "race";
const CONSTRAINT: &str = "resource_bookings_no_overlap";

/// A clinic, its service and the database under it.
pub struct Clinic {
    server: EmbeddedPostgres,
    owner: tokio_postgres::Client,
    clock: Clock,
    began_at: DateTime<Utc>,
    url: String,
    http: reqwest::Client,
    desk: tokio::sync::RwLock<String>,
    other_desk: tokio::sync::RwLock<String>,
    /// Sends whatever is due by itself.
    pub housekeeping: Housekeeping,
    pub clients: u32,
    pub location: String,
    pub rooms: Vec<String>,
    pub providers: Vec<String>,
    pub patients: Vec<String>,
    /// Half an hour without room or buffers.
    pub short: String,
    /// An hour in a room, with buffers.
    pub long: String,
    /// Three quarters of an hour in a room.
    pub middle: String,
}

/// What came back: the status and the body.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
}

impl Reply {
    /// The id of what was made.
    pub fn id(&self) -> anyhow::Result<String> {
        let id = self.body.get("id").and_then(Value::as_str);
        id.map(str::to_owned)
            .with_context(|| format!("{} {}", self.status, self.body))
    }
}

impl Clinic {
    /// Starts everything and makes the clinic.
    pub async fn open(clients: u32) -> anyhow::Result<Self> {
        let server = tokio::task::spawn_blocking(EmbeddedPostgres::start_throw_away).await??;
        migrations::create_database(&server.url("postgres"), DATABASE).await?;
        let database_url = server.url(DATABASE);
        migrations::apply(&database_url).await?;
        for (name, role) in [
            ("admin", "admin"),
            ("desk", "front_desk"),
            ("other", "front_desk"),
        ] {
            let user = NewUser {
                practice: DATABASE.to_owned(),
                practice_name: None,
                time_zone: chrono_tz::Tz::UTC,
                email: format!("{name}@race.example"),
                name: name.to_owned(),
                role: role.to_owned(),
                password_file: None,
            };
            set_up::create_user(&database_url, &user, SecretString::from(PASSWORD)).await?;
        }
        let (owner, connection) = tokio_postgres::connect(&database_url, NoTls).await?;
        tokio::spawn(connection);
        let clock = Clock::standing_at(Clock::system().now());
        let settings = Settings {
            database: DatabaseAccess::Owner(SecretString::from(database_url)),
            listen: "127.0.0.1:0".parse()?,
            connections: 24,
            workers: 2,
            requests_per_minute: 100_000_000.try_into()?,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            provider_networks: Vec::new(),
            mail: MailRoute::Kept,
        };
        let application = Application::start(&settings, clock.clone()).await?;
        let (url, housekeeping) = (application.url(), application.housekeeping());
        tokio::spawn(application.run());
        let mut clinic = Self {
            server,
            owner,
            began_at: clock.now(),
            clock,
            url,
            http: reqwest::Client::builder()
                .tls_certs_only([])
                .timeout(Duration::from_secs(60))
                .build()?,
            desk: tokio::sync::RwLock::default(),
            other_desk: tokio::sync::RwLock::default(),
            housekeeping,
            clients,
            location: String::new(),
            rooms: Vec::new(),
            providers: Vec::new(),
            patients: Vec::new(),
            short: String::new(),
            long: String::new(),
            middle: String::new(),
        };
        clinic.sign_in().await?;
        clinic.furnish().await?;
        Ok(clinic)
    }

    async fn furnish(&mut self) -> anyhow::Result<()> {
        let admin = self.token("admin").await?;
        let make = async |path: &str, body: Value| {
            let reply = self.send(&admin, "POST", path, Some(body)).await?;
            reply.id()
        };
        let zone = json!({ "name": "Race", "time_zone": "America/New_York" });
        let location = make("/locations", zone).await?;
        let mut rooms = Vec::new();
        for name in ["Room 1", "Room 2"] {
            rooms.push(make("/rooms", json!({ "location_id": location, "name": name })).await?);
        }
        let hours: Vec<Value> = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ]
        .iter()
        .flat_map(|weekday| {
            [("00:00", "12:00"), ("12:00", "00:00")]
                .map(|(from, to)| json!({ "weekday": weekday, "from": from, "to": to }))
        })
        .collect();
        let mut providers = Vec::new();
        for name in ["One", "Two", "Three", "Four"] {
            let provider = make("/providers", json!({ "name": name, "credentials": "MD" })).await?;
            let body = json!({
                "location_id": location, "valid_from": "2020-01-01", "weekly": hours,
            });
            let path = format!("/providers/{provider}/availability");
            let set = self.send(&admin, "PUT", &path, Some(body)).await?;
            anyhow::ensure!(set.status == 200, "{} {}", set.status, set.body);
            providers.push(provider);
        }
        let kind = |name: &str, minutes: u32, (before, after): (u32, u32), needs_room: bool| {
            json!({
                "name": name, "duration_minutes": minutes, "buffer_before_minutes": before,
                "buffer_after_minutes": after, "needs_room": needs_room, "patient_bookable": true,
                "min_lead_minutes": 0, "max_ahead_days": 730, "cancel_cutoff_minutes": 0,
                "start_every_minutes": 15, "color": "#336699",
            })
        };
        let short = make("/appointment-types", kind("Short", 30, (0, 0), false)).await?;
        let long = make("/appointment-types", kind("Long", 60, (10, 15), true)).await?;
        let middle = make("/appointment-types", kind("Middle", 45, (0, 5), true)).await?;
        let desk = self.desk.read().await.clone();
        let register = async |number: u32| {
            let body = json!({
                "given_name": format!("Runner {number}"), "family_name": "Race",
                "birth_date": format!("{}-01-01", 1940 + number), "confirm_new": true,
            });
            self.send(&desk, "POST", "/patients", Some(body))
                .await?
                .id()
        };
        let patients = try_join_all((0..self.clients).map(register)).await?;
        self.location = location;
        self.rooms = rooms;
        self.providers = providers;
        self.patients = patients;
        (self.short, self.long, self.middle) = (short, long, middle);
        Ok(())
    }

    async fn token(&self, name: &str) -> anyhow::Result<String> {
        let body = json!({ "email": format!("{name}@race.example"), "password": PASSWORD });
        let reply = self.send("", "POST", "/auth/login", Some(body)).await?;
        let token = reply.body.get("access_token").and_then(Value::as_str);
        token
            .map(str::to_owned)
            .with_context(|| format!("sign-in: {}", reply.status))
    }

    async fn sign_in(&self) -> anyhow::Result<()> {
        *self.desk.write().await = self.token("desk").await?;
        *self.other_desk.write().await = self.token("other").await?;
        Ok(())
    }

    /// Moves the clock; tokens are renewed, since theirs runs out with it.
    pub async fn advance(&self, by: TimeDelta) -> anyhow::Result<()> {
        self.clock.advance(by);
        self.sign_in().await
    }

    /// A time of a round's own: rounds are three hours apart and weeks ahead.
    pub fn time_of(&self, round: u32) -> DateTime<Utc> {
        let ahead = self.began_at + TimeDelta::days(90) + TimeDelta::hours(3 * i64::from(round));
        let quarter = TimeDelta::minutes(15).num_seconds();
        let whole = ahead.timestamp() - ahead.timestamp().rem_euclid(quarter);
        DateTime::from_timestamp(whole, 0).unwrap_or(ahead)
    }

    /// What comes of a POST by the front desk.
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Reply> {
        let token = self.desk.read().await.clone();
        self.send(&token, "POST", path, Some(body)).await
    }

    /// What comes of a POST by somebody else at the front desk.
    pub async fn post_as_other(&self, path: &str, body: Value) -> anyhow::Result<Reply> {
        let token = self.other_desk.read().await.clone();
        self.send(&token, "POST", path, Some(body)).await
    }

    /// What the front desk reads.
    pub async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        let token = self.desk.read().await.clone();
        self.send(&token, "GET", path, None).await
    }

    async fn send(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Reply> {
        let method = reqwest::Method::from_bytes(method.as_bytes())?;
        let mut request = self
            .http
            .request(method, format!("{}/api/v1{path}", self.url))
            .header("if-match", "*");
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body.filter(|body| !body.is_null()) {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let body = serde_json::from_str(&response.text().await?).unwrap_or(Value::Null);
        Ok(Reply { status, body })
    }

    /// One number from the database, asked as its owner.
    pub async fn number(
        &self,
        sql: &str,
        parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> anyhow::Result<u64> {
        let row = self.owner.query_one(sql, parameters).await?;
        Ok(u64::try_from(row.try_get::<_, i64>(0)?)?)
    }

    /// Takes away what proves that nothing is booked twice.
    pub async fn drop_constraint(&self) -> anyhow::Result<()> {
        let sql = format!("ALTER TABLE resource_bookings DROP CONSTRAINT {CONSTRAINT}");
        Ok(self.owner.batch_execute(&sql).await?)
    }

    /// Deadlocks that Postgres broke and the service tried again, unseen by clients.
    pub async fn deadlocks(&self) -> anyhow::Result<u64> {
        let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        self.number(sql, &[]).await
    }

    /// Stops the server and throws everything away.
    pub async fn close(self) -> anyhow::Result<()> {
        tokio::task::spawn_blocking(move || self.server.stop()).await??;
        Ok(())
    }
}
