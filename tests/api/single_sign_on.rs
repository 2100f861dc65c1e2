//! Signing in at a real OpenID provider: `oidc-provider` of npm, see `tests/openid/provider.mjs`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use chrono::TimeDelta;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

const SETTINGS: &str = "/practice/identity-provider";
const ADA_USER: &str = "01900000-0000-7000-8000-000000000103";

/// The issuer of the run. `None` where the provider is not installed; in CI that is a failure.
fn issuer() -> Option<&'static str> {
    static PROVIDER: OnceLock<Option<(Child, String)>> = OnceLock::new();
    let provider = PROVIDER.get_or_init(|| {
        let Ok(folder) = std::env::var("TAUTBAND_OPENID_PROVIDER") else {
            assert!(
                std::env::var("CI").is_err(),
                "TAUTBAND_OPENID_PROVIDER must name the provider, see .ci/run"
            );
            return None;
        };
        // It ends when this process does, for then its input ends.
        let mut child = Command::new("node")
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/openid/provider.mjs"
            ))
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut lines = lines.map(Result::unwrap);
        let issuer = lines.find_map(|line| line.strip_prefix("issuer ").map(str::to_owned));
        Some((child, issuer.unwrap()))
    });
    provider.as_ref().map(|(_, issuer)| issuer.as_str())
}

/// A clinic whose practice signs in at the provider.
struct Sso {
    clinic: Clinic,
    issuer: &'static str,
}

/// A sign-in at its end: what the page of the client was given.
#[derive(Clone)]
struct Back {
    sign_in_token: String,
    parameters: BTreeMap<String, String>,
}

impl Back {
    fn body(&self) -> Value {
        json!({
            "sign_in_token": self.sign_in_token,
            "state": self.parameters["state"],
            "code": self.parameters["code"],
            "iss": self.parameters["iss"],
        })
    }
}

fn settings(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "client_id": "tautband",
        "client_secret": "a-secret-of-the-test",
        "redirect_uri": "https://clinic.example/signed-in",
        "second_factor_values": ["mfa"],
        "enabled": true,
    })
}

impl Sso {
    async fn open() -> Option<Self> {
        let issuer = tokio::task::spawn_blocking(issuer).await.unwrap()?;
        let clinic = Clinic::open().await;
        let sso = Self { clinic, issuer };
        sso.name(settings(issuer)).await.ok();
        Some(sso)
    }

    async fn name(&self, settings: Value) -> Reply {
        let admin = self.clinic.admin().await;
        let body = settings.to_string().into_bytes();
        let headers = [("content-type", "application/json")];
        admin
            .send(reqwest::Method::PUT, SETTINGS, &headers, Some(body))
            .await
    }

    async fn link(&self, user: &str, subject: &str) -> Reply {
        let admin = self.clinic.admin().await;
        let body = json!({ "subject": subject }).to_string().into_bytes();
        let headers = [("content-type", "application/json")];
        let path = format!("/users/{user}/identity");
        admin
            .send(reqwest::Method::PUT, &path, &headers, Some(body))
            .await
    }

    /// Goes to the provider as this subject, who proves themselves by these methods, and comes back.
    async fn go(&self, who: &str, invitation: Option<&str>) -> Back {
        let mut body = json!({ "practice": "riverside" });
        if let Some(token) = invitation {
            body["invitation_token"] = json!(token);
        }
        let started = self
            .clinic
            .anonymous()
            .post("/auth/sso/start", body)
            .await
            .ok();
        let url = started["authorization_url"].as_str().unwrap();
        assert!(url.contains("code_challenge_method=S256"));
        let who = who.replace('+', "%2B");
        Back {
            sign_in_token: started["sign_in_token"].as_str().unwrap().to_owned(),
            parameters: browse(&format!("{url}&login_hint={who}")).await,
        }
    }

    async fn finish(&self, body: Value) -> Reply {
        self.clinic.anonymous().post("/auth/sso/finish", body).await
    }

    async fn sign_in(&self, who: &str) -> Reply {
        let back = self.go(who, None).await;
        self.finish(back.body()).await
    }

    fn client(&self, signed_in: &Value) -> Client {
        let token = signed_in["access_token"].as_str().unwrap();
        self.clinic.anonymous().with_token(token)
    }
}

/// Follows the provider as a browser does, until it leaves for the page of the client.
async fn browse(url: &str) -> BTreeMap<String, String> {
    let browser = reqwest::Client::builder()
        .tls_certs_only([])
        .redirect(redirect::Policy::none())
        .build()
        .unwrap();
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    let mut next = reqwest::Url::parse(url).unwrap();
    for _ in 0..6 {
        let sent: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = browser.get(next.clone()).header(COOKIE, sent.join("; "));
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        let place = answer.headers()[LOCATION].to_str().unwrap();
        next = next.join(place).unwrap();
        if next.host_str() == Some("clinic.example") {
            return next.query_pairs().into_owned().collect();
        }
    }
    panic!("the provider sent the browser round in circles")
}

