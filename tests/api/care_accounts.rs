//! Accounts that reach a patient's record: one-time codes, and those who act for a patient.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

/// Cleo has no account; born on 30 August 1975.
fn activation(code: &str, birth_date: &str, email: &str) -> Value {
    json!({ "code": code, "birth_date": birth_date, "email": email, "password": "nine slow lanterns" })
}

const BORN: &str = "1975-08-30";

async fn code_for(by: &Client, patient_id: &str) -> String {
    let path = format!("/patients/{patient_id}/activations");
    let offered = by.send(reqwest::Method::POST, &path, &[], None).await;
    offered.created()["code"].as_str().unwrap().to_owned()
}

/// Lets someone act for Cleo.
async fn proxy_for(by: &Client, scope: &str, ends_at: &str) -> (String, String) {
    let body = json!({
        "name": "Maria Müller", "relationship": "parent", "scope": scope, "ends_at": ends_at,
    });
    let offered = by.post(&format!("/patients/{CLEO}/proxies"), body).await;
    let offered = offered.created();
    assert_eq!(offered["status"], "pending");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&offered["code"]), text(&offered["id"]))
}

async fn activate(clinic: &Clinic, code: &str, email: &str) -> Client {
    let body = activation(code, BORN, email);
    clinic.anonymous().post("/auth/activate", body).await.ok();
    Client::sign_in(&clinic.service.url, email, "nine slow lanterns").await
}

#[tokio::test]
async fn a_patient_with_code_and_birth_date_gets_an_account_of_their_own() {
    let clinic = Clinic::open().await;
    let code = code_for(&clinic.front_desk().await, CLEO).await;
    let written = code.to_lowercase().replace('-', " ");
    let body = activation(&written, BORN, "Cleo@Example.org");
    let activated = clinic
        .anonymous()
        .post("/auth/activate", body.clone())
        .await
        .ok();
    assert_eq!(activated["patient_id"], CLEO);
    assert_eq!(activated["practice"], "riverside");
    let cleo = Client::sign_in(
        &clinic.service.url,
        "cleo@example.org",
        "nine slow lanterns",
    )
    .await;
    let me = cleo.get("/me").await.ok();
    assert_eq!(
        (&me["role"], &me["patient_ids"]),
        (&json!("patient"), &json!([CLEO]))
    );
    assert_eq!(me["display_name"], "Cleo Müller");
    cleo.get(&format!("/patients/{CLEO}")).await.ok();
    for unseen in [ANA, ZED] {
        let refused = cleo.get(&format!("/patients/{unseen}")).await;
        assert_problem!(refused, 404, "/problems/not-found");
    }
    assert_problem!(
        clinic.anonymous().post("/auth/activate", body).await,
        422,
        "/problems/activation-refused"
    );
    let stored = clinic
        .ask("SELECT (to_jsonb(activations) - 'code_hash' - 'proof_hash')::text FROM control.activations")
        .await;
    assert!(!stored.contains(&code) && !stored.contains(BORN));
}

