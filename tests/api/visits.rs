//! Visits: opened once, written by one at a time, sealed for good.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

/// Someone walked in to Dr Ada at Main Street.
pub(crate) async fn walk_in(by: &Client, patient_id: &str) -> String {
    let body = json!({ "patient_id": patient_id, "provider_id": ADA, "location_id": MAIN_STREET });
    let visit = by.post("/visits", body).await.created();
    visit["id"].as_str().unwrap().to_owned()
}

/// Signs as it stands.
pub(crate) async fn sign(by: &Client, visit_id: &str) -> Value {
    by.act_now(&format!("/visits/{visit_id}/sign"), Value::Null)
        .await
        .ok()
}

fn finding() -> Value {
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
async fn an_appointment_stays_seen_while_it_has_a_visit_and_done_once_that_is_signed() {
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
async fn of_a_signature_and_a_step_taken_back_at_once_the_signature_comes_last_or_alone() {
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
async fn a_visit_names_everything_it_misses() {
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
    assert_eq!(again["vitals"]["weight_kg"], Value::Null);
}

#[actix_web::test]
async fn only_the_visits_own_provider_signs() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = format!("/visits/{}", walk_in(&ada, ANA).await);
    let sign = format!("{path}/sign");
    for other in [clinic.other_provider().await, clinic.assistant().await] {
        assert_problem!(
            other.act_now(&sign, Value::Null).await,
            403,
            "/problems/not-allowed"
        );
    }
    assert_problem!(
        ada.act(&sign, "\"v9\"", Value::Null).await,
        412,
        "/problems/stale-version"
    );
    assert_eq!(ada.get(&path).await.ok()["status"], "open");
    let seal = ada.get(&format!("{path}/seal")).await;
    assert_problem!(seal, 409, "/problems/not-signed");
    let early = ada
        .post(&format!("{path}/addenda"), json!({ "text": "More." }))
        .await;
    assert_problem!(early, 409, "/problems/not-signed");
    let signed = ada.act_now(&sign, Value::Null).await.ok();
    assert_eq!(signed["status"], "signed");
    assert_eq!(signed["content_sha256"].as_str().unwrap().len(), 64);
    assert_problem!(
        ada.act_now(&sign, Value::Null).await,
        423,
        "/problems/sealed"
    );
}

#[actix_web::test]
async fn a_signed_visit_takes_addenda_and_nothing_else() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}");
    let points = format!("{path}/trigger-points");
    let found = ada.post(&points, finding()).await.created();
    let signed = sign(&ada, &visit_id).await;
    let note = ada.patch(&path, "*", json!({ "plan": "Changed." })).await;
    assert_problem!(note, 423, "/problems/sealed");
    let vitals = ada
        .put(
            &format!("{path}/vitals"),
            "*",
            json!({ "heart_rate_bpm": 70 }),
        )
        .await;
    assert_problem!(vitals, 423, "/problems/sealed");
    assert_problem!(ada.post(&points, finding()).await, 423, "/problems/sealed");
    let palpation = format!("{points}/{}", found["id"].as_str().unwrap());
    let amended = ada
        .patch(&palpation, "*", json!({ "note": "Changed." }))
        .await;
    assert_problem!(amended, 423, "/problems/sealed");
    let before = ada.get(&path).await.etag();
    ada.post(
        &format!("{path}/addenda"),
        json!({ "text": "Called back." }),
    )
    .await
    .created();
    let after = ada.get(&path).await;
    assert_ne!(
        after.etag(),
        before,
        "an addendum is a change of what is read"
    );
    let after = after.ok();
    assert_eq!(after["addenda"][0]["text"], "Called back.");
    assert_eq!(after["content_sha256"], signed["content_sha256"]);
    assert_eq!(ada.get(&format!("{path}/seal")).await.ok()["intact"], true);
}

/// As the service itself, with everything in reach, past the application.
fn as_service(statement: &str) -> String {
    format!(
        "BEGIN; SET LOCAL ROLE tautband_app; SET LOCAL app.practice_id = '{RIVERSIDE}'; \
         SET LOCAL app.patient_ids = '*'; {statement}; COMMIT"
    )
}

