//! What a front desk relies on beside hours and bookings: injections kept apart, groups, who misses
//! appointments, and searches that read little.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::practice::NOWHERE;

/// An appointment of Ana with Ada at Main Street.
fn booking(appointment_type: &str, starts_at: &str) -> Value {
    json!({
        "patient_id": ANA, "appointment_type_id": appointment_type, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": starts_at,
    })
}

fn with(mut body: Value, fields: Value) -> Value {
    let fields = fields.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(fields);
    body
}

async fn book(client: &Client, body: Value) -> String {
    let booked = client.post("/appointments", body).await.created();
    booked["id"].as_str().unwrap().to_owned()
}

async fn starts(client: &Client, query: &str) -> Vec<String> {
    let found = client.get(&format!("/slots?{query}&limit=200")).await.ok();
    let items = found["items"].as_array().unwrap().iter();
    items
        .map(|slot| slot["starts_at"].as_str().unwrap().to_owned())
        .collect()
}

/// Injections are kept two weeks apart.
async fn keep_injections_apart(clinic: &Clinic) {
    let changed = json!({ "min_interval_days": 14 });
    let admin = clinic.admin().await;
    let path = format!("/appointment-types/{TPI}");
    let changed = admin.patch(&path, "*", changed).await.ok();
    assert_eq!(changed["min_interval_days"], 14);
}

