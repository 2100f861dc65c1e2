//! The waitlist: whose turn it is, what is offered, and what becomes of it.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

fn with(mut body: Value, fields: Value) -> Value {
    let fields = fields.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(fields);
    body
}

/// Somebody waits for a follow-up this week.
fn wish(patient: &str) -> Value {
    json!({
        "patient_id": patient, "appointment_type_id": FOLLOW_UP, "priority": 5,
        "earliest": "2026-03-02T00:00:00-05:00", "latest": "2026-03-08T00:00:00-05:00",
    })
}

/// A time on Wednesday, 4 March 2026, in New York.
fn wednesday(time: &str) -> String {
    format!("2026-03-04T{time}:00-05:00")
}

/// Another type of half an hour that patients book themselves.
async fn another_type(clinic: &Clinic, name: &str) -> String {
    let body = json!({
        "name": name, "duration_minutes": 30, "needs_room": false, "patient_bookable": true,
        "min_lead_minutes": 1440, "max_ahead_days": 60, "start_every_minutes": 15,
    });
    let added = clinic.admin().await.post("/appointment-types", body).await;
    added.created()["id"].as_str().unwrap().to_owned()
}

/// Somebody else who can wait.
async fn another_patient(desk: &Client, number: usize) -> String {
    let body = json!({
        "given_name": format!("Guest{number}"), "family_name": format!("Number{number}"),
        "birth_date": "1980-01-01", "confirm_new": true,
    });
    let added = desk.post("/patients", body).await.created();
    added["id"].as_str().unwrap().to_owned()
}

async fn wait(client: &Client, body: Value) -> String {
    let made = client.post("/waitlist", body).await.created();
    format!("/waitlist/{}", made["id"].as_str().unwrap())
}

/// Somebody who waits for nothing books with Ada and cancels, so that the time is free again.
async fn free(clinic: &Clinic, starts_at: &str) {
    let desk = clinic.front_desk().await;
    let guest = another_patient(&desk, 900).await;
    let id = booked(&desk, &guest, starts_at).await;
    let why = json!({ "reason_code": "illness" });
    desk.act_now(&format!("/appointments/{id}/cancel"), why)
        .await
        .ok();
}

async fn booked(client: &Client, patient: &str, starts_at: &str) -> String {
    let body = json!({
        "patient_id": patient, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": starts_at,
    });
    let booked = client.post("/appointments", body).await.created();
    booked["id"].as_str().unwrap().to_owned()
}

/// Status and start of what is offered, if anything is.
async fn stands(clinic: &Clinic, entry: &str) -> (String, Option<String>) {
    let entry = clinic.front_desk().await.get(entry).await.ok();
    let start = entry["offer"]["starts_at"].as_str().map(str::to_owned);
    (entry["status"].as_str().unwrap().to_owned(), start)
}

fn waiting() -> (String, Option<String>) {
    ("waiting".to_owned(), None)
}

fn offered(starts_at: &str) -> (String, Option<String>) {
    ("offered".to_owned(), Some(starts_at.to_owned()))
}

async fn overlaps(clinic: &Clinic) -> String {
    clinic
        .ask(
            "SELECT count(*)::text FROM resource_bookings a JOIN resource_bookings b
             ON a.practice_id = b.practice_id AND a.resource_id = b.resource_id AND a.id < b.id
             AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at",
        )
        .await
}

#[tokio::test]
async fn a_freed_time_goes_to_the_most_urgent_and_then_to_who_has_waited_longest() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let cleo = wait(&desk, with(wish(CLEO), json!({ "priority": 6 }))).await;
    clinic.advance(TimeDelta::seconds(1));
    let ana = wait(&desk, wish(ANA)).await;
    clinic.advance(TimeDelta::seconds(1));
    let ben = wait(&desk, wish(BEN)).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, waiting(), "nothing was freed");
    let time = wednesday("09:30");
    free(&clinic, &time).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, offered(&time));
    assert_eq!(stands(&clinic, &ben).await, waiting());
    assert_eq!(stands(&clinic, &cleo).await, waiting());
    let other = another_type(&clinic, "Check-up").await;
    let urgent = json!({ "priority": 1, "appointment_type_id": other });
    let urgent = wait(&desk, with(wish(BEN), urgent)).await;
    free(&clinic, &wednesday("10:30")).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &urgent).await, offered(&wednesday("10:30")));
    assert_eq!(stands(&clinic, &ben).await, waiting(), "one offer a person");
    let queue = desk.get("/waitlist").await.ok();
    let priorities: Vec<i64> = queue["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["priority"].as_i64().unwrap())
        .collect();
    assert_eq!(priorities, [1, 5, 5, 6]);
}

/// Adds it, and says where it is.
async fn added(admin: &Client, path: &str, body: Value) -> String {
    let added = admin.post(path, body).await;
    let location = added.header("location").replace("/api/v1", "");
    added.created();
    location
}

/// What is offered to Ana, who waits for Ada on that day, before and after the change; she leaves
/// the queue.
async fn offered_by(
    clinic: &Clinic,
    day: &str,
    change: impl Future<Output = Value>,
) -> (Option<String>, Option<String>) {
    let desk = clinic.front_desk().await;
    let only_then = json!({
        "provider_ids": [ADA], "earliest": format!("{day}T00:00:00-05:00"), "latest": format!("{day}T23:30:00-05:00"),
    });
    let entry = wait(&desk, with(wish(ANA), only_then)).await;
    clinic.housekeeping().await;
    let (_, before) = stands(clinic, &entry).await;
    change.await;
    clinic.housekeeping().await;
    let (_, after) = stands(clinic, &entry).await;
    desk.act_now(&format!("{entry}/withdraw"), Value::Null)
        .await
        .ok();
    (before, after)
}

#[tokio::test]
async fn hours_that_open_are_offered_to_those_who_wait() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let hours_of_wednesday = json!({
        "starts_at": wednesday("00:00"), "ends_at": wednesday("23:00"), "reason": "Away",
    });
    let time_off = format!("/providers/{ADA}/time-off");
    for path in ["/closures", &time_off] {
        let one = added(&admin, path, hours_of_wednesday.clone()).await;
        let taken_back = async { admin.delete(&one).await.expect(204) };
        let (before, after) = offered_by(&clinic, "2026-03-04", taken_back).await;
        assert_eq!((before, after), (None, Some(wednesday("08:00"))), "{path}");
        clinic.sql("DELETE FROM openings").await;
    }
    let sunday = |time: &str| format!("2026-03-08T{time}:00-04:00");
    let extra = json!({
        "location_id": MAIN_STREET, "starts_at": sunday("10:00"), "ends_at": sunday("11:00"),
    });
    let path = format!("/providers/{ADA}/extra-hours");
    let adding = async { admin.post(&path, extra).await.created() };
    let (before, after) = offered_by(&clinic, "2026-03-08", adding).await;
    assert_eq!((before, after), (None, Some(sunday("10:00"))));
    let saturday = json!({
        "location_id": MAIN_STREET, "valid_from": "2026-03-06", "valid_until": null,
        "weekly": [{ "weekday": "saturday", "from": "12:00", "to": "13:00" }],
    });
    let setting = async {
        let path = format!("/providers/{ADA}/availability");
        admin.put(&path, "*", saturday).await.ok()
    };
    let (before, after) = offered_by(&clinic, "2026-03-07", setting).await;
    let noon = "2026-03-07T12:00:00-05:00".to_owned();
    assert_eq!((before, after), (None, Some(noon)));
}

