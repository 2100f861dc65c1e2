//! Calendar feeds: who reads what at a secret address, until when, and that it says nothing of why.

use reqwest::Method;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

async fn make(client: &Client, subject: Value) -> (String, String) {
    let made = client.post("/calendar-feeds", subject).await.created();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), format!("/{}", text("path")))
}

/// The unfolded lines of the calendar at this path.
async fn lines(clinic: &Clinic, path: &str) -> Vec<String> {
    let reply = clinic.anonymous().get(path).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "text/calendar; charset=utf-8");
    assert!(reply.text.split("\r\n").all(|line| line.len() <= 75));
    let unfolded = reply.text.replace("\r\n ", "");
    unfolded.split("\r\n").map(str::to_owned).collect()
}

fn has(lines: &[String], line: &str) -> bool {
    lines.iter().any(|each| each == line)
}

async fn book(client: &Client, patient: &str, provider: &str, starts_at: &str) -> String {
    let body = json!({
        "patient_id": patient, "appointment_type_id": FOLLOW_UP, "provider_id": provider,
        "location_id": MAIN_STREET, "starts_at": starts_at, "reason": "Migraine after injections",
    });
    let booked = client.post("/appointments", body).await.created();
    booked["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_patient_reads_their_own_visits_and_follow_ups_at_a_secret_address() {
    let clinic = Clinic::open().await;
    let (ana, desk) = (clinic.patient().await, clinic.front_desk().await);
    let kept = book(&desk, ANA, ADA, "2026-03-04T09:00:00-05:00").await;
    let moved = book(&desk, ANA, ADA, "2026-03-10T09:00:00-04:00").await;
    let cancelled = book(&desk, ANA, BO, "2026-03-11T09:00:00-04:00").await;
    let others = book(&desk, BEN, ADA, "2026-03-04T10:00:00-05:00").await;
    let to = json!({ "starts_at": "2026-03-10T10:00:00-04:00" });
    desk.act_now(&format!("/appointments/{moved}/reschedule"), to)
        .await
        .ok();
    let why = json!({ "reason_code": "illness", "note": "Fever" });
    desk.act_now(&format!("/appointments/{cancelled}/cancel"), why)
        .await
        .ok();
    let owed = json!({
        "kind": "call", "due_from": "2026-03-05T05:00:00Z", "due_by": "2026-03-06T05:00:00Z",
        "reason": "Ask after the trigger points",
    });
    let path = format!("/patients/{ANA}/follow-ups");
    let owed = clinic.provider().await.post(&path, owed).await.created();

    let (_, path) = make(&ana, json!({ "patient_id": ANA })).await;
    let lines = lines(&clinic, &path).await;
    let text = lines.join("\n");
    let event = |uid: &str| {
        let uid = format!("UID:{uid}@tautband");
        let mut events = text.split("BEGIN:VEVENT").skip(1);
        let found = events.find(|event| event.contains(&uid));
        found
            .unwrap_or_else(|| panic!("{uid} in {text}"))
            .to_owned()
    };
    let kept = event(&format!("appointment-{kept}"));
    assert!(
        kept.contains("DTSTART;TZID=America/New_York:20260304T090000"),
        "{kept}"
    );
    assert!(
        kept.contains("DTEND;TZID=America/New_York:20260304T093000"),
        "{kept}"
    );
    assert!(
        kept.contains("SEQUENCE:0\n") && kept.contains("STATUS:CONFIRMED"),
        "{kept}"
    );
    assert!(kept.contains("DESCRIPTION:With Dr Ada Keller"), "{kept}");
    assert!(
        kept.contains("LOCATION:Main Street\\, 1 Main Street"),
        "{kept}"
    );
    let moved = event(&format!("appointment-{moved}"));
    assert!(
        moved.contains("20260310T100000") && moved.contains("SEQUENCE:1\n"),
        "{moved}"
    );
    let cancelled = event(&format!("appointment-{cancelled}"));
    assert!(cancelled.contains("STATUS:CANCELLED") && cancelled.contains("SEQUENCE:1\n"));
    let owed = event(&format!("follow-up-{}", owed["id"].as_str().unwrap()));
    assert!(
        owed.contains("DTSTART;VALUE=DATE:20260305\nDTEND;VALUE=DATE:20260307"),
        "{owed}"
    );
    assert!(owed.contains("SUMMARY:Follow-up call due"), "{owed}");
    assert!(has(&lines, "TZID:America/New_York"));
    assert!(!text.contains(&others));
    for word in [
        "Migraine",
        "Fever",
        "illness",
        "trigger",
        "njection",
        "Follow-up\n",
        "Vrabec",
    ] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    let audited = format!(
        "SELECT count(*)::text FROM audit_events WHERE action = 'calendar_feeds.read' AND '{ANA}' = ANY (patient_ids)"
    );
    assert_eq!(clinic.ask(&audited).await, "1");
}

#[tokio::test]
async fn staff_read_a_providers_schedule_without_a_word_about_patients() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let with_ada = book(&desk, ANA, ADA, "2026-03-04T09:00:00-05:00").await;
    let with_bo = book(&desk, BEN, BO, "2026-03-04T09:00:00-05:00").await;
    let (_, path) = make(&clinic.provider().await, json!({ "provider_id": ADA })).await;
    let text = lines(&clinic, &path).await.join("\n");
    assert!(text.contains(&with_ada) && !text.contains(&with_bo));
    assert!(text.contains("SUMMARY:Appointment"));
    for word in ["Ana", "Vrabec", "Migraine", "Follow-up", ANA] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[tokio::test]
async fn a_calendar_that_has_not_changed_is_not_sent_again() {
    let clinic = Clinic::open().await;
    let (ana, desk) = (clinic.patient().await, clinic.front_desk().await);
    book(&desk, ANA, ADA, "2026-03-04T09:00:00-05:00").await;
    let (_, path) = make(&ana, json!({ "patient_id": ANA })).await;
    let first = clinic.anonymous().get(&path).await;
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let etag = first.etag();
    let ask = |etag: String| {
        let (anonymous, path) = (clinic.anonymous(), path.clone());
        async move {
            let headers = [("if-none-match", etag.as_str())];
            anonymous.send(Method::GET, &path, &headers, None).await
        }
    };
    let again = ask(etag.clone()).await;
    assert_eq!(
        (again.status, again.header("cache-control")),
        (304, "private, no-cache".to_owned())
    );
    book(&desk, ANA, ADA, "2026-03-05T09:00:00-05:00").await;
    assert_eq!(ask(etag).await.status, 200);
}

#[tokio::test]
async fn a_feed_ends_when_it_is_revoked_by_who_made_it() {
    let clinic = Clinic::open().await;
    let (ana, ben) = (clinic.patient().await, clinic.other_patient().await);
    let (id, path) = make(&ana, json!({ "patient_id": ANA })).await;
    let (_, other) = make(&ana, json!({ "patient_id": ANA })).await;
    let listed = ana.get("/calendar-feeds").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(listed["items"][1]["id"], json!(id));
    assert!(!listed.to_string().contains("/calendar/"));
    assert_eq!(ben.get("/calendar-feeds").await.ok()["items"], json!([]));
    let foreign = ben.delete(&format!("/calendar-feeds/{id}")).await;
    assert_problem!(foreign, 404, "/problems/not-found");
    lines(&clinic, &path).await;
    ana.delete(&format!("/calendar-feeds/{id}"))
        .await
        .expect(204);
    assert_problem!(
        clinic.anonymous().get(&path).await,
        404,
        "/problems/not-found"
    );
    let twice = ana.delete(&format!("/calendar-feeds/{id}")).await;
    assert_problem!(twice, 404, "/problems/not-found");
    lines(&clinic, &other).await;
    let nothing = clinic.anonymous().get("//calendar/AAAA.ics").await;
    assert_problem!(nothing, 404, "/problems/not-found");
    let token = path
        .trim_start_matches("//calendar/")
        .trim_end_matches(".ics");
    let kept = format!(
        "SELECT count(*)::text FROM control.calendar_feeds WHERE position('{token}'::bytea IN token_hash) > 0"
    );
    assert_eq!(clinic.ask(&kept).await, "0");
}

#[tokio::test]
async fn a_feed_ends_with_what_its_maker_may_see() {
    let clinic = Clinic::open().await;
    let (_, of_ana) = make(&clinic.patient().await, json!({ "patient_id": ANA })).await;
    let (_, of_desk) = make(&clinic.front_desk().await, json!({ "provider_id": ADA })).await;
    let (_, of_bo) = make(&clinic.other_provider().await, json!({ "provider_id": BO })).await;
    for path in [&of_ana, &of_desk, &of_bo] {
        lines(&clinic, path).await;
    }
    clinic
        .sql("UPDATE control.patient_links SET revoked_at = '2026-03-02Z'")
        .await;
    clinic
        .sql("UPDATE control.memberships SET role = 'auditor' WHERE role = 'front_desk'")
        .await;
    clinic
        .sql("UPDATE control.users SET disabled_at = '2026-03-02Z' WHERE email LIKE 'bo@%'")
        .await;
    for path in [&of_ana, &of_desk, &of_bo] {
        assert_problem!(
            clinic.anonymous().get(path).await,
            404,
            "/problems/not-found"
        );
    }
}

#[tokio::test]
async fn a_feed_is_of_one_provider_or_of_ones_own_record() {
    let clinic = Clinic::open().await;
    let (ana, desk) = (clinic.patient().await, clinic.front_desk().await);
    let refused = |client: &Client, body: Value| {
        let client = client.clone();
        async move { client.post("/calendar-feeds", body).await.pointers() }
    };
    assert_eq!(
        refused(&ana, json!({ "patient_id": BEN })).await,
        ["/patient_id"]
    );
    assert_eq!(
        refused(&ana, json!({ "provider_id": ADA })).await,
        ["/provider_id"]
    );
    assert_eq!(
        refused(&desk, json!({ "patient_id": ANA })).await,
        ["/patient_id"]
    );
    assert_eq!(
        refused(&desk, json!({ "provider_id": ZED })).await,
        ["/provider_id"]
    );
    let both = ["/patient_id", "/provider_id"];
    assert_eq!(refused(&desk, json!({})).await, both);
    let two = json!({ "patient_id": ANA, "provider_id": ADA });
    assert_eq!(refused(&desk, two.clone()).await, both);
    let two = desk.post("/calendar-feeds", two).await;
    let detail = two.body["errors"][0]["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("must be left out"), "{detail}");
    let auditor = clinic.auditor().await;
    let reply = auditor
        .post("/calendar-feeds", json!({ "provider_id": ADA }))
        .await;
    assert_problem!(reply, 403, "/problems/not-allowed");
}
