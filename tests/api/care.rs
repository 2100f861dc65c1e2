//! Follow-ups, the diary, scores, plans, and what they show.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}

/// A patient is dry-needled by Dr Ada, up to the completion of the procedure.
async fn needled(ada: &Client, patient_id: &str) -> String {
    let visit = json!({ "patient_id": patient_id, "provider_id": ADA, "location_id": MAIN_STREET });
    let visit = id(&ada.post("/visits", visit).await.created());
    let plan = json!({ "kind": "dry_needling", "indication_codes": ["M79.18"] });
    let procedure = id(&ada
        .post(&format!("/visits/{visit}/procedures"), plan)
        .await
        .created());
    let path = format!("/procedures/{procedure}");
    let consent = json!({ "given_by": "patient", "method": "written", "text_version": "1" });
    ada.put(&format!("{path}/consent"), "*", consent).await.ok();
    let time_out = json!({
        "patient_ok": true, "procedure_ok": true, "site_ok": true, "allergies_ok": true,
        "anticoagulants_ok": true,
    });
    ada.put(&format!("{path}/time-out"), "*", time_out)
        .await
        .ok();
    ada.act_now(&format!("{path}/start"), Value::Null)
        .await
        .ok();
    let site = json!({
        "muscle_code": "temporalis", "side": "left", "view": "HN_LAT_L", "x": "0.45", "y": "0.25",
        "needle_gauge": 30, "needle_length_mm": 13, "approach": "perpendicular",
        "aspirated": false, "twitch_elicited": true, "pain_nrs_before": 8, "pain_nrs_after": 3,
    });
    ada.post(&format!("{path}/injections"), site)
        .await
        .created();
    procedure
}

pub(crate) async fn completed(ada: &Client) -> Value {
    completed_for(ada, ANA).await
}

/// Every question of the screen for adverse events: yes to these, and no to all others.
pub(crate) fn screen(yes: &[&str]) -> Value {
    let questions = [
        "chest_pain",
        "breathlessness",
        "fever",
        "weakness",
        "spreading_redness",
        "soreness",
        "bruising",
        "bleeding",
        "dizziness",
        "worse_headache",
        "other",
    ];
    questions
        .into_iter()
        .map(|question| (question.to_owned(), json!(yes.contains(&question))))
        .collect()
}

pub(crate) async fn completed_for(ada: &Client, patient_id: &str) -> Value {
    let procedure = needled(ada, patient_id).await;
    complete(ada, &format!("/procedures/{procedure}"))
        .await
        .ok()
}

/// A visit owed to a patient from tomorrow on, for a week.
async fn owed(by: &Client, patient_id: &str) -> Value {
    let body = json!({
        "kind": "visit", "due_from": "2026-03-03T00:00:00-05:00",
        "due_by": "2026-03-10T00:00:00-04:00", "reason": "To look at the neck again",
    });
    by.post(&format!("/patients/{patient_id}/follow-ups"), body)
        .await
        .created()
}

fn tuesday_at_ten() -> Value {
    json!({ "starts_at": "2026-03-03T10:00:00-05:00", "provider_id": ADA, "location_id": MAIN_STREET })
}

#[actix_web::test]
async fn completing_a_procedure_brings_each_step_of_its_protocol_once() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let done = completed(&ada).await;
    assert_eq!(done["status"], "completed");
    let steps: Vec<(&str, &str, &str, &str)> = done["follow_ups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap();
            (
                text("kind"),
                text("status"),
                text("due_from"),
                text("due_by"),
            )
        })
        .collect();
    // The clocks go forward on 8 March: the windows are calendar days all the same.
    assert_eq!(
        steps,
        [
            (
                "call",
                "upcoming",
                "2026-03-03T09:00:00-05:00",
                "2026-03-05T09:00:00-05:00"
            ),
            (
                "visit",
                "upcoming",
                "2026-03-16T00:00:00-04:00",
                "2026-03-31T00:00:00-04:00"
            ),
            (
                "questionnaire",
                "upcoming",
                "2026-04-13T00:00:00-04:00",
                "2026-04-21T00:00:00-04:00"
            ),
            (
                "questionnaire",
                "upcoming",
                "2026-05-25T00:00:00-04:00",
                "2026-06-02T00:00:00-04:00"
            ),
        ]
    );
    let again = ada
        .act_now(&format!("/procedures/{}/complete", id(&done)), Value::Null)
        .await;
    assert_eq!(again.status, 409);
    let count = "SELECT count(*)::text FROM follow_ups";
    assert_eq!(clinic.ask(count).await, "4");
}