#[tokio::test]
async fn hours_that_were_open_before_are_offered_to_nobody() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let afternoon = json!({
        "starts_at": wednesday("13:00"), "ends_at": wednesday("23:00"), "reason": "Away",
    });
    let one = added(&admin, &format!("/providers/{ADA}/time-off"), afternoon).await;
    admin.delete(&one).await.expect(204);
    let starts = "SELECT string_agg(to_char(starts_at AT TIME ZONE 'America/New_York', 'DD HH24:MI'), ', ') FROM openings";
    assert_eq!(clinic.ask(starts).await, "04 13:00");
    clinic.sql("DELETE FROM openings").await;
    let nobody_there = json!({
        "starts_at": "2026-03-08T00:00:00-05:00", "ends_at": "2026-03-09T00:00:00-04:00", "reason": "Sunday",
    });
    let one = added(&admin, "/closures", nobody_there).await;
    admin.delete(&one).await.expect(204);
    let count = "SELECT count(*)::text FROM openings";
    assert_eq!(clinic.ask(count).await, "0");
}

#[tokio::test]
async fn what_is_offered_is_kept_and_accepting_books_it() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let entry = wait(&desk, wish(ANA)).await;
    let time = wednesday("09:30");
    free(&clinic, &time).await;
    clinic.housekeeping().await;
    let read = desk.get(&entry).await;
    let (etag, offer) = (read.etag(), read.ok()["offer"].clone());
    assert_eq!(etag, "\"v2\"");
    assert_eq!(offer["starts_at"], time);
    assert_eq!(offer["ends_at"], wednesday("10:00"));
    assert_eq!(
        offer["provider"],
        json!({ "id": ADA, "name": "Dr Ada Keller" })
    );
    assert_eq!(offer["time_zone"], "America/New_York");
    assert_eq!(offer["expires_at"], "2026-03-02T14:30:00Z");
    let taken = json!({
        "patient_id": BEN, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": time,
    });
    assert_problem!(
        desk.post("/appointments", taken).await,
        409,
        "/problems/slot-taken"
    );
    let ana = clinic.patient().await;
    assert_problem!(
        ana.act(&format!("{entry}/accept"), "\"v1\"", Value::Null)
            .await,
        412,
        "/problems/stale-version"
    );
    let accepted = ana
        .act(&format!("{entry}/accept"), &etag, Value::Null)
        .await;
    assert_eq!(accepted.etag(), "\"v3\"");
    let accepted = accepted.ok();
    assert_eq!(accepted["status"], "booked");
    assert_eq!(accepted["offer"], Value::Null);
    let id = accepted["appointment_id"].as_str().unwrap();
    let appointment = ana.get(&format!("/appointments/{id}")).await.ok();
    assert_eq!(appointment["starts_at"], time);
    assert_eq!(appointment["patient"]["id"], ANA);
    assert_eq!(appointment["provider"]["id"], ADA);
    for answer in ["accept", "decline"] {
        let again = ana.act_now(&format!("{entry}/{answer}"), Value::Null).await;
        let again = assert_problem!(again, 409, "/problems/no-offer");
        assert_eq!(again.body["current_status"], "booked");
    }
    let gone = ana.act_now(&format!("{entry}/withdraw"), Value::Null).await;
    let gone = assert_problem!(gone, 409, "/problems/not-waiting");
    assert_eq!(gone.body["current_status"], "booked");
    assert_eq!(clinic.ask("SELECT count(*)::text FROM holds").await, "0");
    let audited = clinic
        .ask("SELECT string_agg(DISTINCT actor_role, ', ') FROM audit_events WHERE action = 'waitlist.offer'")
        .await;
    assert_eq!(audited, "service");
    let log = ana
        .get(&format!("/patients/{ANA}/access-log?limit=200"))
        .await
        .ok();
    let roles = log["items"].as_array().unwrap().iter();
    assert!(
        roles
            .into_iter()
            .any(|row| row["actor"]["role"] == "service")
    );
}

#[tokio::test]
async fn nobody_is_offered_a_time_for_a_type_that_was_retired() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let first = wait(&desk, wish(ANA)).await;
    let kind = another_type(&clinic, "Review").await;
    let second = with(wish(BEN), json!({ "appointment_type_id": kind }));
    let second = wait(&desk, second).await;
    let given_up = booked(&desk, CLEO, &wednesday("09:30")).await;
    let path = format!("/appointment-types/{FOLLOW_UP}");
    let retired = clinic.admin().await;
    let retired = retired.patch(&path, "*", json!({ "active": false })).await;
    retired.ok();
    let why = json!({ "reason_code": "illness" });
    desk.act_now(&format!("/appointments/{given_up}/cancel"), why)
        .await
        .ok();
    clinic.housekeeping().await;
    for (entry, status) in [(first, "waiting"), (second, "offered")] {
        assert_eq!(desk.get(&entry).await.ok()["status"], status);
    }
}

#[tokio::test]
async fn an_offer_that_cannot_be_booked_any_more_ends_when_it_is_accepted() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let ana = wait(&desk, wish(ANA)).await;
    free(&clinic, &wednesday("09:00")).await;
    clinic.housekeeping().await;
    assert_eq!(
        stands(&clinic, &ana).await,
        offered("2026-03-04T09:00:00-05:00")
    );
    let away = json!({
        "starts_at": wednesday("00:00"), "ends_at": wednesday("09:30"), "reason": "Away",
    });
    let time_off = format!("/providers/{ADA}/time-off");
    admin.post(&time_off, away).await.created();
    let accept = format!("{ana}/accept");
    let gone = desk.act_now(&accept, Value::Null).await;
    assert_problem!(gone, 422, "/problems/outside-availability");
    assert_eq!(stands(&clinic, &ana).await, waiting());
    let again = desk.act_now(&accept, Value::Null).await;
    assert_problem!(again, 409, "/problems/no-offer");
    // What is freed next is hers.
    free(&clinic, &wednesday("10:00")).await;
    clinic.housekeeping().await;
    assert_eq!(
        stands(&clinic, &ana).await,
        offered("2026-03-04T10:00:00-05:00")
    );
    // What she could still do something about stays hers.
    let elsewhere = json!({
        "patient_id": ANA, "appointment_type_id": TPI, "provider_id": BO,
        "location_id": MAIN_STREET, "starts_at": wednesday("10:00"),
    });
    desk.post("/appointments", elsewhere).await.created();
    let busy = desk.act_now(&accept, Value::Null).await;
    assert_problem!(busy, 409, "/problems/slot-taken");
    assert_eq!(
        stands(&clinic, &ana).await,
        offered("2026-03-04T10:00:00-05:00")
    );
}

