//! Which act leads where from every status, for everybody who may act: a table that is looked at, and the
//! proof that no status is a dead end.

use std::collections::BTreeMap;
use std::fmt::Write;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::*;
use crate::visits::sign;

/// Those who may act at all; what others may is in the table of access.
const ROLES: [&str; 4] = ["front_desk", "admin", "assistant", "provider"];

/// A status from which something must lead on, and the ends.
const ENDS: [&str; 16] = [
    "visit signed",
    "visit discarded",
    "visit retracted",
    "procedure abandoned",
    "procedure voided",
    "procedure signed",
    "solution empty",
    "solution voided",
    "injection voided",
    "injection signed",
    "lot recalled",
    "lot expired",
    "vial discarded",
    "follow_up done",
    "follow_up cancelled",
    "adverse_event reviewed",
];

struct Table {
    by: BTreeMap<&'static str, Client>,
    lots: usize,
    /// The procedure that harm followed. While harm waits for a look, nothing else is begun for the person.
    harmful: Option<String>,
}

fn why() -> Value {
    json!({ "reason": "Entered in error" })
}

impl Table {
    fn ada(&self) -> &Client {
        &self.by["provider"]
    }

    async fn lot(&mut self, millilitres: &str, expires_on: &str) -> String {
        self.lots += 1;
        let lot = json!({
            "drug_code": "lidocaine", "lot_number": format!("STATE {}", self.lots), "expires_on": expires_on,
            "vial_type": "multi_dose", "quantity_ml": millilitres, "location_id": MAIN_STREET,
        });
        id(&self.by["assistant"].post("/lots", lot).await.created())
    }

    /// Something in a status of its kind: where it is.
    async fn make(&mut self, subject: &str, status: &str) -> String {
        match subject {
            "visit" => self.visit(status).await,
            "procedure" => self.procedure(status).await,
            "solution" | "injection" => self.part(subject, status).await,
            "lot" => {
                let expires = if status == "expired" {
                    "2026-01-31"
                } else {
                    "2027-01-31"
                };
                let lot = self.lot("5", expires).await;
                let path = format!("/lots/{lot}");
                let admin = &self.by["admin"];
                match status {
                    "quarantined" => admin
                        .act_now(&format!("{path}/quarantine"), why())
                        .await
                        .ok(),
                    "recalled" => admin.act_now(&format!("{path}/recall"), why()).await.ok(),
                    "empty" => {
                        let all = json!({ "change_ml": "-5", "note": "Broken" });
                        admin.act_now(&format!("{path}/adjust"), all).await.ok()
                    }
                    _ => Value::Null,
                };
                path
            }
            "vial" => {
                let lot = self.lot("5", "2027-01-31").await;
                let opened = match status {
                    "beyond_use" => json!({ "opened_at": "2026-01-02T10:00:00Z" }),
                    _ => json!({}),
                };
                let ada = self.ada();
                let vial = ada
                    .post(&format!("/lots/{lot}/vials"), opened)
                    .await
                    .created();
                let path = format!("/vials/{}", id(&vial));
                if status == "discarded" {
                    ada.act_now(&format!("{path}/discard"), Value::Null)
                        .await
                        .ok();
                }
                path
            }
            "follow_up" => {
                let owed = json!({
                    "kind": "visit", "due_from": "2026-03-02T08:00:00-05:00",
                    "due_by": "2026-03-10T00:00:00-04:00", "reason": "To ask how it went",
                });
                let ada = self.ada();
                let made = ada.post(&format!("/patients/{BEN}/follow-ups"), owed).await;
                let path = format!("/follow-ups/{}", id(&made.created()));
                match status {
                    "done" => {
                        let seen = json!({ "outcome": "Seen" });
                        ada.act_now(&format!("{path}/complete"), seen).await.ok();
                    }
                    "cancelled" => {
                        ada.act_now(&format!("{path}/cancel"), why()).await.ok();
                    }
                    _ => {}
                }
                path
            }
            _ => {
                let ada = self.ada();
                let path = match self.harmful.clone() {
                    Some(path) => path,
                    None => completed(ada, BEN).await.1,
                };
                let harm = json!({ "event_code": "vasovagal", "grade": 3, "onset_at": "2026-03-02T14:00:00Z" });
                let harm = ada
                    .post(&format!("{path}/adverse-events"), harm)
                    .await
                    .created();
                let harmful = path;
                let path = format!("/adverse-events/{}", id(&harm));
                // Nothing else of the person waits for a look at this one.
                if status == "reviewed" {
                    let note = json!({ "note": "Looked into" });
                    ada.act_now(&format!("{path}/review"), note).await.ok();
                }
                self.harmful = Some(harmful);
                path
            }
        }
    }

