//! The users of a practice, and how people join it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

/// The account of Dan at the front desk.
const DESK: &str = "01900000-0000-7000-8000-000000000102";
/// The only admin.
const ADMIN: &str = "01900000-0000-7000-8000-000000000101";
/// Dr Ada's account.
const ADA_USER: &str = "01900000-0000-7000-8000-000000000103";
/// Ana's account.
const ANA_USER: &str = "01900000-0000-7000-8000-000000000107";

const NEW_PASSWORD: &str = "eleven slow lanterns";

async fn change(admin: &Client, user: &str, changes: Value) -> Reply {
    admin.patch(&format!("/users/{user}"), "*", changes).await
}

/// Invites; returns the code that stands in the mail to the address and nowhere else.
async fn invite(clinic: &Clinic, email: &str, role: &str) -> String {
    let body = json!({ "email": email, "role": role });
    let invited = clinic.admin().await.post("/invitations", body).await;
    let email = email.to_lowercase();
    let mail = clinic
        .ask(&format!(
            "SELECT body FROM control.mail_outbox WHERE recipient = '{email}' ORDER BY id DESC LIMIT 1"
        ))
        .await;
    let is_code = |line: &&str| line.len() == 43 && !line.contains(' ');
    let code = mail.lines().find(is_code).unwrap().to_owned();
    let invited = invited.created();
    assert_eq!(invited["email"], email);
    assert!(
        !invited.to_string().contains(&code),
        "the admin does not see the code"
    );
    code
}

async fn accept(clinic: &Clinic, token: &str, password: &str) -> Reply {
    let body = json!({ "token": token, "display_name": " Nia New ", "password": password });
    clinic.anonymous().post("/invitations/accept", body).await
}