#[tokio::test]
async fn a_wrong_code_and_a_wrong_birth_date_look_the_same() {
    let clinic = Clinic::open().await;
    let code = code_for(&clinic.front_desk().await, CLEO).await;
    let nobody = clinic.anonymous();
    let wrong_date = activation(&code, "1975-08-31", "cleo@example.org");
    let wrong_code = activation("AAAA-BBBB-CCCC", BORN, "cleo@example.org");
    let mut bodies = Vec::new();
    for body in [wrong_date, wrong_code] {
        let refused = nobody.post("/auth/activate", body).await;
        let mut refused = assert_problem!(refused, 422, "/problems/activation-refused").body;
        refused["instance"] = Value::Null;
        bodies.push(refused);
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn five_wrong_tries_use_a_code_up_whatever_the_wait() {
    let clinic = Clinic::open().await;
    let code = code_for(&clinic.front_desk().await, CLEO).await;
    let nobody = clinic.anonymous();
    let wrong = activation(&code, "1975-08-31", "cleo@example.org");
    let unknown = activation("AAAA-BBBB-CCCC", BORN, "other@example.org");
    for body in [&wrong, &unknown] {
        for _ in 0..5 {
            let refused = nobody.post("/auth/activate", body.clone()).await;
            assert_eq!(refused.status, 422);
        }
        let refused = nobody.post("/auth/activate", body.clone()).await;
        let refused = assert_problem!(refused, 429, "/problems/too-many-requests");
        assert!(!refused.header("retry-after").is_empty());
    }
    clinic.advance(TimeDelta::hours(1));
    let right = activation(&code, BORN, "cleo@example.org");
    let refused = nobody.post("/auth/activate", right).await;
    assert_problem!(refused, 422, "/problems/activation-refused");
}

#[tokio::test]
async fn a_code_dies_after_a_week_and_when_another_is_made() {
    let clinic = Clinic::open().await;
    let nobody = clinic.anonymous();
    let first = code_for(&clinic.front_desk().await, CLEO).await;
    let second = code_for(&clinic.front_desk().await, CLEO).await;
    let old = activation(&first, BORN, "cleo@example.org");
    assert_eq!(nobody.post("/auth/activate", old).await.status, 422);
    clinic.advance(TimeDelta::days(7));
    let late = activation(&second, BORN, "cleo@example.org");
    assert_eq!(nobody.post("/auth/activate", late).await.status, 422);
    let third = code_for(&clinic.front_desk().await, CLEO).await;
    activate(&clinic, &third, "cleo@example.org").await;
}

#[tokio::test]
async fn an_address_proves_nothing() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let nobody = clinic.anonymous();
    let code = code_for(&desk, CLEO).await;
    // Ben's address does not let anybody into Ben's account, nor Ben into Cleo's record.
    let guessed = activation(&code, BORN, "ben@riverside.example");
    let refused = nobody.post("/auth/activate", guessed).await;
    assert_problem!(refused, 401, "/problems/wrong-credentials");
    let ben = clinic.other_patient().await;
    let unseen = ben.get(&format!("/patients/{CLEO}")).await;
    assert_problem!(unseen, 404, "/problems/not-found");
    // With his password, Ben acts for her beside himself.
    let mut own = activation(&code, BORN, "ben@riverside.example");
    own["password"] = json!(PASSWORD);
    nobody.post("/auth/activate", own).await.ok();
    let ben = clinic.other_patient().await;
    assert_eq!(ben.user["patient_ids"], json!([BEN, CLEO]));
    // Who works here cannot be a patient under the same address.
    let code = code_for(&desk, ANA).await;
    let mut staff = activation(&code, "1984-05-17", "ada@riverside.example");
    staff["password"] = json!(PASSWORD);
    let refused = nobody.post("/auth/activate", staff).await;
    assert_problem!(refused, 409, "/problems/account-of-staff");
}

#[tokio::test]
async fn a_weak_password_is_named_and_costs_no_try() {
    let clinic = Clinic::open().await;
    let code = code_for(&clinic.front_desk().await, CLEO).await;
    let mut weak = activation(&code, BORN, "cleo@example.org");
    weak["password"] = json!("short");
    for _ in 0..6 {
        let refused = clinic
            .anonymous()
            .post("/auth/activate", weak.clone())
            .await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec!["/password".to_owned()])
        );
    }
    activate(&clinic, &code, "cleo@example.org").await;
}

#[tokio::test]
async fn of_many_who_use_one_code_at_once_one_wins() {
    let clinic = Clinic::open().await;
    let code = code_for(&clinic.front_desk().await, CLEO).await;
    let nobody = clinic.anonymous();
    let tries = (0..6).map(|number| {
        let body = activation(&code, BORN, &format!("cleo{number}@example.org"));
        let nobody = nobody.clone();
        async move { nobody.post("/auth/activate", body).await.status }
    });
    let statuses = futures_util::future::join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    let accounts = "SELECT count(*)::text FROM control.users WHERE email LIKE 'cleo%'";
    assert_eq!(clinic.ask(accounts).await, "1");
}

#[tokio::test]
async fn a_proxy_reaches_the_record_until_staff_end_it() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let (code, id) = proxy_for(&desk, "record", "2026-09-01T00:00:00-04:00").await;
    let maria = activate(&clinic, &code, "maria@example.org").await;
    assert_eq!(maria.user["display_name"], "Maria Müller");
    assert_eq!(maria.user["patient_ids"], json!([CLEO]));
    let record = format!("/patients/{CLEO}");
    maria.get(&record).await.ok();
    maria.get(&format!("{record}/diary")).await.ok();
    let listed = desk.get(&format!("{record}/proxies")).await.ok();
    let shown = &listed["items"][0];
    assert_eq!(shown["id"], id);
    assert_eq!(shown["status"], "active");
    assert_eq!(shown["email"], "maria@example.org");
    assert_eq!(shown["relationship"], "parent");
    let end = format!("{record}/proxies/{id}/end");
    let ended = desk.send(reqwest::Method::POST, &end, &[], None).await.ok();
    assert_eq!(ended["status"], "ended");
    // The token still names Cleo; the next request does not.
    assert_problem!(maria.get(&record).await, 404, "/problems/not-found");
    assert_eq!(maria.get("/me").await.ok()["patient_ids"], json!([]));
    let again = desk.send(reqwest::Method::POST, &end, &[], None).await;
    assert_problem!(again, 409, "/problems/proxy-ended");
}

