//! The life of an appointment: its steps, moves and ends, and taking them back.

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::scheduling::{book, follow_up, overlaps, wednesday, with};

#[tokio::test]
async fn a_day_runs_from_booked_to_completed_and_steps_out_of_turn_are_refused() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let id = book(
        &desk,
        with(
            follow_up("2026-03-02T14:00:00Z"),
            json!({ "room_id": ROOM_ONE }),
        ),
    )
    .await;
    let path = format!("/appointments/{id}");
    let early = desk.act_now(&format!("{path}/complete"), Value::Null).await;
    let early = assert_problem!(early, 409, "/problems/wrong-status");
    assert_eq!(early.body["current_status"], "booked");
    assert_eq!(
        early.body["allowed"],
        json!(["confirm", "check_in", "cancel", "no_show", "reschedule"])
    );
    assert_eq!(
        early.body["detail"],
        "An appointment that is booked cannot be completed. \
         Possible now: confirm, check in, cancel, no show, reschedule."
    );
    let steps = [
        ("confirm", "confirmed", None),
        ("check-in", "arrived", Some("arrived_at")),
        ("room", "roomed", Some("roomed_at")),
        ("start", "in_progress", Some("started_at")),
        ("complete", "completed", Some("completed_at")),
    ];
    for (number, (verb, status, milestone)) in steps.into_iter().enumerate() {
        let verb = format!("{path}/{verb}");
        let version = format!("\"v{}\"", number + 1);
        assert_problem!(
            desk.post(&verb, json!({})).await,
            428,
            "/problems/version-required"
        );
        assert_problem!(
            desk.act(&verb, "\"v99\"", Value::Null).await,
            412,
            "/problems/stale-version"
        );
        let after = desk.act(&verb, &version, Value::Null).await.ok();
        assert_eq!(after["status"], status);
        assert_eq!(after["version"], number + 2);
        if let Some(milestone) = milestone {
            assert_eq!(after[milestone], "2026-03-02T09:00:00-05:00");
        }
        assert_eq!(desk.get(&path).await.ok(), after);
    }
    for verb in [
        "confirm", "check-in", "room", "start", "complete", "no-show",
    ] {
        let refused = desk.act_now(&format!("{path}/{verb}"), Value::Null).await;
        assert_problem!(refused, 409, "/problems/wrong-status");
    }
    let history = desk.get(&format!("{path}/changes")).await.ok();
    let changes: Vec<&str> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["change"].as_str().unwrap())
        .collect();
    assert_eq!(
        changes,
        ["book", "confirm", "check_in", "room", "start", "complete"]
    );
    let page = desk.get(&format!("{path}/changes?limit=4")).await.ok();
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = desk
        .get(&format!("{path}/changes?cursor={cursor}"))
        .await
        .ok();
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
    assert!(rest["next_cursor"].is_null());
}

#[tokio::test]
async fn another_room_can_be_taken_only_while_it_is_free() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let at_nine = "2026-03-02T14:00:00Z";
    let id = book(
        &desk,
        with(follow_up(at_nine), json!({ "room_id": ROOM_ONE })),
    )
    .await;
    let other = json!({ "provider_id": BO, "patient_id": BEN, "room_id": ROOM_TWO });
    let other = book(&desk, with(follow_up(at_nine), other)).await;
    let path = format!("/appointments/{id}");
    desk.act_now(&format!("{path}/check-in"), Value::Null)
        .await
        .ok();
    let wants = json!({ "room_id": ROOM_TWO });
    let taken = desk.act_now(&format!("{path}/room"), wants.clone()).await;
    assert_problem!(taken, 409, "/problems/slot-taken");
    let nowhere = desk
        .act_now(&format!("{path}/room"), json!({ "room_id": LONDON_ROOM }))
        .await;
    assert_eq!(nowhere.pointers(), ["/room_id"]);
    let unread = desk
        .act_now(&format!("{path}/room"), json!({ "room": ROOM_TWO }))
        .await;
    assert_eq!(unread.pointers(), ["/room"]);
    // Many clients name the type of content that they do not send.
    let named = [("If-Match", "*"), ("Content-Type", "application/json")];
    let room = format!("{path}/room");
    let empty = desk.send(reqwest::Method::POST, &room, &named, None);
    assert_eq!(empty.await.ok()["status"], "roomed");
    let missed = format!("/appointments/{other}/no-show");
    assert_eq!(
        desk.act_now(&missed, Value::Null).await.ok()["status"],
        "no_show"
    );
    let roomed = desk.act_now(&format!("{path}/room"), wants).await.ok();
    assert_eq!(roomed["room"]["id"], ROOM_TWO);
    let undone = desk
        .act_now(&format!("/appointments/{other}/undo"), Value::Null)
        .await;
    assert_problem!(undone, 409, "/problems/slot-taken");
}

