//! Visits: opening, recording and reading them.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

/// Opens a visit for a walk-in to Dr Ada at Main Street.
pub(crate) async fn walk_in(by: &Client, patient_id: &str) -> String {
    let body = json!({ "patient_id": patient_id, "provider_id": ADA, "location_id": MAIN_STREET });
    let visit = by.post("/visits", body).await.created();
    visit["id"].as_str().unwrap().to_owned()
}

/// Signs the visit in its current version.
pub(crate) async fn sign(by: &Client, visit_id: &str) -> Value {
    by.act_now(&format!("/visits/{visit_id}/sign"), Value::Null)
        .await
        .ok()
}

/// A palpation that finds a definite trigger point.
pub(crate) fn finding() -> Value {
    json!({
        "muscle_code": "trapezius_upper", "side": "left", "view": "HN_POST", "x": "0.27", "y": "0.70",
        "taut_band": "yes", "hypersensitive_spot": "yes", "referred_pain": "yes",
        "pain_recognised": "yes", "local_twitch": "no", "jump_sign": "no",
        "palpable_nodule": "not_assessed", "tenderness_grade": 2,
    })
}

#[actix_web::test]
async fn an_appointment_gives_one_visit_and_begins() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let booking = json!({
        "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": "2026-03-02T10:00:00-05:00",
    });
    let appointment = desk.post("/appointments", booking).await.created();
    let appointment_id = appointment["id"].as_str().unwrap();
    let ada = clinic.provider().await;
    let body = json!({ "appointment_id": appointment_id });
    let visit = ada.post("/visits", body.clone()).await.created();
    assert_eq!(visit["patient_id"], ANA);
    assert_eq!(visit["provider"]["name"], "Dr Ada Keller");
    assert_eq!(visit["time_zone"], "America/New_York");
    assert_eq!(visit["status"], "open");
    let refused = assert_problem!(
        ada.post("/visits", body).await,
        409,
        "/problems/visit-exists"
    );
    assert_eq!(refused.body["visit_id"], visit["id"]);
    let appointment = desk
        .get(&format!("/appointments/{appointment_id}"))
        .await
        .ok();
    assert_eq!(appointment["status"], "in_progress");
}

#[actix_web::test]
async fn an_appointment_stays_in_progress_while_it_has_a_visit_and_completed_once_that_is_signed() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);
    let booking = json!({
        "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": "2026-03-02T10:00:00-05:00",
    });
    let appointment = desk.post("/appointments", booking).await.created();
    let id = appointment["id"].as_str().unwrap();
    let path = format!("/appointments/{id}");
    let undo = format!("{path}/undo");
    let visit = ada.post("/visits", json!({ "appointment_id": id })).await;
    let visit = visit.created()["id"].as_str().unwrap().to_owned();
    let complete = format!("{path}/complete");
    desk.act_now(&complete, Value::Null).await.ok();
    // It was completed too early.
    let open = desk.act_now(&undo, json!({ "note": "Not yet" })).await.ok();
    assert_eq!(open["status"], "in_progress");
    let unseen = desk.act_now(&undo, Value::Null).await;
    let unseen = assert_problem!(unseen, 409, "/problems/wrong-status");
    assert_eq!(unseen.body["current_status"], "in_progress");
    assert_eq!(unseen.body["allowed"], json!(["complete"]));
    for (verb, body) in [
        ("cancel", json!({ "reason_code": "illness" })),
        ("no-show", Value::Null),
    ] {
        let gone = desk.act_now(&format!("{path}/{verb}"), body).await;
        assert_problem!(gone, 409, "/problems/wrong-status");
    }
    desk.act_now(&complete, Value::Null).await.ok();
    sign(&ada, &visit).await;
    let signed = desk.act_now(&undo, Value::Null).await;
    assert_problem!(signed, 409, "/problems/wrong-status");
    assert_eq!(desk.get(&path).await.ok()["status"], "completed");
}

