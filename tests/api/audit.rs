//! The trail of the whole practice.

use serde_json::json;

use crate::assert_problem;
use crate::harness::*;

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