#[tokio::test]
async fn what_needs_a_room_comes_back_in_another_one_where_its_own_is_taken() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let nine = |patient: &str, provider: &str| {
        with(
            follow_up(&wednesday("09:00")),
            json!({ "patient_id": patient, "provider_id": provider, "appointment_type_id": TPI }),
        )
    };
    let id = book(&desk, nine(ANA, ADA)).await;
    let path = format!("/appointments/{id}");
    let why = json!({ "reason_code": "weather" });
    desk.act_now(&format!("{path}/cancel"), why).await.ok();
    let other = desk.post("/appointments", nine(BEN, BO)).await.created();
    assert_eq!(other["room"]["id"], ROOM_ONE);
    let back = desk
        .act_now(&format!("{path}/undo"), Value::Null)
        .await
        .ok();
    assert_eq!(back["status"], "booked");
    assert_eq!(back["room"]["id"], ROOM_TWO);
    assert_eq!(overlaps(&clinic).await, "0");
}

#[tokio::test]
async fn a_room_that_was_shown_by_mistake_is_given_back_for_the_one_before() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let nine = |patient: &str, provider: &str| {
        with(
            follow_up("2026-03-02T14:00:00Z"),
            json!({ "patient_id": patient, "provider_id": provider, "appointment_type_id": TPI }),
        )
    };
    let id = book(&desk, nine(ANA, ADA)).await;
    let path = format!("/appointments/{id}");
    desk.act_now(&format!("{path}/check-in"), Value::Null)
        .await
        .ok();
    let room = format!("{path}/room");
    let wrong = json!({ "room_id": ROOM_TWO });
    desk.act_now(&room, wrong.clone()).await.ok();
    let undo = format!("{path}/undo");
    let back = desk.act_now(&undo, Value::Null).await.ok();
    assert_eq!(back["status"], "arrived");
    assert_eq!(back["room"]["id"], ROOM_ONE);
    let other = desk.post("/appointments", nine(BEN, BO)).await.created();
    assert_eq!(other["room"]["id"], ROOM_TWO);
    // Somebody else is in the room before by the time.
    let gone = format!("/appointments/{}/cancel", other["id"].as_str().unwrap());
    let why = json!({ "reason_code": "illness" });
    desk.act_now(&gone, why).await.ok();
    desk.act_now(&room, wrong).await.ok();
    let third = desk.post("/appointments", nine(CLEO, BO)).await.created();
    assert_eq!(third["room"]["id"], ROOM_ONE);
    let lost = desk.act_now(&undo, Value::Null).await;
    let lost = assert_problem!(lost, 409, "/problems/slot-taken");
    assert_eq!(lost.body["taken"], json!(["room"]));
    assert_eq!(lost.body["conflicts"][0]["appointment_id"], third["id"]);
    assert_eq!(desk.get(&path).await.ok()["status"], "roomed");
    assert_eq!(overlaps(&clinic).await, "0");
}