#[actix_web::test]
async fn a_new_protocol_holds_for_later_procedures_and_avoids_closed_days() {
    let clinic = Clinic::open().await;
    let (ada, admin) = (clinic.provider().await, clinic.admin().await);
    clinic.sql(&format!(
        "INSERT INTO closures (practice_id, id, starts_at, ends_at, reason, created_at) VALUES \
         ('{RIVERSIDE}', gen_random_uuid(), '2026-03-09T00:00:00-04', '2026-03-10T00:00:00-04', 'Holiday', now())"
    ))
    .await;
    let protocol = json!({ "procedure_kind": "dry_needling", "name": "Ours", "steps": [
        { "code": "look", "kind": "visit", "unit": "days", "from": 7, "to": 9, "reason": "Look" },
    ] });
    let written = admin.post("/follow-up-protocols", protocol).await;
    let location = written.header("location");
    let written = written.created();
    assert!(location.ends_with(&id(&written)));
    let listed = ada.get("/follow-up-protocols").await.ok();
    let ours = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "Ours");
    assert_eq!(ours.unwrap()["id"], written["id"]);
    let done = completed(&ada).await;
    assert_eq!(done["follow_ups"].as_array().unwrap().len(), 1);
    assert_eq!(
        done["follow_ups"][0]["due_from"],
        "2026-03-10T00:00:00-04:00"
    );
    assert_eq!(done["follow_ups"][0]["due_by"], "2026-03-12T00:00:00-04:00");
}

#[actix_web::test]
async fn every_fault_of_a_protocol_is_named() {
    let clinic = Clinic::open().await;
    let step =
        json!({ "code": "a", "kind": "call", "unit": "hours", "from": 9, "to": 5, "reason": " " });
    let body =
        json!({ "procedure_kind": "dry_needling", "name": " ", "steps": [step.clone(), step] });
    let refused = clinic
        .admin()
        .await
        .post("/follow-up-protocols", body)
        .await;
    assert_eq!(
        refused.pointers(),
        [
            "/steps/0/to",
            "/steps/0/reason",
            "/steps/1/to",
            "/steps/1/code",
            "/steps/1/reason",
            "/name"
        ]
    );
    for client in [
        clinic.front_desk().await,
        clinic.assistant().await,
        clinic.patient().await,
    ] {
        let body = json!({ "procedure_kind": "dry_needling", "name": "x", "steps": [] });
        assert_problem!(
            client.post("/follow-up-protocols", body).await,
            403,
            "/problems/not-allowed"
        );
    }
}

#[actix_web::test]
async fn a_follow_up_becomes_due_and_overdue_by_the_clock_alone() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let wanted = id(&owed(&desk, ANA).await);
    for (days, status) in [(0, "upcoming"), (1, "due"), (7, "overdue")] {
        clinic.advance(TimeDelta::days(days));
        let desk = clinic.front_desk().await;
        for other in ["upcoming", "due", "overdue", "booked", "done", "cancelled"] {
            let page = desk.get(&format!("/follow-ups?status={other}")).await.ok();
            let found = page["items"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["id"] == wanted);
            assert_eq!(found, other == status, "{other} after {days} days");
        }
    }
}

