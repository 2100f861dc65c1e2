//! What was felt or done earlier than it was written down, and how a timeline tells it apart.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::visits::{finding, sign};

/// A visit of yesterday, entered today with the reason.
async fn late_visit(by: &Client, began: DateTime<Utc>) -> String {
    let visit = json!({
        "patient_id": ANA, "provider_id": ADA, "location_id": MAIN_STREET,
        "started_at": began.to_rfc3339(), "late_entry_reason": "The network was down",
    });
    id(&by.post("/visits", visit).await.created())
}

fn instant(of: &Value) -> DateTime<Utc> {
    of.as_str().unwrap().parse().unwrap()
}

#[actix_web::test]
async fn what_was_felt_counts_from_when_it_was_felt() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let yesterday = opening() - TimeDelta::days(1);
    // Found today first, and then the visit of yesterday is entered.
    let today = walk_in(&ada, ANA).await;
    let points = format!("/visits/{today}/trigger-points");
    let first = ada.post(&points, finding()).await.created();
    assert_eq!(first["palpated_at"], first["recorded_at"]);
    assert_eq!(first["course"], "new");
    let late = late_visit(&ada, yesterday).await;
    let points = format!("/visits/{late}/trigger-points");
    let mut earlier = finding();
    earlier["same_as"] = first["point_id"].clone();
    let earlier = ada.post(&points, earlier).await.created();
    assert_eq!(
        instant(&earlier["palpated_at"]),
        yesterday,
        "when the visit began"
    );
    assert!(instant(&earlier["recorded_at"]) > yesterday);
    assert_eq!(
        earlier["course"], "new",
        "nothing was known of it yesterday"
    );
    let mut named = finding();
    for (at, pointers) in [
        (
            yesterday - TimeDelta::minutes(1),
            vec!["/palpated_at".to_owned()],
        ),
        (
            opening() + TimeDelta::hours(1),
            vec!["/palpated_at".to_owned()],
        ),
    ] {
        named["palpated_at"] = json!(at.to_rfc3339());
        let refused = ada.post(&points, named.clone()).await;
        assert_eq!((refused.status, refused.pointers()), (422, pointers));
    }
    let after = yesterday + TimeDelta::minutes(20);
    named["palpated_at"] = json!(after.to_rfc3339());
    let named = ada.post(&points, named).await.created();
    assert_eq!(instant(&named["palpated_at"]), after);
    // A visit that says nothing of being late takes no earlier time.
    let mut unsaid = finding();
    unsaid["palpated_at"] = json!((opening() - TimeDelta::hours(3)).to_rfc3339());
    let unsaid = ada
        .post(&format!("/visits/{today}/trigger-points"), unsaid)
        .await;
    assert_eq!(unsaid.status, 422);
}

/// Kind, status and marks of each entry.
async fn told(by: &Client) -> Vec<(String, String, Vec<String>)> {
    let timeline = by.get(&format!("/patients/{ANA}/timeline")).await.ok();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let items = timeline["items"].as_array().unwrap().iter();
    items
        .map(|entry| {
            let marks = entry["marks"].as_array().unwrap();
            (
                word(&entry["kind"]),
                word(&entry["status"]),
                marks.iter().map(word).collect(),
            )
        })
        .collect()
}

#[actix_web::test]
async fn a_timeline_tells_apart_what_was_late_elsewhere_retrospective_or_taken_back() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let late = late_visit(&ada, opening() - TimeDelta::days(1)).await;
    sign(&ada, &late).await;
    let (wrong, _, _) = completed(&ada, ANA).await;
    sign(&ada, &wrong).await;
    let reason = json!({ "reason": "Written to the wrong person" });
    ada.act_now(&format!("/visits/{wrong}/retract"), reason.clone())
        .await
        .ok();
    let empty = walk_in(&ada, ANA).await;
    ada.act_now(&format!("/visits/{empty}/discard"), reason.clone())
        .await
        .ok();
    let open = walk_in(&ada, ANA).await;
    let path = planned(&ada, &open, "dry_needling").await;
    ada.act_now(&format!("{path}/void"), reason).await.ok();
    let dose = json!({
        "drug_code": "onabotulinumtoxin_a", "amount": "155", "unit": "units", "given_on": "2026-01-15",
        "given_on_precision": "day", "told_by": "the patient",
    });
    ada.post(&format!("/patients/{ANA}/outside-doses"), dose)
        .await
        .created();
    let diary = json!({ "source": "Paper diary", "entries": [
        { "entry_date": "2026-01-10", "headache": true }, { "entry_date": "2026-01-11", "headache": false },
    ] });
    ada.post(&format!("/patients/{ANA}/diary/import"), diary)
        .await
        .ok();
    let entries = told(&ada).await;
    let has = |kind: &str, status: &str, marks: &[&str]| {
        let marks: Vec<String> = marks.iter().map(|mark| (*mark).to_owned()).collect();
        let wanted = (kind.to_owned(), status.to_owned(), marks);
        assert!(entries.contains(&wanted), "{wanted:?} in {entries:?}");
    };
    has("visit", "signed", &["late_entry"]);
    has("visit", "retracted", &["retracted"]);
    has("procedure", "voided", &["retracted"]);
    has("visit", "discarded", &["discarded"]);
    has("procedure", "voided", &["void"]);
    has("visit", "open", &[]);
    has("outside_dose", "reported", &["reported_elsewhere"]);
    has("diary", "taken_over", &["retrospective"]);
    // Clinical time orders it: what was given in January stands below everything of March.
    assert_eq!(entries.last().unwrap().0, "outside_dose");
    let only = format!("/patients/{ANA}/timeline?kind=diary");
    let only = ada.get(&only).await.ok();
    let title = only["items"][0]["title"].as_str().unwrap();
    assert_eq!(title, "Paper diary, 2 days from 2026-01-10 to 2026-01-11");
    let mut paged = Vec::new();
    let mut next = format!("/patients/{ANA}/timeline?limit=1");
    loop {
        let page = ada.get(&next).await.ok();
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        next = format!("/patients/{ANA}/timeline?limit=1&cursor={cursor}");
    }
    assert_eq!(paged.len(), entries.len(), "pages lose and repeat nothing");
    let nobody = clinic
        .auditor()
        .await
        .get(&format!("/patients/{ANA}/timeline"))
        .await;
    assert_problem!(nobody, 403, "/problems/not-allowed");
}
