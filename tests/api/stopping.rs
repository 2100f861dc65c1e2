//! Procedures that cannot be finished: stopped with a reason, and what was done still counts.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

const DOSE: &str = "local_anaesthetic_dose";

fn fainted() -> Value {
    json!({ "reason": "The patient felt faint after the first point" })
}

async fn stop(by: &Client, path: &str) -> Reply {
    by.act_now(&format!("{path}/stop"), fainted()).await
}

async fn left_ml(by: &Client) -> Value {
    by.get(&format!("/lots/{LIDOCAINE}")).await.ok()["quantity_ml"].clone()
}

/// Two millilitres drawn up and one of them injected, in a visit.
async fn half_way(by: &Client) -> (String, String, String) {
    let visit_id = walk_in(by, ANA).await;
    let path = planned(by, &visit_id, "trigger_point_injection").await;
    prepare(by, &path).await;
    start(by, &path).await;
    let solution_id = drawn(by, &path, ("1", "2"), LIDOCAINE).await;
    inject(by, &path, site(&solution_id, "1")).await;
    (visit_id, path, solution_id)
}

#[actix_web::test]
async fn a_visit_is_not_signed_over_a_procedure_that_is_not_finished() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let sign = format!("/visits/{visit_id}/sign");
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    let id = path.rsplit('/').next().unwrap();
    let refused = ada.act_now(&sign, Value::Null).await;
    let body = refused.body.clone();
    assert_problem!(refused, 409, "/problems/open-procedures");
    assert_eq!(
        body["procedures"],
        json!([{ "id": id, "status": "planned" }])
    );
    prepare(&ada, &path).await;
    start(&ada, &path).await;
    let refused = ada.act_now(&sign, Value::Null).await;
    let body = refused.body.clone();
    assert_problem!(refused, 409, "/problems/open-procedures");
    assert_eq!(body["procedures"][0]["status"], "in_progress");
    // The database refuses it as well, whatever the service asks of it.
    let closes = "DO $$ BEGIN UPDATE procedures SET is_open = NULL; RAISE 'closed'; \
         EXCEPTION WHEN check_violation THEN NULL; END $$";
    clinic.sql(closes).await;
    stop(&ada, &path).await.ok();
    assert_eq!(
        ada.act_now(&sign, Value::Null).await.ok()["status"],
        "signed"
    );
}

#[actix_web::test]
async fn what_was_planned_and_is_not_done_leaves_nothing_but_the_reason() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    let stopped = stop(&ada, &path).await.ok();
    assert_eq!(
        (
            &stopped["status"],
            &stopped["follow_ups"],
            &stopped["safety"]
        ),
        (&json!("abandoned"), &json!([]), &Value::Null)
    );
    assert_eq!(stopped["stopped"]["reason"], fainted()["reason"]);
    assert_eq!(stopped["stopped"]["stopped_by"], ada.user["id"]);
    assert_eq!(ada.get(&path).await.ok()["stopped"], stopped["stopped"]);
    assert_eq!(left_ml(&ada).await, "50");
    let outcomes = ada.get(&format!("/patients/{ANA}/outcomes")).await.ok();
    assert_eq!(outcomes["procedures"], json!([]));
    // Nobody was treated, so there is nobody to watch and no harm to report.
    let well = json!({ "symptoms": [] });
    let watched = ada.post(&format!("{path}/observations"), well).await;
    assert_problem!(watched, 409, "/problems/wrong-status");
    let event =
        json!({ "event_code": "vasovagal", "grade": 2, "onset_at": "2026-03-02T14:00:00Z" });
    let harm = ada.post(&format!("{path}/adverse-events"), event).await;
    assert_problem!(harm, 409, "/problems/wrong-status");
    ada.act_now(&format!("/visits/{visit_id}/sign"), Value::Null)
        .await
        .ok();
    let seal = ada.get(&format!("/visits/{visit_id}/seal")).await.ok();
    assert_eq!(seal["intact"], true, "{seal}");
}

