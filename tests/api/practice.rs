//! Setting up a practice: locations, rooms, providers, types of appointment, and hours.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

pub(crate) const NOWHERE: &str = "01900000-0000-7000-8000-00000000ffff";

fn weekday_mornings() -> Value {
    json!([{ "weekday": "monday", "from": "08:00", "to": "12:00" }])
}

fn hours(location_id: &str, valid_from: &str, weekly: Value) -> Value {
    json!({ "location_id": location_id, "valid_from": valid_from, "weekly": weekly })
}

/// Ada has Ana at Main Street on this local morning.
async fn book(clinic: &Clinic, id: &str, starts_at: &str) {
    clinic
        .sql(&format!(
            "INSERT INTO appointments (practice_id, id, patient_id, provider_id, location_id, \
             appointment_type_id, status, starts_at, ends_at, version, created_at, updated_at) \
             VALUES ('{RIVERSIDE}', '{id}', '{ANA}', '{ADA}', '{MAIN_STREET}', '{FOLLOW_UP}', \
             'booked', '{starts_at}', '{starts_at}'::timestamptz + interval '30 minutes', 1, \
             '2026-02-01Z', '2026-02-01Z')"
        ))
        .await;
}

const MONDAY_NINE: &str = "01900000-0000-7000-8000-000000000a01";
const MONDAY_TWO: &str = "01900000-0000-7000-8000-000000000a02";

/// Monday, 9 March 2026, at 9:00 and at 14:00 in New York.
async fn book_morning_and_afternoon(clinic: &Clinic) {
    book(clinic, MONDAY_NINE, "2026-03-09 09:00-04").await;
    book(clinic, MONDAY_TWO, "2026-03-09 14:00-04").await;
}

async fn names(client: &Client, path: &str) -> Vec<String> {
    let page = client.get(path).await.ok();
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_admin_renames_the_practice_and_keeps_its_slug() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let read = admin.get("/practice").await;
    let changes = json!({ "name": " Riverside ", "time_zone": "Europe/London" });
    let changed = admin
        .patch("/practice", &read.etag(), changes.clone())
        .await;
    assert_eq!(changed.etag(), "\"v2\"");
    let changed = changed.ok();
    assert_eq!(
        (&changed["name"], &changed["slug"]),
        (&json!("Riverside"), &json!("riverside"))
    );
    assert_problem!(
        admin.patch("/practice", &read.etag(), changes).await,
        412,
        "/problems/stale-version"
    );
    let wrong = admin
        .patch(
            "/practice",
            "*",
            json!({ "slug": "x", "time_zone": "Mars/Base" }),
        )
        .await;
    assert_eq!(
        (wrong.status, wrong.pointers()),
        (422, vec!["/slug".to_owned()])
    );
    let wrong = admin
        .patch("/practice", "*", json!({ "time_zone": "Mars/Base" }))
        .await;
    assert_eq!(
        (wrong.status, wrong.pointers()),
        (422, vec!["/time_zone".to_owned()])
    );
    let other = clinic.stranger("admin").await.get("/practice").await.ok();
    assert_eq!(other["slug"], "hillside");
}

#[tokio::test]
async fn a_location_is_added_found_and_changed() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let body = json!({ "name": "Island", "time_zone": "Australia/Lord_Howe", "address": null });
    let added = admin.post("/locations", body).await;
    let path = added.header("location").replace("/api/v1", "");
    let (etag, added) = (added.etag(), added.created());
    assert_eq!(admin.get(&path).await.ok(), added);
    assert_eq!(
        names(&admin, "/locations").await,
        ["Island", "Main Street", "Thames House"]
    );
    let changed = admin
        .patch(&path, &etag, json!({ "address": "2 Shore Road" }))
        .await
        .ok();
    assert_eq!(
        (&changed["address"], &changed["time_zone"]),
        (&json!("2 Shore Road"), &json!("Australia/Lord_Howe"))
    );
    let since = format!("/locations?updated_since={}", "2026-03-01T00:00:00Z");
    assert_eq!(names(&admin, &since).await, ["Island"]);
}

#[tokio::test]
async fn a_location_in_another_zone_tells_who_is_booked_outside_its_hours_then() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let desk = clinic.front_desk().await;
    let mut booked = Vec::new();
    for (patient, time) in [(ANA, "08:00"), (BEN, "09:00")] {
        let body = json!({
            "patient_id": patient, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
            "location_id": MAIN_STREET, "starts_at": format!("2026-03-04T{time}:00-05:00"),
        });
        booked.push(desk.post("/appointments", body).await.created()["id"].clone());
    }
    let path = format!("/locations/{MAIN_STREET}");
    let renamed = admin.patch(&path, "*", json!({ "name": "High Street" }));
    assert_eq!(renamed.await.ok()["appointments_outside"], json!([]));
    // What was eight o'clock is seven there.
    let west = json!({ "time_zone": "America/Chicago" });
    let moved = admin.patch(&path, "*", west).await.ok();
    assert_eq!(moved["time_zone"], "America/Chicago");
    assert_eq!(moved["appointments_outside"], json!([booked[0]]));
    let kept = desk
        .get(&format!("/appointments/{}", booked[0].as_str().unwrap()))
        .await
        .ok();
    assert_eq!(kept["status"], "booked");
}

