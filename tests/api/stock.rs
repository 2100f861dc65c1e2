//! Every millilitre: used, or wasted before a witness, from a vial that may be used.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

pub(crate) async fn received(by: &Client, vial_type: &str, quantity_ml: &str) -> String {
    let lot = json!({
        "drug_code": "lidocaine", "lot_number": format!("{vial_type}-{quantity_ml}"),
        "expires_on": "2027-01-31", "vial_type": vial_type, "quantity_ml": quantity_ml,
        "location_id": MAIN_STREET,
    });
    id(&by.post("/lots", lot).await.created())
}

#[actix_web::test]
async fn what_was_drawn_is_injected_or_wasted_before_a_procedure_is_completed() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("1", "3"), LIDOCAINE).await;
    inject(&ada, &path, site(&solution_id, "2")).await;
    let refused = complete(&ada, &path).await;
    let refused = assert_problem!(refused, 409, "/problems/volumes-unbalanced");
    assert_eq!(
        refused.body["solutions"],
        json!([{
            "solution_id": solution_id, "drawn_ml": "3", "injected_ml": "2", "wasted_ml": "0",
        }])
    );
    let lot = ada.get(&format!("/lots/{LIDOCAINE}")).await.ok();
    assert_eq!(
        lot["quantity_ml"], "47",
        "it left the lot when it was drawn up"
    );
    let half = waste(&ada, &assistant, (&path, &solution_id), "0.949").await;
    assert_eq!(half["solutions"][0]["left_ml"], "0.051");
    let refused = complete(&ada, &path).await;
    assert_problem!(refused, 409, "/problems/volumes-unbalanced");
    waste(&ada, &assistant, (&path, &solution_id), "0.001").await;
    let done = complete(&ada, &path).await.ok();
    assert_eq!(done["solutions"][0]["wasted_ml"], "0.95");
    assert_eq!(
        done["solutions"][0]["wastes"][0]["witnessed_by"],
        assistant.user["id"]
    );
    let lot = ada.get(&format!("/lots/{LIDOCAINE}")).await.ok();
    assert_eq!(
        lot["quantity_ml"], "47",
        "all that was drawn left the stock"
    );
}

#[actix_web::test]
async fn nobody_is_their_own_witness_and_nothing_is_wasted_twice() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
    let at = format!("{path}/solutions/{solution_id}/waste");
    let patient = clinic.patient().await;
    let stranger = clinic.stranger("provider").await;
    let desk = clinic.front_desk().await;
    for witness in [&ada, &patient, &stranger, &desk] {
        let body = json!({ "volume_ml": "1", "witnessed_by": witness.user["id"] });
        let refused = ada.post(&at, body).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec!["/witnessed_by".to_owned()])
        );
    }
    for volume in ["0", "-1", "0.0001", "101"] {
        let body = json!({ "volume_ml": volume, "witnessed_by": assistant.user["id"] });
        let refused = ada.post(&at, body).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec!["/volume_ml".to_owned()]),
            "{volume}"
        );
    }
    inject(&ada, &path, site(&solution_id, "0.4")).await;
    let body = json!({ "volume_ml": "0.601", "witnessed_by": assistant.user["id"] });
    let exhausted = assert_problem!(
        ada.post(&at, body).await,
        409,
        "/problems/solution-exhausted"
    );
    assert_eq!(exhausted.body["left_ml"], "0.6");
    waste(&ada, &assistant, (&path, &solution_id), "0.6").await;
    let injected = ada
        .post(&format!("{path}/injections"), site(&solution_id, "0.001"))
        .await;
    assert_problem!(injected, 409, "/problems/solution-exhausted");
    let nowhere = format!("{path}/solutions/{ZED}/waste");
    let body = json!({ "volume_ml": "1", "witnessed_by": assistant.user["id"] });
    assert_eq!(ada.post(&nowhere, body).await.status, 404);
    complete(&ada, &path).await.ok();
    let body = json!({ "volume_ml": "0.1", "witnessed_by": assistant.user["id"] });
    assert_problem!(ada.post(&at, body).await, 409, "/problems/wrong-status");
}

#[actix_web::test]
async fn the_database_refuses_a_witness_to_their_own_waste() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
    let refused = "DO $$ BEGIN
        INSERT INTO solution_wastes (practice_id, id, solution_id, procedure_id, visit_id, patient_id,
            volume_ml, witnessed_by, recorded_by, recorded_at)
        SELECT practice_id, gen_random_uuid(), id, procedure_id, visit_id, patient_id, 1,
            prepared_by, prepared_by, now() FROM solutions;
        RAISE 'it was taken';
        EXCEPTION WHEN check_violation THEN NULL;
    END $$";
    clinic.sql(refused).await;
}