#[tokio::test]
async fn users_are_listed_by_name_a_page_at_a_time_and_auditors_see_staff_alone() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let names = |listed: &Value| -> Vec<String> {
        let items = listed["items"].as_array().unwrap().iter();
        items
            .map(|user| user["display_name"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = admin.get("/users?limit=5").await.ok();
    assert_eq!(
        names(&first),
        [
            "Ana Vrabec",
            "Asa Assistant",
            "Ben Okafor",
            "Dan Desk",
            "Dr Ada Keller"
        ]
    );
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = admin
        .get(&format!("/users?limit=5&cursor={cursor}"))
        .await
        .ok();
    assert_eq!(
        names(&rest),
        ["Dr Bo Lindqvist", "Ida Admin", "Otto Auditor"]
    );
    assert_eq!(rest["next_cursor"], Value::Null);
    let providers = clinic
        .front_desk()
        .await
        .get("/users?role=provider")
        .await
        .ok();
    assert_eq!(names(&providers), ["Dr Ada Keller", "Dr Bo Lindqvist"]);
    assert_eq!(providers["items"][0]["provider_id"], ADA);
    let auditor = clinic.auditor().await;
    assert_eq!(names(&auditor.get("/users").await.ok()).len(), 6);
    let path = format!("/users/{ANA_USER}");
    assert_problem!(auditor.get(&path).await, 404, "/problems/not-found");
    let ana = admin.get(&path).await;
    assert_eq!(ana.etag(), "\"v1\"");
    assert_eq!(ana.ok()["role"], "patient");
    let stranger = clinic.stranger("admin").await;
    assert_problem!(stranger.get(&path).await, 404, "/problems/not-found");
    let patient = clinic.patient().await.get("/users").await;
    assert_problem!(patient, 403, "/problems/not-allowed");
}

#[tokio::test]
async fn users_who_joined_or_changed_since_then_are_listed_alone() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let changed_since = async |time: &str| -> Vec<String> {
        let path = format!("/users?updated_since=2026-03-02T{time}Z");
        let listed = admin.get(&path).await.ok();
        let items = listed["items"].as_array().unwrap().iter();
        items
            .map(|user| user["display_name"].as_str().unwrap().to_owned())
            .collect()
    };
    let nobody: [&str; 0] = [];
    assert_eq!(changed_since("14:00:00").await, nobody);
    clinic.advance(TimeDelta::minutes(1));
    let changed = change(&admin, DESK, json!({ "role": "assistant" }))
        .await
        .ok();
    assert_eq!(changed["updated_at"], "2026-03-02T14:01:00Z");
    assert_eq!(changed["created_at"], "2026-01-01T00:00:00Z");
    clinic.advance(TimeDelta::minutes(1));
    let token = invite(&clinic, "nia@riverside.example", "front_desk").await;
    accept(&clinic, &token, NEW_PASSWORD).await.created();
    clinic.advance(TimeDelta::minutes(1));
    let provider = format!("/providers/{ADA}");
    let parted = admin
        .patch(&provider, "*", json!({ "user_id": null }))
        .await;
    parted.ok();
    let everybody = ["Dan Desk", "Dr Ada Keller", "Nia New"];
    assert_eq!(changed_since("14:01:00").await, everybody);
    assert_eq!(changed_since("14:02:00").await, everybody[1..]);
    assert_eq!(changed_since("14:02:01").await, ["Dr Ada Keller"]);
    assert_eq!(changed_since("14:03:01").await, nobody);
    let disabled =
        "UPDATE control.users SET disabled_at = '2026-03-02 14:04Z' WHERE email LIKE 'bo@%'";
    clinic.sql(disabled).await;
    assert_eq!(changed_since("14:03:01").await, ["Dr Bo Lindqvist"]);
    let refused = admin.get("/users?updated_since=1").await;
    assert_eq!(refused.pointers(), ["#/query/updated_since"]);
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once_and_comes_back_by_signing_in_again() {
    let clinic = Clinic::open().await;
    let (admin, desk) = (clinic.admin().await, clinic.front_desk().await);
    desk.get("/me").await.ok();
    let stale = admin
        .patch(
            &format!("/users/{DESK}"),
            "\"v7\"",
            json!({ "disabled": true }),
        )
        .await;
    assert_problem!(stale, 412, "/problems/stale-version");
    let disabled = change(&admin, DESK, json!({ "disabled": true })).await;
    assert_eq!(disabled.etag(), "\"v2\"");
    assert_eq!(disabled.ok()["disabled"], true);
    assert_problem!(desk.get("/me").await, 401, "/problems/not-signed-in");
    let refresh = json!({ "refresh_token": desk.refresh_token });
    let refreshed = desk.post("/auth/refresh", refresh.clone()).await;
    assert_problem!(refreshed, 401, "/problems/session-ended");
    let sign_in = json!({ "email": "desk@riverside.example", "password": PASSWORD });
    let refused = clinic.anonymous().post("/auth/login", sign_in).await;
    assert_problem!(refused, 401, "/problems/wrong-credentials");
    change(&admin, DESK, json!({ "disabled": false }))
        .await
        .ok();
    // What was ended stays ended.
    assert_problem!(desk.get("/me").await, 401, "/problems/not-signed-in");
    let refreshed = desk.post("/auth/refresh", refresh).await;
    assert_problem!(refreshed, 401, "/problems/session-ended");
    clinic.front_desk().await.get("/me").await.ok();
    let audited = "SELECT count(*)::text FROM audit_events WHERE action = 'users.change'";
    assert_eq!(clinic.ask(audited).await, "2");
}

#[tokio::test]
async fn staff_become_other_staff_and_their_sessions_end() {
    let clinic = Clinic::open().await;
    let (admin, desk) = (clinic.admin().await, clinic.front_desk().await);
    let changed = change(&admin, DESK, json!({ "role": "assistant" }))
        .await
        .ok();
    assert_eq!(changed["role"], "assistant");
    assert_problem!(desk.get("/me").await, 401, "/problems/not-signed-in");
    assert_eq!(clinic.front_desk().await.user["role"], "assistant");
    for (user, role) in [(DESK, "patient"), (ANA_USER, "admin")] {
        let refused = change(&admin, user, json!({ "role": role })).await;
        let refused = assert_problem!(refused, 422, "/problems/invalid-content");
        assert_eq!(refused.pointers(), ["/role"]);
    }
    let refused = change(&admin, ADA_USER, json!({ "role": "assistant" })).await;
    assert_problem!(refused, 409, "/problems/user-is-provider");
    let refused = change(&clinic.provider().await, DESK, json!({ "role": "admin" })).await;
    assert_problem!(refused, 403, "/problems/not-allowed");
}

#[tokio::test]
async fn the_last_admin_who_can_sign_in_stays() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    for changes in [json!({ "disabled": true }), json!({ "role": "auditor" })] {
        let refused = change(&admin, ADMIN, changes).await;
        assert_problem!(refused, 409, "/problems/last-admin");
    }
    admin.get("/me").await.ok();
    change(&admin, DESK, json!({ "role": "admin" })).await.ok();
    let second = clinic.front_desk().await;
    // Each disables the other at the same moment: one of them is left.
    let (one, two) = futures_util::join!(
        change(&admin, DESK, json!({ "disabled": true })),
        change(&second, ADMIN, json!({ "disabled": true })),
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!([401, 409].contains(&statuses[1]), "{statuses:?}");
    let left = "SELECT count(*)::text FROM control.memberships WHERE role = 'admin' AND suspended_at IS NULL
        AND practice_id = '01900000-0000-7000-8000-000000000001'";
    assert_eq!(clinic.ask(left).await, "1");
}

#[tokio::test]
async fn whoever_reads_the_mailbox_that_was_invited_joins_once() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let token = invite(&clinic, "Nia@Clinic.example", "front_desk").await;
    let listed = admin.get("/invitations").await.ok();
    assert_eq!(listed["items"][0]["email"], "nia@clinic.example");
    assert_eq!(listed["items"][0]["expires_at"], "2026-03-09T14:00:00Z");
    assert!(!listed.to_string().contains(&token));
    let weak = accept(&clinic, &token, "too short").await;
    assert_eq!(weak.pointers(), ["/password"]);
    let joined = accept(&clinic, &token, NEW_PASSWORD).await.created();
    assert_eq!(joined["email"], "nia@clinic.example");
    assert_eq!(joined["practice"], "riverside");
    let proven = "SELECT (email_proven_at IS NOT NULL)::text FROM control.users WHERE email = 'nia@clinic.example'";
    assert_eq!(clinic.ask(proven).await, "true");
    let again = accept(&clinic, &token, NEW_PASSWORD).await;
    assert_problem!(again, 404, "/problems/not-found");
    let nia = Client::sign_in(&clinic.service.url, "nia@clinic.example", NEW_PASSWORD).await;
    let me = nia.get("/me").await.ok();
    assert_eq!(
        (&me["display_name"], &me["role"]),
        (&json!("Nia New"), &json!("front_desk"))
    );
    nia.get(&format!("/patients/{ANA}")).await.ok();
    let member = json!({ "email": "nia@clinic.example", "role": "admin" });
    let refused = admin.post("/invitations", member.clone()).await;
    assert_problem!(refused, 409, "/problems/already-a-member");
    assert_problem!(
        nia.post("/invitations", member).await,
        403,
        "/problems/not-allowed"
    );
}

#[tokio::test]
async fn of_many_who_accept_one_invitation_at_once_one_joins() {
    let clinic = Clinic::open().await;
    let token = invite(&clinic, "nia@clinic.example", "auditor").await;
    let tries = (0..6).map(|_| accept(&clinic, &token, NEW_PASSWORD));
    let replies = futures_util::future::join_all(tries).await;
    let won = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(won, 1);
    for lost in replies.iter().filter(|reply| reply.status != 201) {
        assert_problem!(lost, 404, "/problems/not-found");
    }
}

#[tokio::test]
async fn an_invitation_ends_by_itself_by_hand_and_by_a_newer_one() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let first = invite(&clinic, "nia@clinic.example", "auditor").await;
    let second = invite(&clinic, "nia@clinic.example", "front_desk").await;
    let superseded = accept(&clinic, &first, NEW_PASSWORD).await;
    assert_problem!(superseded, 404, "/problems/not-found");
    let listed = admin.get("/invitations?limit=1").await.ok();
    let id = listed["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/invitations/{id}");
    let stranger = clinic.stranger("admin").await;
    assert_problem!(stranger.delete(&path).await, 404, "/problems/not-found");
    admin.delete(&path).await.expect(204);
    assert_problem!(admin.delete(&path).await, 404, "/problems/not-found");
    assert_eq!(
        admin.get(&path).await.ok()["revoked_at"],
        "2026-03-02T14:00:00Z"
    );
    let revoked = accept(&clinic, &second, NEW_PASSWORD).await;
    assert_problem!(revoked, 404, "/problems/not-found");
    let third = invite(&clinic, "nia@clinic.example", "front_desk").await;
    clinic.advance(TimeDelta::days(7));
    let expired = accept(&clinic, &third, NEW_PASSWORD).await;
    assert_problem!(expired, 404, "/problems/not-found");
}