#[actix_web::test]
async fn the_appointment_moves_its_follow_up() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let follow_up = owed(&desk, ANA).await;
    let path = format!("/follow-ups/{}", id(&follow_up));
    let booked = desk
        .act(&format!("{path}/book"), "\"v1\"", tuesday_at_ten())
        .await
        .ok();
    assert_eq!(booked["status"], "booked");
    assert_eq!(
        booked["appointment"]["starts_at"],
        "2026-03-03T10:00:00-05:00"
    );
    assert_eq!(booked["appointment"]["time_zone"], "America/New_York");
    let twice = desk
        .act_now(&format!("{path}/book"), tuesday_at_ten())
        .await;
    assert_problem!(twice, 409, "/problems/wrong-status");
    let appointment = format!(
        "/appointments/{}",
        booked["appointment_id"].as_str().unwrap()
    );
    let seen = desk.get(&appointment).await.ok();
    assert_eq!(seen["appointment_type"]["id"], FOLLOW_UP);
    let reason = json!({ "reason_code": "illness" });
    desk.act_now(&format!("{appointment}/cancel"), reason)
        .await
        .ok();
    assert_eq!(desk.get(&path).await.ok()["status"], "upcoming");
    let again = desk
        .act_now(&format!("{path}/book"), tuesday_at_ten())
        .await
        .ok();
    assert_eq!(again["status"], "booked");
    assert_ne!(again["appointment_id"], booked["appointment_id"]);
}

#[actix_web::test]
async fn a_follow_up_is_booked_by_the_rules_of_every_booking() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let (one, two) = (owed(&desk, ANA).await, owed(&desk, BEN).await);
    let book = |one: &Value| format!("/follow-ups/{}/book", id(one));
    desk.act_now(&book(&one), tuesday_at_ten()).await.ok();
    assert_problem!(
        desk.act_now(&book(&two), tuesday_at_ten()).await,
        409,
        "/problems/slot-taken"
    );
    let mut night = tuesday_at_ten();
    night["starts_at"] = json!("2026-03-03T03:00:00-05:00");
    assert_problem!(
        desk.act_now(&book(&two), night).await,
        422,
        "/problems/outside-availability"
    );
    let mut foreign = tuesday_at_ten();
    foreign["provider_id"] = json!("01900000-0000-7000-8000-000000000039");
    let foreign = desk.act_now(&book(&two), foreign).await;
    assert_eq!(
        (foreign.status, foreign.pointers()),
        (422, vec!["/provider_id".to_owned()])
    );
    assert_eq!(
        desk.get(&format!("/follow-ups/{}", id(&two))).await.ok()["version"],
        1
    );
    let stale = desk.act(&book(&two), "\"v9\"", tuesday_at_ten()).await;
    assert_problem!(stale, 412, "/problems/stale-version");
}

#[actix_web::test]
async fn a_red_flag_told_on_the_telephone_raises_an_urgent_call() {
    let clinic = Clinic::open().await;
    let (desk, assistant) = (clinic.front_desk().await, clinic.assistant().await);
    let path = format!("/follow-ups/{}", id(&owed(&desk, ANA).await));
    let told = json!({
        "outcome": "Short of breath since the evening",
        "adverse_event_screen": screen(&["breathlessness", "soreness"]),
        "relief_percent": 60, "next_step": "Come in today",
    });
    let refused = desk
        .act_now(&format!("{path}/complete"), told.clone())
        .await;
    assert_problem!(refused, 403, "/problems/not-allowed");
    let done = assistant
        .act_now(&format!("{path}/complete"), told.clone())
        .await
        .ok();
    assert_eq!(done["status"], "done");
    assert_eq!(done["relief_percent"], 60);
    assert_problem!(
        assistant.act_now(&format!("{path}/complete"), told).await,
        409,
        "/problems/wrong-status"
    );
    assert_eq!(
        done["adverse_symptoms"],
        json!(["breathlessness", "soreness"])
    );
    let calm = desk.get("/follow-ups?urgent=false").await.ok();
    assert_eq!(calm["items"].as_array().unwrap().len(), 1);
    let due = desk.get("/follow-ups?status=due&kind=call&urgent=true");
    let due = due.await.ok();
    assert_eq!(due["items"][0]["urgent"], true);
    assert_eq!(due["items"][0]["raised_by"], done["id"]);
    assert_eq!(due["items"][0]["patient"]["phone"], "+1 555 0101");
    let for_desk = desk.get(&path).await.ok();
    for hidden in ["outcome", "relief_percent", "next_step", "symptoms_asked"] {
        assert!(for_desk[hidden].is_null(), "{hidden}");
    }
    assert_eq!(for_desk["adverse_symptoms"], json!([]));
    assert!(!for_desk.to_string().contains("breath"));
}

