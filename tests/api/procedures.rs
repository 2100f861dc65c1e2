//! Procedures: gated, judged, traceable to the lot, and never beyond the stock.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

const DOSE: &str = "local_anaesthetic_dose";

#[actix_web::test]
async fn three_points_are_injected_coded_and_paid_for_by_the_lot() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let muscles = ada.get("/muscles?limit=200").await.ok();
    let mut points = Vec::new();
    for code in ["trapezius_upper", "temporalis", "splenius_capitis"] {
        let muscle = muscles["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["code"] == code);
        let place = muscle.unwrap()["chart_points"][0].clone();
        let point = json!({
            "muscle_code": code, "side": "left", "view": place["view"], "x": place["x"],
            "y": place["y"], "taut_band": "yes", "hypersensitive_spot": "yes",
            "referred_pain": "yes", "pain_recognised": "yes", "local_twitch": "no",
            "jump_sign": "no", "palpable_nodule": "no", "tenderness_grade": 2,
        });
        let found = ada
            .post(&format!("/visits/{visit_id}/trigger-points"), point)
            .await
            .created();
        points.push(found["point_id"].as_str().unwrap().to_owned());
    }
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    prepare(&ada, &path).await;
    start(&ada, &path).await;
    let solution_id = drawn(&ada, &path, ("1", "3"), LIDOCAINE).await;
    for point_id in &points {
        let site = json!({
            "point_id": point_id, "solution_id": solution_id, "volume_ml": "1",
            "needle_gauge": 25, "needle_length_mm": 38, "approach": "perpendicular", "passes": 3,
            "aspirated": true, "twitch_elicited": true, "pain_nrs_before": 7, "pain_nrs_after": 2,
        });
        inject(&ada, &path, site).await;
    }
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, DOSE)["fraction"], "0.1");
    assert_eq!(safety["may_complete"], true);
    let done = complete(&ada, &path).await.ok();
    assert_eq!(done["status"], "completed");
    let lot = ada.get(&format!("/lots/{LIDOCAINE}")).await.ok();
    assert_eq!(lot["quantity_ml"], "47");
    let read = ada.get(&path).await.ok();
    assert_eq!(read["safety"]["rule_version"], safety["rule_version"]);
    assert_eq!(read["solutions"][0]["left_ml"], "0");
    let coding = ada.get(&format!("{path}/coding")).await.ok();
    assert_eq!(
        (&coding["cpt"], &coding["muscle_count"]),
        (&json!("20553"), &json!(3))
    );
    assert_eq!(
        coding["hcpcs"][0],
        json!({
            "code": "J2003", "units": 30, "modifier": null, "notice": coding["hcpcs"][0]["notice"],
        })
    );
    let admin = clinic.admin().await;
    let exposures = admin
        .get(&format!("/lots/{LIDOCAINE}/exposures"))
        .await
        .ok();
    assert_eq!(exposures["items"][0]["patient"]["id"], ANA);
    assert_eq!(exposures["items"][0]["sites"].as_array().unwrap().len(), 3);
    assert_eq!(exposures["items"][0]["patient"]["name"], "Ana Vrabec");
    let path = format!("/lots/{LIDOCAINE}/exposures");
    let audited = clinic.auditor().await.get(&path).await.ok();
    assert_eq!(
        audited["items"][0]["patient"],
        json!({ "id": ANA, "name": null })
    );
    assert_eq!(audited["items"][0]["sites"], exposures["items"][0]["sites"]);
}

#[actix_web::test]
async fn the_gate_opens_on_consent_and_a_whole_time_out() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    let begin = format!("{path}/start");
    let shut = ada.act_now(&begin, Value::Null).await;
    let shut = assert_problem!(shut, 409, "/problems/not-ready");
    assert_eq!(shut.body["missing"], json!(["consent", "time_out"]));
    prepare(&ada, &path).await;
    ada.put(&format!("{path}/time-out"), "*", time_out(false))
        .await
        .ok();
    let shut = ada.act_now(&begin, Value::Null).await;
    assert_eq!(shut.body["missing"], json!(["time_out"]));
    let early = ada
        .post(&format!("{path}/solutions"), recipe("1", "1", LIDOCAINE))
        .await;
    assert_problem!(early, 409, "/problems/wrong-status");
    ada.put(&format!("{path}/time-out"), "*", time_out(true))
        .await
        .ok();
    start(&ada, &path).await;
    let late = ada
        .put(&format!("{path}/time-out"), "*", time_out(true))
        .await;
    assert_problem!(late, 409, "/problems/wrong-status");
    let empty = complete(&ada, &path).await;
    let empty = assert_problem!(empty, 409, "/problems/not-ready");
    assert_eq!(empty.body["missing"], json!(["injections"]));
}

