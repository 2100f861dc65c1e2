//! A needle from consent to completion, in words.

use serde_json::{Value, json};

use super::clinic::{ADA, LIDOCAINE, MAIN_STREET};
use super::server::{Client, Reply};

pub fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}

pub async fn walk_in(by: &Client, patient_id: &str) -> String {
    let body = json!({ "patient_id": patient_id, "provider_id": ADA, "location_id": MAIN_STREET });
    id(&by.post("/visits", body).await.created())
}

/// The path of a procedure planned within a visit.
pub async fn planned(by: &Client, visit_id: &str, kind: &str) -> String {
    let body = json!({ "kind": kind, "indication_codes": ["G44.219"] });
    let planned = by
        .post(&format!("/visits/{visit_id}/procedures"), body)
        .await
        .created();
    format!("/procedures/{}", id(&planned))
}

pub async fn prepare(by: &Client, path: &str) {
    let consent = json!({ "given_by": "patient", "method": "written", "text_version": "2026-01" });
    by.put(&format!("{path}/consent"), "*", consent).await.ok();
    by.put(&format!("{path}/time-out"), "*", time_out(true))
        .await
        .ok();
}

pub fn time_out(site_ok: bool) -> Value {
    json!({
        "patient_ok": true, "procedure_ok": true, "site_ok": site_ok,
        "allergies_ok": true, "anticoagulants_ok": true,
    })
}

pub async fn start(by: &Client, path: &str) {
    by.act_now(&format!("{path}/start"), Value::Null).await.ok();
}

/// The path of a trigger point injection under way.
pub async fn under_way(by: &Client, patient_id: &str) -> String {
    let visit_id = walk_in(by, patient_id).await;
    let path = planned(by, &visit_id, "trigger_point_injection").await;
    prepare(by, &path).await;
    start(by, &path).await;
    path
}

pub fn recipe(percent: &str, volume_ml: &str, lot_id: &str) -> Value {
    json!({
        "label": format!("Lidocaine {percent} %"),
        "components": [{
            "drug_code": "lidocaine", "concentration": percent, "concentration_unit": "percent",
            "volume_ml": volume_ml, "lot_id": lot_id,
        }],
    })
}

/// Draws up lidocaine from a lot and answers the solution's id.
pub async fn drawn(
    by: &Client,
    path: &str,
    (percent, volume_ml): (&str, &str),
    lot: &str,
) -> String {
    let recipe = recipe(percent, volume_ml, lot);
    id(&by
        .post(&format!("{path}/solutions"), recipe)
        .await
        .created())
}

pub fn site(solution_id: &str, volume_ml: &str) -> Value {
    json!({
        "muscle_code": "trapezius_upper", "side": "left", "view": "HN_POST", "x": "0.27", "y": "0.70",
        "solution_id": solution_id, "volume_ml": volume_ml, "needle_gauge": 25,
        "needle_length_mm": 38, "approach": "pincer", "aspirated": true, "twitch_elicited": true,
    })
}

pub async fn inject(by: &Client, path: &str, site: Value) -> Value {
    by.post(&format!("{path}/injections"), site).await.created()
}

/// Completes a procedure after its provider has read what the rules warn of.
pub async fn complete(by: &Client, path: &str) -> Reply {
    read_warnings(by, path).await;
    by.act_now(&format!("{path}/complete"), Value::Null).await
}

/// Acknowledges what no provider has read yet.
pub async fn read_warnings(by: &Client, path: &str) {
    let safety = by.get(&format!("{path}/safety")).await.ok();
    let checks = safety["checks"].as_array().unwrap().iter();
    let unread: Vec<&Value> = checks
        .filter(|check| check["needs_acknowledgement"] == true && check["overridden"] == false)
        .map(|check| &check["code"])
        .collect();
    if !unread.is_empty() && by.user["role"] == "provider" {
        let read = json!({ "check_codes": unread });
        // What is over or sealed refuses it, and the test sees its own refusal next.
        by.act_now(&format!("{path}/acknowledge"), read).await;
    }
}

pub fn check<'a>(safety: &'a Value, code: &str) -> &'a Value {
    let checks = safety["checks"].as_array().unwrap();
    checks
        .iter()
        .find(|check| check["code"] == code)
        .unwrap_or(&Value::Null)
}

/// Throws away what is left of a solution, before a witness.
pub async fn waste(
    by: &Client,
    witness: &Client,
    (path, solution_id): (&str, &str),
    volume_ml: &str,
) -> Value {
    let body = json!({ "volume_ml": volume_ml, "witnessed_by": witness.user["id"] });
    by.post(&format!("{path}/solutions/{solution_id}/waste"), body)
        .await
        .created()
}

/// A completed injection of one millilitre of lidocaine at one site: the visit's id, the
/// procedure's path and the site's id.
pub async fn completed(by: &Client, patient_id: &str) -> (String, String, String) {
    let visit_id = walk_in(by, patient_id).await;
    let path = planned(by, &visit_id, "trigger_point_injection").await;
    prepare(by, &path).await;
    start(by, &path).await;
    let solution_id = drawn(by, &path, ("1", "1"), LIDOCAINE).await;
    let site = inject(by, &path, site(&solution_id, "1")).await;
    complete(by, &path).await.ok();
    (visit_id, path, id(&site))
}
