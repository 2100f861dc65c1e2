//! Calendars on the days the clocks change, in zones that do it each in a way of their own.

use serde_json::{Value, json};

use crate::harness::*;

/// A zone, a date, the half hours of that day, and those of the night from 22:00 before it to 06:00.
const DAYS: [(&str, &str, &str, usize, usize); 10] = [
    ("America/New_York", "2026-03-07", "2026-03-08", 46, 14),
    ("America/New_York", "2026-10-31", "2026-11-01", 50, 18),
    ("Europe/London", "2026-03-28", "2026-03-29", 46, 14),
    ("Europe/London", "2026-10-24", "2026-10-25", 50, 18),
    // Half an hour only.
    ("Australia/Lord_Howe", "2026-10-03", "2026-10-04", 47, 15),
    ("Australia/Lord_Howe", "2026-04-04", "2026-04-05", 49, 17),
    // Never, and a quarter of an hour off.
    ("Asia/Kathmandu", "2026-06-30", "2026-07-01", 48, 16),
    // At midnight: the day begins at 01:00, and the first hour of the other day comes twice.
    ("America/Havana", "2026-03-07", "2026-03-08", 46, 14),
    ("America/Havana", "2026-10-31", "2026-11-01", 50, 18),
    // Not any more.
    ("Pacific/Apia", "2026-04-04", "2026-04-05", 48, 16),
];

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// A location in each zone, where Ada is there round the clock and Bo for the nights.
async fn locations(clinic: &Clinic) -> Vec<(&'static str, String)> {
    let admin = clinic.admin().await;
    let every_half_hour = json!({ "start_every_minutes": 30 });
    let path = format!("/appointment-types/{FOLLOW_UP}");
    admin.patch(&path, "*", every_half_hour).await.ok();
    let mut zones: Vec<&str> = DAYS.iter().map(|day| day.0).collect();
    zones.dedup();
    let mut locations = Vec::new();
    for zone in zones {
        let location = json!({ "name": zone, "time_zone": zone });
        let location = admin.post("/locations", location).await.created();
        let id = location["id"].as_str().unwrap().to_owned();
        let round_the_clock = [("00:00", "12:00"), ("12:00", "00:00")].as_slice();
        let night = [("22:00", "06:00")].as_slice();
        for (provider, windows) in [(ADA, round_the_clock), (BO, night)] {
            let window = |weekday| {
                let of = move |&(from, to): &(&str, &str)| json!({ "weekday": weekday, "from": from, "to": to });
                windows.iter().map(of)
            };
            let weekly: Vec<Value> = WEEKDAYS.into_iter().flat_map(window).collect();
            let hours = json!({ "location_id": id, "valid_from": "2026-03-01", "weekly": weekly });
            let path = format!("/providers/{provider}/availability");
            admin.put(&path, "*", hours).await.ok();
        }
        locations.push((zone, id));
    }
    locations
}

/// The starts of this provider there around a date, as the clock of the location shows them.
async fn starts(
    desk: &Client,
    provider: &str,
    location: &str,
    eve: &str,
    date: &str,
) -> Vec<String> {
    let date: chrono::NaiveDate = date.parse().unwrap();
    let until = date.succ_opt().unwrap();
    let query = format!(
        "/slots?appointment_type_id={FOLLOW_UP}&provider_id={provider}&location_id={location}\
         &from={eve}T08:00:00Z&to={until}T12:00:00Z&limit=200"
    );
    let found = desk.get(&query).await.ok();
    assert_eq!(found["next_cursor"], Value::Null);
    let items = found["items"].as_array().unwrap().iter();
    items
        .map(|slot| slot["starts_at"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_day_has_as_many_half_hours_as_its_clocks_allow_and_all_can_be_booked() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let locations = locations(&clinic).await;
    for (zone, eve, date, of_day, of_night) in DAYS {
        let (_, location) = locations.iter().find(|each| each.0 == zone).unwrap();
        let around = starts(&desk, ADA, location, eve, date).await;
        let day: Vec<&String> = around.iter().filter(|at| at.starts_with(date)).collect();
        assert_eq!(day.len(), of_day, "{zone} on {date}: {day:?}");
        let mut sorted: Vec<chrono::DateTime<chrono::FixedOffset>> =
            day.iter().map(|at| at.parse().unwrap()).collect();
        sorted.dedup();
        assert_eq!(sorted.len(), of_day, "each is an instant of its own");
        let (dusk, dawn) = (format!("{eve}T22:00"), format!("{date}T06:00"));
        let around = starts(&desk, BO, location, eve, date).await;
        let is_of_night =
            |at: &&String| (dusk.as_str()..dawn.as_str()).contains(&at.get(..16).unwrap());
        let night: Vec<&String> = around.iter().filter(is_of_night).collect();
        assert_eq!(night.len(), of_night, "{zone} before {date}: {night:?}");
        for starts_at in [day[0], day[day.len() / 8], day[day.len() - 1]] {
            let body = json!({
                "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
                "location_id": location, "starts_at": starts_at,
            });
            let booked = desk.post("/appointments", body).await.created();
            assert_eq!(booked["starts_at"], json!(starts_at));
            let id = booked["id"].as_str().unwrap();
            let cancel = json!({ "reason_code": "duplicate" });
            let path = format!("/appointments/{id}/cancel");
            desk.act_now(&path, cancel).await.ok();
        }
    }
}
