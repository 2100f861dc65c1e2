//! Signing a visit, and the seal that no later change passes unnoticed.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::visits::{finding, sign, walk_in};

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

/// Runs a statement with the database role of the service, which reaches every patient here.
fn as_service(statement: &str) -> String {
    format!(
        "BEGIN; SELECT set_config('role', control.role_name('app'), true); SET LOCAL app.practice_id = '{RIVERSIDE}'; \
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
async fn a_seal_detects_every_alteration_made_outside_the_service() {
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
        AND c.column_name ~ 'visit_id$' AND c.table_name NOT IN ('visit_addenda', 'late_observations', 'late_discharges') \
        AND pg_get_functiondef('visit_content'::regproc) !~ ('FROM ' || c.table_name || ' r')";
    assert_eq!(
        clinic.ask(forgotten).await,
        "",
        "tables that hang from a visit and no seal covers"
    );
    let unsealed = "SELECT coalesce(string_agg(DISTINCT c.table_name, ', '), '') \
        FROM information_schema.columns c WHERE c.table_schema = 'public' \
        AND c.column_name ~ 'visit_id$' AND c.table_name NOT IN ('visit_addenda', 'late_observations', 'late_discharges') \
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
async fn a_thousand_alterations_of_sealed_content_are_all_detected() {
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
        "volume_ml": "1", "lot_id": LIDOCAINE,
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
    let reason = json!({ "reason": "The patient felt faint." });
    let stopped = ada.act_now(&format!("{procedure}/stop"), reason).await;
    assert_eq!(stopped.status, 200, "{}", stopped.text);
    sign(&ada, &visit_id).await;
    let alterations = include_str!("seal_alterations.sql")
        .replace("{practice}", RIVERSIDE)
        .replace("{visit}", &visit_id);
    clinic.sql(&alterations).await;
    let seal = ada.get(&format!("{path}/seal")).await.ok();
    assert_eq!(seal["intact"], true, "every alteration was made in a copy");
}

#[actix_web::test]
async fn a_seal_is_signed_with_the_key_of_the_service_and_so_is_a_retraction() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    sign(&ada, &visit_id).await;
    let path = format!("/visits/{visit_id}");
    let seal = ada.get(&format!("{path}/seal")).await.ok();
    assert_eq!(
        (
            &seal["intact"],
            &seal["key_check"],
            &seal["content_format"],
            &seal["retraction"]
        ),
        (&json!(true), &json!("valid"), &json!(2), &Value::Null)
    );
    assert!(seal["signature"].is_string() && seal["public_key"].is_string());
    let wrong = json!({ "reason": "Written to the wrong person", "belongs_to_patient_id": CLEO });
    ada.act_now(&format!("{path}/retract"), wrong).await.ok();
    let seal = ada.get(&format!("{path}/seal")).await.ok();
    assert_eq!(seal["intact"], true, "what was signed stays as it was");
    assert_eq!(
        (
            &seal["retraction"]["intact"],
            &seal["retraction"]["key_check"]
        ),
        (&json!(true), &json!("valid"))
    );
    // Whoever rewrites content and digest together lacks the key.
    let forged = "UPDATE visits SET plan = 'Another one', content_sha256 = \
        sha256(convert_to(visit_content(practice_id, id, signed_by, signed_at), 'UTF8'))";
    clinic.sql(forged).await;
    let fits = "UPDATE visits SET content_sha256 = \
        sha256(convert_to(visit_content(practice_id, id, signed_by, signed_at), 'UTF8'))";
    clinic.sql(fits).await;
    let seal = ada.get(&format!("{path}/seal")).await.ok();
    assert_eq!(seal["content_sha256"], seal["recomputed_sha256"]);
    assert_eq!(
        (&seal["intact"], &seal["key_check"]),
        (&json!(false), &json!("invalid"))
    );
    clinic
        .sql("UPDATE visits SET retraction_reason = 'It was right'")
        .await;
    let seal = ada.get(&format!("{path}/seal")).await.ok();
    assert_eq!(seal["retraction"]["intact"], false);
    // What was sealed before there was a key is compared by its digest alone.
    clinic
        .sql("UPDATE visits SET content_signature = NULL")
        .await;
    let seal = ada.get(&format!("{path}/seal")).await.ok();
    assert_eq!(
        (&seal["intact"], &seal["key_check"]),
        (&json!(true), &json!("absent"))
    );
}
