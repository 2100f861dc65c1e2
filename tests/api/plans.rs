//! How hot routes find their rows, and that no route asks once for each row.
//!
//! The plans are those the service itself was given, as its own role and under row-level security, written into the server's
//! log by `auto_explain`. The practice is the one that `crates/load` measures, some thousand rows of everything.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use super::access::Story;
use crate::harness::*;

const PARTS: [&str; 7] = [
    include_str!("../../crates/load/src/bin/capacity/load/practice.sql"),
    include_str!("../../crates/load/src/bin/capacity/load/patients.sql"),
    include_str!("../../crates/load/src/bin/capacity/load/appointments.sql"),
    include_str!("../../crates/load/src/bin/capacity/load/booking_check.sql"),
    include_str!("../../crates/load/src/bin/capacity/load/findings.sql"),
    include_str!("../../crates/load/src/bin/capacity/load/history.sql"),
    include_str!("../../crates/load/src/bin/capacity/load/care.sql"),
];

/// Small enough to be read whole, so that it does not matter how.
const SMALL_ROWS: u32 = 500;

/// Loads some months of a practice group into Hillside, around the day of the clinic's clock.
async fn load(clinic: &Clinic) {
    let numbers = [
        ("{practice}", HILLSIDE),
        ("{days}", "40"),
        ("{patients}", "5000"),
        ("{follow_ups}", "5000"),
        ("{movable}", "1000"),
        ("{free_from}", "2026-04-02T00:00:00Z"),
        ("now()", "timestamptz '2026-03-02T14:00:00Z'"),
        ("current_date", "date '2026-03-02'"),
    ];
    let sql = numbers.iter().fold(PARTS.concat(), |sql, (name, value)| {
        sql.replace(name, value)
    });
    clinic.sql(&sql).await;
    clinic.sql("VACUUM ANALYZE").await;
}

fn loaded(kind: &str, number: u64) -> String {
    format!("01900000-{kind}-7000-8000-{number:012x}")
}

/// From here on the server writes the plans of the service's statements into its log.
async fn show_plans(clinic: &Clinic) {
    let settings = "DO $$ DECLARE setting text; BEGIN
        FOREACH setting IN ARRAY ARRAY['session_preload_libraries = auto_explain', 'auto_explain.log_min_duration = 0',
            'auto_explain.log_nested_statements = on', 'auto_explain.log_level = log'] LOOP
            EXECUTE format('ALTER DATABASE %I SET %s', current_database(), setting);
        END LOOP; END $$";
    clinic.sql(settings).await;
    // Connections that are open already know nothing of it; the pool finds that they are gone.
    clinic
        .sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
}

/// What the server's log says from a position on.
async fn log(clinic: &Clinic, from: usize) -> String {
    let directory = clinic.ask("SHOW data_directory").await;
    let path = std::path::Path::new(&directory).with_file_name("postgres.log");
    let log = std::fs::read(path).unwrap();
    String::from_utf8_lossy(&log[from.min(log.len())..]).into_owned()
}

/// Which index finds rows of which table by what, a line each; tables that are read whole are named when they are not small.
fn paths(log: &str, rows: &BTreeMap<String, u32>) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    let mut is_scan = false;
    for line in log.lines().filter_map(|line| line.strip_prefix('\t')) {
        let node = line.split("  (cost=").next().unwrap();
        let node = node.trim().trim_start_matches("->").trim();
        if let Some(condition) = node.strip_prefix("Index Cond: ") {
            if is_scan {
                write!(paths.last_mut().unwrap(), " {}", masked(condition)).unwrap();
            }
            is_scan = false;
            continue;
        }
        is_scan = node.starts_with("Index ") || node.starts_with("Bitmap Index ");
        let is_whole = node.strip_prefix("Seq Scan on ").is_some_and(|table| {
            let table = table.split(' ').next().unwrap();
            rows.get(table).is_some_and(|rows| *rows > SMALL_ROWS)
        });
        if line.contains("  (cost=") && (is_scan || is_whole) {
            paths.push(node.to_owned());
        }
    }
    paths.sort();
    paths.dedup();
    paths
}

/// Without the values, which are others in each run.
fn masked(condition: &str) -> String {
    let mut parts = condition.split('\'');
    let mut masked = parts.next().unwrap().to_owned();
    while let Some(_value) = parts.next() {
        masked.push('?');
        masked.push_str(parts.next().unwrap_or_default());
    }
    masked
}

async fn rows(clinic: &Clinic) -> BTreeMap<String, u32> {
    let rows = clinic
        .ask("SELECT json_object_agg(relname, reltuples::int)::text FROM pg_class WHERE relkind = 'r' AND reltuples > 0")
        .await;
    serde_json::from_str(&rows).unwrap()
}

/// A hot route: its name, who asks, where, and with what body.
type Hot<'a> = (&'a str, &'a Client, String, Option<Value>);

