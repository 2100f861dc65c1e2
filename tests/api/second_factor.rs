//! The second factor: an app, codes on paper, and what a practice asks it for.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::assert_problem;
use crate::harness::*;

const ADA_EMAIL: &str = "ada@riverside.example";

/// The app of somebody who has enrolled.
struct App(Secret);

impl App {
    async fn enrol(client: &Client) -> Self {
        let enrolled = client.post("/auth/mfa/enroll", Value::Null).await.ok();
        let secret = enrolled["secret"].as_str().unwrap();
        let url = enrolled["otpauth_url"].as_str().unwrap();
        assert!(url.starts_with("otpauth://totp/Tautband:"), "{url}");
        assert!(url.contains(secret), "{url}");
        Self(Secret::try_from_base32(secret).unwrap())
    }

    fn code(&self, clinic: &Clinic) -> String {
        let seconds = clinic.service.clock.now().timestamp();
        let secret = Secret::try_from_base32(self.0.to_base32()).unwrap();
        let app = Builder::new().with_secret(secret).build_noncompliant();
        app.generate(seconds.try_into().unwrap()).to_string()
    }

    /// Sets a second factor up; returns the recovery codes.
    async fn activate(&self, clinic: &Clinic, client: &Client) -> Vec<String> {
        let body = json!({ "code": self.code(clinic) });
        let activated = client.post("/auth/mfa/activate", body).await.ok();
        let codes = activated["recovery_codes"].as_array().unwrap().iter();
        codes
            .map(|code| code.as_str().unwrap().to_owned())
            .collect()
    }
}

async fn password_of_ada(clinic: &Clinic) -> Value {
    let body = json!({ "email": ADA_EMAIL, "password": PASSWORD });
    clinic.anonymous().post("/auth/login", body).await.ok()
}

async fn give_code(clinic: &Clinic, challenge: &Value, code: &str) -> Reply {
    let body = json!({ "mfa_token": challenge["mfa_token"], "code": code });
    clinic.anonymous().post("/auth/login/mfa", body).await
}

#[tokio::test]
async fn signing_in_asks_for_a_second_factor_once_it_is_set_up() {
    let clinic = Clinic::open().await;
    let (ada, elsewhere) = (clinic.provider().await, clinic.provider().await);
    let app = App::enrol(&ada).await;
    // Until a code has proved the app, nothing asks for it.
    clinic.provider().await;
    let wrong = ada
        .post("/auth/mfa/activate", json!({ "code": "000000" }))
        .await;
    assert_eq!(wrong.pointers(), ["/code"]);
    assert_eq!(app.activate(&clinic, &ada).await.len(), 10);
    assert_problem!(elsewhere.get("/me").await, 401, "/problems/not-signed-in");
    let again = ada.post("/auth/mfa/enroll", Value::Null).await;
    assert_problem!(again, 409, "/problems/second-factor-active");

    clinic.advance(TimeDelta::seconds(30));
    let challenge = password_of_ada(&clinic).await;
    assert_eq!(challenge["mfa_required"], true);
    assert!(challenge.get("access_token").is_none());
    let token = challenge["mfa_token"].as_str().unwrap();
    let as_access = clinic.anonymous().with_token(token);
    assert_problem!(as_access.get("/me").await, 401, "/problems/not-signed-in");
    let code = app.code(&clinic);
    let entered = give_code(&clinic, &challenge, &code).await.ok();
    assert_eq!(entered["user"]["role"], "provider");
    let session = ada.with_token(entered["access_token"].as_str().unwrap());
    session.get("/me").await.ok();
}

#[tokio::test]
async fn a_code_is_good_once_and_so_is_the_sign_in_it_is_for() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let app = App::enrol(&ada).await;
    let used = app.code(&clinic);
    app.activate(&clinic, &ada).await;
    let challenge = password_of_ada(&clinic).await;
    let replayed = give_code(&clinic, &challenge, &used).await;
    assert_problem!(replayed, 401, "/problems/wrong-code");
    clinic.advance(TimeDelta::seconds(30));
    let code = app.code(&clinic);
    let at_once = (0..4).map(|_| give_code(&clinic, &challenge, &code));
    let replies = futures_util::future::join_all(at_once).await;
    assert_eq!(
        replies.iter().filter(|reply| reply.status == 200).count(),
        1
    );
    clinic.advance(TimeDelta::seconds(30));
    let next = app.code(&clinic);
    let over = give_code(&clinic, &challenge, &next).await;
    assert_problem!(over, 401, "/problems/wrong-code");
    let late = password_of_ada(&clinic).await;
    clinic.advance(TimeDelta::minutes(5));
    let code = app.code(&clinic);
    assert_problem!(
        give_code(&clinic, &late, &code).await,
        401,
        "/problems/wrong-code"
    );
}