/// A class of an hour for so many at a time, with a room.
async fn class_for(clinic: &Clinic, capacity: u32) -> String {
    let class = json!({
        "name": "Neck class", "duration_minutes": 60, "needs_room": true, "patient_bookable": true,
        "buffer_after_minutes": 15, "start_every_minutes": 15, "capacity": capacity,
    });
    let added = clinic.admin().await.post("/appointment-types", class).await;
    added.created()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn injections_are_kept_apart_for_each_patient_by_days_of_the_calendar() {
    let clinic = Clinic::open().await;
    keep_injections_apart(&clinic).await;
    let desk = clinic.front_desk().await;
    // Wednesday 11 March, in the afternoon.
    book(&desk, booking(TPI, "2026-03-11T15:00:00-04:00")).await;
    for (starts_at, fits) in [
        ("2026-03-12T09:00:00-04:00", false),
        ("2026-03-24T16:00:00-04:00", false),
        ("2026-03-25T08:15:00-04:00", true),
    ] {
        let reply = desk.post("/appointments", booking(TPI, starts_at)).await;
        if fits {
            reply.created();
        } else {
            let refused = assert_problem!(reply, 422, "/problems/booking-rule");
            assert_eq!(refused.body["rule"], "min_interval");
        }
    }
    // Backwards too, whatever was booked first; others and other types are free.
    let before = booking(TPI, "2026-03-03T09:00:00-05:00");
    let refused = desk.post("/appointments", before.clone()).await;
    assert_problem!(refused, 422, "/problems/booking-rule");
    book(&desk, with(before, json!({ "patient_id": BEN }))).await;
    book(&desk, booking(FOLLOW_UP, "2026-03-12T10:00:00-04:00")).await;
}

#[tokio::test]
async fn staff_override_the_interval_with_a_reason_and_a_cancelled_one_does_not_count() {
    let clinic = Clinic::open().await;
    keep_injections_apart(&clinic).await;
    let desk = clinic.front_desk().await;
    let first = book(&desk, booking(TPI, "2026-03-11T15:00:00-04:00")).await;
    let close = booking(TPI, "2026-03-12T09:00:00-04:00");
    let reason = json!({ "override": { "reason": "The other side" } });
    let forced = desk.post("/appointments", with(close, reason)).await;
    let forced = forced.created();
    assert_eq!(forced["override_reason"], "The other side");
    for id in [first.as_str(), forced["id"].as_str().unwrap()] {
        let cancel = json!({ "reason_code": "provider_unavailable" });
        desk.act_now(&format!("/appointments/{id}/cancel"), cancel)
            .await
            .ok();
    }
    book(&desk, booking(TPI, "2026-03-13T09:00:00-04:00")).await;
}

#[tokio::test]
async fn an_injection_is_not_in_its_own_way_when_it_is_moved() {
    let clinic = Clinic::open().await;
    keep_injections_apart(&clinic).await;
    let desk = clinic.front_desk().await;
    let id = book(&desk, booking(TPI, "2026-03-11T15:00:00-04:00")).await;
    book(&desk, booking(TPI, "2026-03-25T09:00:00-04:00")).await;
    let path = format!("/appointments/{id}/reschedule");
    let to = |starts_at: &str| json!({ "starts_at": starts_at });
    desk.act_now(&path, to("2026-03-10T15:00:00-04:00"))
        .await
        .ok();
    let refused = desk.act_now(&path, to("2026-03-12T15:00:00-04:00")).await;
    let refused = assert_problem!(refused, 422, "/problems/booking-rule");
    assert_eq!(refused.body["rule"], "min_interval");
}

#[tokio::test]
async fn an_injection_without_an_appointment_counts_for_the_interval_too() {
    let clinic = Clinic::open().await;
    keep_injections_apart(&clinic).await;
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    // Monday 2 March: Ana walks in and is treated, Ben walks in and is not.
    completed(&ada, ANA).await;
    let untouched = under_way(&ada, BEN).await;
    let stop = json!({ "reason": "Went home" });
    ada.act_now(&format!("{untouched}/stop"), stop).await.ok();
    let early = booking(TPI, "2026-03-12T09:00:00-04:00");
    let refused = desk.post("/appointments", early.clone()).await;
    let refused = assert_problem!(refused, 422, "/problems/booking-rule");
    assert_eq!(refused.body["rule"], "min_interval");
    let query = format!(
        "appointment_type_id={TPI}&provider_id={BO}&location_id={MAIN_STREET}&patient_id={ANA}\
         &from=2026-03-03T00:00:00Z&to=2026-03-31T00:00:00Z"
    );
    let open = starts(&desk, &query).await;
    assert!(open[0].starts_with("2026-03-16T"), "{open:?}");
    book(&desk, with(early, json!({ "patient_id": BEN }))).await;
    book(&desk, booking(FOLLOW_UP, "2026-03-12T10:00:00-04:00")).await;
    book(&desk, booking(TPI, "2026-03-16T15:00:00-04:00")).await;
}

#[tokio::test]
async fn of_many_injections_booked_at_once_for_one_patient_none_lie_too_close() {
    let clinic = Clinic::open().await;
    keep_injections_apart(&clinic).await;
    let desk = clinic.front_desk().await;
    let tries = (0..12).map(|number| {
        let starts_at = format!("2026-03-{:02}T10:00:00-04:00", 9 + number % 5);
        let provider = json!({ "provider_id": ([ADA, BO][number / 5 % 2]) });
        desk.post("/appointments", with(booking(TPI, &starts_at), provider))
    });
    let replies = join_all(tries).await;
    let won = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_search_for_a_patient_leaves_out_what_is_too_close_or_where_they_are_elsewhere() {
    let clinic = Clinic::open().await;
    keep_injections_apart(&clinic).await;
    let desk = clinic.front_desk().await;
    book(&desk, booking(TPI, "2026-03-11T15:00:00-04:00")).await;
    let query = format!(
        "appointment_type_id={TPI}&provider_id={BO}&location_id={MAIN_STREET}\
         &from=2026-03-03T00:00:00Z&to=2026-03-31T00:00:00Z"
    );
    assert!(starts(&desk, &query).await[0].starts_with("2026-03-03"));
    let for_ana = starts(&desk, &format!("{query}&patient_id={ANA}")).await;
    assert!(for_ana[0].starts_with("2026-03-25T08:00"), "{for_ana:?}");
    assert_eq!(
        starts(&desk, &format!("{query}&patient_id={BEN}")).await,
        starts(&desk, &query).await
    );
    // Wherever she is on Tuesday at ten, she cannot be with somebody else.
    let elsewhere = booking(FOLLOW_UP, "2026-03-17T10:00:00-04:00");
    book(&desk, elsewhere).await;
    let query = format!(
        "appointment_type_id={FOLLOW_UP}&provider_id={BO}&from=2026-03-17T13:30:00Z&to=2026-03-17T14:45:00Z"
    );
    assert_eq!(starts(&desk, &query).await.len(), 5);
    let free = ["2026-03-17T09:30:00-04:00", "2026-03-17T10:30:00-04:00"];
    assert_eq!(
        starts(&desk, &format!("{query}&patient_id={ANA}")).await,
        free
    );
    let ana = clinic.patient().await;
    assert_eq!(starts(&ana, &query).await, free);
    let foreign = ana.get(&format!("/slots?{query}&patient_id={BEN}")).await;
    assert_eq!(foreign.pointers(), ["#/query/patient_id"]);
    let audited = format!(
        "SELECT count(*)::text FROM audit_events WHERE action = 'slots.search' AND '{BEN}' = ANY (patient_ids)"
    );
    assert_eq!(clinic.ask(&audited).await, "1");
}

#[tokio::test]
async fn a_class_is_offered_until_it_is_full_and_shares_provider_and_room() {
    let clinic = Clinic::open().await;
    let class = class_for(&clinic, 2).await;
    let desk = clinic.front_desk().await;
    let query = format!(
        "appointment_type_id={class}&provider_id={ADA}&from=2026-03-04T14:00:00Z&to=2026-03-04T15:00:00Z"
    );
    let nine = "2026-03-04T09:00:00-05:00";
    let offer = |reply: Value| reply["items"][0].clone();
    let fresh = offer(desk.get(&format!("/slots?{query}")).await.ok());
    assert_eq!(fresh["free_places"], 2);
    assert_eq!(fresh["free_room_ids"], json!([ROOM_ONE, ROOM_TWO]));
    book(&desk, booking(&class, nine)).await;
    // The others of the hour are in its way; what is left of the class is not.
    let left = desk.get(&format!("/slots?{query}")).await.ok();
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
    let left = offer(left);
    assert_eq!(left["starts_at"], nine);
    assert_eq!(left["free_places"], 1);
    assert_eq!(left["free_room_ids"], json!([ROOM_ONE]));
    // One place a patient, in the room of the class, and no other kind of visit beside it.
    let again = desk.post("/appointments", booking(&class, nine)).await;
    let again = assert_problem!(again, 409, "/problems/slot-taken");
    assert_eq!(again.body["taken"], json!(["patient"]));
    let ben = with(booking(&class, nine), json!({ "patient_id": BEN }));
    let elsewhere = with(ben.clone(), json!({ "room_id": ROOM_TWO }));
    let elsewhere = desk.post("/appointments", elsewhere).await;
    let elsewhere = assert_problem!(elsewhere, 409, "/problems/slot-taken");
    assert_eq!(elsewhere.body["taken"], json!(["room"]));
    let other = with(booking(FOLLOW_UP, nine), json!({ "patient_id": BEN }));
    assert_problem!(
        desk.post("/appointments", other).await,
        409,
        "/problems/slot-taken"
    );
    let joined = desk.post("/appointments", ben).await.created();
    assert_eq!(joined["room"]["id"], ROOM_ONE);
    assert!(starts(&desk, &query).await.is_empty());
    let third = with(booking(&class, nine), json!({ "patient_id": CLEO }));
    let full = desk.post("/appointments", third.clone()).await;
    let full = assert_problem!(full, 409, "/problems/slot-taken");
    assert_eq!(full.body["taken"], json!(["provider"]));
    let forced = with(third.clone(), json!({ "override": { "reason": "Please" } }));
    assert_problem!(
        desk.post("/appointments", forced).await,
        409,
        "/problems/slot-taken"
    );
    // Whoever leaves gives up a place, and taking that back needs one that is still free.
    let path = format!("/appointments/{}", joined["id"].as_str().unwrap());
    let cancel = json!({ "reason_code": "illness" });
    desk.act_now(&format!("{path}/cancel"), cancel).await.ok();
    book(&desk, third).await;
    let undone = desk.act_now(&format!("{path}/undo"), Value::Null).await;
    assert_problem!(undone, 409, "/problems/slot-taken");
}

#[tokio::test]
async fn a_class_changes_its_room_one_after_the_other() {
    let clinic = Clinic::open().await;
    let class = class_for(&clinic, 3).await;
    let desk = clinic.front_desk().await;
    let mut paths = Vec::new();
    for patient in [ANA, BEN, CLEO] {
        let seat = with(
            booking(&class, "2026-03-02T09:00:00-05:00"),
            json!({ "patient_id": patient }),
        );
        let path = format!("/appointments/{}", book(&desk, seat).await);
        desk.act_now(&format!("{path}/check-in"), Value::Null)
            .await
            .ok();
        paths.push(path);
    }
    for (who, room) in [
        (0, ROOM_TWO),
        (1, ROOM_TWO),
        (0, ROOM_ONE),
        (0, ROOM_TWO),
        (2, ROOM_TWO),
    ] {
        let path = format!("{}/room", paths[who]);
        let shown = desk.act_now(&path, json!({ "room_id": room })).await.ok();
        assert_eq!(shown["room"]["id"], room);
    }
    // Nobody else gets in, and the room they left is free.
    let bo = with(
        booking(TPI, "2026-03-02T09:00:00-05:00"),
        json!({ "provider_id": BO, "patient_id": another(&desk).await }),
    );
    let into = with(bo.clone(), json!({ "room_id": ROOM_TWO }));
    let into = desk.post("/appointments", into).await;
    let into = assert_problem!(into, 409, "/problems/slot-taken");
    assert_eq!(into.body["taken"], json!(["room"]));
    let beside = desk.post("/appointments", bo).await.created();
    assert_eq!(beside["room"]["id"], ROOM_ONE);
}

/// Somebody who is not in the clinic yet.
async fn another(desk: &Client) -> String {
    let body = json!({
        "given_name": "Dora", "family_name": "Quist", "birth_date": "1980-01-01", "confirm_new": true,
    });
    let added = desk.post("/patients", body).await.created();
    added["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_class_is_joined_only_while_its_type_takes_as_long_as_it_did() {
    let clinic = Clinic::open().await;
    let class = class_for(&clinic, 3).await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let nine = "2026-03-04T09:00:00-05:00";
    book(&desk, booking(&class, nine)).await;
    // Behind the class and its buffer there is somebody else.
    let next = booking(FOLLOW_UP, "2026-03-04T10:15:00-05:00");
    book(&desk, with(next, json!({ "patient_id": BEN }))).await;
    let query = format!(
        "appointment_type_id={class}&provider_id={ADA}&from=2026-03-04T14:00:00Z&to=2026-03-04T14:30:00Z"
    );
    let path = format!("/appointment-types/{class}");
    let ben = with(booking(&class, nine), json!({ "patient_id": CLEO }));
    for change in [
        json!({ "duration_minutes": 90 }),
        json!({ "duration_minutes": 60, "buffer_after_minutes": 30 }),
        json!({ "buffer_after_minutes": 15, "buffer_before_minutes": 15 }),
    ] {
        admin.patch(&path, "*", change).await.ok();
        assert!(starts(&desk, &query).await.is_empty());
        let refused = desk.post("/appointments", ben.clone()).await;
        assert_problem!(refused, 409, "/problems/slot-taken");
    }
    let as_before = json!({ "buffer_before_minutes": 0 });
    admin.patch(&path, "*", as_before).await.ok();
    assert_eq!(starts(&desk, &query).await, [nine]);
    desk.post("/appointments", ben).await.created();
}

#[tokio::test]
async fn slots_are_searched_for_patients_who_can_be_booked() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let gone = another(&desk).await;
    let archive = format!("/patients/{gone}/archive");
    desk.act_now(&archive, Value::Null).await.ok();
    for provider in ["", &format!("&provider_id={ADA}")] {
        for patient in [NOWHERE, &gone, ZED] {
            let path = format!("/slots?appointment_type_id={TPI}&patient_id={patient}{provider}");
            let refused = desk.get(&path).await;
            assert_eq!(refused.pointers(), ["#/query/patient_id"]);
        }
    }
    // A record that was put away is one of a person who is there, once it is merged.
    let merge = format!("/patients/{ANA}/merge");
    let duplicate = json!({ "duplicate_id": gone });
    desk.act_now(&merge, duplicate).await.ok();
    let path = format!("/slots?appointment_type_id={TPI}&patient_id={gone}");
    assert!(
        !desk.get(&path).await.ok()["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let archive = format!("/patients/{ANA}/archive");
    desk.act_now(&archive, Value::Null).await.ok();
    let refused = desk.get(&path).await;
    assert_eq!(refused.pointers(), ["#/query/patient_id"]);
}

#[tokio::test]
async fn of_many_who_join_a_class_at_once_as_many_win_as_there_are_places() {
    let clinic = Clinic::open().await;
    let class = class_for(&clinic, 5).await;
    clinic
        .sql(
            "INSERT INTO patients (practice_id, id, record_number, given_name, family_name, search_name, birth_date,
                 sex_at_birth, version, created_at, updated_at)
             SELECT practice_id, ('01900000-0000-7000-8000-0000000010' || lpad(n::text, 2, '0'))::uuid, 'P-CLASS' || n,
                 'Person', 'Number ' || n, 'person number ' || n, birth_date, sex_at_birth, 1, created_at, updated_at
             FROM patients, generate_series(10, 41) n WHERE id = '01900000-0000-7000-8000-000000000051'",
        )
        .await;
    let desk = clinic.front_desk().await;
    for (hour, room) in [("09", None), ("11", Some([ROOM_ONE, ROOM_TWO]))] {
        let tries = (10..42).map(|number| {
            let patient_id = format!("01900000-0000-7000-8000-0000000010{number}");
            let starts_at = format!("2026-03-04T{hour}:00:00-05:00");
            let body = with(
                booking(&class, &starts_at),
                json!({ "patient_id": patient_id }),
            );
            // Even those who disagree on the room never split the session.
            let body = match room {
                Some(rooms) => with(body, json!({ "room_id": (rooms[number % 2]) })),
                None => body,
            };
            desk.post("/appointments", body)
        });
        let replies = join_all(tries).await;
        let won = replies.iter().filter(|reply| reply.status == 201).count();
        assert_eq!(won, 5, "at {hour}");
        for lost in replies.iter().filter(|reply| reply.status != 201) {
            assert_problem!(lost, 409, "/problems/slot-taken");
        }
    }
    let sessions = "SELECT count(DISTINCT (resource_id, session_id))::text || ' ' || count(*)::text
        FROM resource_bookings WHERE place IS NOT NULL";
    // Provider and room, twice; five of each.
    assert_eq!(clinic.ask(sessions).await, "4 20");
}

#[tokio::test]
async fn a_held_place_in_a_class_is_kept_until_it_is_booked_or_expires() {
    let clinic = Clinic::open().await;
    let class = class_for(&clinic, 2).await;
    let (ana, ben) = (clinic.patient().await, clinic.other_patient().await);
    let nine = "2026-03-04T09:00:00-05:00";
    let hold = json!({
        "appointment_type_id": class, "provider_id": ADA, "location_id": MAIN_STREET, "starts_at": nine,
    });
    let held = ana.post("/holds", hold.clone()).await.created();
    ben.post("/holds", hold.clone()).await.created();
    let desk = clinic.front_desk().await;
    let cleo = with(booking(&class, nine), json!({ "patient_id": CLEO }));
    let full = desk.post("/appointments", cleo.clone()).await;
    assert_problem!(full, 409, "/problems/slot-taken");
    book(
        &ana,
        with(booking(&class, nine), json!({ "hold_id": (held["id"]) })),
    )
    .await;
    clinic.advance(TimeDelta::minutes(5));
    book(&desk, cleo).await;
    assert_problem!(ben.post("/holds", hold).await, 409, "/problems/slot-taken");
}

#[tokio::test]
async fn late_cancellations_and_missed_appointments_are_counted_for_staff() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let cancel = |id: String, reason: &'static str| {
        let desk = desk.clone();
        async move {
            let body = json!({ "reason_code": reason });
            let path = format!("/appointments/{id}/cancel");
            desk.act_now(&path, body).await.ok()["cancellation"]["late"].clone()
        }
    };
    let today = |time: &str| booking(FOLLOW_UP, &format!("2026-03-02T{time}:00-05:00"));
    let late = book(&desk, today("10:00")).await;
    assert_eq!(cancel(late.clone(), "illness").await, true);
    let ours = book(&desk, today("10:00")).await;
    assert_eq!(cancel(ours, "provider_unavailable").await, false);
    let snow = book(&desk, today("10:00")).await;
    assert_eq!(cancel(snow, "weather").await, false);
    let in_time = book(&desk, booking(FOLLOW_UP, "2026-03-03T09:00:00-05:00")).await;
    assert_eq!(cancel(in_time, "patient_request").await, false);
    let missed = book(&desk, today("11:00")).await;
    let path = format!("/appointments/{missed}/no-show");
    let early = desk.act_now(&path, Value::Null).await;
    let early = assert_problem!(early, 422, "/problems/booking-rule");
    assert_eq!(early.body["rule"], "not_begun");
    clinic.advance(TimeDelta::hours(2));
    let desk = clinic.front_desk().await;
    desk.act_now(&path, json!({ "note": "No answer" }))
        .await
        .ok();
    let changes = desk.get(&format!("/appointments/{missed}/changes")).await;
    assert_eq!(changes.ok()["items"][1]["reason"], "No answer");
    let path = format!("/patients/{ANA}/attendance");
    let counted = desk.get(&path).await.ok();
    assert_eq!(
        counted,
        json!({
            "patient_id": ANA, "completed": 0, "cancelled": 4, "cancelled_late": 1, "no_shows": 1,
            "last_missed_at": "2026-03-02T11:00:00-05:00", "time_zone": "America/New_York",
        })
    );
    let later = format!("{path}?since=2026-03-02T15:30:00Z");
    assert_eq!(desk.get(&later).await.ok()["cancelled_late"], 0);
    // What is taken back is not counted.
    desk.act_now(&format!("/appointments/{late}/undo"), Value::Null)
        .await
        .ok();
    let counted = clinic.provider().await.get(&path).await.ok();
    assert_eq!(
        (&counted["cancelled"], &counted["cancelled_late"]),
        (&json!(3), &json!(0))
    );
    let ana = clinic.patient().await.get(&path).await;
    assert_problem!(ana, 403, "/problems/not-allowed");
    let foreign = desk.get(&format!("/patients/{ZED}/attendance")).await;
    assert_problem!(foreign, 404, "/problems/not-found");
}

#[tokio::test]
async fn the_first_free_time_is_found_however_far_away_it_is() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    // Everybody is away for seven weeks.
    for provider in [ADA, BO] {
        let away = json!({
            "starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-04-20T00:00:00Z", "reason": "Sabbatical",
        });
        let path = format!("/providers/{provider}/time-off");
        clinic.admin().await.post(&path, away).await.created();
    }
    let query = format!("/slots?appointment_type_id={TPI}&to=2026-05-20T00:00:00Z&limit=1");
    let first = desk.get(&query).await.ok();
    assert_eq!(first["items"][0]["starts_at"], "2026-04-20T08:00:00-04:00");
    // The first days are booked up, one way or another; what follows them joins without a seam.
    let page = |cursor: String| {
        let path =
            format!("/slots?appointment_type_id={TPI}&to=2026-05-20T00:00:00Z&limit=7{cursor}");
        let desk = desk.clone();
        async move { desk.get(&path).await.ok() }
    };
    let whole = starts(
        &desk,
        &format!("appointment_type_id={TPI}&to=2026-05-20T00:00:00Z"),
    )
    .await;
    let mut paged = Vec::new();
    let mut cursor = String::new();
    while paged.len() < 100 {
        let found = page(cursor).await;
        let items = found["items"].as_array().unwrap().iter();
        paged.extend(items.map(|slot| slot["starts_at"].as_str().unwrap().to_owned()));
        cursor = format!("&cursor={}", found["next_cursor"].as_str().unwrap());
    }
    assert_eq!(paged, whole[..paged.len()]);
}