#[tokio::test]
async fn what_was_held_can_be_moved_to_by_who_held_it() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let id = book(&desk, follow_up(&wednesday("09:00"))).await;
    let held = json!({
        "appointment_type_id": FOLLOW_UP, "provider_id": ADA, "location_id": MAIN_STREET,
        "starts_at": wednesday("11:00"),
    });
    let hold = desk.post("/holds", held).await.created()["id"].clone();
    let path = format!("/appointments/{id}/reschedule");
    let to = json!({ "starts_at": wednesday("11:00") });
    let held_by_another = with(to.clone(), json!({ "hold_id": hold }));
    let refused = admin.act_now(&path, held_by_another.clone()).await;
    assert_eq!(refused.pointers(), ["/hold_id"]);
    let without = desk.act_now(&path, to).await;
    assert_problem!(without, 409, "/problems/slot-taken");
    let moved = desk.act_now(&path, held_by_another.clone()).await.ok();
    assert_eq!(moved["starts_at"], wednesday("11:00"));
    let used_up = desk.act_now(&path, held_by_another).await;
    assert_eq!(used_up.pointers(), ["/hold_id"]);
}

#[tokio::test]
async fn why_a_rule_was_overridden_is_of_the_time_that_it_was_overridden_for() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let early = with(
        follow_up(&wednesday("06:00")),
        json!({ "override": { "reason": "Before her flight" } }),
    );
    let id = book(&desk, early).await;
    let path = format!("/appointments/{id}");
    assert_eq!(
        desk.get(&path).await.ok()["override_reason"],
        "Before her flight"
    );
    let to = json!({ "starts_at": wednesday("11:00") });
    let moved = desk.act_now(&format!("{path}/reschedule"), to).await.ok();
    assert_eq!(moved["override_reason"], Value::Null);
}

#[tokio::test]
async fn a_cancelled_slot_can_be_booked_again_and_then_not_be_brought_back() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let id = book(&desk, follow_up(&wednesday("09:00"))).await;
    let path = format!("/appointments/{id}");
    let cancel = json!({ "reason_code": "weather" });
    desk.act_now(&format!("{path}/cancel"), cancel.clone())
        .await
        .ok();
    let back = desk
        .act_now(&format!("{path}/undo"), Value::Null)
        .await
        .ok();
    assert_eq!(back["status"], "booked");
    assert!(back["cancellation"].is_null() && back["cancelled_at"].is_null());
    let nothing_left = desk.act_now(&format!("{path}/undo"), Value::Null).await;
    assert_problem!(nothing_left, 409, "/problems/wrong-status");
    let ben = with(follow_up(&wednesday("09:00")), json!({ "patient_id": BEN }));
    assert_problem!(
        desk.post("/appointments", ben.clone()).await,
        409,
        "/problems/slot-taken"
    );
    desk.act_now(&format!("{path}/cancel"), cancel).await.ok();
    book(&desk, ben).await;
    let lost = desk.act_now(&format!("{path}/undo"), Value::Null).await;
    assert_problem!(lost, 409, "/problems/slot-taken");
    assert_eq!(desk.get(&path).await.ok()["status"], "cancelled");
    let unknown = desk
        .act_now(&format!("{path}/cancel"), json!({ "reason_code": "bored" }))
        .await;
    assert_eq!(unknown.pointers(), ["/reason_code"]);
}

#[tokio::test]
async fn what_is_brought_back_keeps_to_the_rules_of_booking() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let apart = json!({ "min_interval_days": 14 });
    let path = format!("/appointment-types/{TPI}");
    admin.patch(&path, "*", apart).await.ok();
    let tpi = |time: &str| with(follow_up(time), json!({ "appointment_type_id": TPI }));
    let first = book(&desk, tpi("2026-03-02T09:00:00-05:00")).await;
    let path = format!("/appointments/{first}");
    let cancel = json!({ "reason_code": "weather" });
    desk.act_now(&format!("{path}/cancel"), cancel.clone())
        .await
        .ok();
    let second = book(&desk, tpi(&wednesday("09:00"))).await;
    let undo = format!("{path}/undo");
    let close = desk.act_now(&undo, Value::Null).await;
    let close = assert_problem!(close, 422, "/problems/booking-rule");
    assert_eq!(close.body["rule"], "min_interval");
    let why = json!({ "override": { "reason": "Seen by a colleague" } });
    let back = desk.act_now(&undo, why).await.ok();
    assert_eq!(back["status"], "booked");
    assert_eq!(back["override_reason"], "Seen by a colleague");
    let changes = desk.get(&format!("{path}/changes")).await.ok();
    assert_eq!(changes["items"][2]["reason"], "Seen by a colleague");
    // Ada is away by now.
    let path = format!("/appointments/{second}");
    desk.act_now(&format!("{path}/cancel"), cancel).await.ok();
    let away = json!({
        "starts_at": wednesday("00:00"), "ends_at": wednesday("23:00"), "reason": "Away",
    });
    let time_off = format!("/providers/{ADA}/time-off");
    admin.post(&time_off, away).await.created();
    let undo = format!("{path}/undo");
    let outside = desk.act_now(&undo, json!({ "note": "By mistake" })).await;
    assert_problem!(outside, 422, "/problems/outside-availability");
    let why = json!({ "note": "By mistake", "override": { "reason": "She comes in" } });
    desk.act_now(&undo, why).await.ok();
    let changes = desk.get(&format!("{path}/changes")).await.ok();
    assert_eq!(changes["items"][2]["reason"], "By mistake");
    let blank = desk.act_now(&undo, json!({ "note": " " })).await;
    assert_eq!(blank.pointers(), ["/note"]);
}

