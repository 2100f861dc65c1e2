//! Signing in, staying signed in, and signing out.

use chrono::TimeDelta;
use reqwest::Method;
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

/// Tries to sign in, from this network and with this cookie when there is one.
async fn try_to_sign_in(
    clinic: &Clinic,
    (email, password): (&str, &str),
    network: &str,
    cookie: Option<&str>,
) -> Reply {
    let mut headers = vec![
        ("content-type", "application/json"),
        ("x-forwarded-for", network),
    ];
    headers.extend(cookie.map(|cookie| ("cookie", cookie)));
    let body = json!({ "email": email, "password": password }).to_string();
    let nobody = clinic.anonymous();
    nobody
        .send(Method::POST, "/auth/login", &headers, Some(body.into()))
        .await
}

const ADA_EMAIL: &str = "ada@riverside.example";

#[tokio::test]
async fn of_many_guesses_at_once_five_are_tried() {
    let clinic = Clinic::open().await;
    let nobody = clinic.anonymous();
    for email in [ADA_EMAIL, "nobody@riverside.example"] {
        let guess = json!({ "email": email, "password": "wrong" });
        let guesses = (0..60).map(|_| nobody.post("/auth/login", guess.clone()));
        let replies = futures_util::future::join_all(guesses).await;
        let count = |status| {
            replies
                .iter()
                .filter(|reply| reply.status == status)
                .count()
        };
        assert_eq!((count(401), count(429)), (5, 55), "{email}");
    }
}

#[tokio::test]
async fn guesses_at_the_current_password_are_counted_before_they_are_tried() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let guess = json!({ "current_password": "not it", "new_password": "eight loud mountains" });
    let guesses = (0..20).map(|_| ada.post("/auth/password", guess.clone()));
    let replies = futures_util::future::join_all(guesses).await;
    let count = |status| {
        replies
            .iter()
            .filter(|reply| reply.status == status)
            .count()
    };
    assert_eq!((count(422), count(429)), (5, 15));
}

#[tokio::test]
async fn guesses_from_elsewhere_do_not_keep_the_right_person_out() {
    let clinic = Clinic::open().await;
    let wrong = (ADA_EMAIL, "wrong");
    for _ in 0..5 {
        let reply = try_to_sign_in(&clinic, wrong, "203.0.113.7", None).await;
        assert_eq!(reply.status, 401);
    }
    // Another machine of the same network is no way around.
    let neighbour = try_to_sign_in(&clinic, wrong, "203.0.113.250", None).await;
    assert_eq!(neighbour.status, 429);
    let right = (ADA_EMAIL, PASSWORD);
    try_to_sign_in(&clinic, right, "198.51.100.3", None)
        .await
        .ok();
}

#[tokio::test]
async fn guesses_from_everywhere_are_slowed_too() {
    let clinic = Clinic::open().await;
    let mut tried = 0;
    for network in 0..60 {
        let network = format!("203.0.{network}.1");
        let reply = try_to_sign_in(&clinic, (ADA_EMAIL, "wrong"), &network, None).await;
        tried += usize::from(reply.status == 401);
    }
    assert_eq!(tried, 50);
}

