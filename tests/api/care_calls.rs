//! Calls and what they must ask, tries in vain, and follow-ups that an appointment moves.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::care::screen;
use crate::harness::*;

async fn owed(by: &Client, kind: &str) -> (String, Value) {
    let body = json!({
        "kind": kind, "due_from": "2026-03-02T08:00:00-05:00",
        "due_by": "2026-03-10T00:00:00-04:00", "reason": "To ask how it went",
    });
    let made = by.post(&format!("/patients/{ANA}/follow-ups"), body).await;
    let made = made.created();
    let path = format!("/follow-ups/{}", made["id"].as_str().unwrap());
    (path, made)
}

#[actix_web::test]
async fn a_call_asks_every_question_and_for_relief_and_the_next_step() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let (path, _) = owed(&ada, "call").await;
    let complete = format!("{path}/complete");
    let bare = assistant
        .act_now(&complete, json!({ "outcome": "Well" }))
        .await;
    assert_eq!(bare.status, 422);
    assert_eq!(
        bare.pointers(),
        ["/adverse_event_screen", "/relief_percent", "/next_step"]
    );
    let mut told = json!({
        "outcome": "Sore for a day", "adverse_event_screen": screen(&["soreness"]),
        "relief_percent": -10, "next_step": "Heat, and call again if it lasts",
    });
    let screened = told["adverse_event_screen"].as_object_mut().unwrap();
    let fever = screened.remove("fever").unwrap();
    let unasked = assistant.act_now(&complete, told.clone()).await;
    assert_eq!(unasked.pointers(), ["/adverse_event_screen/fever"]);
    told["adverse_event_screen"]["fever"] = fever;
    let done = assistant.act_now(&complete, told).await.ok();
    assert_eq!(done["status"], "done");
    assert_eq!(done["adverse_symptoms"], json!(["soreness"]));

    let questions = ada.get("/adverse-event-questions").await.ok();
    let questions = questions["items"].as_array().unwrap();
    let codes: Vec<&Value> = questions.iter().map(|one| &one["code"]).collect();
    assert_eq!(json!(codes), done["symptoms_asked"]);
    let flags = questions.iter().filter(|one| one["red_flag"] == true);
    assert_eq!(flags.count(), 5);
    let none = ada.get("/follow-ups?urgent=true").await.ok();
    assert_eq!(none["items"], json!([]), "soreness is nobody's emergency");

    // A visit tells by itself what it found.
    let (path, _) = owed(&ada, "visit").await;
    let seen = json!({ "outcome": "Seen" });
    let seen = ada.act_now(&format!("{path}/complete"), seen).await.ok();
    assert_eq!(seen["symptoms_asked"], Value::Null);
}

#[actix_web::test]
async fn tries_in_vain_are_counted_and_leave_the_call_due() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);
    let (path, made) = owed(&desk, "call").await;
    assert_eq!(
        (&made["attempt_count"], &made["last_attempt_at"]),
        (&json!(0), &Value::Null)
    );
    let attempt = format!("{path}/attempt");
    let tried = desk
        .act(&attempt, "\"v1\"", json!({ "result": "no_answer" }))
        .await
        .ok();
    assert_eq!(
        (&tried["attempt_count"], &tried["status"]),
        (&json!(1), &json!("due"))
    );
    let stale = desk.act(&attempt, "\"v1\"", json!({ "result": "busy" }));
    assert_problem!(stale.await, 412, "/problems/stale-version");
    let bare = desk.post(&attempt, json!({ "result": "busy" }));
    assert_problem!(bare.await, 428, "/problems/version-required");
    let unknown = desk.act_now(&attempt, json!({ "result": "asleep" })).await;
    assert_eq!(unknown.pointers(), ["/result"]);
    clinic.advance(TimeDelta::minutes(5));
    let again = ada.act_now(&attempt, json!({ "result": "left_message" }));
    let again = again.await.ok();
    assert_eq!(again["attempt_count"], 2);
    assert_eq!(again["last_attempt_at"], "2026-03-02T14:05:00Z");
    let listed = desk.get(&format!("{path}/attempts")).await.ok();
    let results: Vec<&Value> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["result"])
        .collect();
    assert_eq!(results, ["no_answer", "left_message"]);
    let due = desk.get("/follow-ups?status=due&kind=call").await.ok();
    assert_eq!(due["items"][0]["id"], made["id"]);

    desk.act_now(&format!("{path}/cancel"), json!({ "reason": "Moved" }))
        .await
        .ok();
    let late = desk.act_now(&attempt, json!({ "result": "busy" })).await;
    assert_problem!(late, 409, "/problems/wrong-status");
    for closed in [
        clinic.patient().await,
        clinic.admin().await,
        clinic.auditor().await,
    ] {
        let refused = closed.act_now(&attempt, json!({ "result": "busy" })).await;
        assert_problem!(refused, 403, "/problems/not-allowed");
    }
    let stranger = clinic.stranger("desk").await;
    let foreign = stranger.get(&format!("{path}/attempts")).await;
    assert_problem!(foreign, 404, "/problems/not-found");
}

