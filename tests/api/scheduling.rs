//! Booking: what is offered, who wins, who is refused and why, and what is listed.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

/// A 30-minute follow-up of Ana with Ada at Main Street.
pub(crate) fn follow_up(starts_at: &str) -> Value {
    json!({
        "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": starts_at,
    })
}

pub(crate) fn with(mut body: Value, fields: Value) -> Value {
    let fields = fields.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(fields);
    body
}

/// A time on Wednesday, 4 March 2026, in New York.
pub(crate) fn wednesday(time: &str) -> String {
    format!("2026-03-04T{time}:00-05:00")
}

pub(crate) async fn book(client: &Client, body: Value) -> String {
    client.post("/appointments", body).await.created()["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn slots(client: &Client, query: &str) -> Vec<Value> {
    let found = client.get(&format!("/slots?{query}&limit=200")).await.ok();
    found["items"].as_array().unwrap().clone()
}

fn starts(slots: &[Value]) -> Vec<&str> {
    slots
        .iter()
        .map(|slot| slot["starts_at"].as_str().unwrap())
        .collect()
}

/// Pairs of bookings of one resource that overlap: there are none, whatever happened.
pub(crate) async fn overlaps(clinic: &Clinic) -> String {
    clinic
        .ask(
            "SELECT count(*)::text FROM resource_bookings a JOIN resource_bookings b
             ON a.practice_id = b.practice_id AND a.resource_id = b.resource_id AND a.id < b.id
             AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at",
        )
        .await
}

#[tokio::test]
async fn what_is_offered_can_be_booked_and_is_not_offered_again() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let query = format!("appointment_type_id={TPI}&provider_id={ADA}&location_id={MAIN_STREET}");
    let offered = slots(&desk, &query).await;
    // The standing clock reads Monday, 09:00: that is the first start that is not past.
    assert_eq!(offered[0]["starts_at"], "2026-03-02T09:00:00-05:00");
    assert_eq!(offered[0]["ends_at"], "2026-03-02T09:45:00-05:00");
    assert_eq!(offered[0]["time_zone"], "America/New_York");
    assert_eq!(offered[0]["free_room_ids"], json!([ROOM_ONE, ROOM_TWO]));
    let body = with(
        follow_up("2026-03-02T14:00:00Z"),
        json!({ "appointment_type_id": TPI, "reason": "Stiff neck" }),
    );
    let booked = desk.post("/appointments", body).await;
    assert_eq!(booked.etag(), "\"v1\"");
    let path = booked.header("location").replace("/api/v1", "");
    let booked = booked.created();
    assert_eq!(booked["status"], "booked");
    assert_eq!(
        booked["patient"],
        json!({ "id": ANA, "name": "Ana Vrabec", "phone": "+1 555 0101" })
    );
    assert_eq!(booked["provider"]["name"], "Dr Ada Keller");
    assert_eq!(booked["location"]["name"], "Main Street");
    assert_eq!(booked["room"], json!({ "id": ROOM_ONE, "name": "Room 1" }));
    assert_eq!(
        booked["appointment_type"]["name"],
        "Trigger point injection"
    );
    assert_eq!(booked["starts_at"], "2026-03-02T09:00:00-05:00");
    assert_eq!(booked["time_zone"], "America/New_York");
    assert_eq!(booked["reason"], "Stiff neck");
    assert_eq!(desk.get(&path).await.ok(), booked);
    // 15 minutes after it and 10 before the next: the first start on the grid is 10:15.
    let offered = slots(&desk, &query).await;
    assert_eq!(offered[0]["starts_at"], "2026-03-02T10:15:00-05:00");
    let audited = "SELECT count(*)::text FROM audit_events WHERE action = 'appointments.book'";
    assert_eq!(clinic.ask(audited).await, "1");
}

#[tokio::test]
async fn of_thirty_two_who_book_one_slot_at_once_one_wins() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    for time in ["09:00", "10:00", "11:00"] {
        let patients = [ANA, BEN, CLEO];
        let tries = (0..32).map(|number| {
            let fields = json!({ "patient_id": (patients[number % 3]) });
            desk.post("/appointments", with(follow_up(&wednesday(time)), fields))
        });
        let replies = join_all(tries).await;
        let won = replies.iter().filter(|reply| reply.status == 201).count();
        assert_eq!(won, 1);
        for lost in replies.iter().filter(|reply| reply.status != 201) {
            assert_problem!(lost, 409, "/problems/slot-taken");
        }
    }
    assert_eq!(overlaps(&clinic).await, "0");
}

#[tokio::test]
async fn of_many_who_book_overlapping_times_at_once_no_two_win_the_same_time() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let times = ["09:00", "09:15", "09:30", "09:45"];
    let tries = (0..32).map(|number| {
        let fields = json!({
            "patient_id": ([ANA, BEN, CLEO][number % 3]),
            "provider_id": ([ADA, BO][number % 2]),
            "appointment_type_id": ([FOLLOW_UP, TPI][number / 4 % 2]),
        });
        desk.post(
            "/appointments",
            with(follow_up(&wednesday(times[number % 4])), fields),
        )
    });
    let replies = join_all(tries).await;
    let won = replies.iter().filter(|reply| reply.status == 201).count();
    assert!(won >= 2, "{won}");
    for lost in replies.iter().filter(|reply| reply.status != 201) {
        assert_problem!(lost, 409, "/problems/slot-taken");
    }
    assert_eq!(overlaps(&clinic).await, "0");
}

