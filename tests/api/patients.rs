//! What is clinically known of patients, and who looked.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

fn of(patient_id: &str, what: &str) -> String {
    format!("/patients/{patient_id}/{what}")
}

const FACTS: [&str; 3] = ["allergies", "medications", "conditions"];

fn fact(what: &str) -> Value {
    match what {
        "allergies" => {
            json!({ "substance": "Lidocaine", "allergen_class": "la_amide", "reaction": "Hives", "severity": "severe" })
        }
        "medications" => {
            json!({ "name": "Apixaban", "medication_class": "anticoagulant", "atc_code": "B01AF02", "dose": "5 mg twice a day", "last_taken_at": "2026-03-01T20:00:00Z" })
        }
        _ => json!({ "code": "G43.709", "text": "Chronic migraine", "onset_on": "2019-05-01" }),
    }
}

#[tokio::test]
async fn facts_are_recorded_read_and_listed_in_order() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    for what in FACTS {
        let recorded = ada.post_once(&of(ANA, what), what, fact(what)).await;
        let path = recorded.header("location").replace("/api/v1", "");
        let recorded = recorded.created();
        for (field, value) in fact(what).as_object().unwrap() {
            assert_eq!(&recorded[field], value, "{what} {field}");
        }
        assert_eq!(ada.get(&path).await.ok(), recorded);
        let listed = ada.get(&of(ANA, what)).await.ok();
        assert_eq!(listed["items"], json!([recorded]));
        assert_eq!(ada.get(&of(BEN, what)).await.ok()["items"], json!([]));
    }
}

#[tokio::test]
async fn a_fact_ends_and_stays_on_record() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let allergy = ada.post(&of(ANA, "allergies"), fact("allergies")).await;
    let path = allergy.header("location").replace("/api/v1", "");
    let ended = json!({ "ended_at": "2026-03-01T10:00:00Z", "reaction": null });
    let changed = ada.patch(&path, &allergy.etag(), ended.clone()).await;
    assert_eq!(changed.etag(), "\"v2\"");
    let changed = changed.ok();
    assert_eq!(
        (&changed["reaction"], &changed["substance"]),
        (&Value::Null, &json!("Lidocaine"))
    );
    assert_problem!(
        ada.patch(&path, "\"v1\"", ended).await,
        412,
        "/problems/stale-version"
    );
    let listed = ada.get(&of(ANA, "allergies")).await.ok();
    assert_eq!(listed["items"][0]["ended_at"], "2026-03-01T10:00:00Z");
    let condition = ada.post(&of(ANA, "conditions"), fact("conditions")).await;
    let path = condition.header("location").replace("/api/v1", "");
    let resolved = ada
        .patch(&path, "*", json!({ "resolved_on": "2026-01-31" }))
        .await
        .ok();
    assert_eq!(resolved["resolved_on"], "2026-01-31");
}

#[tokio::test]
async fn facts_lie_in_the_past() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let later = "2026-03-02T14:00:01Z";
    let wrong = json!({ "name": "Aspirin", "last_taken_at": later, "ended_at": later });
    let refused = ada.post(&of(ANA, "medications"), wrong).await;
    assert_eq!(refused.pointers(), ["/last_taken_at", "/ended_at"]);
    let wrong = json!({ "code": "G43.709", "onset_on": "2026-03-04", "resolved_on": "2026-03-03" });
    let refused = ada.post(&of(ANA, "conditions"), wrong).await;
    assert_eq!(refused.pointers(), ["/onset_on", "/resolved_on"]);
    for code in ["g43.709", "G43.", "G4", "G43.70999", "migraine"] {
        let refused = ada
            .post(&of(ANA, "conditions"), json!({ "code": code }))
            .await;
        assert_eq!(refused.pointers(), ["/code"], "{code}");
    }
}