#[actix_web::test]
async fn a_cancelled_follow_up_stays_off_the_list() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let path = format!("/follow-ups/{}", id(&owed(&desk, ANA).await));
    let blank = desk
        .act_now(&format!("{path}/cancel"), json!({ "reason": "  " }))
        .await;
    assert_eq!(blank.pointers(), ["/reason"]);
    let cancelled = desk
        .act_now(&format!("{path}/cancel"), json!({ "reason": "Moved away" }))
        .await
        .ok();
    assert_eq!(cancelled["status"], "cancelled");
    let book = desk
        .act_now(&format!("{path}/book"), tuesday_at_ten())
        .await;
    assert_problem!(book, 409, "/problems/wrong-status");
}

#[actix_web::test]
async fn a_patient_sees_their_own_follow_ups_and_nobody_elses() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let (ana, ben) = (owed(&desk, ANA).await, owed(&desk, BEN).await);
    let patient = clinic.patient().await;
    let own = patient.get("/me/follow-ups").await.ok();
    assert_eq!(own["items"].as_array().unwrap().len(), 1);
    assert_eq!(own["items"][0]["id"], ana["id"]);
    patient.get(&format!("/follow-ups/{}", id(&ana))).await.ok();
    let path = format!("/follow-ups/{}", id(&ben));
    assert_problem!(patient.get(&path).await, 404, "/problems/not-found");
    assert_problem!(
        patient.get("/follow-ups").await,
        403,
        "/problems/not-allowed"
    );
    let stranger = clinic.stranger("provider").await;
    assert_problem!(stranger.get(&path).await, 404, "/problems/not-found");
    let cancel = stranger
        .act_now(&format!("{path}/cancel"), json!({ "reason": "x" }))
        .await;
    assert_problem!(cancel, 404, "/problems/not-found");
}

#[actix_web::test]
async fn a_follow_up_names_everything_that_is_wrong_with_it() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let body = json!({
        "kind": "call", "due_from": "2026-03-04T00:00:00Z", "due_by": "2026-03-03T00:00:00Z",
        "reason": " ", "procedure_id": ANA,
    });
    let refused = desk
        .post(&format!("/patients/{ANA}/follow-ups"), body.clone())
        .await;
    assert_eq!(refused.pointers(), ["/due_by", "/reason", "/procedure_id"]);
    for unseen in [ZED, ADA] {
        let refused = desk
            .post(&format!("/patients/{unseen}/follow-ups"), body.clone())
            .await;
        assert_problem!(refused, 404, "/problems/not-found");
    }
}

#[actix_web::test]
async fn the_work_list_is_read_page_by_page() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(id(&owed(&desk, ANA).await));
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = desk.get(&format!("/follow-ups?limit=2{cursor}")).await.ok();
        seen.extend(page["items"].as_array().unwrap().iter().map(id));
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    made.sort();
    assert_eq!(seen, made);
    let others = desk
        .get(&format!("/follow-ups?patient_id={BEN}"))
        .await
        .ok();
    assert_eq!(others["items"], json!([]));
    let window = "from=2026-03-10T05:00:00Z&to=2026-04-01T00:00:00Z";
    assert_eq!(
        desk.get(&format!("/follow-ups?{window}")).await.ok()["items"],
        json!([])
    );
}