#[tokio::test]
async fn two_who_need_a_room_at_once_get_different_rooms() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let tpi = |patient, provider| {
        let fields =
            json!({ "appointment_type_id": TPI, "patient_id": patient, "provider_id": provider });
        desk.post(
            "/appointments",
            with(follow_up(&wednesday("09:00")), fields),
        )
    };
    let (one, two) = futures_util::join!(tpi(ANA, ADA), tpi(BEN, BO));
    let mut rooms = [one.created(), two.created()]
        .map(|booked| booked["room"]["id"].as_str().unwrap().to_owned());
    rooms.sort();
    assert_eq!(rooms, [ROOM_ONE, ROOM_TWO]);
    clinic
        .sql("UPDATE appointment_types SET needs_room = true")
        .await;
    let third = with(
        follow_up(&wednesday("09:00")),
        json!({ "patient_id": CLEO }),
    );
    let refused = assert_problem!(
        desk.post("/appointments", third).await,
        409,
        "/problems/slot-taken"
    );
    assert_eq!(refused.body["taken"], json!(["provider"]));
}

#[tokio::test]
async fn a_room_that_is_asked_for_by_name_is_got_or_refused() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let wants = |provider: &str, patient: &str, room: &str| {
        let fields = json!({ "provider_id": provider, "patient_id": patient, "room_id": room });
        with(follow_up(&wednesday("09:00")), fields)
    };
    let booked = desk
        .post("/appointments", wants(ADA, ANA, ROOM_TWO))
        .await
        .created();
    assert_eq!(booked["room"]["id"], ROOM_TWO);
    let refused = desk.post("/appointments", wants(BO, BEN, ROOM_TWO)).await;
    let refused = assert_problem!(refused, 409, "/problems/slot-taken");
    assert_eq!(refused.body["taken"], json!(["room"]));
    let elsewhere = desk
        .post("/appointments", wants(BO, BEN, LONDON_ROOM))
        .await;
    let elsewhere = assert_problem!(elsewhere, 422, "/problems/invalid-content");
    assert_eq!(elsewhere.pointers(), ["/room_id"]);
}

#[tokio::test]
async fn a_patient_is_in_one_place_at_a_time() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    book(&desk, follow_up(&wednesday("09:00"))).await;
    let again = with(follow_up(&wednesday("09:15")), json!({ "provider_id": BO }));
    let refused = assert_problem!(
        desk.post("/appointments", again.clone()).await,
        409,
        "/problems/slot-taken"
    );
    assert_eq!(refused.body["taken"], json!(["patient"]));
    let forced = with(
        again,
        json!({ "override": { "reason": "Both want to see her" } }),
    );
    assert_problem!(
        desk.post("/appointments", forced).await,
        409,
        "/problems/slot-taken"
    );
    let next = with(follow_up(&wednesday("09:30")), json!({ "provider_id": BO }));
    book(&desk, next).await;
}

#[tokio::test]
async fn hours_and_grid_hold_for_all_and_staff_may_override_them_with_a_reason() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    for time in ["09:05", "12:00", "11:45", "20:00"] {
        let refused = desk
            .post("/appointments", follow_up(&wednesday(time)))
            .await;
        let refused = assert_problem!(refused, 422, "/problems/outside-availability");
        assert_eq!(refused.pointers(), ["/starts_at"]);
    }
    let past = desk
        .post("/appointments", follow_up("2026-03-02T13:45:00Z"))
        .await;
    assert_eq!(
        assert_problem!(past, 422, "/problems/booking-rule").body["rule"],
        "in_the_past"
    );
    let overriding = json!({ "override": { "reason": "Drove four hours" } });
    let booked = desk
        .post(
            "/appointments",
            with(follow_up(&wednesday("20:00")), overriding.clone()),
        )
        .await
        .created();
    assert_eq!(booked["override_reason"], "Drove four hours");
    let taken = with(
        follow_up(&wednesday("20:15")),
        with(json!({ "patient_id": BEN }), overriding),
    );
    assert_problem!(
        desk.post("/appointments", taken).await,
        409,
        "/problems/slot-taken"
    );
    let blank = with(
        follow_up(&wednesday("21:00")),
        json!({ "override": { "reason": "  " } }),
    );
    assert_eq!(
        desk.post("/appointments", blank).await.pointers(),
        ["/override/reason"]
    );
}

#[tokio::test]
async fn ids_that_name_nothing_are_named_all_at_once() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let nothing = "01900000-0000-7000-8000-0000000000ff";
    let body = json!({
        "patient_id": ZED, "appointment_type_id": nothing, "provider_id": nothing,
        "location_id": nothing, "starts_at": wednesday("09:00"), "room_id": nothing,
    });
    let refused = desk.post("/appointments", body).await;
    let refused = assert_problem!(refused, 422, "/problems/invalid-content");
    assert_eq!(
        refused.pointers(),
        [
            "/appointment_type_id",
            "/location_id",
            "/patient_id",
            "/provider_id"
        ]
    );
    let body = with(
        follow_up(&wednesday("09:00")),
        json!({ "hold_id": nothing, "room_id": nothing }),
    );
    assert_eq!(
        desk.post("/appointments", body).await.pointers(),
        ["/room_id", "/hold_id"]
    );
    let unknown = desk
        .get(&format!("/slots?appointment_type_id={nothing}"))
        .await;
    assert_eq!(unknown.pointers(), ["#/query/appointment_type_id"]);
    let backwards = format!(
        "/slots?appointment_type_id={TPI}&from=2026-03-05T00:00:00Z&to=2026-03-04T00:00:00Z"
    );
    assert_eq!(desk.get(&backwards).await.pointers(), ["#/query/to"]);
}

