//! What a closure, time off, changed hours, a room, a type, a zone or a leaver leaves standing: a
//! lasting list that is worked through in a few calls.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::scheduling::{book, follow_up, overlaps, wednesday, with};

async fn affected(client: &Client, query: &str) -> Vec<Value> {
    let path = format!("/affected-appointments?{query}&limit=200");
    client.get(&path).await.ok()["items"]
        .as_array()
        .unwrap()
        .clone()
}

fn ids(items: &[Value]) -> Vec<Value> {
    items
        .iter()
        .map(|item| item["appointment"]["id"].clone())
        .collect()
}

async fn register(desk: &Client, number: usize) -> String {
    let body = json!({
        "given_name": format!("Patient{number}"), "family_name": format!("Number{number}"),
        "birth_date": format!("1970-01-{:02}", number + 1), "phone": format!("+1 212 555 01{number:02}"),
        "confirm_new": true,
    });
    let made = desk.post("/patients", body).await.created();
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_sick_day_of_eighteen_takes_four_calls() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let mut booked = 0;
    let times = (0..18).map(|slot| {
        let minutes = if slot < 8 {
            8 * 60 + 30 * slot
        } else {
            13 * 60 + 30 * (slot - 8)
        };
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    });
    for time in times.filter(|time| time.as_str() < "17:00") {
        let patient = register(&desk, booked).await;
        let body = with(
            follow_up(&format!("2026-03-03T{time}:00-05:00")),
            json!({ "patient_id": patient }),
        );
        book(&desk, body).await;
        booked += 1;
    }
    for time in ["08:15", "13:15"] {
        // The day is full: every start of the grid in between is taken.
        let body = with(
            follow_up(&format!("2026-03-03T{time}:00-05:00")),
            json!({ "patient_id": BEN }),
        );
        assert_problem!(
            desk.post("/appointments", body).await,
            409,
            "/problems/slot-taken"
        );
    }
    // 1. The front desk closes the day.
    let ill = json!({
        "starts_at": "2026-03-03T00:00:00-05:00", "ends_at": "2026-03-04T00:00:00-05:00", "reason": "Ill",
    });
    let time_off = format!("/providers/{ADA}/time-off");
    desk.post(&time_off, ill).await.created();
    // 2. The list names everybody with a telephone number and the next time that fits.
    let open = affected(&desk, "cause=time_off&status=open&propose=true").await;
    assert_eq!(open.len(), booked);
    let mut proposed: Vec<&str> = open
        .iter()
        .map(|item| {
            assert!(item["appointment"]["patient"]["phone"].is_string());
            assert_eq!(item["appointment"]["affected_by"], "time_off");
            assert_eq!(item["proposed"]["provider_id"], ADA);
            item["proposed"]["starts_at"].as_str().unwrap()
        })
        .collect();
    proposed.dedup();
    assert_eq!(proposed.len(), booked, "every one has a time of its own");
    // 3. All but two are moved as proposed, 4. and two are cancelled.
    let (moved, cancelled) = open.split_at(booked - 2);
    let items: Vec<Value> = moved
        .iter()
        .map(|item| {
            json!({
                "appointment_id": item["appointment"]["id"],
                "starts_at": item["proposed"]["starts_at"],
                "provider_id": item["proposed"]["provider_id"],
            })
        })
        .collect();
    let done = desk
        .post("/affected-appointments/move", json!({ "items": items }))
        .await
        .ok();
    assert_eq!(done["done"].as_array().unwrap().len(), booked - 2, "{done}");
    assert_eq!(done["refused"], json!([]));
    let cancel = json!({
        "appointment_ids": ids(cancelled), "reason_code": "provider_unavailable",
    });
    let done = desk
        .post("/affected-appointments/cancel", cancel)
        .await
        .ok();
    assert_eq!(done["done"].as_array().unwrap().len(), 2);
    assert_eq!(affected(&desk, "status=open").await, Vec::<Value>::new());
    assert_eq!(affected(&desk, "status=moved").await.len(), booked - 2);
    assert_eq!(affected(&desk, "status=cancelled").await.len(), 2);
    assert_eq!(overlaps(&clinic).await, "0");
}