#[tokio::test]
async fn a_name_is_given_once() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let location = json!({ "name": "Main Street", "time_zone": "Europe/London" });
    let refused = assert_problem!(
        admin.post("/locations", location).await,
        409,
        "/problems/name-taken"
    );
    assert_eq!(refused.pointers(), ["/name"]);
    let path = format!("/locations/{THAMES_HOUSE}");
    let refused = admin
        .patch(&path, "*", json!({ "name": "Main Street" }))
        .await;
    assert_problem!(refused, 409, "/problems/name-taken");
    let room = json!({ "location_id": MAIN_STREET, "name": "Room 1" });
    assert_problem!(
        admin.post("/rooms", room).await,
        409,
        "/problems/name-taken"
    );
    // The same name in another location is another room.
    admin
        .post(
            "/rooms",
            json!({ "location_id": THAMES_HOUSE, "name": "Room 1" }),
        )
        .await
        .created();
    let kind = json!({
        "name": "Follow-up", "duration_minutes": 30, "needs_room": false,
        "patient_bookable": false, "start_every_minutes": 15,
    });
    assert_problem!(
        admin.post("/appointment-types", kind).await,
        409,
        "/problems/name-taken"
    );
}

#[tokio::test]
async fn rooms_are_listed_by_location_a_page_at_a_time() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let path = format!("/rooms?location_id={MAIN_STREET}&limit=1");
    let first = desk.get(&path).await.ok();
    assert_eq!(first["items"][0]["id"], ROOM_ONE);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = desk.get(&format!("{path}&cursor={cursor}")).await.ok();
    assert_eq!(
        (&second["items"][0]["id"], &second["next_cursor"]),
        (&json!(ROOM_TWO), &Value::Null)
    );
    let admin = clinic.admin().await;
    let lost = admin
        .post(
            "/rooms",
            json!({ "location_id": NOWHERE, "name": "Room 9" }),
        )
        .await;
    assert_eq!(
        (lost.status, lost.pointers()),
        (422, vec!["/location_id".to_owned()])
    );
    let changed = admin
        .patch(
            &format!("/rooms/{ROOM_ONE}"),
            "\"v1\"",
            json!({ "name": "Blue" }),
        )
        .await;
    assert_eq!(changed.ok()["name"], "Blue");
}

#[tokio::test]
async fn a_provider_has_a_valid_npi_and_is_one_user() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let wrong = admin
        .post("/providers", json!({ "name": " ", "npi": "1234567890" }))
        .await;
    assert_eq!(wrong.pointers(), ["/name", "/npi"]);
    let body = json!({ "name": "Dr Cy", "credentials": "DO", "npi": "1234567893" });
    let added = admin.post("/providers", body.clone()).await.created();
    assert_problem!(
        admin.post("/providers", body).await,
        409,
        "/problems/provider-taken"
    );
    let path = format!("/providers/{}", added["id"].as_str().unwrap());
    let ada = clinic.provider().await;
    let ada = ada.user["id"].as_str().unwrap();
    let taken = admin.patch(&path, "*", json!({ "user_id": ada })).await;
    assert_eq!(
        assert_problem!(taken, 409, "/problems/provider-taken").pointers(),
        ["/user_id"]
    );
    let unknown = admin.patch(&path, "*", json!({ "user_id": NOWHERE })).await;
    assert_eq!(
        (unknown.status, unknown.pointers()),
        (422, vec!["/user_id".to_owned()])
    );
    let desk = clinic.front_desk().await;
    let no_provider = admin
        .patch(&path, "*", json!({ "user_id": desk.user["id"] }))
        .await;
    assert_eq!(
        (no_provider.status, no_provider.pointers()),
        (422, vec!["/user_id".to_owned()])
    );
}

#[tokio::test]
async fn a_user_who_becomes_a_provider_signs_in_as_one() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let user = clinic.provider().await.user["id"].clone();
    let path = format!("/providers/{ADA}");
    admin
        .patch(&path, "*", json!({ "user_id": null }))
        .await
        .ok();
    assert!(clinic.provider().await.get("/me").await.ok()["provider_id"].is_null());
    admin
        .patch(&path, "*", json!({ "user_id": user }))
        .await
        .ok();
    assert_eq!(
        clinic.provider().await.get("/me").await.ok()["provider_id"],
        ADA
    );
}