#[actix_web::test]
async fn the_database_itself_refuses_to_change_what_is_sealed() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    ada.post(&format!("/visits/{visit_id}/trigger-points"), finding())
        .await
        .created();
    clinic
        .sql(&as_service("UPDATE palpations SET note = 'open'"))
        .await;
    sign(&ada, &visit_id).await;
    clinic
        .sql(&as_service("UPDATE visits SET plan = 'altered'"))
        .await;
    clinic
        .sql(&as_service("UPDATE palpations SET note = 'altered'"))
        .await;
    let copy = |table: &str, key: &str| {
        as_service(&format!(
            "DO $$ BEGIN INSERT INTO {table} SELECT (jsonb_populate_record(r, \
             jsonb_build_object('id', gen_random_uuid(), '{key}', gen_random_uuid()))).* \
             FROM {table} r; RAISE EXCEPTION 'written'; \
             EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"
        ))
    };
    clinic.sql(&copy("palpations", "id")).await;
    clinic.sql(&copy("trigger_points", "id")).await;
    let altered = "SELECT (SELECT count(*) FROM visits WHERE plan = 'altered') || ' ' || \
                   (SELECT count(*) FROM palpations WHERE note = 'altered') || ' ' || \
                   (SELECT count(*) FROM palpations)";
    assert_eq!(clinic.ask(altered).await, "0 0 1");
    assert_eq!(
        ada.get(&format!("/visits/{visit_id}/seal")).await.ok()["intact"],
        true
    );
}

#[actix_web::test]
async fn a_seal_finds_out_every_alteration_made_behind_the_services_back() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    ada.post(&format!("/visits/{visit_id}/trigger-points"), finding())
        .await
        .created();
    sign(&ada, &visit_id).await;
    let seal = format!("/visits/{visit_id}/seal");
    let alterations = [
        (
            "UPDATE visits SET plan = 'x'",
            "UPDATE visits SET plan = NULL",
        ),
        (
            "UPDATE visits SET started_at = started_at + interval '1 microsecond'",
            "UPDATE visits SET started_at = started_at - interval '1 microsecond'",
        ),
        (
            "UPDATE palpations SET x = x + 0.00001",
            "UPDATE palpations SET x = x - 0.00001",
        ),
        (
            "UPDATE palpations SET referred_zones = '{temple}'",
            "UPDATE palpations SET referred_zones = '{}'",
        ),
        (
            "UPDATE trigger_points SET side = 'right'",
            "UPDATE trigger_points SET side = 'left'",
        ),
    ];
    for (alteration, repair) in alterations {
        clinic.sql(alteration).await;
        let checked = ada.get(&seal).await.ok();
        assert_eq!(checked["intact"], false, "{alteration}");
        assert_ne!(checked["recomputed_sha256"], checked["content_sha256"]);
        clinic.sql(repair).await;
        assert_eq!(ada.get(&seal).await.ok()["intact"], true, "{repair}");
    }
    clinic.sql("DELETE FROM palpations").await;
    assert_eq!(ada.get(&seal).await.ok()["intact"], false);
}

#[actix_web::test]
async fn a_seal_is_over_every_table_under_a_visit() {
    let clinic = Clinic::open().await;
    let forgotten = "SELECT coalesce(string_agg(DISTINCT c.table_name, ', '), '') \
        FROM information_schema.columns c WHERE c.table_schema = 'public' \
        AND c.column_name ~ 'visit_id$' AND c.table_name <> 'visit_addenda' \
        AND pg_get_functiondef('visit_content'::regproc) !~ ('FROM ' || c.table_name || ' r')";
    assert_eq!(
        clinic.ask(forgotten).await,
        "",
        "tables that hang from a visit and no seal covers"
    );
    let unsealed = "SELECT coalesce(string_agg(DISTINCT c.table_name, ', '), '') \
        FROM information_schema.columns c WHERE c.table_schema = 'public' \
        AND c.column_name ~ 'visit_id$' AND c.table_name <> 'visit_addenda' \
        AND ((SELECT count(*) FROM pg_policies p WHERE p.tablename = c.table_name \
             AND (p.cmd = 'INSERT' AND p.with_check ~ 'is_open IS NOT NULL' \
                  OR p.cmd = 'UPDATE' AND p.qual ~ 'is_open IS NOT NULL')) < 2 \
             OR NOT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' \
                  AND k.conrelid = c.table_name::regclass AND k.confrelid = 'visits'::regclass \
                  AND pg_get_constraintdef(k.oid) ~ 'is_open') \
             OR pg_get_functiondef('close_rows_under_visit'::regproc) !~ ('UPDATE ' || c.table_name || ' SET'))";
    assert_eq!(
        clinic.ask(unsealed).await,
        "",
        "tables that can change under a signed visit"
    );
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
async fn those_who_do_not_care_for_patients_see_no_visit() {
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
async fn a_thousand_alterations_of_sealed_content_are_all_found_out() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}");
    let note = json!({
        "chief_complaint": "Headache", "subjective": "Worse at night.", "objective": "Bands.",
        "assessment": "Myofascial.", "plan": "Needles.",
        "diagnoses": [{ "code": "G43.709", "text": "Migraine" }],
    });
    ada.patch(&path, "*", note).await.ok();
    let vitals = json!({
        "weight_kg": "70.5", "height_cm": "171.5", "systolic_mmhg": 120, "diastolic_mmhg": 80,
        "heart_rate_bpm": 66, "spo2_percent": 98, "temperature_c": "36.6",
    });
    ada.put(&format!("{path}/vitals"), "*", vitals).await.ok();
    let mut point = finding();
    point["referred_zones"] = json!(["temple"]);
    point["note"] = json!("Deep.");
    let point = ada.post(&format!("{path}/trigger-points"), point).await;
    let point = point.created();
    let plan = json!({ "kind": "trigger_point_injection", "indication_codes": ["M79.18"] });
    let procedure = ada
        .post(&format!("{path}/procedures"), plan)
        .await
        .created();
    let procedure = format!("/procedures/{}", procedure["id"].as_str().unwrap());
    let consent = json!({ "given_by": "patient", "method": "written", "text_version": "1" });
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
    let syringe = json!({ "label": "Lidocaine 1 %", "components": [{
        "drug_code": "lidocaine", "concentration": "1", "concentration_unit": "percent",
        "volume_ml": "3", "lot_id": LIDOCAINE,
    }] });
    let syringe = ada.post(&format!("{procedure}/solutions"), syringe).await;
    let needle = json!({
        "point_id": point["point_id"], "solution_id": syringe.created()["id"], "volume_ml": "1",
        "needle_gauge": 25, "needle_length_mm": 38, "approach": "perpendicular",
        "aspirated": true, "twitch_elicited": true, "pain_nrs_before": 7, "pain_nrs_after": 2,
    });
    ada.post(&format!("{procedure}/injections"), needle)
        .await
        .created();
    sign(&ada, &visit_id).await;
    let alterations = include_str!("seal_alterations.sql")
        .replace("{practice}", RIVERSIDE)
        .replace("{visit}", &visit_id);
    clinic.sql(&alterations).await;
    let seal = ada.get(&format!("{path}/seal")).await.ok();
    assert_eq!(seal["intact"], true, "every alteration was made in a copy");
}