#[actix_web::test]
async fn the_diary_takes_one_entry_a_day_for_two_weeks_back() {
    let clinic = Clinic::open().await;
    let ana = clinic.patient().await;
    let diary = format!("/patients/{ANA}/diary");
    let day = |date: &str| {
        json!({
            "entry_date": date, "headache": true, "peak_pain_nrs": 7, "duration_minutes": 240,
            "features": ["unilateral", "nausea_or_vomiting"], "triggers": ["sleep", "sleep"],
            "medications": [{ "name": "sumatriptan", "class": "triptan", "doses": 1 }],
            "sleep_hours": "6.5",
        })
    };
    let written = ana.post(&diary, day("2026-03-02")).await.created();
    assert_eq!(written["migraine"], true);
    assert_eq!(written["triggers"], json!(["sleep"]));
    assert_problem!(
        ana.post(&diary, day("2026-03-02")).await,
        409,
        "/problems/day-recorded"
    );
    ana.post(&diary, day("2026-02-16")).await.created();
    for date in ["2026-02-15", "2026-03-03"] {
        assert_eq!(
            ana.post(&diary, day(date)).await.pointers(),
            ["/entry_date"]
        );
    }
    let path = format!("{diary}/2026-03-02");
    let quiet = json!({ "headache": false });
    let changed = ana.put(&path, "\"v1\"", quiet.clone()).await.ok();
    assert_eq!(
        (&changed["migraine"], &changed["version"]),
        (&json!(false), &json!(2))
    );
    assert_problem!(
        ana.put(&path, "\"v1\"", quiet.clone()).await,
        412,
        "/problems/stale-version"
    );
    clinic.advance(TimeDelta::days(15));
    let ana = clinic.patient().await;
    assert_problem!(
        ana.put(&path, "*", quiet).await,
        409,
        "/problems/diary-closed"
    );
    let listed = ana.get(&format!("{diary}?from=2026-03-01")).await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    for unknown in ["2026-03-01", "2026-3-2", "yesterday"] {
        assert_problem!(
            ana.get(&format!("{diary}/{unknown}")).await,
            404,
            "/problems/not-found"
        );
    }
}

#[actix_web::test]
async fn a_day_must_not_contradict_itself() {
    let clinic = Clinic::open().await;
    let body = json!({
        "entry_date": "2026-03-02", "headache": false, "migraine": true, "peak_pain_nrs": 3,
        "sleep_hours": "24.1",
    });
    let refused = clinic
        .patient()
        .await
        .post(&format!("/patients/{ANA}/diary"), body)
        .await;
    assert_eq!(
        refused.pointers(),
        ["/sleep_hours", "/migraine", "/peak_pain_nrs"]
    );
}

#[actix_web::test]
async fn a_diary_belongs_to_its_patient() {
    let clinic = Clinic::open().await;
    let ben = clinic.other_patient().await;
    let body = json!({ "entry_date": "2026-03-02", "headache": false });
    let diary = format!("/patients/{ANA}/diary");
    assert_problem!(
        ben.post(&diary, body.clone()).await,
        404,
        "/problems/not-found"
    );
    assert_problem!(ben.get(&diary).await, 404, "/problems/not-found");
    for other in [
        clinic.front_desk().await,
        clinic.admin().await,
        clinic.auditor().await,
    ] {
        assert_problem!(
            other.post(&diary, body.clone()).await,
            403,
            "/problems/not-allowed"
        );
        assert_problem!(other.get(&diary).await, 403, "/problems/not-allowed");
        let outcomes = other.get(&format!("/patients/{ANA}/outcomes")).await;
        assert_problem!(outcomes, 403, "/problems/not-allowed");
    }
}