#[tokio::test]
async fn patients_see_what_they_need_to_book_and_no_more() {
    let clinic = Clinic::open().await;
    let ana = clinic.patient().await;
    assert_eq!(
        names(&ana, "/locations").await,
        ["Main Street", "Thames House"]
    );
    assert_eq!(names(&ana, "/providers").await.len(), 2);
    assert_eq!(names(&ana, "/appointment-types").await, ["Follow-up"]);
    ana.get(&format!("/appointment-types/{FOLLOW_UP}"))
        .await
        .ok();
    let hidden = ana.get(&format!("/appointment-types/{TPI}")).await;
    assert_problem!(hidden, 404, "/problems/not-found");
    for path in ["/rooms", "/closures", &format!("/providers/{ADA}/time-off")] {
        assert_problem!(ana.get(path).await, 403, "/problems/not-allowed");
    }
}

#[tokio::test]
async fn only_admins_change_the_set_up() {
    let clinic = Clinic::open().await;
    let location = json!({ "name": "New", "time_zone": "Europe/London" });
    let day = json!({ "starts_at": "2026-03-09T00:00:00Z", "ends_at": "2026-03-10T00:00:00Z", "reason": "Away" });
    for client in [
        clinic.front_desk().await,
        clinic.provider().await,
        clinic.assistant().await,
        clinic.auditor().await,
        clinic.patient().await,
    ] {
        let weekly = hours(MAIN_STREET, "2026-03-09", weekday_mornings());
        let path = format!("/providers/{ADA}/availability");
        for refused in [
            client.post("/locations", location.clone()).await,
            client.put(&path, "*", weekly).await,
            client.post("/closures", day.clone()).await,
            client
                .post(&format!("/providers/{ADA}/time-off"), day.clone())
                .await,
            client
                .patch("/practice", "*", json!({ "name": "Ours" }))
                .await,
        ] {
            assert_problem!(refused, 403, "/problems/not-allowed");
        }
    }
}

#[tokio::test]
async fn another_practice_finds_nothing_here() {
    let clinic = Clinic::open().await;
    let stranger = clinic.stranger("admin").await;
    assert_eq!(names(&stranger, "/locations").await, ["Hill Road"]);
    for path in [
        format!("/locations/{MAIN_STREET}"),
        format!("/rooms/{ROOM_ONE}"),
        format!("/providers/{ADA}"),
        format!("/appointment-types/{TPI}"),
    ] {
        assert_problem!(stranger.get(&path).await, 404, "/problems/not-found");
        let renamed = stranger.patch(&path, "*", json!({ "name": "Mine" })).await;
        assert_problem!(renamed, 404, "/problems/not-found");
    }
    let path = format!("/providers/{ADA}/availability");
    assert_problem!(stranger.get(&path).await, 404, "/problems/not-found");
    let set = stranger
        .put(&path, "*", hours(MAIN_STREET, "2026-03-09", json!([])))
        .await;
    assert_problem!(set, 404, "/problems/not-found");
    let lost = stranger
        .post(
            "/rooms",
            json!({ "location_id": MAIN_STREET, "name": "Mine" }),
        )
        .await;
    assert_eq!(
        (lost.status, lost.pointers()),
        (422, vec!["/location_id".to_owned()])
    );
}

#[tokio::test]
async fn every_rule_of_a_type_has_its_limits() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let limits = [
        ("duration_minutes", 5, 480),
        ("buffer_before_minutes", 0, 120),
        ("buffer_after_minutes", 0, 120),
        ("min_lead_minutes", 0, 525_600),
        ("max_ahead_days", 1, 730),
        ("cancel_cutoff_minutes", 0, 525_600),
        ("start_every_minutes", 5, 480),
        ("capacity", 1, 50),
        ("min_interval_days", 1, 365),
    ];
    let path = format!("/appointment-types/{TPI}");
    for (field, lowest, highest) in limits {
        for inside in [lowest, highest] {
            let changed = admin.patch(&path, "*", json!({ field: inside })).await.ok();
            assert_eq!(changed[field], inside);
        }
        for outside in [lowest - 1, highest + 1] {
            let refused = admin.patch(&path, "*", json!({ field: outside })).await;
            assert_eq!(
                (refused.status, refused.pointers()),
                (422, vec![format!("/{field}")])
            );
        }
    }
}

