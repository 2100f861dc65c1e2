//! The clinic every test begins with, and the people in it. Its clock stands at Monday, 2 March
//! 2026, 09:00 in New York, until a test moves it. A second practice, Hillside, is there to be out
//! of reach.

use std::sync::OnceLock;
use std::time::Duration;

use argon2::{Argon2, PasswordHasher};
use chrono::{DateTime, TimeDelta, Utc};
use tautband::platform::clock::Clock;

use super::relay::Recording;
use super::server::{self, Client, Service};

/// Everybody's password.
pub const PASSWORD: &str = "seven quiet rivers";

pub const RIVERSIDE: &str = "01900000-0000-7000-8000-000000000001";
/// In New York; open on weekdays.
pub const MAIN_STREET: &str = "01900000-0000-7000-8000-000000000011";
/// In London; Bo is there on Thursdays.
pub const THAMES_HOUSE: &str = "01900000-0000-7000-8000-000000000012";
pub const ROOM_ONE: &str = "01900000-0000-7000-8000-000000000021";
pub const ROOM_TWO: &str = "01900000-0000-7000-8000-000000000022";
pub const LONDON_ROOM: &str = "01900000-0000-7000-8000-000000000023";
/// At Main Street 08:00–12:00 and 13:00–17:00, Monday to Friday; signs in as the provider.
pub const ADA: &str = "01900000-0000-7000-8000-000000000031";
/// At Main Street 08:00–12:00, Monday to Wednesday; Thursdays in London 09:00–15:00.
pub const BO: &str = "01900000-0000-7000-8000-000000000032";
/// 60 minutes, room.
pub const NEW_PATIENT: &str = "01900000-0000-7000-8000-000000000041";
/// 30 minutes, patients may book it a day to 60 days ahead and cancel until 24 hours before.
pub const FOLLOW_UP: &str = "01900000-0000-7000-8000-000000000042";
/// 45 minutes, 10 minutes before and 15 after, room.
pub const TPI: &str = "01900000-0000-7000-8000-000000000043";
/// 70 kg, measured last week; signs in as the patient.
pub const ANA: &str = "01900000-0000-7000-8000-000000000051";
/// No weight on record; signs in as the other patient.
pub const BEN: &str = "01900000-0000-7000-8000-000000000052";
pub const CLEO: &str = "01900000-0000-7000-8000-000000000053";
/// 1 % lidocaine, 50 mL, good until 2027.
pub const LIDOCAINE: &str = "01900000-0000-7000-8000-000000000061";
/// 0.25 % bupivacaine, 30 mL, good until 2027.
pub const BUPIVACAINE: &str = "01900000-0000-7000-8000-000000000062";
/// 1 % lidocaine that expired last month.
pub const EXPIRED: &str = "01900000-0000-7000-8000-000000000063";

pub const HILLSIDE: &str = "01900000-0000-7000-8000-000000000002";
/// A patient of Hillside.
pub const ZED: &str = "01900000-0000-7000-8000-000000000059";

/// A clinic of the test's own.
pub struct Clinic {
    pub service: Service,
}

/// When the clock of every clinic begins.
pub fn opening() -> DateTime<Utc> {
    "2026-03-02T14:00:00Z".parse().unwrap()
}

impl Clinic {
    pub async fn open() -> Self {
        Self::open_with_connections(8).await
    }

    pub async fn open_with_connections(connections: usize) -> Self {
        Self {
            service: server::start(Clock::standing_at(opening()), connections).await,
        }
    }

    /// Serves a clinic on one connection, and writes down what reaches Postgres over it.
    pub async fn open_recorded() -> (Self, Recording) {
        let clock = Clock::standing_at(opening());
        let (service, recording) = server::start_recorded(clock).await;
        (Self { service }, recording)
    }

    pub fn anonymous(&self) -> Client {
        Client::anonymous(&self.service.url)
    }

    async fn member(&self, name: &str) -> Client {
        let email = format!("{name}@riverside.example");
        Client::sign_in(&self.service.url, &email, PASSWORD).await
    }

    pub async fn admin(&self) -> Client {
        self.member("admin").await
    }

    pub async fn front_desk(&self) -> Client {
        self.member("desk").await
    }

    /// Dr Ada.
    pub async fn provider(&self) -> Client {
        self.member("ada").await
    }

    /// Dr Bo.
    pub async fn other_provider(&self) -> Client {
        self.member("bo").await
    }

    pub async fn assistant(&self) -> Client {
        self.member("assistant").await
    }

    pub async fn auditor(&self) -> Client {
        self.member("auditor").await
    }

    /// Ana.
    pub async fn patient(&self) -> Client {
        self.member("ana").await
    }

    /// Ben.
    pub async fn other_patient(&self) -> Client {
        self.member("ben").await
    }

    /// Someone of the other practice, by role: `admin`, `desk`, `provider` or `patient`.
    pub async fn stranger(&self, role: &str) -> Client {
        let email = format!("{role}@hillside.example");
        Client::sign_in(&self.service.url, &email, PASSWORD).await
    }

    pub fn advance(&self, by: TimeDelta) {
        self.service.clock.advance(by);
    }

    /// Does what the service does by itself, once, as if its time had come.
    pub async fn housekeeping(&self) {
        self.housekeeping_for(Duration::from_secs(60)).await;
    }

    /// As [`Self::housekeeping`], but it is dropped wherever it is after this time.
    pub async fn housekeeping_for(&self, at_most: Duration) {
        server::keep_house(self.service.housekeeping.clone(), at_most).await;
    }

    /// Deletes what nobody needs any more, as the service does every hour.
    pub async fn clean_up(&self) {
        server::clean_up(self.service.housekeeping.clone()).await;
    }

    /// Runs SQL as the owner of the database, past all permits.
    pub async fn sql(&self, sql: &str) {
        let (url, sql) = (self.service.database_url.clone(), sql.to_owned());
        server::outside(async move { server::execute(&url, &sql).await }).await;
    }

    /// Asks the database, as its owner, for one value of text.
    pub async fn ask(&self, sql: &str) -> String {
        let (url, sql) = (self.service.database_url.clone(), sql.to_owned());
        server::outside(async move {
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
                .await
                .unwrap();
            tokio::spawn(connection);
            client
                .query_one(&sql, &[])
                .await
                .unwrap()
                .get::<_, String>(0)
        })
        .await
    }
}

fn password_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| {
        // As cheap as it can be: what a hash costs is no part of these tests.
        let params = argon2::Params::new(8, 1, 1, None).unwrap();
        let argon2 = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        argon2
            .hash_password(PASSWORD.as_bytes())
            .unwrap()
            .to_string()
    })
}

/// The SQL that makes the two practices; run once into the template.
pub fn seed() -> String {
    include_str!("clinic.sql").replace("{password_hash}", password_hash())
}
