//! What a record says of a patient and of the stock, and which checks that raises before a needle.

use serde_json::{Value, json};

use crate::harness::*;

const DOSE: &str = "local_anaesthetic_dose";

async fn takes(by: &Client, medicine: Value) -> Value {
    by.post(&format!("/patients/{ANA}/medications"), medicine)
        .await
        .created()
}

async fn safety(by: &Client, path: &str) -> Value {
    by.get(&format!("{path}/safety")).await.ok()
}

/// One millilitre of a drug with nothing else, drawn up and not injected yet.
async fn mixed(by: &Client, path: &str, components: Value) {
    let recipe = json!({ "label": "A", "components": components });
    by.post(&format!("{path}/solutions"), recipe)
        .await
        .created();
}

/// A lot at a location; answers its id.
async fn lot(clinic: &Clinic, drug_code: &str, location_id: &str) -> String {
    let lot = json!({
        "drug_code": drug_code, "lot_number": format!("{drug_code}-1"), "expires_on": "2027-01-31",
        "vial_type": "multi_dose", "quantity_ml": "50", "location_id": location_id,
    });
    let admin = clinic.admin().await;
    id(&admin.post("/lots", lot).await.created())
}

#[actix_web::test]
async fn a_medicine_is_looked_at_by_name_and_by_code_though_nobody_classed_it() {
    for (medicine, code) in [
        (json!({ "name": "Warfarin" }), "anticoagulant"),
        (json!({ "name": "Eliquis 5 mg" }), "anticoagulant"),
        (
            json!({ "name": "Aspirin", "last_taken_at": "2026-03-01T14:00:00Z" }),
            "antiplatelet",
        ),
        (
            json!({ "name": "the white tablet", "atc_code": "B01AF02" }),
            "anticoagulant",
        ),
    ] {
        let clinic = Clinic::open().await;
        let ada = clinic.provider().await;
        let path = under_way(&ada, ANA).await;
        let before = safety(&ada, &path).await;
        assert_eq!(check(&before, code), &Value::Null, "{code}");
        takes(&ada, medicine.clone()).await;
        let after = safety(&ada, &path).await;
        assert_eq!(check(&after, code)["status"], "warn", "{medicine}");
        assert_eq!(check(&after, "medication_unrecognised"), &Value::Null);
    }
}

#[actix_web::test]
async fn a_medicine_no_rule_knows_is_counted_and_stops_nothing() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    let told = takes(&ada, json!({ "name": "Zorblaxin" })).await;
    assert_eq!(told["atc_code"], Value::Null);
    let found = safety(&ada, &path).await;
    let unknown = check(&found, "medication_unrecognised");
    assert_eq!(
        (&unknown["status"], &unknown["needs_acknowledgement"]),
        (&json!("ok"), &json!(false))
    );
    let explanation = unknown["explanation"].as_str().unwrap();
    assert!(
        explanation.contains("1 of 1 that are taken (Zorblaxin)"),
        "{explanation}"
    );
    // Coded, it is known not to matter.
    let one = format!("/patients/{ANA}/medications/{}", id(&told));
    let coded = ada.patch(&one, "*", json!({ "atc_code": "A12CC05" })).await;
    assert_eq!(coded.ok()["atc_code"], "A12CC05");
    let found = safety(&ada, &path).await;
    assert_eq!(check(&found, "medication_unrecognised"), &Value::Null);
    for wrong in ["b01af02", "B01AF", "B01", "B01AF021", "X01AF02"] {
        let refused = ada.patch(&one, "*", json!({ "atc_code": wrong })).await;
        assert_eq!(refused.pointers(), ["/atc_code"], "{wrong}");
    }
    let cleared = ada.patch(&one, "*", json!({ "atc_code": null })).await.ok();
    assert_eq!(cleared["atc_code"], Value::Null);
}

#[actix_web::test]
async fn a_tricyclic_told_by_its_name_speaks_against_epinephrine() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    takes(&ada, json!({ "name": "Amitriptyline 25 mg" })).await;
    let epinephrine = lot(&clinic, "lidocaine_epinephrine", MAIN_STREET).await;
    let drawn = json!([{
        "drug_code": "lidocaine_epinephrine", "concentration": "1", "concentration_unit": "percent",
        "volume_ml": "1", "lot_id": epinephrine,
    }]);
    mixed(&ada, &path, drawn).await;
    let found = safety(&ada, &path).await;
    assert_eq!(check(&found, "epinephrine_risk")["status"], "warn");
}