#[tokio::test]
async fn what_became_of_an_affected_appointment_follows_from_where_it_stands() {
    let clinic = Clinic::open().await;
    let (desk, admin, ana) = (
        clinic.front_desk().await,
        clinic.admin().await,
        clinic.patient().await,
    );
    let id = book(&desk, follow_up(&wednesday("09:00"))).await;
    let path = format!("/appointments/{id}");
    let closure = json!({
        "starts_at": wednesday("08:00"), "ends_at": wednesday("12:00"), "reason": "Heating",
    });
    let closed = admin.post("/closures", closure).await.created();
    let status = async || affected(&desk, "cause=closure").await[0]["status"].clone();
    assert_eq!(status().await, "open");
    assert_eq!(desk.get(&path).await.ok()["affected_by"], "closure");
    assert_eq!(ana.get(&path).await.ok()["affected_by"], Value::Null);
    let refused = ana.get("/affected-appointments").await;
    assert_problem!(refused, 403, "/problems/not-allowed");
    let afternoon = json!({ "starts_at": wednesday("14:00") });
    desk.act_now(&format!("{path}/reschedule"), afternoon)
        .await
        .ok();
    assert_eq!(status().await, "moved");
    let why = json!({ "override": { "reason": "The patient insists" } });
    desk.act_now(&format!("{path}/undo"), why).await.ok();
    assert_eq!(status().await, "open", "undoing opens it again");
    let keep = json!({ "appointment_ids": [id], "reason": "Seen in the car park" });
    let kept = desk
        .post("/affected-appointments/keep", keep.clone())
        .await
        .ok();
    assert_eq!(kept["done"][0]["affected_by"], Value::Null);
    assert_eq!(status().await, "kept");
    let again = desk.post("/affected-appointments/keep", keep).await.ok();
    assert_eq!(again["refused"][0]["type"], "/problems/not-found");
    let lifted = format!("/closures/{}", closed["id"].as_str().unwrap());
    assert_eq!(admin.delete(&lifted).await.status, 204);
    assert_eq!(status().await, "lifted");
}

#[tokio::test]
async fn rooms_types_zones_and_leavers_leave_their_appointments_on_the_list() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let in_room = json!({ "room_id": ROOM_ONE });
    let id = book(&desk, with(follow_up(&wednesday("09:00")), in_room)).await;
    let causes = async || {
        let items = affected(&desk, "status=open").await;
        let causes = items.iter().map(|item| item["cause"].clone());
        causes.collect::<Vec<Value>>()
    };
    let room = format!("/rooms/{ROOM_ONE}");
    admin
        .patch(&room, "*", json!({ "active": false }))
        .await
        .ok();
    assert_eq!(causes().await, ["room"]);
    let other = json!({ "room_id": ROOM_TWO });
    desk.put(&format!("/appointments/{id}/room"), "*", other)
        .await
        .ok();
    assert_eq!(causes().await, Vec::<Value>::new());
    let of_type = format!("/appointment-types/{FOLLOW_UP}");
    for (active, expected) in [(false, 1), (true, 0)] {
        admin
            .patch(&of_type, "*", json!({ "active": active }))
            .await
            .ok();
        assert_eq!(causes().await.len(), expected);
    }
    let location = format!("/locations/{MAIN_STREET}");
    admin
        .patch(&location, "*", json!({ "time_zone": "America/Chicago" }))
        .await
        .ok();
    assert_eq!(causes().await, ["time_zone"]);
    let ada = format!("/providers/{ADA}");
    admin
        .patch(&ada, "*", json!({ "active": false }))
        .await
        .ok();
    assert_eq!(causes().await, ["provider"]);
}

#[tokio::test]
async fn the_front_desk_closes_for_an_illness_and_an_admin_for_longer() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);
    let time_off = format!("/providers/{ADA}/time-off");
    let until = |day: &str| {
        json!({
            "starts_at": "2026-03-02T00:00:00-05:00",
            "ends_at": format!("2026-03-{day}T00:00:00-05:00"), "reason": "Ill",
        })
    };
    for path in [time_off.as_str(), "/closures"] {
        let longer = desk.post(path, until("20")).await;
        assert_problem!(longer, 403, "/problems/not-allowed");
        let today = desk.post(path, until("03")).await.created();
        let refused = ada.post(path, until("03")).await;
        assert_problem!(refused, 403, "/problems/not-allowed");
        let taken_back = format!("{path}/{}", today["id"].as_str().unwrap());
        assert_eq!(desk.delete(&taken_back).await.status, 204);
    }
}

#[tokio::test]
async fn one_that_cannot_be_moved_is_named_and_the_others_are_moved() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let first = book(&desk, follow_up(&wednesday("09:00"))).await;
    let ben = json!({ "patient_id": BEN });
    let second = book(&desk, with(follow_up(&wednesday("10:00")), ben)).await;
    let cleo = json!({ "patient_id": CLEO });
    let elsewhere = book(&desk, with(follow_up(&wednesday("14:00")), cleo)).await;
    let closure = json!({
        "starts_at": wednesday("08:00"), "ends_at": wednesday("12:00"), "reason": "Heating",
    });
    admin.post("/closures", closure).await.created();
    let to = |id: &str, time: &str| json!({ "appointment_id": id, "starts_at": wednesday(time) });
    let items =
        json!({ "items": [to(&first, "14:00"), to(&second, "15:00"), to(&elsewhere, "16:00")] });
    let worked = desk.post("/affected-appointments/move", items).await.ok();
    let done: Vec<&Value> = worked["done"]
        .as_array()
        .unwrap()
        .iter()
        .map(|done| &done["id"])
        .collect();
    assert_eq!(done, [&json!(second)]);
    let refused = &worked["refused"];
    assert_eq!(refused[0]["appointment_id"], first);
    assert_eq!(refused[0]["type"], "/problems/slot-taken");
    assert_eq!(refused[1]["appointment_id"], elsewhere);
    assert_eq!(refused[1]["type"], "/problems/not-found");
    assert_eq!(ids(&affected(&desk, "status=open").await), [json!(first)]);
}
