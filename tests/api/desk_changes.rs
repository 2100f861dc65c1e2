//! What the desk changes on an appointment without losing what was confirmed: room, type, length,
//! patient, note, and two appointments for each other; and the day on which a patient is checked in.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::scheduling::{book, follow_up, overlaps, wednesday, with};

async fn confirmed(desk: &Client, body: Value) -> String {
    let id = book(desk, body).await;
    let path = format!("/appointments/{id}");
    desk.act_now(&format!("{path}/confirm"), Value::Null)
        .await
        .ok();
    path
}

fn ben_with_bo(starts_at: &str) -> Value {
    with(
        follow_up(starts_at),
        json!({ "patient_id": BEN, "provider_id": BO }),
    )
}

#[tokio::test]
async fn another_room_at_the_same_time_keeps_a_confirmation_and_can_be_undone() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let room = json!({ "room_id": ROOM_ONE });
    let path = confirmed(&desk, with(follow_up(&wednesday("09:00")), room.clone())).await;
    let to = format!("{path}/room");
    let moved = desk
        .put(&to, "\"v2\"", json!({ "room_id": ROOM_TWO }))
        .await
        .ok();
    assert_eq!(moved["status"], "confirmed");
    assert_eq!(moved["room"]["id"], ROOM_TWO);
    let undone = desk
        .act_now(&format!("{path}/undo"), Value::Null)
        .await
        .ok();
    assert_eq!(
        (&undone["status"], &undone["room"]["id"]),
        (&json!("confirmed"), &json!(ROOM_ONE))
    );
    // A move that changes nothing but the room confirms no other time either.
    let only_room = json!({ "starts_at": wednesday("09:00"), "room_id": ROOM_TWO });
    let moved = desk
        .act_now(&format!("{path}/reschedule"), only_room)
        .await
        .ok();
    assert_eq!(moved["status"], "confirmed");
    let other = json!({ "starts_at": wednesday("10:00") });
    let moved = desk
        .act_now(&format!("{path}/reschedule"), other)
        .await
        .ok();
    assert_eq!(moved["status"], "booked");
    book(&desk, with(ben_with_bo(&wednesday("10:00")), room.clone())).await;
    let taken = desk.put(&to, "*", room).await;
    assert_problem!(taken, 409, "/problems/slot-taken");
    let elsewhere = desk.put(&to, "*", json!({ "room_id": LONDON_ROOM })).await;
    assert_eq!(elsewhere.pointers(), ["/room_id"]);
    let none = desk.put(&to, "*", json!({ "room_id": null })).await.ok();
    assert_eq!(none["room"], Value::Null);
    let ana = clinic.patient().await;
    let refused = ana.put(&to, "*", json!({ "room_id": null })).await;
    assert_problem!(refused, 403, "/problems/not-allowed");
}

#[tokio::test]
async fn a_room_that_the_type_needs_is_not_given_up() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let injection = json!({ "appointment_type_id": TPI });
    let id = book(&desk, with(follow_up(&wednesday("09:00")), injection)).await;
    let path = format!("/appointments/{id}/room");
    let refused = desk.put(&path, "*", json!({ "room_id": null })).await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (422, vec!["/room_id".to_owned()])
    );
}

#[tokio::test]
async fn a_move_keeps_the_length_unless_another_one_is_asked_for() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let id = book(&desk, follow_up(&wednesday("09:00"))).await;
    let path = format!("/appointments/{id}");
    let of_type = format!("/appointment-types/{FOLLOW_UP}");
    admin
        .patch(&of_type, "*", json!({ "duration_minutes": 60 }))
        .await
        .ok();
    let to = |fields: Value| with(json!({ "starts_at": wednesday("10:00") }), fields);
    let reschedule = format!("{path}/reschedule");
    let kept = desk.act_now(&reschedule, to(json!({}))).await.ok();
    assert_eq!(kept["ends_at"], wednesday("10:30"));
    let longer = desk
        .act_now(&reschedule, to(json!({ "duration_minutes": 45 })))
        .await
        .ok();
    assert_eq!(longer["ends_at"], wednesday("10:45"));
    let ana = clinic.patient().await;
    let refused = ana
        .act_now(&reschedule, to(json!({ "duration_minutes": 15 })))
        .await;
    assert_problem!(refused, 403, "/problems/not-allowed");
}

