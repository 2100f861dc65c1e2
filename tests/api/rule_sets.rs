//! Rules of a practice's own: checked, in force at once, and never changed behind a result.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

const DOSE: &str = "local_anaesthetic_dose";
/// The rules that come with the program, and those that did before.
const SHIPPED: &str = "2026-12";
const SHIPPED_BEFORE: &str = "2026-11";

/// The shipped rules with one figure changed, as a practice would publish them.
async fn own_rules(by: &Client, version: &str, pointer: &str, value: Value) -> Value {
    let shipped = by.get(&format!("/rule-sets/{SHIPPED}")).await.ok();
    let mut rules = shipped["rules"].clone();
    *rules.pointer_mut(pointer).unwrap() = value;
    json!({
        "version": version, "source": "Riverside's own review of the literature",
        "review_state": "awaiting_clinician_review",
        "rules": rules,
    })
}

/// Publishes rules as an admin: they are in force at once.
async fn publish(clinic: &Clinic, rules: Value) -> Value {
    let admin = clinic.admin().await;
    admin.post("/rule-sets", rules).await.created()
}

/// Lidocaine is the first of the limits.
const LIDOCAINE_PER_KG: &str = "/local_anaesthetic/limits/0/plain/milligrams_per_kg";

#[actix_web::test]
async fn a_practice_publishes_figures_of_its_own_and_old_results_keep_theirs() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let (_, before, _) = completed(&ada, ANA).await;
    let body = own_rules(&ada, "riverside-1", LIDOCAINE_PER_KG, json!("3")).await;
    let published = publish(&clinic, body).await;
    assert_eq!(published["origin"], "practice");
    assert_eq!(published["confirmed_by"], published["published_by"]);
    let path = under_way(&ada, CLEO).await;
    let solution_id = drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
    inject(&ada, &path, site(&solution_id, "1")).await;
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(safety["rule_version"], "riverside-1");
    // 10 mg of 3 mg/kg for 61.5 kg.
    assert_eq!(check(&safety, DOSE)["fraction"], "0.0542");
    assert_eq!(check(&safety, DOSE)["rule_version"], "riverside-1");
    complete(&ada, &path).await.ok();
    let after = ada.get(&path).await.ok();
    assert_eq!(after["safety"]["rule_version"], "riverside-1");
    let old = ada.get(&before).await.ok();
    assert_eq!(old["safety"]["rule_version"], SHIPPED);
    let drug = ada.get("/drugs/lidocaine").await.ok();
    assert_eq!(
        (
            &drug["limits"][0]["mg_per_kg"],
            &drug["limits"][0]["rule_version"]
        ),
        (&json!("3"), &json!("riverside-1"))
    );
    // Another practice still has the shipped rules.
    let stranger = clinic.stranger("provider").await;
    let drug = stranger.get("/drugs/lidocaine").await.ok();
    assert_eq!(drug["limits"][0]["mg_per_kg"], "4.5");
    assert_eq!(stranger.get("/rule-sets/riverside-1").await.status, 404);
}

#[actix_web::test]
async fn the_last_published_is_in_force_and_a_version_is_never_changed() {
    let clinic = Clinic::open().await;
    let (ada, admin) = (clinic.provider().await, clinic.admin().await);
    let first = own_rules(&ada, "one", LIDOCAINE_PER_KG, json!("3")).await;
    let second = own_rules(&ada, "two", LIDOCAINE_PER_KG, json!("4")).await;
    admin.post("/rule-sets", first.clone()).await.created();
    clinic.advance(chrono::TimeDelta::seconds(1));
    admin.post("/rule-sets", second).await.created();
    let again = ada.post("/rule-sets", first).await;
    assert_problem!(again, 409, "/problems/version-exists");
    for shipped in [SHIPPED, SHIPPED_BEFORE] {
        let shipped = own_rules(&ada, shipped, LIDOCAINE_PER_KG, json!("4")).await;
        let shipped = ada.post("/rule-sets", shipped).await;
        assert_problem!(shipped, 409, "/problems/version-exists");
    }
    let mut seen = Vec::new();
    let mut next = "/rule-sets?limit=1".to_owned();
    loop {
        let page = ada.get(&next).await.ok();
        seen.push(page["items"][0]["version"].clone());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        next = format!("/rule-sets?limit=1&cursor={cursor}");
    }
    assert_eq!(seen, ["two", "one", SHIPPED]);
    let drug = ada.get("/drugs/lidocaine").await.ok();
    assert_eq!(drug["limits"][0]["mg_per_kg"], "4");
    let one = ada.get("/rule-sets/one").await.ok();
    assert_eq!(one["rules"].pointer(LIDOCAINE_PER_KG).unwrap(), "3");
}

