//! What patients see and do, from end to end: their own, and nobody else's.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::visits::{sign, walk_in};

fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}

/// Nobody but the patient and those who care for them reads `path`: another patient and another
/// practice find nothing there.
async fn is_ones_own(clinic: &Clinic, path: &str) {
    clinic.patient().await.get(path).await.expect(200);
    for other in [
        clinic.other_patient().await,
        clinic.stranger("patient").await,
    ] {
        assert_problem!(other.get(path).await, 404, "/problems/not-found");
    }
    let unknown = clinic.anonymous().get(path).await;
    assert_problem!(unknown, 401, "/problems/not-signed-in");
}

async fn a_visit_with_a_point(ada: &Client) -> String {
    let visit = walk_in(ada, ANA).await;
    let finding = json!({
        "muscle_code": "trapezius_upper", "side": "left", "view": "HN_POST", "x": "0.27", "y": "0.70",
        "taut_band": "yes", "hypersensitive_spot": "yes", "referred_pain": "yes",
        "pain_recognised": "yes", "local_twitch": "no", "jump_sign": "no",
        "palpable_nodule": "not_assessed", "tenderness_grade": 2,
    });
    ada.post(&format!("/visits/{visit}/trigger-points"), finding)
        .await
        .created();
    visit
}

#[tokio::test]
async fn a_patient_reads_everything_of_their_own_and_another_patient_none_of_it() {
    let clinic = Clinic::open().await;
    let (ada, ana) = (clinic.provider().await, clinic.patient().await);
    let visit = a_visit_with_a_point(&ada).await;
    for part in ["", "/body-chart.svg"] {
        let early = ana.get(&format!("/visits/{visit}{part}")).await;
        assert_problem!(early, 404, "/problems/not-found");
    }
    sign(&ada, &visit).await;
    let plan = json!({
        "status": "active", "title": "Plan", "goals": [],
        "activities": [{ "therapy_code": "hydration", "frequency": "daily", "done_by": "patient",
            "status": "in_progress" }],
    });
    let plan = ada
        .post(&format!("/patients/{ANA}/treatment-plans"), plan)
        .await
        .created();
    let entry = json!({ "entry_date": "2026-03-02", "headache": true, "peak_pain_nrs": 5 });
    ana.post(&format!("/patients/{ANA}/diary"), entry)
        .await
        .created();
    let score = json!({ "instrument": "nrs", "answers": [5] });
    let score = ana
        .post(&format!("/patients/{ANA}/assessments"), score)
        .await
        .created();
    let owed = json!({
        "kind": "call", "due_from": "2026-03-03T00:00:00-05:00",
        "due_by": "2026-03-10T00:00:00-04:00", "reason": "To hear how it goes",
    });
    let owed = ada
        .post(&format!("/patients/{ANA}/follow-ups"), owed)
        .await
        .created();
    let record = format!("/patients/{ANA}");
    let plan = format!("/treatment-plans/{}", id(&plan));
    for path in [
        format!("/visits/{visit}"),
        format!("/visits/{visit}/body-chart.svg"),
        record.clone(),
        format!("{record}/treatment-plans"),
        format!("{record}/diary"),
        format!("{record}/diary/2026-03-02"),
        format!("{record}/assessments"),
        format!("{record}/outcomes"),
        format!("{record}/outcomes.svg"),
        format!("{record}/access-log"),
        format!("{record}/trigger-points"),
        format!("{record}/proxies"),
        format!("/assessments/{}", id(&score)),
        format!("/follow-ups/{}", id(&owed)),
        plan.clone(),
        format!("{plan}/versions"),
        format!("{plan}/print"),
    ] {
        is_ones_own(&clinic, &path).await;
    }
}

#[tokio::test]
async fn the_plan_prints_in_plain_words_as_it_is_and_as_it_was() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let plan = |summary: &str| {
        json!({
            "status": "active", "title": "Neck & migraine", "summary": summary,
            "goals": [{ "text": "Fewer headaches", "measure": "headache days", "target": "8 a month",
                "target_on": "2026-06-01", "status": "accepted" }],
            "activities": [{ "therapy_code": "stretching", "frequency": "twice a day",
                "done_by": "patient", "status": "in_progress", "adherence": "most days" }],
        })
    };
    let plans = format!("/patients/{ANA}/treatment-plans");
    let written = ada.post(&plans, plan("<script>alert(1)</script>")).await;
    let path = format!("/treatment-plans/{}", id(&written.created()));
    ada.put(&path, "\"v1\"", plan("Now")).await.ok();
    let ana = clinic.patient().await;
    let sheet = ana.get(&format!("{path}/print")).await;
    assert_eq!(sheet.header("content-type"), "text/html; charset=utf-8");
    let policy = sheet.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("script"));
    for words in [
        "Neck &amp; migraine",
        "For Ana Vrabec, from Riverside Headache Clinic",
        "Now",
        "We count headache days; the aim is 8 a month, by 1 June 2026.",
        "twice a day",
    ] {
        assert!(sheet.text.contains(words), "{words}");
    }
    let first = ana.get(&format!("{path}/print?version=1")).await;
    assert!(first.text.contains("&lt;script&gt;") && !first.text.contains("<script"));
    assert_problem!(
        ana.get(&format!("{path}/print?version=3")).await,
        404,
        "/problems/not-found"
    );
    let desk = clinic.front_desk().await;
    assert_problem!(
        desk.get(&format!("{path}/print")).await,
        403,
        "/problems/not-allowed"
    );
}

