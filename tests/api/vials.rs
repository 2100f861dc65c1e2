//! Which vial a syringe is drawn from, how long it lasts, and what a lot is counted in.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::stock::received;

/// Draws up one millilitre without naming a vial.
async fn drawn_unnamed(ada: &Client, path: &str, lot_id: &str) -> Reply {
    let recipe = recipe("1", "1", lot_id);
    ada.post(&format!("{path}/solutions"), recipe).await
}

#[actix_web::test]
async fn leaving_the_vial_out_skips_no_rule() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let vials = format!("/lots/{LIDOCAINE}/vials");
    let old = json!({ "opened_at": "2026-01-01T14:00:00Z" });
    let old = id(&ada.post(&vials, old).await.created());
    let path = under_way(&ada, ANA).await;
    let refused = drawn_unnamed(&ada, &path, LIDOCAINE).await;
    let refused = assert_problem!(refused, 409, "/problems/lot-unusable");
    assert_eq!(refused.body["unusable"][0]["reason"], "vial_beyond_use");
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("vial_id"), "{detail}");
    // Another vial that is open is taken, and so is the one that is opened when none is left.
    let fresh = id(&ada.post(&vials, json!({})).await.created());
    let drawn = drawn_unnamed(&ada, &path, LIDOCAINE).await.created();
    assert_eq!(drawn["components"][0]["vial_id"], fresh.as_str());
    for vial in [&old, &fresh] {
        ada.act_now(&format!("/vials/{vial}/discard"), Value::Null)
            .await
            .ok();
    }
    let opened = drawn_unnamed(&ada, &path, LIDOCAINE).await.created();
    let opened = opened["components"][0]["vial_id"].clone();
    let next = under_way(&ada, CLEO).await;
    let shared = drawn_unnamed(&ada, &next, LIDOCAINE).await.created();
    assert_eq!(shared["components"][0]["vial_id"], opened, "many doses");
    clinic.advance(TimeDelta::days(29));
    let ada = clinic.provider().await;
    let later = under_way(&ada, ANA).await;
    let refused = drawn_unnamed(&ada, &later, LIDOCAINE).await;
    assert_problem!(refused, 409, "/problems/lot-unusable");
}

#[actix_web::test]
async fn a_single_dose_vial_and_a_dissolved_toxin_last_for_hours() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let lot_id = received(&assistant, "single_dose", "20").await;
    let toxin = received_powder(&assistant, "2").await;
    let open = async |lot_id: &str, opened_at: &str| {
        let body = json!({ "opened_at": opened_at });
        ada.post(&format!("/lots/{lot_id}/vials"), body)
            .await
            .created()
    };
    let now = "2026-03-02T14:00:00Z";
    let fresh = open(&lot_id, now).await;
    assert_eq!(fresh["beyond_use_at"], "2026-03-02T18:00:00Z");
    let dissolved = open(&toxin, now).await;
    assert_eq!(dissolved["beyond_use_at"], "2026-03-03T14:00:00Z");
    let weeks_old = open(&lot_id, "2026-02-10T14:00:00Z").await;
    let path = under_way(&ada, ANA).await;
    let mut named = recipe("1", "1", &lot_id);
    named["components"][0]["vial_id"] = weeks_old["id"].clone();
    let refused = ada.post(&format!("{path}/solutions"), named).await;
    let refused = assert_problem!(refused, 409, "/problems/lot-unusable");
    assert_eq!(refused.body["unusable"][0]["reason"], "vial_beyond_use");
    let drawn = drawn_unnamed(&ada, &path, &lot_id).await.created();
    assert_eq!(drawn["components"][0]["vial_id"], fresh["id"]);
}

async fn received_powder(by: &Client, vials: &str) -> String {
    let lot = json!({
        "drug_code": "onabotulinumtoxin_a", "lot_number": format!("POWDER-{vials}"),
        "expires_on": "2027-01", "vial_type": "single_dose", "vials": vials.parse::<u32>().unwrap(),
        "units_per_vial": "100", "location_id": MAIN_STREET,
    });
    id(&by.post("/lots", lot).await.created())
}

fn toxin(units_per_ml: &str, volume_ml: &str, lot_id: &str) -> Value {
    json!({ "label": "Toxin", "components": [{
        "drug_code": "onabotulinumtoxin_a", "concentration": units_per_ml,
        "concentration_unit": "units_per_ml", "volume_ml": volume_ml, "lot_id": lot_id,
    }] })
}

async fn toxin_under_way(by: &Client, patient_id: &str) -> String {
    let visit_id = walk_in(by, patient_id).await;
    let path = planned(by, &visit_id, "botulinum_toxin").await;
    prepare(by, &path).await;
    start(by, &path).await;
    path
}