#[tokio::test]
async fn patients_book_for_themselves_by_the_rules_of_the_type() {
    let clinic = Clinic::open().await;
    let ana = clinic.patient().await;
    let foreign = with(follow_up(&wednesday("09:00")), json!({ "patient_id": BEN }));
    let foreign = assert_problem!(
        ana.post("/appointments", foreign).await,
        422,
        "/problems/invalid-content"
    );
    assert_eq!(foreign.pointers(), ["/patient_id"]);
    let forced = with(
        follow_up(&wednesday("09:00")),
        json!({ "override": { "reason": "Please" } }),
    );
    assert_problem!(
        ana.post("/appointments", forced).await,
        403,
        "/problems/not-allowed"
    );
    let rules = [
        (follow_up("2026-03-03T13:45:00Z"), "lead_time"),
        (follow_up("2026-05-29T14:00:00Z"), "horizon"),
        (
            with(
                follow_up(&wednesday("09:00")),
                json!({ "appointment_type_id": TPI }),
            ),
            "not_patient_bookable",
        ),
    ];
    for (body, rule) in rules {
        let refused = ana.post("/appointments", body).await;
        assert_eq!(
            assert_problem!(refused, 422, "/problems/booking-rule").body["rule"],
            rule
        );
    }
    assert!(
        slots(&ana, &format!("appointment_type_id={TPI}"))
            .await
            .is_empty()
    );
    let offered = slots(&ana, &format!("appointment_type_id={FOLLOW_UP}")).await;
    assert_eq!(offered[0]["starts_at"], "2026-03-03T09:00:00-05:00");
    let id = book(&ana, follow_up("2026-03-03T14:00:00Z")).await;
    ana.get(&format!("/appointments/{id}")).await.ok();
    let ben = clinic.other_patient().await;
    for path in [
        format!("/appointments/{id}"),
        format!("/appointments/{id}/changes"),
    ] {
        assert_problem!(ben.get(&path).await, 404, "/problems/not-found");
    }
    let cancel = json!({ "reason_code": "illness" });
    let path = format!("/appointments/{id}/cancel");
    assert_problem!(ben.act_now(&path, cancel).await, 404, "/problems/not-found");
    assert!(
        ben.get("/me/appointments").await.ok()["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        ana.get("/me/appointments").await.ok()["items"][0]["id"],
        json!(id)
    );
}

#[tokio::test]
async fn patients_cancel_and_move_until_the_cutoff_and_staff_after_it() {
    let clinic = Clinic::open().await;
    let ana = clinic.patient().await;
    let id = book(&ana, follow_up(&wednesday("10:00"))).await;
    let path = format!("/appointments/{id}");
    let to = |time: &str| json!({ "starts_at": wednesday(time) });
    let moved = ana
        .act(&format!("{path}/reschedule"), "\"v1\"", to("11:00"))
        .await;
    assert_eq!(moved.etag(), "\"v2\"");
    assert_eq!(moved.ok()["starts_at"], "2026-03-04T11:00:00-05:00");
    clinic.advance(TimeDelta::hours(26) + TimeDelta::seconds(1));
    let ana = clinic.patient().await;
    let late = ana
        .act_now(
            &format!("{path}/reschedule"),
            json!({ "starts_at": "2026-03-06T14:00:00Z" }),
        )
        .await;
    assert_eq!(
        assert_problem!(late, 422, "/problems/booking-rule").body["rule"],
        "cancel_cutoff"
    );
    let cancel = json!({ "reason_code": "illness", "note": "Fever" });
    let late = ana.act_now(&format!("{path}/cancel"), cancel.clone()).await;
    assert_eq!(
        assert_problem!(late, 422, "/problems/booking-rule").body["rule"],
        "cancel_cutoff"
    );
    let cancelled = clinic
        .front_desk()
        .await
        .act_now(&format!("{path}/cancel"), cancel)
        .await
        .ok();
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(
        cancelled["cancellation"],
        json!({ "reason_code": "illness", "note": "Fever", "late": true })
    );
}

#[tokio::test]
async fn a_hold_keeps_others_out_until_it_is_booked_let_go_or_expires() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);
    let hold = |time: &str| {
        json!({
            "appointment_type_id": TPI, "provider_id": ADA, "location_id": MAIN_STREET,
            "starts_at": wednesday(time),
        })
    };
    let tpi = |time: &str| {
        with(
            follow_up(&wednesday(time)),
            json!({ "appointment_type_id": TPI }),
        )
    };
    let held = desk.post("/holds", hold("09:00")).await.created();
    assert_eq!(held["expires_at"], "2026-03-02T14:05:00Z");
    assert_problem!(
        ada.post("/appointments", tpi("09:00")).await,
        409,
        "/problems/slot-taken"
    );
    assert_problem!(
        ada.post("/holds", hold("09:15")).await,
        409,
        "/problems/slot-taken"
    );
    let using = |time: &str| with(tpi(time), json!({ "hold_id": held["id"] }));
    assert_eq!(
        ada.post("/appointments", using("09:00")).await.pointers(),
        ["/hold_id"]
    );
    assert_eq!(
        desk.post("/appointments", using("10:30")).await.pointers(),
        ["/hold_id"]
    );
    let booked = desk.post("/appointments", using("09:00")).await.created();
    assert_eq!(booked["room"]["id"], held["room_id"]);

    let held = desk.post("/holds", hold("10:15")).await.created();
    let path = format!("/holds/{}", held["id"].as_str().unwrap());
    assert_eq!(desk.get(&path).await.ok(), held);
    assert_problem!(ada.delete(&path).await, 404, "/problems/not-found");
    desk.delete(&path).await.expect(204);
    assert_problem!(desk.get(&path).await, 404, "/problems/not-found");

    let held = desk.post("/holds", hold("10:15")).await.created();
    let path = format!("/holds/{}", held["id"].as_str().unwrap());
    let query = format!("appointment_type_id={TPI}&provider_id={ADA}&from=2026-03-04T15:15:00Z");
    assert_ne!(
        starts(&slots(&ada, &query).await)[0],
        "2026-03-04T10:15:00-05:00"
    );
    clinic.advance(TimeDelta::minutes(5));
    assert_problem!(desk.get(&path).await, 404, "/problems/not-found");
    assert_eq!(
        starts(&slots(&ada, &query).await)[0],
        "2026-03-04T10:15:00-05:00"
    );
    let too_late = with(
        tpi("10:15"),
        json!({ "hold_id": held["id"], "patient_id": BEN }),
    );
    assert_eq!(
        desk.post("/appointments", too_late).await.pointers(),
        ["/hold_id"]
    );
    book(&ada, with(tpi("10:15"), json!({ "patient_id": BEN }))).await;
}