#[tokio::test]
async fn who_signs_in_on_their_own_device_enters_whatever_others_guess() {
    let clinic = Clinic::open().await;
    let (right, wrong) = ((ADA_EMAIL, PASSWORD), (ADA_EMAIL, "wrong"));
    let here = "198.51.100.3";
    let first = try_to_sign_in(&clinic, right, here, None).await;
    let cookie = first.header("set-cookie");
    assert!(cookie.starts_with("__Host-tautband_device="), "{cookie}");
    for part in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap();
    for _ in 0..16 {
        try_to_sign_in(&clinic, wrong, here, None).await;
    }
    assert_eq!(try_to_sign_in(&clinic, right, here, None).await.status, 429);
    let known = try_to_sign_in(&clinic, right, here, Some(cookie)).await;
    assert!(known.headers.get("set-cookie").is_none());
    known.ok();
    // The cookie is no password, does not end the count, and is nothing to anybody else.
    for _ in 0..5 {
        let guess = try_to_sign_in(&clinic, wrong, here, Some(cookie)).await;
        assert_eq!(guess.status, 401);
    }
    assert_eq!(
        try_to_sign_in(&clinic, wrong, here, Some(cookie))
            .await
            .status,
        429
    );
    let other = ("bo@riverside.example", "wrong");
    for _ in 0..5 {
        try_to_sign_in(&clinic, other, here, Some(cookie)).await;
    }
    assert_eq!(
        try_to_sign_in(&clinic, other, here, Some(cookie))
            .await
            .status,
        429
    );
}

#[tokio::test]
async fn an_accent_may_be_typed_in_either_form() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let composed = "drei m\u{fc}de W\u{f6}lfe z\u{e4}hlen";
    let body = json!({ "current_password": PASSWORD, "new_password": composed });
    ada.post("/auth/password", body).await.expect(204);
    let decomposed = "drei mu\u{308}de Wo\u{308}lfe za\u{308}hlen";
    Client::sign_in(&clinic.service.url, ADA_EMAIL, decomposed).await;
}

#[tokio::test]
async fn a_lost_answer_to_a_refresh_is_given_again_and_a_later_return_ends_the_session() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let first = json!({ "refresh_token": ada.refresh_token });
    let next = ada.post("/auth/refresh", first.clone()).await.ok();
    clinic.advance(TimeDelta::seconds(10));
    let again = ada.post("/auth/refresh", first.clone()).await.ok();
    assert_eq!(again["refresh_token"], next["refresh_token"]);
    let renewed = ada.with_token(again["access_token"].as_str().unwrap());
    renewed.get("/me").await.ok();
    clinic.advance(TimeDelta::seconds(1));
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
async fn a_used_refresh_token_from_elsewhere_or_after_its_successor_ends_the_session() {
    let clinic = Clinic::open().await;
    for is_elsewhere in [true, false] {
        let ada = clinic.provider().await;
        let first = json!({ "refresh_token": ada.refresh_token });
        let next = ada.post("/auth/refresh", first.clone()).await.ok();
        let mut headers = vec![("content-type", "application/json")];
        if is_elsewhere {
            headers.push(("x-forwarded-for", "203.0.113.7"));
        } else {
            let second = json!({ "refresh_token": next["refresh_token"] });
            ada.post("/auth/refresh", second).await.ok();
        }
        let body = Some(first.to_string().into());
        let replayed = ada
            .send(Method::POST, "/auth/refresh", &headers, body)
            .await;
        assert_problem!(replayed, 401, "/problems/session-ended");
        assert_problem!(ada.get("/me").await, 401, "/problems/not-signed-in");
    }
}

#[tokio::test]
async fn many_who_refresh_with_one_token_at_once_get_one_successor() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let body = json!({ "refresh_token": ada.refresh_token });
    let tries = (0..16).map(|_| ada.post("/auth/refresh", body.clone()));
    let replies = futures_util::future::join_all(tries).await;
    let mut successors: Vec<String> = replies
        .into_iter()
        .map(|reply| reply.ok()["refresh_token"].as_str().unwrap().to_owned())
        .collect();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    let unused = "SELECT count(*)::text FROM control.refresh_tokens WHERE used_at IS NULL";
    assert_eq!(clinic.ask(unused).await, "1");
}

#[tokio::test]
async fn a_user_has_fifty_sessions_at_most_and_a_further_one_ends_the_oldest() {
    let clinic = Clinic::open().await;
    let first = clinic.provider().await;
    for _ in 0..49 {
        clinic.advance(TimeDelta::milliseconds(2));
        clinic.provider().await;
    }
    first.get("/me").await.ok();
    clinic.advance(TimeDelta::milliseconds(2));
    let last = clinic.provider().await;
    assert_problem!(first.get("/me").await, 401, "/problems/not-signed-in");
    last.get("/me").await.ok();
}

