//! Programs: what a key opens, from where, for whom and for how long, and what the trail says of it.

use std::collections::BTreeMap;
use std::fs;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::access::Story;
use crate::harness::*;

const DESK_USER: &str = "01900000-0000-7000-8000-000000000102";

/// All there are.
const SCOPES: [&str; 9] = [
    "practice:read",
    "practice:write",
    "calendar:read",
    "calendar:write",
    "appointments:read",
    "appointments:write",
    "record:read",
    "record:write",
    "trail:read",
];

async fn account(admin: &Client, name: &str, scopes: &[&str]) -> String {
    let body = json!({ "name": name, "scopes": scopes });
    id(&admin.post("/service-accounts", body).await.created())
}

async fn key(admin: &Client, account: &str) -> Value {
    let path = format!("/service-accounts/{account}/keys");
    admin.post(&path, json!({})).await.created()
}

/// A program with these scopes.
async fn program(clinic: &Clinic, name: &str, scopes: &[&str]) -> Client {
    let admin = clinic.admin().await;
    let account = account(&admin, name, scopes).await;
    let key = key(&admin, &account).await;
    clinic.anonymous().with_token(key["key"].as_str().unwrap())
}

async fn get_for(program: &Client, path: &str, user: &str) -> Reply {
    let headers = [("on-behalf-of", user)];
    program.send(Method::GET, path, &headers, None).await
}

async fn user_id(clinic: &Clinic, email: &str) -> String {
    clinic
        .ask(&format!(
            "SELECT id::text FROM control.users WHERE email = '{email}'"
        ))
        .await
}

#[tokio::test]
async fn a_program_does_what_its_scopes_cover_and_is_told_which_one_it_lacks() {
    let clinic = Clinic::open().await;
    let reader = program(&clinic, "Reader", &["record:read"]).await;
    let patient = reader.get(&format!("/patients/{ANA}")).await.ok();
    assert_eq!(patient["id"], ANA);
    let body = json!({ "given_name": "Nora", "family_name": "Novak", "birth_date": "1990-04-01" });
    let refused = reader.post("/patients", body.clone()).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.body["type"], "/problems/scope-required");
    assert_eq!(refused.body["required_scope"], "record:write");
    let refused = reader.get("/appointments").await;
    assert_eq!(refused.body["required_scope"], "appointments:read");
    let writer = program(&clinic, "Writer", &["record:write"]).await;
    writer.post("/patients", body).await.created();
    let unread = writer.get(&format!("/patients/{ANA}")).await;
    assert_eq!(unread.body["required_scope"], "record:read");
    // Of another practice it sees nothing.
    assert_eq!(reader.get(&format!("/patients/{ZED}")).await.status, 404);
}

#[tokio::test]
async fn a_program_with_every_scope_lets_nobody_in_and_signs_nothing() {
    let clinic = Clinic::open().await;
    let all = program(&clinic, "Everything", &SCOPES).await;
    let visit = walk_in(&clinic.provider().await, ANA).await;
    let ada = user_id(&clinic, "ada@riverside.example").await;
    for (method, path, body) in [
        (
            Method::POST,
            "/invitations".to_owned(),
            json!({ "email": "x@y.example", "role": "admin" }),
        ),
        (
            Method::POST,
            "/service-accounts".to_owned(),
            json!({ "name": "Twin", "scopes": SCOPES }),
        ),
        (Method::GET, "/service-accounts".to_owned(), Value::Null),
        (
            Method::PATCH,
            format!("/users/{DESK_USER}"),
            json!({ "role": "admin" }),
        ),
        (
            Method::PATCH,
            "/practice".to_owned(),
            json!({ "step_up_for": [] }),
        ),
        (Method::POST, format!("/visits/{visit}/sign"), Value::Null),
        (Method::GET, format!("/patients/{ANA}/export"), Value::Null),
        (Method::GET, "/me".to_owned(), Value::Null),
        (Method::GET, "/auth/sessions".to_owned(), Value::Null),
    ] {
        for on_behalf_of in [None, Some(ada.as_str())] {
            let mut headers = vec![("if-match", "*"), ("content-type", "application/json")];
            headers.extend(on_behalf_of.map(|user| ("on-behalf-of", user)));
            let body = (!body.is_null()).then(|| body.to_string().into_bytes());
            let refused = all.send(method.clone(), &path, &headers, body).await;
            let said = (refused.status, refused.body["type"].as_str());
            assert_eq!(
                said,
                (403, Some("/problems/not-allowed")),
                "{method} {path}"
            );
        }
    }
    let unsigned = format!("SELECT signed_at IS NULL FROM visits WHERE id = '{visit}'");
    assert_eq!(
        clinic.ask(&format!("SELECT ({unsigned})::text")).await,
        "true"
    );
}