#[tokio::test]
async fn only_those_whom_it_suits_are_offered_a_time() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let time = wednesday("09:30");
    // Ana is with Bo then, and whoever else waits wants something else.
    let with_bo = json!({
        "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "provider_id": BO,
        "location_id": MAIN_STREET, "starts_at": wednesday("09:45"),
    });
    desk.post("/appointments", with_bo).await.created();
    let mut unsuited = vec![wait(&desk, with(wish(ANA), json!({ "priority": 1 }))).await];
    for (number, fields) in [
        json!({ "weekdays": ["monday", "thursday"] }),
        json!({ "day_parts": ["afternoon", "evening"] }),
        json!({ "provider_ids": [BO] }),
        json!({ "location_ids": [THAMES_HOUSE] }),
        json!({ "earliest": wednesday("09:31") }),
        json!({ "latest": wednesday("09:29") }),
        // It takes an hour, and Ada is taken half an hour later.
        json!({ "appointment_type_id": NEW_PATIENT }),
    ]
    .into_iter()
    .enumerate()
    {
        let fields = with(fields, json!({ "priority": 1 }));
        let guest = another_patient(&desk, number).await;
        unsuited.push(wait(&desk, with(wish(&guest), fields)).await);
    }
    booked(&desk, BEN, &wednesday("10:00")).await;
    let fitting = json!({
        "priority": 9, "weekdays": ["wednesday"], "day_parts": ["morning"],
        "provider_ids": [BO, ADA], "location_ids": [MAIN_STREET],
        "earliest": time, "latest": wednesday("09:31"),
    });
    let suited = wait(&desk, with(wish(CLEO), fitting)).await;
    free(&clinic, &time).await;
    clinic.housekeeping().await;
    for entry in unsuited {
        assert_eq!(stands(&clinic, &entry).await, waiting());
    }
    assert_eq!(stands(&clinic, &suited).await, offered(&time));
}

#[tokio::test]
async fn lead_time_and_horizon_hold_for_offers_and_an_offer_outlives_the_lead_time() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    // Follow-ups take a day's notice and are booked 60 days ahead at the most.
    let wide = json!({ "latest": "2026-07-01T00:00:00-04:00" });
    let entry = wait(&desk, with(wish(ANA), wide)).await;
    for time in ["2026-03-03T08:15:00-05:00", "2026-05-04T09:00:00-04:00"] {
        free(&clinic, time).await;
        clinic.housekeeping().await;
        assert_eq!(stands(&clinic, &entry).await, waiting(), "{time}");
    }
    let time = "2026-03-03T09:15:00-05:00";
    free(&clinic, time).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &entry).await, offered(time));
    clinic.advance(TimeDelta::minutes(25));
    let ana = clinic.patient().await;
    let late = json!({
        "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": "2026-03-03T09:00:00-05:00",
    });
    let late = ana.post("/appointments", late).await;
    let late = assert_problem!(late, 422, "/problems/booking-rule");
    assert_eq!(late.body["rule"], "lead_time");
    let accepted = ana.act_now(&format!("{entry}/accept"), Value::Null).await;
    assert_eq!(accepted.ok()["status"], "booked");
}

#[tokio::test]
async fn an_offer_that_runs_out_goes_to_the_next_one_and_nobody_is_asked_twice() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let first = wait(&desk, with(wish(ANA), json!({ "priority": 2 }))).await;
    let second = wait(&desk, wish(BEN)).await;
    let time = wednesday("09:30");
    free(&clinic, &time).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &first).await, offered(&time));
    clinic.advance(TimeDelta::minutes(30));
    // From this very moment it cannot be accepted, whether anybody has looked or not.
    let ana = clinic.patient().await;
    let late = ana.act_now(&format!("{first}/accept"), Value::Null).await;
    assert_problem!(late, 409, "/problems/no-offer");
    assert_eq!(ana.get(&first).await.ok()["offer"], Value::Null);
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &first).await, waiting());
    assert_eq!(stands(&clinic, &second).await, offered(&time));
    clinic.advance(TimeDelta::minutes(30));
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &first).await, waiting());
    assert_eq!(stands(&clinic, &second).await, waiting());
    let desk = clinic.front_desk().await;
    let id = booked(&desk, CLEO, &time).await;
    // Another time finds them in their old order.
    let elsewhere = json!({ "starts_at": wednesday("14:00") });
    desk.act_now(&format!("/appointments/{id}/reschedule"), elsewhere)
        .await
        .ok();
    free(&clinic, &wednesday("15:00")).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &first).await, offered(&wednesday("15:00")));
    assert_eq!(stands(&clinic, &second).await, waiting());
}

#[tokio::test]
async fn what_is_declined_or_withdrawn_from_goes_to_the_next_one() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let first = wait(&desk, with(wish(ANA), json!({ "priority": 2 }))).await;
    let second = wait(&desk, with(wish(BEN), json!({ "priority": 3 }))).await;
    let third = wait(&desk, wish(CLEO)).await;
    let time = wednesday("09:30");
    free(&clinic, &time).await;
    clinic.housekeeping().await;
    let nothing = desk
        .act_now(&format!("{second}/decline"), Value::Null)
        .await;
    assert_problem!(nothing, 409, "/problems/no-offer");
    let ana = clinic.patient().await;
    let declined = ana
        .act(&format!("{first}/decline"), "\"v2\"", Value::Null)
        .await;
    assert_eq!(declined.etag(), "\"v3\"");
    assert_eq!(declined.ok()["status"], "waiting");
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &first).await, waiting());
    assert_eq!(stands(&clinic, &second).await, offered(&time));
    let gone = desk
        .act_now(&format!("{second}/withdraw"), Value::Null)
        .await;
    assert_eq!(gone.ok()["status"], "withdrawn");
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &second).await.0, "withdrawn");
    assert_eq!(stands(&clinic, &third).await, offered(&time));
    let answers = "SELECT string_agg(status, ', ' ORDER BY id) FROM waitlist_offers";
    assert_eq!(clinic.ask(answers).await, "declined, withdrawn, open");
}

