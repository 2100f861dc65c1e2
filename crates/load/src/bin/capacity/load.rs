//! Loads a practice group of a chosen size: the same rows for the same numbers.

use anyhow::{Context, ensure};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use secrecy::SecretString;
use tautband::{migrations, set_up};
use tokio_postgres::{Client, NoTls};

use crate::progress::Progress;

/// Who asks for what is booked.
pub(crate) const DESK: &str = "desk@capacity.example";
/// Who asks for what is in the chart.
pub(crate) const PROVIDER: &str = "provider@capacity.example";
pub(crate) const PASSWORD: &str = "four quiet measured rivers";
/// Appointments that are moved to and fro.
pub(crate) const MOVABLE: u32 = 2_000;
/// As many half-hours are free at Harbour. A prime, so that nobody is asked to be in two places at one time.
pub(crate) const FREE_SLOTS: u32 = 6_719;

/// One database file each, in the order in which they can be loaded.
const PARTS: [(&str, &str); 7] = [
    ("practice", include_str!("load/practice.sql")),
    ("patients", include_str!("load/patients.sql")),
    ("appointments", include_str!("load/appointments.sql")),
    ("booking check", include_str!("load/booking_check.sql")),
    ("trigger points", include_str!("load/findings.sql")),
    ("ten years of visits", include_str!("load/history.sql")),
    ("follow-ups and diary", include_str!("load/care.sql")),
];

/// How large the practice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) appointments: u32,
    pub(crate) patients: u32,
    pub(crate) follow_ups: u32,
}

/// What there is to ask for.
#[derive(Debug, Clone)]
pub(crate) struct World {
    /// Appointments in whole days.
    pub(crate) appointments: u64,
    pub(crate) patients: u64,
    pub(crate) follow_ups: u64,
    /// From here on Harbour has no appointments but those the measurement makes.
    pub(crate) free_from: DateTime<Utc>,
    /// The day that is shown on the board.
    pub(crate) board: NaiveDate,
}

/// A number such as 10k or 5M.
pub(crate) fn size(text: &str) -> Result<u32, String> {
    let (digits, factor) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_000),
        None => match text.strip_suffix(['m', 'M']) {
            Some(digits) => (digits, 1_000_000),
            None => (text, 1),
        },
    };
    let number: Option<u32> = digits.parse().ok();
    number
        .and_then(|number| number.checked_mul(factor))
        .filter(|number| *number >= 1_000)
        .ok_or_else(|| "must be such as 100k or 1M, and 1k at least".to_owned())
}

impl Size {
    pub(crate) fn new(appointments: u32, patients: Option<u32>, follow_ups: Option<u32>) -> Self {
        Self {
            appointments,
            patients: patients.unwrap_or((appointments / 10).max(2_000)),
            follow_ups: follow_ups.unwrap_or((appointments / 10).max(1_000)),
        }
    }

    fn world(self, free_from: DateTime<Utc>) -> World {
        let mut board = Utc::now().date_naive() + Days::new(1);
        while matches!(board.weekday(), Weekday::Sat | Weekday::Sun) {
            board = board + Days::new(1);
        }
        World {
            appointments: u64::from(self.appointments / 300 * 300),
            patients: u64::from(self.patients),
            follow_ups: u64::from(self.follow_ups),
            free_from,
            board,
        }
    }
}