#[tokio::test]
async fn of_many_who_book_where_a_hold_expired_one_wins() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let hold = json!({
        "appointment_type_id": FOLLOW_UP, "provider_id": ADA, "location_id": MAIN_STREET,
        "starts_at": wednesday("09:00"),
    });
    desk.post("/holds", hold.clone()).await.created();
    clinic.advance(TimeDelta::minutes(5));
    let holds = (0..8).map(|_| desk.post("/holds", hold.clone()));
    let bookings = (0..8).map(|_| desk.post("/appointments", follow_up(&wednesday("09:00"))));
    let (holds, bookings) = futures_util::join!(join_all(holds), join_all(bookings));
    let replies = holds.iter().chain(&bookings);
    assert_eq!(
        replies.clone().filter(|reply| reply.status == 201).count(),
        1
    );
    assert!(
        replies
            .clone()
            .all(|reply| [201, 409].contains(&reply.status))
    );
}

/// Every half hour of the mornings of the week from Wednesday, 4 March 2026, on.
fn mornings() -> impl Iterator<Item = String> {
    let times = ["09:00", "09:30", "10:00", "10:30"];
    ["04", "05", "06"]
        .into_iter()
        .flat_map(move |day| times.map(|time| format!("2026-03-{day}T{time}:00-05:00")))
}

#[tokio::test]
async fn a_patient_has_ten_appointments_ahead_at_most_and_makes_room_by_cancelling_one() {
    let clinic = Clinic::open().await;
    let (desk, ana) = (clinic.front_desk().await, clinic.patient().await);
    // What the practice books does not count.
    book(&desk, follow_up("2026-03-10T10:00:00-04:00")).await;
    let mut starts = mornings();
    let mut booked = Vec::new();
    for starts_at in starts.by_ref().take(10) {
        booked.push(book(&ana, follow_up(&starts_at)).await);
    }
    let eleventh = follow_up(&starts.next().unwrap());
    let refused = ana.post("/appointments", eleventh.clone()).await;
    let refused = assert_problem!(refused, 422, "/problems/booking-rule");
    assert_eq!(refused.body["rule"], "too_many_ahead");
    // Moving one is no new one.
    let path = format!("/appointments/{}", booked[0]);
    let elsewhere = json!({ "starts_at": "2026-03-11T09:00:00-04:00" });
    ana.act_now(&format!("{path}/reschedule"), elsewhere)
        .await
        .ok();
    let query = format!("/slots?appointment_type_id={FOLLOW_UP}&limit=1");
    let offered = ana.get(&query).await.ok();
    assert_eq!(offered["items"].as_array().unwrap().len(), 1);
    // Staff are not limited.
    book(&desk, follow_up("2026-03-10T11:00:00-04:00")).await;
    let why = json!({ "reason_code": "patient_request" });
    ana.act_now(&format!("{path}/cancel"), why).await.ok();
    book(&ana, eleventh).await;
    // What is over makes room too.
    let last = follow_up(&starts.next().unwrap());
    let refused = ana.post("/appointments", last).await;
    assert_problem!(refused, 422, "/problems/booking-rule");
    clinic.advance(TimeDelta::hours(49));
    let ana = clinic.patient().await;
    book(&ana, follow_up("2026-03-12T09:00:00-04:00")).await;
}