#[actix_web::test]
async fn answers_become_scores_and_wrong_ones_are_named() {
    let clinic = Clinic::open().await;
    let ana = clinic.patient().await;
    let path = format!("/patients/{ANA}/assessments");
    let midas = json!({ "instrument": "midas", "answers": [4, 2, 2, 2, 1] });
    let entered = ana.post(&path, midas).await.created();
    assert_eq!(
        (&entered["score"], &entered["band"]),
        (&json!("11"), &json!("grade_3"))
    );
    assert_eq!(entered["taken_on"], "2026-03-02");
    let hit = json!({ "instrument": "hit_6", "score": 60 });
    assert_eq!(ana.post(&path, hit).await.created()["band"], "severe");
    let ndi = json!({ "instrument": "ndi", "score": 16 });
    let ndi = ana.post(&path, ndi).await.created();
    assert_eq!(
        (&ndi["band"], &ndi["score"], &ndi["raw_total"]),
        (&json!("moderate"), &json!("32"), &json!("16"))
    );
    let answers = json!({ "instrument": "ndi", "answers": [2, 2, 2, 2, 2, 2, 2, 1, 1, null] });
    let ndi = ana.post(&path, answers).await.created();
    assert_eq!(
        (&ndi["band"], &ndi["score"], &ndi["raw_total"]),
        (&json!("moderate"), &json!("35.6"), &json!("16"))
    );
    for (body, pointer) in [
        (
            json!({ "instrument": "midas", "answers": [93, 0, 0, 0, 0] }),
            "/answers/0",
        ),
        (
            json!({ "instrument": "hit_6", "answers": [6, 6, 7, 6, 6, 6] }),
            "/answers/2",
        ),
        (json!({ "instrument": "hit_6", "answers": [6] }), "/answers"),
        (json!({ "instrument": "hit_6", "score": 35 }), "/score"),
        (json!({ "instrument": "ndi", "score": 51 }), "/score"),
        (
            json!({ "instrument": "nrs", "answers": [3], "score": 3 }),
            "/score",
        ),
        (json!({ "instrument": "nrs" }), "/answers"),
        (
            json!({ "instrument": "nrs", "score": 3, "taken_on": "2026-03-03" }),
            "/taken_on",
        ),
        (
            json!({ "instrument": "promis_pain_interference", "answers": [1] }),
            "/answers",
        ),
    ] {
        assert_eq!(
            ana.post(&path, body.clone()).await.pointers(),
            [pointer],
            "{body}"
        );
    }
    let listed = ana.get(&format!("{path}?instrument=midas")).await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let one = format!("/assessments/{}", id(&entered));
    assert_eq!(ana.get(&one).await.ok(), entered);
    assert_problem!(
        clinic.other_patient().await.get(&one).await,
        404,
        "/problems/not-found"
    );
}

fn plan(status: &str, title: &str) -> Value {
    json!({
        "status": status, "title": title,
        "goals": [{ "text": "Fewer than 8 headache days", "measure": "headache days per 28",
            "target": "8", "target_on": "2026-06-01", "status": "accepted" }],
        "activities": [{ "therapy_code": "stretching", "frequency": "twice a day",
            "done_by": "patient", "status": "in_progress" }],
    })
}

#[actix_web::test]
async fn the_response_stands_when_the_diary_has_ended() {
    let clinic = Clinic::open().await;
    completed(&clinic.provider().await).await;
    // The 28 days before the procedure with ten days of migraine, and the 28 from it on with three.
    clinic
        .sql(&format!(
            "INSERT INTO diary_entries (practice_id, id, patient_id, entry_date, headache, migraine, features, \
             medications, triggers, version, created_at, updated_at) \
             SELECT '{RIVERSIDE}', gen_random_uuid(), '{ANA}', day, migraine, migraine, '{{}}', '[]', '{{}}', 1, now(), now() \
             FROM (SELECT day::date AS day, day::date < '2026-02-12' OR day::date BETWEEN '2026-03-10' AND '2026-03-12' AS migraine \
             FROM generate_series(date '2026-02-02', date '2026-03-29', interval '1 day') AS day) days"
        ))
        .await;
    clinic.advance(TimeDelta::days(40));
    let path = format!("/patients/{ANA}/outcomes");
    let outcomes = clinic.provider().await.get(&path).await.ok();
    assert_eq!(outcomes["as_of"], "2026-04-11");
    // Of the latest 28 days with 21 on record, 9 March to 5 April, three: 3 / 21 x 28 = 4.
    assert_eq!(
        outcomes["response"],
        json!({
            "baseline_migraine_days_per_28": "10", "latest_migraine_days_per_28": "4",
            "responder": true,
            "baseline_first_day": "2026-02-02", "baseline_last_day": "2026-03-01",
            "latest_first_day": "2026-03-09", "latest_last_day": "2026-04-05",
        })
    );
}

