//! Series of appointments: all or nothing, at the same local time, moved and cancelled together.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

/// Follow-ups of Ana with Ada, from Wednesday, 4 March 2026, 10:00 on.
fn weekly(count: u32) -> Value {
    json!({
        "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "first_starts_at": "2026-03-04T10:00:00-05:00",
        "count": count, "every_weeks": 1,
    })
}

fn with(mut body: Value, fields: Value) -> Value {
    let fields = fields.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(fields);
    body
}

fn starts(series: &Value) -> Vec<&str> {
    let appointments = series["appointments"].as_array().unwrap();
    appointments
        .iter()
        .map(|appointment| appointment["starts_at"].as_str().unwrap())
        .collect()
}

fn statuses(series: &Value) -> Vec<&str> {
    let appointments = series["appointments"].as_array().unwrap();
    appointments
        .iter()
        .map(|appointment| appointment["status"].as_str().unwrap())
        .collect()
}

fn path_of(series: &Value) -> String {
    format!("/appointment-series/{}", series["id"].as_str().unwrap())
}

async fn book(client: &Client, body: Value) -> Value {
    client.post("/appointment-series", body).await.created()
}

/// Books someone else with Ada.
async fn take(client: &Client, patient: &str, provider: &str, starts_at: &str) {
    let body = json!({
        "patient_id": patient, "appointment_type_id": FOLLOW_UP, "provider_id": provider,
        "location_id": MAIN_STREET, "starts_at": starts_at,
    });
    client.post("/appointments", body).await.created();
}

async fn time_off(clinic: &Clinic, starts_at: &str, ends_at: &str) {
    let body = json!({ "starts_at": starts_at, "ends_at": ends_at, "reason": "Away" });
    let path = format!("/providers/{ADA}/time-off");
    clinic.admin().await.post(&path, body).await.created();
}

async fn count(clinic: &Clinic, table: &str) -> String {
    clinic
        .ask(&format!("SELECT count(*)::text FROM {table}"))
        .await
}

#[tokio::test]
async fn a_series_keeps_its_local_time_when_the_clocks_go_forward() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let body = with(
        weekly(3),
        json!({ "every_weeks": 2, "reason": "Course of three" }),
    );
    let made = desk.post("/appointment-series", body).await;
    let (etag, location) = (made.etag(), made.header("location"));
    let series = made.created();
    assert_eq!(
        starts(&series),
        [
            "2026-03-04T10:00:00-05:00",
            "2026-03-18T10:00:00-04:00",
            "2026-04-01T10:00:00-04:00",
        ]
    );
    assert_eq!(etag, "\"v3\"");
    assert_eq!(location, format!("/api/v1{}", path_of(&series)));
    let read = desk.get(&path_of(&series)).await;
    assert_eq!(read.etag(), etag);
    assert_eq!(read.ok(), series);
    for (index, appointment) in series["appointments"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        assert_eq!(appointment["series_id"], series["id"]);
        assert_eq!(appointment["occurrence"], index + 1);
        assert_eq!(appointment["reason"], "Course of three");
        let path = format!("/appointments/{}", appointment["id"].as_str().unwrap());
        assert_eq!(desk.get(&path).await.ok(), *appointment);
    }
    let id = series["id"].as_str().unwrap();
    let listed = desk
        .get(&format!("/appointments?series_id={id}"))
        .await
        .ok();
    assert_eq!(listed["items"], series["appointments"]);
    let single = desk
        .get(&format!("/appointment-series?patient_id={ANA}&limit=1"))
        .await
        .ok();
    assert_eq!(single["items"][0]["id"], series["id"]);
    assert_eq!(single["next_cursor"], Value::Null);
}