#[actix_web::test]
async fn an_undo_beside_a_signature_comes_before_it_or_is_refused() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);
    for time in ["09:00", "09:30", "10:00", "10:30"] {
        let booking = json!({
            "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
            "location_id": MAIN_STREET,
            "starts_at": format!("2026-03-02T{time}:00-05:00"),
        });
        let appointment = desk.post("/appointments", booking).await.created();
        let id = appointment["id"].as_str().unwrap();
        let path = format!("/appointments/{id}");
        let visit = ada.post("/visits", json!({ "appointment_id": id })).await;
        let visit = visit.created()["id"].as_str().unwrap().to_owned();
        let complete = format!("{path}/complete");
        desk.act_now(&complete, Value::Null).await.ok();
        let undo = format!("{path}/undo");
        let (signed, undone) =
            futures_util::join!(sign(&ada, &visit), desk.act_now(&undo, Value::Null));
        let status = desk.get(&path).await.ok()["status"].clone();
        match undone.status {
            200 => assert_eq!(status, "in_progress"),
            _ => assert_eq!((undone.status, status), (409, json!("completed"))),
        }
        assert_eq!(signed["status"], "signed");
        let again = desk.act_now(&undo, Value::Null).await;
        assert_problem!(again, 409, "/problems/wrong-status");
    }
}

#[actix_web::test]
async fn a_cancelled_appointment_gives_no_visit() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let booking = json!({
        "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": "2026-03-02T10:00:00-05:00",
    });
    let appointment = desk.post("/appointments", booking).await.created();
    let appointment_id = appointment["id"].as_str().unwrap();
    let path = format!("/appointments/{appointment_id}/cancel");
    desk.act_now(&path, json!({ "reason_code": "illness" }))
        .await
        .ok();
    let ada = clinic.provider().await;
    let refused = ada
        .post("/visits", json!({ "appointment_id": appointment_id }))
        .await;
    assert_problem!(refused, 409, "/problems/wrong-status");
}

#[actix_web::test]
async fn a_refused_visit_names_every_missing_field() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let missing = ada.post("/visits", json!({ "patient_id": ANA })).await;
    assert_eq!(missing.pointers(), ["/provider_id", "/location_id"]);
    let both = json!({ "appointment_id": ANA, "patient_id": ANA });
    assert_eq!(ada.post("/visits", both).await.pointers(), ["/patient_id"]);
    let foreign = json!({ "patient_id": ZED, "provider_id": ADA, "location_id": HILLSIDE });
    let foreign = assert_problem!(
        ada.post("/visits", foreign).await,
        422,
        "/problems/invalid-content"
    );
    assert_eq!(foreign.pointers(), ["/patient_id", "/location_id"]);
    let unknown = ada.post("/visits", json!({ "appointment_id": ANA })).await;
    assert_eq!(
        (unknown.status, unknown.pointers()),
        (422, vec!["/appointment_id".to_owned()])
    );
}

#[actix_web::test]
async fn two_editors_never_overwrite_each_other() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let path = format!("/visits/{}", walk_in(&ada, ANA).await);
    let read = ada.get(&path).await.etag();
    let written = assistant
        .patch(&path, &read, json!({ "subjective": "Worse at night." }))
        .await;
    assert_eq!(written.status, 200);
    let stale = ada
        .patch(&path, &read, json!({ "subjective": "Better." }))
        .await;
    assert_problem!(stale, 412, "/problems/stale-version");
    let vitals = format!("{path}/vitals");
    let stale = ada
        .put(&vitals, &read, json!({ "heart_rate_bpm": 70 }))
        .await;
    assert_problem!(stale, 412, "/problems/stale-version");
    let diagnoses = json!([{ "code": "M79.18", "text": "Myalgia" }]);
    let both = json!({ "plan": "Rest.", "diagnoses": diagnoses });
    let both = ada.patch(&path, &written.etag(), both).await.ok();
    assert_eq!(both["subjective"], "Worse at night.");
    assert_eq!(both["diagnoses"][0]["code"], "M79.18");
    let cleared = ada.patch(&path, "*", json!({ "plan": null })).await.ok();
    assert_eq!(cleared["plan"], Value::Null);
}