#[tokio::test]
async fn who_signs_in_elsewhere_joins_with_the_password_they_have() {
    let clinic = Clinic::open().await;
    let token = invite(&clinic, "provider@hillside.example", "assistant").await;
    let wrong = accept(&clinic, &token, NEW_PASSWORD).await;
    assert_problem!(wrong, 401, "/problems/wrong-credentials");
    accept(&clinic, &token, PASSWORD).await.created();
    let sign_in = json!({
        "email": "provider@hillside.example", "password": PASSWORD, "practice": "riverside",
    });
    let user = clinic.anonymous().post("/auth/login", sign_in).await.ok()["user"].clone();
    assert_eq!(
        (&user["role"], &user["practice_id"]),
        (&json!("assistant"), &json!(RIVERSIDE))
    );
    // The name is theirs already.
    assert_eq!(user["display_name"], "Dr Hugo Hill");
}

#[tokio::test]
async fn guesses_at_the_password_of_an_invited_account_are_slowed() {
    let clinic = Clinic::open().await;
    let token = invite(&clinic, "provider@hillside.example", "assistant").await;
    for _ in 0..5 {
        let wrong = accept(&clinic, &token, NEW_PASSWORD).await;
        assert_problem!(wrong, 401, "/problems/wrong-credentials");
    }
    let slowed = accept(&clinic, &token, PASSWORD).await;
    assert_problem!(slowed, 429, "/problems/too-many-requests");
    clinic.advance(TimeDelta::seconds(1));
    accept(&clinic, &token, PASSWORD).await.created();
}

#[tokio::test]
async fn patients_are_not_invited_and_every_faulty_field_is_named() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let patient = json!({ "email": "cleo@home.example", "role": "patient" });
    let refused = admin.post("/invitations", patient).await;
    assert_eq!(refused.pointers(), ["/role"]);
    let bad = json!({ "email": "no address", "role": "wizard" });
    let refused = admin.post("/invitations", bad).await;
    assert_eq!(refused.pointers(), ["/email", "/role"]);
}

#[tokio::test]
async fn an_address_that_looks_like_another_is_not_invited() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    for email in [
        "\u{430}da@riverside.example",
        "ada\u{200b}@riverside.example",
        "\u{ff41}da@riverside.example",
        "ada@riverside\u{2024}example",
    ] {
        let body = json!({ "email": email, "role": "admin" });
        let refused = admin.post("/invitations", body).await;
        let refused = assert_problem!(refused, 422, "/problems/invalid-content");
        assert_eq!(refused.pointers(), ["/email"]);
    }
}