#[tokio::test]
async fn of_many_who_accept_one_offer_at_once_one_books() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let ana = clinic.patient().await;
    let entry = wait(&desk, wish(ANA)).await;
    free(&clinic, &wednesday("09:30")).await;
    clinic.housekeeping().await;
    let path = format!("{entry}/accept");
    let tries = (0..16).map(|number| {
        let who = if number % 2 == 0 { &desk } else { &ana };
        who.act_now(&path, Value::Null)
    });
    let replies = join_all(tries).await;
    let won = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(won, 1);
    for lost in replies.iter().filter(|reply| reply.status != 200) {
        assert_problem!(lost, 409, "/problems/no-offer");
    }
    let booked = "SELECT count(*)::text FROM appointments WHERE status = 'booked'";
    assert_eq!(clinic.ask(booked).await, "1");
    assert_eq!(overlaps(&clinic).await, "0");
}

#[tokio::test]
async fn two_times_freed_at_once_go_to_two_people_or_wait_for_one() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    // The same person waits for two things.
    let other = another_type(&clinic, "Check-up").await;
    let second = json!({ "priority": 6, "appointment_type_id": other });
    let one = wait(&desk, wish(ANA)).await;
    let two = wait(&desk, with(wish(ANA), second)).await;
    let (early, late) = (wednesday("09:30"), wednesday("14:00"));
    for time in [&early, &late] {
        free(&clinic, time).await;
    }
    let rounds = (0..4).map(|_| clinic.housekeeping());
    join_all(rounds).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &one).await, offered(&early));
    assert_eq!(stands(&clinic, &two).await, waiting());
    desk.act_now(&format!("{one}/decline"), Value::Null)
        .await
        .ok();
    // She cannot come then, whatever for.
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &one).await, offered(&late));
    assert_eq!(stands(&clinic, &two).await, waiting());
    desk.act_now(&format!("{one}/accept"), Value::Null)
        .await
        .ok();
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &two).await, waiting());
    let third = wednesday("15:00");
    free(&clinic, &third).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &two).await, offered(&third));
    let open = "SELECT count(*)::text FROM waitlist_offers WHERE status = 'open'";
    assert_eq!(clinic.ask(open).await, "1");
    assert_eq!(overlaps(&clinic).await, "0");
}

#[tokio::test]
async fn a_person_waits_once_for_a_type_of_appointment() {
    let clinic = Clinic::open().await;
    let (desk, ana) = (clinic.front_desk().await, clinic.patient().await);
    let entry = wait(&ana, wish(ANA)).await;
    for client in [&desk, &ana] {
        let again = client.post("/waitlist", wish(ANA)).await;
        let again = assert_problem!(again, 409, "/problems/already-waiting");
        let named = again.body["waitlist_entry_id"].as_str().unwrap();
        assert_eq!(format!("/waitlist/{named}"), entry);
    }
    let at_once = join_all((0..6).map(|_| desk.post("/waitlist", wish(BEN)))).await;
    let made = at_once.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(made, 1);
    for reply in at_once.iter().filter(|reply| reply.status != 201) {
        assert_problem!(reply, 409, "/problems/already-waiting");
    }
    // Whoever left the queue can join it again.
    desk.act_now(&format!("{entry}/withdraw"), Value::Null)
        .await
        .ok();
    wait(&ana, wish(ANA)).await;
}

#[tokio::test]
async fn records_that_were_merged_wait_as_one_person() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let ana = wait(&desk, wish(ANA)).await;
    let ben = wait(&desk, with(wish(BEN), json!({ "priority": 6 }))).await;
    let cleo = wait(&desk, with(wish(CLEO), json!({ "priority": 7 }))).await;
    let merge = json!({ "duplicate_id": BEN });
    admin
        .act_now(&format!("/patients/{ANA}/merge"), merge)
        .await
        .ok();
    let (declined, taken) = (wednesday("09:30"), wednesday("14:00"));
    free(&clinic, &declined).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, offered(&declined));
    desk.act_now(&format!("{ana}/decline"), Value::Null)
        .await
        .ok();
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ben).await, waiting());
    assert_eq!(stands(&clinic, &cleo).await, offered(&declined));
    free(&clinic, &taken).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, offered(&taken));
    assert_eq!(stands(&clinic, &ben).await, waiting(), "one offer a person");
    desk.act_now(&format!("{ana}/accept"), Value::Null)
        .await
        .ok();
    assert_eq!(stands(&clinic, &ben).await.0, "withdrawn");
}

#[tokio::test]
async fn hours_that_move_with_the_zone_of_a_location_are_offered_to_those_who_wait() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let path = format!("/locations/{MAIN_STREET}");
    let west = json!({ "time_zone": "America/Chicago" });
    let moving = async { admin.patch(&path, "*", west).await.ok() };
    let (before, after) = offered_by(&clinic, "2026-03-04", moving).await;
    // At noon of New York there was nobody; now it is eleven.
    let eleven = "2026-03-04T11:00:00-06:00".to_owned();
    assert_eq!((before, after), (None, Some(eleven)));
}

#[tokio::test]
async fn what_is_moved_let_go_of_or_not_booked_in_time_is_offered_too() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let time = wednesday("09:30");
    let decline = async |entry: &str| {
        let desk = clinic.front_desk().await;
        desk.act_now(&format!("{entry}/withdraw"), Value::Null)
            .await
            .ok();
    };
    let entry = wait(&desk, wish(ANA)).await;
    let id = booked(&desk, CLEO, &time).await;
    let path = format!("/appointments/{id}/reschedule");
    let to = json!({ "starts_at": wednesday("16:00") });
    desk.act_now(&path, to).await.ok();
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &entry).await, offered(&time), "moved");
    decline(&entry).await;

    // What was withdrawn from is open still; it is taken, to see the next one.
    booked(&desk, BEN, &time).await;

    let hold = json!({
        "appointment_type_id": FOLLOW_UP, "provider_id": ADA, "location_id": MAIN_STREET,
        "starts_at": wednesday("11:00"),
    });
    let held = desk.post("/holds", hold.clone()).await.created();
    let entry = wait(&desk, wish(ANA)).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &entry).await, waiting(), "still held");
    let path = format!("/holds/{}", held["id"].as_str().unwrap());
    desk.delete(&path).await.expect(204);
    clinic.housekeeping().await;
    assert_eq!(
        stands(&clinic, &entry).await,
        offered(&wednesday("11:00")),
        "let go"
    );
    decline(&entry).await;
    booked(&desk, BEN, &wednesday("11:00")).await;

    let late = with(hold, json!({ "starts_at": wednesday("13:00") }));
    desk.post("/holds", late).await.created();
    let entry = wait(&desk, wish(ANA)).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &entry).await, waiting(), "still held");
    clinic.advance(TimeDelta::minutes(5));
    clinic.housekeeping().await;
    assert_eq!(
        stands(&clinic, &entry).await,
        offered(&wednesday("13:00")),
        "ran out"
    );
}

