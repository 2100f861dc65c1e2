//! The manners of the API: HEAD, OPTIONS, CORS, compression, entity tags, retries, pages of problems.

use reqwest::Method;
use serde_json::json;

use crate::assert_problem;
use crate::harness::*;
use crate::scheduling::{follow_up, wednesday};

/// Sends without holding the answer to the document, which says nothing of HEAD and OPTIONS.
async fn plainly(
    (clinic, by): (&Clinic, &Client),
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> reqwest::Response {
    let url = format!("{}/api/v1{path}", clinic.service.url);
    let mut request = reqwest::Client::new().request(method, url);
    request = request.bearer_auth(by.token.as_ref().unwrap());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn header(reply: &reqwest::Response, name: &str) -> String {
    let value = reply.headers().get(name);
    value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn head_is_answered_wherever_get_is_and_options_say_what_is_allowed() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let path = format!("/patients/{ANA}");
    let head = plainly((&clinic, &desk), Method::HEAD, &path, &[]).await;
    assert_eq!(
        (head.status().as_u16(), header(&head, "etag").as_str()),
        (200, "\"v1\"")
    );
    assert_eq!(head.text().await.unwrap(), "");
    let known = [("if-none-match", "\"v1\"")];
    assert_eq!(
        plainly((&clinic, &desk), Method::HEAD, &path, &known)
            .await
            .status(),
        304
    );
    let missing = plainly(
        (&clinic, &desk),
        Method::HEAD,
        "/patients/01900000-0000-7000-8000-0000000000ff",
        &[],
    )
    .await;
    assert_eq!(missing.status(), 404);
    for (path, allow) in [
        (path.as_str(), "GET, PATCH, HEAD, OPTIONS"),
        ("/patients/search", "POST, OPTIONS"),
    ] {
        let options = plainly((&clinic, &desk), Method::OPTIONS, path, &[]).await;
        assert_eq!(
            (
                options.status().as_u16(),
                header(&options, "allow").as_str()
            ),
            (204, allow)
        );
    }
}

#[tokio::test]
async fn pages_of_an_allowed_origin_may_call_and_others_may_not() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let asked = |origin: &'static str| {
        [
            ("origin", origin),
            ("access-control-request-method", "PATCH"),
            ("access-control-request-headers", "authorization,if-match"),
        ]
    };
    let path = format!("/patients/{ANA}");
    let allowed = plainly(
        (&clinic, &desk),
        Method::OPTIONS,
        &path,
        &asked("https://desk.example"),
    )
    .await;
    assert_eq!(
        header(&allowed, "access-control-allow-origin"),
        "https://desk.example"
    );
    let called = [("origin", "https://desk.example")];
    let called = plainly((&clinic, &desk), Method::GET, &path, &called).await;
    assert_eq!(
        header(&called, "access-control-allow-origin"),
        "https://desk.example"
    );
    assert!(
        header(&called, "access-control-expose-headers")
            .to_lowercase()
            .contains("etag")
    );
    let other = plainly(
        (&clinic, &desk),
        Method::OPTIONS,
        &path,
        &asked("https://evil.example"),
    )
    .await;
    assert_eq!(header(&other, "access-control-allow-origin"), "");
}

#[tokio::test]
async fn each_encoding_has_a_tag_of_its_own_and_each_tag_may_change_the_record() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let path = format!("/patients/{ANA}");
    let zipped = [("accept-encoding", "gzip")];
    let zipped = plainly((&clinic, &desk), Method::GET, &path, &zipped).await;
    assert_eq!(header(&zipped, "content-encoding"), "gzip");
    assert_eq!(header(&zipped, "etag"), "\"v1-gzip\"");
    let known = [
        ("accept-encoding", "gzip"),
        ("if-none-match", "W/\"v1-gzip\""),
    ];
    assert_eq!(
        plainly((&clinic, &desk), Method::GET, &path, &known)
            .await
            .status(),
        304
    );
    let plain = [("if-none-match", "\"v1-gzip\"")];
    assert_eq!(
        plainly((&clinic, &desk), Method::GET, &path, &plain)
            .await
            .status(),
        200
    );
    let weakly = [("if-none-match", "W/\"v1\"")];
    assert_eq!(
        plainly((&clinic, &desk), Method::GET, &path, &weakly)
            .await
            .status(),
        304
    );
    let address = json!({ "address": "2 Side Street" });
    desk.patch(&path, "\"v1-gzip\"", address.clone()).await.ok();
    let stale = desk.patch(&path, "\"v1-gzip\"", address).await;
    assert_problem!(stale, 412, "/problems/stale-version");
    // What is under a visit counts for its version, too.
    let ada = clinic.provider().await;
    let visit = format!("/visits/{}", walk_in(&ada, ANA).await);
    let read = ada.get(&visit).await.etag();
    let zipped = read.trim_end_matches('"').to_owned() + "-gzip\"";
    let sign = format!("{visit}/sign");
    let signed = ada.act(&sign, &zipped, serde_json::Value::Null).await;
    assert_eq!(signed.ok()["status"], "signed");
}

#[tokio::test]
async fn the_same_json_in_another_order_is_the_same_request_and_a_replay_says_so() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let body = follow_up(&wednesday("09:00"));
    let first = desk.post_once("/appointments", "once", body.clone()).await;
    assert_eq!(first.header("idempotency-replayed"), "");
    let fields = body.as_object().unwrap().iter().rev();
    let fields: Vec<String> = fields
        .map(|(name, value)| format!("{:?} : {value}", name.as_str()))
        .collect();
    let text = format!("{{\n{}\n}}", fields.join(" ,\n"));
    let again = reqwest::Client::new()
        .post(format!("{}/api/v1/appointments", clinic.service.url))
        .header(
            "authorization",
            format!("Bearer {}", desk.token.as_ref().unwrap()),
        )
        .header("content-type", "application/json")
        .header("idempotency-key", "once")
        .body(text)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status().as_u16(), 201);
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    let other = desk
        .post_once("/appointments", "once", follow_up(&wednesday("10:00")))
        .await;
    assert_eq!(other.status, 422);
}

#[tokio::test]
async fn the_front_page_says_where_to_go_and_every_kind_of_problem_has_a_page() {
    let clinic = Clinic::open().await;
    let url = clinic.service.url.clone();
    let front = reqwest::get(&url).await.unwrap().text().await.unwrap();
    assert!(
        front.contains("/docs/") && front.contains("/api/v1/openapi.json"),
        "{front}"
    );
    for kind in ["slot-taken", "stale-version", "possible-duplicate"] {
        let page = reqwest::get(format!("{url}/problems/{kind}"))
            .await
            .unwrap();
        assert_eq!(page.status().as_u16(), 200, "{kind}");
        let page = page.text().await.unwrap();
        assert!(page.contains(&format!("/problems/{kind}")) && page.contains("<h1>"));
    }
    let unknown = reqwest::get(format!("{url}/problems/nonsense"))
        .await
        .unwrap();
    assert_eq!(unknown.status().as_u16(), 404);
}

#[tokio::test]
async fn the_document_is_compressed_and_known_again() {
    let clinic = Clinic::open().await;
    let url = format!("{}/api/v1/openapi.json", clinic.service.url);
    let client = reqwest::Client::new();
    let first = client
        .get(&url)
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(first.headers()["content-encoding"], "gzip");
    let etag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert!(first.bytes().await.unwrap().len() < 400_000);
    let again = client
        .get(&url)
        .header("accept-encoding", "gzip")
        .header("if-none-match", etag);
    assert_eq!(again.send().await.unwrap().status().as_u16(), 304);
}