#[actix_web::test]
async fn a_powder_is_counted_in_vials_and_units() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let lot_id = received_powder(&assistant, "3").await;
    let of = async || ada.get(&format!("/lots/{lot_id}")).await.ok();
    let lot = of().await;
    assert_eq!(
        (
            &lot["quantity_units"],
            &lot["quantity_vials"],
            &lot["quantity_ml"]
        ),
        (&json!("300"), &json!("3"), &Value::Null)
    );
    let path = toxin_under_way(&ada, ANA).await;
    let solutions = format!("{path}/solutions");
    // Two millilitres for a vial of 100 units, then one: as many units go, whatever the volume is.
    let first = ada
        .post(&solutions, toxin("50", "3.1", &lot_id))
        .await
        .created();
    let second = ada
        .post(&solutions, toxin("100", "1", &lot_id))
        .await
        .created();
    let lot = of().await;
    assert_eq!(
        (&lot["quantity_units"], &lot["quantity_vials"]),
        (&json!("45"), &json!("0.45"))
    );
    let too_much = ada.post(&solutions, toxin("50", "0.901", &lot_id)).await;
    let too_much = assert_problem!(too_much, 409, "/problems/lot-unusable");
    assert_eq!(too_much.body["unusable"][0]["reason"], "too_little");
    for (written, detail) in [
        (
            toxin("500", "0.01", &lot_id),
            "is dissolved in 0.5 to 10 mL",
        ),
        (toxin("5", "1", &lot_id), "is dissolved in 0.5 to 10 mL"),
    ] {
        let wrong = ada.post(&solutions, written).await;
        assert_eq!(wrong.pointers(), ["/components/0/concentration"]);
        assert!(wrong.body.to_string().contains(detail), "{}", wrong.body);
    }
    let void = format!("{solutions}/{}/void", id(&second));
    let reason = json!({ "reason": "Drawn for somebody else" });
    ada.post(&void, reason).await.ok();
    waste(&ada, &assistant, (&path, &id(&first)), "1.1").await;
    let adjust = format!("/lots/{lot_id}/adjust");
    let broken = json!({ "change_units": "-45", "note": "A vial was broken" });
    assistant.act_now(&adjust, broken).await.ok();
    let fluid = json!({ "change_ml": "-1", "note": "A vial was broken" });
    let fluid = assistant.act_now(&adjust, fluid).await;
    assert_eq!(fluid.pointers(), ["/change_ml"]);
    let books = assistant
        .get("/lots/reconciliation?drug_code=onabotulinumtoxin_a")
        .await
        .ok();
    let books = &books["items"][0];
    for (field, units) in [
        ("received_units", json!("300")),
        ("used_units", json!("100")),
        ("wasted_units", json!("55")),
        ("adjusted_units", json!("-45")),
        ("remaining_units", json!("100")),
        ("difference_units", json!("0")),
        ("received_ml", Value::Null),
        ("counted_in", json!("units")),
        ("is_balanced", json!(true)),
    ] {
        assert_eq!(books[field], units, "{field}");
    }
    // The vials hold 200 units each: the count of the vials was right.
    let right = json!({ "field": "units_per_vial", "value": "200", "reason": "Read again" });
    let correct = format!("/lots/{lot_id}/correct");
    let lot = assistant.act_now(&correct, right).await.ok();
    assert_eq!(
        (
            &lot["received_units"],
            &lot["received_vials"],
            &lot["quantity_units"]
        ),
        (&json!("600"), &json!("3"), &json!("400"))
    );
    let nothing = json!({ "field": "units_per_vial", "value": null, "reason": "Unknown" });
    let nothing = assistant.act_now(&correct, nothing).await;
    assert_eq!(nothing.pointers(), ["/value"]);
    let books = assistant
        .get("/lots/reconciliation?drug_code=onabotulinumtoxin_a")
        .await
        .ok();
    assert_eq!(books["items"][0]["is_balanced"], true);
}

