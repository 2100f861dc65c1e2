//! Before, at and after the needle: answers, proposals that are confirmed one by one, observation.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

fn done(solution_id: &str) -> Value {
    json!({ "solution_id": solution_id, "aspirated": true, "twitch_elicited": false })
}

#[actix_web::test]
async fn the_toxin_template_proposes_31_sites_and_each_is_confirmed() {
    let clinic = Clinic::open().await;
    let (ada, admin) = (clinic.provider().await, clinic.admin().await);
    let lot = json!({
        "drug_code": "onabotulinumtoxin_a", "lot_number": "TOX-1", "expires_on": "2027-01-31",
        "vial_type": "single_dose", "quantity_ml": "10", "location_id": MAIN_STREET,
    });
    let lot_id = id(&admin.post("/lots", lot).await.created());
    let visit_id = walk_in(&ada, ANA).await;
    let plan = json!({ "kind": "botulinum_toxin", "indication_codes": ["G43.709"], "template_code": "preempt" });
    let plan = ada
        .post(&format!("/visits/{visit_id}/procedures"), plan)
        .await;
    let path = format!("/procedures/{}", id(&plan.created()));
    let from = json!({ "from": "template" });
    let drafts = ada
        .post(&format!("{path}/drafts"), from.clone())
        .await
        .created();
    let drafts = drafts["items"].as_array().unwrap().clone();
    assert_eq!(drafts.len(), 31);
    let twice = ada.post(&format!("{path}/drafts"), from).await;
    assert_problem!(twice, 409, "/problems/drafts-exist");
    let confirm = |draft: &Value| format!("{path}/drafts/{}/confirm", id(draft));
    let early = ada.post(&confirm(&drafts[0]), done(ZED)).await;
    assert_problem!(early, 409, "/problems/wrong-status");
    prepare(&ada, &path).await;
    start(&ada, &path).await;
    let recipe = json!({ "label": "Toxin", "components": [{
        "drug_code": "onabotulinumtoxin_a", "concentration": "50",
        "concentration_unit": "units_per_ml", "volume_ml": "3.1", "lot_id": lot_id,
    }] });
    let solution = ada.post(&format!("{path}/solutions"), recipe).await;
    let solution_id = id(&solution.created());
    assert_eq!(ada.get(&path).await.ok()["injections"], json!([]));
    for draft in &drafts[1..] {
        ada.post(&confirm(draft), done(&solution_id))
            .await
            .created();
    }
    let open = assert_problem!(complete(&ada, &path).await, 409, "/problems/not-ready");
    assert_eq!(open.body["missing"], json!(["drafts"]));
    let last = ada
        .post(&confirm(&drafts[0]), done(&solution_id))
        .await
        .created();
    assert_eq!(last["muscle_code"], drafts[0]["muscle_code"]);
    let again = ada.post(&confirm(&drafts[0]), done(&solution_id)).await;
    let again = assert_problem!(again, 409, "/problems/draft-settled");
    assert_eq!(again.body["current_status"], "confirmed");
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, "toxin_units")["actual"], "155");
    for code in ["toxin_template", "toxin_units_per_site"] {
        assert_eq!(check(&safety, code), &Value::Null, "{code}");
    }
    complete(&ada, &path).await.ok();
    let coding = ada.get(&format!("{path}/coding")).await.ok();
    assert_eq!(coding["cpt"], "64615");
    assert_eq!(coding["payer"], "toxin_12_weeks");
    let asked: Vec<&str> = coding["payer_checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|check| check["code"].as_str())
        .collect();
    assert!(asked.contains(&"units_and_waste"), "{asked:?}");
    assert!(!asked.contains(&"session_cap"), "{asked:?}");
    let other = ada.get(&format!("{path}/coding?payer=lcd_2024")).await;
    assert_eq!(other.pointers(), ["#/query/payer"]);
}

