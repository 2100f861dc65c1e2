//! Findings: recording palpations, their classification, and recognising earlier points.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::visits::{sign, walk_in};

/// Taut band, hypersensitive spot, referred pain, recognised, twitch.
pub(crate) fn felt(signs: [bool; 5]) -> Value {
    let sign = |shown: bool| if shown { "yes" } else { "no" };
    json!({
        "muscle_code": "trapezius_upper", "side": "left", "view": "HN_POST", "x": "0.27", "y": "0.70",
        "taut_band": sign(signs[0]), "hypersensitive_spot": sign(signs[1]),
        "referred_pain": sign(signs[2]), "pain_recognised": sign(signs[3]),
        "local_twitch": sign(signs[4]), "jump_sign": "no", "palpable_nodule": "no",
        "tenderness_grade": 2,
    })
}

pub(crate) fn with(mut body: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

pub(crate) const DEFINITE: [bool; 5] = [true, true, true, true, false];
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
async fn a_near_point_is_proposed_and_only_the_provider_decides_that_it_is_the_same() {
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
async fn a_correction_is_classified_again_and_needs_the_version_that_was_read() {
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
async fn every_field_is_bounded_as_the_document_says() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}/trigger-points");
    let long = |letters: usize| "x".repeat(letters);
    let zones = |count: usize, letters: usize| json!(vec![long(letters); count]);
    let readings = |values: &[i32]| json!({ "unit": "kPa", "readings": values });
    let within = [
        ("tenderness_grade", vec![json!(0), json!(4)]),
        ("pain_nrs", vec![json!(0), json!(10), Value::Null]),
        ("depth_mm", vec![json!(0), json!(120), Value::Null]),
        (
            "pressure_threshold_kpa",
            vec![json!("0.01"), json!("1500"), json!(1500), Value::Null],
        ),
        (
            "taut_band_diameter_mm",
            vec![json!("0.5"), json!("10.0"), Value::Null],
        ),
        ("x", vec![json!("0"), json!("0.495")]),
        ("y", vec![json!("0"), json!("1")]),
        ("note", vec![json!("x"), json!(long(2000))]),
        (
            "referred_zones",
            vec![json!([]), zones(20, 60), zones(1, 1)],
        ),
        (
            "referred_qualities",
            vec![json!([]), json!(["tingling", "burning"])],
        ),
        (
            "pressure_readings",
            vec![readings(&[1]), readings(&[1500; 5])],
        ),
    ];
    for (field, values) in within {
        for value in values {
            let body = with(felt(DEFINITE), &json!({ field: value }));
            let found = ada.post(&path, body).await;
            assert_eq!(found.status, 201, "{field} {value}: {}", found.body);
        }
    }
    let outside = [
        (
            "tenderness_grade",
            vec![json!(-1), json!(5), json!("2"), json!(1.5)],
        ),
        ("pain_nrs", vec![json!(-1), json!(11)]),
        ("depth_mm", vec![json!(-1), json!(121)]),
        (
            "pressure_threshold_kpa",
            vec![json!("0"), json!("-1"), json!("1500.01"), json!("0.001")],
        ),
        (
            "taut_band_diameter_mm",
            vec![json!("0.4"), json!("10.1"), json!("1.25")],
        ),
        ("x", vec![json!("-0.00001"), json!("0.52001"), json!("NaN")]),
        ("y", vec![json!("-0.00001"), json!("1.00001")]),
        ("note", vec![json!(""), json!(long(2001))]),
        ("referred_zones", vec![zones(21, 1)]),
        ("referred_qualities", vec![json!(["stabbing"]); 1]),
        ("taut_band", vec![json!(true), json!("maybe"), Value::Null]),
        ("autonomic_signs", vec![json!("maybe")]),
        ("side", vec![json!("both")]),
        ("view", vec![json!("HN_TOP")]),
    ];
    for (field, values) in outside {
        for value in values {
            let body = with(felt(DEFINITE), &json!({ field: value }));
            let refused = ada.post(&path, body).await;
            assert_eq!(refused.status, 422, "{field} {value}: {}", refused.body);
            let pointer = refused.pointers().remove(0);
            assert!(
                pointer.starts_with(&format!("/{field}")),
                "{field}: {pointer}"
            );
        }
    }
    for (readings, pointer) in [
        (readings(&[]), "/pressure_readings/readings"),
        (readings(&[1; 6]), "/pressure_readings/readings"),
        (readings(&[0, 250]), "/pressure_readings/readings"),
        (readings(&[1501]), "/pressure_readings/readings"),
        (
            json!({ "unit": "psi", "readings": [3] }),
            "/pressure_readings/unit",
        ),
    ] {
        let body = with(felt(DEFINITE), &json!({ "pressure_readings": readings }));
        assert_eq!(
            ada.post(&path, body).await.pointers(),
            [pointer],
            "{readings}"
        );
    }
    let zone = with(felt(DEFINITE), &json!({ "referred_zones": [""] }));
    assert_eq!(
        ada.post(&path, zone).await.pointers(),
        ["/referred_zones/0"]
    );
    let zone = with(felt(DEFINITE), &json!({ "referred_zones": [long(61)] }));
    assert_eq!(
        ada.post(&path, zone).await.pointers(),
        ["/referred_zones/0"]
    );
}

#[actix_web::test]
async fn a_gauge_may_show_any_of_its_units() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}/trigger-points");
    let vectors = [
        ("kgf/cm2", json!(["3.0"]), "294.2", false),
        ("N/cm2", json!([25]), "250", false),
        ("kPa", json!([400, 250, 251]), "250.5", false),
        ("kPa", json!([1079]), "1079", false),
        ("kPa", json!(["1079.01"]), "1079.01", true),
    ];
    for (unit, readings, kilopascals, beyond) in vectors {
        let gauge = json!({ "pressure_readings": { "unit": unit, "readings": readings } });
        let found = ada
            .post(&path, with(felt(DEFINITE), &gauge))
            .await
            .created();
        assert_eq!(found["pressure_threshold_kpa"], kilopascals, "{unit}");
        assert_eq!(found["pressure_is_beyond_gauge"], beyond, "{readings}");
        let one = format!("{path}/{}", found["id"].as_str().unwrap());
        assert_eq!(
            ada.get(&one).await.ok()["pressure_threshold_kpa"],
            kilopascals
        );
    }
    let both = json!({
        "pressure_threshold_kpa": "250", "pressure_readings": { "unit": "kPa", "readings": [1] },
    });
    let both = ada.post(&path, with(felt(DEFINITE), &both)).await;
    assert_eq!(both.pointers(), ["/pressure_readings"]);
}