#[tokio::test]
async fn type_and_length_change_in_place_and_only_where_there_is_time() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let path = confirmed(&desk, follow_up(&wednesday("09:00"))).await;
    let ben = json!({ "patient_id": BEN });
    book(&desk, with(follow_up(&wednesday("10:00")), ben)).await;
    let longer = desk
        .patch(&path, "*", json!({ "duration_minutes": 60 }))
        .await
        .ok();
    assert_eq!(longer["status"], "confirmed");
    assert_eq!(longer["ends_at"], wednesday("10:00"));
    let too_long = desk
        .patch(&path, "*", json!({ "duration_minutes": 65 }))
        .await;
    assert_problem!(too_long, 409, "/problems/slot-taken");
    assert_eq!(desk.get(&path).await.ok(), longer);
    // The injection and its buffer end when the next appointment begins.
    let injection = json!({ "appointment_type_id": TPI });
    let injected = desk.patch(&path, "*", injection).await.ok();
    assert_eq!(injected["appointment_type"]["id"], TPI);
    assert_eq!(injected["ends_at"], wednesday("09:45"));
    assert_ne!(injected["room"], Value::Null, "an injection needs a room");
    let unknown = desk
        .patch(&path, "*", json!({ "appointment_type_id": ANA }))
        .await;
    assert_eq!(unknown.pointers(), ["/appointment_type_id"]);
    let history = desk.get(&format!("{path}/changes")).await.ok();
    let changes = history["items"].as_array().unwrap();
    let changes: Vec<&str> = changes
        .iter()
        .map(|line| line["change"].as_str().unwrap())
        .collect();
    assert_eq!(changes, ["book", "confirm", "change_type", "change_type"]);
    assert_eq!(overlaps(&clinic).await, "0");
}

#[tokio::test]
async fn the_patient_is_replaced_in_one_step_and_the_time_is_never_free() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let path = confirmed(&desk, follow_up(&wednesday("09:00"))).await;
    let ben = json!({ "patient_id": BEN });
    let changed = desk.patch(&path, "*", ben.clone()).await.ok();
    assert_eq!(changed["patient"]["id"], BEN);
    assert_eq!(changed["patient"]["phone"], "+1 555 0102");
    assert_eq!(clinic.ask("SELECT count(*)::text FROM openings").await, "0");
    let (ana, other) = (clinic.patient().await, clinic.other_patient().await);
    assert_problem!(ana.get(&path).await, 404, "/problems/not-found");
    assert_eq!(other.get(&path).await.ok()["patient"]["phone"], Value::Null);
    // Ana is free again, and Ben is not.
    book(
        &desk,
        with(follow_up(&wednesday("09:00")), json!({ "provider_id": BO })),
    )
    .await;
    let busy = desk
        .post("/appointments", ben_with_bo(&wednesday("09:00")))
        .await;
    assert_problem!(busy, 409, "/problems/slot-taken");
    let nobody = desk.patch(&path, "*", json!({ "patient_id": ADA })).await;
    assert_eq!(nobody.pointers(), ["/patient_id"]);
    let back = desk.patch(&path, "*", json!({ "patient_id": ANA })).await;
    assert_problem!(back, 409, "/problems/slot-taken");
    let refused = other.patch(&path, "*", json!({ "patient_id": ANA })).await;
    assert_problem!(refused, 403, "/problems/not-allowed");
}

#[tokio::test]
async fn a_note_is_for_staff_alone_and_can_be_written_when_all_is_over() {
    let clinic = Clinic::open().await;
    let (desk, ana) = (clinic.front_desk().await, clinic.patient().await);
    let noted = json!({ "note": "Brings her sister" });
    let id = book(&desk, with(follow_up(&wednesday("09:00")), noted.clone())).await;
    let path = format!("/appointments/{id}");
    assert_eq!(desk.get(&path).await.ok()["note"], "Brings her sister");
    assert_eq!(ana.get(&path).await.ok()["note"], Value::Null);
    assert_problem!(
        ana.patch(&path, "*", noted.clone()).await,
        403,
        "/problems/not-allowed"
    );
    let booked = ana
        .post("/appointments", with(follow_up(&wednesday("10:00")), noted))
        .await;
    assert_problem!(booked, 403, "/problems/not-allowed");
    let why = json!({ "reason_code": "weather" });
    desk.act_now(&format!("{path}/cancel"), why).await.ok();
    let late = desk
        .patch(&path, "*", json!({ "note": "Called twice" }))
        .await
        .ok();
    assert_eq!(
        (&late["note"], &late["status"]),
        (&json!("Called twice"), &json!("cancelled"))
    );
    let export = ana.get(&format!("/patients/{ANA}/export")).await.ok();
    assert!(
        !export.to_string().contains("Called twice"),
        "the export is the patient's"
    );
    let blank = desk.patch(&path, "*", json!({ "note": "  " })).await;
    assert_eq!(blank.pointers(), ["/note"]);
}