#[actix_web::test]
async fn the_books_add_up_to_the_thousandth() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let lot_id = received(&assistant, "multi_dose", "20").await;
    for (volume, injected, wasted) in [
        ("3", "2", Some("1")),
        ("1", "1", None),
        ("0.7", "0.333", Some("0.367")),
    ] {
        let path = under_way(&ada, ANA).await;
        let solution_id = drawn(&ada, &path, ("1", volume), &lot_id).await;
        inject(&ada, &path, site(&solution_id, injected)).await;
        if let Some(wasted) = wasted {
            waste(&ada, &assistant, (&path, &solution_id), wasted).await;
        }
        complete(&ada, &path).await.ok();
    }
    // Two lots in one syringe, of which a third was wasted: neither share is a finite decimal.
    let path = under_way(&ada, ANA).await;
    let component = |drug: &str, volume: &str, lot: &str| {
        json!({
            "drug_code": drug, "concentration": "0.25", "concentration_unit": "percent",
            "volume_ml": volume, "lot_id": lot,
        })
    };
    let mixture = json!({ "label": "Mixture", "components": [
        component("lidocaine", "1", &lot_id), component("bupivacaine", "0.5", BUPIVACAINE),
    ] });
    let mixed = ada.post(&format!("{path}/solutions"), mixture).await;
    let solution_id = id(&mixed.created());
    inject(&ada, &path, site(&solution_id, "1")).await;
    waste(&ada, &assistant, (&path, &solution_id), "0.5").await;
    complete(&ada, &path).await.ok();
    let broken = json!({ "change_ml": "-2.5", "note": "A vial was broken" });
    let adjust = format!("/lots/{lot_id}/adjust");
    assistant.act_now(&adjust, broken).await.ok();
    let books = assistant.get("/lots/reconciliation").await.ok();
    let books = books["items"].as_array().unwrap();
    for lot in books {
        assert_eq!(
            (&lot["is_balanced"], &lot["difference_ml"]),
            (&json!(true), &json!("0")),
            "{lot}"
        );
    }
    let of = |lot_id: &str| books.iter().find(|lot| lot["lot_id"] == *lot_id).unwrap();
    let lot = of(&lot_id);
    for (field, millilitres) in [
        ("received_ml", "20"),
        ("used_ml", "4"),
        ("wasted_ml", "1.7"),
        ("adjusted_ml", "-2.5"),
        ("remaining_ml", "11.8"),
    ] {
        assert_eq!(lot[field], millilitres, "{field}");
    }
    let other = of(BUPIVACAINE);
    assert_eq!(
        (
            &other["used_ml"],
            &other["wasted_ml"],
            &other["remaining_ml"]
        ),
        (&json!("0.333"), &json!("0.167"), &json!("29.5"))
    );
    let first = assistant.get("/lots/reconciliation?limit=1").await.ok();
    assert!(first["next_cursor"].is_string());
    let wrong = format!("UPDATE lots SET remaining_ml = 11.799 WHERE id = '{lot_id}'");
    clinic.sql(&wrong).await;
    let auditor = clinic.auditor().await;
    let books = auditor
        .get("/lots/reconciliation?drug_code=lidocaine")
        .await
        .ok();
    let lot = books["items"].as_array().unwrap().iter();
    let lot = lot
        .into_iter()
        .find(|lot| lot["lot_id"] == *lot_id)
        .unwrap();
    assert_eq!(
        (&lot["is_balanced"], &lot["difference_ml"]),
        (&json!(false), &json!("0.001"))
    );
    let desk = clinic.front_desk().await.get("/lots/reconciliation").await;
    assert_problem!(desk, 403, "/problems/not-allowed");
}

