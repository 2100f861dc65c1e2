//! People are found by whatever they say, and kept: names, numbers, archive, death, duplicates.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::scheduling::{book, follow_up, wednesday, with};

async fn found(by: &Client, wanted: Value) -> Vec<Value> {
    let page = by.post("/patients/search", wanted).await.ok();
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].clone()).collect()
}

fn person(fields: Value) -> Value {
    let known =
        json!({ "given_name": "Mira", "family_name": "Horvat", "birth_date": "1984-05-07" });
    with(known, fields)
}

async fn registered(desk: &Client, fields: Value) -> Value {
    desk.post("/patients", person(fields)).await.created()["id"].clone()
}

#[tokio::test]
async fn a_telephone_number_finds_its_owner_in_every_form() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let mira = registered(&desk, json!({ "phone": "(917) 555-0142" })).await;
    for said in [
        "+1 917 555 0142",
        "1-917-555-0142",
        "917.555.0142",
        "917-555-0142 ext. 7",
        "0142",
    ] {
        assert_eq!(
            found(&desk, json!({ "phone": said })).await,
            std::slice::from_ref(&mira),
            "{said}"
        );
        if !said.contains("ext") {
            assert_eq!(
                found(&desk, json!({ "text": said })).await,
                std::slice::from_ref(&mira),
                "{said}"
            );
        }
    }
    let contact = json!({ "name": "Jana", "relation": "parent", "phone": "+1 646 555 0177" });
    let contacts = format!("/patients/{}/contacts", mira.as_str().unwrap());
    desk.post(&contacts, contact).await.created();
    assert_eq!(
        found(&desk, json!({ "phone": "(646) 555-0177" })).await,
        [mira]
    );
}

#[tokio::test]
async fn every_name_that_a_person_has_or_had_finds_them_and_so_does_the_address() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let fields = json!({
        "former_name": "Kovacs", "preferred_name": "Mimi", "pronouns": "she/her",
        "email": "Mira@Example.com", "birth_date_estimated": true, "needs_interpreter": true,
        "insurance": "Green Cross 12",
    });
    let body = desk
        .post("/patients", person(fields.clone()))
        .await
        .created();
    for (field, value) in fields.as_object().unwrap() {
        assert_eq!(body[field], *value);
    }
    let mira = body["id"].clone();
    for said in [
        "Mira Horvat",
        "Kovacs",
        "Mimi",
        "mira@example.COM",
        "05/07/1984",
        "7.5.1984",
    ] {
        let ids = found(&desk, json!({ "text": said })).await;
        assert!(ids.contains(&mira), "{said}");
    }
    assert_eq!(
        found(&desk, json!({ "email": "mira@example.com" })).await,
        [mira]
    );
    let single =
        json!({ "given_name": "Suharto", "birth_date": "1951-01-01", "confirm_new": true });
    let single = desk.post("/patients", single).await.created();
    assert_eq!(single["family_name"], Value::Null);
    assert_eq!(
        found(&desk, json!({ "name": "Suharto" })).await,
        [single["id"].clone()]
    );
    let booked = with(
        follow_up(&wednesday("09:00")),
        json!({ "patient_id": single["id"] }),
    );
    let booked = desk.post("/appointments", booked).await.created();
    assert_eq!(booked["patient"]["name"], "Suharto");
}

#[tokio::test]
async fn a_name_or_a_filter_that_says_nothing_is_refused() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    for (field, value) in [
        ("given_name", "-"),
        ("family_name", "."),
        ("given_name", "  "),
        ("former_name", "-"),
        ("phone", "none"),
    ] {
        let refused = desk
            .post("/patients", person(json!({ field: value })))
            .await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec![format!("/{field}")])
        );
    }
    let ana = format!("/patients/{ANA}");
    for (field, value) in [("given_name", "-"), ("family_name", "   ")] {
        let refused = desk.patch(&ana, "*", json!({ field: value })).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec![format!("/{field}")])
        );
    }
    for (field, value) in [
        ("text", "-"),
        ("name", "."),
        ("phone", "none"),
        ("mrn", " "),
        ("email", "   "),
    ] {
        let refused = desk.post("/patients/search", json!({ field: value })).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec![format!("/{field}")])
        );
    }
}