#[actix_web::test]
async fn rules_of_before_are_still_read_and_judged_by() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let before = ada.get(&format!("/rule-sets/{SHIPPED_BEFORE}")).await.ok();
    assert_eq!(
        (&before["version"], &before["origin"]),
        (&json!(SHIPPED_BEFORE), &json!("shipped"))
    );
    assert_eq!(before["rules"].get("medication_groups"), None);
    // What a practice published before medicines were told by name.
    let body = own_rules(&ada, "old", LIDOCAINE_PER_KG, json!("3")).await;
    clinic.advance(chrono::TimeDelta::seconds(1));
    publish(&clinic, body).await;
    clinic
        .sql(
            "UPDATE rule_sets SET content = content - 'medication_groups' \
             #- '{local_anaesthetic,minimum_vasoconstrictor_mcg_per_ml}'",
        )
        .await;
    let warfarin = json!({ "name": "Warfarin" });
    ada.post(&format!("/patients/{ANA}/medications"), warfarin)
        .await
        .created();
    let path = under_way(&ada, ANA).await;
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    let warned = check(&safety, "anticoagulant");
    assert_eq!(
        (&warned["status"], &warned["rule_version"]),
        (&json!("warn"), &json!("old"))
    );
}

/// The past is read together with the rules, as far back as those looked that were in force before.
#[actix_web::test]
async fn rules_that_look_back_further_see_further_from_the_first_check_on() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    completed(&ada, ANA).await;
    clinic
        .sql("UPDATE injections SET injected_at = injected_at - interval '380 days'")
        .await;
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
    inject(&ada, &path, site(&solution_id, "1")).await;
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, DOSE)["fraction"], "0.0333");
    let window = "/local_anaesthetic/window_hours/value";
    let body = own_rules(&ada, "far-sighted", window, json!("9600")).await;
    clinic.advance(chrono::TimeDelta::seconds(1));
    publish(&clinic, body).await;
    for _ in 0..2 {
        let safety = ada.get(&format!("{path}/safety")).await.ok();
        assert_eq!(check(&safety, DOSE)["fraction"], "0.0667");
    }
}

#[actix_web::test]
async fn rules_that_protect_nobody_are_refused_and_say_why() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    for (pointer, value) in [
        (LIDOCAINE_PER_KG, json!("0")),
        (LIDOCAINE_PER_KG, json!(4.5)),
        ("/local_anaesthetic/block_fraction/value", json!("1.000001")),
        ("/local_anaesthetic/warn_fraction/value", json!("1.1")),
        ("/local_anaesthetic/reduction/factor/value", json!("1.01")),
        ("/local_anaesthetic/window_hours/value", json!("0.5")),
        ("/local_anaesthetic/window_hours/source", json!(" ")),
        ("/local_anaesthetic/limits", json!([])),
        ("/corticosteroid/equivalents", json!([])),
        ("/contraindications", json!([])),
        ("/allergy_groups", json!([])),
        ("/site/acknowledged_flags", json!([])),
        ("/vitamin_b12/session_warn_micrograms/value", json!("-1")),
        (
            "/contraindications/0/trigger",
            json!({ "answers": ["likes_needles"] }),
        ),
        ("/weight", json!({ "colour": "blue" })),
    ] {
        let body = own_rules(&ada, "bad", pointer, value.clone()).await;
        let refused = ada.post("/rule-sets", body).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec!["/rules".to_owned()]),
            "{pointer} {value}: {}",
            refused.body
        );
    }
    let good = own_rules(&ada, "good", LIDOCAINE_PER_KG, json!("4")).await;
    for (field, value, pointers) in [
        ("reviewed_by", json!("Dr Nobody"), vec!["/reviewed_by"]),
        ("version", json!("with space"), vec!["/version"]),
        ("source", json!(""), vec!["/source"]),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let refused = ada.post("/rule-sets", body).await;
        assert_eq!(refused.pointers(), pointers, "{field}: {}", refused.body);
    }
    let kept = "SELECT count(*)::text FROM rule_sets";
    assert_eq!(clinic.ask(kept).await, "0");
    for outsider in [clinic.assistant().await, clinic.front_desk().await] {
        let refused = outsider.post("/rule-sets", good.clone()).await;
        assert_problem!(refused, 403, "/problems/not-allowed");
    }
}

