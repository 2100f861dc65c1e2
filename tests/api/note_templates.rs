//! Note templates: writing them, and applying them to a visit.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::visits::{sign, walk_in};

#[actix_web::test]
async fn a_template_gives_draft_text_and_writes_nothing() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}");
    let body = json!({
        "name": "Follow-up", "subjective": "{patient_name}, {patient_age}, seen {visit_date}.",
        "plan": "{provider_name} calls {somebody}.",
    });
    let made = ada.post_once("/note-templates", "t", body.clone()).await;
    let template = made.header("location").replace("/api/v1", "");
    let made = made.created();
    let read = ada.get(&path).await.etag();
    let apply = json!({ "template_id": made["id"] });
    let draft = ada.post(&format!("{path}/note-draft"), apply.clone()).await;
    let draft = draft.ok();
    assert_eq!(draft["subjective"], "Ana Vrabec, 41, seen 2026-03-02.");
    assert_eq!(draft["plan"], "Dr Ada Keller calls {somebody}.");
    assert_eq!(draft["objective"], Value::Null);
    let after = ada.get(&path).await;
    assert_eq!(after.etag(), read);
    assert_eq!(after.ok()["subjective"], Value::Null);

    let same_name = json!({ "name": "follow-UP" });
    let refused = ada.post("/note-templates", same_name.clone()).await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (422, vec!["/name".to_owned()])
    );
    let changed = json!({ "name": "Follow-up", "plan": "Rest." });
    let replaced = ada.put(&template, "\"v1\"", changed.clone()).await;
    assert_eq!(replaced.etag(), "\"v2\"");
    assert_eq!(replaced.ok()["subjective"], Value::Null);
    let stale = ada.put(&template, "\"v1\"", changed).await;
    assert_problem!(stale, 412, "/problems/stale-version");
    let listed = clinic.assistant().await.get("/note-templates").await.ok();
    assert_eq!(listed["items"][0]["plan"], "Rest.");
    for closed in [clinic.front_desk().await, clinic.patient().await] {
        let listed = closed.get("/note-templates").await;
        assert_problem!(listed, 403, "/problems/not-allowed");
    }
    let assistant = clinic.assistant().await.post("/note-templates", body).await;
    assert_problem!(assistant, 403, "/problems/not-allowed");
    let stranger = clinic.stranger("provider").await;
    assert_problem!(stranger.get(&template).await, 404, "/problems/not-found");
    assert_eq!(
        stranger.get("/note-templates").await.ok()["items"],
        json!([])
    );

    ada.act_now(&format!("{template}/archive"), Value::Null)
        .await
        .ok();
    assert_eq!(ada.get("/note-templates").await.ok()["items"], json!([]));
    let archived = ada.post(&format!("{path}/note-draft"), apply.clone()).await;
    assert_eq!(archived.pointers(), ["/template_id"]);
    ada.post("/note-templates", same_name).await.created();
    sign(&ada, &visit_id).await;
    let sealed = ada.post(&format!("{path}/note-draft"), apply).await;
    assert_problem!(sealed, 423, "/problems/sealed");
}