#[actix_web::test]
async fn fever_keeps_the_gate_shut_until_a_provider_says_otherwise() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let vitals = json!({ "temperature_c": "38.4" });
    ada.put(&format!("/visits/{visit_id}/vitals"), "*", vitals)
        .await
        .ok();
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    prepare(&ada, &path).await;
    let begin = format!("{path}/start");
    let shut = ada.act_now(&begin, Value::Null).await;
    assert_eq!(shut.body["missing"], json!(["infection_systemic"]));
    let decision =
        json!({ "check_code": "infection_systemic", "reason": "After exercise; rechecked" });
    ada.act_now(&format!("{path}/override"), decision)
        .await
        .ok();
    start(&ada, &path).await;
}

#[actix_web::test]
async fn too_much_anaesthetic_is_blocked_until_a_provider_overrides_just_that_dose() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let path = under_way(&assistant, ANA).await;
    let solution_id = drawn(&assistant, &path, ("2", "20"), LIDOCAINE).await;
    for _ in 0..4 {
        inject(&assistant, &path, site(&solution_id, "4")).await;
    }
    let safety = assistant.get(&format!("{path}/safety")).await.ok();
    assert_eq!(safety["status"], "block");
    assert_eq!(check(&safety, DOSE)["actual"], "1.0667");
    let refused = assert_problem!(complete(&ada, &path).await, 409, "/problems/unsafe");
    assert_eq!(refused.body["checks"][0]["code"], DOSE);
    let decision = json!({ "check_code": DOSE, "reason": "Divided over an hour, monitored" });
    let by_path = format!("{path}/override");
    let not_theirs = assistant.act_now(&by_path, decision.clone()).await;
    assert_problem!(not_theirs, 403, "/problems/not-allowed");
    ada.act_now(&by_path, decision.clone()).await.ok();
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, DOSE)["overridden"], true);
    inject(&assistant, &path, site(&solution_id, "1")).await;
    assert_problem!(complete(&ada, &path).await, 409, "/problems/unsafe");
    ada.act_now(&by_path, decision).await.ok();
    waste(&assistant, &ada, (&path, &solution_id), "3").await;
    complete(&ada, &path).await.ok();
    let other = json!({ "check_code": "no_such_check", "reason": "Why not" });
    let path = under_way(&ada, ANA).await;
    let nothing = ada.act_now(&format!("{path}/override"), other).await;
    assert_eq!(
        (nothing.status, nothing.pointers()),
        (422, vec!["/check_code".to_owned()])
    );
}

#[actix_web::test]
async fn what_was_given_in_the_last_day_counts_towards_the_maximum() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    for (given, fraction) in [("4", "0.2667"), ("4", "0.5333")] {
        let path = under_way(&ada, ANA).await;
        let solution_id = drawn(&ada, &path, ("2", given), LIDOCAINE).await;
        inject(&ada, &path, site(&solution_id, given)).await;
        let safety = ada.get(&format!("{path}/safety")).await.ok();
        assert_eq!(check(&safety, DOSE)["fraction"], fraction);
        complete(&ada, &path).await.ok();
    }
}

/// What one more drug, site or year reads must not creep in.
#[actix_web::test]
async fn the_safety_check_takes_four_statements_however_many_sites_and_however_long_the_history() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    for sites in [1, 2, 3, 20] {
        let path = under_way(&ada, ANA).await;
        let volume_ml = format!("{}.{}", sites / 10, sites % 10);
        for _ in 0..2 {
            let solution_id = drawn(&ada, &path, ("1", &volume_ml), LIDOCAINE).await;
            for _ in 0..sites {
                inject(&ada, &path, site(&solution_id, "0.1")).await;
            }
        }
        // The procedure, the rules, the patient, what surrounds it; and the audit.
        let (safety, statements) = ada.counted(&format!("{path}/safety"), None).await;
        assert_eq!(check(&safety.ok(), DOSE)["status"], "ok");
        assert_eq!(statements, 5, "of {sites} sites");
        let (read, statements) = ada.counted(&path, None).await;
        assert_eq!(read.ok()["injections"].as_array().unwrap().len(), sites * 2);
        assert_eq!(statements, 2, "of {sites} sites");
        complete(&ada, &path).await.ok();
    }
}

