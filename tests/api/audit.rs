//! The trail of the whole practice.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::scheduling::{book, follow_up, with};

#[tokio::test]
async fn an_auditor_reads_who_did_what_and_nobody_else_does() {
    let clinic = Clinic::open().await;
    let (ada, auditor) = (clinic.provider().await, clinic.auditor().await);
    let read = ada.get(&format!("/patients/{ANA}")).await;
    let request_id = read.header("x-request-id");
    ada.get(&format!("/patients/{BEN}")).await.ok();
    // Another practice's trail is out of sight.
    let hill = clinic.stranger("provider").await;
    hill.get(&format!("/patients/{ZED}")).await.ok();

    let of_ana = format!("/audit-events?patient_id={ANA}");
    let found = auditor.get(&of_ana).await.ok();
    let event = &found["items"][0];
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(event["action"], "patients.read");
    assert_eq!(event["actor"]["display_name"], "Dr Ada Keller");
    assert_eq!(event["patient_id"], ANA);
    assert_eq!(event["request_id"], request_id);

    let newest = auditor.get("/audit-events?limit=1").await.ok();
    assert_eq!(
        newest["items"][0]["action"], "audit_events.read",
        "looking leaves a row, too"
    );
    let mut cursor = newest["next_cursor"].clone();
    let mut seen = Vec::new();
    while let Some(at) = cursor.as_str() {
        let page = auditor
            .get(&format!("/audit-events?limit=1&cursor={at}"))
            .await
            .ok();
        if !page["items"][0]["action"]
            .as_str()
            .unwrap()
            .starts_with("auth.")
        {
            seen.push(page["items"][0]["patient_id"].clone());
        }
        cursor = page["next_cursor"].clone();
    }
    assert_eq!(seen, [json!(BEN), json!(ANA)]);

    for other in [
        clinic.admin().await,
        clinic.front_desk().await,
        ada,
        clinic.assistant().await,
        clinic.patient().await,
    ] {
        assert_problem!(
            other.get("/audit-events").await,
            403,
            "/problems/not-allowed"
        );
    }
}

/// The items of every page of a trail, with pages of this size.
async fn all_of(client: &Client, path: &str, limit: usize) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client
            .get(&format!("{path}?limit={limit}{cursor}"))
            .await
            .ok();
        found.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn an_act_on_many_records_tells_of_each_of_them_and_each_patient_sees_their_own() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    for (patient, starts_at) in [
        (ANA, "2026-03-02T15:00:00Z"),
        (BEN, "2026-03-02T15:30:00Z"),
        (CLEO, "2026-03-02T16:00:00Z"),
    ] {
        let booking = with(follow_up(starts_at), json!({ "patient_id": patient }));
        book(&desk, booking).await;
    }
    clinic.advance(chrono::TimeDelta::seconds(1));
    desk.get("/day-board").await.ok();
    clinic.advance(chrono::TimeDelta::seconds(1));
    let shown = "SELECT count(*)::text FROM audit_events WHERE action = 'appointments.day_board'";
    assert_eq!(clinic.ask(shown).await, "1", "it is one row");

    let ben = clinic.other_patient().await;
    let log = all_of(&ben, &format!("/patients/{BEN}/access-log"), 200).await;
    let acts: Vec<&Value> = log.iter().map(|item| &item["action"]).collect();
    assert_eq!(acts, ["appointments.day_board", "appointments.book"]);

    // Pages begin and end in the middle of an act.
    let auditor = clinic.auditor().await;
    for limit in [1, 2, 200] {
        let trail = all_of(&auditor, "/audit-events", limit).await;
        let on_board = |item: &&Value| item["action"] == "appointments.day_board";
        let of: Vec<&Value> = trail
            .iter()
            .filter(on_board)
            .map(|item| &item["patient_id"])
            .collect();
        assert_eq!(of, [ANA, BEN, CLEO], "pages of {limit}");
    }
}

#[tokio::test]
async fn a_log_goes_back_over_years_without_a_gap() {
    let clinic = Clinic::open().await;
    let latest = format!(
        "SELECT max(id::text) FROM audit_events \
         WHERE action = 'allergies.read' AND '{ANA}' = ANY (patient_ids)"
    );
    let mut expected = Vec::new();
    for months in [0, 1, 1, 5, 14, 30] {
        clinic.advance(chrono::TimeDelta::days(30 * months));
        for patient in [ANA, BEN] {
            let path = format!("/patients/{patient}/allergies");
            clinic.provider().await.get(&path).await.ok();
        }
        expected.push(clinic.ask(&latest).await);
    }
    expected.reverse();
    let auditor = clinic.auditor().await;
    let log = format!("/patients/{ANA}/access-log");
    for limit in [1, 2, 4, 200] {
        let items = all_of(&auditor, &log, limit).await;
        let reads = items
            .iter()
            .filter(|item| item["action"] == "allergies.read");
        let found: Vec<&str> = reads.map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "pages of {limit}");
    }
}