#[tokio::test]
async fn new_hours_replace_the_old_ones_from_their_first_day_on() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let path = format!("/providers/{ADA}/availability");
    let set = admin
        .put(
            &path,
            "*",
            hours(MAIN_STREET, "2026-04-06", weekday_mornings()),
        )
        .await
        .ok();
    assert_eq!(
        (&set["time_zone"], &set["valid_until"]),
        (&json!("America/New_York"), &Value::Null)
    );
    let periods = |page: Value| -> Vec<(Value, Value)> {
        let items = page["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|of| (of["valid_from"].clone(), of["valid_until"].clone()))
            .collect()
    };
    let listed = admin.get(&path).await.ok();
    assert_eq!(listed["items"][1]["weekly"][0]["from"], "08:00");
    assert_eq!(
        periods(listed),
        [
            (json!("2026-01-01"), json!("2026-04-05")),
            (json!("2026-04-06"), Value::Null)
        ]
    );
    // Hours from an earlier day on replace both.
    admin
        .put(
            &path,
            "*",
            hours(MAIN_STREET, "2026-01-01", weekday_mornings()),
        )
        .await
        .ok();
    assert_eq!(
        periods(admin.get(&path).await.ok()),
        [(json!("2026-01-01"), Value::Null)]
    );
    // Another location is left alone.
    let bo = format!("/providers/{BO}/availability");
    admin
        .put(&bo, "*", hours(MAIN_STREET, "2026-01-01", json!([])))
        .await
        .ok();
    let london = admin
        .get(&format!("{bo}?location_id={THAMES_HOUSE}"))
        .await
        .ok();
    assert_eq!(london["items"][0]["weekly"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn changed_hours_name_the_appointments_outside_and_keep_them() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    book_morning_and_afternoon(&clinic).await;
    let path = format!("/providers/{ADA}/availability");
    let set = admin
        .put(
            &path,
            "*",
            hours(MAIN_STREET, "2026-03-03", weekday_mornings()),
        )
        .await
        .ok();
    assert_eq!(set["appointments_outside"], json!([MONDAY_TWO]));
    let status = format!("SELECT status FROM appointments WHERE id = '{MONDAY_TWO}'");
    assert_eq!(clinic.ask(&status).await, "booked");
    let audited = format!(
        "SELECT count(*)::text FROM audit_events WHERE action = 'availability.set' \
         AND '{MONDAY_TWO}' = ANY (resource_ids) AND '{ANA}' = ANY (patient_ids)"
    );
    assert_eq!(clinic.ask(&audited).await, "1");
    let afternoons = json!([{
        "weekday": "monday", "from": "08:00", "to": "18:00", "appointment_type_ids": [TPI]
    }]);
    let set = admin
        .put(&path, "*", hours(MAIN_STREET, "2026-03-03", afternoons))
        .await
        .ok();
    assert_eq!(
        set["appointments_outside"],
        json!([MONDAY_NINE, MONDAY_TWO])
    );
}

#[tokio::test]
async fn a_window_over_midnight_is_kept_and_windows_that_contradict_are_all_named() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let path = format!("/providers/{ADA}/availability");
    let night = json!([{ "weekday": "friday", "from": "22:00", "to": "02:00" }]);
    let set = admin
        .put(&path, "*", hours(MAIN_STREET, "2026-03-09", night))
        .await
        .ok();
    assert_eq!(set["weekly"][0]["to"], "02:00");
    let wrong = json!([
        { "weekday": "monday", "from": "08:00", "to": "12:00" },
        { "weekday": "monday", "from": "11:00", "to": "13:00" },
        { "weekday": "tuesday", "from": "09:00", "to": "09:00" },
    ]);
    let mut body = hours(MAIN_STREET, "2026-03-09", wrong);
    body["valid_until"] = json!("2026-03-08");
    let refused = admin.put(&path, "*", body).await;
    assert_eq!(
        refused.pointers(),
        ["/valid_until", "/weekly/1", "/weekly/2/to"]
    );
    let spelt = json!([{ "weekday": "monday", "from": "8:00", "to": "24:00" }]);
    let refused = admin
        .put(&path, "*", hours(MAIN_STREET, "2026-03-09", spelt))
        .await;
    assert_eq!(refused.pointers(), ["/weekly/0/from", "/weekly/0/to"]);
    let kinds = json!([{
        "weekday": "monday", "from": "08:00", "to": "09:00", "appointment_type_ids": [TPI, NOWHERE]
    }]);
    let refused = admin
        .put(&path, "*", hours(MAIN_STREET, "2026-03-09", kinds))
        .await;
    assert_eq!(refused.pointers(), ["/weekly/0/appointment_type_ids/1"]);
    let refused = admin
        .put(&path, "*", hours(NOWHERE, "2026-03-09", json!([])))
        .await;
    assert_eq!(refused.pointers(), ["/location_id"]);
    let mut all = hours(
        NOWHERE,
        "2026-03-09",
        json!([{
            "weekday": "monday", "from": "09:00", "to": "09:00", "appointment_type_ids": [NOWHERE]
        }]),
    );
    all["valid_until"] = json!("2026-03-08");
    let refused = admin.put(&path, "*", all).await;
    assert_eq!(
        refused.pointers(),
        [
            "/location_id",
            "/valid_until",
            "/weekly/0/to",
            "/weekly/0/appointment_type_ids/0"
        ]
    );
}

#[tokio::test]
async fn time_off_names_who_is_booked_in_it_and_can_be_taken_back() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    book_morning_and_afternoon(&clinic).await;
    let path = format!("/providers/{ADA}/time-off");
    let body = json!({
        "starts_at": "2026-03-09T13:00:00-04:00", "ends_at": "2026-03-10T00:00:00-04:00", "reason": "Course",
    });
    let added = admin.post_once(&path, "off-1", body.clone()).await;
    let one = added.header("location").replace("/api/v1", "");
    let added = added.created();
    assert_eq!(added["appointments_outside"], json!([MONDAY_TWO]));
    assert_eq!(
        (&added["starts_at"], &added["time_zone"]),
        (
            &json!("2026-03-09T13:00:00-04:00"),
            &json!("America/New_York")
        )
    );
    assert_eq!(admin.get(&one).await.ok()["reason"], "Course");
    let within = |from: &str| format!("{path}?from={from}&to=2026-04-01T00:00:00Z");
    let listed = admin.get(&within("2026-03-09T20:00:00Z")).await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let listed = admin.get(&within("2026-03-10T04:00:00Z")).await.ok();
    assert_eq!(listed["items"], json!([]));
    // Under another provider it is not to be found.
    let elsewhere = one.replace(ADA, BO);
    assert_problem!(admin.get(&elsewhere).await, 404, "/problems/not-found");
    assert_problem!(admin.delete(&elsewhere).await, 404, "/problems/not-found");
    admin.delete(&one).await.expect(204);
    assert_problem!(admin.get(&one).await, 404, "/problems/not-found");
    assert_problem!(admin.delete(&one).await, 404, "/problems/not-found");
}