#[tokio::test]
async fn a_round_that_is_cut_short_anywhere_loses_nothing() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    // Three people wait for each of many times, one offer each at a time.
    let times = ["08:30", "09:00", "09:30", "10:00", "10:30", "11:00"];
    for patient in [ANA, BEN, CLEO] {
        wait(&desk, wish(patient)).await;
    }
    for time in times {
        free(&clinic, &wednesday(time)).await;
    }
    let clients = "SELECT count(*)::text FROM waitlist_entries WHERE status = 'offered'";
    let open = "SELECT count(*)::text FROM waitlist_offers WHERE status = 'open'";
    let kept = "SELECT count(*)::text FROM resource_bookings b JOIN waitlist_offers o
                ON o.practice_id = b.practice_id AND o.id = b.hold_id AND o.status = 'open'";
    let unfinished = "SELECT count(*)::text FROM control.waitlist_calls
                      WHERE due_at <= '2026-03-02T14:00:00Z'";
    for micros in (0..40).map(|step| step * 400) {
        clinic.housekeeping_for(Duration::from_micros(micros)).await;
        // Entry, offer and hold are there together or not at all, whatever was cut.
        let (clients, open, kept) =
            futures_util::join!(clinic.ask(clients), clinic.ask(open), clinic.ask(kept));
        assert_eq!((&clients, &open), (&kept, &kept));
    }
    clinic.housekeeping().await;
    assert_eq!(clinic.ask(unfinished).await, "0");
    assert_eq!(clinic.ask(open).await, "3");
    assert_eq!(
        clinic
            .ask("SELECT string_agg(to_char(starts_at AT TIME ZONE 'America/New_York', 'HH24:MI'), ' ' ORDER BY starts_at) FROM waitlist_offers")
            .await,
        "08:30 09:00 09:30"
    );
    assert_eq!(overlaps(&clinic).await, "0");
    // The ones in the middle of it keep their places: all of them are told the next times.
    clinic.advance(TimeDelta::minutes(30));
    for micros in (0..20).map(|step| step * 700) {
        clinic.housekeeping_for(Duration::from_micros(micros)).await;
    }
    clinic.housekeeping().await;
    assert_eq!(clinic.ask(open).await, "3");
    let twice = "SELECT count(*)::text FROM (SELECT entry_id, starts_at FROM waitlist_offers
                 GROUP BY 1, 2 HAVING count(*) > 1) AS asked";
    assert_eq!(clinic.ask(twice).await, "0");
}

#[tokio::test]
async fn patients_see_and_answer_their_own_and_keep_to_their_rules() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let (ana, ben) = (clinic.patient().await, clinic.other_patient().await);
    let own = wait(&ana, wish(ANA)).await;
    let other = wait(&desk, wish(BEN)).await;
    let listed = ana.get("/waitlist").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["patient"]["id"], ANA);
    ana.get(&other).await.expect(404);
    free(&clinic, &wednesday("09:30")).await;
    clinic.housekeeping().await;
    for answer in ["accept", "decline", "withdraw"] {
        let foreign = ben.act_now(&format!("{own}/{answer}"), Value::Null).await;
        foreign.expect(404);
    }
    let foreign = ana.post("/waitlist", wish(BEN)).await;
    let foreign = assert_problem!(foreign, 422, "/problems/invalid-content");
    assert_eq!(foreign.pointers(), ["/patient_id"]);
    let urgent = with(wish(ANA), json!({ "priority": 4 }));
    assert_eq!(
        ana.post("/waitlist", urgent).await.pointers(),
        ["/priority"]
    );
    let tpi = with(wish(ANA), json!({ "appointment_type_id": TPI }));
    let refused = ana.post("/waitlist", tpi.clone()).await;
    let refused = assert_problem!(refused, 422, "/problems/booking-rule");
    assert_eq!(refused.body["rule"], "not_patient_bookable");
    for number in 0..4 {
        let other = another_type(&clinic, &format!("Type {number}")).await;
        let other = json!({ "appointment_type_id": other });
        wait(&ana, with(wish(ANA), other)).await;
    }
    let sixth = another_type(&clinic, "One too many").await;
    let sixth = with(wish(ANA), json!({ "appointment_type_id": sixth }));
    let many = ana.post("/waitlist", sixth).await;
    let many = assert_problem!(many, 422, "/problems/booking-rule");
    assert_eq!(many.body["rule"], "too_many_waiting");
    ana.act_now(&format!("{own}/withdraw"), Value::Null)
        .await
        .ok();
    ben.act_now(&format!("{other}/withdraw"), Value::Null)
        .await
        .ok();
    // What only the practice books can be waited for when the practice says so, with its room.
    let tpi = with(tpi, json!({ "patient_id": BEN, "priority": 1 }));
    let tpi = wait(&desk, tpi).await;
    free(&clinic, &wednesday("14:00")).await;
    clinic.housekeeping().await;
    let read = ben.get(&tpi).await.ok();
    assert_eq!(read["status"], "offered");
    assert_eq!(read["offer"]["room_id"], ROOM_ONE);
    let accepted = ben.act_now(&format!("{tpi}/accept"), Value::Null).await;
    let id = accepted.ok()["appointment_id"].as_str().unwrap().to_owned();
    let appointment = ben.get(&format!("/appointments/{id}")).await.ok();
    assert_eq!(appointment["room"]["id"], ROOM_ONE);
}

#[tokio::test]
async fn other_practices_and_those_without_a_part_in_it_are_kept_out() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let entry = wait(&desk, wish(ANA)).await;
    free(&clinic, &wednesday("09:30")).await;
    clinic.housekeeping().await;
    let stranger = clinic.stranger("desk").await;
    stranger.get(&entry).await.expect(404);
    let theirs = stranger.get("/waitlist").await.ok();
    assert_eq!(theirs["items"], json!([]));
    let auditor = clinic.auditor().await;
    auditor.get("/waitlist").await.expect(403);
    auditor.get(&entry).await.expect(403);
    auditor.post("/waitlist", wish(ANA)).await.expect(403);
    for answer in ["accept", "decline", "withdraw"] {
        let path = format!("{entry}/{answer}");
        stranger.act_now(&path, Value::Null).await.expect(404);
        auditor.act_now(&path, Value::Null).await.expect(403);
        clinic
            .anonymous()
            .act_now(&path, Value::Null)
            .await
            .expect(401);
        let bare = desk.send(reqwest::Method::POST, &path, &[], None).await;
        assert_problem!(bare, 428, "/problems/version-required");
    }
    assert_eq!(stands(&clinic, &entry).await, offered(&wednesday("09:30")));
}

