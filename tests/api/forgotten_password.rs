//! A forgotten password, and the mails about accounts.

use chrono::TimeDelta;
use serde_json::json;

use crate::assert_problem;
use crate::harness::*;

const ADA_EMAIL: &str = "ada@riverside.example";
const CHOSEN: &str = "eleven slow lanterns";

async fn ask(clinic: &Clinic, email: &str) {
    let body = json!({ "email": email });
    let reply = clinic.anonymous().post("/auth/password/forgot", body).await;
    assert_eq!((reply.status, reply.text.as_str()), (202, ""));
}

/// The token of the last mail to this address.
async fn token_for(clinic: &Clinic, email: &str) -> String {
    clinic.housekeeping().await;
    let body = format!(
        "SELECT body FROM control.mail_outbox WHERE recipient = '{email}' ORDER BY id DESC LIMIT 1"
    );
    let body = clinic.ask(&body).await;
    let token = body
        .lines()
        .find(|line| line.len() == 43 && !line.contains(' '));
    token.unwrap().to_owned()
}

async fn reset(clinic: &Clinic, token: &str, password: &str) -> Reply {
    let body = json!({ "token": token, "new_password": password });
    clinic.anonymous().post("/auth/password/reset", body).await
}

#[tokio::test]
async fn who_forgot_the_password_chooses_another_by_mail_and_all_sessions_end() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    ask(&clinic, "Ada@Riverside.example").await;
    let token = token_for(&clinic, ADA_EMAIL).await;
    assert_eq!(
        reset(&clinic, &token, "passwordpassword").await.pointers(),
        ["/new_password"]
    );
    reset(&clinic, &token, CHOSEN).await.expect(204);
    assert_problem!(ada.get("/me").await, 401, "/problems/not-signed-in");
    Client::sign_in(&clinic.service.url, ADA_EMAIL, CHOSEN).await;
    let old = json!({ "email": ADA_EMAIL, "password": PASSWORD });
    let old = clinic.anonymous().post("/auth/login", old).await;
    assert_problem!(old, 401, "/problems/wrong-credentials");
    assert_problem!(
        reset(&clinic, &token, CHOSEN).await,
        422,
        "/problems/reset-refused"
    );
    let told = "SELECT count(*)::text FROM control.mail_outbox WHERE subject = 'Your password was changed'";
    assert_eq!(clinic.ask(told).await, "1");
    let proven = format!(
        "SELECT (email_proven_at IS NOT NULL)::text FROM control.users WHERE email = '{ADA_EMAIL}'"
    );
    assert_eq!(clinic.ask(&proven).await, "true");
}

#[tokio::test]
async fn asking_for_an_address_without_an_account_looks_the_same_and_sends_nothing() {
    let clinic = Clinic::open().await;
    ask(&clinic, "nobody@riverside.example").await;
    ask(&clinic, "no address at all").await;
    clinic.housekeeping().await;
    let sent = "SELECT count(*)::text FROM control.mail_outbox";
    assert_eq!(clinic.ask(sent).await, "0");
    let wishes = "SELECT count(*)::text FROM control.password_wishes";
    assert_eq!(clinic.ask(wishes).await, "0");
}

#[tokio::test]
async fn a_token_dies_after_half_an_hour_and_with_a_newer_one() {
    let clinic = Clinic::open().await;
    ask(&clinic, ADA_EMAIL).await;
    let first = token_for(&clinic, ADA_EMAIL).await;
    clinic.advance(TimeDelta::seconds(1));
    ask(&clinic, ADA_EMAIL).await;
    let second = token_for(&clinic, ADA_EMAIL).await;
    assert_problem!(
        reset(&clinic, &first, CHOSEN).await,
        422,
        "/problems/reset-refused"
    );
    clinic.advance(TimeDelta::minutes(30));
    assert_problem!(
        reset(&clinic, &second, CHOSEN).await,
        422,
        "/problems/reset-refused"
    );
    for wrong in ["x", &"A".repeat(43)] {
        assert_problem!(
            reset(&clinic, wrong, CHOSEN).await,
            422,
            "/problems/reset-refused"
        );
    }
    let stored = format!(
        "SELECT count(*)::text FROM control.password_resets WHERE token_hash = '{second}'::bytea"
    );
    assert_eq!(clinic.ask(&stored).await, "0");
}

#[tokio::test]
async fn a_mailbox_is_not_flooded() {
    let clinic = Clinic::open().await;
    for _ in 0..12 {
        ask(&clinic, ADA_EMAIL).await;
    }
    clinic.housekeeping().await;
    let sent = "SELECT count(*)::text FROM control.mail_outbox";
    assert_eq!(clinic.ask(sent).await, "5");
}
