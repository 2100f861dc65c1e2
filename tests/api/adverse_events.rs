//! Harm: reported at any time, on the work list until somebody looked into it, and never lost.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

const ONSET: &str = "2026-03-02T14:00:00Z";

fn fainting() -> Value {
    json!({ "event_code": "vasovagal", "grade": 2, "onset_at": ONSET })
}

async fn report(by: &Client, path: &str, event: Value) -> Value {
    let reported = by.post(&format!("{path}/adverse-events"), event).await;
    reported.created()
}

async fn awaiting(by: &Client) -> Vec<String> {
    let list = by.get("/adverse-events?status=awaiting_review").await.ok();
    let items = list["items"].as_array().unwrap();
    items.iter().map(id).collect()
}

#[actix_web::test]
async fn harm_is_reported_after_the_seal_and_the_seal_still_holds() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let (visit_id, path, site_id) = completed(&ada, ANA).await;
    ada.act_now(&format!("/visits/{visit_id}/sign"), Value::Null)
        .await
        .ok();
    clinic.advance(TimeDelta::minutes(9));
    let mut event = fainting();
    event["injection_id"] = json!(site_id);
    event["lot_id"] = json!(LIDOCAINE);
    let event = report(&ada, &path, event).await;
    assert_eq!(
        (
            &event["status"],
            &event["is_serious"],
            &event["follow_up_id"]
        ),
        (&json!("noted"), &json!(false), &Value::Null)
    );
    assert_eq!(event["latency_minutes"], 0);
    let of_procedure = ada.get(&format!("{path}/adverse-events")).await.ok();
    assert_eq!(id(&of_procedure["items"][0]), id(&event));
    let of_lot = format!("/adverse-events?lot_id={LIDOCAINE}");
    assert_eq!(id(&ada.get(&of_lot).await.ok()["items"][0]), id(&event));
    let seal = ada.get(&format!("/visits/{visit_id}/seal")).await.ok();
    assert_eq!(seal["intact"], true, "{seal}");
}

#[actix_web::test]
async fn a_serious_event_is_on_both_work_lists_until_a_provider_reviewed_it() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let (_, path, _) = completed(&ada, ANA).await;
    let event = json!({ "event_code": "pneumothorax", "grade": 1, "onset_at": ONSET, "description": "Sharp pain when breathing in" });
    let event = report(&assistant, &path, event).await;
    assert_eq!(event["review_due_by"], "2026-03-03T14:00:00Z");
    assert_eq!(awaiting(&assistant).await, [id(&event)]);
    let call = event["follow_up_id"].as_str().unwrap();
    let call = assistant.get(&format!("/follow-ups/{call}")).await.ok();
    assert_eq!(
        (&call["urgent"], &call["kind"], &call["status"]),
        (&json!(true), &json!("call"), &json!("due"))
    );
    let one = format!("/adverse-events/{}", id(&event));
    let review = json!({ "note": "Chest film clear; told when to come back" });
    let by_assistant = assistant
        .act_now(&format!("{one}/review"), review.clone())
        .await;
    assert_problem!(by_assistant, 403, "/problems/not-allowed");
    let path = format!("{one}/review");
    let stale = ada.act(&path, "\"v7\"", review.clone()).await;
    assert_problem!(stale, 412, "/problems/stale-version");
    let reviewed = ada.act_now(&path, review.clone()).await;
    assert_eq!(reviewed.ok()["status"], "reviewed");
    assert_eq!(awaiting(&ada).await, Vec::<String>::new());
    let again = ada.act_now(&format!("{one}/review"), review).await;
    let again = assert_problem!(again, 409, "/problems/wrong-status");
    assert_eq!(again.body["current_status"], "reviewed");
    let worse = json!({ "grade": 3, "outcome": "ongoing", "note": "Admitted" });
    let worse = assistant
        .put(&format!("{one}/course"), "*", worse)
        .await
        .ok();
    assert_eq!(worse["status"], "awaiting_review");
    let kinds: Vec<&Value> = worse["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["kind"])
        .collect();
    assert_eq!(kinds, ["report", "review", "update"]);
    let over = json!({ "grade": 3, "outcome": "resolved", "resolved_at": "2026-03-02T14:00:00Z" });
    let over = assistant
        .put(&format!("{one}/course"), "*", over)
        .await
        .ok();
    assert_eq!(over["outcome"], "resolved");
}