#[actix_web::test]
async fn of_many_plans_agreed_at_once_for_one_person_one_is_active() {
    let clinic = Clinic::open().await;
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    let merge = json!({ "duplicate_id": BEN });
    desk.act_now(&format!("/patients/{ANA}/merge"), merge)
        .await
        .ok();
    let of = |record: &str| format!("/patients/{record}/treatment-plans");
    let (of_ana, of_ben) = (of(ANA), of(BEN));
    for round in 0..8 {
        let draft = ada.post(&of_ben, plan("draft", "Draft")).await.created();
        let draft = format!("/treatment-plans/{}", id(&draft));
        let (one, other, revised) = futures_util::join!(
            ada.post(&of_ana, plan("active", "One")),
            ada.post(&of_ben, plan("active", "Other")),
            ada.put(&draft, "*", plan("active", "Revised")),
        );
        let mut made = Vec::new();
        for (reply, status) in [(one, 201), (other, 201), (revised, 200)] {
            if reply.status == status {
                made.push(reply.body);
            } else {
                assert_problem!(reply, 409, "/problems/plan-active");
            }
        }
        assert_eq!(made.len(), 1, "round {round}: {made:?}");
        let active = "SELECT count(*)::text FROM treatment_plans WHERE status = 'active'";
        assert_eq!(clinic.ask(active).await, "1");
        let path = format!("/treatment-plans/{}", id(&made[0]));
        ada.put(&path, "*", plan("completed", "Done")).await.ok();
    }
}

#[actix_web::test]
async fn a_merge_and_a_plan_at_the_same_moment_leave_one_active_plan() {
    let clinic = Clinic::open().await;
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    let duplicate = json!({ "duplicate_id": BEN });
    let merge = format!("/patients/{ANA}/merge");
    ada.post(
        &format!("/patients/{ANA}/treatment-plans"),
        plan("active", "Hers"),
    )
    .await
    .created();
    let of_ben = format!("/patients/{BEN}/treatment-plans");
    for round in 0..8 {
        let (agreed, merged) = futures_util::join!(
            ada.post(&of_ben, plan("active", "His")),
            desk.act_now(&merge, duplicate.clone()),
        );
        match (agreed.status, merged.status) {
            (201, 409) => {
                let path = format!("/treatment-plans/{}", id(&agreed.body));
                ada.put(&path, "*", plan("completed", "Done")).await.ok();
            }
            (409, 200) => {
                desk.act_now(&format!("/patients/{ANA}/unmerge"), duplicate.clone())
                    .await
                    .ok();
            }
            other => panic!("round {round}: {other:?}"),
        }
    }
}