#[actix_web::test]
async fn an_allergy_no_rule_knows_is_read_before_going_on() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let path = under_way(&assistant, ANA).await;
    let solution_id = drawn(&assistant, &path, ("1", "1"), LIDOCAINE).await;
    inject(&assistant, &path, site(&solution_id, "1")).await;
    let allergies = format!("/patients/{ANA}/allergies");
    ada.post(&allergies, json!({ "substance": "Kenalog" }))
        .await
        .created();
    let found = safety(&ada, &path).await;
    assert_eq!(check(&found, "allergy_unrecognised"), &Value::Null);
    ada.post(&allergies, json!({ "substance": "Zorblax" }))
        .await
        .created();
    let found = safety(&assistant, &path).await;
    let unknown = check(&found, "allergy_unrecognised");
    assert_eq!(
        (&unknown["status"], &unknown["needs_acknowledgement"]),
        (&json!("warn"), &json!(true))
    );
    assert_eq!(found["may_complete"], false);
    let done = complete(&ada, &path).await.ok();
    let read = check(&done["safety"], "allergy_unrecognised");
    assert_eq!(read["acknowledged_by"], ada.user["id"]);
}

#[actix_web::test]
async fn a_trace_of_epinephrine_raises_no_maximum_now_or_later() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let epinephrine = lot(&clinic, "epinephrine", MAIN_STREET).await;
    let path = under_way(&ada, ANA).await;
    let recipe = json!({
        "label": "A",
        "components": [
            {
                "drug_code": "lidocaine", "concentration": "2", "concentration_unit": "percent",
                "volume_ml": "9.99", "lot_id": LIDOCAINE,
            },
            {
                "drug_code": "epinephrine", "concentration": "1000", "concentration_unit": "ratio",
                "volume_ml": "0.01", "lot_id": epinephrine,
            },
        ],
    });
    let solution = ada
        .post(&format!("{path}/solutions"), recipe)
        .await
        .created();
    for _ in 0..2 {
        inject(&ada, &path, site(&id(&solution), "5")).await;
    }
    let found = safety(&ada, &path).await;
    // 199.8 mg of the 300 mg that 4.5 mg/kg and the absolute figure leave for 70 kg.
    assert_eq!(check(&found, DOSE)["fraction"], "0.666");
    complete(&ada, &path).await.ok();
    let next = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &next, ("1", "1"), LIDOCAINE).await;
    inject(&ada, &next, site(&solution_id, "1")).await;
    let found = safety(&ada, &next).await;
    assert_eq!(check(&found, DOSE)["fraction"], "0.6993");
}

#[actix_web::test]
async fn a_pregnancy_told_by_its_weeks_lowers_the_dose_and_is_warned_of() {
    for condition in ["Z34.02", "Z3A.20", "O26.90"] {
        let clinic = Clinic::open().await;
        let ada = clinic.provider().await;
        ada.post(
            &format!("/patients/{ANA}/conditions"),
            json!({ "code": condition }),
        )
        .await
        .created();
        let path = under_way(&ada, ANA).await;
        let solution_id = drawn(&ada, &path, ("1", "3"), LIDOCAINE).await;
        inject(&ada, &path, site(&solution_id, "3")).await;
        let found = safety(&ada, &path).await;
        assert_eq!(check(&found, "pregnancy")["status"], "warn", "{condition}");
        // 30 mg of seven tenths of 300 mg.
        assert_eq!(check(&found, DOSE)["fraction"], "0.1429", "{condition}");
    }
}

#[actix_web::test]
async fn a_slip_of_the_unit_stops_until_a_provider_decides() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    let steroid = lot(&clinic, "triamcinolone_acetonide", MAIN_STREET).await;
    let component = |unit: &str, value: &str| {
        json!([{
            "drug_code": "triamcinolone_acetonide", "concentration": value,
            "concentration_unit": unit, "volume_ml": "1", "lot_id": steroid,
        }])
    };
    mixed(&ada, &path, component("mg_per_ml", "20")).await;
    let found = safety(&ada, &path).await;
    assert_eq!(check(&found, "unusual_concentration")["status"], "warn");
    mixed(&ada, &path, component("mcg_per_ml", "40")).await;
    let found = safety(&ada, &path).await;
    let slip = check(&found, "unusual_concentration");
    assert_eq!(
        (&slip["status"], &slip["override_policy"]),
        (&json!("block"), &json!("by_provider"))
    );
    assert_eq!(found["status"], "block");
}

