//! Finding a patient from what a caller on the telephone says.

use serde_json::{Value, json};

use crate::harness::*;

async fn found(by: &Client, wanted: Value) -> Vec<String> {
    let page = by.post("/patients/search", wanted).await.ok();
    let items = page["items"].as_array().unwrap();
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    items.iter().map(id).collect()
}

/// The id of a new patient.
async fn registered(by: &Client, given_name: &str, family_name: &str) -> String {
    let new = json!({
        "given_name": given_name, "family_name": family_name, "birth_date": "1991-02-03", "confirm_new": true,
    });
    let new = by.post("/patients", new).await.created();
    new["id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_name_is_found_however_it_is_said() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    for (said, id) in [
        ("Okafor", BEN),
        ("okafr", BEN),
        ("Okaofr", BEN),
        ("Okafor, Ben", BEN),
        ("Ben Ocafor", BEN),
        ("Bem Okafor", BEN),
        ("Benjamin Okafor", BEN),
        ("Ben Chukwu Okafor", BEN),
        ("Oka", BEN),
        ("Muller", CLEO),
        ("Müller Cleo", CLEO),
        ("Anna Vrabetz", ANA),
        ("Vrabec Novak", ANA),
    ] {
        assert_eq!(found(&desk, json!({ "name": said })).await, [id], "{said}");
        assert_eq!(found(&desk, json!({ "text": said })).await, [id], "{said}");
    }
    for nobody in ["Xyzzy", "Zimmer", "Bon"] {
        assert_eq!(found(&desk, json!({ "name": nobody })).await, [""; 0]);
    }
}

#[actix_web::test]
async fn everything_that_is_said_must_fit() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let ben = desk.get(&format!("/patients/{BEN}")).await.ok();
    let born = &ben["birth_date"];
    for wanted in [
        json!({ "birth_date": born }),
        json!({ "birth_date": born, "name": "Ocafor" }),
        json!({ "phone": ben["phone"], "name": "ben" }),
        json!({ "mrn": ben["mrn"], "name": "okafor", "birth_date": born }),
        json!({ "mrn": ben["mrn"], "phone": ben["phone"] }),
    ] {
        assert_eq!(found(&desk, wanted.clone()).await, [BEN], "{wanted}");
    }
    for wanted in [
        json!({ "birth_date": "1999-09-09", "name": "Okafor" }),
        json!({ "birth_date": born, "name": "Vrabec" }),
        json!({ "phone": ben["phone"], "name": "Vrabec" }),
        json!({ "mrn": "P-ANA00001", "phone": ben["phone"] }),
    ] {
        assert_eq!(found(&desk, wanted.clone()).await, [""; 0], "{wanted}");
    }
}

#[actix_web::test]
async fn a_new_name_can_be_misspelt_at_once() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let changed = json!({ "family_name": "Strzelecki" });
    desk.patch(&format!("/patients/{BEN}"), "*", changed)
        .await
        .ok();
    assert_eq!(found(&desk, json!({ "name": "Strelecki" })).await, [BEN]);
    let philippa = registered(&desk, "Philippa", "Ravensworth").await;
    let misspelt = found(&desk, json!({ "name": "Filipa Ravensworth" })).await;
    assert_eq!(misspelt, [philippa]);
}

#[actix_web::test]
async fn of_many_names_alike_the_one_that_all_words_fit_is_found() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let elena = registered(&desk, "Elena", "Lindqvist").await;
    for family in [
        "Lindaquist",
        "Lindequist",
        "Lindiquist",
        "Lindoquist",
        "Linduquist",
    ] {
        registered(&desk, "Oscar", family).await;
    }
    for said in ["Elenna Lindquist", "Lindqviste, Elene", "Eelna Lindqvsit"] {
        assert_eq!(
            found(&desk, json!({ "name": said })).await,
            [elena.as_str()],
            "{said}"
        );
    }
}

#[actix_web::test]
async fn everybody_one_letter_away_is_found_and_nobody_else() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    registered(&desk, "Helena", "Ames").await;
    let mut near = [
        registered(&desk, "Elina", "Ames").await,
        registered(&desk, "Elana", "Ames").await,
    ];
    near.sort();
    let mut both = found(&desk, json!({ "name": "Elona Ames" })).await;
    both.sort();
    assert_eq!(both, near);
}

#[actix_web::test]
async fn of_three_names_the_two_that_are_spelt_so_here_come_before_two_that_might_be_meant() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    registered(&desk, "Anne Maria", "Smith").await;
    let anna = registered(&desk, "Anna", "Strzelecki").await;
    let said = json!({ "name": "Anna Marie Strzelecki" });
    assert_eq!(found(&desk, said).await, [anna]);
}

#[actix_web::test]
async fn a_short_form_finds_the_name_it_is_short_for_beside_those_one_letter_away() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let mut both = [
        registered(&desk, "Alec", "Frey").await,
        registered(&desk, "Alexander", "Frey").await,
    ];
    both.sort();
    let mut meant = found(&desk, json!({ "name": "Alex Frey" })).await;
    meant.sort();
    assert_eq!(meant, both);
}

#[actix_web::test]
async fn namesakes_come_page_by_page_and_each_once() {
    let clinic = Clinic::open().await;
    clinic
        .sql(&format!(
            "INSERT INTO patients (practice_id, id, record_number, given_name, family_name, search_name, birth_date, version, created_at, updated_at) \
             SELECT '{RIVERSIDE}', gen_random_uuid(), 'P-MANY' || n, 'Nora', 'Haddad', 'nora haddad', '1980-01-01', 1, now(), now() \
             FROM generate_series(1, 30) AS n"
        ))
        .await;
    let desk = clinic.front_desk().await;
    let mut seen = std::collections::BTreeSet::new();
    let mut wanted = json!({ "name": "Haddad", "limit": 7 });
    loop {
        let (page, statements) = desk.counted("/patients/search", Some(wanted.clone())).await;
        assert!(
            statements <= 3,
            "{statements}, with the line of the audit log"
        );
        let page = page.ok();
        for item in page["items"].as_array().unwrap() {
            assert!(seen.insert(item["id"].to_string()), "twice");
        }
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        wanted["cursor"] = json!(cursor);
    }
    assert_eq!(seen.len(), 30);
}