#[tokio::test]
async fn a_missed_appointment_comes_back_after_its_time_has_begun() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let id = book(&desk, follow_up("2026-03-02T14:00:00Z")).await;
    let path = format!("/appointments/{id}");
    clinic.advance(TimeDelta::minutes(5));
    desk.act_now(&format!("{path}/no-show"), Value::Null)
        .await
        .ok();
    let late = json!({ "note": "Came late" });
    let back = desk.act_now(&format!("{path}/undo"), late).await.ok();
    assert_eq!(back["status"], "booked");
}

#[tokio::test]
async fn a_patient_is_told_what_patients_may_do() {
    let clinic = Clinic::open().await;
    let (desk, ana) = (clinic.front_desk().await, clinic.patient().await);
    let own = async |body: Value| {
        let id = book(&desk, body).await;
        ana.get(&format!("/appointments/{id}")).await.ok()["allowed"].clone()
    };
    let far = follow_up(&wednesday("09:00"));
    assert_eq!(own(far).await, json!(["cancel", "reschedule"]));
    // Only the practice books it, so only the practice moves it.
    let tpi = json!({ "appointment_type_id": TPI });
    let tpi = with(follow_up(&wednesday("14:00")), tpi);
    assert_eq!(own(tpi).await, json!(["cancel"]));
    let near = follow_up("2026-03-02T15:00:00Z");
    assert_eq!(own(near).await, json!([]));
    let listed = ana.get("/me/appointments").await.ok();
    assert_eq!(listed["items"][0]["allowed"], json!([]));
    let board = desk.get("/appointments").await.ok();
    let staff = json!(["confirm", "check_in", "cancel", "reschedule"]);
    assert_eq!(board["items"][0]["allowed"], staff);
}

#[tokio::test]
async fn a_move_that_fails_changes_nothing_and_two_can_change_places() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let ana = book(&desk, follow_up(&wednesday("09:00"))).await;
    let ben = with(follow_up(&wednesday("09:30")), json!({ "patient_id": BEN }));
    let ben = book(&desk, ben).await;
    let shift = |id: &str, time: &str| {
        let (path, body) = (
            format!("/appointments/{id}/reschedule"),
            json!({ "starts_at": wednesday(time) }),
        );
        let desk = desk.clone();
        async move { desk.act_now(&path, body).await }
    };
    assert_problem!(shift(&ana, "09:30").await, 409, "/problems/slot-taken");
    assert_problem!(
        shift(&ana, "09:20").await,
        422,
        "/problems/outside-availability"
    );
    let stayed = desk.get(&format!("/appointments/{ana}")).await;
    assert_eq!(stayed.etag(), "\"v1\"");
    assert_problem!(
        desk.post(
            "/appointments",
            with(
                follow_up(&wednesday("09:00")),
                json!({ "patient_id": CLEO })
            )
        )
        .await,
        409,
        "/problems/slot-taken"
    );
    // Half over its own old time, then round the corner and into the other's place.
    shift(&ben, "10:00").await.ok();
    shift(&ana, "09:15").await.ok();
    shift(&ana, "09:30").await.ok();
    let ben = shift(&ben, "09:00").await.ok();
    assert_eq!(ben["starts_at"], "2026-03-04T09:00:00-05:00");
    let elsewhere = json!({
        "starts_at": "2026-03-05T10:00:00Z", "provider_id": BO, "location_id": THAMES_HOUSE,
    });
    let ana = desk
        .act_now(&format!("/appointments/{ana}/reschedule"), elsewhere)
        .await
        .ok();
    assert_eq!(ana["starts_at"], "2026-03-05T10:00:00+00:00");
    assert_eq!(ana["time_zone"], "Europe/London");
    assert_eq!(overlaps(&clinic).await, "0");
}