#[tokio::test]
async fn how_much_patients_book_ahead_is_the_practices_to_say_and_holds_for_each_account() {
    let clinic = Clinic::open().await;
    let (admin, desk) = (clinic.admin().await, clinic.front_desk().await);
    let (ana, ben) = (clinic.patient().await, clinic.other_patient().await);
    assert_eq!(admin.get("/practice").await.ok()["most_booked_ahead"], 10);
    for (most, status) in [(0, 422), (101, 422), (2, 200)] {
        let body = json!({ "most_booked_ahead": most });
        let answered = admin.patch("/practice", "*", body).await;
        assert_eq!(answered.status, status, "{most}");
        if status == 422 {
            assert_eq!(answered.pointers(), ["/most_booked_ahead"]);
        }
    }
    let refused = desk.patch("/practice", "*", json!({ "most_booked_ahead": 9 }));
    assert_problem!(refused.await, 403, "/problems/not-allowed");
    // Of many at once no more get through than one after the other.
    let all: Vec<String> = mornings().take(6).collect();
    let asked = all
        .iter()
        .map(|starts_at| ana.post("/appointments", follow_up(starts_at)));
    let replies = join_all(asked).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    let told = |reply: &&Reply| reply.body["rule"] == "too_many_ahead";
    assert_eq!((made, replies.iter().filter(told).count()), (2, 4));
    let bens = with(
        follow_up("2026-03-09T09:00:00-04:00"),
        json!({ "patient_id": BEN }),
    );
    book(&ben, bens).await;
}

#[tokio::test]
async fn a_patient_holds_three_slots_at_most() {
    let clinic = Clinic::open().await;
    let ana = clinic.patient().await;
    for (number, time) in ["09:00", "09:30", "10:00", "10:30"].into_iter().enumerate() {
        let body = json!({
            "appointment_type_id": FOLLOW_UP, "provider_id": ADA, "location_id": MAIN_STREET,
            "starts_at": wednesday(time),
        });
        let reply = ana.post("/holds", body).await;
        if number < 3 {
            reply.created();
        } else {
            let refused = assert_problem!(reply, 422, "/problems/booking-rule");
            assert_eq!(refused.body["rule"], "too_many_holds");
        }
    }
}

#[tokio::test]
async fn a_retried_booking_books_once() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let body = follow_up(&wednesday("09:00"));
    let first = desk
        .post_once("/appointments", "one", body.clone())
        .await
        .created();
    let again = desk.post_once("/appointments", "one", body).await.created();
    assert_eq!(first, again);
    let other = desk
        .post_once("/appointments", "one", follow_up(&wednesday("10:00")))
        .await;
    assert_problem!(other, 422, "/problems/idempotency-key-reused");
}

#[tokio::test]
async fn lists_are_filtered_paged_and_a_providers_own_by_default() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);
    for time in ["09:00", "09:30", "10:00"] {
        book(&desk, follow_up(&wednesday(time))).await;
    }
    let bo = json!({ "patient_id": BEN, "provider_id": BO });
    let with_bo = book(&desk, with(follow_up(&wednesday("09:00")), bo)).await;
    let count = |body: Value| body["items"].as_array().unwrap().len();
    assert_eq!(count(desk.get("/appointments").await.ok()), 4);
    assert_eq!(count(ada.get("/appointments").await.ok()), 3);
    assert_eq!(
        count(
            ada.get(&format!("/appointments?location_id={MAIN_STREET}"))
                .await
                .ok()
        ),
        4
    );
    assert_eq!(
        count(
            ada.get(&format!("/appointments?provider_id={BO}"))
                .await
                .ok()
        ),
        1
    );
    assert_eq!(
        count(
            desk.get(&format!("/appointments?patient_id={BEN}"))
                .await
                .ok()
        ),
        1
    );
    assert_eq!(
        count(desk.get("/appointments?status=cancelled").await.ok()),
        0
    );
    assert_eq!(
        count(
            desk.get("/appointments?from=2026-03-04T14:30:00Z&to=2026-03-04T15:00:00Z")
                .await
                .ok()
        ),
        1
    );
    clinic.advance(TimeDelta::minutes(1));
    desk.act_now(&format!("/appointments/{with_bo}/confirm"), Value::Null)
        .await
        .ok();
    let changed = desk
        .get("/appointments?updated_since=2026-03-02T14:01:00Z")
        .await
        .ok();
    assert_eq!(changed["items"][0]["id"], json!(with_bo));
    assert_eq!(count(changed), 1);
    let mut seen = Vec::new();
    let mut path = "/appointments?limit=1".to_owned();
    loop {
        let page = desk.get(&path).await.ok();
        seen.push(page["items"][0]["id"].as_str().unwrap().to_owned());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/appointments?limit=1&cursor={cursor}");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4);
    for wrong in [
        "status=late",
        "from=yesterday",
        "cursor=nonsense",
        "limit=0",
        "unknown=1",
    ] {
        assert!([400, 422].contains(&desk.get(&format!("/appointments?{wrong}")).await.status));
    }
    let backwards = "/appointments?from=2026-03-14T00:00:00Z&to=2026-03-13T00:00:00Z";
    assert_eq!(desk.get(backwards).await.pointers(), ["#/query/to"]);
}

#[tokio::test]
async fn slots_come_in_pages_that_join_without_a_seam() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let query = format!("appointment_type_id={FOLLOW_UP}&to=2026-03-04T00:00:00Z");
    let whole = slots(&desk, &query).await;
    assert!(whole.len() > 20);
    let mut joined = Vec::new();
    let mut path = format!("/slots?{query}&limit=7");
    loop {
        let page = desk.get(&path).await.ok();
        joined.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/slots?{query}&limit=7&cursor={cursor}");
    }
    assert_eq!(joined, whole);
    let too_wide = format!("/slots?appointment_type_id={TPI}&to=2026-06-03T14:00:01Z");
    assert_eq!(desk.get(&too_wide).await.pointers(), ["#/query/to"]);
}