#[tokio::test]
async fn a_span_ends_after_it_starts_and_is_not_endless() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let span = |until: &str| json!({ "starts_at": "2026-03-09T09:00:00Z", "ends_at": until, "reason": "Away" });
    for until in [
        "2026-03-09T09:00:00Z",
        "2026-03-08T09:00:00Z",
        "2027-04-13T09:00:01Z",
    ] {
        for path in ["/closures", &format!("/providers/{ADA}/time-off")] {
            let refused = admin.post(path, span(until)).await;
            assert_eq!(
                (refused.status, refused.pointers()),
                (422, vec!["/ends_at".to_owned()]),
                "{until}"
            );
        }
    }
    admin
        .post("/closures", span("2027-04-13T09:00:00Z"))
        .await
        .created();
    let extra = |until: &str| {
        json!({
            "location_id": MAIN_STREET, "starts_at": "2026-03-09T09:00:00Z", "ends_at": until
        })
    };
    let path = format!("/providers/{ADA}/extra-hours");
    assert_eq!(
        admin
            .post(&path, extra("2026-03-16T09:00:01Z"))
            .await
            .pointers(),
        ["/ends_at"]
    );
    admin
        .post(&path, extra("2026-03-16T09:00:00Z"))
        .await
        .created();
}

#[tokio::test]
async fn a_closure_is_of_one_location_or_of_all() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    book_morning_and_afternoon(&clinic).await;
    let mut body = json!({
        "location_id": THAMES_HOUSE, "reason": "Flood",
        "starts_at": "2026-03-09T00:00:00Z", "ends_at": "2026-03-11T00:00:00Z",
    });
    let london = admin.post("/closures", body.clone()).await.created();
    assert_eq!(
        (&london["time_zone"], &london["appointments_outside"]),
        (&json!("Europe/London"), &json!([]))
    );
    body["location_id"] = Value::Null;
    let all = admin.post("/closures", body.clone()).await;
    let path = all.header("location").replace("/api/v1", "");
    let all = all.created();
    assert_eq!(
        all["appointments_outside"],
        json!([MONDAY_NINE, MONDAY_TWO])
    );
    assert_eq!(all["time_zone"], "America/New_York");
    let listed = admin.get("/closures?limit=1").await.ok();
    assert_eq!(listed["items"][0]["id"], london["id"]);
    let next = format!(
        "/closures?cursor={}",
        listed["next_cursor"].as_str().unwrap()
    );
    assert_eq!(admin.get(&next).await.ok()["items"][0]["id"], all["id"]);
    admin.delete(&path).await.expect(204);
    assert_problem!(admin.get(&path).await, 404, "/problems/not-found");
    body["location_id"] = json!(NOWHERE);
    assert_eq!(
        admin.post("/closures", body).await.pointers(),
        ["/location_id"]
    );
}

#[tokio::test]
async fn extra_hours_that_go_leave_their_appointments_outside() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    // A Saturday, on which Ada is never there.
    book(&clinic, MONDAY_NINE, "2026-03-14 10:00-04").await;
    let path = format!("/providers/{ADA}/extra-hours");
    let body = json!({
        "location_id": MAIN_STREET,
        "starts_at": "2026-03-14T13:00:00Z", "ends_at": "2026-03-14T17:00:00Z",
    });
    let added = admin.post(&path, body).await;
    let one = added.header("location").replace("/api/v1", "");
    assert_eq!(added.created()["starts_at"], "2026-03-14T09:00:00-04:00");
    let closed = json!({
        "starts_at": "2026-03-20T00:00:00Z", "ends_at": "2026-03-21T00:00:00Z", "reason": "Party",
    });
    let closure = admin.post("/closures", closed).await.created();
    assert_eq!(
        closure["appointments_outside"],
        json!([]),
        "the extra hours hold"
    );
    let removed = admin.delete(&one).await.ok();
    assert_eq!(removed["appointments_outside"], json!([MONDAY_NINE]));
}

/// Ids of what is listed.
async fn ids(client: &Client, path: &str) -> Vec<Value> {
    let page = client.get(path).await.ok();
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].clone()).collect()
}