#[actix_web::test]
async fn last_months_plan_can_still_be_read() {
    let clinic = Clinic::open().await;
    let (ada, ana) = (clinic.provider().await, clinic.patient().await);
    let plans = format!("/patients/{ANA}/treatment-plans");
    let first = ada.post(&plans, plan("active", "First")).await.created();
    let other = ada.post(&plans, plan("active", "Other")).await;
    assert_problem!(other, 409, "/problems/plan-active");
    let path = format!("/treatment-plans/{}", id(&first));
    let second = ada
        .put(&path, "\"v1\"", plan("active", "Second"))
        .await
        .ok();
    assert_eq!(second["version"], 2);
    assert_problem!(
        ada.put(&path, "\"v1\"", plan("active", "x")).await,
        412,
        "/problems/stale-version"
    );
    assert_eq!(
        ana.get("/me/treatment-plan").await.ok()["items"][0]["title"],
        "Second"
    );
    let versions = ana.get(&format!("{path}/versions")).await.ok();
    let titles: Vec<&Value> = versions["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| &version["title"])
        .collect();
    assert_eq!(titles, ["Second", "First"]);
    ada.put(&path, "*", plan("completed", "Done")).await.ok();
    assert_problem!(
        ada.put(&path, "*", plan("active", "x")).await,
        409,
        "/problems/plan-closed"
    );
    assert_eq!(ana.get("/me/treatment-plan").await.ok()["items"], json!([]));
    assert_problem!(
        clinic.other_patient().await.get(&path).await,
        404,
        "/problems/not-found"
    );
    assert_problem!(
        ana.post(&plans, plan("draft", "Mine")).await,
        403,
        "/problems/not-allowed"
    );
    assert_problem!(
        clinic.front_desk().await.get(&plans).await,
        403,
        "/problems/not-allowed"
    );
}

#[actix_web::test]
async fn the_catalogue_holds_every_kind_of_therapy() {
    let clinic = Clinic::open().await;
    let therapies = clinic.patient().await.get("/therapies").await.ok();
    let codes: Vec<&str> = therapies["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|therapy| therapy["code"].as_str().unwrap())
        .collect();
    for code in [
        "massage_deep_tissue",
        "stretching",
        "tpi",
        "acupuncture",
        "hydration",
        "nutrition",
    ] {
        assert!(codes.contains(&code), "{code}");
    }
}

#[actix_web::test]
async fn outcomes_show_the_diary_beside_what_was_done() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    clinic.sql(&format!(
        "INSERT INTO diary_entries (practice_id, id, patient_id, entry_date, headache, migraine, features, \
         peak_pain_nrs, medications, triggers, version, created_at, updated_at) \
         SELECT '{RIVERSIDE}', gen_random_uuid(), '{ANA}', date '2026-03-02' - back, back % 28 < 16, \
         back % 28 < 8, '{{}}', CASE WHEN back % 28 < 16 THEN 6 END, \
         CASE WHEN back % 28 < 10 THEN '[{{\"name\": \"x\", \"class\": \"triptan\"}}]' ELSE '[]' END::jsonb, \
         '{{}}', 1, now(), now() FROM generate_series(0, 83) AS back"
    ))
    .await;
    let done = completed(&ada).await;
    let outcomes = ada.get(&format!("/patients/{ANA}/outcomes")).await.ok();
    let periods = outcomes["periods"].as_array().unwrap();
    assert_eq!(periods.len(), 3);
    assert_eq!(periods[2]["last_day"], "2026-03-02");
    assert_eq!(periods[2]["headache_days_per_28"], "16");
    assert_eq!(periods[2]["migraine_days_per_28"], "8");
    assert_eq!(periods[2]["mean_peak_pain_nrs"], "6");
    assert_eq!(
        outcomes["flags"],
        json!({ "chronic_migraine": "check", "medication_overuse": "check", "rests_on": {
            "first_day": "2025-12-09", "last_day": "2026-03-02", "recorded_days": 84,
            "retrospective_days": 0, "periods_with_enough_data": 3,
        } })
    );
    assert_eq!(outcomes["procedures"][0]["id"], done["id"]);
    assert_eq!(outcomes["points"][0]["relief_percent"], "62.5");
    assert_eq!(outcomes["points"][0]["response"], "good");
    // The visit is not signed: the patient sees the diary and nothing of the procedure.
    let own = clinic
        .patient()
        .await
        .get(&format!("/patients/{ANA}/outcomes"))
        .await
        .ok();
    assert_eq!(own["periods"].as_array().unwrap().len(), 3);
    assert_eq!(
        (&own["procedures"], &own["points"]),
        (&json!([]), &json!([]))
    );
    let other = clinic
        .other_patient()
        .await
        .get(&format!("/patients/{ANA}/outcomes"))
        .await;
    assert_problem!(other, 404, "/problems/not-found");
}

#[actix_web::test]
async fn a_retried_request_makes_one_follow_up() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let body = json!({
        "kind": "message", "due_from": "2026-03-03T00:00:00Z", "due_by": "2026-03-04T00:00:00Z",
        "reason": "Send the exercises",
    });
    let path = format!("/patients/{ANA}/follow-ups");
    let first = desk.post_once(&path, "key", body.clone()).await.created();
    let second = desk.post_once(&path, "key", body).await.created();
    assert_eq!(first, second);
    assert_eq!(
        clinic.ask("SELECT count(*)::text FROM follow_ups").await,
        "1"
    );
}