#[tokio::test]
async fn a_key_is_shown_once_and_another_takes_its_place_without_a_gap() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let account = account(&admin, "Reminders", &["practice:read"]).await;
    let path = format!("/service-accounts/{account}");
    let first = key(&admin, &account).await;
    let text = first["key"].as_str().unwrap();
    assert!(text.starts_with(first["prefix"].as_str().unwrap()));
    let shown = admin.get(&path).await;
    assert!(!shown.text.contains(text));
    assert_eq!(shown.body["keys"][0]["last_used_at"], Value::Null);
    let stored = format!(
        "SELECT count(*)::text FROM control.service_account_keys k WHERE position('{text}' IN k::text) > 0"
    );
    assert_eq!(clinic.ask(&stored).await, "0");
    let old = clinic.anonymous().with_token(text);
    old.get("/practice").await.ok();
    let shown = admin.get(&path).await.ok();
    assert_eq!(shown["keys"][0]["last_used_at"], "2026-03-02T14:00:00Z");

    let second = key(&admin, &account).await;
    let third = admin.post(&format!("{path}/keys"), json!({})).await;
    assert_eq!(
        (third.status, third.body["type"].as_str()),
        (409, Some("/problems/two-keys"))
    );
    let new = clinic
        .anonymous()
        .with_token(second["key"].as_str().unwrap());
    old.get("/practice").await.ok();
    new.get("/practice").await.ok();
    let taken = admin.delete(&format!("{path}/keys/{}", id(&first))).await;
    assert_eq!(taken.status, 204);
    assert_eq!(
        old.get("/practice").await.status,
        401,
        "on the very next request"
    );
    new.get("/practice").await.ok();
    let again = admin.delete(&format!("{path}/keys/{}", id(&first))).await;
    assert_eq!(again.status, 404);
}

#[tokio::test]
async fn of_many_keys_that_are_asked_for_at_once_two_are_handed_out() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let account = account(&admin, "Reminders", &["practice:read"]).await;
    let path = format!("/service-accounts/{account}/keys");
    let asked = (0..8).map(|_| admin.post(&path, json!({})));
    let answers = futures_util::future::join_all(asked).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 2);
}

#[tokio::test]
async fn a_key_ends_by_itself_within_a_year_and_leaves_its_place() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let account = account(&admin, "Reminders", &["practice:read"]).await;
    let path = format!("/service-accounts/{account}/keys");
    for wrong in ["2026-03-02T14:00:00Z", "2027-03-03T14:00:00Z"] {
        let refused = admin.post(&path, json!({ "expires_at": wrong })).await;
        assert_eq!(refused.pointers(), ["/expires_at"], "{wrong}");
    }
    let short = json!({ "expires_at": "2026-03-02T14:05:00Z" });
    let short = admin.post(&path, short).await.created();
    let long = key(&admin, &account).await;
    assert_eq!(long["expires_at"], "2027-03-02T14:00:00Z");
    let brief = clinic
        .anonymous()
        .with_token(short["key"].as_str().unwrap());
    brief.get("/practice").await.ok();
    clinic.advance(TimeDelta::minutes(5));
    assert_eq!(brief.get("/practice").await.status, 401);
    admin.post(&path, json!({})).await.created();
    let full = admin.post(&path, json!({})).await;
    assert_eq!(full.status, 409);
}

#[tokio::test]
async fn a_key_that_is_used_from_elsewhere_is_refused_and_stands_in_the_trail() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let account = account(&admin, "Billing", &["practice:read"]).await;
    let path = format!("/service-accounts/{account}");
    let key = key(&admin, &account).await;
    let program = clinic.anonymous().with_token(key["key"].as_str().unwrap());
    let elsewhere = json!({ "networks": ["203.0.113.7/24", "2001:db8::1"] });
    let changed = admin.patch(&path, "\"v1\"", elsewhere).await.ok();
    assert_eq!(
        changed["networks"],
        json!(["203.0.113.0/24", "2001:db8::1/128"])
    );
    let refused = program.get("/practice").await;
    let nobody = clinic.anonymous().get("/practice").await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.body["title"], nobody.body["title"]);
    let noted = format!(
        "SELECT count(*)::text FROM audit_events WHERE action = 'service_accounts.use' \
         AND outcome = 'refused' AND actor_user_id = '{account}'"
    );
    assert_eq!(clinic.ask(&noted).await, "1");
    let here = json!({ "networks": ["127.0.0.0/8", "::1"] });
    admin.patch(&path, "\"v2\"", here).await.ok();
    program.get("/practice").await.ok();
    let wrong = admin
        .patch(&path, "\"v3\"", json!({ "networks": ["::/0", "home"] }))
        .await;
    assert_eq!(
        (wrong.status, wrong.pointers()),
        (422, vec!["/networks/1".to_owned()])
    );
}