#[tokio::test]
async fn a_confirmed_appointment_that_is_moved_is_to_be_confirmed_again() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let path = format!(
        "/appointments/{}",
        book(&desk, follow_up(&wednesday("09:00"))).await
    );
    desk.act_now(&format!("{path}/confirm"), Value::Null)
        .await
        .ok();
    let to = json!({ "starts_at": wednesday("10:00"), "note": "School run" });
    let moved = desk
        .act_now(&format!("{path}/reschedule"), to.clone())
        .await
        .ok();
    assert_eq!(moved["status"], "booked");
    let changes = desk.get(&format!("{path}/changes")).await.ok();
    assert_eq!(changes["items"][2]["reason"], "School run");
    desk.act_now(
        &format!("{path}/check-in"),
        json!({ "override": { "reason": "Came early" } }),
    )
    .await
    .ok();
    let late = desk.act_now(&format!("{path}/reschedule"), to).await;
    assert_problem!(late, 409, "/problems/wrong-status");
}

#[tokio::test]
async fn those_who_swap_at_once_neither_overlap_nor_fail_in_an_unknown_way() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let ana = book(&desk, follow_up(&wednesday("09:00"))).await;
    let ben = with(follow_up(&wednesday("10:00")), json!({ "patient_id": BEN }));
    let ben = book(&desk, ben).await;
    for _ in 0..3 {
        let shift = |id: &str, time: &str| {
            let body = json!({ "starts_at": wednesday(time) });
            let (path, desk) = (format!("/appointments/{id}/reschedule"), desk.clone());
            async move { desk.act_now(&path, body).await }
        };
        let tries = [
            shift(&ana, "10:00"),
            shift(&ben, "09:00"),
            shift(&ana, "11:00"),
            shift(&ben, "11:00"),
        ];
        for reply in join_all(tries).await {
            assert!([200, 409].contains(&reply.status), "{}", reply.body);
        }
        assert_eq!(overlaps(&clinic).await, "0");
    }
    assert_eq!(
        clinic
            .ask("SELECT count(*)::text FROM resource_bookings")
            .await,
        "4"
    );
}