#[tokio::test]
async fn what_was_added_to_a_calendar_since_then_is_listed_alone() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let span = |day: u32| {
        let (starts_at, ends_at) = (
            format!("2026-03-{day}T13:00:00Z"),
            format!("2026-03-{day}T15:00:00Z"),
        );
        json!({ "starts_at": starts_at, "ends_at": ends_at, "reason": "Course" })
    };
    let extra = |day: u32| {
        let mut body = span(day);
        let fields = body.as_object_mut().unwrap();
        fields.remove("reason");
        fields.insert("location_id".to_owned(), json!(MAIN_STREET));
        body
    };
    let time_off = format!("/providers/{ADA}/time-off");
    let extra_hours = format!("/providers/{ADA}/extra-hours");
    // The later a thing begins, the earlier it is added: the order is of the start all the same.
    let mut added = Vec::new();
    for day in [20, 19, 18] {
        let one = admin.post("/closures", span(day)).await.created();
        let two = admin.post(&time_off, span(day)).await.created();
        let three = admin.post(&extra_hours, extra(day)).await.created();
        added.push([one, two, three].map(|body| body["id"].clone()));
        clinic.advance(TimeDelta::minutes(1));
    }
    for (number, path) in ["/closures", &time_off, &extra_hours].iter().enumerate() {
        let since = |time: &str| format!("{path}?updated_since=2026-03-02T{time}Z");
        let of = |index: usize| added[index][number].clone();
        let from_the_second = [of(2), of(1)];
        assert_eq!(ids(&admin, &since("14:00:00")).await.len(), 3, "{path}");
        assert_eq!(ids(&admin, &since("14:01:00")).await, from_the_second);
        assert_eq!(ids(&admin, &since("14:01:01")).await, [of(2)]);
        assert!(ids(&admin, &since("14:02:01")).await.is_empty());
        let first = format!("{}&limit=1", since("14:01:00"));
        let page = admin.get(&first).await.ok();
        let next = format!("{first}&cursor={}", page["next_cursor"].as_str().unwrap());
        assert_eq!(ids(&admin, &next).await, [of(1)], "{path}");
        let of_one_day = format!("{}&from=2026-03-19T00:00:00Z", since("14:01:00"));
        assert_eq!(ids(&admin, &of_one_day).await, [of(1)], "{path}");
        let refused = admin.get(&format!("{path}?updated_since=yesterday")).await;
        assert_eq!(refused.pointers(), ["#/query/updated_since"], "{path}");
    }
    let taken_back = format!("/closures/{}", added[1][0].as_str().unwrap());
    admin.delete(&taken_back).await.expect(204);
    let left = ids(&admin, "/closures?updated_since=2026-03-02T14:01:00Z").await;
    assert_eq!(left, [added[2][0].clone()]);
}

#[tokio::test]
async fn hours_that_end_because_of_others_have_changed_like_those() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let path = format!("/providers/{BO}/availability");
    let since = format!("{path}?updated_since=2026-03-02T14:00:00Z");
    assert!(ids(&admin, &since).await.is_empty(), "set long before");
    clinic.advance(TimeDelta::minutes(1));
    let body = hours(MAIN_STREET, "2026-04-06", weekday_mornings());
    let set = admin.put(&path, "*", body).await.ok();
    assert_eq!(set["updated_at"], "2026-03-02T14:01:00Z");
    let changed = admin.get(&since).await.ok();
    let items = changed["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "those of Thames House did not change");
    assert_eq!(items[0]["valid_until"], "2026-04-05");
    assert_eq!(items[1]["id"], set["id"]);
    for item in items {
        assert_eq!(item["updated_at"], "2026-03-02T14:01:00Z");
    }
    let elsewhere = format!("{since}&location_id={THAMES_HOUSE}");
    assert!(ids(&admin, &elsewhere).await.is_empty());
    let later = since.replace("14:00:00", "14:01:01");
    assert!(ids(&admin, &later).await.is_empty());
    let refused = admin.get(&format!("{path}?updated_since=soon")).await;
    assert_eq!(refused.pointers(), ["#/query/updated_since"]);
}

#[tokio::test]
async fn hours_wait_for_a_booking_that_reads_them() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let (client, connection) =
        tokio_postgres::connect(&clinic.service.database_url, tokio_postgres::NoTls)
            .await
            .unwrap();
    tokio::spawn(connection);
    let share = format!("BEGIN; SELECT id FROM providers WHERE id = '{ADA}' FOR SHARE");
    client.batch_execute(&share).await.unwrap();
    let path = format!("/providers/{ADA}/availability");
    let set = admin
        .put(
            &path,
            "*",
            hours(MAIN_STREET, "2026-03-09", weekday_mornings()),
        )
        .await;
    assert_problem!(set, 503, "/problems/busy");
    // Another provider's hours do not wait.
    let other = format!("/providers/{BO}/availability");
    admin
        .put(
            &other,
            "*",
            hours(MAIN_STREET, "2026-03-09", weekday_mornings()),
        )
        .await
        .ok();
    client.batch_execute("COMMIT").await.unwrap();
    admin
        .put(
            &path,
            "*",
            hours(MAIN_STREET, "2026-03-09", weekday_mornings()),
        )
        .await
        .ok();
}