#[tokio::test]
async fn hot_routes_find_their_rows_by_index() {
    let clinic = Clinic::open().await;
    load(&clinic).await;
    show_plans(&clinic).await;
    let rows = rows(&clinic).await;
    let (desk, provider) = (
        clinic.stranger("desk").await,
        clinic.stranger("provider").await,
    );
    let kind = loaded("0004", 1);
    let slots = format!("/slots?appointment_type_id={kind}");
    let moved = loaded("0007", 1_000_000_000);
    let hot: Vec<Hot<'_>> = vec![
        (
            "read one appointment",
            &desk,
            format!("/appointments/{}", loaded("0007", 100)),
            None,
        ),
        (
            "read one patient",
            &desk,
            format!("/patients/{}", loaded("0006", 100)),
            None,
        ),
        (
            "day board",
            &desk,
            format!(
                "/day-board?date=2026-03-03&location_id={}",
                loaded("0001", 1)
            ),
            None,
        ),
        (
            "slots of a week",
            &desk,
            format!(
                "{slots}&to=2026-03-09T00:00:00Z&provider_id={}",
                loaded("0003", 3)
            ),
            None,
        ),
        (
            "first available",
            &desk,
            format!(
                "/slots?appointment_type_id={}&location_id={}&to=2026-05-01T00:00:00Z&limit=1",
                loaded("0004", 2),
                loaded("0001", 1)
            ),
            None,
        ),
        (
            "book",
            &desk,
            "/appointments".to_owned(),
            Some(json!({
                "patient_id": loaded("0006", 7), "appointment_type_id": kind, "provider_id": loaded("0003", 1_000),
                "location_id": loaded("0001", 2), "starts_at": "2026-04-10T09:00:00Z",
            })),
        ),
        (
            "reschedule",
            &desk,
            format!("/appointments/{moved}/reschedule"),
            Some(json!({ "starts_at": "2026-04-02T00:30:00Z" })),
        ),
        (
            "search for a patient, misspelt",
            &desk,
            "/patients/search".to_owned(),
            Some(json!({ "text": "Elenna Lindquist-Bergh" })),
        ),
        (
            "timeline",
            &provider,
            format!("/patients/{}/timeline", loaded("0006", 0)),
            None,
        ),
        (
            "trigger points",
            &provider,
            format!("/patients/{}/trigger-points", loaded("0006", 0)),
            None,
        ),
        (
            "safety check",
            &provider,
            format!("/procedures/{}/safety", loaded("0010", 120)),
            None,
        ),
        (
            "overdue follow-ups",
            &desk,
            "/follow-ups?status=overdue".to_owned(),
            None,
        ),
        (
            "outcomes",
            &provider,
            format!("/patients/{}/outcomes", loaded("0006", 1)),
            None,
        ),
    ];
    let mut found = String::new();
    for (name, who, path, body) in hot {
        // What is said at the first connection is no part of it.
        who.get("/me").await.ok();
        let before = log(&clinic, 0).await.len();
        let reply = match body {
            Some(body) => who.act(&path, "*", body).await,
            None => who.get(&path).await,
        };
        assert!(reply.status < 300, "{name}: {}", reply.body);
        let paths = paths(&log(&clinic, before).await, &rows);
        assert!(!paths.is_empty(), "no plan of {name} was logged");
        writeln!(found, "{name}\n    {}", paths.join("\n    ")).unwrap();
    }
    insta::assert_snapshot!(found);
}

/// Twenty more of every record, beside each that is there and under the same parents; whatever makes a record one of its
/// kind is taken away before. Opening hours stay as they are: those that overlap mean nothing.
const MANY: &str = "DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT conrelid::regclass AS of_table, conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('u', 'x', 'c') LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', one.of_table, one.conname);
    END LOOP;
    FOR one IN SELECT indexrelid::regclass AS name FROM pg_index JOIN pg_class c ON c.oid = indrelid
        WHERE c.relnamespace = 'public'::regnamespace AND indisunique AND NOT indisprimary LOOP
        EXECUTE format('DROP INDEX %s', one.name);
    END LOOP;
    FOR one IN SELECT c.relname AS of_table, string_agg(quote_ident(a.attname), ', ') AS columns,
            string_agg(CASE a.attname WHEN 'id' THEN 'gen_random_uuid()' ELSE quote_ident(a.attname) END, ', ') AS copied
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT LIKE 'availability%'
        GROUP BY c.relname HAVING bool_or(a.attname = 'id') AND bool_or(a.attname = 'practice_id') LOOP
        EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM %I, generate_series(1, 20)', one.of_table, one.columns, one.copied,
            one.of_table);
    END LOOP; END $$";

#[tokio::test]
async fn no_route_asks_once_for_each_row() {
    let clinic = Clinic::open().await;
    let story = Story::begin(&clinic).await;
    let people = [
        clinic.provider().await,
        clinic.front_desk().await,
        clinic.admin().await,
        clinic.patient().await,
        clinic.auditor().await,
    ];
    let operations = story.operations();
    let mut with_one = BTreeMap::new();
    for operation in operations
        .iter()
        .filter(|one| one.method == reqwest::Method::GET)
    {
        for (number, who) in people.iter().enumerate() {
            let (reply, statements) = who.counted(&story.address(operation), None).await;
            if reply.status == 200 {
                with_one.insert(operation.name(), (number, statements, reply.text.len()));
                break;
            }
        }
    }
    clinic.sql(MANY).await;
    let (mut wrong, mut longer) = (Vec::new(), 0);
    for operation in &operations {
        let Some((number, statements, length)) = with_one.get(&operation.name()) else {
            continue;
        };
        let (reply, with_many) = people[*number]
            .counted(&story.address(operation), None)
            .await;
        longer += u32::from(reply.text.len() > length * 2);
        if (reply.status, with_many) != (200, *statements) {
            let name = operation.name();
            wrong.push(format!(
                "{name}: {} with {with_many}, not 200 with {statements}",
                reply.status
            ));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    // Lists were met, and there was more on them.
    assert!(
        with_one.len() > 60 && longer > 25,
        "{} and {longer}",
        with_one.len()
    );
}