/// Twenty more providers, with Ada's hours at Main Street.
const TWENTY_MORE: &str = "
    INSERT INTO providers (practice_id, id, name, version, created_at, updated_at)
    SELECT '01900000-0000-7000-8000-000000000001', ('01900000-0000-7000-8000-0000000020' || n)::uuid,
        'Provider ' || n, 1, '2026-01-01Z', '2026-01-01Z' FROM generate_series(10, 29) n;
    INSERT INTO availability_templates (practice_id, id, provider_id, location_id, valid_from, created_at, updated_at)
    SELECT '01900000-0000-7000-8000-000000000001', ('01900000-0000-7000-8000-0000000021' || n)::uuid,
        ('01900000-0000-7000-8000-0000000020' || n)::uuid, '01900000-0000-7000-8000-000000000011',
        '2026-01-01', '2026-01-01Z', '2026-01-01Z' FROM generate_series(10, 29) n;
    INSERT INTO availability_windows (practice_id, id, template_id, weekday, opens_at, closes_at, appointment_type_ids)
    SELECT w.practice_id, gen_random_uuid(), ('01900000-0000-7000-8000-0000000021' || n)::uuid, w.weekday,
        w.opens_at, w.closes_at, '{}'
    FROM availability_windows w, generate_series(10, 29) n
    WHERE w.template_id = '01900000-0000-7000-8000-000000000071'";