#[tokio::test]
async fn a_class_is_one_that_the_checks_know() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let wrong = json!({ "substance": "Dust", "allergen_class": "dust" });
    assert_eq!(
        ada.post(&of(ANA, "allergies"), wrong).await.pointers(),
        ["/allergen_class"]
    );
    let wrong = json!({ "name": "Sugar", "medication_class": "sweet" });
    assert_eq!(
        ada.post(&of(ANA, "medications"), wrong).await.pointers(),
        ["/medication_class"]
    );
    let uncoded = ada
        .post(&of(ANA, "allergies"), json!({ "substance": "Dust" }))
        .await
        .created();
    assert_eq!(
        (&uncoded["allergen_class"], &uncoded["severity"]),
        (&Value::Null, &json!("unknown"))
    );
}

#[tokio::test]
async fn facts_are_open_to_those_who_treat_and_to_the_patient() {
    let clinic = Clinic::open().await;
    let (ada, ana) = (clinic.provider().await, clinic.patient().await);
    let assistant = clinic.assistant().await;
    for what in FACTS {
        let path = ada
            .post(&of(ANA, what), fact(what))
            .await
            .header("location")
            .replace("/api/v1", "");
        assistant.patch(&path, "*", json!({})).await.ok();
        clinic.admin().await.get(&path).await.ok();
        ana.get(&path).await.ok();
        assert_eq!(
            ana.get(&of(ANA, what)).await.ok()["items"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        assert_problem!(
            ana.patch(&path, "*", json!({})).await,
            403,
            "/problems/not-allowed"
        );
        assert_problem!(
            ana.post(&of(ANA, what), fact(what)).await,
            403,
            "/problems/not-allowed"
        );
        let admin = clinic.admin().await.post(&of(ANA, what), fact(what)).await;
        assert_problem!(admin, 403, "/problems/not-allowed");
        for closed in [clinic.front_desk().await, clinic.auditor().await] {
            assert_problem!(
                closed.get(&of(ANA, what)).await,
                403,
                "/problems/not-allowed"
            );
            assert_problem!(closed.get(&path).await, 403, "/problems/not-allowed");
        }
        for foreign in [
            clinic.other_patient().await,
            clinic.stranger("provider").await,
        ] {
            assert_problem!(foreign.get(&path).await, 404, "/problems/not-found");
            assert_problem!(
                foreign.get(&of(ANA, what)).await,
                404,
                "/problems/not-found"
            );
        }
        // Under another patient it is not to be found, even by who may see both.
        assert_problem!(
            ada.get(&path.replace(ANA, BEN)).await,
            404,
            "/problems/not-found"
        );
        let moved = ada.patch(&path.replace(ANA, BEN), "*", json!({})).await;
        assert_problem!(moved, 404, "/problems/not-found");
        let stranger = clinic.stranger("provider").await;
        let planted = stranger.post(&of(ANA, what), fact(what)).await;
        assert_problem!(planted, 404, "/problems/not-found");
    }
}

#[tokio::test]
async fn patients_and_auditors_see_who_looked() {
    let clinic = Clinic::open().await;
    let (ada, ana) = (clinic.provider().await, clinic.patient().await);
    ada.get(&of(ANA, "allergies")).await.ok();
    clinic.advance(chrono::TimeDelta::seconds(1));
    ada.post(&of(ANA, "allergies"), fact("allergies"))
        .await
        .created();
    ada.get(&of(BEN, "allergies")).await.ok();
    let path = of(ANA, "access-log");
    let first = ana.get(&format!("{path}?limit=1")).await.ok();
    let newest = &first["items"][0];
    assert_eq!(newest["action"], "allergies.record");
    assert_eq!(newest["actor"]["display_name"], "Dr Ada Keller");
    assert_eq!(newest["actor"]["role"], "provider");
    let next = format!("{path}?cursor={}", first["next_cursor"].as_str().unwrap());
    let rest = ana.get(&next).await.ok();
    let actions: Vec<&Value> = rest["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| &of["action"])
        .collect();
    assert!(
        actions.contains(&&json!("allergies.read")),
        "an empty list was read, too: {actions:?}"
    );
    clinic.auditor().await.get(&path).await.ok();
    for client in [
        clinic.admin().await,
        ada,
        clinic.front_desk().await,
        clinic.assistant().await,
    ] {
        assert_problem!(client.get(&path).await, 403, "/problems/not-allowed");
    }
    assert_problem!(
        clinic.other_patient().await.get(&path).await,
        404,
        "/problems/not-found"
    );
}

#[tokio::test]
async fn contacts_are_kept_by_the_staff_and_the_patient() {
    let clinic = Clinic::open().await;
    let (desk, ana) = (clinic.front_desk().await, clinic.patient().await);
    let path = of(ANA, "contacts");
    let mira = json!({
        "name": "Mira Vrabec", "relation": "sibling", "phone": "+1 555 0177",
        "is_emergency_contact": true, "note": "After five",
    });
    let recorded = desk.post_once(&path, "mira", mira.clone()).await;
    let one = recorded.header("location").replace("/api/v1", "");
    let recorded = recorded.created();
    for (field, value) in mira.as_object().unwrap() {
        assert_eq!(&recorded[field], value, "{field}");
    }
    assert_eq!(ana.get(&path).await.ok()["items"], json!([recorded]));
    let unreachable = json!({ "name": "Nobody", "relation": "friend" });
    assert_eq!(ana.post(&path, unreachable).await.pointers(), ["/phone"]);
    let cut_off = ana.patch(&one, "*", json!({ "phone": null })).await;
    assert_eq!(cut_off.pointers(), ["/phone"]);
    let later = json!({ "ended_at": "2026-03-02T14:00:01Z" });
    assert_eq!(ana.patch(&one, "*", later).await.pointers(), ["/ended_at"]);
    let unknown = json!({ "name": "X", "relation": "boss", "phone": "12" });
    assert_eq!(
        desk.post(&path, unknown).await.pointers(),
        ["/phone", "/relation"]
    );
    let moved = json!({ "phone": null, "email": "mira@example.org", "note": null });
    let moved = ana.patch(&one, "\"v1\"", moved).await;
    assert_eq!(moved.etag(), "\"v2\"");
    let moved = moved.ok();
    assert_eq!(
        (&moved["email"], &moved["phone"]),
        (&json!("mira@example.org"), &Value::Null)
    );
    let stale = desk.patch(&one, "\"v1\"", json!({ "name": "M" })).await;
    assert_problem!(stale, 412, "/problems/stale-version");
    for open in [
        clinic.admin().await,
        clinic.provider().await,
        clinic.assistant().await,
    ] {
        assert_eq!(open.get(&one).await.ok(), moved);
    }
    assert_problem!(
        clinic.auditor().await.get(&path).await,
        403,
        "/problems/not-allowed"
    );
    for foreign in [clinic.other_patient().await, clinic.stranger("desk").await] {
        for path in [&path, &one] {
            assert_problem!(foreign.get(path).await, 404, "/problems/not-found");
        }
        assert_problem!(
            foreign.post(&path, mira.clone()).await,
            404,
            "/problems/not-found"
        );
        let patched = foreign.patch(&one, "*", json!({})).await;
        assert_problem!(patched, 404, "/problems/not-found");
    }
}

#[tokio::test]
async fn the_front_desk_sees_the_banner_of_an_alert_and_not_the_reason() {
    let clinic = Clinic::open().await;
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    let path = of(ANA, "alerts");
    let alert = json!({
        "banner": "Never leave alone", "severity": "critical", "detail": "Faints at needles",
    });
    let recorded = ada.post(&path, alert.clone()).await;
    let one = recorded.header("location").replace("/api/v1", "");
    let recorded = recorded.created();
    assert_eq!(recorded["detail"], "Faints at needles");
    for seen in [
        desk.get(&one).await.ok(),
        desk.get(&path).await.ok()["items"][0].clone(),
    ] {
        assert_eq!(
            (&seen["banner"], &seen["detail"]),
            (&alert["banner"], &Value::Null)
        );
        assert_eq!(seen["severity"], "critical");
    }
    for reader in [
        clinic.admin().await,
        clinic.assistant().await,
        clinic.patient().await,
    ] {
        assert_eq!(reader.get(&one).await.ok(), recorded);
    }
    for closed in [&desk, &clinic.admin().await, &clinic.patient().await] {
        let written = closed.post(&path, alert.clone()).await;
        assert_problem!(written, 403, "/problems/not-allowed");
        let changed = closed.patch(&one, "*", json!({})).await;
        assert_problem!(changed, 403, "/problems/not-allowed");
    }
    let ended = json!({ "ended_at": "2026-03-02T14:00:00Z", "severity": "info" });
    let ended = ada.patch(&one, "\"v1\"", ended).await.ok();
    assert_eq!(ended["ended_at"], "2026-03-02T14:00:00Z");
    assert_problem!(
        clinic.auditor().await.get(&path).await,
        403,
        "/problems/not-allowed"
    );
    for foreign in [
        clinic.other_patient().await,
        clinic.stranger("provider").await,
    ] {
        assert_problem!(foreign.get(&one).await, 404, "/problems/not-found");
        assert_problem!(foreign.get(&path).await, 404, "/problems/not-found");
    }
}

#[tokio::test]
async fn the_latest_decision_on_a_consent_holds_and_all_of_them_stay() {
    let clinic = Clinic::open().await;
    let (desk, ana) = (clinic.front_desk().await, clinic.patient().await);
    let path = of(ANA, "consents");
    let decide = |subject: &str, decision: &str| {
        json!({
            "subject": subject, "decision": decision, "decided_by": "patient",
            "method": "electronic", "text_version": "2026-01",
        })
    };
    let given = desk.post(&path, decide("email", "given")).await;
    let one = given.header("location").replace("/api/v1", "");
    assert_eq!(given.created()["in_force"], true);
    let needle = decide("dry_needling", "given");
    assert_problem!(
        ana.post(&path, needle.clone()).await,
        403,
        "/problems/not-allowed"
    );
    let needle = clinic.assistant().await.post(&path, needle).await.created();
    clinic.advance(chrono::TimeDelta::minutes(1));
    let withdrawn = ana
        .post(&path, decide("email", "withdrawn"))
        .await
        .created();
    assert_eq!(withdrawn["in_force"], false);
    assert_eq!(ana.get(&one).await.ok()["in_force"], false);
    let listed = ana.get(&path).await.ok();
    let in_force: Vec<&Value> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|of| of["in_force"] == true)
        .collect();
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);
    assert_eq!(in_force, [&needle]);
    // What was decided before is written down late: the later word still holds.
    let mut earlier = decide("email", "given");
    earlier["decided_at"] = json!("2026-03-02T13:00:00Z");
    assert_eq!(
        desk.post(&path, earlier.clone()).await.created()["in_force"],
        false
    );
    earlier["decided_at"] = json!("2026-03-02T15:00:00Z");
    assert_eq!(desk.post(&path, earlier).await.pointers(), ["/decided_at"]);
    assert_problem!(
        clinic.auditor().await.get(&path).await,
        403,
        "/problems/not-allowed"
    );
    for foreign in [clinic.other_patient().await, clinic.stranger("desk").await] {
        assert_problem!(foreign.get(&path).await, 404, "/problems/not-found");
        let planted = foreign.post(&path, decide("sms", "given")).await;
        assert_problem!(planted, 404, "/problems/not-found");
    }
}

#[tokio::test]
async fn a_birth_date_is_one_that_somebody_alive_can_have() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let born = |date: &str| json!({ "given_name": "Ina", "family_name": "Okafor", "birth_date": date, "confirm_new": true });
    for date in ["0210-11-02", "1879-12-31", "2026-03-03"] {
        let refused = desk.post("/patients", born(date)).await;
        assert_eq!(refused.status, 422, "{date}");
        assert_eq!(refused.pointers(), ["/birth_date"], "{date}");
        let moved = json!({ "birth_date": date });
        let refused = desk.patch(&format!("/patients/{ANA}"), "*", moved).await;
        assert_eq!(refused.status, 422, "{date}");
        assert_eq!(refused.pointers(), ["/birth_date"], "{date}");
    }
    for date in ["1880-01-01", "2026-03-02"] {
        desk.post("/patients", born(date)).await.created();
    }
}