#[tokio::test]
async fn who_is_linked_signs_in_at_the_provider_and_the_session_is_like_any_other() {
    let Some(sso) = Sso::open().await else { return };
    let linked = sso.link(ADA_USER, "ada-1").await.ok();
    assert_eq!(
        (&linked["issuer"], &linked["subject"]),
        (&json!(sso.issuer), &json!("ada-1"))
    );
    let signed_in = sso.sign_in("ada-1+pwd").await.ok();
    assert_eq!(signed_in["user"]["id"], ADA_USER);
    let ada = sso.client(&signed_in);
    assert_eq!(ada.get("/me").await.ok()["role"], "provider");
    let refresh = json!({ "refresh_token": signed_in["refresh_token"] });
    sso.clinic
        .anonymous()
        .post("/auth/refresh", refresh)
        .await
        .ok();
    let left = ada.post("/auth/sso/logout", Value::Null).await;
    let place = left.ok()["end_session_url"].as_str().unwrap().to_owned();
    assert!(
        place.starts_with(&format!("{}/session/end?", sso.issuer)),
        "{place}"
    );
    assert_problem!(ada.get("/me").await, 401, "/problems/not-signed-in");
    let noted = "SELECT count(*)::text FROM audit_events WHERE action IN ('identities.link', 'auth.sign_in') \
                 AND resource_type IN ('user', 'session')";
    assert_ne!(sso.clinic.ask(noted).await, "0");
}

#[tokio::test]
async fn an_address_that_is_equal_links_nobody_and_an_admin_can_part_the_two_again() {
    let Some(sso) = Sso::open().await else { return };
    // The provider says that this is ada@riverside.example, and verified.
    let refused = sso.sign_in("stranger").await;
    let refused = assert_problem!(refused, 403, "/problems/identity-not-linked");
    assert_eq!(refused.body["subject"], "stranger");
    sso.link(ADA_USER, "stranger").await.ok();
    sso.sign_in("stranger").await.ok();
    let desk = "01900000-0000-7000-8000-000000000102";
    assert_problem!(
        sso.link(desk, "stranger").await,
        409,
        "/problems/identity-taken"
    );
    let nobody = "01900000-0000-7000-8000-00000000ffff";
    assert_problem!(
        sso.link(nobody, "somebody").await,
        404,
        "/problems/not-found"
    );
    // Somebody of another practice is nobody here.
    let stranger = sso.clinic.stranger("admin").await;
    let path = format!("/users/{ADA_USER}/identity");
    assert_problem!(stranger.get(&path).await, 404, "/problems/not-found");
    let admin = sso.clinic.admin().await;
    admin.delete(&path).await.expect(204);
    assert_problem!(
        sso.sign_in("stranger").await,
        403,
        "/problems/identity-not-linked"
    );
}

#[tokio::test]
async fn what_was_not_begun_here_or_was_used_before_is_refused() {
    let Some(sso) = Sso::open().await else { return };
    sso.link(ADA_USER, "ada-1").await.ok();
    let refuse = async |what: &str, body: Value| {
        let reply = sso.finish(body).await;
        assert_eq!(
            (reply.status, &reply.body["type"]),
            (401, &json!("/problems/sign-in-refused")),
            "{what}"
        );
    };
    let back = sso.go("ada-1", None).await;
    let mut body = back.body();
    body["state"] = json!("another");
    refuse("another state", body).await;
    refuse("the right state after a wrong one", back.body()).await;

    let back = sso.go("ada-1", None).await;
    sso.finish(back.body()).await.ok();
    refuse("a sign-in that is over", back.body()).await;
    let mut replayed = sso.go("ada-1", None).await.body();
    replayed["code"] = back.body()["code"].clone();
    refuse("a code that was used", replayed).await;

    let theirs = sso.go("ada-1", None).await;
    let mut injected = sso.go("ada-1", None).await.body();
    injected["code"] = theirs.body()["code"].clone();
    refuse("a code that somebody else was given", injected).await;
    let mut stolen = theirs.body();
    stolen["sign_in_token"] = json!("another");
    refuse("who did not begin it", stolen).await;

    let back = sso.go("ada-1", None).await;
    sso.clinic
        .sql("UPDATE control.provider_sign_ins SET nonce = 'another'")
        .await;
    refuse("another nonce", back.body()).await;

    let mut body = sso.go("ada-1", None).await.body();
    body["iss"] = json!("https://login.another.example");
    refuse("sent back by another issuer", body).await;

    let back = sso.go("ada-1", None).await;
    sso.clinic
        .sql("UPDATE control.identity_providers SET issuer = 'https://login.another.example'")
        .await;
    refuse("begun at another issuer", back.body()).await;
    sso.name(settings(sso.issuer)).await.ok();

    let back = sso.go("ada-1", None).await;
    sso.clinic.advance(TimeDelta::minutes(10));
    refuse("too late", back.body()).await;
    // A year later the provider, whose clock stands still meanwhile, hands out tokens that are over.
    sso.clinic.advance(TimeDelta::days(365 * 10));
    let back = sso.go("ada-1", None).await;
    refuse("an expired ID token", back.body()).await;
}