#[actix_web::test]
async fn what_was_begun_is_accounted_for_before_it_is_stopped() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let (_, path, solution_id) = half_way(&ada).await;
    let unbalanced = stop(&ada, &path).await;
    let unbalanced = assert_problem!(unbalanced, 409, "/problems/volumes-unbalanced");
    assert_eq!(unbalanced.body["solutions"][0]["injected_ml"], "1");
    assert_eq!(left_ml(&ada).await, "50");
    assert_eq!(ada.get(&path).await.ok()["status"], "in_progress");
    waste(&assistant, &ada, (&path, &solution_id), "1").await;
    let stopped = stop(&ada, &path).await.ok();
    assert_eq!(stopped["status"], "abandoned");
    assert_eq!(stopped["completed_at"], Value::Null);
    assert_eq!(check(&stopped["safety"], DOSE)["status"], "ok");
    assert_eq!(left_ml(&ada).await, "48");
    let moved = "SELECT string_agg(cause || change_ml, ' ' ORDER BY cause) FROM stock_movements \
        WHERE procedure_id IS NOT NULL";
    assert_eq!(clinic.ask(moved).await, "drawn-1.000 wasted-1.000");
    // A needle went in, so somebody has to call.
    assert_eq!(stopped["follow_ups"][0]["kind"], "call");
    assert_eq!(stopped["follow_ups"][0]["procedure_id"], stopped["id"]);
}

#[actix_web::test]
async fn what_was_given_before_the_stop_counts_and_is_found() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let (visit_id, path, solution_id) = half_way(&ada).await;
    waste(&assistant, &ada, (&path, &solution_id), "1").await;
    let stopped = stop(&ada, &path).await.ok();
    let exposures = ada.get(&format!("/lots/{LIDOCAINE}/exposures")).await.ok();
    let exposure = &exposures["items"][0];
    assert_eq!(exposure["procedure_status"], "abandoned");
    assert_eq!(exposure["sites"].as_array().unwrap().len(), 1);
    let outcomes = ada.get(&format!("/patients/{ANA}/outcomes")).await.ok();
    assert_eq!(outcomes["procedures"][0]["id"], stopped["id"]);
    let coding = ada.get(&format!("{path}/coding")).await.ok();
    assert_eq!(coding["cpt"], "20552");
    let missing = coding["missing_documentation"].to_string();
    assert!(!missing.contains("completion"), "{missing}");
    let timeline = ada.get(&format!("/patients/{ANA}/timeline")).await.ok();
    let entries = timeline["items"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["id"] == stopped["id"]);
    assert_eq!(entry.unwrap()["status"], "abandoned");
    let event =
        json!({ "event_code": "vasovagal", "grade": 2, "onset_at": "2026-03-02T14:00:00Z" });
    ada.post(&format!("{path}/adverse-events"), event)
        .await
        .created();
    let well = json!({ "symptoms": [] });
    ada.post(&format!("{path}/observations"), well)
        .await
        .created();
    let home = json!({ "aftercare_given": true });
    let hasty = ada
        .act_now(&format!("{path}/discharge"), home.clone())
        .await;
    assert_problem!(hasty, 409, "/problems/not-ready");
    // The next one stands on what was given, and "same as last time" on what was finished.
    let (_, next, next_solution) = half_way(&ada).await;
    let safety = ada.get(&format!("{next}/safety")).await.ok();
    assert_eq!(check(&safety, DOSE)["fraction"], "0.0667");
    let coding = ada.get(&format!("{next}/coding")).await.ok();
    assert_eq!(coding["cpt"], Value::Null, "the day is coded once");
    let notices = coding["notices"].to_string();
    assert!(notices.contains("coded once"), "{notices}");
    let same = json!({ "from": "last_time" });
    let same = ada.post(&format!("{next}/drafts"), same).await;
    assert!(same.status >= 400, "{}", same.body);
    waste(&assistant, &ada, (&next, &next_solution), "1").await;
    clinic.advance(TimeDelta::minutes(9));
    ada.act_now(&format!("/visits/{visit_id}/sign"), Value::Null)
        .await
        .ok();
    let seal = ada.get(&format!("/visits/{visit_id}/seal")).await.ok();
    assert_eq!(seal["intact"], true, "{seal}");
    let late = ada.act_now(&format!("{path}/stop"), fainted()).await;
    assert_problem!(late, 423, "/problems/sealed");
}