fn booking(appointment_type: &str, starts_at: &str) -> Value {
    json!({
        "patient_id": ANA, "appointment_type_id": appointment_type, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": starts_at,
    })
}

#[tokio::test]
async fn a_room_that_is_given_up_keeps_what_is_booked_in_it_and_gets_nothing_new() {
    let clinic = Clinic::open().await;
    let (admin, desk) = (clinic.admin().await, clinic.front_desk().await);
    let mut in_room_one = booking(TPI, "2026-03-03T09:00:00-05:00");
    in_room_one["room_id"] = json!(ROOM_ONE);
    let booked = desk.post("/appointments", in_room_one).await.created();
    let path = format!("/rooms/{ROOM_ONE}");
    let room = admin
        .patch(&path, "*", json!({ "name": "Blue" }))
        .await
        .ok();
    assert_eq!(
        (&room["active"], &room["appointments_ahead"]),
        (&json!(true), &json!([]))
    );
    let room = admin.patch(&path, "*", json!({ "active": false })).await;
    let room = room.ok();
    assert_eq!(
        (&room["active"], &room["appointments_ahead"]),
        (&json!(false), &json!([booked["id"]]))
    );
    let kept = format!("/appointments/{}", booked["id"].as_str().unwrap());
    assert_eq!(desk.get(&kept).await.ok()["room"]["id"], ROOM_ONE);

    let mut again = booking(TPI, "2026-03-03T14:00:00-05:00");
    let free = desk.post("/appointments", again.clone()).await.created();
    assert_eq!(free["room"]["id"], ROOM_TWO);
    again["starts_at"] = json!("2026-03-04T14:00:00-05:00");
    again["room_id"] = json!(ROOM_ONE);
    let refused = desk.post("/appointments", again.clone()).await;
    let refused = assert_problem!(refused, 409, "/problems/slot-taken");
    assert_eq!(refused.body["taken"], json!(["room"]));
    let search = format!("/slots?appointment_type_id={TPI}&location_id={MAIN_STREET}");
    let found = desk.get(&search).await.ok();
    for slot in found["items"].as_array().unwrap() {
        assert_eq!(slot["free_room_ids"], json!([ROOM_TWO]));
    }
    admin
        .patch(&path, "*", json!({ "active": true }))
        .await
        .ok();
    desk.post("/appointments", again).await.created();
}

#[tokio::test]
async fn nobody_is_shown_to_a_room_that_was_given_up_unless_it_was_booked() {
    let clinic = Clinic::open().await;
    let (admin, desk) = (clinic.admin().await, clinic.front_desk().await);
    let mut in_room_one = booking(TPI, "2026-03-02T11:00:00-05:00");
    in_room_one["room_id"] = json!(ROOM_ONE);
    let booked = desk.post("/appointments", in_room_one).await.created();
    let path = format!("/appointments/{}", booked["id"].as_str().unwrap());
    for room in [ROOM_ONE, ROOM_TWO] {
        let room = format!("/rooms/{room}");
        admin
            .patch(&room, "*", json!({ "active": false }))
            .await
            .ok();
    }
    desk.act_now(&format!("{path}/check-in"), Value::Null)
        .await
        .ok();
    let show = async |room: &str| {
        let room = json!({ "room_id": room });
        desk.act_now(&format!("{path}/room"), room).await
    };
    let refused = assert_problem!(show(ROOM_TWO).await, 409, "/problems/slot-taken");
    assert_eq!(refused.body["taken"], json!(["room"]));
    assert_eq!(show(ROOM_ONE).await.ok()["room"]["id"], ROOM_ONE);
}