#[tokio::test]
async fn one_occurrence_that_cannot_take_place_keeps_all_of_them_out_and_each_is_named() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    take(&desk, BEN, ADA, "2026-03-11T10:00:00-04:00").await;
    time_off(
        &clinic,
        "2026-03-18T00:00:00-04:00",
        "2026-03-20T00:00:00-04:00",
    )
    .await;
    let refused = desk.post("/appointment-series", weekly(4)).await;
    let refused = assert_problem!(refused, 409, "/problems/slot-taken");
    let named: Vec<(i64, &str)> = refused.body["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["occurrence"].as_i64().unwrap(),
                one["type"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        named,
        [
            (2, "/problems/slot-taken"),
            (3, "/problems/outside-availability")
        ]
    );
    assert_eq!(refused.body["refused"][0]["taken"], json!(["provider"]));
    assert_eq!(
        refused.body["refused"][1]["detail"],
        "Dr Ada Keller is off on Wednesday, 18 March (time off)."
    );
    let first = assert_problem!(
        desk.post(
            "/appointment-series",
            with(
                weekly(3),
                json!({ "first_starts_at": "2026-03-18T10:00:00-04:00" })
            ),
        )
        .await,
        422,
        "/problems/outside-availability"
    );
    assert_eq!(first.body["refused"][0]["occurrence"], 1);
    assert!(first.pointers().is_empty());
    assert_eq!(count(&clinic, "appointments").await, "1");
    assert_eq!(count(&clinic, "appointment_series").await, "0");
}

#[tokio::test]
async fn with_slack_an_occurrence_moves_to_the_nearest_day_that_fits() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    // The 11th is taken, on the 18th and 19th Ada is away, on the 25th Ana is elsewhere, and the
    // 31st and 2nd beside the 1st are taken too.
    take(&desk, BEN, ADA, "2026-03-11T10:00:00-04:00").await;
    time_off(
        &clinic,
        "2026-03-18T00:00:00-04:00",
        "2026-03-20T00:00:00-04:00",
    )
    .await;
    take(&desk, ANA, BO, "2026-03-25T10:00:00-04:00").await;
    for day in ["2026-04-01", "2026-04-02", "2026-03-31"] {
        take(&desk, BEN, ADA, &format!("{day}T10:00:00-04:00")).await;
    }
    let series = book(&desk, with(weekly(5), json!({ "slack_days": 2 }))).await;
    assert_eq!(
        starts(&series),
        [
            "2026-03-04T10:00:00-05:00",
            "2026-03-12T10:00:00-04:00",
            "2026-03-17T10:00:00-04:00",
            "2026-03-26T10:00:00-04:00",
            "2026-04-03T10:00:00-04:00",
        ]
    );
}

#[tokio::test]
async fn a_time_that_the_clocks_skip_is_named_as_the_cause_in_the_zone_of_the_place() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    // 02:30 on 14 March 2027 does not happen in New York.
    let sunday = json!({
        "first_starts_at": "2026-10-25T02:30:00-04:00", "override": { "reason": "At night" },
    });
    let sunday = with(weekly(21), sunday);
    let refused = desk.post("/appointment-series", sunday).await;
    let refused = assert_problem!(refused, 422, "/problems/outside-availability");
    assert_eq!(
        refused.body["detail"],
        "The clocks go forward on Sunday, 14 March: the time that was asked for does not exist that day."
    );
    assert_eq!(
        refused.body["refused"][0]["starts_at"],
        "2027-03-14T03:00:00-04:00"
    );
}

#[tokio::test]
async fn what_makes_no_series_is_refused_by_field() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let nothing = "01900000-0000-7000-8000-0000000000ff";
    for (fields, pointer) in [
        (json!({ "slack_days": 4 }), "/slack_days"),
        (json!({ "count": 0 }), "/count"),
        (json!({ "count": 53 }), "/count"),
        (json!({ "every_weeks": 0 }), "/every_weeks"),
        (json!({ "location_id": nothing }), "/location_id"),
        (json!({ "patient_id": ZED }), "/patient_id"),
        (json!({ "override": { "reason": " " } }), "/override/reason"),
    ] {
        let refused = desk
            .post("/appointment-series", with(weekly(2), fields))
            .await;
        let refused = assert_problem!(refused, 422, "/problems/invalid-content");
        assert_eq!(refused.pointers(), [pointer]);
    }
    let evening = json!({ "first_starts_at": "2026-03-04T20:00:00-05:00" });
    let outside = desk
        .post("/appointment-series", with(weekly(2), evening.clone()))
        .await;
    let outside = assert_problem!(outside, 422, "/problems/outside-availability");
    assert_eq!(outside.body["refused"].as_array().unwrap().len(), 2);
    let forced = with(evening, json!({ "override": { "reason": "Only then" } }));
    let forced = book(&desk, with(weekly(2), forced)).await;
    assert_eq!(forced["appointments"][1]["override_reason"], "Only then");
}

