//! The anatomy check: muscle, side, view and coordinates must agree, unless a provider insists.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::findings::{DEFINITE, felt, with};
use crate::harness::*;
use crate::visits::walk_in;

#[actix_web::test]
async fn a_disagreement_is_refused_with_what_would_agree() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = format!("/visits/{}/trigger-points", walk_in(&ada, ANA).await);
    let wrong_half = ada
        .post(&path, with(felt(DEFINITE), &json!({ "x": "0.73" })))
        .await;
    let refused = assert_problem!(wrong_half, 422, "/problems/invalid-content");
    assert_eq!(refused.pointers(), ["/x"]);
    assert_eq!(refused.body["would_agree"]["side_of_position"], "right");
    assert_eq!(
        refused.body["would_agree"]["x_between"],
        json!(["0", "0.495"])
    );
    let midline = ada
        .post(&path, with(felt(DEFINITE), &json!({ "side": "midline" })))
        .await;
    assert_eq!(midline.pointers(), ["/side", "/x"]);
    assert_eq!(
        midline.body["would_agree"]["sides"],
        json!(["left", "right"])
    );
    let hidden = ada
        .post(&path, with(felt(DEFINITE), &json!({ "view": "LB_POST" })))
        .await;
    assert_eq!(hidden.pointers(), ["/view"]);
    let unknown = ada
        .post(
            &path,
            with(felt(DEFINITE), &json!({ "muscle_code": "biceps" })),
        )
        .await;
    assert_eq!(
        (unknown.status, unknown.pointers()),
        (422, vec!["/muscle_code".to_owned()])
    );
    let off = json!({ "x": "1.00001", "y": "-0.1", "pressure_threshold_kpa": "1500.01" });
    let off = ada.post(&path, with(felt(DEFINITE), &off)).await;
    assert_eq!(off.pointers(), ["/x", "/y", "/pressure_threshold_kpa"]);
    let beyond = json!({ "tenderness_grade": 5, "pain_nrs": 11, "depth_mm": 121, "note": "" });
    let beyond = ada.post(&path, with(felt(DEFINITE), &beyond)).await;
    assert_eq!(
        beyond.pointers(),
        ["/depth_mm", "/note", "/pain_nrs", "/tenderness_grade"]
    );
    assert_eq!(ada.get(&path).await.ok()["items"], json!([]));
    let edges = json!({
        "tenderness_grade": 4, "pain_nrs": 10, "depth_mm": 120, "pressure_threshold_kpa": 1500,
        "referred_zones": ["temple", "behind the eye"],
    });
    let edges = ada
        .post(&path, with(felt(DEFINITE), &edges))
        .await
        .created();
    assert_eq!(edges["pressure_threshold_kpa"], "1500");
}

#[actix_web::test]
async fn a_provider_may_insist_on_a_place_with_a_reason() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}/trigger-points");
    let across = json!({ "x": "0.73", "placement_override": { "reason": "Situs inversus." } });
    let found = ada
        .post(&path, with(felt(DEFINITE), &across))
        .await
        .created();
    assert_eq!(
        (&found["side"], &found["x"]),
        (&json!("left"), &json!("0.73"))
    );
    assert_eq!(found["placement_override_reason"], "Situs inversus.");
    assert_eq!(found["far_from_usual_place"], true);
    let needless = json!({ "placement_override": { "reason": "To be sure." } });
    let agreeing = ada
        .post(&path, with(felt(DEFINITE), &needless))
        .await
        .created();
    assert_eq!(
        agreeing["placement_override_reason"],
        Value::Null,
        "there was nothing to override"
    );
    let off = json!({ "x": "1.5", "placement_override": { "reason": "x" } });
    let off = ada.post(&path, with(felt(DEFINITE), &off)).await;
    assert_eq!(off.pointers(), ["/x"]);
    let silent = json!({ "x": "0.73", "placement_override": { "reason": "" } });
    let silent = ada.post(&path, with(felt(DEFINITE), &silent)).await;
    assert_eq!(silent.pointers(), ["/placement_override/reason"]);
}