/// The bounds of a search, whoever asks for whom, of however many providers.
#[tokio::test]
async fn a_search_takes_three_statements_at_most_however_many_providers_there_are() {
    let clinic = Clinic::open().await;
    keep_injections_apart(&clinic).await;
    let desk = clinic.front_desk().await;
    let ana = clinic.patient().await;
    book(&desk, booking(TPI, "2026-03-11T15:00:00-04:00")).await;
    for providers in [2, 22] {
        if providers > 2 {
            clinic.sql(TWENTY_MORE).await;
        }
        for (client, query) in [
            (&desk, format!("appointment_type_id={TPI}&limit=1")),
            (
                &desk,
                format!("appointment_type_id={TPI}&limit=200&to=2026-05-20T00:00:00Z"),
            ),
            (
                &desk,
                format!("appointment_type_id={TPI}&provider_id={ADA}&location_id={MAIN_STREET}"),
            ),
            (
                &ana,
                format!("appointment_type_id={FOLLOW_UP}&to=2026-05-20T00:00:00Z&limit=200"),
            ),
        ] {
            let (reply, statements) = client.counted(&format!("/slots?{query}"), None).await;
            assert!(!reply.ok()["items"].as_array().unwrap().is_empty());
            assert!((2..=3).contains(&statements), "{statements} for {query}");
        }
        let path = format!(
            "/slots?appointment_type_id={TPI}&patient_id={ANA}&to=2026-05-01T00:00:00Z&limit=1"
        );
        // One more writes down that it was about a patient.
        let (reply, statements) = desk.counted(&path, None).await;
        assert_eq!(
            reply.ok()["items"][0]["starts_at"],
            "2026-03-25T08:00:00-04:00"
        );
        assert!(statements <= 4, "{statements}");
    }
    let away = "INSERT INTO time_off (practice_id, id, provider_id, starts_at, ends_at, reason, created_at)
        SELECT practice_id, gen_random_uuid(), id, '2026-03-02Z', '2026-04-01Z', 'Course', '2026-01-01Z' FROM providers
        WHERE practice_id = '01900000-0000-7000-8000-000000000001'";
    clinic.sql(away).await;
    let path = format!("/slots?appointment_type_id={TPI}&to=2026-05-01T00:00:00Z&limit=1");
    let (reply, statements) = desk.counted(&path, None).await;
    assert_eq!(
        reply.ok()["items"][0]["starts_at"],
        "2026-04-01T08:00:00-04:00"
    );
    assert_eq!(statements, 3);
}