#[actix_web::test]
async fn the_needle_is_held_to_the_practice_and_so_is_the_tolerance() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let strict = own_rules(
        &ada,
        "strict",
        "/site/needle_gauge_minimum/value",
        json!("26"),
    )
    .await;
    clinic.advance(chrono::TimeDelta::seconds(1));
    publish(&clinic, strict).await;
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("1", "1.02"), LIDOCAINE).await;
    let thick = ada
        .post(&format!("{path}/injections"), site(&solution_id, "1"))
        .await;
    assert_eq!(thick.pointers(), ["/needle_gauge"]);
    let mut thin = site(&solution_id, "1");
    thin["needle_gauge"] = json!(27);
    inject(&ada, &path, thin).await;
    let tight = own_rules(
        &ada,
        "tight",
        "/solution/drawn_tolerance_ml/value",
        json!("0.01"),
    )
    .await;
    clinic.advance(chrono::TimeDelta::seconds(1));
    publish(&clinic, tight).await;
    let refused = complete(&ada, &path).await;
    assert_problem!(refused, 409, "/problems/volumes-unbalanced");
}

#[actix_web::test]
async fn what_a_provider_proposes_is_in_force_when_somebody_else_confirms_it() {
    let clinic = Clinic::open().await;
    let (ada, bo) = (clinic.provider().await, clinic.other_provider().await);
    let mut body = own_rules(&ada, "one", LIDOCAINE_PER_KG, json!("450")).await;
    body["review_state"] = json!("reviewed");
    let proposed = ada.post("/rule-sets", body).await.created();
    assert_eq!(proposed["confirmed_by"], Value::Null);
    assert_eq!(proposed["reviewed_by"], ada.user["id"]);
    assert_eq!(proposed["reviewed_on"], "2026-03-02");
    let limit = async || ada.get("/drugs/lidocaine").await.ok()["limits"][0]["mg_per_kg"].clone();
    assert_eq!(limit().await, "4.5", "a proposal judges nobody");
    let seen = bo.get("/rule-sets/one/differences").await.ok();
    assert_eq!(seen["in_force"], SHIPPED);
    let found: Vec<&Value> = seen["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["pointer"] != "/version")
        .collect();
    assert_eq!(
        found,
        [&json!({ "pointer": LIDOCAINE_PER_KG, "in_force": "4.5", "in_version": "450" })]
    );
    let own = ada.post("/rule-sets/one/confirm", Value::Null).await;
    assert_problem!(own, 409, "/problems/own-proposal");
    for outsider in [clinic.assistant().await, clinic.front_desk().await] {
        let refused = outsider.post("/rule-sets/one/confirm", Value::Null).await;
        assert_problem!(refused, 403, "/problems/not-allowed");
    }
    let stranger = clinic.stranger("provider").await;
    let unseen = stranger.post("/rule-sets/one/confirm", Value::Null).await;
    assert_problem!(unseen, 404, "/problems/not-found");
    let confirmed = bo.post("/rule-sets/one/confirm", Value::Null).await.ok();
    assert_eq!(confirmed["confirmed_by"], bo.user["id"]);
    assert_eq!(limit().await, "450");
    let again = bo.post("/rule-sets/one/confirm", Value::Null).await;
    assert_problem!(again, 409, "/problems/already-confirmed");
    let audited = "SELECT string_agg(action, ', ' ORDER BY recorded_at) FROM audit_events \
                   WHERE action LIKE 'rule_sets.%' AND resource_type = 'rule_set'";
    assert_eq!(
        clinic.ask(audited).await,
        "rule_sets.publish, rule_sets.confirm"
    );
}

#[actix_web::test]
async fn an_admin_does_not_say_that_rules_were_reviewed() {
    let clinic = Clinic::open().await;
    let admin = clinic.admin().await;
    let mut body = own_rules(&admin, "one", LIDOCAINE_PER_KG, json!("4")).await;
    body["review_state"] = json!("reviewed");
    let refused = admin.post("/rule-sets", body).await;
    assert_eq!(refused.pointers(), ["/review_state"]);
}