#[tokio::test]
async fn a_series_takes_rooms_and_buffers_like_any_appointment() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let tpi = with(weekly(2), json!({ "appointment_type_id": TPI }));
    let series = book(&desk, tpi.clone()).await;
    assert_eq!(series["appointments"][1]["room"]["id"], ROOM_ONE);
    // 15 minutes after the first one end at 11:00: 10:45 is too early, 11:00 needs 10 before.
    let near = json!({ "patient_id": BEN, "first_starts_at": "2026-03-04T11:00:00-05:00" });
    let near = desk
        .post("/appointment-series", with(tpi.clone(), near))
        .await;
    assert_problem!(near, 409, "/problems/slot-taken");
    let other = json!({ "patient_id": BEN, "provider_id": BO });
    let other = book(&desk, with(tpi, other)).await;
    assert_eq!(other["appointments"][0]["room"]["id"], ROOM_TWO);
}

#[tokio::test]
async fn what_is_left_is_cancelled_and_what_was_stays() {
    let clinic = Clinic::open().await;
    let series = book(&clinic.front_desk().await, weekly(4)).await;
    let path = format!("{}/cancel", path_of(&series));
    clinic.advance(TimeDelta::days(3));
    let desk = clinic.front_desk().await;
    let body = json!({ "reason_code": "no_longer_needed", "from_occurrence": 4 });
    assert_problem!(
        desk.act(&path, "\"v3\"", body.clone()).await,
        412,
        "/problems/stale-version"
    );
    let last = desk.act(&path, "\"v4\"", body.clone()).await;
    assert_eq!(last.etag(), "\"v5\"");
    assert_eq!(
        statuses(&last.ok()),
        ["booked", "booked", "booked", "cancelled"]
    );
    let rest = json!({ "reason_code": "illness", "note": "Broken leg" });
    let rest = desk.act_now(&path, rest.clone()).await.ok();
    assert_eq!(
        statuses(&rest),
        ["booked", "cancelled", "cancelled", "cancelled"]
    );
    let why = &rest["appointments"][1]["cancellation"];
    assert_eq!(why["reason_code"], "illness");
    assert_eq!(why["note"], "Broken leg");
    assert_problem!(
        desk.act_now(&path, body).await,
        409,
        "/problems/nothing-ahead"
    );
    take(&desk, BEN, ADA, "2026-03-11T10:00:00-04:00").await;
}

#[tokio::test]
async fn the_rest_moves_together_even_onto_its_own_old_times_or_not_at_all() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let series = book(&desk, weekly(3)).await;
    let path = format!("{}/move", path_of(&series));
    // A week later: each one but the last takes the old time of the next.
    let later = json!({ "starts_at": "2026-03-11T10:00:00-04:00" });
    let moved = desk.act(&path, "\"v3\"", later).await;
    assert_eq!(moved.etag(), "\"v6\"");
    let moved = moved.ok();
    assert_eq!(
        starts(&moved),
        [
            "2026-03-11T10:00:00-04:00",
            "2026-03-18T10:00:00-04:00",
            "2026-03-25T10:00:00-04:00",
        ]
    );
    take(&desk, BEN, ADA, "2026-03-26T11:00:00-04:00").await;
    let onto = json!({ "from_occurrence": 2, "starts_at": "2026-03-19T11:00:00-04:00" });
    let refused = desk.act_now(&path, onto.clone()).await;
    let refused = assert_problem!(refused, 409, "/problems/slot-taken");
    assert_eq!(refused.body["refused"].as_array().unwrap().len(), 1);
    assert_eq!(refused.body["refused"][0]["occurrence"], 3);
    assert_eq!(desk.get(&path_of(&series)).await.ok(), moved);
    let with_bo = with(
        onto,
        json!({ "provider_id": BO, "starts_at": "2026-03-17T11:00:00-04:00" }),
    );
    let moved = desk.act_now(&path, with_bo).await.ok();
    assert_eq!(
        starts(&moved),
        [
            "2026-03-11T10:00:00-04:00",
            "2026-03-17T11:00:00-04:00",
            "2026-03-24T11:00:00-04:00",
        ]
    );
    assert_eq!(moved["appointments"][0]["provider"]["id"], ADA);
    assert_eq!(moved["appointments"][1]["provider"]["id"], BO);
    // One alone is moved like any other, and stays in the series.
    let one = moved["appointments"][1]["id"].as_str().unwrap();
    let one = desk
        .act_now(
            &format!("/appointments/{one}/reschedule"),
            json!({ "starts_at": "2026-03-16T09:00:00-04:00" }),
        )
        .await
        .ok();
    assert_eq!(
        (&one["series_id"], &one["occurrence"]),
        (&series["id"], &json!(2))
    );
    assert_ne!(
        desk.get(&path_of(&series)).await.ok()["version"],
        moved["version"]
    );
}