/// What one more reads or writes must not creep into.
#[tokio::test]
async fn booking_and_the_day_take_as_many_statements_as_they_always_did() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let (reply, statements) = desk.counted("/me", None).await;
    assert_eq!((reply.status, statements), (200, 1));
    let one = booking(FOLLOW_UP, "2026-03-04T09:00:00-05:00");
    let (reply, alone) = desk.counted("/appointments", Some(one)).await;
    reply.created();
    // In one exchange, the hours are locked, and the patient where the type keeps visits apart; the type,
    // what is named, which person the record is of, the hours and what is taken are read. In a second one
    // the appointment is written, expired holds are cleared, its bookings are won and it is read back. The
    // line of its history and the audit go out with COMMIT.
    assert_eq!(alone, 13);
    let (_, empty) = desk.counted("/day-board?date=2026-03-03", None).await;
    for minute in ["10:00", "10:30", "11:00"] {
        let starts_at = format!("2026-03-04T{minute}:00-05:00");
        book(&desk, booking(FOLLOW_UP, &starts_at)).await;
    }
    let (board, full) = desk.counted("/day-board?date=2026-03-04", None).await;
    let columns = board.ok()["columns"].clone();
    assert_eq!(columns[0]["appointments"].as_array().unwrap().len(), 4);
    // What it may name, how its patients are to be found, who is on duty, its appointments and what of them is
    // affected, the audit.
    assert_eq!((empty, full), (6, 6));
}