#[actix_web::test]
async fn without_a_weight_the_dose_cannot_be_told_and_that_blocks() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, BEN).await;
    let solution_id = drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
    inject(&ada, &path, site(&solution_id, "1")).await;
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, DOSE)["status"], "indeterminate");
    let refused = assert_problem!(complete(&ada, &path).await, 409, "/problems/unsafe");
    assert_eq!(refused.body["checks"][0]["status"], "indeterminate");
    let lot = ada.get(&format!("/lots/{LIDOCAINE}")).await.ok();
    assert_eq!(lot["quantity_ml"], "50");
}

#[actix_web::test]
async fn an_expired_quarantined_or_recalled_lot_is_never_drawn_from() {
    let clinic = Clinic::open().await;
    let (ada, admin) = (clinic.provider().await, clinic.admin().await);
    let path = under_way(&ada, ANA).await;
    let solutions = format!("{path}/solutions");
    let expired = ada.post(&solutions, recipe("1", "1", EXPIRED)).await;
    let expired = assert_problem!(expired, 409, "/problems/lot-unusable");
    assert_eq!(
        expired.body["unusable"],
        json!([{
            "index": 0, "lot_id": EXPIRED, "reason": "expired",
        }])
    );
    assert_eq!(expired.pointers(), ["/components/0/lot_id"]);
    let greedy = ada.post(&solutions, recipe("1", "50.001", LIDOCAINE)).await;
    assert_eq!(greedy.body["unusable"][0]["reason"], "too_little");
    let solution_id = drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
    inject(&ada, &path, site(&solution_id, "1")).await;
    let why = json!({ "reason": "Particles in a vial" });
    admin
        .act_now(&format!("/lots/{LIDOCAINE}/quarantine"), why.clone())
        .await
        .ok();
    let aside = assert_problem!(complete(&ada, &path).await, 409, "/problems/lot-unusable");
    assert_eq!(aside.body["unusable"][0]["reason"], "quarantined");
    let decision = json!({ "check_code": "lot_quarantined", "reason": "It looks fine to me" });
    let decision = ada.act_now(&format!("{path}/override"), decision).await;
    assert_problem!(decision, 409, "/problems/not-overridable");
    admin
        .act_now(&format!("/lots/{LIDOCAINE}/release"), Value::Null)
        .await
        .ok();
    admin
        .act_now(&format!("/lots/{LIDOCAINE}/recall"), why)
        .await
        .ok();
    let recalled = assert_problem!(complete(&ada, &path).await, 409, "/problems/lot-unusable");
    assert_eq!(recalled.body["unusable"][0]["reason"], "recalled");
    let back = admin
        .act_now(&format!("/lots/{LIDOCAINE}/release"), Value::Null)
        .await;
    assert_problem!(back, 409, "/problems/wrong-status");
    let exposures = ada.get(&format!("/lots/{LIDOCAINE}/exposures")).await.ok();
    assert_eq!(exposures["items"][0]["procedure_status"], "in_progress");
}

#[actix_web::test]
async fn a_recipe_names_every_faulty_component() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    let component = |drug: &str, unit: &str, volume: &str, lot: &str| {
        json!({
            "drug_code": drug, "concentration": "1", "concentration_unit": unit,
            "volume_ml": volume, "lot_id": lot,
        })
    };
    let faulty = json!({ "label": "Syringe", "components": [
        component("lidocaine", "percent", "1", BUPIVACAINE),
        component("aqua_vitae", "percent", "1", LIDOCAINE),
        component("lidocaine", "percent", "1", ZED),
    ] });
    let faulty = ada.post(&format!("{path}/solutions"), faulty).await;
    let pointers = [
        "/components/0/lot_id",
        "/components/1/drug_code",
        "/components/1/lot_id",
        "/components/2/lot_id",
    ];
    assert_eq!(faulty.pointers(), pointers);
    let units = json!({ "label": "Syringe", "components": [
        component("lidocaine", "units_per_ml", "1", LIDOCAINE),
    ] });
    let units = ada.post(&format!("{path}/solutions"), units).await;
    assert_eq!(units.pointers(), ["/components/0/concentration_unit"]);
    let volumes = json!({ "label": "Syringe", "components": [
        component("lidocaine", "percent", "0", LIDOCAINE),
        component("lidocaine", "percent", "0.0001", LIDOCAINE),
    ] });
    let volumes = ada.post(&format!("{path}/solutions"), volumes).await;
    assert_eq!(
        volumes.pointers(),
        ["/components/0/volume_ml", "/components/1/volume_ml"]
    );
}