#[actix_web::test]
async fn an_appointment_that_is_kept_closes_its_follow_up_for_whoever_reads_it() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);
    let (path, made) = owed(&desk, "visit").await;
    let ten = json!({
        "starts_at": "2026-03-03T10:00:00-05:00", "provider_id": ADA, "location_id": MAIN_STREET,
    });
    let booked = desk.act_now(&format!("{path}/book"), ten).await.ok();
    let appointment = format!(
        "/appointments/{}",
        booked["appointment_id"].as_str().unwrap()
    );
    let step = async |verb: &str| {
        let early = match verb {
            "check-in" | "start" => json!({ "override": { "reason": "Came early" } }),
            _ => Value::Null,
        };
        desk.act_now(&format!("{appointment}/{verb}"), early)
            .await
            .ok();
        desk.get(&path).await.ok()
    };
    let arrived = step("check-in").await;
    assert_eq!(
        (&arrived["status"], &arrived["version"]),
        (&json!("booked"), &json!(3))
    );
    step("start").await;
    clinic.advance(TimeDelta::minutes(1));
    let kept = step("complete").await;
    assert_eq!(
        (&kept["status"], &kept["version"]),
        (&json!("done"), &json!(5))
    );
    assert_eq!(kept["closed_at"], "2026-03-02T14:01:00Z");
    let since = "/follow-ups?updated_since=2026-03-02T14:01:00Z";
    assert_eq!(desk.get(since).await.ok()["items"][0]["id"], made["id"]);
    let timeline = ada
        .get(&format!("/patients/{ANA}/timeline?kind=follow_up"))
        .await;
    assert_eq!(timeline.ok()["items"][0]["status"], "done");
    let taken_back = step("undo").await;
    assert_eq!(
        (&taken_back["status"], &taken_back["closed_at"]),
        (&json!("booked"), &Value::Null)
    );
    step("complete").await;
    let complete = format!("{path}/complete");
    let told = json!({ "outcome": "Looks well", "relief_percent": 70 });
    let told = ada.act_now(&complete, told).await.ok();
    assert_eq!(
        (&told["status"], &told["relief_percent"]),
        (&json!("done"), &json!(70))
    );
    // What was put into words stays, whatever becomes of the appointment.
    let after = step("undo").await;
    assert_eq!(
        (&after["status"], &after["version"]),
        (&json!("done"), &told["version"])
    );
    let twice = ada.act_now(&complete, json!({ "outcome": "Again" })).await;
    assert_problem!(twice, 409, "/problems/wrong-status");
}

