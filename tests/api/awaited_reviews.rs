//! Nobody who was gravely harmed is booked again before a provider has looked into it: no door
//! leads past that, and staff who book all the same say why.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::scheduling::{wednesday, with};

const ONSET: &str = "2026-03-02T14:00:00Z";

fn booking(patient: &str, starts_at: &str) -> Value {
    json!({
        "patient_id": patient, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": starts_at,
    })
}

async fn book(by: &Client, patient: &str, starts_at: &str) -> String {
    let booked = by.post("/appointments", booking(patient, starts_at)).await;
    id(&booked.created())
}

/// A kind of harm that is serious at any grade.
async fn grave(by: &Client, procedure: &str) -> String {
    let event = json!({
        "event_code": "pneumothorax", "grade": 1, "onset_at": ONSET,
        "description": "Sharp pain when breathing in",
    });
    let event = by.post(&format!("{procedure}/adverse-events"), event).await;
    format!("/adverse-events/{}", id(&event.created()))
}

async fn review(by: &Client, event: &str) {
    let note = json!({ "note": "Film clear" });
    by.act_now(&format!("{event}/review"), note).await.ok();
}

fn assert_awaits(reply: Reply) {
    let refused = assert_problem!(reply, 422, "/problems/booking-rule");
    assert_eq!(refused.body["rule"], "awaiting_review");
    let told = refused.body.to_string();
    for clinical in ["pneumothorax", "adverse", "harm", "breathing", "event"] {
        assert!(!told.contains(clinical), "{told}");
    }
}

async fn slots(by: &Client, more: &str) -> usize {
    let path = format!("/slots?appointment_type_id={FOLLOW_UP}&provider_id={ADA}{more}");
    let found = by.get(&path).await.ok();
    found["items"].as_array().unwrap().len()
}

#[actix_web::test]
async fn no_door_to_a_booking_is_open_before_a_provider_looked_into_it() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let (desk, ana) = (clinic.front_desk().await, clinic.patient().await);
    let (_, procedure, _) = completed(&ada, ANA).await;
    let owed = format!("/follow-ups?patient_id={ANA}&kind=visit");
    let owed = desk.get(&owed).await.ok();
    let owed = format!("/follow-ups/{}/book", id(&owed["items"][0]));
    let mild = json!({ "event_code": "vasovagal", "grade": 2, "onset_at": ONSET });
    let mild = assistant
        .post(&format!("{procedure}/adverse-events"), mild)
        .await;
    mild.created();
    let kept = book(&desk, ANA, &wednesday("09:00")).await;
    let weekly = |first: &str| {
        json!({
            "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
            "location_id": MAIN_STREET, "first_starts_at": first, "count": 2, "every_weeks": 1,
        })
    };
    let series = desk
        .post("/appointment-series", weekly("2026-03-05T09:00:00-05:00"))
        .await
        .created();
    let hold = json!({
        "appointment_type_id": FOLLOW_UP, "provider_id": ADA, "location_id": MAIN_STREET,
        "starts_at": wednesday("10:00"),
    });
    let hold = desk.post("/holds", hold).await.created();
    let of_ana = format!("&patient_id={ANA}");
    assert!(slots(&desk, &of_ana).await > 0 && slots(&ana, "").await > 0);

    let event = grave(&assistant, &procedure).await;
    for by in [&desk, &ana, &ada, &assistant] {
        let one = booking(ANA, &wednesday("11:00"));
        assert_awaits(by.post("/appointments", one).await);
        let several = weekly("2026-03-06T09:00:00-05:00");
        assert_awaits(by.post("/appointment-series", several).await);
        let elsewhere = json!({ "starts_at": wednesday("11:30") });
        let path = format!("/appointments/{kept}/reschedule");
        assert_awaits(by.act_now(&path, elsewhere).await);
        let path = format!("/appointment-series/{}/move", id(&series));
        let elsewhere = json!({ "starts_at": "2026-03-05T11:00:00-05:00" });
        assert_awaits(by.act_now(&path, elsewhere).await);
        let visit = json!({
            "starts_at": "2026-03-18T09:00:00-04:00", "provider_id": ADA, "location_id": MAIN_STREET,
        });
        assert_awaits(by.act_now(&owed, visit).await);
    }
    let from_hold = with(
        booking(ANA, &wednesday("10:00")),
        json!({ "hold_id": hold["id"] }),
    );
    assert_awaits(desk.post("/appointments", from_hold.clone()).await);
    assert_eq!((slots(&desk, &of_ana).await, slots(&ana, "").await), (0, 0));
    assert!(slots(&desk, "").await > 0, "for anybody else");
    book(&desk, BEN, &wednesday("14:00")).await;

    let reason = json!({ "override": { "reason": "Dr Keller wants to see her" } });
    let by_patient = with(booking(ANA, &wednesday("11:00")), reason.clone());
    let by_patient = ana.post("/appointments", by_patient).await;
    assert_problem!(by_patient, 403, "/problems/not-allowed");
    let by_desk = with(booking(ANA, &wednesday("11:00")), reason.clone());
    let by_desk = desk.post("/appointments", by_desk).await.created();
    assert_eq!(by_desk["override_reason"], "Dr Keller wants to see her");
    let visit = json!({
        "starts_at": "2026-03-18T09:00:00-04:00", "provider_id": ADA, "location_id": MAIN_STREET,
    });
    let visit = desk.act_now(&owed, with(visit, reason)).await.ok();
    let made = visit["appointment_id"].as_str().unwrap();
    let made = desk.get(&format!("/appointments/{made}")).await.ok();
    assert_eq!(made["override_reason"], "Dr Keller wants to see her");

    review(&ada, &event).await;
    desk.post("/appointments", from_hold).await.created();
    let elsewhere = json!({ "starts_at": wednesday("11:30") });
    desk.act_now(&format!("/appointments/{kept}/reschedule"), elsewhere)
        .await
        .ok();
    assert!(slots(&desk, &of_ana).await > 0 && slots(&ana, "").await > 0);
}

