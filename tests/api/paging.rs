//! Pages of every list: what a cursor may be, and that the one that was handed out is taken back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

#[tokio::test]
async fn a_list_is_paged_past_the_longest_of_names() {
    let clinic = Clinic::open().await;
    let (admin, desk) = (clinic.admin().await, clinic.front_desk().await);
    let long = |last: &str| format!("{}{last}", "\u{6f22}".repeat(190));
    for last in ["one", "two"] {
        let location = json!({ "name": long(last), "time_zone": "Asia/Tokyo" });
        admin.post("/locations", location).await.created();
        let patient = json!({
            "given_name": "\u{6f22}".repeat(95), "family_name": format!("{}{last}", "\u{6f22}".repeat(90)),
            "birth_date": "1980-01-01", "confirm_new": true,
        });
        desk.post("/patients", patient).await.created();
    }
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = desk.get(&format!("/locations?limit=1{cursor}")).await.ok();
        names.push(page["items"][0]["name"].as_str().unwrap().to_owned());
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(names.len(), 4);
    assert_eq!(names[2..], [long("one"), long("two")]);
    let wanted = json!({ "birth_date": "1980-01-01", "limit": 1 });
    let first = desk.post("/patients/search", wanted.clone()).await.ok();
    let mut wanted = wanted;
    wanted["cursor"] = first["next_cursor"].clone();
    let second = desk.post("/patients/search", wanted).await.ok();
    assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_cursor_of_ones_own_making_is_refused_where_no_row_can_have_it() {
    let clinic = Clinic::open().await;
    let (admin, ada) = (clinic.admin().await, clinic.provider().await);
    let id = "00000000-0000-7000-8000-000000000000";
    let made = |key: Value| URL_SAFE_NO_PAD.encode(key.to_string());
    let early = "-262143-01-01T00:00:00Z";
    let hours = format!("/providers/{ADA}/availability");
    let time_off = format!("/providers/{ADA}/time-off");
    let timeline = format!("/patients/{ANA}/timeline");
    for (client, path, key) in [
        (&admin, "/rooms", json!(["a\0", id])),
        (&admin, "/locations", json!(["\0", id])),
        (&admin, "/users", json!(["a\0b", id])),
        (&admin, "/appointments", json!([early, id])),
        (&admin, "/closures", json!(["+262142-01-01T00:00:00Z", id])),
        (&admin, &time_off, json!([early, id])),
        (&admin, &hours, json!(["-262143-01-01", id])),
        (&admin, "/waitlist", json!([5, early, id])),
        (&ada, &timeline, json!([early, id])),
        (&ada, "/lots", json!(["lidocaine", "+99999-01-01", id])),
        (&ada, "/follow-ups", json!([early, id])),
        (&ada, "/visits", json!([early, id])),
        (&ada, "/visits", json!("visits")),
    ] {
        let refused = client.get(&format!("{path}?cursor={}", made(key))).await;
        let refused = assert_problem!(refused, 422, "/problems/invalid-content");
        assert_eq!(refused.pointers(), ["#/query/cursor"], "{path}");
    }
}