#[tokio::test]
async fn what_makes_no_entry_is_refused_by_field_and_an_entry_ends_with_its_window() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let nothing = "01900000-0000-7000-8000-0000000000ff";
    for (fields, pointers) in [
        (json!({ "latest": "2026-03-02T13:59:59Z" }), vec!["/latest"]),
        (
            json!({ "earliest": "2026-03-08T05:00:00Z" }),
            vec!["/latest"],
        ),
        (json!({ "priority": 0 }), vec!["/priority"]),
        (json!({ "priority": 10 }), vec!["/priority"]),
        (json!({ "weekdays": ["someday"] }), vec!["/weekdays/0"]),
        (json!({ "day_parts": ["night"] }), vec!["/day_parts/0"]),
        (
            json!({
                "patient_id": ZED, "appointment_type_id": nothing,
                "provider_ids": [ADA, nothing], "location_ids": [nothing],
            }),
            vec![
                "/appointment_type_id",
                "/location_ids",
                "/patient_id",
                "/provider_ids",
            ],
        ),
    ] {
        let refused = desk.post("/waitlist", with(wish(ANA), fields)).await;
        let refused = assert_problem!(refused, 422, "/problems/invalid-content");
        assert_eq!(refused.pointers(), pointers);
    }
    let short = json!({ "latest": "2026-03-02T14:05:00Z", "provider_ids": [ADA, ADA] });
    let entry = wait(&desk, with(wish(ANA), short)).await;
    clinic.advance(TimeDelta::minutes(5));
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &entry).await.0, "expired");
    let gone = desk
        .act_now(&format!("{entry}/withdraw"), Value::Null)
        .await;
    assert_problem!(gone, 409, "/problems/not-waiting");
}

#[tokio::test]
async fn the_queue_is_filtered_paged_and_a_providers_own_by_default() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    for (patient, fields) in [
        (ANA, json!({ "priority": 7 })),
        (BEN, json!({ "provider_ids": [BO] })),
        (CLEO, json!({ "provider_ids": [ADA], "priority": 3 })),
        (ANA, json!({ "appointment_type_id": TPI })),
    ] {
        clinic.advance(TimeDelta::seconds(1));
        wait(&desk, with(wish(patient), fields)).await;
    }
    let whom = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        let name = |entry: &Value| entry["patient"]["name"].as_str().unwrap().to_owned();
        items.iter().map(name).collect()
    };
    let mut seen = Vec::new();
    let mut path = "/waitlist?limit=1".to_owned();
    loop {
        let page = desk.get(&path).await.ok();
        seen.extend(whom(&page));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/waitlist?limit=1&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(
        seen,
        ["Cleo Müller", "Ben Okafor", "Ana Vrabec", "Ana Vrabec"]
    );
    for (query, expected) in [
        (
            format!("patient_id={ANA}"),
            vec!["Ana Vrabec", "Ana Vrabec"],
        ),
        (
            format!("provider_id={BO}"),
            vec!["Ben Okafor", "Ana Vrabec", "Ana Vrabec"],
        ),
        (format!("appointment_type_id={TPI}"), vec!["Ana Vrabec"]),
        ("status=offered".to_owned(), vec![]),
        (
            "updated_since=2026-03-02T14:00:04Z".to_owned(),
            vec!["Ana Vrabec"],
        ),
    ] {
        let page = desk.get(&format!("/waitlist?{query}")).await.ok();
        assert_eq!(whom(&page), expected, "{query}");
    }
    let ada = clinic.provider().await.get("/waitlist").await.ok();
    assert_eq!(whom(&ada), ["Cleo Müller", "Ana Vrabec", "Ana Vrabec"]);
}

#[tokio::test]
async fn offers_stand_and_times_are_offered_as_the_practice_has_set() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let terms = |offer: i32, notice: i32| json!({ "waitlist_offer_minutes": offer, "waitlist_notice_minutes": notice });
    let practice = admin.get("/practice").await.ok();
    assert_eq!(
        (
            &practice["waitlist_offer_minutes"],
            &practice["waitlist_notice_minutes"]
        ),
        (&json!(30), &json!(10))
    );
    for (offer, notice, pointer) in [
        (4, 10, "/waitlist_offer_minutes"),
        (1441, 10, "/waitlist_offer_minutes"),
        (30, 4, "/waitlist_notice_minutes"),
        (30, 10081, "/waitlist_notice_minutes"),
    ] {
        let refused = admin.patch("/practice", "*", terms(offer, notice)).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec![pointer.to_owned()])
        );
    }
    let refused = desk.patch("/practice", "*", terms(30, 10)).await;
    assert_problem!(refused, 403, "/problems/not-allowed");
    // An offer stands for two hours, and what begins within three days is not offered.
    let set = admin
        .patch("/practice", "*", terms(120, 3 * 24 * 60))
        .await
        .ok();
    assert_eq!(set["waitlist_offer_minutes"], 120);
    let ana = wait(&desk, wish(ANA)).await;
    free(&clinic, &wednesday("09:30")).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, waiting());
    free(&clinic, "2026-03-06T09:30:00-05:00").await;
    clinic.housekeeping().await;
    let entry = desk.get(&ana).await.ok();
    assert_eq!(entry["offer"]["starts_at"], "2026-03-06T09:30:00-05:00");
    let expires_at: chrono::DateTime<chrono::Utc> = entry["offer"]["expires_at"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(expires_at, opening() + TimeDelta::hours(2));
}