    async fn visit(&self, status: &str) -> String {
        let ada = self.ada();
        let visit_id = walk_in(ada, BEN).await;
        let path = format!("/visits/{visit_id}");
        match status {
            "with a procedure" => {
                planned(ada, &visit_id, "dry_needling").await;
            }
            "signed" => {
                sign(ada, &visit_id).await;
            }
            "retracted" => {
                sign(ada, &visit_id).await;
                ada.act_now(&format!("{path}/retract"), why()).await.ok();
            }
            "discarded" => {
                ada.act_now(&format!("{path}/discard"), why()).await.ok();
            }
            _ => {}
        }
        path
    }

    async fn procedure(&self, status: &str) -> String {
        let ada = self.ada();
        let visit_id = walk_in(ada, BEN).await;
        let path = planned(ada, &visit_id, "dry_needling").await;
        if status == "planned" {
            return path;
        }
        if status == "voided" {
            ada.act_now(&format!("{path}/void"), why()).await.ok();
            return path;
        }
        prepare(ada, &path).await;
        if status == "ready" {
            return path;
        }
        start(ada, &path).await;
        let mut needle = site("", "0");
        needle.as_object_mut().unwrap().remove("solution_id");
        match status {
            "in_progress" => {
                inject(ada, &path, needle).await;
            }
            "abandoned" => {
                ada.act_now(&format!("{path}/stop"), why()).await.ok();
            }
            "completed" | "signed" => {
                inject(ada, &path, needle).await;
                complete(ada, &path).await.ok();
            }
            _ => {}
        }
        if status == "signed" {
            sign(ada, &visit_id).await;
        }
        path
    }

    async fn part(&mut self, subject: &str, status: &str) -> String {
        let lot = self.lot("5", "2027-01-31").await;
        let ada = self.ada();
        let visit_id = walk_in(ada, BEN).await;
        // Without a weight no dose can be checked.
        let weight = json!({ "weight_kg": "80" });
        let vitals = format!("/visits/{visit_id}/vitals");
        ada.put(&vitals, "*", weight).await.ok();
        let path = planned(ada, &visit_id, "trigger_point_injection").await;
        prepare(ada, &path).await;
        start(ada, &path).await;
        let solution = drawn(ada, &path, ("1", "1"), &lot).await;
        let solution_path = format!("{path}/solutions/{solution}");
        if subject == "solution" {
            match status {
                "voided" => {
                    ada.post(&format!("{solution_path}/void"), why()).await.ok();
                }
                "empty" => {
                    waste(&self.by["assistant"], ada, (&path, &solution), "1").await;
                }
                _ => {}
            }
            return solution_path;
        }
        let needle = inject(ada, &path, site(&solution, "1")).await;
        let needle_path = format!("{path}/injections/{}", id(&needle));
        match status {
            "voided" => {
                ada.post(&format!("{needle_path}/void"), why()).await.ok();
            }
            "signed" => {
                complete(ada, &path).await.ok();
                sign(ada, &visit_id).await;
            }
            _ => {}
        }
        needle_path
    }

