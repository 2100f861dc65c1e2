//! Signing in, staying signed in, and signing out.

use chrono::TimeDelta;
use serde_json::json;

use crate::assert_problem;
use crate::harness::*;

#[tokio::test]
async fn a_member_signs_in_and_learns_who_they_are() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let me = ada.get("/me").await.ok();
    assert_eq!(me["role"], "provider");
    assert_eq!(me["provider_id"], ADA);
    assert_eq!(me["practice"]["slug"], "riverside");
    let ana = clinic.patient().await.get("/me").await.ok();
    assert_eq!(ana["patient_ids"], json!([ANA]));
    assert!(ana["provider_id"].is_null());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let clinic = Clinic::open().await;
    let nobody = clinic.anonymous();
    let wrong = json!({ "email": "ada@riverside.example", "password": "wrong" });
    let unknown = json!({ "email": "nobody@riverside.example", "password": "wrong" });
    let wrong = assert_problem!(
        nobody.post("/auth/login", wrong).await,
        401,
        "/problems/wrong-credentials"
    );
    let unknown = assert_problem!(
        nobody.post("/auth/login", unknown).await,
        401,
        "/problems/wrong-credentials"
    );
    assert_eq!(wrong.body["detail"], unknown.body["detail"]);
    assert_eq!(wrong.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn guesses_are_slowed_and_the_right_password_works_again_after_the_wait() {
    let clinic = Clinic::open().await;
    let nobody = clinic.anonymous();
    let guess = json!({ "email": "ada@riverside.example", "password": "wrong" });
    for _ in 0..5 {
        assert_eq!(nobody.post("/auth/login", guess.clone()).await.status, 401);
    }
    let refused = assert_problem!(
        nobody.post("/auth/login", guess).await,
        429,
        "/problems/too-many-requests"
    );
    let seconds: i64 = refused.header("retry-after").parse().unwrap();
    assert!(seconds >= 1);
    clinic.advance(TimeDelta::seconds(seconds));
    assert_eq!(clinic.provider().await.user["role"], "provider");
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_return_ends_the_session() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let first = json!({ "refresh_token": ada.refresh_token });
    let next = ada.post("/auth/refresh", first.clone()).await.ok();
    let renewed = ada.with_token(next["access_token"].as_str().unwrap());
    renewed.get("/me").await.ok();
    assert_problem!(
        ada.post("/auth/refresh", first).await,
        401,
        "/problems/session-ended"
    );
    let second = json!({ "refresh_token": next["refresh_token"] });
    assert_problem!(
        ada.post("/auth/refresh", second).await,
        401,
        "/problems/session-ended"
    );
    assert_problem!(renewed.get("/me").await, 401, "/problems/not-signed-in");
}

#[tokio::test]
async fn of_many_who_refresh_with_one_token_at_once_one_wins() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let body = json!({ "refresh_token": ada.refresh_token });
    let tries = (0..16).map(|_| ada.post("/auth/refresh", body.clone()));
    let replies = futures_util::future::join_all(tries).await;
    assert_eq!(
        replies.iter().filter(|reply| reply.status == 200).count(),
        1
    );
}

#[tokio::test]
async fn signing_out_works_on_the_very_next_request() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    ada.get("/me").await.ok();
    ada.send(reqwest::Method::POST, "/auth/logout", &[], None)
        .await
        .expect(204);
    assert_problem!(ada.get("/me").await, 401, "/problems/not-signed-in");
    let body = json!({ "refresh_token": ada.refresh_token });
    assert_problem!(
        ada.post("/auth/refresh", body).await,
        401,
        "/problems/session-ended"
    );
}

#[tokio::test]
async fn a_changed_role_works_on_the_very_next_request() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    desk.get("/me").await.ok();
    clinic
        .sql("UPDATE control.memberships SET role = 'auditor' WHERE user_id = '01900000-0000-7000-8000-000000000102'")
        .await;
    assert_problem!(desk.get("/me").await, 401, "/problems/not-signed-in");
}

#[tokio::test]
async fn an_access_token_ends_after_ten_minutes() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    clinic.advance(TimeDelta::seconds(599));
    ada.get("/me").await.ok();
    clinic.advance(TimeDelta::seconds(1));
    assert_problem!(ada.get("/me").await, 401, "/problems/not-signed-in");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_alone() {
    let clinic = Clinic::open().await;
    let (first, second) = (clinic.provider().await, clinic.provider().await);
    let listed = first.get("/auth/sessions").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let other = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["current"] == false)
        .unwrap();
    let path = format!("/auth/sessions/{}", other["id"].as_str().unwrap());
    assert_problem!(
        clinic.front_desk().await.delete(&path).await,
        404,
        "/problems/not-found"
    );
    first.delete(&path).await.expect(204);
    assert_problem!(second.get("/me").await, 401, "/problems/not-signed-in");
    assert_problem!(first.delete(&path).await, 404, "/problems/not-found");
}

#[tokio::test]
async fn a_new_password_needs_the_current_one_and_ends_the_other_sessions() {
    let clinic = Clinic::open().await;
    let (first, second) = (clinic.provider().await, clinic.provider().await);
    let wrong = json!({ "current_password": "not it", "new_password": "eight loud mountains" });
    let refused = first.post("/auth/password", wrong).await;
    assert_eq!(refused.pointers(), ["/current_password"]);
    let weak = json!({ "current_password": PASSWORD, "new_password": "aaaaaaaaaaaaaaaaaa" });
    assert_eq!(
        first.post("/auth/password", weak).await.pointers(),
        ["/new_password"]
    );
    let good = json!({ "current_password": PASSWORD, "new_password": "eight loud mountains" });
    first.post("/auth/password", good).await.expect(204);
    first.get("/me").await.ok();
    assert_problem!(second.get("/me").await, 401, "/problems/not-signed-in");
    Client::sign_in(
        &clinic.service.url,
        "ada@riverside.example",
        "eight loud mountains",
    )
    .await;
}

#[tokio::test]
async fn tokens_that_are_not_as_issued_are_all_refused_alike() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let token = ada.token.clone().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let encode = |text: &str| {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    };
    let none = encode(r#"{"alg":"none","typ":"at+jwt"}"#);
    let keyed = encode(r#"{"alg":"HS256","typ":"at+jwt","kid":"../../dev/null"}"#);
    let forged = [
        String::new(),
        "x".to_owned(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}.{signature}x"),
        format!("{header}.{}.{signature}", encode(r#"{"role":"admin"}"#)),
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        format!("{keyed}.{payload}.{signature}"),
        format!("{token}.{signature}"),
        "a".repeat(20_000),
    ];
    for token in forged {
        let reply = ada.with_token(&token).get("/me").await;
        assert_problem!(reply, 401, "/problems/not-signed-in");
    }
    let twice = [("authorization", token.as_str())];
    let _ = twice;
    assert_problem!(
        clinic.anonymous().get("/me").await,
        401,
        "/problems/not-signed-in"
    );
}