#[actix_web::test]
async fn a_provider_judges_against_the_criteria_with_a_reason() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}/trigger-points");
    let restricted = json!({ "range_of_motion_restricted": "yes", "autonomic_signs": "no" });
    let probable = with(felt([true, true, false, false, false]), &restricted);
    let probable = ada.post(&path, probable).await.created();
    assert_eq!(
        (&probable["classification"], &probable["activity"]),
        (&json!("probable"), &json!("latent"))
    );
    let judged = json!({ "classification_override": {
        "classification": "tender_point", "activity": "none", "reason": "Fibromyalgia.",
    } });
    let found = ada
        .post(&path, with(felt(DEFINITE), &judged))
        .await
        .created();
    assert_eq!(found["classification"], "tender_point");
    assert_eq!(found["derived_classification"], "definite");
    assert_eq!(found["derived_activity"], "active");
    assert_eq!(found["classification_override_reason"], "Fibromyalgia.");
    let one = format!("{path}/{}", found["id"].as_str().unwrap());
    assert_eq!(ada.get(&one).await.ok()["classification"], "tender_point");
    // A correction of the signs leaves the judgement; null goes back to the criteria.
    let amended = ada
        .patch(&one, "*", json!({ "pain_recognised": "no" }))
        .await
        .ok();
    assert_eq!(amended["classification"], "tender_point");
    assert_eq!(amended["derived_activity"], "latent");
    let back = ada
        .patch(&one, "*", json!({ "classification_override": null }))
        .await
        .ok();
    assert_eq!(
        (&back["classification"], &back["activity"]),
        (&json!("definite"), &json!("latent"))
    );
    assert_eq!(back["classification_override_reason"], Value::Null);
    for (classification, activity) in [("definite", "none"), ("tender_point", "active")] {
        let wrong = json!({ "classification_override": {
            "classification": classification, "activity": activity, "reason": "x",
        } });
        let refused = ada.post(&path, with(felt(DEFINITE), &wrong)).await;
        assert_eq!(refused.pointers(), ["/classification_override/activity"]);
    }
    let silent = json!({ "classification_override": {
        "classification": "none", "activity": "none", "reason": "",
    } });
    let silent = ada.post(&path, with(felt(DEFINITE), &silent)).await;
    assert_eq!(silent.status, 422);
}

#[actix_web::test]
async fn a_finding_has_the_examiner_and_the_position_of_the_patient() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}/trigger-points");
    let plain = ada.post(&path, felt(DEFINITE)).await.created();
    assert_eq!(plain["patient_position"], Value::Null);
    assert_eq!(plain["examined_by"], ada.get("/me").await.ok()["id"]);
    for position in ["prone", "supine", "side_lying", "seated"] {
        let body = with(felt(DEFINITE), &json!({ "patient_position": position }));
        let found = clinic.assistant().await.post(&path, body).await.created();
        assert_eq!(found["patient_position"], position);
        assert_ne!(found["examined_by"], plain["examined_by"]);
    }
    let unknown = with(
        felt(DEFINITE),
        &json!({ "patient_position": "upside_down" }),
    );
    let unknown = ada.post(&path, unknown).await;
    assert_eq!(unknown.pointers(), ["/patient_position"]);
    let one = format!("{path}/{}", plain["id"].as_str().unwrap());
    let amended = json!({ "patient_position": "seated" });
    let amended = ada.patch(&one, "*", amended).await.ok();
    assert_eq!(amended["patient_position"], "seated");
    let cleared = json!({ "patient_position": null });
    let cleared = ada.patch(&one, "*", cleared).await.ok();
    assert_eq!(cleared["patient_position"], Value::Null);
}