#[actix_web::test]
async fn what_cannot_be_right_is_named_and_nothing_is_kept_of_it() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let (_, path, _) = completed(&ada, ANA).await;
    let (_, _, foreign_site) = completed(&ada, CLEO).await;
    let at = format!("{path}/adverse-events");
    for (field, value, pointers) in [
        ("event_code", json!("bad_luck"), vec!["/event_code"]),
        ("grade", json!(1), vec!["/grade"]),
        ("grade", json!(6), vec!["/grade"]),
        ("onset_at", json!("2026-03-02T13:59:59Z"), vec!["/onset_at"]),
        (
            "onset_at",
            json!("2026-03-02T14:00:01Z"),
            vec!["/onset_at", "/detected_at"],
        ),
        ("injection_id", json!(foreign_site), vec!["/injection_id"]),
        ("lot_id", json!(BUPIVACAINE), vec!["/lot_id"]),
        ("outcome", json!("fatal"), vec!["/outcome"]),
        ("outcome", json!("resolved"), vec!["/resolved_at"]),
    ] {
        let mut event = fainting();
        event[field] = value.clone();
        let refused = ada.post(&at, event).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, pointers.into_iter().map(str::to_owned).collect()),
            "{field} {value}"
        );
    }
    assert_eq!(ada.get(&at).await.ok()["items"], json!([]));
    let visit_id = walk_in(&ada, ANA).await;
    let planned = planned(&ada, &visit_id, "dry_needling").await;
    let early = ada
        .post(&format!("{planned}/adverse-events"), fainting())
        .await;
    assert_problem!(early, 409, "/problems/wrong-status");
}

#[actix_web::test]
async fn harm_is_for_those_who_treat_and_no_other_practice() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let (visit_id, path, _) = completed(&ada, ANA).await;
    let event = report(&ada, &path, fainting()).await;
    ada.act_now(&format!("/visits/{visit_id}/sign"), Value::Null)
        .await
        .ok();
    let one = format!("/adverse-events/{}", id(&event));
    let of_procedure = format!("{path}/adverse-events");
    // An admin runs the practice and does not thereby read charts.
    for outsider in [
        clinic.admin().await,
        clinic.front_desk().await,
        clinic.patient().await,
    ] {
        for path in [one.as_str(), "/adverse-events", of_procedure.as_str()] {
            assert_problem!(outsider.get(path).await, 403, "/problems/not-allowed");
        }
    }
    let stranger = clinic.stranger("provider").await;
    assert_eq!(stranger.get(&one).await.status, 404);
    assert_eq!(
        stranger.get(&format!("{path}/adverse-events")).await.status,
        404
    );
    let at = format!("{path}/adverse-events");
    let foreign = stranger.post(&at, fainting()).await;
    assert_eq!(foreign.status, 404);
    let course = json!({ "grade": 2, "outcome": "ongoing" });
    let foreign = stranger.put(&format!("{one}/course"), "*", course).await;
    assert_eq!(foreign.status, 404);
    assert_eq!(
        stranger.get("/adverse-events").await.ok()["items"],
        json!([])
    );
    let kinds = ada.get("/adverse-event-kinds").await.ok();
    assert!(kinds["items"].as_array().unwrap().len() > 30);
}

#[actix_web::test]
async fn a_report_that_is_sent_twice_is_one_event() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let (_, path, _) = completed(&ada, ANA).await;
    let at = format!("{path}/adverse-events");
    let first = ada.post_once(&at, "report-1", fainting()).await.created();
    let second = ada.post_once(&at, "report-1", fainting()).await.created();
    assert_eq!(id(&first), id(&second));
    let kept = "SELECT count(*)::text FROM adverse_events";
    assert_eq!(clinic.ask(kept).await, "1");
}

#[actix_web::test]
async fn who_fainted_before_lies_down_the_next_time() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let (_, path, _) = completed(&ada, ANA).await;
    let next = under_way(&ada, ANA).await;
    let before = ada.get(&format!("{next}/safety")).await.ok();
    assert_eq!(check(&before, "prior_vasovagal"), &Value::Null);
    report(&ada, &path, fainting()).await;
    let after = ada.get(&format!("{next}/safety")).await.ok();
    assert_eq!(check(&after, "prior_vasovagal")["status"], "warn");
}