#[tokio::test]
async fn guesses_at_codes_are_counted_over_all_sign_ins() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let app = App::enrol(&ada).await;
    app.activate(&clinic, &ada).await;
    let mut statuses = Vec::new();
    for _ in 0..7 {
        let challenge = password_of_ada(&clinic).await;
        statuses.push(give_code(&clinic, &challenge, "000000").await.status);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
}

#[tokio::test]
async fn a_recovery_code_takes_the_place_of_a_lost_app_once() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let app = App::enrol(&ada).await;
    let codes = app.activate(&clinic, &ada).await;
    let typed = codes[0].to_lowercase().replace('-', " ");
    let challenge = password_of_ada(&clinic).await;
    give_code(&clinic, &challenge, &typed).await.ok();
    let challenge = password_of_ada(&clinic).await;
    let again = give_code(&clinic, &challenge, &codes[0]).await;
    assert_problem!(again, 401, "/problems/wrong-code");
    give_code(&clinic, &challenge, &codes[1]).await.ok();
    let kept =
        "SELECT count(*)::text FROM control.recovery_codes WHERE octet_length(code_hash) = 32";
    assert_eq!(clinic.ask(kept).await, "10");
}

#[tokio::test]
async fn a_second_factor_is_taken_away_with_password_and_code_alone() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let app = App::enrol(&ada).await;
    app.activate(&clinic, &ada).await;
    clinic.advance(TimeDelta::seconds(30));
    let remove = async |password: &str, code: &str| {
        let body = json!({ "current_password": password, "code": code });
        let headers = [("content-type", "application/json")];
        let body = Some(body.to_string().into());
        ada.send(Method::DELETE, "/auth/mfa", &headers, body).await
    };
    let wrong = remove("not it at all, no", &app.code(&clinic)).await;
    assert_eq!(wrong.pointers(), ["/current_password"]);
    assert_eq!(remove(PASSWORD, "000000").await.pointers(), ["/code"]);
    let set =
        "UPDATE control.practices SET second_factor_roles = '{provider}' WHERE slug = 'riverside'";
    clinic.sql(set).await;
    let needed = remove(PASSWORD, &app.code(&clinic)).await;
    assert_problem!(needed, 409, "/problems/second-factor-needed");
    clinic
        .sql("UPDATE control.practices SET second_factor_roles = '{}'")
        .await;
    remove(PASSWORD, &app.code(&clinic)).await.expect(204);
    clinic.provider().await.get("/me").await.ok();
}

#[tokio::test]
async fn a_practice_requires_the_second_factor_of_some_roles() {
    let clinic = Clinic::open().await;
    let (admin, ada, desk) = (
        clinic.admin().await,
        clinic.provider().await,
        clinic.front_desk().await,
    );
    let setting = json!({ "second_factor_roles": ["provider"] });
    let changed = admin.patch("/practice", "\"v1\"", setting).await.ok();
    assert_eq!(changed["second_factor_roles"], json!(["provider"]));
    let path = format!("/patients/{ANA}");
    let refused = ada.get(&path).await;
    assert_problem!(refused, 403, "/problems/second-factor-required");
    desk.get(&path).await.ok();
    // Their own account is open, or they could not set one up.
    ada.get("/me").await.ok();
    let app = App::enrol(&ada).await;
    app.activate(&clinic, &ada).await;
    ada.get(&path).await.ok();
}

#[tokio::test]
async fn a_practice_asks_for_the_second_factor_again_before_signing() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let app = App::enrol(&ada).await;
    app.activate(&clinic, &ada).await;
    let admin = clinic.admin().await;
    let setting = json!({ "step_up_for": ["signing", "role_changes"] });
    admin.patch("/practice", "\"v1\"", setting).await.ok();
    let visit = crate::visits::walk_in(&ada, ANA).await;
    clinic.advance(TimeDelta::minutes(9));
    let refreshed = json!({ "refresh_token": ada.refresh_token });
    let refreshed = ada.post("/auth/refresh", refreshed).await.ok();
    let ada = ada.with_token(refreshed["access_token"].as_str().unwrap());
    clinic.advance(TimeDelta::minutes(6));
    let path = format!("/visits/{visit}");
    let etag = ada.get(&path).await.etag();
    let sign = async || {
        let headers = [("if-match", etag.as_str())];
        ada.send(Method::POST, &format!("{path}/sign"), &headers, None)
            .await
    };
    assert_problem!(sign().await, 403, "/problems/step-up-required");
    let code = json!({ "code": app.code(&clinic) });
    ada.post("/auth/mfa/verify", code.clone()).await.expect(204);
    assert_eq!(
        ada.post("/auth/mfa/verify", code).await.pointers(),
        ["/code"]
    );
    sign().await.ok();
    // Who has no second factor cannot give it again.
    let admin = clinic.admin().await;
    let invitation = json!({ "email": "nia@riverside.example", "role": "auditor" });
    let refused = admin.post("/invitations", invitation).await;
    assert_problem!(refused, 403, "/problems/step-up-required");
}