#[tokio::test]
async fn a_search_over_weeks_finds_what_searches_of_its_days_find() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    // One room for two providers, and nothing for three weeks: rooms decide what is found at last.
    clinic
        .sql(&format!(
            "DELETE FROM rooms WHERE id = '{ROOM_TWO}';
             INSERT INTO closures (practice_id, id, starts_at, ends_at, reason, created_at)
             VALUES ('{RIVERSIDE}', gen_random_uuid(), '2026-03-02T00:00Z', '2026-03-23T00:00Z', 'Away', now())"
        ))
        .await;
    for (patient, provider, starts_at) in [
        (ANA, ADA, "2026-03-23T09:00:00-04:00"),
        (BEN, BO, "2026-03-23T10:30:00-04:00"),
        (BEN, ADA, "2026-03-25T09:00:00-04:00"),
    ] {
        let fields = json!({
            "patient_id": patient, "provider_id": provider, "appointment_type_id": TPI,
        });
        book(&desk, with(follow_up(starts_at), fields)).await;
    }
    let of = |from: &str, to: &str| {
        let range = format!("from={from}T04:00:00Z&to={to}T04:00:00Z");
        format!("appointment_type_id={TPI}&location_id={MAIN_STREET}&{range}")
    };
    let mut day_by_day = Vec::new();
    for (day, next) in [
        ("2026-03-23", "2026-03-24"),
        ("2026-03-24", "2026-03-25"),
        ("2026-03-25", "2026-03-26"),
    ] {
        day_by_day.extend(slots(&desk, &of(day, next)).await);
    }
    assert!(!starts(&day_by_day).contains(&"2026-03-23T09:00:00-04:00"));
    assert!(starts(&day_by_day).contains(&"2026-03-24T09:00:00-04:00"));
    for provider in ["", &format!("&provider_id={BO}")] {
        let mut expected = day_by_day.clone();
        expected.retain(|slot| provider.is_empty() || slot["provider_id"] == BO);
        let weeks = of("2026-03-02", "2026-03-26");
        assert_eq!(slots(&desk, &format!("{weeks}{provider}")).await, expected);
        let first = desk.get(&format!("/slots?{weeks}{provider}&limit=1")).await;
        assert_eq!(first.ok()["items"], json!(expected[..1]));
    }
}

#[tokio::test]
async fn time_off_closures_and_bookings_elsewhere_leave_no_slots() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let wednesdays = format!(
        "appointment_type_id={FOLLOW_UP}&from=2026-03-04T05:00:00Z&to=2026-03-05T05:00:00Z"
    );
    let of = |provider: &str| format!("{wednesdays}&provider_id={provider}");
    assert!(!slots(&desk, &of(ADA)).await.is_empty());
    clinic
        .sql(&format!(
            "INSERT INTO time_off (practice_id, id, provider_id, starts_at, ends_at, reason, created_at)
             VALUES ('{RIVERSIDE}', gen_random_uuid(), '{ADA}', '2026-03-04T05:00Z', '2026-03-05T05:00Z', 'Away', now())"
        ))
        .await;
    assert!(slots(&desk, &of(ADA)).await.is_empty());
    let refused = desk
        .post("/appointments", follow_up(&wednesday("09:00")))
        .await;
    assert_problem!(refused, 422, "/problems/outside-availability");
    assert!(!slots(&desk, &of(BO)).await.is_empty());
    clinic
        .sql(&format!(
            "INSERT INTO closures (practice_id, id, starts_at, ends_at, reason, created_at)
             VALUES ('{RIVERSIDE}', gen_random_uuid(), '2026-03-04T14:00Z', '2026-03-05T05:00Z', 'Away', now())"
        ))
        .await;
    let left = slots(&desk, &of(BO)).await;
    assert_eq!(starts(&left).last(), Some(&"2026-03-04T08:30:00-05:00"));
}

#[tokio::test]
async fn a_night_shrinks_when_the_clocks_go_forward_and_both_hours_are_offered_when_they_go_back() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    clinic
        .sql(&format!(
            "INSERT INTO availability_windows (practice_id, id, template_id, weekday, opens_at, closes_at, appointment_type_ids)
             VALUES ('{RIVERSIDE}', gen_random_uuid(), '01900000-0000-7000-8000-000000000071', 'sunday', '00:30', '03:30', '{{}}');
             UPDATE appointment_types SET start_every_minutes = 30"
        ))
        .await;
    let night = |from: &str, to: &str| {
        format!("appointment_type_id={FOLLOW_UP}&provider_id={ADA}&from={from}&to={to}")
    };
    let forward = slots(
        &desk,
        &night("2026-03-08T00:00:00Z", "2026-03-08T12:00:00Z"),
    )
    .await;
    assert_eq!(
        starts(&forward),
        [
            "2026-03-08T00:30:00-05:00",
            "2026-03-08T01:00:00-05:00",
            "2026-03-08T01:30:00-05:00",
            "2026-03-08T03:00:00-04:00",
        ]
    );
    let back = slots(
        &desk,
        &night("2026-11-01T00:00:00Z", "2026-11-01T12:00:00Z"),
    )
    .await;
    assert_eq!(
        starts(&back),
        [
            "2026-11-01T00:30:00-04:00",
            "2026-11-01T01:00:00-04:00",
            "2026-11-01T01:30:00-04:00",
            "2026-11-01T01:00:00-05:00",
            "2026-11-01T01:30:00-05:00",
            "2026-11-01T02:00:00-05:00",
            "2026-11-01T02:30:00-05:00",
            "2026-11-01T03:00:00-05:00",
        ]
    );
    book(&desk, follow_up("2026-11-01T01:30:00-04:00")).await;
    book(&desk, follow_up("2026-11-01T01:30:00-05:00")).await;
    book(&desk, follow_up("2026-03-08T01:30:00-05:00")).await;
    let after = with(
        follow_up("2026-03-08T03:00:00-04:00"),
        json!({ "patient_id": BEN }),
    );
    book(&desk, after).await;
}