#[tokio::test]
async fn a_move_is_taken_back_to_where_and_what_the_appointment_was() {
    let clinic = Clinic::open().await;
    let (desk, ana) = (clinic.front_desk().await, clinic.patient().await);
    let wants = with(
        follow_up(&wednesday("09:00")),
        json!({ "appointment_type_id": TPI, "room_id": ROOM_TWO }),
    );
    let id = book(&desk, wants).await;
    let path = format!("/appointments/{id}");
    desk.act_now(&format!("{path}/confirm"), Value::Null)
        .await
        .ok();
    let later = json!({ "starts_at": wednesday("11:00"), "room_id": ROOM_ONE });
    let moved = desk
        .act_now(&format!("{path}/reschedule"), later)
        .await
        .ok();
    assert_eq!(moved["status"], "booked");
    let may = json!(["confirm", "check_in", "cancel", "reschedule", "undo"]);
    assert_eq!(moved["allowed"], may);
    let own = ana.get(&path).await.ok();
    assert_eq!(own["allowed"], json!(["cancel"]));

    let undo = format!("{path}/undo");
    let why = json!({ "note": "The wrong Ana" });
    let back = desk.act_now(&undo, why).await.ok();
    assert_eq!(back["id"], json!(id));
    assert_eq!(back["status"], "confirmed");
    assert_eq!(back["starts_at"], wednesday("09:00"));
    assert_eq!(back["ends_at"], wednesday("09:45"));
    assert_eq!(back["room"]["id"], ROOM_TWO);
    assert_eq!(back["version"], 4);
    let changes = desk.get(&format!("{path}/changes")).await.ok();
    let last = &changes["items"][3];
    assert_eq!(last["change"], "undo");
    assert_eq!(last["starts_at"], wednesday("09:00"));
    assert_eq!(last["reason"], "The wrong Ana");
    // The time it was moved to is free again, and the one it had is not.
    let ben = |time: &str| with(follow_up(&wednesday(time)), json!({ "patient_id": BEN }));
    book(&desk, ben("11:00")).await;
    let taken = desk.post("/appointments", ben("09:00")).await;
    assert_problem!(taken, 409, "/problems/slot-taken");

    let unconfirmed = desk.act_now(&undo, Value::Null).await.ok();
    assert_eq!(unconfirmed["status"], "booked");
    let may = json!(["confirm", "check_in", "cancel", "reschedule"]);
    assert_eq!(unconfirmed["allowed"], may);
    let nothing_left = desk.act_now(&undo, Value::Null).await;
    assert_problem!(nothing_left, 409, "/problems/wrong-status");
    assert_eq!(overlaps(&clinic).await, "0");
}

#[tokio::test]
async fn a_move_is_not_taken_back_onto_what_somebody_else_has_by_now_and_then_changes_nothing() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let id = book(&desk, follow_up(&wednesday("09:00"))).await;
    let path = format!("/appointments/{id}");
    let to = json!({ "starts_at": wednesday("11:00") });
    desk.act_now(&format!("{path}/reschedule"), to).await.ok();
    let ben = with(follow_up(&wednesday("09:00")), json!({ "patient_id": BEN }));
    let ben = book(&desk, ben).await;
    let undo = format!("{path}/undo");
    for reason in ["", "She insists"] {
        let why = match reason {
            "" => Value::Null,
            reason => json!({ "override": { "reason": reason } }),
        };
        let lost = desk.act_now(&undo, why).await;
        let lost = assert_problem!(lost, 409, "/problems/slot-taken");
        assert_eq!(lost.body["taken"], json!(["provider"]));
    }
    let still = desk.get(&path).await.ok();
    assert_eq!(still["starts_at"], wednesday("11:00"));
    assert_eq!(still["version"], 2);
    let same = with(
        follow_up(&wednesday("11:00")),
        json!({ "patient_id": CLEO }),
    );
    let taken = desk.post("/appointments", same).await;
    assert_problem!(taken, 409, "/problems/slot-taken");

    // Free again, and yet outside the hours there are now.
    let cancel = json!({ "reason_code": "illness" });
    desk.act_now(&format!("/appointments/{ben}/cancel"), cancel)
        .await
        .ok();
    let away = json!({
        "starts_at": wednesday("08:00"), "ends_at": wednesday("10:00"), "reason": "Away",
    });
    let time_off = format!("/providers/{ADA}/time-off");
    admin.post(&time_off, away).await.created();
    let outside = desk.act_now(&undo, Value::Null).await;
    assert_problem!(outside, 422, "/problems/outside-availability");
    let why = json!({ "override": { "reason": "She comes in" } });
    let back = desk.act_now(&undo, why).await.ok();
    assert_eq!(back["starts_at"], wednesday("09:00"));
    assert_eq!(back["override_reason"], "She comes in");
    assert_eq!(overlaps(&clinic).await, "0");
}

