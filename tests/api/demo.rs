//! The demo is loaded once, whole, through the doors of the service, and can be walked about in.

use serde_json::Value;
use tautband::demo;

use crate::harness::{Client, Clinic};

/// Opens the demo in the database of a clinic; its line for machines.
async fn open(clinic: &Clinic) -> Value {
    let (url, clock) = (
        clinic.service.database_url.clone(),
        clinic.service.clock.clone(),
    );
    let opened = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { demo::open(&url, &clock).await.unwrap() })
    })
    .await
    .unwrap();
    serde_json::from_str(&opened.as_json(&clinic.service.url).unwrap()).unwrap()
}

async fn sign_in(clinic: &Clinic, line: &Value, role: &str) -> Client {
    let accounts = line["accounts"].as_array().unwrap();
    let account = accounts
        .iter()
        .find(|account| account["role"] == role)
        .unwrap();
    let (email, password) = (
        account["email"].as_str().unwrap(),
        account["password"].as_str().unwrap(),
    );
    Client::sign_in(&clinic.service.url, email, password).await
}

async fn count(clinic: &Clinic, table: &str) -> i64 {
    let ours = "(SELECT id FROM control.practices WHERE slug = 'riverside-demo')";
    let sql = format!("SELECT count(*)::text FROM {table} WHERE practice_id = {ours}");
    clinic.ask(&sql).await.parse().unwrap()
}

#[actix_web::test]
async fn the_demo_is_made_once_and_found_again() {
    let clinic = Clinic::open().await;
    let first = open(&clinic).await;
    let tables = [
        "patients",
        "appointments",
        "visits",
        "procedures",
        "injections",
        "diary_entries",
    ];
    let mut counts = Vec::new();
    for table in tables {
        counts.push(count(&clinic, table).await);
    }
    for (table, (count, least)) in tables
        .iter()
        .zip(counts.iter().zip([200, 900, 700, 200, 1000, 5000]))
    {
        assert!(*count >= least, "{count} {table}");
    }
    let second = open(&clinic).await;
    assert_eq!(first, second);
    for (table, before) in tables.iter().zip(counts) {
        assert_eq!(count(&clinic, table).await, before, "{table}");
    }
}

#[actix_web::test]
async fn every_seal_of_the_demo_is_intact_and_every_past_visit_is_signed() {
    let clinic = Clinic::open().await;
    let line = open(&clinic).await;
    let broken = clinic
        .ask(
            "SELECT count(*)::text FROM visits WHERE signed_at IS NOT NULL
             AND content_sha256 <> sha256(convert_to(visit_content(practice_id, id, signed_by, signed_at), 'UTF8'))",
        )
        .await;
    assert_eq!(broken, "0");
    let open = clinic
        .ask("SELECT count(*)::text FROM visits WHERE signed_at IS NULL AND started_at < '2026-03-01'")
        .await;
    assert_eq!(open, "0");
    let provider = sign_in(&clinic, &line, "provider").await;
    let visit = clinic
        .ask("SELECT id::text FROM visits WHERE signed_at IS NOT NULL ORDER BY id LIMIT 1")
        .await;
    let seal = provider.get(&format!("/visits/{visit}/seal")).await.ok();
    assert_eq!(seal["intact"], true, "{seal}");
}

#[actix_web::test]
async fn everybody_of_the_demo_signs_in_and_finds_their_work() {
    let clinic = Clinic::open().await;
    let line = open(&clinic).await;
    for role in [
        "admin",
        "front_desk",
        "provider",
        "assistant",
        "auditor",
        "patient",
    ] {
        sign_in(&clinic, &line, role).await.get("/me").await.ok();
    }
    let desk = sign_in(&clinic, &line, "front_desk").await;
    let today = desk
        .get("/appointments?from=2026-03-02T05:00:00Z&to=2026-03-03T05:00:00Z")
        .await
        .ok();
    assert!(today["items"].as_array().unwrap().len() >= 15, "{today}");
    for status in ["due", "overdue", "upcoming", "done"] {
        let list = desk.get(&format!("/follow-ups?status={status}")).await.ok();
        assert!(!list["items"].as_array().unwrap().is_empty(), "{status}");
    }
    let patient = sign_in(&clinic, &line, "patient").await;
    let patients: Vec<&Value> = line["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|account| account["role"] == "patient")
        .collect();
    assert_eq!(patients.len(), 2);
    assert!(
        !patient.get("/me/follow-ups").await.ok()["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let appointments = patient.get("/me/appointments").await.ok();
    let appointments = appointments["items"].as_array().unwrap();
    assert!(appointments.iter().any(|one| one["status"] == "completed"));
    assert!(
        appointments
            .iter()
            .any(|one| ["booked", "confirmed"].contains(&one["status"].as_str().unwrap()))
    );
    let theirs = patients[0]["patient_id"].as_str().unwrap();
    patient.get(&format!("/patients/{theirs}/diary")).await.ok();
    patient
        .get(&format!("/patients/{theirs}/trigger-points"))
        .await
        .ok();
    patient
        .get(&format!("/patients/{theirs}/outcomes"))
        .await
        .ok();
    let others = patients[1]["patient_id"].as_str().unwrap();
    assert_eq!(
        patient
            .get(&format!("/patients/{others}/diary"))
            .await
            .status,
        404
    );
}
