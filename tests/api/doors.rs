//! What every request passes: reading, problems, limits, versions and retries.

use reqwest::Method;
use serde_json::json;

use crate::assert_problem;
use crate::harness::*;

#[tokio::test]
async fn every_faulty_field_is_named_at_once() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let body = json!({
        "given_name": "", "birth_date": "yesterday", "email": 3, "colour": "blue",
        "weight_kg": "heavy", "phone": "\u{0}\u{0}\u{0}",
    });
    let refused = assert_problem!(
        desk.post("/patients", body).await,
        422,
        "/problems/invalid-content"
    );
    for pointer in [
        "/given_name",
        "/birth_date",
        "/email",
        "/colour",
        "/weight_kg",
        "/phone",
    ] {
        assert!(
            refused.pointers().contains(&pointer.to_owned()),
            "{pointer}: {}",
            refused.body
        );
    }
    assert!(
        !refused.text.contains("heavy"),
        "the values sent are not repeated"
    );
}

#[tokio::test]
async fn content_that_cannot_be_read_is_a_400_and_content_of_another_type_a_415() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let json = [("content-type", "application/json")];
    for body in ["", "{", "nonsense", r#"{"name":"a","name":"b"}"#, "{} {}"] {
        let reply = desk
            .send(Method::POST, "/patients/search", &json, Some(body.into()))
            .await;
        assert_problem!(reply, 400, "/problems/unreadable");
    }
    let deep = "[".repeat(5_000);
    let reply = desk
        .send(Method::POST, "/patients/search", &json, Some(deep.into()))
        .await;
    assert_problem!(reply, 400, "/problems/unreadable");
    let text = [("content-type", "text/plain")];
    let reply = desk
        .send(Method::POST, "/patients/search", &text, Some("{}".into()))
        .await;
    assert_problem!(reply, 415, "/problems/unsupported-media-type");
    let large = format!("{{\"name\":\"{}\"}}", "a".repeat(300 * 1024));
    let reply = desk
        .send(Method::POST, "/patients/search", &json, Some(large.into()))
        .await;
    assert_problem!(reply, 413, "/problems/too-large");
}

#[tokio::test]
async fn a_method_that_does_not_apply_is_a_405_that_names_those_that_do() {
    let clinic = Clinic::open().await;
    let reply = clinic
        .anonymous()
        .send(Method::PUT, "/patients/search", &[], None)
        .await;
    let reply = assert_problem!(reply, 405, "/problems/method-not-allowed");
    assert_eq!(reply.header("allow"), "POST, OPTIONS");
    let nowhere = clinic.anonymous().get("/nowhere").await;
    assert_problem!(nowhere, 404, "/problems/not-found");
}

#[tokio::test]
async fn a_bad_cursor_and_a_bad_limit_are_named() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let reply = desk.get("/auth/sessions?limit=0").await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (422, vec!["#/query/limit".to_owned()])
    );
    let reply = desk.get("/auth/sessions?cursor=bm9uc2Vuc2U").await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (422, vec!["#/query/cursor".to_owned()])
    );
    let reply = desk.get("/auth/sessions?colour=blue").await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (422, vec!["#/query/colour".to_owned()])
    );
}

#[tokio::test]
async fn a_change_needs_the_version_it_is_meant_for() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let path = format!("/patients/{ANA}");
    let read = desk.get(&path).await;
    assert_eq!(read.etag(), "\"v1\"");
    let phone = json!({ "phone": "+1 555 0199" });
    let json = [("content-type", "application/json")];
    let bare = desk
        .send(Method::PATCH, &path, &json, Some(phone.to_string().into()))
        .await;
    assert_problem!(bare, 428, "/problems/version-required");
    let changed = desk.patch(&path, "\"v1\"", phone.clone()).await;
    assert_eq!((changed.status, changed.etag()), (200, "\"v2\"".to_owned()));
    assert_problem!(
        desk.patch(&path, "\"v1\"", phone).await,
        412,
        "/problems/stale-version"
    );
    let unchanged = desk
        .send(Method::GET, &path, &[("if-none-match", "\"v2\"")], None)
        .await;
    assert_eq!((unchanged.status, unchanged.text.as_str()), (304, ""));
    assert_eq!(
        desk.send(Method::GET, &path, &[("if-none-match", "\"v1\"")], None)
            .await
            .status,
        200
    );
}

fn someone() -> serde_json::Value {
    json!({ "given_name": "Nils", "family_name": "Holm", "birth_date": "1999-01-31" })
}

#[tokio::test]
async fn a_retry_with_the_same_key_replays_the_answer_and_other_content_is_refused() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let first = desk.post_once("/patients", "key-1", someone()).await;
    let again = desk.post_once("/patients", "key-1", someone()).await;
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(first.etag(), again.etag());
    assert_eq!(first.created(), again.created());
    let other = json!({ "given_name": "Nora", "family_name": "Holm", "birth_date": "1999-01-31" });
    let reused = desk.post_once("/patients", "key-1", other).await;
    assert_problem!(reused, 422, "/problems/idempotency-key-reused");
    // Keys of different users never meet.
    let assistant = clinic.assistant().await;
    let duplicate = assistant.post_once("/patients", "key-1", someone()).await;
    assert_problem!(duplicate, 409, "/problems/possible-duplicate");
}