#[actix_web::test]
async fn a_delivery_says_how_much_came_once_and_in_what_the_drug_is_counted() {
    let clinic = Clinic::open().await;
    let assistant = clinic.assistant().await;
    let lot = |drug: &str, more: Value| {
        let mut lot = json!({
            "drug_code": drug, "lot_number": "N-1", "expires_on": "2027-01",
            "vial_type": "single_dose", "location_id": MAIN_STREET,
        });
        for (name, value) in more.as_object().unwrap() {
            lot[name] = value.clone();
        }
        lot
    };
    let toxin = "onabotulinumtoxin_a";
    for (drug, more, pointer) in [
        (toxin, json!({}), "/quantity_ml"),
        (toxin, json!({ "vials": 2 }), "/units_per_vial"),
        (
            toxin,
            json!({ "vials": 0, "units_per_vial": "100" }),
            "/vials",
        ),
        (
            toxin,
            json!({ "vials": 2, "units_per_vial": "0" }),
            "/units_per_vial",
        ),
        (
            toxin,
            json!({ "vials": 2, "units_per_vial": "100", "quantity_ml": "4" }),
            "/vials",
        ),
        (
            "lidocaine",
            json!({ "vials": 2, "units_per_vial": "100" }),
            "/vials",
        ),
    ] {
        let refused = assistant.post("/lots", lot(drug, more.clone())).await;
        assert_eq!(refused.status, 422, "{more}");
        assert!(
            refused.pointers().contains(&pointer.to_owned()),
            "{more} {}",
            refused.body
        );
    }
    let fluid = lot("lidocaine", json!({ "quantity_ml": "10" }));
    let fluid = assistant.post("/lots", fluid).await.created();
    assert_eq!(
        (&fluid["quantity_ml"], &fluid["quantity_units"]),
        (&json!("10"), &Value::Null)
    );
}

#[actix_web::test]
async fn one_lot_has_one_strength_whether_somebody_recorded_it_or_not() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let lot_id = received(&assistant, "multi_dose", "20").await;
    let path = under_way(&ada, ANA).await;
    let solutions = format!("{path}/solutions");
    ada.post(&solutions, recipe("1", "1", &lot_id))
        .await
        .created();
    let other = ada
        .post(&solutions, recipe("2", "1", &lot_id))
        .await
        .created();
    assert_eq!(other["components"][0]["differs_from_last_draw"], true);
    let asked = ada.get(&format!("{path}/safety")).await.ok();
    let asked = check(&asked, "lot_strength_unrecorded");
    assert_eq!(
        (&asked["status"], &asked["needs_acknowledgement"]),
        (&json!("warn"), &json!(true))
    );
    let void = format!("{solutions}/{}/void", id(&other));
    ada.post(&void, json!({ "reason": "It was 1 %" }))
        .await
        .ok();
    let quiet = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&quiet, "lot_strength_unrecorded"), &Value::Null);
    let same = json!({ "label": "Same", "components": [{
        "drug_code": "lidocaine", "concentration": "10", "concentration_unit": "mg_per_ml",
        "volume_ml": "1", "lot_id": lot_id,
    }] });
    let same = ada.post(&solutions, same).await.created();
    assert_eq!(same["components"][0]["differs_from_last_draw"], false);
    // What was entered in error says nothing, and what is printed says it all.
    let right = json!({ "field": "strength", "value": "2 percent", "reason": "Read again" });
    assistant
        .act_now(&format!("/lots/{lot_id}/correct"), right)
        .await
        .ok();
    ada.post(&solutions, recipe("2", "1", &lot_id))
        .await
        .created();
    let wrong = ada.post(&solutions, recipe("1", "1", &lot_id)).await;
    assert_eq!(wrong.pointers(), ["/components/0/concentration"]);
    let unmarked = received(&assistant, "multi_dose", "19").await;
    let mistaken = ada
        .post(&solutions, recipe("2", "1", &unmarked))
        .await
        .created();
    let void = format!("{solutions}/{}/void", id(&mistaken));
    ada.post(&void, json!({ "reason": "It was 1 %" }))
        .await
        .ok();
    let first = ada.post(&solutions, recipe("1", "1", &unmarked)).await;
    let first = first.created();
    assert_eq!(first["components"][0]["differs_from_last_draw"], false);
}

#[actix_web::test]
async fn of_64_parallel_draws_from_a_lot_for_ten_exactly_ten_succeed() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let lot_id = received(&assistant, "multi_dose", "10").await;
    let mut paths = Vec::new();
    for _ in 0..8 {
        paths.push(under_way(&ada, ANA).await);
    }
    let draws = (0..64).map(|number: usize| {
        let solutions = format!("{}/solutions", paths[number % 8]);
        let (ada, recipe) = (ada.clone(), recipe("1", "1", &lot_id));
        async move {
            loop {
                let reply = ada.post(&solutions, recipe.clone()).await;
                // Who waited too long for the others asks again.
                if reply.status != 503 {
                    break reply;
                }
            }
        }
    });
    let replies = futures_util::future::join_all(draws).await;
    let won = replies.iter().filter(|reply| reply.status == 201).count();
    let lost = replies.iter().filter(|reply| reply.status == 409).count();
    assert_eq!((won, lost), (10, 54));
    let lot = ada.get(&format!("/lots/{lot_id}")).await.ok();
    assert_eq!(
        (&lot["quantity_ml"], &lot["status"]),
        (&json!("0"), &json!("empty"))
    );
    // They all drew from the one vial that the first of them opened.
    let vials = ada.get(&format!("/lots/{lot_id}/vials")).await.ok();
    assert_eq!(vials["items"].as_array().unwrap().len(), 1);
}