#[tokio::test]
async fn patients_book_and_change_their_own_series_by_the_rules_for_patients() {
    let clinic = Clinic::open().await;
    let ana = clinic.patient().await;
    let foreign = with(weekly(2), json!({ "patient_id": BEN }));
    let foreign = ana.post("/appointment-series", foreign).await;
    assert_problem!(foreign, 422, "/problems/invalid-content");
    let forced = with(weekly(2), json!({ "override": { "reason": "Please" } }));
    assert_problem!(
        ana.post("/appointment-series", forced).await,
        403,
        "/problems/not-allowed"
    );
    // 60 days ahead at the most: the ninth week is on 29 April, the tenth on 6 May.
    let far = ana.post("/appointment-series", weekly(10)).await;
    let far = assert_problem!(far, 422, "/problems/booking-rule");
    assert_eq!(far.body["rule"], "horizon");
    let occurrences: Vec<i64> = far.body["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["occurrence"].as_i64().unwrap())
        .collect();
    assert_eq!(occurrences, [10]);
    let tpi = with(weekly(1), json!({ "appointment_type_id": TPI }));
    let tpi = ana.post("/appointment-series", tpi).await;
    let tpi = assert_problem!(tpi, 422, "/problems/booking-rule");
    assert_eq!(tpi.body["rule"], "not_patient_bookable");
    let series = book(&ana, weekly(2)).await;
    let path = path_of(&series);
    let ben = clinic.other_patient().await;
    ben.get(&path).await.expect(404);
    let cancel = json!({ "reason_code": "patient_request" });
    ben.act_now(&format!("{path}/cancel"), cancel.clone())
        .await
        .expect(404);
    let listed = ben
        .get(&format!("/appointment-series?patient_id={ANA}"))
        .await
        .ok();
    assert_eq!(listed["items"], json!([]));
    // A day before the first one it is too late for it, and so for all.
    clinic.advance(TimeDelta::hours(26));
    let ana = clinic.patient().await;
    let late = ana.act_now(&format!("{path}/cancel"), cancel.clone()).await;
    let late = assert_problem!(late, 422, "/problems/booking-rule");
    assert_eq!(late.body["refused"][0]["occurrence"], 1);
    let second = with(cancel, json!({ "from_occurrence": 2 }));
    let left = ana.act_now(&format!("{path}/cancel"), second).await.ok();
    assert_eq!(statuses(&left), ["booked", "cancelled"]);
}

#[tokio::test]
async fn other_practices_and_those_without_a_part_in_it_are_kept_out() {
    let clinic = Clinic::open().await;
    let series = book(&clinic.front_desk().await, weekly(2)).await;
    let path = path_of(&series);
    let stranger = clinic.stranger("desk").await;
    let cancel = json!({ "reason_code": "other" });
    let to = json!({ "starts_at": "2026-03-11T10:00:00-04:00" });
    stranger.get(&path).await.expect(404);
    stranger
        .act_now(&format!("{path}/cancel"), cancel.clone())
        .await
        .expect(404);
    stranger
        .act_now(&format!("{path}/move"), to.clone())
        .await
        .expect(404);
    let auditor = clinic.auditor().await;
    auditor.get(&path).await.expect(403);
    auditor
        .post("/appointment-series", weekly(2))
        .await
        .expect(403);
    auditor
        .act_now(&format!("{path}/cancel"), cancel.clone())
        .await
        .expect(403);
    auditor
        .act_now(&format!("{path}/move"), to)
        .await
        .expect(403);
    let bare = clinic
        .front_desk()
        .await
        .post(&format!("{path}/cancel"), cancel)
        .await;
    assert_problem!(bare, 428, "/problems/version-required");
}

#[tokio::test]
async fn of_many_who_book_the_same_series_at_once_one_wins_all_of_it() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let patients = [ANA, BEN, CLEO];
    let tries = (0..12).map(|number| {
        let fields = json!({ "patient_id": (patients[number % 3]) });
        desk.post("/appointment-series", with(weekly(4), fields))
    });
    let replies = join_all(tries).await;
    let won = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(won, 1);
    for lost in replies.iter().filter(|reply| reply.status != 201) {
        assert_problem!(lost, 409, "/problems/slot-taken");
    }
    assert_eq!(count(&clinic, "appointments").await, "4");
    let once = with(
        weekly(2),
        json!({ "first_starts_at": "2026-03-05T10:00:00-05:00" }),
    );
    let first = desk
        .post_once("/appointment-series", "key", once.clone())
        .await;
    let again = desk.post_once("/appointment-series", "key", once).await;
    assert_eq!(first.created(), again.created());
}