#[actix_web::test]
async fn a_lot_of_another_location_is_drawn_with_a_warning() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let elsewhere = lot(&clinic, "lidocaine", THAMES_HOUSE).await;
    let path = under_way(&ada, ANA).await;
    let here = drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
    inject(&ada, &path, site(&here, "1")).await;
    let found = safety(&ada, &path).await;
    assert_eq!(check(&found, "lot_elsewhere"), &Value::Null);
    let there = drawn(&ada, &path, ("1", "1"), &elsewhere).await;
    inject(&ada, &path, site(&there, "1")).await;
    let found = safety(&ada, &path).await;
    let warned = check(&found, "lot_elsewhere");
    assert_eq!(warned["status"], "warn");
    let explanation = warned["explanation"].as_str().unwrap();
    assert!(explanation.contains("lidocaine-1"), "{explanation}");
    assert!(!explanation.contains("LIDO-1"), "{explanation}");
    complete(&ada, &path).await.ok();
}

#[actix_web::test]
async fn diagnosis_codes_no_claim_can_go_out_with_are_named() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let coding = async |codes: &[&str]| {
        let body = json!({ "kind": "trigger_point_injection", "indication_codes": codes });
        let path = format!("/visits/{visit_id}/procedures");
        let planned = ada.post(&path, body).await.created();
        let path = format!("/procedures/{}/coding", id(&planned));
        ada.get(&path).await.ok()
    };
    let result = |coding: &Value| {
        let mut checks = coding["payer_checks"].as_array().unwrap().iter();
        let codes = checks.find(|one| one["code"] == "diagnosis_codes").unwrap();
        (codes["result"].clone(), codes["missing"].clone())
    };
    let fine = coding(&["M79.18"]).await;
    assert_eq!(result(&fine), (json!("pass"), json!([])));
    let none = coding(&[]).await;
    let missing = none["missing_documentation"].as_array().unwrap();
    assert!(missing.contains(&json!("a diagnosis code")), "{missing:?}");
    let wrong = coding(&["M79.18", "M26.62", "Q99.99"]).await;
    let expected = [
        "a billable diagnosis code in place of the category M26.62",
        "a diagnosis code of the list of 2026-04 in place of Q99.99, which it does not have",
    ];
    assert_eq!(
        result(&wrong),
        (json!("needs_documentation"), json!(expected))
    );
    let missing = wrong["missing_documentation"].as_array().unwrap();
    for one in expected {
        assert!(missing.contains(&json!(one)), "{missing:?}");
    }
}

#[actix_web::test]
async fn conservative_care_is_read_from_the_plan_and_the_diary() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let care = async |clinic: &Clinic| {
        let ada = clinic.provider().await;
        let visit_id = walk_in(&ada, ANA).await;
        let path = planned(&ada, &visit_id, "trigger_point_injection").await;
        let coding = |payer: &str| format!("{path}/coding?payer={payer}");
        let mut results = Vec::new();
        for payer in ["four_a_year", "lcd_2024"] {
            let coding = ada.get(&coding(payer)).await.ok();
            let mut checks = coding["payer_checks"].as_array().unwrap().iter();
            let check = checks.find(|one| one["code"] == "conservative_care");
            results.push(check.unwrap()["result"].clone());
        }
        results
    };
    let open = json!("needs_documentation");
    assert_eq!(care(&clinic).await, [open.clone(), open.clone()]);
    let plan = json!({
        "status": "active", "title": "Exercise", "goals": [],
        "activities": [{ "therapy_code": "stretching", "frequency": "twice a day",
            "done_by": "patient", "status": "in_progress", "adherence": "every day" }],
    });
    ada.post(&format!("/patients/{ANA}/treatment-plans"), plan)
        .await
        .created();
    assert_eq!(care(&clinic).await, [json!("fail"), json!("pass")]);
    clinic.advance(chrono::TimeDelta::days(42));
    assert_eq!(care(&clinic).await, [json!("pass"), json!("pass")]);
}