#[tokio::test]
async fn who_waits_for_something_else_keeps_their_place_and_is_offered_what_suits_now() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let tuesdays = json!({ "weekdays": ["tuesday"], "provider_ids": [BO], "priority": 6 });
    let ana = wait(&desk, with(wish(ANA), tuesdays)).await;
    clinic.advance(TimeDelta::minutes(1));
    let ben = wait(&desk, with(wish(BEN), json!({ "provider_ids": [BO] }))).await;
    let time = wednesday("09:30");
    free(&clinic, &time).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, waiting());
    assert_eq!(stands(&clinic, &ben).await, waiting());
    clinic.advance(TimeDelta::minutes(1));
    let changes = json!({
        "weekdays": [], "provider_ids": [ADA], "location_ids": [MAIN_STREET],
        "day_parts": ["morning"], "priority": 5,
        "earliest": "2026-03-04T00:00:00-05:00", "latest": "2026-03-05T00:00:00-05:00",
    });
    let own = clinic.patient().await;
    let changed = own.patch(&ana, "\"v1\"", changes.clone()).await;
    assert_eq!(changed.etag(), "\"v2\"");
    let changed = changed.ok();
    for (field, value) in changes.as_object().unwrap() {
        assert_eq!(&changed[field], value, "{field}");
    }
    assert_eq!(changed["created_at"], "2026-03-02T14:00:00Z");
    assert_eq!(changed["updated_at"], "2026-03-02T14:02:00Z");
    // What is left out stays.
    let anybody = json!({ "provider_ids": [] });
    let changed = desk.patch(&ben, "*", anybody).await.ok();
    assert_eq!(
        (&changed["priority"], &changed["provider_ids"]),
        (&json!(5), &json!([]))
    );
    clinic.housekeeping().await;
    assert_eq!(
        stands(&clinic, &ana).await,
        offered(&time),
        "the first to wait"
    );
    assert_eq!(stands(&clinic, &ben).await, waiting());
}

#[tokio::test]
async fn a_wait_that_is_cut_short_ends_then_and_one_that_is_prolonged_goes_on() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let soon = json!({ "latest": "2026-03-02T14:05:00Z" });
    let prolonged = wait(&desk, with(wish(ANA), soon.clone())).await;
    let cut_short = wait(&desk, wish(BEN)).await;
    let longer = json!({ "latest": "2026-03-03T14:00:00Z" });
    desk.patch(&prolonged, "*", longer).await.ok();
    desk.patch(&cut_short, "*", soon).await.ok();
    clinic.advance(TimeDelta::minutes(5));
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &prolonged).await, waiting());
    assert_eq!(stands(&clinic, &cut_short).await.0, "expired");
    let gone = desk.patch(&cut_short, "*", json!({ "priority": 2 })).await;
    let gone = assert_problem!(gone, 409, "/problems/not-waiting");
    assert_eq!(gone.body["current_status"], "expired");
}

#[tokio::test]
async fn an_offer_is_answered_before_anything_else_is_waited_for() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let entry = wait(&desk, wish(ANA)).await;
    free(&clinic, &wednesday("09:30")).await;
    clinic.housekeeping().await;
    let evenings = json!({ "day_parts": ["evening"] });
    let refused = desk.patch(&entry, "*", evenings.clone()).await;
    let refused = assert_problem!(refused, 409, "/problems/offer-open");
    assert_eq!(refused.body["current_status"], "offered");
    assert_eq!(stands(&clinic, &entry).await, offered(&wednesday("09:30")));
    desk.act_now(&format!("{entry}/decline"), Value::Null)
        .await
        .ok();
    desk.patch(&entry, "*", evenings.clone()).await.ok();
    free(&clinic, &wednesday("10:30")).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &entry).await, waiting());
    let mornings = json!({ "day_parts": ["morning"] });
    desk.patch(&entry, "*", mornings).await.ok();
    clinic.housekeeping().await;
    desk.act_now(&format!("{entry}/accept"), Value::Null)
        .await
        .ok();
    let withdrawn = wait(&desk, wish(BEN)).await;
    desk.act_now(&format!("{withdrawn}/withdraw"), Value::Null)
        .await
        .ok();
    for (over, status) in [(&entry, "booked"), (&withdrawn, "withdrawn")] {
        let refused = desk.patch(over, "*", evenings.clone()).await;
        let refused = assert_problem!(refused, 409, "/problems/not-waiting");
        assert_eq!(refused.body["current_status"], status);
    }
}

#[tokio::test]
async fn what_nobody_can_wait_for_changes_no_entry_and_it_is_changed_by_its_own_alone() {
    let clinic = Clinic::open().await;
    let (desk, ana) = (clinic.front_desk().await, clinic.patient().await);
    let entry = wait(&desk, with(wish(ANA), json!({ "priority": 2 }))).await;
    let before = desk.get(&entry).await.ok();
    let nothing = "01900000-0000-7000-8000-0000000000ff";
    for (body, pointers) in [
        (json!({ "latest": "2026-03-02T14:00:00Z" }), vec!["/latest"]),
        (
            json!({ "earliest": "2026-03-08T05:00:00Z" }),
            vec!["/latest"],
        ),
        (json!({ "latest": null }), vec!["/latest"]),
        (json!({ "weekdays": null }), vec!["/weekdays"]),
        (json!({ "priority": 0 }), vec!["/priority"]),
        (json!({ "priority": 10 }), vec!["/priority"]),
        (json!({ "day_parts": ["night"] }), vec!["/day_parts/0"]),
        (json!({ "patient_id": BEN }), vec!["/patient_id"]),
        (json!({ "status": "booked" }), vec!["/status"]),
        (
            json!({
                "latest": "2026-03-01T14:00:00Z", "provider_ids": [ADA, nothing],
                "location_ids": [nothing],
            }),
            vec!["/latest", "/location_ids", "/provider_ids"],
        ),
    ] {
        let refused = desk.patch(&entry, "*", body).await;
        let mut faulty = refused.pointers();
        faulty.sort();
        assert_eq!(faulty, pointers);
        assert_problem!(refused, 422, "/problems/invalid-content");
    }
    let more_urgent = ana.patch(&entry, "*", json!({ "priority": 1 })).await;
    assert_eq!(more_urgent.pointers(), ["/priority"]);
    let content = json!({ "weekdays": ["monday"] });
    let typed = [("content-type", "application/json")];
    let bytes = Some(content.to_string().into_bytes());
    let bare = desk.send(reqwest::Method::PATCH, &entry, &typed, bytes);
    assert_problem!(bare.await, 428, "/problems/version-required");
    let stale = desk.patch(&entry, "\"v2\"", content.clone()).await;
    assert_problem!(stale, 412, "/problems/stale-version");
    for stranger in [clinic.other_patient().await, clinic.stranger("desk").await] {
        let unseen = stranger.patch(&entry, "*", content.clone()).await;
        assert_problem!(unseen, 404, "/problems/not-found");
    }
    let auditor = clinic.auditor().await;
    auditor
        .patch(&entry, "*", content.clone())
        .await
        .expect(403);
    assert_eq!(desk.get(&entry).await.ok(), before);
    // The priority that the practice gave stays, sent back or not.
    let same = with(content, json!({ "priority": 2 }));
    let changed = ana.patch(&entry, "*", same).await.ok();
    assert_eq!(changed["weekdays"], json!(["monday"]));
    let changed = ana.patch(&entry, "*", json!({ "weekdays": [] })).await.ok();
    assert_eq!(changed["priority"], 2);
    let less_urgent = ana.patch(&entry, "*", json!({ "priority": 8 })).await.ok();
    assert_eq!(less_urgent["priority"], 8);
}

