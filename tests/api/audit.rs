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
        seen.push(page["items"][0]["patient_id"].clone());
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

/// What every page of a trail holds of each item, with pages of this size.
async fn all_of(client: &Client, path: &str, limit: usize, field: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client
            .get(&format!("{path}?limit={limit}{cursor}"))
            .await
            .ok();
        let items = page["items"].as_array().unwrap();
        found.extend(items.iter().map(|item| item[field].clone()));
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
    let auditor = clinic.auditor().await;
    let newest = auditor.get("/audit-events?limit=3").await.ok();
    let shown: Vec<&Value> = newest["items"].as_array().unwrap().iter().collect();
    assert!(
        shown
            .iter()
            .all(|item| item["action"] == "appointments.day_board"),
        "{newest}"
    );
    let of: Vec<&Value> = shown.iter().map(|item| &item["patient_id"]).collect();
    assert_eq!(of, [&json!(ANA), &json!(BEN), &json!(CLEO)]);
    assert_eq!(
        clinic
            .ask("SELECT count(*)::text FROM audit_events WHERE action = 'appointments.day_board'")
            .await,
        "1",
        "it is one row"
    );

    // Pages begin and end in the middle of an act.
    let log = format!("/patients/{BEN}/access-log");
    let ben = clinic.other_patient().await;
    let seen = all_of(&ben, &log, 200, "action").await;
    assert_eq!(
        seen,
        [
            "access_log.read",
            "appointments.day_board",
            "appointments.book"
        ]
    );
    let trail = async |limit| {
        let trail = all_of(&auditor, "/audit-events", limit, "patient_id").await;
        let looks = trail.iter().filter(|patient| patient.is_null()).count();
        (trail.len() - looks, trail)
    };
    let (whole, _) = trail(200).await;
    for limit in [1, 2] {
        let (records, trail) = trail(limit).await;
        assert_eq!(records, whole, "{trail:?}");
    }
}

#[tokio::test]
async fn a_log_goes_back_over_years_without_a_gap() {
    let clinic = Clinic::open().await;
    let mut expected = Vec::new();
    for months in [0, 1, 1, 5, 14, 30] {
        clinic.advance(chrono::TimeDelta::days(30 * months));
        clinic
            .provider()
            .await
            .get(&format!("/patients/{ANA}/allergies"))
            .await
            .ok();
        clinic
            .provider()
            .await
            .get(&format!("/patients/{BEN}/allergies"))
            .await
            .ok();
        expected.push(clinic.ask("SELECT max(id::text) FROM audit_events WHERE action = 'allergies.read' AND '01900000-0000-7000-8000-000000000051' = ANY (patient_ids)").await);
    }
    expected.reverse();
    let auditor = clinic.auditor().await;
    let log = format!("/patients/{ANA}/access-log");
    for limit in [1, 2, 4, 200] {
        let actions = all_of(&auditor, &log, limit, "action").await;
        let ids = all_of(&auditor, &log, limit, "id").await;
        let read = |(id, action): (Value, &Value)| (action == "allergies.read").then_some(id);
        let ids: Vec<Value> = ids
            .into_iter()
            .skip(actions.len() - expected.len())
            .collect();
        let actions = &actions[actions.len() - expected.len()..];
        let found: Vec<Value> = ids.into_iter().zip(actions).filter_map(read).collect();
        assert_eq!(found, expected, "pages of {limit}");
    }
}