#[tokio::test]
async fn two_appointments_are_swapped_in_one_step_or_not_at_all() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let room = json!({ "room_id": ROOM_ONE });
    let first = confirmed(&desk, with(follow_up(&wednesday("09:00")), room)).await;
    let second = format!(
        "/appointments/{}",
        book(&desk, ben_with_bo(&wednesday("10:00"))).await
    );
    let id = |path: &str| path.trim_start_matches("/appointments/").to_owned();
    let both = json!({ "first_id": id(&first), "second_id": id(&second) });
    let swapped = desk.post("/appointments/swap", both.clone()).await.ok();
    let (ana, ben) = (&swapped["first"], &swapped["second"]);
    assert_eq!(
        (&ana["starts_at"], &ana["provider"]["id"]),
        (&json!(wednesday("10:00")), &json!(BO))
    );
    assert_eq!(
        (&ben["starts_at"], &ben["provider"]["id"]),
        (&json!(wednesday("09:00")), &json!(ADA))
    );
    assert_eq!(
        (&ana["status"], &ben["status"]),
        (&json!("confirmed"), &json!("booked"))
    );
    assert_eq!(desk.get(&first).await.ok(), *ana);
    assert_eq!(overlaps(&clinic).await, "0");
    // Ben has another appointment at ten, so the way back is closed, and nothing changes.
    let also = json!({ "patient_id": BEN, "location_id": MAIN_STREET });
    book(&desk, with(follow_up(&wednesday("10:00")), also)).await;
    let refused = desk.post("/appointments/swap", both).await;
    assert_problem!(refused, 409, "/problems/slot-taken");
    assert_eq!(desk.get(&first).await.ok(), *ana);
    let same = json!({ "first_id": id(&first), "second_id": id(&first) });
    let same = desk.post("/appointments/swap", same).await;
    assert_eq!(same.pointers(), ["/second_id"]);
    let unknown = json!({ "first_id": id(&first), "second_id": ANA });
    let unknown = desk.post("/appointments/swap", unknown).await;
    assert_eq!(unknown.pointers(), ["/second_id"]);
}

#[tokio::test]
async fn a_patient_is_checked_in_on_the_day_or_with_a_reason() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);
    let id = book(&desk, follow_up(&wednesday("09:00"))).await;
    let path = format!("/appointments/{id}");
    let early = desk.act_now(&format!("{path}/check-in"), Value::Null).await;
    let early = assert_problem!(early, 422, "/problems/booking-rule");
    assert_eq!(early.body["rule"], "another_day");
    let detail = early.body["detail"].as_str().unwrap();
    assert!(
        detail.contains("Wednesday, 4 March") && detail.contains("Monday, 2 March"),
        "{detail}"
    );
    let visit = json!({ "appointment_id": id });
    let refused = ada.post("/visits", visit).await;
    assert_problem!(refused, 422, "/problems/booking-rule");
    assert_eq!(desk.get(&path).await.ok()["status"], "booked");
    let blank = json!({ "override": { "reason": " " } });
    let blank = desk.act_now(&format!("{path}/check-in"), blank).await;
    assert_eq!(blank.pointers(), ["/override/reason"]);
    let why = json!({ "override": { "reason": "Came two days early" } });
    desk.act_now(&format!("{path}/check-in"), why.clone())
        .await
        .ok();
    let start = format!("{path}/start");
    let early = desk.act_now(&start, Value::Null).await;
    assert_problem!(early, 422, "/problems/booking-rule");
    assert_eq!(
        desk.act_now(&start, why).await.ok()["status"],
        "in_progress"
    );
    let history = desk.get(&format!("{path}/changes")).await.ok();
    assert_eq!(history["items"][1]["reason"], "Came two days early");
}