#[tokio::test]
async fn of_a_type_that_is_retired_nothing_new_is_booked_and_what_is_booked_can_be_moved() {
    let clinic = Clinic::open().await;
    let (admin, desk) = (clinic.admin().await, clinic.front_desk().await);
    let ana = clinic.patient().await;
    let booked = booking(FOLLOW_UP, "2026-03-05T09:00:00-05:00");
    let booked = desk.post("/appointments", booked).await.created();
    let appointment = format!("/appointments/{}", booked["id"].as_str().unwrap());
    let offered = async || {
        let search = format!("/slots?appointment_type_id={FOLLOW_UP}&provider_id={ADA}");
        let found = desk.get(&search).await.ok();
        found["items"].as_array().unwrap().len()
    };
    assert!(offered().await > 0);
    let path = format!("/appointment-types/{FOLLOW_UP}");
    assert_eq!(ana.get(&path).await.ok()["active"], true);
    let set = async |active: bool| {
        let changed = admin.patch(&path, "*", json!({ "active": active })).await;
        assert_eq!(changed.ok()["active"], active);
    };
    set(false).await;

    assert_eq!(offered().await, 0);
    ana.get(&path).await.expect(404);
    let listed = ana.get("/appointment-types").await.ok();
    let listed = listed["items"].as_array().unwrap().iter();
    assert!(listed.into_iter().all(|kind| kind["id"] != FOLLOW_UP));
    let mut forced = booking(FOLLOW_UP, "2026-03-05T11:00:00-05:00");
    forced["override"] = json!({ "reason": "Only this once" });
    let mut hold = forced.clone();
    let mut series = forced.clone();
    for only_of_bookings in ["patient_id", "override"] {
        hold.as_object_mut().unwrap().remove(only_of_bookings);
    }
    let first = series.as_object_mut().unwrap().remove("starts_at");
    series["first_starts_at"] = json!(first);
    series["count"] = json!(2);
    series["every_weeks"] = json!(1);
    let wish = json!({
        "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "priority": 5,
        "earliest": "2026-03-02T00:00:00-05:00", "latest": "2026-03-08T00:00:00-05:00",
    });
    for (path, body) in [
        ("/appointments", &forced),
        ("/holds", &hold),
        ("/appointment-series", &series),
        ("/waitlist", &wish),
    ] {
        let refused = desk.post(path, body.clone()).await;
        let refused = assert_problem!(refused, 422, "/problems/booking-rule");
        assert_eq!(refused.body["rule"], "type_retired", "{path}");
    }
    let later = json!({ "starts_at": "2026-03-05T10:00:00-05:00" });
    let moved = desk
        .act_now(&format!("{appointment}/reschedule"), later)
        .await;
    assert_eq!(moved.ok()["starts_at"], "2026-03-05T10:00:00-05:00");
    let why = json!({ "reason_code": "weather" });
    desk.act_now(&format!("{appointment}/cancel"), why)
        .await
        .ok();
    desk.act_now(&format!("{appointment}/undo"), Value::Null)
        .await
        .ok();

    set(true).await;
    assert!(offered().await > 0);
    desk.post("/appointments", forced).await.created();
}

#[tokio::test]
async fn with_a_provider_who_leaves_nothing_new_is_booked_until_they_are_back() {
    let clinic = Clinic::open().await;
    let (admin, desk) = (clinic.admin().await, clinic.front_desk().await);
    let booked = booking(FOLLOW_UP, "2026-03-03T09:00:00-05:00");
    let booked = desk.post("/appointments", booked).await.created();
    let path = format!("/providers/{ADA}");
    let left = admin
        .patch(&path, "*", json!({ "active": false }))
        .await
        .ok();
    assert_eq!(
        (&left["active"], &left["appointments_outside"]),
        (&json!(false), &json!([booked["id"]]))
    );
    let kept = format!("/appointments/{}", booked["id"].as_str().unwrap());
    assert_eq!(desk.get(&kept).await.ok()["status"], "booked");
    let search = format!("/slots?appointment_type_id={FOLLOW_UP}&provider_id={ADA}");
    assert_eq!(desk.get(&search).await.ok()["items"], json!([]));
    let anybody = format!("/slots?appointment_type_id={FOLLOW_UP}&location_id={MAIN_STREET}");
    for slot in desk.get(&anybody).await.ok()["items"].as_array().unwrap() {
        assert_eq!(slot["provider_id"], BO);
    }
    let mut forced = booking(FOLLOW_UP, "2026-03-04T09:00:00-05:00");
    forced["override"] = json!({ "reason": "Only this once" });
    let refused = desk.post("/appointments", forced.clone()).await;
    assert_problem!(refused, 422, "/problems/outside-availability");
    let back = admin
        .patch(&path, "*", json!({ "active": true }))
        .await
        .ok();
    assert_eq!(back["appointments_outside"], json!([]));
    desk.post("/appointments", forced).await.created();
}

#[tokio::test]
async fn a_leap_second_is_the_first_second_of_the_next_minute() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let path = format!("/providers/{ADA}/time-off");
    let nothing = json!({
        "starts_at": "2026-12-11T23:59:60Z", "ends_at": "2026-12-12T00:00:00Z", "reason": "Course",
    });
    let refused = admin.post(&path, nothing).await;
    assert_problem!(refused, 422, "/problems/invalid-content");
    let a_minute = json!({
        "starts_at": "2026-12-11T23:59:60Z", "ends_at": "2026-12-12T00:01:00Z", "reason": "Course",
    });
    let added = admin.post(&path, a_minute).await.created();
    assert_eq!(added["starts_at"], "2026-12-11T19:00:00-05:00");
}

#[tokio::test]
async fn a_reason_is_more_than_space() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let blank = json!({
        "starts_at": "2026-12-11T10:00:00Z", "ends_at": "2026-12-11T11:00:00Z", "reason": "  ",
    });
    for path in [format!("/providers/{ADA}/time-off"), "/closures".to_owned()] {
        let refused = admin.post(&path, blank.clone()).await;
        assert_eq!(refused.pointers(), ["/reason"], "{path}");
    }
}