#[tokio::test]
async fn an_archived_record_names_what_is_open_and_can_be_found_and_restored() {
    let clinic = Clinic::open().await;
    let (desk, ana) = (clinic.front_desk().await, clinic.patient().await);
    let id = book(&desk, follow_up(&wednesday("09:00"))).await;
    let path = format!("/patients/{ANA}");
    let archived = desk
        .act_now(&format!("{path}/archive"), Value::Null)
        .await
        .ok();
    assert!(archived["archived_at"].is_string());
    assert_eq!(archived["open_items"][0]["kind"], "appointment");
    assert_eq!(archived["open_items"][0]["id"], id);
    assert_eq!(
        desk.get(&format!("/appointments/{id}")).await.ok()["status"],
        "booked"
    );
    let all = |wanted: Value| with(wanted, json!({ "include_archived": true }));
    for wanted in [
        json!({ "name": "Ana Vrabec" }),
        json!({ "birth_date": "1984-05-17" }),
    ] {
        assert!(!found(&desk, wanted.clone()).await.contains(&json!(ANA)));
        assert!(found(&desk, all(wanted)).await.contains(&json!(ANA)));
    }
    // The check for duplicates sees archived records, too.
    let again = json!({ "given_name": "Ana", "family_name": "Vrabec", "birth_date": "1984-05-17" });
    let again = desk.post("/patients", again).await;
    let again = assert_problem!(again, 409, "/problems/possible-duplicate");
    assert_eq!(again.body["candidates"][0]["patient"]["id"], ANA);
    let refused = ana.act_now(&format!("{path}/restore"), Value::Null).await;
    assert_problem!(refused, 403, "/problems/not-allowed");
    let restored = desk
        .act_now(&format!("{path}/restore"), Value::Null)
        .await
        .ok();
    assert_eq!(restored["archived_at"], Value::Null);
    assert!(
        found(&desk, json!({ "name": "Ana Vrabec" }))
            .await
            .contains(&json!(ANA))
    );
}

#[tokio::test]
async fn a_death_ends_what_reaches_out_and_can_be_taken_back() {
    let clinic = Clinic::open().await;
    let (desk, ada) = (clinic.front_desk().await, clinic.provider().await);
    let id = book(&desk, follow_up(&wednesday("09:00"))).await;
    let wish = json!({
        "patient_id": ANA, "appointment_type_id": TPI, "priority": 5,
        "earliest": "2026-03-02T00:00:00-05:00", "latest": "2026-03-08T00:00:00-05:00",
    });
    let waits = desk.post("/waitlist", wish).await.created();
    let call = json!({
        "kind": "call", "due_from": "2026-03-03T00:00:00Z", "due_by": "2026-03-05T00:00:00Z", "reason": "How are you?",
    });
    let called = ada
        .post(&format!("/patients/{ANA}/follow-ups"), call)
        .await
        .created();
    let path = format!("/patients/{ANA}/death");
    let told =
        |died_on: &str, precision: &str| json!({ "died_on": died_on, "precision": precision });
    for (died_on, precision) in [("2027-01-01", "day"), ("1980-01-01", "day")] {
        let refused = desk.act_now(&path, told(died_on, precision)).await;
        assert_eq!(refused.pointers(), ["/died_on"]);
    }
    let died = desk.act_now(&path, told("2026-02-01", "month")).await.ok();
    assert_eq!(
        (&died["died_on"], &died["died_on_precision"]),
        (&json!("2026-02-01"), &json!("month"))
    );
    let ended: Vec<&str> = died["open_items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["kind"].as_str().unwrap())
        .collect();
    assert_eq!(ended, ["appointment", "follow_up", "waitlist_entry"]);
    assert_eq!(
        desk.get(&format!("/appointments/{id}")).await.ok()["status"],
        "cancelled"
    );
    let waits = format!("/waitlist/{}", waits["id"].as_str().unwrap());
    assert_eq!(desk.get(&waits).await.ok()["status"], "withdrawn");
    let called = format!("/follow-ups/{}", called["id"].as_str().unwrap());
    assert_eq!(ada.get(&called).await.ok()["status"], "cancelled");
    let refused = desk
        .post("/appointments", follow_up(&wednesday("10:00")))
        .await;
    assert_eq!(refused.pointers(), ["/patient_id"]);
    let alive = desk
        .send(
            reqwest::Method::DELETE,
            &path,
            &[("if-match", &versions("*"))],
            None,
        )
        .await
        .ok();
    assert_eq!(alive["died_on"], Value::Null);
    book(&desk, follow_up(&wednesday("10:00"))).await;
}

#[tokio::test]
async fn duplicates_are_weighed_with_reasons() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let phone =
        json!({ "phone": "+1 917 555 0142", "email": "mira@example.com", "former_name": "Kovacs" });
    registered(&desk, phone).await;
    let reasons = async |fields: Value| {
        let reply = desk.post("/patients", person(fields)).await;
        let reply = assert_problem!(reply, 409, "/problems/possible-duplicate");
        reply.body["candidates"][0]["reasons"].clone()
    };
    for (fields, reason) in [
        (json!({}), "similar name and same birth date"),
        (
            json!({ "birth_date": "1984-07-05" }),
            "similar name, and birth date with day and month exchanged",
        ),
        (
            json!({ "birth_date": "1984-05-17" }),
            "similar name, and birth date with one digit different",
        ),
        (
            json!({ "birth_date": "1950-01-01", "phone": "(917) 555-0142" }),
            "similar name and same telephone number",
        ),
        (
            json!({ "birth_date": "1950-01-01", "email": "MIRA@example.com" }),
            "similar name and same e-mail address",
        ),
        (
            json!({ "family_name": "Kovacs" }),
            "similar name and same birth date",
        ),
        (
            json!({ "family_name": "Zupan" }),
            "similar name and same birth date",
        ),
    ] {
        assert_eq!(reasons(fields).await[0], reason);
    }
    let another =
        json!({ "given_name": "Olga", "family_name": "Petrova", "birth_date": "1984-07-05" });
    desk.post("/patients", another).await.created();
}