#[actix_web::test]
async fn a_single_dose_vial_serves_one_patient_and_one_procedure() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let lot_id = received(&clinic.assistant().await, "single_dose", "20").await;
    let vial = ada
        .post(&format!("/lots/{lot_id}/vials"), json!({}))
        .await
        .created();
    assert_eq!(vial["is_bound"], false);
    let from_vial = |vial: &Value| {
        let mut recipe = recipe("1", "1", &lot_id);
        recipe["components"][0]["vial_id"] = vial.clone();
        recipe
    };
    let mine = under_way(&ada, ANA).await;
    let solutions = format!("{mine}/solutions");
    ada.post(&solutions, from_vial(&vial["id"])).await.created();
    ada.post(&solutions, from_vial(&vial["id"])).await.created();
    let theirs = under_way(&ada, CLEO).await;
    let shared = ada
        .post(&format!("{theirs}/solutions"), from_vial(&vial["id"]))
        .await;
    let shared = assert_problem!(shared, 409, "/problems/lot-unusable");
    assert_eq!(
        shared.body["unusable"][0]["reason"],
        "vial_of_another_patient"
    );
    let later = under_way(&ada, ANA).await;
    let again = ada
        .post(&format!("{later}/solutions"), from_vial(&vial["id"]))
        .await;
    assert_eq!(
        again.body["unusable"][0]["reason"],
        "vial_of_another_procedure"
    );
    // Without a name a vial is opened for this procedure alone.
    let unnamed = ada
        .post(&format!("{theirs}/solutions"), recipe("1", "1", &lot_id))
        .await;
    let opened = unnamed.created()["components"][0]["vial_id"].clone();
    assert!(opened.is_string());
    let taken = ada.post(&solutions, from_vial(&opened)).await;
    assert_eq!(
        taken.body["unusable"][0]["reason"],
        "vial_of_another_patient"
    );
    let vials = ada.get(&format!("/lots/{lot_id}/vials")).await.ok();
    assert_eq!(vials["items"].as_array().unwrap().len(), 2);
    let mut foreign = recipe("1", "1", LIDOCAINE);
    foreign["components"][0]["vial_id"] = vial["id"].clone();
    let foreign = ada.post(&solutions, foreign).await;
    assert_eq!(foreign.pointers(), ["/components/0/vial_id"]);
}

#[actix_web::test]
async fn an_opened_vial_is_drawn_from_for_28_days_by_many_and_then_by_nobody() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let open = |opened_at: &str| {
        let body = json!({ "opened_at": opened_at });
        let path = format!("/lots/{LIDOCAINE}/vials");
        let ada = ada.clone();
        async move { ada.post(&path, body).await }
    };
    let last_day = open("2026-02-02T14:00:00Z").await.created();
    assert_eq!(last_day["beyond_use_at"], "2026-03-02T14:00:00Z");
    let too_old = open("2026-02-02T13:59:59Z").await.created();
    let later = open("2026-03-02T14:00:01Z").await;
    assert_eq!(
        (later.status, later.pointers()),
        (422, vec!["/opened_at".to_owned()])
    );
    let from_vial = |vial: &Value| {
        let mut recipe = recipe("1", "1", LIDOCAINE);
        recipe["components"][0]["vial_id"] = vial["id"].clone();
        recipe
    };
    for patient in [ANA, CLEO] {
        let path = under_way(&ada, patient).await;
        let solutions = format!("{path}/solutions");
        let solution_id = id(&ada.post(&solutions, from_vial(&last_day)).await.created());
        let old = ada.post(&solutions, from_vial(&too_old)).await;
        let old = assert_problem!(old, 409, "/problems/lot-unusable");
        assert_eq!(old.body["unusable"][0]["reason"], "vial_beyond_use");
        inject(&ada, &path, site(&solution_id, "1")).await;
    }
    let discard = format!("/vials/{}/discard", id(&last_day));
    assert!(ada.act_now(&discard, Value::Null).await.ok()["discarded_at"].is_string());
    let twice = ada.act_now(&discard, Value::Null).await;
    assert_problem!(twice, 409, "/problems/wrong-status");
    let path = under_way(&ada, ANA).await;
    let gone = ada
        .post(&format!("{path}/solutions"), from_vial(&last_day))
        .await;
    assert_eq!(gone.body["unusable"][0]["reason"], "vial_discarded");
    let expired = ada.post(&format!("/lots/{EXPIRED}/vials"), json!({})).await;
    assert_problem!(expired, 409, "/problems/wrong-status");
}

#[actix_web::test]
async fn a_solution_is_injected_before_its_beyond_use_time_and_not_after() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let path = under_way(&ada, ANA).await;
    let mut old = recipe("1", "1", LIDOCAINE);
    old["beyond_use_at"] = json!("2026-03-02T14:00:00Z");
    let refused = ada.post(&format!("{path}/solutions"), old.clone()).await;
    assert_eq!(refused.pointers(), ["/beyond_use_at"]);
    old["beyond_use_at"] = json!("2026-03-02T14:05:00Z");
    let solution_id = id(&ada.post(&format!("{path}/solutions"), old).await.created());
    inject(&ada, &path, site(&solution_id, "0.4")).await;
    clinic.advance(TimeDelta::minutes(5));
    let late = ada
        .post(&format!("{path}/injections"), site(&solution_id, "0.1"))
        .await;
    assert_problem!(late, 409, "/problems/solution-beyond-use");
    waste(&ada, &assistant, (&path, &solution_id), "0.6").await;
    complete(&ada, &path).await.ok();
}