/// Somebody gives up an appointment: by cancelling it, or by moving it to Friday.
async fn give_up(desk: &Client, id: &str, how: &str) {
    let friday = "2026-03-06T15:00:00-05:00";
    let body = match how {
        "cancel" => json!({ "reason_code": "patient_request" }),
        _ => json!({ "starts_at": friday }),
    };
    desk.act_now(&format!("/appointments/{id}/{how}"), body)
        .await
        .ok();
}

#[tokio::test]
async fn nobody_is_offered_what_they_have_just_given_up_themselves() {
    for how in ["cancel", "reschedule"] {
        let clinic = Clinic::open().await;
        let desk = clinic.front_desk().await;
        let time = wednesday("09:30");
        let ana = wait(&desk, wish(ANA)).await;
        let id = booked(&desk, ANA, &time).await;
        give_up(&desk, &id, how).await;
        clinic.housekeeping().await;
        assert_eq!(stands(&clinic, &ana).await, waiting(), "{how}");
        // It goes to the next one, and what others give up goes to her.
        let ben = wait(&desk, with(wish(BEN), json!({ "priority": 6 }))).await;
        clinic.housekeeping().await;
        assert_eq!(stands(&clinic, &ben).await, offered(&time), "{how}");
        let other = wednesday("11:00");
        free(&clinic, &other).await;
        clinic.housekeeping().await;
        assert_eq!(stands(&clinic, &ana).await, offered(&other), "{how}");
    }
}

#[tokio::test]
async fn what_the_practice_took_from_somebody_may_be_offered_to_them_again() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let time = wednesday("09:30");
    let ana = wait(&desk, wish(ANA)).await;
    let id = booked(&desk, ANA, &time).await;
    let ill = json!({ "reason_code": "duplicate" });
    desk.act_now(&format!("/appointments/{id}/cancel"), ill)
        .await
        .ok();
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, offered(&time));
}

#[tokio::test]
async fn what_was_given_up_is_offered_again_once_somebody_else_had_it() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let time = wednesday("09:30");
    let ana = wait(&desk, wish(ANA)).await;
    let id = booked(&desk, ANA, &time).await;
    give_up(&desk, &id, "cancel").await;
    // A hold that is let go of changes nothing: nobody came.
    let hold = json!({
        "appointment_type_id": FOLLOW_UP, "provider_id": ADA, "location_id": MAIN_STREET,
        "starts_at": time,
    });
    desk.post("/holds", hold).await.created();
    clinic.advance(TimeDelta::minutes(6));
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, waiting());
    free(&clinic, &time).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, offered(&time));
}

#[tokio::test]
async fn a_time_given_up_within_hours_that_opened_is_left_out_and_the_rest_of_them_is_offered() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let sunday = |time: &str| format!("2026-03-08T{time}:00-04:00");
    let extra = json!({
        "location_id": MAIN_STREET, "starts_at": sunday("10:00"), "ends_at": sunday("11:00"),
    });
    let path = format!("/providers/{ADA}/extra-hours");
    admin.post(&path, extra).await.created();
    let id = booked(&desk, ANA, &sunday("10:00")).await;
    give_up(&desk, &id, "cancel").await;
    let that_day = json!({ "latest": "2026-03-09T00:00:00-04:00", "weekdays": ["sunday"] });
    let ana = wait(&desk, with(wish(ANA), that_day)).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, offered(&sunday("10:30")));
}

#[tokio::test]
async fn what_one_record_of_a_person_gave_up_is_not_offered_to_another_of_theirs() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let time = wednesday("09:30");
    let id = booked(&desk, BEN, &time).await;
    let ana = wait(&desk, wish(ANA)).await;
    let cleo = wait(&desk, with(wish(CLEO), json!({ "priority": 6 }))).await;
    let merge = json!({ "duplicate_id": BEN });
    admin
        .act_now(&format!("/patients/{ANA}/merge"), merge)
        .await
        .ok();
    give_up(&desk, &id, "cancel").await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, waiting());
    assert_eq!(stands(&clinic, &cleo).await, offered(&time));
}

#[tokio::test]
async fn what_was_offered_is_booked_however_much_is_booked_ahead() {
    let clinic = Clinic::open().await;
    let (admin, ana) = (clinic.admin().await, clinic.patient().await);
    let most = json!({ "most_booked_ahead": 1 });
    admin.patch("/practice", "*", most).await.ok();
    booked(&ana, ANA, "2026-03-10T10:00:00-04:00").await;
    let entry = wait(&ana, wish(ANA)).await;
    free(&clinic, &wednesday("09:30")).await;
    clinic.housekeeping().await;
    let accepted = ana.act_now(&format!("{entry}/accept"), Value::Null).await;
    assert_eq!(accepted.ok()["status"], "booked");
}

#[tokio::test]
async fn whoever_declines_one_time_of_a_long_opening_is_offered_another_one() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let sunday = |time: &str| format!("2026-03-08T{time}:00-04:00");
    let ana = wait(&desk, with(wish(ANA), json!({ "latest": sunday("20:00") }))).await;
    let extra = json!({
        "location_id": MAIN_STREET, "starts_at": sunday("10:00"), "ends_at": sunday("12:00"),
    });
    let hours = format!("/providers/{ADA}/extra-hours");
    admin.post(&hours, extra).await.created();
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, offered(&sunday("10:00")));
    desk.act_now(&format!("{ana}/decline"), Value::Null)
        .await
        .ok();
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, offered(&sunday("10:30")));
}

#[tokio::test]
async fn nothing_is_offered_that_a_search_would_not_find() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let (time, late) = (wednesday("09:30"), wednesday("14:00"));
    let ana = wait(&desk, wish(ANA)).await;
    // A provider who is not there gives nobody a time.
    let id = booked(&desk, BEN, &time).await;
    let ill = json!({ "reason_code": "provider_unavailable" });
    desk.act_now(&format!("/appointments/{id}/cancel"), ill)
        .await
        .ok();
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, waiting());
    // An offer ends with the hours it was made from.
    free(&clinic, &late).await;
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, offered(&late));
    let off = json!({
        "starts_at": wednesday("13:00"), "ends_at": wednesday("17:00"), "reason": "Course",
    });
    let admin = clinic.admin().await;
    admin
        .post(&format!("/providers/{ADA}/time-off"), off)
        .await
        .created();
    clinic.housekeeping().await;
    assert_eq!(stands(&clinic, &ana).await, waiting());
    let holds = "SELECT count(*)::text FROM holds";
    assert_eq!(clinic.ask(holds).await, "0");
}