#[tokio::test]
async fn those_without_a_part_in_it_and_other_practices_are_kept_out() {
    let clinic = Clinic::open().await;
    let id = book(&clinic.front_desk().await, follow_up(&wednesday("09:00"))).await;
    let auditor = clinic.auditor().await;
    for path in [
        format!("/appointments/{id}"),
        "/appointments".to_owned(),
        "/day-board".to_owned(),
    ] {
        assert_problem!(auditor.get(&path).await, 403, "/problems/not-allowed");
    }
    let ana = clinic.patient().await;
    assert_problem!(ana.get("/day-board").await, 403, "/problems/not-allowed");
    for verb in [
        "confirm", "check-in", "room", "start", "complete", "no-show", "undo",
    ] {
        let refused = ana
            .act_now(&format!("/appointments/{id}/{verb}"), Value::Null)
            .await;
        assert_problem!(refused, 403, "/problems/not-allowed");
    }
    let stranger = clinic.stranger("desk").await;
    assert_problem!(
        stranger.get(&format!("/appointments/{id}")).await,
        404,
        "/problems/not-found"
    );
    let refused = stranger
        .post("/appointments", follow_up(&wednesday("09:00")))
        .await;
    assert_eq!(
        refused.pointers(),
        [
            "/appointment_type_id",
            "/location_id",
            "/patient_id",
            "/provider_id"
        ]
    );
}

#[tokio::test]
async fn staff_are_told_which_bookings_are_in_the_way_and_patients_are_not() {
    let clinic = Clinic::open().await;
    let (desk, ana) = (clinic.front_desk().await, clinic.patient().await);
    let ben = |time: &str| with(follow_up(&wednesday(time)), json!({ "patient_id": BEN }));
    let injection = json!({ "appointment_type_id": TPI, "room_id": ROOM_ONE });
    let first = book(&desk, with(ben("09:00"), injection.clone())).await;
    let conflicts = async |client: &Client, body: Value| {
        let refused = client.post("/appointments", body).await;
        let refused = assert_problem!(refused, 409, "/problems/slot-taken");
        refused.body["conflicts"].clone()
    };
    // Ada is taken from when the room is made ready until her notes are written.
    assert_eq!(
        conflicts(&desk, follow_up(&wednesday("09:15"))).await,
        json!([{
            "kind": "provider", "resource_id": ADA, "appointment_id": first,
            "starts_at": "2026-03-04T13:50:00Z", "ends_at": "2026-03-04T15:00:00Z", "held_until": null,
        }])
    );
    let bo = json!({ "provider_id": BO });
    let room = with(with(follow_up(&wednesday("09:15")), injection), bo.clone());
    let room = conflicts(&desk, room).await;
    assert_eq!(room[0]["kind"], "room");
    assert_eq!(room[0]["resource_id"], ROOM_ONE);
    assert_eq!(room[0]["appointment_id"], json!(first));
    let twice = conflicts(&desk, with(ben("09:15"), bo)).await;
    assert_eq!(twice[0]["kind"], "patient");
    assert_eq!(twice.as_array().unwrap().len(), 1);
    // A hold has no appointment yet, and ends by itself.
    let held = json!({
        "appointment_type_id": FOLLOW_UP, "provider_id": ADA, "location_id": MAIN_STREET,
        "starts_at": wednesday("11:00"),
    });
    ana.post("/holds", held).await.created();
    let hold = conflicts(&desk, ben("11:00")).await;
    assert_eq!(hold[0]["appointment_id"], Value::Null);
    assert_eq!(hold[0]["held_until"], "2026-03-02T14:05:00Z");
    let to = json!({ "starts_at": wednesday("11:15") });
    let path = format!("/appointments/{first}/reschedule");
    let moved = desk.act_now(&path, to);
    let moved = moved.await;
    assert_eq!(moved.body["conflicts"].as_array().unwrap().len(), 1);
    assert!(
        conflicts(&ana, follow_up(&wednesday("09:00")))
            .await
            .is_null()
    );
}