#[actix_web::test]
async fn same_as_last_time_is_a_proposal_and_no_record() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let first = under_way(&ada, ANA).await;
    let from = json!({ "from": "last_time" });
    let nothing = ada.post(&format!("{first}/drafts"), from.clone()).await;
    assert_problem!(nothing, 409, "/problems/nothing-to-propose");
    let solution_id = drawn(&ada, &first, ("1", "1"), LIDOCAINE).await;
    inject(&ada, &first, site(&solution_id, "0.6")).await;
    inject(&ada, &first, site(&solution_id, "0.4")).await;
    complete(&ada, &first).await.ok();
    let path = under_way(&ada, ANA).await;
    let drafts = ada
        .post(&format!("{path}/drafts"), from.clone())
        .await
        .created();
    let drafts = drafts["items"].as_array().unwrap().clone();
    assert_eq!(
        (
            drafts.len(),
            &drafts[0]["volume_ml"],
            &drafts[0]["source_solution_id"]
        ),
        (2, &json!("0.6"), &json!(solution_id))
    );
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, "local_anaesthetic_dose"), &Value::Null);
    let now = drawn(&ada, &path, ("1", "0.5"), LIDOCAINE).await;
    let confirm = format!("{path}/drafts/{}/confirm", id(&drafts[0]));
    let too_much = ada.post(&confirm, done(&now)).await;
    assert_problem!(too_much, 409, "/problems/solution-exhausted");
    let mut less = done(&now);
    less["volume_ml"] = json!("0.5");
    less["needle_gauge"] = json!(27);
    let site = ada.post(&confirm, less).await.created();
    assert_eq!(
        (
            &site["volume_ml"],
            &site["needle_gauge"],
            &site["needle_length_mm"]
        ),
        (&json!("0.5"), &json!(27), &json!(38))
    );
    let dismiss = format!("{path}/drafts/{}/dismiss", id(&drafts[1]));
    let dismissed = ada.act_now(&dismiss, Value::Null).await.ok();
    assert_eq!(dismissed["status"], "dismissed");
    complete(&ada, &path).await.ok();
    let listed = ada.get(&format!("{path}/drafts?limit=1")).await.ok();
    assert_eq!(listed["items"][0]["status"], "confirmed");
    assert!(listed["next_cursor"].is_string());
    let other = under_way(&ada, CLEO).await;
    let foreign = format!("{other}/drafts/{}/dismiss", id(&drafts[1]));
    assert_eq!(ada.act_now(&foreign, Value::Null).await.status, 404);
    let stranger = clinic.stranger("provider").await;
    assert_eq!(stranger.get(&format!("{path}/drafts")).await.status, 404);
    let both = json!({ "from": "last_time", "template_code": "preempt" });
    let both = ada.post(&format!("{other}/drafts"), both).await;
    assert_eq!(both.pointers(), ["/template_code"]);
    let wrong = json!({ "from": "template", "template_code": "preempt" });
    let wrong = ada.post(&format!("{other}/drafts"), wrong).await;
    assert_eq!(wrong.pointers(), ["/template_code"]);
}

#[actix_web::test]
async fn an_unknown_template_plans_nothing() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let plan =
        json!({ "kind": "dry_needling", "indication_codes": [], "template_code": "preempt" });
    let refused = ada
        .post(&format!("/visits/{visit_id}/procedures"), plan)
        .await;
    assert_eq!(refused.pointers(), ["/template_code"]);
    let templates = ada.get("/procedure-templates").await.ok();
    assert_eq!(templates["items"][0]["site_count"], 31);
}