#[tokio::test]
async fn why_the_patient_comes_is_told_anew_and_what_was_told_before_is_kept() {
    let clinic = Clinic::open().await;
    let (desk, ana) = (clinic.front_desk().await, clinic.patient().await);
    let told = json!({ "reason": "Headache" });
    let id = book(&desk, with(follow_up(&wednesday("09:00")), told)).await;
    let path = format!("/appointments/{id}");
    clinic.advance(TimeDelta::minutes(1));
    let changed = ana
        .patch(&path, "\"v1\"", json!({ "reason": " Neck pain " }))
        .await;
    assert_eq!(changed.etag(), "\"v2\"");
    let changed = changed.ok();
    assert_eq!(
        (&changed["reason"], &changed["status"]),
        (&json!("Neck pain"), &json!("booked"))
    );
    assert_eq!(changed["updated_at"], "2026-03-02T14:01:00Z");
    assert_eq!(desk.get(&path).await.ok()["reason"], "Neck pain");
    // What is left out stays, and what is the same is no change; null clears it.
    for same in [json!({}), json!({ "reason": "Neck pain" })] {
        let left = desk.patch(&path, "\"v2\"", same).await;
        assert_eq!(left.etag(), "\"v2\"");
        assert_eq!(left.ok()["reason"], "Neck pain");
    }
    let cleared = desk.patch(&path, "\"v2\"", json!({ "reason": null })).await;
    assert_eq!(cleared.ok()["reason"], Value::Null);
    let history = desk.get(&format!("{path}/changes")).await.ok();
    let lines: Vec<(&Value, &Value)> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (&line["change"], &line["reason"]))
        .collect();
    let (change, before) = (json!("change_reason"), json!("Neck pain"));
    assert_eq!(
        lines,
        [
            (&json!("book"), &Value::Null),
            (&change, &json!("Headache")),
            (&change, &before)
        ]
    );
    let line = &history["items"][1];
    assert_eq!(line["changed_at"], "2026-03-02T14:01:00Z");
    assert_eq!(line["changed_by"], ana.get("/me").await.ok()["id"]);
    let audited = clinic
        .ask("SELECT count(*)::text FROM audit_events WHERE action = 'appointments.change_details'")
        .await;
    assert_eq!(audited, "4");
}

#[tokio::test]
async fn nobody_else_and_nothing_else_changes_why_a_patient_comes() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let id = book(&desk, follow_up(&wednesday("09:00"))).await;
    let path = format!("/appointments/{id}");
    let body = json!({ "reason": "Neck pain" });
    let (typed, content) = ([("content-type", "application/json")], body.to_string());
    let unversioned = desk
        .send(Method::PATCH, &path, &typed, Some(content.into_bytes()))
        .await;
    assert_problem!(unversioned, 428, "/problems/version-required");
    let stale = desk.patch(&path, "\"v2\"", body.clone()).await;
    assert_problem!(stale, 412, "/problems/stale-version");
    for (faulty, pointer) in [
        (json!({ "reason": "  " }), "/reason"),
        (json!({ "reason": "" }), "/reason"),
        (json!({ "reason": "x".repeat(501) }), "/reason"),
        (json!({ "reason": 7 }), "/reason"),
        (json!({ "reason": "x", "status": "completed" }), "/status"),
        (json!({ "starts_at": wednesday("10:00") }), "/starts_at"),
    ] {
        let refused = desk.patch(&path, "*", faulty).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec![pointer.to_owned()])
        );
    }
    for stranger in [
        clinic.other_patient().await,
        clinic.stranger("desk").await,
        clinic.stranger("admin").await,
    ] {
        let unseen = stranger.patch(&path, "*", body.clone()).await;
        assert_problem!(unseen, 404, "/problems/not-found");
    }
    let auditor = clinic.auditor().await.patch(&path, "*", body.clone()).await;
    assert_problem!(auditor, 403, "/problems/not-allowed");
    let anonymous = clinic.anonymous().patch(&path, "*", body.clone()).await;
    assert_eq!(anonymous.status, 401);
    let untouched = desk.get(&path).await.ok();
    assert_eq!(
        (&untouched["version"], &untouched["reason"]),
        (&json!(1), &Value::Null)
    );
    for staff in [
        clinic.admin().await,
        clinic.provider().await,
        clinic.assistant().await,
    ] {
        let changed = staff.patch(&path, "*", body.clone()).await.ok();
        assert_eq!(changed["reason"], "Neck pain");
    }
}