#[actix_web::test]
async fn a_template_gives_draft_text_and_writes_nothing() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}");
    let body = json!({
        "name": "Follow-up", "subjective": "{patient_name}, {patient_age}, seen {visit_date}.",
        "plan": "{provider_name} calls {somebody}.",
    });
    let made = ada.post_once("/note-templates", "t", body.clone()).await;
    let template = made.header("location").replace("/api/v1", "");
    let made = made.created();
    let read = ada.get(&path).await.etag();
    let apply = json!({ "template_id": made["id"] });
    let draft = ada.post(&format!("{path}/note-draft"), apply.clone()).await;
    let draft = draft.ok();
    assert_eq!(draft["subjective"], "Ana Vrabec, 41, seen 2026-03-02.");
    assert_eq!(draft["plan"], "Dr Ada Keller calls {somebody}.");
    assert_eq!(draft["objective"], Value::Null);
    let after = ada.get(&path).await;
    assert_eq!(after.etag(), read);
    assert_eq!(after.ok()["subjective"], Value::Null);

    let same_name = json!({ "name": "follow-UP" });
    let refused = ada.post("/note-templates", same_name.clone()).await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (422, vec!["/name".to_owned()])
    );
    let changed = json!({ "name": "Follow-up", "plan": "Rest." });
    let replaced = ada.put(&template, "\"v1\"", changed.clone()).await;
    assert_eq!(replaced.etag(), "\"v2\"");
    assert_eq!(replaced.ok()["subjective"], Value::Null);
    let stale = ada.put(&template, "\"v1\"", changed).await;
    assert_problem!(stale, 412, "/problems/stale-version");
    let listed = clinic.assistant().await.get("/note-templates").await.ok();
    assert_eq!(listed["items"][0]["plan"], "Rest.");
    for closed in [clinic.front_desk().await, clinic.patient().await] {
        let listed = closed.get("/note-templates").await;
        assert_problem!(listed, 403, "/problems/not-allowed");
    }
    let assistant = clinic.assistant().await.post("/note-templates", body).await;
    assert_problem!(assistant, 403, "/problems/not-allowed");
    let stranger = clinic.stranger("provider").await;
    assert_problem!(stranger.get(&template).await, 404, "/problems/not-found");
    assert_eq!(
        stranger.get("/note-templates").await.ok()["items"],
        json!([])
    );

    ada.act_now(&format!("{template}/archive"), Value::Null)
        .await
        .ok();
    assert_eq!(ada.get("/note-templates").await.ok()["items"], json!([]));
    let archived = ada.post(&format!("{path}/note-draft"), apply.clone()).await;
    assert_eq!(archived.pointers(), ["/template_id"]);
    ada.post("/note-templates", same_name).await.created();
    sign(&ada, &visit_id).await;
    let sealed = ada.post(&format!("{path}/note-draft"), apply).await;
    assert_problem!(sealed, 423, "/problems/sealed");
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