#[actix_web::test]
async fn the_answers_before_the_needle_are_judged_with_everything_else() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, "pregnancy_unknown")["status"], "warn");
    let checklist = json!({
        "answers": ["red_flag", "needle_phobia"], "pregnancy": "not_pregnant",
        "laboratory": [{ "code": "inr", "value": "3.1", "taken_on": "2026-03-01" }],
    });
    let checklist_path = format!("{path}/checklist");
    let kept = ada.put(&checklist_path, "*", checklist).await.ok();
    assert_eq!(
        kept["checklist"]["answers"],
        json!(["red_flag", "needle_phobia"])
    );
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, "pregnancy_unknown"), &Value::Null);
    assert_eq!(check(&safety, "anticoagulant_inr")["status"], "warn");
    assert_eq!(check(&safety, "needle_phobia")["status"], "warn");
    prepare(&ada, &path).await;
    let shut = ada.act_now(&format!("{path}/start"), Value::Null).await;
    let shut = assert_problem!(shut, 409, "/problems/not-ready");
    assert_eq!(shut.body["missing"], json!(["non_myofascial_suspected"]));
    let cleared = json!({ "answers": [], "pregnancy": "pregnant" });
    ada.put(&checklist_path, "*", cleared).await.ok();
    start(&ada, &path).await;
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, "pregnancy")["status"], "warn");
    let unknown = json!({ "answers": ["likes_needles"] });
    let unknown = ada.put(&checklist_path, "*", unknown).await;
    assert_eq!(unknown.status, 422);
    let lying =
        json!({ "position": "prone", "skin_preparation": "alcohol", "guidance": "palpation" });
    let kept = ada
        .put(&format!("{path}/preparation"), "*", lying.clone())
        .await
        .ok();
    assert_eq!(kept["preparation"], lying);
}

#[actix_web::test]
async fn an_infected_site_blocks_and_a_confirmed_danger_is_told_no_more() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("1", "2"), LIDOCAINE).await;
    let mut watched = site(&solution_id, "1");
    watched["caution_acknowledged"] = json!(true);
    inject(&ada, &path, watched).await;
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, "site_over_lung")["status"], "ok");
    inject(&ada, &path, site(&solution_id, "0.5")).await;
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, "site_over_lung")["status"], "warn");
    let mut infected = site(&solution_id, "0.5");
    infected["site_findings"] = json!(["infection_local"]);
    let kept = inject(&ada, &path, infected).await;
    assert_eq!(kept["site_findings"], json!(["infection_local"]));
    let refused = assert_problem!(complete(&ada, &path).await, 409, "/problems/unsafe");
    assert_eq!(refused.body["checks"][0]["code"], "infection_local");
}

#[actix_web::test]
async fn a_patient_goes_when_somebody_looked_and_the_time_is_over() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let (visit_id, path, _) = completed(&ada, ANA).await;
    let discharge = format!("{path}/discharge");
    let home = json!({ "aftercare_given": true });
    let early = ada.act_now(&discharge, home.clone()).await;
    let early = assert_problem!(early, 409, "/problems/not-ready");
    assert_eq!(
        early.body["missing"],
        json!(["observation", "observation_time"])
    );
    // The first needle of this patient: half an hour.
    let well = json!({ "heart_rate_bpm": 72, "systolic_mmhg": 120, "diastolic_mmhg": 80, "spo2_percent": 98, "symptoms": [] });
    ada.post(&format!("{path}/observations"), well.clone())
        .await
        .created();
    let upside_down = json!({ "systolic_mmhg": 80, "diastolic_mmhg": 120, "symptoms": [] });
    let upside_down = ada.post(&format!("{path}/observations"), upside_down).await;
    assert_eq!(upside_down.pointers(), ["/diastolic_mmhg"]);
    clinic.advance(TimeDelta::seconds(599));
    let hasty = ada.act_now(&discharge, home.clone()).await;
    assert_eq!(hasty.body["missing"], json!(["observation_time"]));
    let reason = json!({ "aftercare_given": true, "early_reason": "Had to catch a train" });
    let gone = ada.act_now(&discharge, reason).await.ok();
    assert_eq!(gone["discharge"]["early_reason"], "Had to catch a train");
    let twice = ada.act_now(&discharge, home).await;
    assert_problem!(twice, 409, "/problems/already-discharged");
    let late = ada.post(&format!("{path}/observations"), well).await;
    assert_problem!(late, 409, "/problems/already-discharged");
    ada.act_now(&format!("/visits/{visit_id}/sign"), Value::Null)
        .await
        .ok();
    let seal = ada.get(&format!("/visits/{visit_id}/seal")).await.ok();
    assert_eq!(seal["intact"], true);
    let moved = format!(
        "UPDATE procedure_observations SET heart_rate_bpm = 71 WHERE visit_id = '{visit_id}'"
    );
    clinic.sql(&moved).await;
    let seal = ada.get(&format!("/visits/{visit_id}/seal")).await.ok();
    assert_eq!(
        seal["intact"], false,
        "the seal is over the observations too"
    );
}