#[tokio::test]
async fn one_key_makes_one_record_however_often_it_is_sent_at_once() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let tries = (0..12).map(|_| desk.post_once("/patients", "key-2", someone()));
    let replies = futures_util::future::join_all(tries).await;
    assert!(
        replies
            .iter()
            .all(|reply| matches!(reply.status, 201 | 409))
    );
    let count = clinic
        .ask("SELECT count(*)::text FROM patients WHERE family_name = 'Holm'")
        .await;
    assert_eq!(count, "1");
}

#[tokio::test]
async fn reads_and_writes_of_patient_data_leave_audit_rows_and_refusals_none() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    desk.get(&format!("/patients/{ANA}")).await.ok();
    clinic.advance(chrono::TimeDelta::seconds(1));
    desk.post("/patients/search", json!({ "name": "okafor" }))
        .await
        .ok();
    desk.get(&format!("/patients/{ZED}")).await.expect(404);
    let rows = clinic
        .ask("SELECT string_agg(action || ' ' || array_to_string(patient_ids, ' '), ', ' ORDER BY id) FROM audit_events WHERE action LIKE 'patients.%'")
        .await;
    assert_eq!(rows, format!("patients.read {ANA}, patients.search {BEN}"));
}

#[tokio::test]
async fn a_client_that_hangs_up_half_way_leaves_no_transaction_behind() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    for _ in 0..40 {
        let search = desk.post("/patients/search", json!({ "name": "ana" }));
        let _ = tokio::time::timeout(std::time::Duration::from_micros(700), search).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let open = clinic
        .ask("SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'")
        .await;
    assert_eq!(open, "0");
    desk.post("/patients/search", json!({ "name": "ana" }))
        .await
        .ok();
}

#[tokio::test]
async fn the_document_that_is_served_is_the_one_the_program_prints() {
    let clinic = Clinic::open().await;
    let served = clinic.anonymous().get("/openapi.json").await;
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_tautband"))
        .arg("openapi")
        .output()
        .unwrap();
    assert!(printed.status.success());
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert_eq!(served.text.trim(), printed.trim());
    assert_eq!(served.body["openapi"], "3.1.0");
}

#[tokio::test]
async fn what_is_not_found_is_named_and_what_is_missing_is_shown() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    // The same for a patient of another practice and for one that does not exist.
    for id in [ZED, "01900000-0000-7000-8000-0000000000ff", "nobody"] {
        let reply = desk.get(&format!("/patients/{id}")).await;
        let reply = assert_problem!(reply, 404, "/problems/not-found");
        let said = format!("No patient has the id {id}, or you may not see it.");
        let detail = reply.body["detail"].as_str().unwrap();
        assert!(detail.starts_with(&said), "{detail}");
    }
    let ada = clinic.provider().await;
    let allergy = ada.get(&format!("/patients/{ANA}/allergies/{ZED}")).await;
    let allergy = assert_problem!(allergy, 404, "/problems/not-found");
    let detail = allergy.body["detail"].as_str().unwrap();
    assert!(detail.starts_with("No allergy has the id"), "{detail}");

    let path = format!("/patients/{ANA}");
    let json = [("content-type", "application/json")];
    let bare = desk
        .send(Method::PATCH, &path, &json, Some("{}".into()))
        .await;
    let bare = assert_problem!(bare, 428, "/problems/version-required");
    assert!(bare.text.contains("If-Match: \\\"v3\\\""), "{}", bare.text);
}

#[tokio::test]
async fn a_time_of_the_wrong_form_is_repeated_beside_an_example() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let body = crate::scheduling::follow_up("2026-03-04T09:00");
    let refused = desk.post("/appointments", body).await;
    let refused = assert_problem!(refused, 422, "/problems/invalid-content");
    let detail = refused.body["errors"][0]["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("\"2026-03-04T09:00\" has no offset from UTC"),
        "{detail}"
    );
}

#[tokio::test]
async fn nobody_overwrites_a_clinical_record_whatever_its_version() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);
    let visit = walk_in(&ada, ANA).await;
    let phone = json!({ "phone": "+1 212 555 0100" });
    let changes = [
        (&desk, format!("/patients/{ANA}"), phone.clone()),
        (&ada, format!("/visits/{visit}"), json!({ "plan": "Rest." })),
    ];
    for any in ["*", " * ", "\"v1\", *"] {
        for (who, path, body) in &changes {
            let headers = [("if-match", any), ("content-type", "application/json")];
            let body = body.to_string().into_bytes();
            let refused = who.send(Method::PATCH, path, &headers, Some(body)).await;
            let refused = assert_problem!(refused, 428, "/problems/version-required");
            let detail = refused.body["detail"].as_str().unwrap();
            assert!(detail.contains("Read the record"), "{detail}");
        }
    }
    let path = format!("/patients/{ANA}");
    let read = desk.get(&path).await;
    desk.patch(&path, &read.header("etag"), phone).await.ok();
    // A room is nobody's record.
    let admin = clinic.admin().await;
    let rooms = admin.get("/rooms").await.ok();
    let room = format!("/rooms/{}", rooms["items"][0]["id"].as_str().unwrap());
    let headers = [("if-match", "*"), ("content-type", "application/json")];
    let name = json!({ "name": "Room by the window" }).to_string();
    let renamed = admin.send(Method::PATCH, &room, &headers, Some(name.into_bytes()));
    renamed.await.ok();
}