#[tokio::test]
async fn an_invitation_joins_and_links_who_is_new() {
    let Some(sso) = Sso::open().await else { return };
    let invite = async |email: &str| {
        let body = json!({ "email": email, "role": "front_desk" });
        sso.clinic
            .admin()
            .await
            .post("/invitations", body)
            .await
            .created();
        let mail = format!(
            "SELECT body FROM control.mail_outbox WHERE recipient = '{email}' ORDER BY id DESC LIMIT 1"
        );
        let mail = sso.clinic.ask(&mail).await;
        mail.lines()
            .find(|line| line.len() == 43 && !line.contains(' '))
            .unwrap()
            .to_owned()
    };
    let token = invite("nia@clinic.example").await;
    let back = sso.go("nia-7", Some(&token)).await;
    let signed_in = sso.finish(back.body()).await.ok();
    let me = sso.client(&signed_in).get("/me").await.ok();
    assert_eq!(
        (&me["email"], &me["role"], &me["display_name"]),
        (
            &json!("nia@clinic.example"),
            &json!("front_desk"),
            &json!("Nia Sso")
        )
    );
    sso.sign_in("nia-7").await.ok();
    let again = sso.go("nia-8", Some(&token)).await;
    assert_problem!(
        sso.finish(again.body()).await,
        409,
        "/problems/invitation-over"
    );
    // Whoever has an account already proves it by its password.
    let token = invite("provider@hillside.example").await;
    let back = sso.go("hugo", Some(&token)).await;
    assert_problem!(
        sso.finish(back.body()).await,
        409,
        "/problems/address-has-account"
    );
}

#[tokio::test]
async fn the_second_factor_of_the_provider_counts_where_the_practice_says_so() {
    let Some(sso) = Sso::open().await else { return };
    sso.link(ADA_USER, "ada-1").await.ok();
    sso.clinic
        .sql("UPDATE control.practices SET second_factor_roles = '{provider}' WHERE slug = 'riverside'")
        .await;
    let with_password = sso.sign_in("ada-1+pwd").await.ok();
    let refused = sso
        .client(&with_password)
        .get(&format!("/patients/{ANA}"))
        .await;
    assert_problem!(refused, 403, "/problems/second-factor-required");
    let with_factor = sso.sign_in("ada-1+pwd+mfa").await.ok();
    sso.client(&with_factor)
        .get(&format!("/patients/{ANA}"))
        .await
        .ok();
    let mut strict = settings(sso.issuer);
    strict["second_factor_values"] = json!([]);
    sso.name(strict).await.ok();
    let uncounted = sso.sign_in("ada-1+pwd+mfa").await.ok();
    let refused = sso
        .client(&uncounted)
        .get(&format!("/patients/{ANA}"))
        .await;
    assert_problem!(refused, 403, "/problems/second-factor-required");
}

#[tokio::test]
async fn who_may_no_longer_act_here_does_not_come_in_by_the_provider() {
    let Some(sso) = Sso::open().await else { return };
    sso.link(ADA_USER, "ada-1").await.ok();
    let suspend =
        format!("UPDATE control.memberships SET suspended_at = now() WHERE user_id = '{ADA_USER}'");
    sso.clinic.sql(&suspend).await;
    assert_problem!(sso.sign_in("ada-1").await, 401, "/problems/sign-in-refused");
    let mut off = settings(sso.issuer);
    off["enabled"] = json!(false);
    sso.name(off).await.ok();
    let start = json!({ "practice": "riverside" });
    let start = sso.clinic.anonymous().post("/auth/sso/start", start).await;
    assert_problem!(start, 404, "/problems/not-found");
}

#[tokio::test]
async fn the_provider_is_asked_before_it_is_kept_and_its_secret_is_never_shown() {
    let Some(sso) = Sso::open().await else { return };
    let named = sso.clinic.admin().await.get(SETTINGS).await;
    assert!(!named.text.contains("a-secret-of-the-test"));
    assert_eq!(named.ok()["issuer"], sso.issuer);
    // Left out, the secret stays.
    let mut kept = settings(sso.issuer);
    kept.as_object_mut().unwrap().remove("client_secret");
    sso.name(kept).await.ok();
    let secret = "SELECT client_secret FROM control.identity_providers";
    assert_eq!(sso.clinic.ask(secret).await, "a-secret-of-the-test");
    for (issuer, pointer) in [
        (format!("{}/elsewhere", sso.issuer), "/issuer"),
        (format!("{}/", sso.issuer), "/issuer"),
        ("https://10.0.0.1".to_owned(), "/issuer"),
        ("https://169.254.169.254".to_owned(), "/issuer"),
        ("http://login.clinic.example".to_owned(), "/issuer"),
    ] {
        assert_eq!(
            sso.name(settings(&issuer)).await.pointers(),
            [pointer],
            "{issuer}"
        );
    }
    let mut page = settings(sso.issuer);
    page["redirect_uri"] = json!("http://clinic.example/signed-in");
    assert_eq!(sso.name(page).await.pointers(), ["/redirect_uri"]);
    let admin = sso.clinic.admin().await;
    admin.delete(SETTINGS).await.expect(204);
    assert_problem!(admin.get(SETTINGS).await, 404, "/problems/not-found");
}