#[actix_web::test]
async fn the_last_review_of_all_opens_the_door_and_a_worse_turn_closes_it_again() {
    let clinic = Clinic::open().await;
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    let (_, procedure, _) = completed(&ada, ANA).await;
    let events = [grave(&ada, &procedure).await, grave(&ada, &procedure).await];
    review(&ada, &events[0]).await;
    let one = booking(ANA, &wednesday("09:00"));
    assert_awaits(desk.post("/appointments", one.clone()).await);
    review(&ada, &events[1]).await;
    desk.post("/appointments", one).await.created();
    let note = |grade: i32, outcome: &str| json!({ "grade": grade, "outcome": outcome });
    let course = format!("{}/course", events[0]);
    for worse in [note(2, "ongoing"), note(2, "recovering")] {
        ada.put(&course, "*", worse).await.ok();
    }
    let one = booking(ANA, &wednesday("10:00"));
    assert_awaits(desk.post("/appointments", one.clone()).await);
    review(&ada, &events[0]).await;
    desk.post("/appointments", one).await.created();
    let counted = format!("SELECT awaited_reviews::text FROM patients WHERE id = '{ANA}'");
    assert_eq!(clinic.ask(&counted).await, "0");
}

#[actix_web::test]
async fn what_happened_to_one_record_is_awaited_for_the_whole_person() {
    let clinic = Clinic::open().await;
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    let (_, procedure, _) = completed(&ada, ANA).await;
    let event = grave(&ada, &procedure).await;
    book(&desk, BEN, &wednesday("09:00")).await;
    let duplicate = json!({ "duplicate_id": ANA });
    desk.act_now(&format!("/patients/{BEN}/merge"), duplicate.clone())
        .await
        .ok();
    for record in [ANA, BEN] {
        let one = booking(record, &wednesday("09:30"));
        assert_awaits(desk.post("/appointments", one).await);
        assert_eq!(slots(&desk, &format!("&patient_id={record}")).await, 0);
    }
    desk.act_now(&format!("/patients/{BEN}/unmerge"), duplicate.clone())
        .await
        .ok();
    book(&desk, BEN, &wednesday("09:30")).await;
    let of_ana = booking(ANA, &wednesday("10:00"));
    assert_awaits(desk.post("/appointments", of_ana.clone()).await);
    desk.act_now(&format!("/patients/{BEN}/merge"), duplicate)
        .await
        .ok();
    review(&ada, &event).await;
    desk.post("/appointments", of_ana).await.created();
}

#[tokio::test]
async fn the_waitlist_passes_over_whoever_is_awaited_and_comes_back_after_the_review() {
    let clinic = Clinic::open().await;
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    let (_, procedure, _) = completed(&ada, ANA).await;
    let wish = json!({
        "patient_id": ANA, "appointment_type_id": FOLLOW_UP,
        "earliest": "2026-03-02T00:00:00-05:00", "latest": "2026-03-08T00:00:00-05:00",
    });
    let entry = id(&desk.post("/waitlist", wish).await.created());
    let entry = format!("/waitlist/{entry}");
    let free = async |starts_at: &str| {
        let taken = book(&desk, CLEO, starts_at).await;
        let why = json!({ "reason_code": "illness" });
        desk.act_now(&format!("/appointments/{taken}/cancel"), why)
            .await
            .ok();
        clinic.housekeeping().await;
    };
    let status = async || desk.get(&entry).await.ok()["status"].clone();
    free(&wednesday("09:30")).await;
    assert_eq!(status().await, "offered");
    let event = grave(&ada, &procedure).await;
    assert_awaits(desk.act_now(&format!("{entry}/accept"), Value::Null).await);
    desk.act_now(&format!("{entry}/decline"), Value::Null)
        .await
        .ok();
    free(&wednesday("10:30")).await;
    assert_eq!(status().await, "waiting");
    review(&ada, &event).await;
    clinic.housekeeping().await;
    assert_eq!(status().await, "offered");
    let accepted = desk.act_now(&format!("{entry}/accept"), Value::Null).await;
    assert_eq!(accepted.ok()["status"], "booked");
}