#[tokio::test]
async fn a_patient_books_a_follow_up_that_is_owed_by_the_rules_for_patients() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let owed = |patient: &'static str| {
        let desk = desk.clone();
        async move {
            let body = json!({
                "kind": "visit", "due_from": "2026-03-03T00:00:00-05:00",
                "due_by": "2026-03-10T00:00:00-04:00", "reason": "To look at the neck again",
            });
            id(&desk
                .post(&format!("/patients/{patient}/follow-ups"), body)
                .await
                .created())
        }
    };
    let (own, other) = (owed(ANA).await, owed(BEN).await);
    let ana = clinic.patient().await;
    let at = |starts_at: &str| json!({ "starts_at": starts_at, "provider_id": ADA, "location_id": MAIN_STREET });
    let book = format!("/follow-ups/{own}/book");
    let soon = ana.act_now(&book, at("2026-03-02T15:00:00-05:00")).await;
    let soon = assert_problem!(soon, 422, "/problems/booking-rule");
    assert_eq!(soon.body["rule"], "lead_time");
    let mut injection = at("2026-03-05T10:00:00-05:00");
    injection["appointment_type_id"] = json!(TPI);
    let refused = ana.act_now(&book, injection).await;
    assert_eq!(refused.body["rule"], "not_patient_bookable");
    let booked = ana
        .act_now(&book, at("2026-03-05T10:00:00-05:00"))
        .await
        .ok();
    assert_eq!(booked["status"], "booked");
    let foreign = ana
        .act_now(
            &format!("/follow-ups/{other}/book"),
            at("2026-03-05T11:00:00-05:00"),
        )
        .await;
    assert_problem!(foreign, 404, "/problems/not-found");
    let appointment = format!(
        "/appointments/{}",
        booked["appointment_id"].as_str().unwrap()
    );
    let moved = json!({ "starts_at": "2026-03-06T10:00:00-05:00" });
    ana.act_now(&format!("{appointment}/reschedule"), moved)
        .await
        .ok();
    let now = ana.get(&format!("/follow-ups/{own}")).await.ok();
    assert_eq!(
        (&now["status"], &now["appointment"]["starts_at"]),
        (&json!("booked"), &json!("2026-03-06T10:00:00-05:00"))
    );
    let reason = json!({ "reason_code": "patient_request" });
    ana.act_now(&format!("{appointment}/cancel"), reason)
        .await
        .ok();
    let now = ana.get(&format!("/follow-ups/{own}")).await.ok();
    assert_eq!(now["status"], "upcoming");
    let ben = clinic.other_patient().await;
    assert_problem!(ben.get(&appointment).await, 404, "/problems/not-found");
}

/// What the lists of a patient's own show of what was found and done.
async fn shown(ana: &Client) -> Value {
    let outcomes = ana.get(&format!("/patients/{ANA}/outcomes")).await.ok();
    let timeline = ana.get(&format!("/patients/{ANA}/timeline")).await.ok();
    let points = ana.get(&format!("/patients/{ANA}/trigger-points")).await;
    let points = points.ok();
    let count = |list: &Value| list.as_array().unwrap().len();
    let treated = timeline["items"].as_array().unwrap().iter();
    let treated = treated.filter(|entry| entry["kind"] == "visit" || entry["kind"] == "procedure");
    json!({
        "procedures": count(&outcomes["procedures"]), "injected": count(&outcomes["points"]),
        "by_point": count(&outcomes["by_point"]), "by_recipe": count(&outcomes["by_recipe"]),
        "scores": count(&outcomes["scores"]), "timeline": treated.count(),
        "points": count(&points["items"]),
    })
}

#[actix_web::test]
async fn nothing_of_a_visit_is_shown_to_its_patient_before_it_is_signed() {
    let clinic = Clinic::open().await;
    let (ada, ana) = (clinic.provider().await, clinic.patient().await);
    let visit = a_visit_with_a_point(&ada).await;
    let points = ada.get(&format!("/patients/{ANA}/trigger-points")).await;
    let point = points.ok()["items"][0]["point_id"].clone();
    let sites = json!({ "left": 1, "right": 2 });
    let tender = json!({
        "frontal": sites, "temporal": sites, "masseter": sites, "lateral_pterygoid": sites,
        "mastoid": sites, "sternocleidomastoid": sites, "splenius": sites, "trapezius": sites,
    });
    ada.put(&format!("/visits/{visit}/tenderness-scores"), "*", tender)
        .await
        .ok();
    let procedure = planned(&ada, &visit, "trigger_point_injection").await;
    prepare(&ada, &procedure).await;
    start(&ada, &procedure).await;
    let solution = drawn(&ada, &procedure, ("1", "1"), LIDOCAINE).await;
    let needle = json!({
        "point_id": point, "solution_id": solution, "volume_ml": "1", "needle_gauge": 25,
        "needle_length_mm": 38, "approach": "pincer", "aspirated": true, "twitch_elicited": true,
        "pain_nrs_before": 7, "pain_nrs_after": 2,
    });
    inject(&ada, &procedure, needle).await;
    complete(&ada, &procedure).await.ok();
    let seen_by_provider = ada.get(&format!("/patients/{ANA}/outcomes")).await.ok();
    assert_eq!(seen_by_provider["points"][0]["point_id"], point);

    let nothing = json!({
        "procedures": 0, "injected": 0, "by_point": 0, "by_recipe": 0, "scores": 0,
        "timeline": 0, "points": 0,
    });
    assert_eq!(shown(&ana).await, nothing);
    let own = [format!("/visits/{visit}"), procedure];
    for path in &own {
        assert_problem!(ana.get(path).await, 404, "/problems/not-found");
    }
    sign(&ada, &visit).await;
    let all = json!({
        "procedures": 1, "injected": 1, "by_point": 1, "by_recipe": 1, "scores": 1,
        "timeline": 2, "points": 1,
    });
    assert_eq!(shown(&ana).await, all);
    for path in &own {
        ana.get(path).await.ok();
    }
}