#[tokio::test]
async fn who_is_asked_for_by_name_has_the_slots_that_they_have_among_all() {
    let clinic = Clinic::open().await;
    let (admin, desk) = (clinic.admin().await, clinic.front_desk().await);
    let class = class_for(&clinic, 2).await;
    // Bo has the one room in London at ten, where Ada comes for a morning without weekly hours.
    let extra = json!({
        "location_id": THAMES_HOUSE, "starts_at": "2026-03-05T09:00:00Z", "ends_at": "2026-03-05T12:00:00Z",
    });
    let path = format!("/providers/{ADA}/extra-hours");
    admin.post(&path, extra).await.created();
    for (kind, provider, location, patient, starts_at) in [
        (TPI, BO, THAMES_HOUSE, BEN, "2026-03-05T10:00:00Z"),
        (TPI, ADA, MAIN_STREET, ANA, "2026-03-03T09:00:00-05:00"),
        (TPI, BO, MAIN_STREET, CLEO, "2026-03-03T10:00:00-05:00"),
        (&class, ADA, MAIN_STREET, BEN, "2026-03-04T09:00:00-05:00"),
    ] {
        let booked = json!({
            "patient_id": patient, "appointment_type_id": kind, "provider_id": provider,
            "location_id": location, "starts_at": starts_at,
        });
        desk.post("/appointments", booked).await.created();
    }
    let slots = async |query: String| {
        let page = desk.get(&format!("/slots?{query}&limit=200")).await.ok();
        assert_eq!(page["next_cursor"], Value::Null);
        page["items"].as_array().unwrap().clone()
    };
    let mut with_a_room_in_london = 0;
    for kind in [TPI, FOLLOW_UP, &class] {
        for (from, place) in [
            ("2026-03-02T14:00:00Z", String::new()),
            (
                "2026-03-04T14:00:00Z",
                format!("&location_id={THAMES_HOUSE}"),
            ),
            ("2026-03-03T14:00:00Z", format!("&patient_id={ANA}")),
        ] {
            let all =
                format!("appointment_type_id={kind}&from={from}&to=2026-03-06T00:00:00Z{place}");
            let among_all = slots(all.clone()).await;
            for provider in [ADA, BO] {
                let mut theirs = among_all.clone();
                theirs.retain(|slot| slot["provider_id"] == provider);
                let named = slots(format!("{all}&provider_id={provider}")).await;
                assert_eq!(named, theirs, "{kind} {from} {place} {provider}");
                let in_london = named.iter().filter(|slot| {
                    kind == TPI && provider == ADA && slot["location_id"] == THAMES_HOUSE
                });
                for slot in in_london {
                    assert_ne!(slot["starts_at"], "2026-03-05T10:00:00Z");
                    assert_eq!(slot["free_room_ids"], json!([LONDON_ROOM]));
                    with_a_room_in_london += 1;
                }
            }
        }
    }
    assert!(with_a_room_in_london > 0);
}
