//! Findings: what is felt, what it amounts to, and which point it is.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::visits::{sign, walk_in};

/// Taut band, hypersensitive spot, referred pain, recognised, twitch.
fn felt(signs: [bool; 5]) -> Value {
    let sign = |shown: bool| if shown { "yes" } else { "no" };
    json!({
        "muscle_code": "trapezius_upper", "side": "left", "view": "HN_POST", "x": "0.27", "y": "0.70",
        "taut_band": sign(signs[0]), "hypersensitive_spot": sign(signs[1]),
        "referred_pain": sign(signs[2]), "pain_recognised": sign(signs[3]),
        "local_twitch": sign(signs[4]), "jump_sign": "no", "palpable_nodule": "no",
        "tenderness_grade": 2,
    })
}

fn with(mut body: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

const DEFINITE: [bool; 5] = [true, true, true, true, false];
const NOTHING: [bool; 5] = [false; 5];

#[actix_web::test]
async fn findings_are_classified_by_the_published_criteria() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = format!("/visits/{}/trigger-points", walk_in(&ada, ANA).await);
    let vectors = [
        ([true, true, true, true, false], "definite", "active"),
        ([true, true, true, false, false], "definite", "latent"),
        ([true, true, false, false, true], "probable", "latent"),
        ([false, true, false, false, false], "tender_point", "none"),
        ([true, false, false, false, false], "none", "none"),
    ];
    for (signs, classification, activity) in vectors {
        let found = ada.post(&path, felt(signs)).await.created();
        assert_eq!(found["classification"], classification, "{signs:?}");
        assert_eq!(found["activity"], activity, "{signs:?}");
        assert_eq!(found["course"], "new");
    }
    let listed = ada.get(&path).await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), vectors.len());
}

#[actix_web::test]
async fn what_disagrees_is_refused_with_what_would_agree() {
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
        json!(["0", "0.52"])
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
async fn a_point_recognised_over_visits_has_a_course() {
    let clinic = Clinic::open().await;
    let courses = [
        (DEFINITE, "new"),
        (DEFINITE, "persistent"),
        (NOTHING, "resolved"),
        (DEFINITE, "recurred"),
    ];
    let mut point = Value::Null;
    let mut visits = Vec::new();
    for (signs, course) in courses {
        let ada = clinic.provider().await;
        let visit_id = walk_in(&ada, ANA).await;
        let body = if point.is_null() {
            felt(signs)
        } else {
            with(felt(signs), &json!({ "same_as": point }))
        };
        let found = ada
            .post(&format!("/visits/{visit_id}/trigger-points"), body)
            .await
            .created();
        assert_eq!(found["course"], course);
        point = found["point_id"].clone();
        sign(&ada, &visit_id).await;
        visits.push(visit_id);
        clinic.advance(chrono::TimeDelta::days(14));
    }
    let ada = clinic.provider().await;
    let points = ada
        .get(&format!("/patients/{ANA}/trigger-points"))
        .await
        .ok();
    assert_eq!(points["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        points["items"][0]["palpations"].as_array().unwrap().len(),
        4
    );
    assert_eq!(points["items"][0]["course"], "recurred");
    let chart = format!(
        "/patients/{ANA}/body-chart.svg?from_visit={}&to_visit={}",
        visits[0], visits[2]
    );
    let chart = ada.get(&chart).await;
    assert_eq!(
        (chart.status, chart.header("content-type").as_str()),
        (200, "image/svg+xml")
    );
    assert!(chart.text.contains("From 2 March 2026 to 30 March 2026"));
    let foreign = format!(
        "/patients/{BEN}/body-chart.svg?from_visit={}&to_visit={ANA}",
        visits[0]
    );
    let foreign = ada.get(&foreign).await;
    assert_eq!(
        foreign.pointers(),
        ["#/query/from_visit", "#/query/to_visit"]
    );
}

#[actix_web::test]
async fn a_near_point_is_proposed_and_only_the_provider_says_it_is_the_same() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let first = walk_in(&ada, ANA).await;
    let old = ada
        .post(&format!("/visits/{first}/trigger-points"), felt(DEFINITE))
        .await
        .created();
    assert_eq!(old["proposed_same_as"], json!([]));
    let path = format!("/visits/{}/trigger-points", walk_in(&ada, ANA).await);
    let near = ada
        .post(&path, with(felt(DEFINITE), &json!({ "x": "0.29" })))
        .await
        .created();
    assert_eq!(near["proposed_same_as"], json!([old["point_id"]]));
    assert_ne!(near["point_id"], old["point_id"]);
    let far = ada
        .post(
            &path,
            with(felt(DEFINITE), &json!({ "x": "0.24", "y": "0.74" })),
        )
        .await
        .created();
    assert_eq!(far["proposed_same_as"], json!([]));
    let same = json!({ "same_as": old["point_id"] });
    let other_side = with(same.clone(), &json!({ "side": "right", "x": "0.73" }));
    let refused = ada.post(&path, with(felt(DEFINITE), &other_side)).await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (422, vec!["/same_as".to_owned()])
    );
    let of_ben = format!("/visits/{}/trigger-points", walk_in(&ada, BEN).await);
    let refused = ada.post(&of_ben, with(felt(DEFINITE), &same)).await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (422, vec!["/same_as".to_owned()])
    );
    let once = ada.post(&path, with(felt(DEFINITE), &same)).await.created();
    assert_eq!(once["course"], "persistent");
    let twice = ada.post(&path, with(felt(DEFINITE), &same)).await;
    let twice = assert_problem!(twice, 409, "/problems/already-palpated");
    assert_eq!(twice.body["palpation_id"], once["id"]);
}