/// Connects as the owner of the database, past every policy.
pub(crate) async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Makes the practice, or finds it made with this size already.
pub(crate) async fn load(bare: &str, url: &str, size: Size) -> anyhow::Result<World> {
    migrations::create_database(bare, "capacity").await?;
    migrations::apply(url).await?;
    let database = connect(url).await?;
    if let Some(world) = loaded(&database, size).await? {
        return Ok(world);
    }
    for (email, role) in [(DESK, "front_desk"), (PROVIDER, "provider")] {
        let user = set_up::NewUser {
            practice: "capacity".to_owned(),
            practice_name: None,
            time_zone: chrono_tz::America::New_York,
            email: email.to_owned(),
            name: role.to_owned(),
            role: role.to_owned(),
            password_file: None,
        };
        set_up::create_user(url, &user, SecretString::from(PASSWORD)).await?;
    }
    let practice = database
        .query_one("SELECT id::text FROM control.practices", &[])
        .await?;
    let free_from = (Utc::now().date_naive() + Days::new(31))
        .and_hms_opt(0, 0, 0)
        .context("midnight")?
        .and_utc();
    let numbers = [
        ("{practice}", practice.get(0)),
        ("{days}", (size.appointments / 300).to_string()),
        ("{patients}", size.patients.to_string()),
        ("{follow_ups}", size.follow_ups.to_string()),
        ("{movable}", MOVABLE.to_string()),
        ("{free_from}", free_from.to_rfc3339()),
    ];
    if size.appointments > 20_000 {
        // What the same statements load at the smaller sizes is held to every key; here that would take longer than the rest.
        database
            .batch_execute("SET session_replication_role = replica")
            .await?;
    }
    let progress = Progress::new(9);
    for (what, sql) in PARTS {
        progress.say(&format!("loading {what}"));
        let sql = numbers.iter().fold(sql.to_owned(), |sql, (name, value)| {
            sql.replace(name, value)
        });
        database
            .batch_execute(&sql)
            .await
            .with_context(|| format!("cannot load {what}"))?;
        progress.step();
    }
    for command in ["VACUUM ANALYZE", "CHECKPOINT"] {
        progress.say(command);
        database.batch_execute(command).await?;
        progress.step();
    }
    let done = format!(
        "CREATE SCHEMA capacity; CREATE TABLE capacity.loaded AS \
         SELECT {}::int AS appointments, {}::int AS patients, {}::int AS follow_ups, '{}'::timestamptz AS free_from",
        size.appointments,
        size.patients,
        size.follow_ups,
        free_from.to_rfc3339()
    );
    database.batch_execute(&done).await?;
    Ok(size.world(free_from))
}

async fn loaded(database: &Client, size: Size) -> anyhow::Result<Option<World>> {
    let there = database
        .query_one("SELECT to_regclass('capacity.loaded') IS NOT NULL, EXISTS (SELECT FROM control.practices)", &[])
        .await?;
    if !there.get::<_, bool>(0) {
        let is_begun: bool = there.get(1);
        ensure!(
            !is_begun,
            "the data in the directory were not loaded to the end: remove it"
        );
        return Ok(None);
    }
    let row = database
        .query_one(
            "SELECT appointments, patients, follow_ups, extract(epoch FROM free_from)::bigint FROM capacity.loaded",
            &[],
        )
        .await?;
    let number = |column: usize| row.get::<_, i32>(column).unsigned_abs();
    let found = Size {
        appointments: number(0),
        patients: number(1),
        follow_ups: number(2),
    };
    ensure!(
        found == size,
        "the directory holds {found:?}, and {size:?} is wanted: choose another one"
    );
    let free_from = DateTime::from_timestamp(row.get(3), 0).context("a time out of range")?;
    Ok(Some(size.world(free_from)))
}

/// How many bookings and moves earlier runs made on the same data.
pub(crate) async fn made_before(database: &Client, world: &World) -> anyhow::Result<Made> {
    let half_hours = format!(
        "(extract(epoch FROM starts_at)::bigint - {}) / 1800",
        world.free_from.timestamp()
    );
    let provider = "('x' || right(provider_id::text, 8))::bit(32)::bigint";
    let row = database
        .query_one(
            &format!(
                "SELECT coalesce(1 + max(place) FILTER (WHERE place < {half}), 0), \
                     greatest(coalesce(1 + max(place) FILTER (WHERE place >= {half}), 0) - {half}, 0), \
                     (SELECT coalesce(sum(version - 1), 0)::bigint FROM appointments \
                      WHERE provider_id = '01900000-0003-7000-8000-00000000044c') \
                 FROM (SELECT ({provider} - 1000) * {FREE_SLOTS} + {half_hours} AS place FROM appointments \
                     WHERE {provider} BETWEEN 1000 AND 1099) booked",
                half = u64::from(FREE_SLOTS) * crate::routes::PASSES
            ),
            &[],
        )
        .await?;
    let number = |column: usize| row.get::<_, i64>(column).unsigned_abs();
    Ok(Made {
        by_service: number(0),
        by_bench: number(1),
        moves: number(2),
    })
}

/// What is used up of the free half-hours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    pub(crate) by_service: u64,
    pub(crate) by_bench: u64,
    pub(crate) moves: u64,
}