/// What a booking of Ana with these fields at this time of Wednesday is answered.
async fn refused_with(desk: &Client, time: &str, fields: Value) -> String {
    let body = with(follow_up(&wednesday(time)), fields);
    let refused = desk.post("/appointments", body).await;
    refused.body["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_refusal_says_what_is_wrong_and_what_would_be_right() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let refused = async |time, fields| refused_with(&desk, time, fields).await;
    assert_eq!(
        refused("09:05", json!({})).await,
        "Follow-up appointments start at :00, :15, :30 and :45; the next one after 09:05 is 09:15. \
         Next free: Wednesday, 4 March, 09:15."
    );
    assert_eq!(
        refused("11:45", json!({})).await,
        "Dr Ada Keller is at Main Street from 08:00 to 12:00 and 13:00 to 17:00 on Wednesday, 4 March; \
         Follow-up would last from 11:45 to 12:15. Next free: Wednesday, 4 March, 13:00."
    );
    let in_london = json!({ "location_id": THAMES_HOUSE });
    let nowhere = refused("09:00", in_london).await;
    assert!(
        nowhere.contains("Dr Ada Keller is at Main Street at this time, not at Thames House."),
        "{nowhere}"
    );
    book(&desk, follow_up(&wednesday("09:00"))).await;
    assert_eq!(
        refused("09:15", json!({ "patient_id": BEN })).await,
        "Dr Ada Keller has another booking from 09:15 to 09:45 on Wednesday, 4 March. \
         Next free: Wednesday, 4 March, 09:30."
    );
    assert_eq!(
        refused("09:15", json!({ "provider_id": BO })).await,
        "The patient has another appointment from 09:15 to 09:45 on Wednesday, 4 March. \
         Next free: Wednesday, 4 March, 09:30."
    );
    clinic.sql("UPDATE rooms SET active = false").await;
    assert_eq!(
        refused(
            "10:00",
            json!({ "appointment_type_id": TPI, "patient_id": BEN })
        )
        .await,
        "Main Street has no room, and Trigger point injection needs one. \
         Choose another location, or add a room."
    );
    let day = json!({
        "starts_at": "2026-03-04T00:00:00-05:00", "ends_at": "2026-03-05T00:00:00-05:00",
        "reason": "Away",
    });
    let time_off = format!("/providers/{ADA}/time-off");
    admin.post(&time_off, day.clone()).await.created();
    assert_eq!(
        refused("10:00", json!({})).await,
        "Dr Ada Keller is off on Wednesday, 4 March (time off)."
    );
    let holiday = with(
        day.clone(),
        json!({ "location_id": MAIN_STREET, "reason": "Town fair" }),
    );
    admin.post("/closures", holiday).await.created();
    assert_eq!(
        refused("10:00", json!({})).await,
        "Main Street is closed on Wednesday, 4 March (Town fair)."
    );
    clinic
        .sql(&format!(
            "UPDATE providers SET active = false WHERE id = '{ADA}'"
        ))
        .await;
    assert_eq!(
        refused("10:00", json!({})).await,
        "Dr Ada Keller has left the practice; choose another provider."
    );
}

#[tokio::test]
async fn an_id_that_cannot_be_used_is_named_with_the_reason() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let details = async |fields: Value| {
        let body = with(follow_up(&wednesday("09:00")), fields);
        let refused = desk.post("/appointments", body).await;
        let refused = assert_problem!(refused, 422, "/problems/invalid-content");
        refused.body["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let hold = json!({
        "appointment_type_id": FOLLOW_UP, "provider_id": ADA, "location_id": MAIN_STREET,
        "starts_at": wednesday("10:00"),
    });
    let held = desk.post("/holds", hold).await.created()["id"].clone();
    assert_eq!(
        details(json!({ "hold_id": held })).await,
        "the hold is for Wednesday, 4 March, 10:00, with its own type, provider and location; \
         book exactly that, or book without hold_id"
    );
    clinic.advance(TimeDelta::minutes(6));
    assert_eq!(
        details(json!({ "hold_id": held, "starts_at": wednesday("10:00") })).await,
        "the hold ended at 09:05; hold the time again, or book without hold_id"
    );
    let nothing = "01900000-0000-7000-8000-0000000000ff";
    assert_eq!(
        details(json!({ "provider_id": nothing })).await,
        format!("{nothing} is no provider of this practice")
    );
    clinic
        .sql(&format!(
            "UPDATE patients SET archived_at = now() WHERE id = '{ANA}'"
        ))
        .await;
    assert_eq!(
        details(json!({})).await,
        format!(
            "{ANA} is an archived record, or of a patient who has died; nothing can be booked for it"
        )
    );
}

#[tokio::test]
async fn slots_are_narrowed_to_weekdays_and_times_and_an_empty_search_names_the_next_one() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let query = format!(
        "appointment_type_id={FOLLOW_UP}&provider_id={ADA}&from=2026-03-02T00:00:00-05:00&to=2026-03-09T00:00:00-04:00\
         &weekdays=tuesday,thursday&not_before=15:00&not_after=15:30"
    );
    let found = slots(&desk, &query).await;
    let expected = [
        "03T15:00", "03T15:15", "03T15:30", "05T15:00", "05T15:15", "05T15:30",
    ];
    let expected = expected.map(|start| format!("2026-03-{start}:00-05:00"));
    assert_eq!(starts(&found), expected);
    let sunday = format!(
        "/slots?appointment_type_id={FOLLOW_UP}&provider_id={ADA}&from=2026-03-07T00:00:00-05:00&to=2026-03-09T00:00:00-04:00"
    );
    let none = desk.get(&sunday).await.ok();
    assert_eq!(none["items"], json!([]));
    assert_eq!(none["next_free"]["starts_at"], "2026-03-09T08:00:00-04:00");
    for (query, pointer) in [
        ("weekdays=someday", "#/query/weekdays"),
        ("not_before=25:00", "#/query/not_before"),
    ] {
        let refused = desk.get(&format!("{sunday}&{query}")).await;
        assert_eq!(refused.pointers(), [pointer]);
    }
}