#[actix_web::test]
async fn a_correction_is_classified_anew_and_needs_the_version_read() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}/trigger-points");
    let found = ada.post(&path, felt(DEFINITE)).await.created();
    let one = format!("{path}/{}", found["id"].as_str().unwrap());
    let etag = ada.get(&one).await.etag();
    let amended = ada.patch(
        &one,
        &etag,
        json!({ "pain_recognised": "no", "note": "Asked again." }),
    );
    let amended = amended.await.ok();
    assert_eq!(amended["activity"], "latent");
    assert_eq!(amended["taut_band"], "yes");
    let stale = ada.patch(&one, &etag, json!({ "taut_band": "no" })).await;
    assert_problem!(stale, 412, "/problems/stale-version");
    let elsewhere = walk_in(&ada, ANA).await;
    let elsewhere = format!(
        "/visits/{elsewhere}/trigger-points/{}",
        found["id"].as_str().unwrap()
    );
    assert_eq!(ada.get(&elsewhere).await.status, 404);
    assert_eq!(ada.patch(&elsewhere, "*", json!({})).await.status, 404);
}

#[actix_web::test]
async fn a_visits_chart_names_its_points() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    ada.post(
        &format!("/visits/{visit_id}/trigger-points"),
        felt(DEFINITE),
    )
    .await
    .created();
    let chart = ada.get(&format!("/visits/{visit_id}/body-chart.svg")).await;
    assert_eq!(
        (chart.status, chart.header("content-type").as_str()),
        (200, "image/svg+xml")
    );
    assert!(chart.text.contains("Visit of 2 March 2026"));
    assert!(chart.text.contains("Trapezius, upper"));
}

#[actix_web::test]
async fn the_catalogue_is_read_page_by_page_and_by_region() {
    let clinic = Clinic::open().await;
    let patient = clinic.patient().await;
    let all = patient.get("/muscles?limit=200").await.ok();
    assert_eq!(all["items"].as_array().unwrap().len(), 68);
    let first = patient.get("/muscles").await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = patient.get(&format!("/muscles?cursor={cursor}")).await.ok();
    assert_eq!(second["items"].as_array().unwrap().len(), 18);
    assert_eq!(second["items"][0], all["items"][50]);
    let gluteal = patient.get("/muscles?region=gluteal").await.ok();
    let gluteal = gluteal["items"].as_array().unwrap();
    assert!(gluteal.iter().all(|muscle| muscle["region"] == "gluteal"));
    assert_eq!(gluteal.len(), 4);
    assert_eq!(patient.get("/muscles?region=knee").await.status, 422);
    let views = patient.get("/body-chart/views").await.ok();
    assert_eq!(views["items"].as_array().unwrap().len(), 7);
}