#[actix_web::test]
async fn a_patient_is_watched_and_let_go_after_the_signature_beside_the_seal() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let (visit_id, path, _) = completed(&ada, ANA).await;
    let (observations, discharge) = (format!("{path}/observations"), format!("{path}/discharge"));
    let dizzy = json!({ "symptoms": ["dizziness"] });
    ada.post(&observations, dizzy).await.created();
    ada.act_now(&format!("/visits/{visit_id}/sign"), Value::Null)
        .await
        .ok();
    let well = json!({ "heart_rate_bpm": 72, "symptoms": [] });
    let seen = assistant.post(&observations, well.clone()).await.created();
    let after: Vec<&Value> = seen["observations"].as_array().unwrap().iter().collect();
    let marks: Vec<&Value> = after.iter().map(|one| &one["after_signature"]).collect();
    assert_eq!(marks, [&json!(false), &json!(true)]);
    let home = json!({ "aftercare_given": true });
    let hasty = assistant.act_now(&discharge, home.clone()).await;
    let hasty = assert_problem!(hasty, 409, "/problems/not-ready");
    assert_eq!(hasty.body["missing"], json!(["observation_time"]));
    // What somebody read before the last look is no longer what is there.
    let before = format!("\"v{}\"", seen["procedure_version"].as_i64().unwrap() - 1);
    let stale = assistant.act(&discharge, &before, home.clone()).await;
    assert_problem!(stale, 412, "/problems/stale-version");
    clinic.advance(TimeDelta::minutes(30));
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let gone = assistant.act_now(&discharge, home.clone()).await.ok();
    assert_eq!(gone["discharge"]["after_signature"], true);
    assert_eq!(ada.get(&path).await.ok()["discharge"], gone["discharge"]);
    assert_eq!(ada.get(&path).await.ok()["version"], gone["version"]);
    let twice = ada.act_now(&discharge, home.clone()).await;
    assert_problem!(twice, 409, "/problems/already-discharged");
    let late = ada.post(&observations, well.clone()).await;
    assert_problem!(late, 409, "/problems/already-discharged");
    let seal = ada.get(&format!("/visits/{visit_id}/seal")).await.ok();
    assert_eq!(
        seal["intact"], true,
        "what came later stands beside the seal"
    );
    // Nothing else of a signed procedure can be changed, and nothing of a retracted one.
    let stop = ada
        .act_now(&format!("{path}/stop"), json!({ "reason": "Fainted" }))
        .await;
    assert_problem!(stop, 423, "/problems/sealed");
    let (other_visit, other, _) = completed(&ada, CLEO).await;
    ada.act_now(&format!("/visits/{other_visit}/sign"), Value::Null)
        .await
        .ok();
    let wrong = json!({ "reason": "Written to the wrong person" });
    ada.act_now(&format!("/visits/{other_visit}/retract"), wrong)
        .await
        .ok();
    let unseen = ada.post(&format!("{other}/observations"), well).await;
    assert_problem!(unseen, 409, "/problems/wrong-status");
    let unseen = ada.act_now(&format!("{other}/discharge"), home).await;
    assert_problem!(unseen, 409, "/problems/wrong-status");
}