#[tokio::test]
async fn a_session_shows_the_network_it_came_from() {
    let clinic = Clinic::open().await;
    let right = (ADA_EMAIL, PASSWORD);
    try_to_sign_in(&clinic, right, "203.0.113.7", None)
        .await
        .ok();
    let listed = clinic.provider().await.get("/auth/sessions").await.ok();
    assert_eq!(listed["items"][1]["network"], "203.0.113.0/24");
    assert_eq!(listed["items"][0]["network"], "127.0.0.1");
}

/// The token still says that its user is the provider; the database says otherwise.
#[tokio::test]
async fn who_is_no_longer_the_provider_signs_nothing_with_an_old_token() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit = crate::visits::walk_in(&ada, ANA).await;
    clinic
        .sql(
            "UPDATE control.memberships SET provider_id = NULL \
             WHERE user_id = '01900000-0000-7000-8000-000000000103'",
        )
        .await;
    assert!(ada.get("/me").await.ok()["provider_id"].is_null());
    let path = format!("/visits/{visit}");
    let etag = ada.get(&path).await.etag();
    let headers = [("if-match", etag.as_str())];
    let signed = ada
        .send(Method::POST, &format!("{path}/sign"), &headers, None)
        .await;
    assert_eq!(signed.status, 403, "{}", signed.text);
}

#[tokio::test]
async fn signing_out_works_on_the_very_next_request() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    ada.get("/me").await.ok();
    ada.send(Method::POST, "/auth/logout", &[], None)
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
    for weak in [
        "aaaaaaaaaaaaaaaaaa",
        "passwordpassword",
        "mauve otters",
        "Riverside Headache Clinic",
        "dr ada keller keller",
    ] {
        let weak = json!({ "current_password": PASSWORD, "new_password": weak });
        let refused = first.post("/auth/password", weak).await;
        assert_eq!(refused.pointers(), ["/new_password"]);
    }
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

async fn keys(clinic: &Clinic) -> usize {
    let nobody = clinic.anonymous();
    let set = nobody.get("//.well-known/jwks.json").await.ok();
    set["keys"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_key_is_replaced_after_ninety_days_and_the_last_one_is_taken_for_an_hour_more() {
    let clinic = Clinic::open().await;
    clinic.clean_up().await;
    clinic.housekeeping().await;
    assert_eq!(keys(&clinic).await, 1);
    clinic.advance(TimeDelta::days(90));
    clinic.clean_up().await;
    clinic.housekeeping().await;
    assert_eq!(keys(&clinic).await, 2);
    // The new one is not signed with before everybody knows it.
    let before = clinic.provider().await;
    clinic.advance(TimeDelta::minutes(2));
    clinic.housekeeping().await;
    before.get("/me").await.ok();
    let after = clinic.provider().await;
    let header = |client: &Client| {
        client
            .token
            .clone()
            .unwrap()
            .split('.')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_ne!(header(&before), header(&after));
    clinic.advance(TimeDelta::hours(1));
    clinic.clean_up().await;
    clinic.housekeeping().await;
    assert_eq!(keys(&clinic).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_an_emergency_no_token_of_an_old_key_is_taken() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    ada.get("/me").await.ok();
    let url = clinic.service.database_url.clone();
    tautband::set_up::rotate_keys(&url, true).await.unwrap();
    clinic.housekeeping().await;
    assert_problem!(ada.get("/me").await, 401, "/problems/not-signed-in");
    let body = json!({ "refresh_token": ada.refresh_token });
    let renewed = ada.post("/auth/refresh", body).await.ok();
    let renewed = ada.with_token(renewed["access_token"].as_str().unwrap());
    renewed.get("/me").await.ok();
}