#[actix_web::test]
async fn no_more_is_injected_than_was_drawn_and_only_where_it_can_be() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    let injections = format!("{path}/injections");
    let solution_id = drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
    inject(&ada, &path, site(&solution_id, "0.6")).await;
    let exhausted = ada.post(&injections, site(&solution_id, "0.401")).await;
    let exhausted = assert_problem!(exhausted, 409, "/problems/solution-exhausted");
    assert_eq!(exhausted.body["left_ml"], "0.4");
    let mut wrong_side = site(&solution_id, "0.1");
    wrong_side["side"] = json!("right");
    assert_eq!(ada.post(&injections, wrong_side).await.pointers(), ["/x"]);
    let mut half = site(&solution_id, "0.1");
    half.as_object_mut().unwrap().remove("x");
    assert_eq!(ada.post(&injections, half).await.pointers(), ["/x"]);
    let dry = site(&solution_id, "0");
    assert_eq!(ada.post(&injections, dry).await.pointers(), ["/volume_ml"]);
    let foreign = site(ZED, "0.1");
    assert_eq!(
        ada.post(&injections, foreign).await.pointers(),
        ["/solution_id"]
    );
    let visit_id = walk_in(&ada, ANA).await;
    let dry = planned(&ada, &visit_id, "dry_needling").await;
    prepare(&ada, &dry).await;
    start(&ada, &dry).await;
    let mut needle = site(&solution_id, "0");
    needle.as_object_mut().unwrap().remove("solution_id");
    inject(&ada, &dry, needle).await;
    complete(&ada, &dry).await.ok();
    let coding = ada.get(&format!("{dry}/coding")).await.ok();
    assert_eq!(coding["cpt"], Value::Null, "the day has its code");
    assert!(coding["notices"].to_string().contains("coded once"));
    let first = ada.get(&format!("{path}/coding")).await.ok();
    assert_eq!(first["cpt"], "20552", "the dry needle changes nothing");
}

#[actix_web::test]
async fn of_64_completions_the_stock_serves_ten_and_no_more() {
    let clinic = Clinic::open().await;
    let (ada, admin) = (clinic.provider().await, clinic.admin().await);
    let lot = json!({
        "drug_code": "lidocaine", "lot_number": "SCARCE-1", "expires_on": "2027-01-31",
        "vial_type": "multi_dose", "quantity_ml": "1", "location_id": MAIN_STREET,
    });
    let lot_id = id(&admin.post("/lots", lot).await.created());
    let mut paths = Vec::new();
    for _ in 0..64 {
        let path = under_way(&ada, ANA).await;
        let solution_id = drawn(&ada, &path, ("1", "0.1"), &lot_id).await;
        inject(&ada, &path, site(&solution_id, "0.1")).await;
        paths.push(path);
    }
    let replies = join_all(paths.iter().map(|path| complete(&ada, path))).await;
    let done = replies.iter().filter(|reply| reply.status == 200).count();
    let refused: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 409).collect();
    assert_eq!((done, refused.len()), (10, 54));
    assert!(
        refused
            .iter()
            .all(|reply| reply.body["type"] == "/problems/lot-unusable")
    );
    let lot = admin.get(&format!("/lots/{lot_id}")).await.ok();
    assert_eq!(
        (&lot["quantity_ml"], &lot["status"]),
        (&json!("0"), &json!("empty"))
    );
    let moved = format!(
        "SELECT count(*)::text FROM stock_movements WHERE lot_id = '{lot_id}' AND cause = 'drawn'"
    );
    assert_eq!(clinic.ask(&moved).await, "10");
    let completed = "SELECT count(*)::text FROM procedures WHERE status = 'completed'";
    assert_eq!(clinic.ask(completed).await, "10");
    let stored = "SELECT count(*)::text FROM procedures WHERE safety IS NOT NULL";
    assert_eq!(clinic.ask(stored).await, "10");
}