#[tokio::test]
async fn why_the_patient_came_is_not_changed_once_it_is_over() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let body = json!({ "reason": "Neck pain" });
    let at = "2026-03-02T14:00:00Z";
    let missed = format!("/appointments/{}", book(&desk, follow_up(at)).await);
    desk.act_now(&format!("{missed}/no-show"), Value::Null)
        .await
        .ok();
    let cancelled = format!("/appointments/{}", book(&desk, follow_up(at)).await);
    let why = json!({ "reason_code": "illness" });
    desk.act_now(&format!("{cancelled}/cancel"), why).await.ok();
    let completed = format!("/appointments/{}", book(&desk, follow_up(at)).await);
    for verb in ["check-in", "start", "complete"] {
        let told = desk.patch(&completed, "*", json!({ "reason": verb })).await;
        assert_eq!(told.ok()["reason"], verb, "until it is completed");
        let early = if verb == "complete" {
            Value::Null
        } else {
            json!({ "override": { "reason": "Came early" } })
        };
        desk.act_now(&format!("{completed}/{verb}"), early)
            .await
            .ok();
    }
    for (path, status) in [
        (missed, "no_show"),
        (cancelled, "cancelled"),
        (completed, "completed"),
    ] {
        let refused = desk.patch(&path, "*", body.clone()).await;
        let refused = assert_problem!(refused, 409, "/problems/wrong-status");
        assert_eq!(refused.body["current_status"], status);
        assert_eq!(refused.body["allowed"], json!(["undo"]));
    }
}

#[tokio::test]
async fn a_step_is_undone_whatever_was_told_since_and_what_was_told_stays() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let path = format!(
        "/appointments/{}",
        book(&desk, follow_up(&wednesday("09:00"))).await
    );
    let tell = async |reason: &str| {
        let told = desk.patch(&path, "*", json!({ "reason": reason })).await;
        told.ok()["allowed"].clone()
    };
    let may = desk.get(&path).await.ok()["allowed"].clone();
    assert_eq!(tell("One").await, may, "there is no step to undo");
    let undo = format!("{path}/undo");
    let refused = desk.act_now(&undo, Value::Null).await;
    assert_problem!(refused, 409, "/problems/wrong-status");
    let moved = json!({ "starts_at": wednesday("11:00") });
    desk.act_now(&format!("{path}/reschedule"), moved)
        .await
        .ok();
    tell("Two").await;
    desk.act_now(&format!("{path}/confirm"), Value::Null)
        .await
        .ok();
    tell("Three").await;
    let back = desk.act_now(&undo, Value::Null).await.ok();
    assert_eq!(
        (&back["status"], &back["starts_at"]),
        (&json!("booked"), &json!(wednesday("11:00")))
    );
    tell("Four").await;
    let back = desk.act_now(&undo, Value::Null).await.ok();
    assert_eq!(back["starts_at"], wednesday("09:00"));
    assert_eq!(back["reason"], "Four");
    assert_eq!(back["allowed"], may);
}

#[tokio::test]
async fn a_follow_up_is_left_alone_by_what_its_appointment_is_for() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let due = json!({
        "kind": "visit", "due_from": "2026-03-03T05:00:00Z", "due_by": "2026-03-10T05:00:00Z",
        "reason": "Check",
    });
    let made = desk.post(&format!("/patients/{ANA}/follow-ups"), due).await;
    let follow_up_path = format!("/follow-ups/{}", made.created()["id"].as_str().unwrap());
    let place = json!({
        "starts_at": wednesday("09:00"), "provider_id": ADA, "location_id": MAIN_STREET,
        "appointment_type_id": FOLLOW_UP,
    });
    let booked = desk
        .act_now(&format!("{follow_up_path}/book"), place)
        .await
        .ok();
    let path = format!(
        "/appointments/{}",
        booked["appointment"]["id"].as_str().unwrap()
    );
    let before = desk.get(&follow_up_path).await.etag();
    desk.patch(&path, "*", json!({ "reason": "Neck pain" }))
        .await
        .ok();
    assert_eq!(desk.get(&follow_up_path).await.etag(), before);
}