#[tokio::test]
async fn a_series_keeps_the_interval_of_its_type_and_is_not_in_its_own_way_when_it_moves() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let apart = format!("UPDATE appointment_types SET min_interval_days = 14 WHERE id = '{TPI}'");
    clinic.sql(&apart).await;
    let tpi = with(weekly(2), json!({ "appointment_type_id": TPI }));
    let close = desk.post("/appointment-series", tpi.clone()).await;
    let close = assert_problem!(close, 422, "/problems/booking-rule");
    assert_eq!(close.body["rule"], "min_interval");
    assert_eq!(close.body["refused"][0]["occurrence"], 2);
    let series = book(&desk, with(tpi, json!({ "every_weeks": 2 }))).await;
    // A week later, the first one is a week from where the second one was, but not from where it goes.
    let to = json!({ "starts_at": "2026-03-11T10:00:00-04:00" });
    let moved = desk
        .act_now(&format!("{}/move", path_of(&series)), to)
        .await
        .ok();
    assert_eq!(
        starts(&moved),
        ["2026-03-11T10:00:00-04:00", "2026-03-25T10:00:00-04:00"]
    );
}

#[tokio::test]
async fn patients_book_no_series_past_what_they_may_have_ahead() {
    let clinic = Clinic::open().await;
    let (admin, desk, ana) = (
        clinic.admin().await,
        clinic.front_desk().await,
        clinic.patient().await,
    );
    let most = json!({ "most_booked_ahead": 4 });
    admin.patch("/practice", "*", most).await.ok();
    let refused = ana.post("/appointment-series", weekly(5)).await;
    let refused = assert_problem!(refused, 422, "/problems/booking-rule");
    assert_eq!(refused.body["rule"], "too_many_ahead");
    assert_eq!(count(&clinic, "appointments").await, "0");
    assert_eq!(count(&clinic, "appointment_series").await, "0");
    let series = book(&ana, weekly(4)).await;
    let one = json!({
        "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": "2026-03-05T10:00:00-05:00",
    });
    let refused = ana.post("/appointments", one.clone()).await;
    let refused = assert_problem!(refused, 422, "/problems/booking-rule");
    assert_eq!(refused.body["rule"], "too_many_ahead");
    let why = json!({ "reason_code": "patient_request" });
    let cancel = format!("{}/cancel", path_of(&series));
    ana.act_now(&cancel, why).await.ok();
    ana.post("/appointments", one).await.created();
    let at_noon = json!({ "first_starts_at": "2026-03-04T14:00:00-05:00" });
    book(&desk, with(weekly(6), at_noon)).await;
}
