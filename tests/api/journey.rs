//! The main job of a headache clinic from one end to the other, by four people at their own desks.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}

/// The first place on the chart at which the catalogue shows a muscle of the left side.
async fn place_of(provider: &Client, code: &str) -> Value {
    let muscles = provider.get("/muscles?limit=200").await.ok();
    let muscles = muscles["items"].as_array().unwrap();
    let muscle = muscles
        .iter()
        .find(|muscle| muscle["code"] == code)
        .unwrap();
    muscle["chart_points"][0].clone()
}

async fn palpate(provider: &Client, visit_id: &str, code: &str) -> String {
    let place = place_of(provider, code).await;
    let palpation = json!({
        "muscle_code": code, "side": "left", "view": place["view"], "x": place["x"], "y": place["y"],
        "taut_band": "yes", "hypersensitive_spot": "yes", "referred_pain": "yes",
        "pain_recognised": "yes", "local_twitch": "yes", "jump_sign": "no",
        "palpable_nodule": "not_assessed", "tenderness_grade": 2, "pain_nrs": 7,
    });
    let found = provider
        .post(&format!("/visits/{visit_id}/trigger-points"), palpation)
        .await;
    let found = found.created();
    assert_eq!(found["classification"], "definite");
    assert_eq!(found["activity"], "active");
    assert_eq!(found["course"], "new");
    found["point_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_patient_is_booked_treated_followed_up_and_sees_what_comes_next() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);

    // The front desk finds a patient whose name was misheard, and books a free slot.
    let found = desk
        .post("/patients/search", json!({ "text": "Anna Vrabetz" }))
        .await
        .ok();
    assert_eq!(found["items"][0]["id"], ANA);
    let query = format!("/slots?appointment_type_id={TPI}&provider_id={ADA}&limit=1");
    let slots = desk.get(&query).await.ok();
    let slot = &slots["items"][0];
    let booking = json!({
        "patient_id": ANA, "appointment_type_id": TPI, "provider_id": slot["provider_id"],
        "location_id": slot["location_id"], "starts_at": slot["starts_at"],
    });
    let booked = desk
        .post_once("/appointments", "call-1", booking.clone())
        .await
        .created();
    assert_eq!(booked["status"], "booked");
    let mut second = booking;
    second["patient_id"] = json!(BEN);
    assert_problem!(
        desk.post("/appointments", second).await,
        409,
        "/problems/slot-taken"
    );
    let appointment = format!("/appointments/{}", id(&booked));
    let arrived = desk
        .act_now(&format!("{appointment}/check-in"), Value::Null)
        .await
        .ok();
    assert_eq!(arrived["status"], "arrived");

    // The provider opens the visit and records what she feels.
    let visit = ada
        .post("/visits", json!({ "appointment_id": id(&booked) }))
        .await
        .created();
    let visit_id = id(&visit);
    let mut points = Vec::new();
    for code in ["trapezius_upper", "splenius_capitis", "temporalis"] {
        points.push(palpate(&ada, &visit_id, code).await);
    }

    // She injects the points with lidocaine from a lot, and signs.
    let plan = json!({ "kind": "trigger_point_injection", "indication_codes": ["G44.229"] });
    let planned = ada
        .post(&format!("/visits/{visit_id}/procedures"), plan)
        .await
        .created();
    let procedure = format!("/procedures/{}", id(&planned));
    let consent = json!({ "given_by": "patient", "method": "written", "text_version": "2026-01" });
    ada.put(&format!("{procedure}/consent"), "*", consent)
        .await
        .ok();
    let time_out = json!({
        "patient_ok": true, "procedure_ok": true, "site_ok": true, "allergies_ok": true,
        "anticoagulants_ok": true,
    });
    ada.put(&format!("{procedure}/time-out"), "*", time_out)
        .await
        .ok();
    ada.act_now(&format!("{procedure}/start"), Value::Null)
        .await
        .ok();
    let recipe = json!({
        "label": "Lidocaine 1 %",
        "components": [{
            "drug_code": "lidocaine", "concentration": "1", "concentration_unit": "percent",
            "volume_ml": "3", "lot_id": LIDOCAINE,
        }],
    });
    let solution = ada
        .post(&format!("{procedure}/solutions"), recipe)
        .await
        .created();
    for point_id in &points {
        let site = json!({
            "point_id": point_id, "solution_id": solution["id"], "volume_ml": "1",
            "needle_gauge": 25, "needle_length_mm": 38, "approach": "perpendicular",
            "aspirated": true, "twitch_elicited": true, "pain_nrs_before": 7, "pain_nrs_after": 2,
        });
        ada.post(&format!("{procedure}/injections"), site)
            .await
            .created();
    }
    let safety = ada.get(&format!("{procedure}/safety")).await.ok();
    assert!(
        ["ok", "warn"].contains(&safety["status"].as_str().unwrap()),
        "{safety}"
    );
    let done = complete(&ada, &procedure).await.ok();
    assert_eq!(done["status"], "completed");
    let signed = ada
        .act_now(&format!("/visits/{visit_id}/sign"), Value::Null)
        .await;
    assert_eq!(signed.status, 200, "{}", signed.body);
    let late = json!({ "plan": "One more thing" });
    let late = ada.patch(&format!("/visits/{visit_id}"), "*", late).await;
    assert_problem!(late, 423, "/problems/sealed");

    // The follow-ups of the protocol are there; the front desk books the visit among them.
    let due = desk
        .get(&format!("/follow-ups?patient_id={ANA}"))
        .await
        .ok();
    let due = due["items"].as_array().unwrap().clone();
    let visit = due
        .iter()
        .find(|follow_up| follow_up["kind"] == "visit")
        .unwrap();
    assert!(due.iter().any(|follow_up| follow_up["kind"] == "call"));
    let from = visit["due_from"].as_str().unwrap().replace('+', "%2B");
    let query =
        format!("/slots?appointment_type_id={FOLLOW_UP}&provider_id={ADA}&from={from}&limit=1");
    let slot = desk.get(&query).await.ok()["items"][0].clone();
    let booking = json!({
        "starts_at": slot["starts_at"], "provider_id": ADA, "location_id": MAIN_STREET,
        "appointment_type_id": FOLLOW_UP,
    });
    let path = format!("/follow-ups/{}/book", id(visit));
    desk.act_now(&path, booking).await.ok();

    // The patient sees what comes next, and nothing of anybody else.
    let ana = clinic.patient().await;
    let mine = ana.get("/me/follow-ups").await.ok();
    assert_eq!(mine["items"].as_array().unwrap().len(), due.len());
    let coming = ana.get("/me/appointments").await.ok();
    assert_eq!(coming["items"].as_array().unwrap().len(), 2);
    ana.get(&format!("/visits/{visit_id}")).await.ok();
    let ben = clinic.other_patient().await;
    assert_eq!(ben.get("/me/follow-ups").await.ok()["items"], json!([]));
    assert_eq!(ben.get("/me/appointments").await.ok()["items"], json!([]));
    for path in [
        appointment,
        format!("/visits/{visit_id}"),
        procedure,
        format!("/patients/{ANA}"),
    ] {
        assert_problem!(ben.get(&path).await, 404, "/problems/not-found");
    }
}