#[tokio::test]
async fn a_change_of_an_account_holds_for_its_very_next_request() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let account = account(&admin, "Board", &["practice:read", "appointments:read"]).await;
    let path = format!("/service-accounts/{account}");
    let key = key(&admin, &account).await;
    let program = clinic.anonymous().with_token(key["key"].as_str().unwrap());
    program.get("/appointments").await.ok();
    let fewer = json!({ "scopes": ["practice:read"] });
    admin.patch(&path, "\"v1\"", fewer).await.ok();
    assert_eq!(program.get("/appointments").await.status, 403);
    admin
        .patch(&path, "\"v2\"", json!({ "disabled": true }))
        .await
        .ok();
    assert_eq!(program.get("/practice").await.status, 401);
    admin
        .patch(&path, "\"v3\"", json!({ "disabled": false }))
        .await
        .ok();
    program.get("/practice").await.ok();
    let stale = admin
        .patch(&path, "\"v1\"", json!({ "disabled": true }))
        .await;
    assert_eq!(stale.status, 412);
    let twin = json!({ "name": "Board", "scopes": ["practice:read"] });
    let twin = admin.post("/service-accounts", twin).await;
    assert_eq!(
        (twin.status, twin.pointers()),
        (422, vec!["/name".to_owned()])
    );
    let stranger = clinic.stranger("admin").await;
    assert_eq!(stranger.get(&path).await.status, 404);
    assert_eq!(
        stranger
            .post(&format!("{path}/keys"), json!({}))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn on_behalf_of_a_user_a_program_may_do_what_both_may() {
    let clinic = Clinic::open().await;
    let portal = program(&clinic, "Portal", &["record:read", "appointments:read"]).await;
    let ana = user_id(&clinic, "ana@riverside.example").await;
    let desk = user_id(&clinic, "desk@riverside.example").await;
    let record = |patient: &str| format!("/patients/{patient}");
    assert_eq!(get_for(&portal, &record(ANA), &ana).await.status, 200);
    assert_eq!(
        get_for(&portal, &record(BEN), &ana).await.status,
        404,
        "as for Ana herself"
    );
    assert_eq!(portal.get(&record(BEN)).await.status, 200, "for itself");
    let allergies = format!("{}/allergies", record(ANA));
    assert_eq!(get_for(&portal, &allergies, &ana).await.status, 200);
    let of_the_desk = get_for(&portal, &allergies, &desk).await;
    assert_eq!(of_the_desk.body["type"], "/problems/not-allowed");
    let own = portal.get("/appointments/own").await;
    assert!([403, 404].contains(&own.status), "{}", own.body);

    let stranger = user_id(&clinic, "admin@hillside.example").await;
    for nobody in [
        stranger.as_str(),
        "somebody",
        "00000000-0000-0000-0000-000000000000",
    ] {
        assert_eq!(
            get_for(&portal, &record(ANA), nobody).await.status,
            403,
            "{nobody}"
        );
    }
    clinic
        .sql(&format!(
            "UPDATE control.users SET disabled_at = now() WHERE id = '{ana}'"
        ))
        .await;
    assert_eq!(get_for(&portal, &record(ANA), &ana).await.status, 403);
    // A person does not act on behalf of another by saying so.
    let auditor = clinic.auditor().await;
    assert_eq!(get_for(&auditor, &record(ANA), &desk).await.status, 403);
}

#[tokio::test]
async fn the_trail_says_which_program_acted_and_for_whom() {
    let clinic = Clinic::open().await;
    let portal = program(&clinic, "Portal", &["record:read", "trail:read"]).await;
    let desk = user_id(&clinic, "desk@riverside.example").await;
    get_for(&portal, &format!("/patients/{ANA}"), &desk)
        .await
        .ok();
    let log = format!("/patients/{ANA}/access-log");
    let seen = clinic.patient().await.get(&log).await.ok();
    let act = seen["items"].as_array().unwrap().iter();
    let act = act
        .clone()
        .find(|act| act["action"] == "patients.read")
        .unwrap();
    assert_eq!(act["actor"]["role"], "service_account");
    assert_eq!(act["actor"]["display_name"], "Portal");
    assert_eq!(act["actor"]["on_behalf_of"]["user_id"], desk.as_str());
    assert!(act["actor"]["on_behalf_of"]["display_name"].is_string());
    get_for(&portal, &format!("/patients/{ANA}/allergies"), &desk)
        .await
        .expect(403);
    let trail = portal.get("/audit-events").await.ok();
    let refused = trail["items"].as_array().unwrap().iter();
    let refused = refused
        .clone()
        .find(|act| act["outcome"] == "refused")
        .unwrap();
    assert_eq!(refused["action"], "allergies.read");
    assert_eq!(refused["actor"]["display_name"], "Portal");
    clinic.housekeeping().await;
    let verified = portal.post("/audit/verify", json!({})).await.ok();
    assert_eq!(verified["intact"], true);
}

#[tokio::test]
async fn an_answer_is_not_replayed_on_behalf_of_another_user() {
    let clinic = Clinic::open().await;
    let portal = program(&clinic, "Portal", &["calendar:write", "appointments:write"]).await;
    let ana = user_id(&clinic, "ana@riverside.example").await;
    let ben = user_id(&clinic, "ben@riverside.example").await;
    let body = |patient: &str| {
        json!({ "patient_id": patient, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
                "location_id": MAIN_STREET, "starts_at": "2026-03-04T10:00:00-05:00" })
    };
    let book = |user: String, patient: &'static str| {
        let portal = portal.clone();
        let body = body(patient).to_string().into_bytes();
        async move {
            let headers = [
                ("on-behalf-of", user.as_str()),
                ("idempotency-key", "one"),
                ("content-type", "application/json"),
            ];
            portal
                .send(Method::POST, "/appointments", &headers, Some(body))
                .await
        }
    };
    let booked = book(ana.clone(), ANA).await.created();
    let again = book(ana, ANA).await;
    assert_eq!(again.body["id"], booked["id"]);
    let of_another = book(ben, ANA).await;
    assert!(of_another.status >= 400, "{}", of_another.body);
    assert!(!of_another.text.contains(booked["id"].as_str().unwrap()));
}

