//! The front desk's day: who is on it, who is next, and that asking again and again costs little.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::*;
use crate::scheduling::{book, follow_up, with};

#[tokio::test]
async fn the_day_board_shows_who_waits_how_long_and_who_is_next() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let first = book(&desk, follow_up("2026-03-02T14:00:00Z")).await;
    let second = with(
        follow_up("2026-03-02T14:30:00Z"),
        json!({ "patient_id": BEN }),
    );
    let second = book(&desk, second).await;
    book(
        &desk,
        with(
            follow_up("2026-03-03T14:30:00Z"),
            json!({ "patient_id": BEN }),
        ),
    )
    .await;
    desk.act_now(&format!("/appointments/{second}/check-in"), Value::Null)
        .await
        .ok();
    clinic.advance(TimeDelta::minutes(7));
    let board = desk
        .get(&format!(
            "/day-board?date=2026-03-02&location_id={MAIN_STREET}"
        ))
        .await
        .ok();
    let columns = board["columns"].as_array().unwrap();
    assert_eq!(columns.len(), 2);
    assert_eq!(columns[0]["provider"]["id"], ADA);
    assert_eq!(columns[0]["next_appointment_id"], json!(second));
    assert_eq!(columns[0]["appointments"].as_array().unwrap().len(), 2);
    assert!(columns[0]["appointments"][0]["waiting_minutes"].is_null());
    assert_eq!(columns[0]["appointments"][1]["waiting_minutes"], 7);
    assert!(columns[1]["appointments"].as_array().unwrap().is_empty());
    desk.act_now(&format!("/appointments/{second}/start"), Value::Null)
        .await
        .ok();
    clinic.advance(TimeDelta::minutes(1));
    let today = desk.get("/day-board").await.ok();
    assert_eq!(today["columns"][0]["appointments"][1]["waiting_minutes"], 7);
    assert_eq!(today["columns"][0]["next_appointment_id"], json!(first));
    let own = clinic.provider().await.get("/day-board").await.ok();
    assert_eq!(own["columns"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_day_board_shows_who_came_before_midnight_and_is_there_after_it() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let night = json!({
        "location_id": MAIN_STREET, "valid_from": "2026-03-09",
        "weekly": [{ "weekday": "friday", "from": "20:00", "to": "04:00" }],
    });
    let hours = format!("/providers/{ADA}/availability");
    admin.put(&hours, "*", night).await.ok();
    let late = |patient: &str, time: &str| {
        with(
            follow_up(&format!("2026-03-13T{time}:00-04:00")),
            json!({ "patient_id": patient, "appointment_type_id": TPI }),
        )
    };
    let over = book(&desk, late(ANA, "23:45")).await;
    book(&desk, late(BEN, "22:30")).await;
    let board = async |date: &str| {
        let path = format!("/day-board?date={date}&location_id={MAIN_STREET}");
        let board = desk.get(&path).await.ok();
        let columns = board["columns"].as_array().unwrap().iter();
        let ids = columns.flat_map(|column| column["appointments"].as_array().unwrap().clone());
        ids.map(|shown| shown["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(board("2026-03-13").await.len(), 2);
    assert_eq!(board("2026-03-14").await, [over.as_str()]);
    assert!(board("2026-03-15").await.is_empty());
    let why = json!({ "reason_code": "illness" });
    desk.act_now(&format!("/appointments/{over}/cancel"), why)
        .await
        .ok();
    assert!(board("2026-03-14").await.is_empty());
}

#[tokio::test]
async fn who_asks_for_the_day_again_is_shown_it_only_when_something_changed() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let nine = book(&desk, follow_up("2026-03-02T14:00:00Z")).await;
    let half_past = with(
        follow_up("2026-03-02T14:30:00Z"),
        json!({ "patient_id": BEN }),
    );
    book(&desk, half_past).await;
    let path = format!("/day-board?location_id={MAIN_STREET}");
    let again = async |client: &Client, etag: &str| {
        let headers = [("if-none-match", etag)];
        client.send(Method::GET, &path, &headers, None).await
    };
    let audited =
        "SELECT string_agg(resource_type || ' of ' || array_to_string(patient_ids, ' and '), ', ' ORDER BY id)
        FROM audit_events WHERE action = 'appointments.day_board'";
    let first = desk.get(&path).await;
    let etag = first.etag();
    assert_eq!(first.status, 200);
    // One act, whose row names everybody.
    let shown = format!("appointment of {ANA} and {BEN}");
    assert_eq!(clinic.ask(audited).await, shown);

    let unchanged = again(&desk, &etag).await;
    assert_eq!((unchanged.status, unchanged.text.as_str()), (304, ""));
    assert_eq!(unchanged.etag(), etag);
    // It was looked at, and nobody was shown.
    assert_eq!(clinic.ask(audited).await, format!("{shown}, day_board of "));

    let step = format!("/appointments/{nine}/check-in");
    desk.act_now(&step, Value::Null).await.ok();
    let changed = again(&desk, &etag).await;
    assert_eq!(changed.status, 200);
    let etag = changed.etag();
    clinic.advance(TimeDelta::seconds(90));
    assert_eq!(again(&desk, &etag).await.status, 304, "she only waits");
    // A name is on the board as much as a status is.
    let renamed = json!({ "given_name": "Anna" });
    desk.patch(&format!("/patients/{ANA}"), "*", renamed)
        .await
        .ok();
    let changed = again(&desk, &etag).await;
    assert_eq!(changed.status, 200);
    let etag = changed.etag();
    let location = json!({ "name": "Main Square" });
    admin
        .patch(&format!("/locations/{MAIN_STREET}"), "*", location)
        .await
        .ok();
    assert_eq!(again(&desk, &etag).await.status, 200);
}

#[tokio::test]
async fn the_board_names_the_late_the_unconfirmed_and_their_telephone_numbers() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let nine = with(
        follow_up("2026-03-02T14:00:00Z"),
        json!({ "note": "Brings the old pictures" }),
    );
    let nine = book(&desk, nine).await;
    let ten = with(
        follow_up("2026-03-02T15:00:00Z"),
        json!({ "patient_id": BEN }),
    );
    let ten = book(&desk, ten).await;
    desk.act_now(&format!("/appointments/{ten}/confirm"), Value::Null)
        .await
        .ok();
    clinic.advance(TimeDelta::minutes(12));
    // Her token has ended by now.
    let desk = clinic.front_desk().await;
    let path = format!("/day-board?location_id={MAIN_STREET}");
    let board = desk.get(&path).await.ok();
    assert_eq!(board["date"], "2026-03-02");
    let shown = &board["columns"][0]["appointments"];
    assert_eq!(shown[0]["id"], nine);
    assert_eq!(shown[0]["patient"]["phone"], "+1 555 0101");
    assert_eq!(shown[0]["note"], "Brings the old pictures");
    assert_eq!(
        (&shown[0]["late_minutes"], &shown[0]["unconfirmed"]),
        (&json!(12), &json!(true))
    );
    assert_eq!(
        (&shown[1]["late_minutes"], &shown[1]["unconfirmed"]),
        (&Value::Null, &json!(false))
    );
    let some = desk
        .get(&format!("{path}&status=confirmed,arrived"))
        .await
        .ok();
    let some = some["columns"][0]["appointments"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(some.len(), 1);
    let unknown = desk.get(&format!("{path}&status=asleep")).await;
    assert_eq!(unknown.pointers(), ["#/query/status"]);
    let bo = desk.get(&format!("{path}&provider_id={BO}")).await.ok();
    assert_eq!(bo["columns"].as_array().unwrap().len(), 1);
    assert_eq!(bo["columns"][0]["provider"]["id"], BO);
}

#[tokio::test]
async fn columns_are_of_those_who_work_that_day_or_are_booked() {
    let clinic = Clinic::open().await;
    let (desk, admin) = (clinic.front_desk().await, clinic.admin().await);
    let columns = async |date: &str| {
        let path = format!("/day-board?date={date}&location_id={MAIN_STREET}");
        let board = desk.get(&path).await.ok();
        let columns = board["columns"].as_array().unwrap().iter();
        columns
            .map(|column| column["provider"]["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(columns("2026-03-02").await, [ADA, BO]);
    assert_eq!(
        columns("2026-03-05").await,
        [ADA],
        "Dr Bo has no hours on Thursdays here"
    );
    assert_eq!(columns("2026-03-07").await, Vec::<String>::new());
    let extra = json!({
        "location_id": MAIN_STREET, "starts_at": "2026-03-07T10:00:00-05:00",
        "ends_at": "2026-03-07T12:00:00-05:00",
    });
    admin
        .post(&format!("/providers/{BO}/extra-hours"), extra)
        .await
        .created();
    assert_eq!(columns("2026-03-07").await, [BO]);
    let off = json!({
        "starts_at": "2026-03-05T00:00:00-05:00", "ends_at": "2026-03-06T00:00:00-05:00", "reason": "Ill",
    });
    admin
        .post(&format!("/providers/{ADA}/time-off"), off)
        .await
        .created();
    assert_eq!(columns("2026-03-05").await, Vec::<String>::new());
    let left = json!({ "active": false });
    admin
        .patch(&format!("/providers/{BO}"), "*", left)
        .await
        .ok();
    assert_eq!(columns("2026-03-02").await, [ADA]);
    let week = format!("/week-board?date=2026-03-02&location_id={MAIN_STREET}&provider_id={ADA}");
    let week = desk.get(&week).await.ok();
    let days: Vec<usize> = week["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| day["columns"].as_array().unwrap().len())
        .collect();
    assert_eq!(days, [1, 1, 1, 0, 1, 0, 0]);
}