#[actix_web::test]
async fn stock_is_received_counted_and_filtered_by_where_it_stands() {
    let clinic = Clinic::open().await;
    let assistant = clinic.assistant().await;
    let lot = json!({
        "drug_code": "lidocaine", "lot_number": "NEW-1", "expires_on": "2027-01-31",
        "vial_type": "single_dose", "quantity_ml": "20", "location_id": MAIN_STREET,
    });
    let received = assistant.post("/lots", lot.clone()).await.created();
    assert_eq!(
        (&received["status"], &received["quantity_ml"]),
        (&json!("available"), &json!("20"))
    );
    assert_problem!(
        assistant.post("/lots", lot).await,
        409,
        "/problems/lot-exists"
    );
    let unknown = json!({
        "drug_code": "aqua_vitae", "lot_number": "X", "expires_on": "2027-01-31",
        "vial_type": "single_dose", "quantity_ml": "20", "location_id": HILLSIDE,
    });
    let unknown = assistant.post("/lots", unknown).await;
    assert_eq!(unknown.pointers(), ["/drug_code", "/location_id"]);
    let path = format!("/lots/{}", id(&received));
    let broken = json!({ "change_ml": "-20", "note": "Dropped" });
    let stale = assistant
        .act(&format!("{path}/adjust"), "\"v7\"", broken.clone())
        .await;
    assert_problem!(stale, 412, "/problems/stale-version");
    let emptied = assistant
        .act(&format!("{path}/adjust"), "\"v1\"", broken.clone())
        .await
        .ok();
    assert_eq!(emptied["status"], "empty");
    let below = assistant.act_now(&format!("{path}/adjust"), broken).await;
    assert_problem!(below, 409, "/problems/stock-below-zero");
    for (status, numbers) in [
        ("available", vec!["LIDO-1"]),
        ("expired", vec!["LIDO-OLD"]),
        ("empty", vec!["NEW-1"]),
        ("recalled", vec![]),
    ] {
        let found = assistant
            .get(&format!("/lots?drug_code=lidocaine&status={status}"))
            .await
            .ok();
        let found: Vec<&str> = found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|lot| lot["lot_number"].as_str().unwrap())
            .collect();
        assert_eq!(found, numbers, "{status}");
    }
    let first = assistant.get("/lots?limit=2").await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = assistant
        .get(&format!("/lots?limit=2&cursor={cursor}"))
        .await
        .ok();
    assert_eq!(second["items"].as_array().unwrap().len(), 2);
    assert_eq!(assistant.get("/lots?status=lost").await.status, 422);
}

#[actix_web::test]
async fn procedures_are_for_those_who_treat_and_lots_for_those_who_keep_them() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    for outsider in [
        clinic.admin().await,
        clinic.front_desk().await,
        clinic.auditor().await,
    ] {
        assert_problem!(outsider.get(&path).await, 403, "/problems/not-allowed");
    }
    let stranger = clinic.stranger("provider").await;
    for what in ["", "/safety", "/coding"] {
        assert_eq!(stranger.get(&format!("{path}{what}")).await.status, 404);
    }
    assert_eq!(
        stranger
            .act_now(&format!("{path}/complete"), Value::Null)
            .await
            .status,
        404
    );
    let foreign = stranger
        .post(&format!("{path}/solutions"), recipe("1", "1", LIDOCAINE))
        .await;
    assert_eq!(foreign.status, 404);
    assert_eq!(
        stranger.get(&format!("/lots/{LIDOCAINE}")).await.status,
        404
    );
    assert_eq!(
        stranger
            .get(&format!("/lots/{LIDOCAINE}/exposures"))
            .await
            .status,
        404
    );
    let auditor = clinic.auditor().await;
    auditor.get("/lots").await.ok();
    auditor
        .get(&format!("/lots/{LIDOCAINE}/exposures"))
        .await
        .ok();
    let why = json!({ "reason": "Particles" });
    let recall = ada.act_now(&format!("/lots/{LIDOCAINE}/recall"), why).await;
    assert_problem!(recall, 403, "/problems/not-allowed");
    let patient = clinic.patient().await;
    assert_eq!(patient.get("/lots").await.status, 403);
    assert_eq!(patient.get("/drugs").await.status, 403);
    assert_eq!(
        clinic
            .front_desk()
            .await
            .get("/drugs/lidocaine")
            .await
            .status,
        200
    );
    assert_eq!(ada.get("/drugs/aqua_vitae").await.status, 404);
    assert_eq!(
        ada.get("/rule-sets").await.ok()["items"][0]["origin"],
        "shipped"
    );
}