#[actix_web::test]
async fn vitals_are_plausible_and_a_weight_becomes_the_patients() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = format!("/visits/{}/vitals", walk_in(&ada, BEN).await);
    let refused = ada.put(
        &path,
        "*",
        json!({
            "weight_kg": "0.9", "height_cm": 300, "temperature_c": "36.65",
        }),
    );
    assert_eq!(
        refused.await.pointers(),
        ["/weight_kg", "/height_cm", "/temperature_c"]
    );
    let refused = ada
        .put(
            &path,
            "*",
            json!({ "spo2_percent": 101, "heart_rate_bpm": 19 }),
        )
        .await;
    assert_eq!(refused.pointers(), ["/heart_rate_bpm", "/spo2_percent"]);
    let refused = ada
        .put(
            &path,
            "*",
            json!({ "systolic_mmhg": 80, "diastolic_mmhg": 90 }),
        )
        .await;
    assert_eq!(refused.pointers(), ["/systolic_mmhg"]);
    let taken = ada
        .put(
            &path,
            "*",
            json!({ "weight_kg": "81.5", "systolic_mmhg": 120 }),
        )
        .await
        .ok();
    assert_eq!(taken["vitals"]["weight_kg"], "81.5");
    let ben = ada.get(&format!("/patients/{BEN}")).await.ok();
    assert_eq!(ben["weight_kg"], "81.5");
    assert_eq!(ben["version"], 2);
    let again = ada
        .put(&path, "*", json!({ "heart_rate_bpm": 60 }))
        .await
        .ok();
    assert_eq!(
        again["vitals"]["weight_kg"], "81.5",
        "what is left out stays"
    );
    let cleared = ada.put(&path, "*", json!({ "weight_kg": null })).await.ok();
    assert_eq!(cleared["vitals"]["weight_kg"], Value::Null);
}

#[actix_web::test]
async fn patients_read_their_own_visits_once_signed() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    ada.post(&format!("/visits/{visit_id}/trigger-points"), finding())
        .await
        .created();
    let (ana, ben) = (clinic.patient().await, clinic.other_patient().await);
    let paths = [
        format!("/visits/{visit_id}"),
        format!("/visits/{visit_id}/trigger-points"),
        format!("/visits/{visit_id}/body-chart.svg"),
    ];
    for path in &paths {
        assert_problem!(ana.get(path).await, 404, "/problems/not-found");
    }
    assert_eq!(ana.get("/visits").await.ok()["items"], json!([]));
    let points = format!("/patients/{ANA}/trigger-points");
    assert_eq!(ana.get(&points).await.ok()["items"], json!([]));
    sign(&ada, &visit_id).await;
    for path in &paths {
        assert_eq!(ana.get(path).await.status, 200, "{path}");
        assert_eq!(ben.get(path).await.status, 404, "{path}");
    }
    assert_eq!(
        ana.get("/visits").await.ok()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        ana.get(&points).await.ok()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        ana.get(&format!("/visits/{visit_id}/seal")).await.ok()["intact"],
        true
    );
    assert_eq!(ben.get(&points).await.status, 404);
    assert_eq!(ben.get("/visits").await.ok()["items"], json!([]));
}

#[actix_web::test]
async fn staff_who_do_not_treat_patients_see_no_visit() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}");
    for outsider in [
        clinic.admin().await,
        clinic.front_desk().await,
        clinic.auditor().await,
    ] {
        assert_eq!(outsider.get(&path).await.status, 403);
        assert_eq!(outsider.get("/visits").await.status, 403);
        assert_eq!(
            outsider.get(&format!("{path}/trigger-points")).await.status,
            403
        );
        assert_eq!(
            outsider
                .get(&format!("/patients/{ANA}/trigger-points"))
                .await
                .status,
            403
        );
    }
    assert_eq!(
        clinic
            .patient()
            .await
            .patch(&path, "*", json!({}))
            .await
            .status,
        403
    );
    let stranger = clinic.stranger("provider").await;
    assert_eq!(stranger.get(&path).await.status, 404);
    assert_eq!(stranger.patch(&path, "*", json!({})).await.status, 404);
    assert_eq!(
        stranger
            .act_now(&format!("{path}/sign"), Value::Null)
            .await
            .status,
        404
    );
    assert_eq!(
        stranger
            .get(&format!("/patients/{ANA}/trigger-points"))
            .await
            .status,
        404
    );
}