#[actix_web::test]
async fn a_timeline_says_where_follow_ups_stand_as_the_work_list_does() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);
    let (path, _) = owed(&desk, "visit").await;
    let status = async || {
        let timeline = format!("/patients/{ANA}/timeline?kind=follow_up");
        ada.get(&timeline).await.ok()["items"][0]["status"].clone()
    };
    assert_eq!(status().await, "due");
    let ten = json!({
        "starts_at": "2026-03-03T10:00:00-05:00", "provider_id": ADA, "location_id": MAIN_STREET,
    });
    let booked = desk.act_now(&format!("{path}/book"), ten).await.ok();
    assert_eq!(status().await, "booked");
    let appointment = format!(
        "/appointments/{}",
        booked["appointment_id"].as_str().unwrap()
    );
    let why = json!({ "reason_code": "illness" });
    desk.act_now(&format!("{appointment}/cancel"), why)
        .await
        .ok();
    assert_eq!(status().await, "due");
    desk.act_now(&format!("{path}/cancel"), json!({ "reason": "Moved" }))
        .await
        .ok();
    assert_eq!(status().await, "cancelled");
}

#[actix_web::test]
async fn work_lists_and_outcomes_take_few_statements_however_much_there_is() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);
    clinic.sql(&format!(
        "INSERT INTO follow_ups (practice_id, id, patient_id, kind, reason, due_from, due_by, urgent, status, adverse_symptoms, version, created_at, updated_at) \
         SELECT '{RIVERSIDE}', gen_random_uuid(), '{ANA}', 'call', 'x', date '2026-01-01', date '2026-01-02' + back, false, 'open', '{{}}', 1, now(), now() \
         FROM generate_series(1, 40) AS back"
    ))
    .await;
    clinic.sql(&format!(
        "INSERT INTO diary_entries (practice_id, id, patient_id, entry_date, headache, migraine, features, medications, triggers, version, created_at, updated_at) \
         SELECT '{RIVERSIDE}', gen_random_uuid(), '{ANA}', date '2026-03-02' - back, back % 2 = 0, false, '{{}}', '[]', '{{}}', 1, now(), now() \
         FROM generate_series(0, 1824) AS back"
    ))
    .await;
    let (page, statements) = desk
        .counted("/follow-ups?status=overdue&limit=200", None)
        .await;
    assert_eq!(page.ok()["items"].as_array().unwrap().len(), 40);
    assert!(statements <= 4, "{statements}");
    let (outcomes, statements) = ada
        .counted(&format!("/patients/{ANA}/outcomes"), None)
        .await;
    assert_eq!(outcomes.ok()["periods"].as_array().unwrap().len(), 66);
    assert!(statements <= 11, "{statements}");
    let (points, statements) = ada
        .counted(&format!("/patients/{ANA}/trigger-points"), None)
        .await;
    points.ok();
    assert!(
        statements <= 5,
        "{statements}, with the line of the audit log"
    );
    let (timeline, statements) = ada
        .counted(&format!("/patients/{ANA}/timeline"), None)
        .await;
    timeline.ok();
    assert!(
        statements <= 4,
        "{statements}, with the line of the audit log"
    );
}

#[actix_web::test]
async fn a_goal_says_what_is_measured_the_target_and_the_date() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let plans = format!("/patients/{ANA}/treatment-plans");
    let goal = json!({
        "text": "Fewer headaches", "measure": "headache days per 28", "target": "8",
        "target_on": "2026-06-01", "status": "accepted",
    });
    let plan = |goal: &Value| json!({ "status": "active", "title": "Neck", "goals": [goal], "activities": [] });
    for field in ["measure", "target", "target_on"] {
        let mut vague = goal.clone();
        vague.as_object_mut().unwrap().remove(field);
        let refused = ada.post(&plans, plan(&vague)).await;
        assert_eq!(refused.pointers(), [format!("/goals/0/{field}")]);
        vague[field] = Value::Null;
        let refused = ada.post(&plans, plan(&vague)).await;
        assert_eq!(refused.pointers(), [format!("/goals/0/{field}")]);
    }
    let mut blank = goal.clone();
    blank["measure"] = json!("  ");
    blank["target"] = json!(" ");
    let refused = ada.post(&plans, plan(&blank)).await;
    assert_eq!(refused.pointers(), ["/goals/0/measure", "/goals/0/target"]);
    ada.post(&plans, plan(&goal)).await.created();
}