#[actix_web::test]
async fn a_patient_reads_the_procedure_once_the_visit_is_signed_and_then_nobody_changes_it() {
    let clinic = Clinic::open().await;
    let (ada, patient) = (clinic.provider().await, clinic.patient().await);
    let visit_id = walk_in(&ada, ANA).await;
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    prepare(&ada, &path).await;
    start(&ada, &path).await;
    let of_visit = format!("/visits/{visit_id}/procedures");
    assert_eq!(patient.get(&path).await.status, 404);
    assert_eq!(patient.get(&of_visit).await.status, 404);
    let reason = json!({ "reason": "The patient felt faint" });
    ada.act_now(&format!("{path}/stop"), reason).await.ok();
    ada.act_now(&format!("/visits/{visit_id}/sign"), Value::Null)
        .await
        .ok();
    assert_eq!(patient.get(&path).await.ok()["visit_id"], visit_id);
    assert_eq!(
        patient.get(&of_visit).await.ok()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(clinic.other_patient().await.get(&path).await.status, 404);
    assert_eq!(patient.get(&format!("{path}/safety")).await.status, 403);
    let solution = ada
        .post(&format!("{path}/solutions"), recipe("1", "1", LIDOCAINE))
        .await;
    assert_problem!(solution, 423, "/problems/sealed");
    assert_problem!(complete(&ada, &path).await, 423, "/problems/sealed");
    let another = json!({ "kind": "dry_needling", "indication_codes": [] });
    assert_problem!(ada.post(&of_visit, another).await, 423, "/problems/sealed");
}

/// Palpates the upper trapezius with so much pain: a new point, or the same as before.
async fn palpated(by: &Client, visit_id: &str, pain_nrs: i16, same_as: Option<&str>) -> String {
    let mut point = json!({
        "muscle_code": "trapezius_upper", "side": "left", "view": "HN_POST", "x": "0.27",
        "y": "0.70", "taut_band": "yes", "hypersensitive_spot": "yes", "referred_pain": "yes",
        "pain_recognised": "yes", "local_twitch": "no", "jump_sign": "no",
        "palpable_nodule": "no", "tenderness_grade": 2, "pain_nrs": pain_nrs,
    });
    if let Some(same_as) = same_as {
        point["same_as"] = json!(same_as);
    }
    let path = format!("/visits/{visit_id}/trigger-points");
    let found = by.post(&path, point).await.created();
    found["point_id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_payer_is_told_the_relief_that_was_measured_and_what_nobody_measured() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let point_id = palpated(&ada, &visit_id, 8, None).await;
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    prepare(&ada, &path).await;
    start(&ada, &path).await;
    let solution_id = drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
    let needle = json!({
        "point_id": point_id, "solution_id": solution_id, "volume_ml": "1", "needle_gauge": 25,
        "needle_length_mm": 38, "approach": "pincer", "aspirated": true, "twitch_elicited": true,
        "pain_nrs_before": 8, "pain_nrs_after": 1,
    });
    inject(&ada, &path, needle).await;
    complete(&ada, &path).await.ok();
    let relief_at = async |days: i64, pain_nrs: i16| {
        clinic.advance(chrono::TimeDelta::days(days));
        let ada = clinic.provider().await;
        let visit_id = walk_in(&ada, ANA).await;
        palpated(&ada, &visit_id, pain_nrs, Some(&point_id)).await;
        let path = planned(&ada, &visit_id, "trigger_point_injection").await;
        let coding = ada.get(&format!("{path}/coding")).await.ok();
        let checks = coding["payer_checks"].as_array().unwrap().iter();
        let relief = checks
            .into_iter()
            .find(|one| one["code"] == "previous_relief");
        relief.unwrap().clone()
    };
    let early = relief_at(14, 3).await;
    assert_eq!(early["result"], "fail", "two weeks are not six: {early}");
    let late = relief_at(28, 4).await;
    assert_eq!(
        (&late["result"], &late["missing"]),
        (
            &json!("needs_documentation"),
            &json!(["whether the duration fits the drug"])
        )
    );
    let gone = relief_at(28, 7).await;
    assert_eq!(
        gone["missing"], late["missing"],
        "what held for six weeks has held: {gone}"
    );
}