#[actix_web::test]
async fn a_syringe_that_nobody_was_injected_from_is_wasted_and_nobody_is_called() {
    let clinic = Clinic::open().await;
    let (ada, assistant, admin) = (
        clinic.provider().await,
        clinic.assistant().await,
        clinic.admin().await,
    );
    let visit_id = walk_in(&ada, ANA).await;
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    prepare(&ada, &path).await;
    start(&ada, &path).await;
    let solution_id = drawn(&ada, &path, ("1", "2"), LIDOCAINE).await;
    waste(&assistant, &ada, (&path, &solution_id), "2").await;
    // It was drawn up while it could be, and is gone from the lot whatever became of that since.
    let why = json!({ "reason": "Recalled by the maker" });
    admin
        .act_now(&format!("/lots/{LIDOCAINE}/recall"), why)
        .await
        .ok();
    let stopped = stop(&ada, &path).await.ok();
    assert_eq!(stopped["follow_ups"], json!([]));
    assert_eq!(left_ml(&ada).await, "48");
    let outcomes = ada.get(&format!("/patients/{ANA}/outcomes")).await.ok();
    assert_eq!(outcomes["procedures"], json!([]));
}

#[actix_web::test]
async fn what_blocks_a_completion_keeps_nobody_from_stopping() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("2", "16"), LIDOCAINE).await;
    for _ in 0..4 {
        inject(&ada, &path, site(&solution_id, "4")).await;
    }
    assert_problem!(complete(&ada, &path).await, 409, "/problems/unsafe");
    let stopped = stop(&ada, &path).await.ok();
    let dose = check(&stopped["safety"], DOSE);
    assert_eq!(
        (&dose["status"], &dose["overridden"]),
        (&json!("block"), &json!(false))
    );
    assert_eq!(stopped["safety"]["may_complete"], false);
}

#[actix_web::test]
async fn each_status_allows_what_it_allows_and_nothing_else() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    for (status, starts, completes, stops) in [
        ("planned", 200, 409, 200),
        ("in_progress", 409, 200, 200),
        ("completed", 409, 409, 409),
        ("abandoned", 409, 409, 409),
    ] {
        for (verb, expected) in [("start", starts), ("complete", completes), ("stop", stops)] {
            let visit_id = walk_in(&ada, ANA).await;
            let path = planned(&ada, &visit_id, "trigger_point_injection").await;
            prepare(&ada, &path).await;
            if status != "planned" {
                start(&ada, &path).await;
                let solution_id = drawn(&ada, &path, ("1", "0.5"), LIDOCAINE).await;
                inject(&ada, &path, site(&solution_id, "0.5")).await;
            }
            match status {
                "completed" => drop(complete(&ada, &path).await.ok()),
                "abandoned" => drop(stop(&ada, &path).await.ok()),
                _ => {}
            }
            assert_eq!(ada.get(&path).await.ok()["status"], status);
            let body = if verb == "stop" {
                fainted()
            } else {
                Value::Null
            };
            let reply = ada.act_now(&format!("{path}/{verb}"), body).await;
            assert_eq!(reply.status, expected, "{verb} {status}: {}", reply.body);
            if expected == 409 {
                assert_eq!(
                    reply.body["type"], "/problems/wrong-status",
                    "{verb} {status}"
                );
                assert_eq!(reply.body["current_status"], status);
            }
        }
    }
}

#[actix_web::test]
async fn only_a_provider_stops_with_a_reason_and_what_they_have_seen() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    let stop_path = format!("{path}/stop");
    for other in [
        clinic.assistant().await,
        clinic.front_desk().await,
        clinic.admin().await,
        clinic.patient().await,
    ] {
        let refused = other.act_now(&stop_path, fainted()).await;
        assert_problem!(refused, 403, "/problems/not-allowed");
    }
    for reason in [
        json!({}),
        json!({ "reason": "" }),
        json!({ "reason": "  " }),
    ] {
        let unsaid = ada.act_now(&stop_path, reason).await;
        assert_eq!(
            (unsaid.status, unsaid.pointers()),
            (422, vec!["/reason".to_owned()])
        );
    }
    let stale = ada.act(&stop_path, "\"v9\"", fainted()).await;
    assert_problem!(stale, 412, "/problems/stale-version");
    let blind = ada.post(&stop_path, fainted()).await;
    assert_eq!(blind.status, 428);
    let elsewhere = clinic.stranger("provider").await;
    let unseen = elsewhere.act_now(&stop_path, fainted()).await;
    assert_problem!(unseen, 404, "/problems/not-found");
    assert_eq!(ada.get(&path).await.ok()["status"], "planned");
}

#[actix_web::test]
async fn open_drafts_are_dismissed_with_what_they_were_for() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    completed(&ada, ANA).await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    let same = json!({ "from": "last_time" });
    ada.post(&format!("{path}/drafts"), same).await.created();
    stop(&ada, &path).await.ok();
    let drafts = ada.get(&format!("{path}/drafts")).await.ok();
    assert_eq!(drafts["items"][0]["status"], "dismissed");
}