#[actix_web::test]
async fn visits_are_listed_latest_first_page_by_page() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let mut made = Vec::new();
    for patient in [ANA, BEN, ANA] {
        made.insert(0, walk_in(&ada, patient).await);
        clinic.advance(chrono::TimeDelta::minutes(1));
    }
    let mut listed = Vec::new();
    let mut path = "/visits?limit=2".to_owned();
    loop {
        let page = ada.get(&path).await.ok();
        for item in page["items"].as_array().unwrap() {
            listed.push(item["id"].as_str().unwrap().to_owned());
        }
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/visits?limit=2&cursor={cursor}");
    }
    assert_eq!(listed, made);
    let of_ben = ada.get(&format!("/visits?patient_id={BEN}")).await.ok();
    assert_eq!(of_ben["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        ada.get("/visits?cursor=abc").await.pointers(),
        ["#/query/cursor"]
    );
    sign(&ada, &made[2]).await;
    clinic.advance(chrono::TimeDelta::hours(1));
    let mut ada = clinic.provider().await;
    let since = "updated_since=2026-03-02T14:30:00Z";
    assert_eq!(
        ada.get(&format!("/visits?{since}")).await.ok()["items"],
        json!([])
    );
    let addenda = format!("/visits/{}/addenda", made[2]);
    ada.post(&addenda, json!({ "text": "Later." }))
        .await
        .created();
    ada = clinic.provider().await;
    let changed = ada.get(&format!("/visits?{since}")).await.ok();
    assert_eq!(changed["items"][0]["id"], made[2].as_str());
}

#[actix_web::test]
async fn the_total_tenderness_score_is_the_sum_of_eight_sites_on_both_sides() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit = format!("/visits/{}", walk_in(&ada, ANA).await);
    assert_eq!(ada.get(&visit).await.ok()["total_tenderness"], Value::Null);
    let path = format!("{visit}/tenderness-scores");
    let site = |left: i32, right: i32| json!({ "left": left, "right": right });
    let scores = json!({
        "frontal": site(0, 1), "temporal": site(2, 3), "masseter": site(3, 3),
        "lateral_pterygoid": site(0, 0), "mastoid": site(1, 1),
        "sternocleidomastoid": site(2, 2), "splenius": site(1, 0), "trapezius": site(3, 3),
    });
    let scored = ada.put(&path, "\"v1\"", scores.clone()).await.ok();
    assert_eq!(scored["total_tenderness"]["total"], 25);
    assert_eq!(scored["total_tenderness"]["sites"], scores);
    for (value, refused) in [(-1, true), (0, false), (3, false), (4, true)] {
        let mut scores = scores.clone();
        scores["mastoid"]["right"] = json!(value);
        let reply = ada.put(&path, "*", scores).await;
        assert_eq!(reply.status == 422, refused, "{value}");
        if refused {
            assert_eq!(reply.pointers(), ["/mastoid/right"]);
        }
    }
    let mut partly = scores.clone();
    partly.as_object_mut().unwrap().remove("splenius");
    assert_eq!(ada.put(&path, "*", partly).await.pointers(), ["/splenius"]);
    let stale = ada.put(&path, "\"v1\"", scores.clone()).await;
    assert_problem!(stale, 412, "/problems/stale-version");
    let outcomes = ada.get(&format!("/patients/{ANA}/outcomes")).await.ok();
    assert_eq!(outcomes["scores"][0]["instrument"], "tts");
    assert_eq!(outcomes["scores"][0]["score"], "27");
    let patient = clinic.patient().await;
    let unsigned = patient.get(&format!("/patients/{ANA}/outcomes")).await;
    assert_eq!(
        unsigned.ok()["scores"],
        json!([]),
        "not before it is signed"
    );
    let desk = clinic.front_desk().await;
    let closed = desk.put(&path, "*", scores.clone()).await;
    assert_problem!(closed, 403, "/problems/not-allowed");
    ada.act_now(&format!("{visit}/sign"), Value::Null)
        .await
        .ok();
    assert_problem!(ada.put(&path, "*", scores).await, 423, "/problems/sealed");
    assert_eq!(ada.get(&format!("{visit}/seal")).await.ok()["intact"], true);
}