/// Asks every operation with a key that covers nothing of it, and holds the document to the refusals.
#[tokio::test]
async fn every_operation_says_its_scope_in_the_document() {
    let clinic = Clinic::open().await;
    let story = Story::begin(&clinic).await;
    let programs = [
        program(&clinic, "Calendar alone", &["calendar:write"]).await,
        program(&clinic, "Practice alone", &["practice:write"]).await,
    ];
    let document = clinic.anonymous().get("/openapi.json").await.ok();
    let (mut asked, mut said) = (BTreeMap::new(), BTreeMap::new());
    for operation in story.operations() {
        let name = operation.name();
        let (method, path) = name.split_once(' ').unwrap();
        let described = &document["paths"][path][method.to_lowercase()];
        if described["security"] == json!([]) {
            continue;
        }
        let operation_id = described["operationId"].as_str().unwrap().to_owned();
        let mut needed = None;
        for program in &programs {
            let answer = story.ask(program, &operation).await;
            needed = answer.body["required_scope"]
                .as_str()
                .map(ToOwned::to_owned);
            if needed.is_some() || answer.body["type"] == "/problems/not-allowed" {
                break;
            }
        }
        asked.extend(needed.map(|scope| (operation_id.clone(), scope)));
        let scope = described["x-scope"].as_str().map(ToOwned::to_owned);
        said.extend(scope.map(|scope| (operation_id, scope)));
    }
    if std::env::var("INSTA_UPDATE").as_deref() == Ok("always") {
        let lines = asked.iter().fold(String::new(), |lines, (name, scope)| {
            lines + name + " " + scope + "\n"
        });
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/openapi/scopes.txt");
        fs::write(file, lines).unwrap();
        return;
    }
    assert_eq!(
        said, asked,
        "write src/openapi/scopes.txt anew with INSTA_UPDATE=always"
    );
    assert!(asked.len() > 150);
}