    /// What can be tried with something: the name, the method, where, and with what.
    fn acts(subject: &str, path: &str) -> Vec<(&'static str, Method, String, Value)> {
        let post = |name: &'static str, tail: &str, body: Value| {
            (name, Method::POST, format!("{path}/{tail}"), body)
        };
        // Dr Bo, who does nothing else here.
        let witness = "01900000-0000-7000-8000-000000000104";
        match subject {
            "visit" => vec![
                (
                    "write",
                    Method::PATCH,
                    path.to_owned(),
                    json!({ "plan": "Heat" }),
                ),
                post(
                    "hand over",
                    "hand-over",
                    json!({ "provider_id": BO, "reason": "Ill" }),
                ),
                post("sign", "sign", Value::Null),
                post("discard", "discard", why()),
                post("retract", "retract", why()),
                post("add", "addenda", json!({ "text": "More" })),
            ],
            "procedure" => vec![
                post("start", "start", Value::Null),
                post("complete", "complete", Value::Null),
                post("stop", "stop", why()),
                post("observe", "observations", json!({ "symptoms": [] })),
                post(
                    "discharge",
                    "discharge",
                    json!({ "aftercare_given": true, "early_reason": "A train" }),
                ),
                post("void", "void", why()),
            ],
            "solution" => {
                let waste = json!({ "volume_ml": "0.5", "witnessed_by": witness });
                vec![post("waste", "waste", waste), post("void", "void", why())]
            }
            "injection" => vec![post("void", "void", why())],
            "lot" => vec![
                post(
                    "adjust",
                    "adjust",
                    json!({ "change_ml": "1", "note": "Counted" }),
                ),
                post(
                    "correct",
                    "correct",
                    json!({ "field": "ndc", "value": "0409-4276-01", "reason": "Read" }),
                ),
                post("quarantine", "quarantine", why()),
                post("release", "release", Value::Null),
                post("recall", "recall", why()),
                post("open a vial", "vials", json!({})),
            ],
            "vial" => vec![post("discard", "discard", Value::Null)],
            "follow_up" => vec![
                post("complete", "complete", json!({ "outcome": "Seen" })),
                post("cancel", "cancel", why()),
            ],
            _ => vec![
                (
                    "course",
                    Method::PUT,
                    format!("{path}/course"),
                    json!({ "grade": 3, "outcome": "recovering" }),
                ),
                post("review", "review", json!({ "note": "Looked into" })),
            ],
        }
    }
}

const STATES: [(&str, &[&str]); 8] = [
    (
        "visit",
        &[
            "open",
            "with a procedure",
            "signed",
            "discarded",
            "retracted",
        ],
    ),
    (
        "procedure",
        &[
            "planned",
            "ready",
            "started",
            "in_progress",
            "completed",
            "abandoned",
            "voided",
            "signed",
        ],
    ),
    ("solution", &["full", "empty", "voided"]),
    ("injection", &["recorded", "voided", "signed"]),
    (
        "lot",
        &["available", "quarantined", "recalled", "expired", "empty"],
    ),
    ("vial", &["open", "beyond_use", "discarded"]),
    ("follow_up", &["open", "done", "cancelled"]),
    ("adverse_event", &["reported", "reviewed"]),
];

#[actix_web::test]
async fn every_status_has_a_way_to_a_true_end() {
    let clinic = Clinic::open().await;
    let mut table = Table {
        by: BTreeMap::from([
            ("front_desk", clinic.front_desk().await),
            ("admin", clinic.admin().await),
            ("assistant", clinic.assistant().await),
            ("provider", clinic.provider().await),
        ]),
        lots: 0,
        harmful: None,
    };
    let mut shown = format!("{:<32} {:<12} {}\n", "status", "act", ROLES.join(" | "));
    let mut dead_ends = Vec::new();
    for (subject, statuses) in STATES {
        for status in statuses {
            let mut path = table.make(subject, status).await;
            let mut leads_on = false;
            for index in 0..Table::acts(subject, &path).len() {
                let mut results = Vec::new();
                let mut name = "";
                for role in ROLES {
                    let (act, method, at, body) = Table::acts(subject, &path).swap_remove(index);
                    name = act;
                    let sent = (!body.is_null()).then(|| body.to_string().into_bytes());
                    let any = versions("*");
                    let mut headers = vec![("if-match", any.as_str())];
                    if sent.is_some() {
                        headers.push(("content-type", "application/json"));
                    }
                    let reply = table.by[role].send(method, &at, &headers, sent).await;
                    assert!(
                        reply.status < 500,
                        "{subject} {status} {act} {role}: {}",
                        reply.body
                    );
                    let code = reply.status.to_string();
                    if reply.status < 300 {
                        leads_on = true;
                        path = table.make(subject, status).await;
                    }
                    results.push(code);
                }
                writeln!(
                    shown,
                    "{:<32} {name:<12} {}",
                    format!("{subject} {status}"),
                    results.join(" | ")
                )
                .unwrap();
            }
            let is_end = ENDS.contains(&format!("{subject} {status}").as_str());
            if !leads_on && !is_end {
                dead_ends.push(format!("{subject} {status}"));
            }
        }
    }
    assert_eq!(dead_ends, Vec::<String>::new());
    insta::assert_snapshot!("every_status_act_and_role", shown);
}