#[tokio::test]
async fn a_proxy_ends_by_itself_and_the_other_records_stay_within_reach() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let (code, _) = proxy_for(&desk, "record", "2026-03-02T09:05:00-05:00").await;
    let mut own = activation(&code, BORN, "ana@riverside.example");
    own["password"] = json!(PASSWORD);
    clinic.anonymous().post("/auth/activate", own).await.ok();
    let ana = clinic.patient().await;
    assert_eq!(ana.user["patient_ids"], json!([ANA, CLEO]));
    ana.get(&format!("/patients/{CLEO}/diary")).await.ok();
    clinic.advance(TimeDelta::minutes(5));
    let gone = ana.get(&format!("/patients/{CLEO}/diary")).await;
    assert_problem!(gone, 404, "/problems/not-found");
    let entry = json!({ "entry_date": "2026-03-02", "headache": false });
    let written = ana.post(&format!("/patients/{CLEO}/diary"), entry).await;
    assert_problem!(written, 404, "/problems/not-found");
    ana.get(&format!("/patients/{ANA}/diary")).await.ok();
    let me = ana.get("/me").await.ok();
    assert_eq!(me["patient_ids"], json!([ANA]));
}

#[tokio::test]
async fn a_proxy_for_appointments_sees_nothing_clinical() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let (code, _) = proxy_for(&desk, "appointments", "2027-01-01T00:00:00-05:00").await;
    let maria = activate(&clinic, &code, "maria@example.org").await;
    assert_eq!(maria.get("/me").await.ok()["patient_ids"], json!([CLEO]));
    let booking = json!({
        "patient_id": CLEO, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": "2026-03-10T10:00:00-04:00",
    });
    let booked = maria.post("/appointments", booking).await.created();
    let own = maria.get("/me/appointments").await.ok();
    assert_eq!(own["items"][0]["id"], booked["id"]);
    let path = format!("/appointments/{}", booked["id"].as_str().unwrap());
    let moved = json!({ "starts_at": "2026-03-11T10:00:00-04:00" });
    maria
        .act_now(&format!("{path}/reschedule"), moved)
        .await
        .ok();
    let reason = json!({ "reason_code": "patient_request" });
    maria.act_now(&format!("{path}/cancel"), reason).await.ok();
    let record = format!("/patients/{CLEO}");
    for part in [
        "",
        "/diary",
        "/assessments",
        "/treatment-plans",
        "/outcomes",
        "/allergies",
        "/access-log",
        "/proxies",
    ] {
        let refused = maria.get(&format!("{record}{part}")).await;
        assert_problem!(refused, 404, "/problems/not-found");
    }
    assert_eq!(maria.get("/me/follow-ups").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn letting_someone_in_is_for_staff_of_the_practice_and_needs_an_end() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let path = format!("/patients/{ANA}/proxies");
    let body = |ends_at: &str, relationship: &str, name: &str| json!({ "name": name, "relationship": relationship, "scope": "record", "ends_at": ends_at });
    let refused = desk
        .post(&path, body("2026-03-01T00:00:00Z", "self", " "))
        .await;
    assert_eq!(refused.pointers(), ["/name", "/relationship", "/ends_at"]);
    let good = body("2026-05-01T00:00:00Z", "carer", "Cem Carer");
    for outsider in [clinic.patient().await, clinic.auditor().await] {
        let refused = outsider.post(&path, good.clone()).await;
        assert_problem!(refused, 403, "/problems/not-allowed");
    }
    let stranger = clinic.stranger("desk").await;
    let refused = stranger.post(&path, good.clone()).await;
    assert_problem!(refused, 404, "/problems/not-found");
    let activations = format!("/patients/{ANA}/activations");
    let refused = stranger
        .send(reqwest::Method::POST, &activations, &[], None)
        .await;
    assert_problem!(refused, 404, "/problems/not-found");
    let id = desk.post(&path, good).await.created()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let end = format!("{path}/{id}/end");
    let refused = stranger.send(reqwest::Method::POST, &end, &[], None).await;
    assert_problem!(refused, 404, "/problems/not-found");
    // The link is one of Ana's, and of nobody else's.
    let misplaced = format!("/patients/{BEN}/proxies/{id}/end");
    let refused = desk
        .send(reqwest::Method::POST, &misplaced, &[], None)
        .await;
    assert_problem!(refused, 404, "/problems/not-found");
    // Ana sees who was let in; a code that was taken back is dead.
    let listed = clinic.patient().await.get(&path).await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let ended = desk.send(reqwest::Method::POST, &end, &[], None).await.ok();
    assert_eq!(ended["status"], "ended");
    let unseen = clinic.other_patient().await.get(&path).await;
    assert_problem!(unseen, 404, "/problems/not-found");
}
