//! The muscle catalogue: reading it, loading codes, and adding muscles of a practice.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::findings::{DEFINITE, felt, with};
use crate::harness::*;
use crate::visits::walk_in;

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

#[actix_web::test]
async fn codes_of_a_licensed_terminology_are_shown_once_they_are_loaded() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let code_of = async |muscle: &str| {
        let listed = ada.get("/muscles?limit=200").await.ok();
        let listed = listed["items"].as_array().unwrap().clone();
        let found = listed
            .into_iter()
            .find(|one| one["code"] == muscle)
            .unwrap();
        found["external_codes"]["snomed_ct"].clone()
    };
    assert_eq!(
        code_of("masseter").await,
        Value::Null,
        "none is brought along"
    );
    let load = async |text: &str| {
        let (url, text) = (clinic.service.database_url.clone(), text.to_owned());
        outside(async move { tautband::set_up::map_muscles(&url, &text).await }).await
    };
    // Right in form; made up.
    assert_eq!(
        load("muscle_code,concept\nmasseter,1234007\n")
            .await
            .unwrap(),
        1
    );
    assert_eq!(code_of("masseter").await, "1234007");
    let unknown = load("temporalis,1234007\nno_such_muscle,1234007\n").await;
    let unknown = unknown.unwrap_err().to_string();
    assert_eq!(unknown, "not in the muscle catalogue: no_such_muscle");
    assert!(load("masseter,1234000\n").await.is_err(), "the check digit");
    assert_eq!(code_of("masseter").await, "1234007", "all or nothing");
    assert_eq!(load("temporalis,1234007\n").await.unwrap(), 1);
    assert_eq!(
        code_of("masseter").await,
        Value::Null,
        "replaced as a whole"
    );
}

#[actix_web::test]
async fn a_practice_adds_a_muscle_that_others_do_not_see() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let muscle = json!({
        "name": "Levator labii", "latin": "M. levator labii", "region": "head", "paired": true,
        "nerve": "CN VII", "referral": "Cheek", "needle": "30G 13 mm", "cautions": ["EYE"],
        "chart_point": { "view": "HN_ANT", "x": "0.56", "y": "0.38" },
    });
    let added = ada.post("/muscles", muscle.clone()).await.created();
    let code = added["code"].as_str().unwrap();
    assert!(code.starts_with("own_levator_labii_"), "{code}");
    assert_eq!(added["catalogue_version"], "own");
    let listed = ada.get("/muscles?limit=200").await.ok();
    assert!(listed["items"].as_array().unwrap().contains(&added));
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}/trigger-points");
    let at = json!({ "muscle_code": code, "view": "HN_ANT", "x": "0.56", "y": "0.38" });
    let found = ada.post(&path, with(felt(DEFINITE), &at)).await.created();
    assert_eq!(found["muscle_name"], "Levator labii");
    let wrong_half = with(at, &json!({ "x": "0.44" }));
    assert_eq!(
        ada.post(&path, with(felt(DEFINITE), &wrong_half))
            .await
            .pointers(),
        ["/x"]
    );
    let stranger = clinic
        .stranger("provider")
        .await
        .get("/muscles?limit=200")
        .await
        .ok();
    assert_eq!(stranger["items"].as_array().unwrap().len(), 68);
    let right = json!({ "chart_point": { "view": "HN_ANT", "x": "0.44", "y": "0.38" } });
    let right = ada.post("/muscles", with(muscle.clone(), &right)).await;
    assert_eq!(right.pointers(), ["/chart_point"]);
    let off = json!({ "chart_point": { "view": "HN_ANT", "x": "1.1", "y": "-0.1" } });
    let off = ada.post("/muscles", with(muscle.clone(), &off)).await;
    assert_eq!(off.pointers(), ["/chart_point/x", "/chart_point/y"]);
    let danger = ada.post(
        "/muscles",
        with(muscle.clone(), &json!({ "cautions": ["DRAGON"] })),
    );
    assert_eq!(danger.await.pointers(), ["/cautions/0"]);
    for closed in [
        clinic.front_desk().await,
        clinic.assistant().await,
        clinic.patient().await,
    ] {
        let closed = closed.post("/muscles", muscle.clone()).await;
        assert_problem!(closed, 403, "/problems/not-allowed");
    }
}
