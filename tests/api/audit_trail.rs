//! The sealed trail: what is done to it afterwards is found, and where.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

/// Some acts, sealed in two steps; returns the checkpoint after each.
async fn sealed(clinic: &Clinic, auditor: &Client) -> (String, String) {
    let ada = clinic.provider().await;
    let mut notes = Vec::new();
    for _ in 0..2 {
        for patient in [ANA, BEN, CLEO] {
            ada.get(&format!("/patients/{patient}")).await.ok();
        }
        clinic.housekeeping().await;
        let found = verify(auditor, json!({})).await;
        assert_eq!(found["intact"], true, "{found}");
        notes.push(found["checkpoint"].as_str().unwrap().to_owned());
    }
    (notes.remove(0), notes.remove(0))
}

async fn verify(auditor: &Client, body: Value) -> Value {
    auditor.post("/audit/verify", body).await.ok()
}

/// What is wrong after the owner of the database did this to the trail of a clinic of its own.
async fn after(tampering: &str) -> (String, Value) {
    let clinic = Clinic::open().await;
    let auditor = clinic.auditor().await;
    let (_, last) = sealed(&clinic, &auditor).await;
    clinic.sql(tampering).await;
    let found = verify(&auditor, json!({ "checkpoint": last })).await;
    assert_eq!(found["intact"], false, "{tampering}");
    let fault = &found["fault"];
    (fault["kind"].as_str().unwrap().to_owned(), fault.clone())
}

const THIRD: &str = "(SELECT event_id FROM audit_leaves WHERE position = 2 \
                     AND practice_id = '01900000-0000-7000-8000-000000000001')";

#[tokio::test]
async fn an_untouched_trail_is_intact_and_its_checkpoint_is_a_signed_note() {
    let clinic = Clinic::open().await;
    let auditor = clinic.auditor().await;
    let (first, last) = sealed(&clinic, &auditor).await;
    assert_ne!(first, last);
    let lines: Vec<&str> = last.lines().collect();
    assert_eq!(lines[0], format!("tautband/{RIVERSIDE}"));
    assert!(lines[4].starts_with(&format!("\u{2014} tautband/{RIVERSIDE} ")));
    for kept in [first, last] {
        let found = verify(&auditor, json!({ "checkpoint": kept })).await;
        assert_eq!(found["intact"], true, "{found}");
    }
    for other in [clinic.provider().await, clinic.front_desk().await] {
        let refused = other.post("/audit/verify", json!({})).await;
        assert_problem!(refused, 403, "/problems/not-allowed");
    }
}

#[tokio::test]
async fn each_kind_of_tampering_is_found_and_located() {
    let third = format!("WHERE id = {THIRD}");
    for (tampering, kind, position) in [
        (
            format!("UPDATE audit_events SET action = 'nothing' {third}"),
            "edited",
            Some(2),
        ),
        (
            format!("UPDATE audit_events SET actor_user_id = gen_random_uuid() {third}"),
            "edited",
            Some(2),
        ),
        (
            format!("UPDATE audit_events SET at = at + interval '1 microsecond' {third}"),
            "edited",
            Some(2),
        ),
        (
            format!("UPDATE audit_events SET patient_ids = ARRAY['{BEN}']::uuid[] {third} AND patient_ids[1] <> '{BEN}'; UPDATE audit_events SET request_id = 'x' {third}"),
            "edited",
            Some(2),
        ),
        (format!("DELETE FROM audit_events {third}"), "deleted", Some(2)),
        (
            format!("DELETE FROM audit_leaves WHERE event_id = {THIRD}"),
            "deleted",
            Some(2),
        ),
        (
            "UPDATE audit_leaves SET position = CASE position WHEN 1 THEN -1 ELSE -2 END WHERE position IN (1, 2); \
             UPDATE audit_leaves SET position = CASE position WHEN -1 THEN 2 ELSE 1 END WHERE position < 0"
                .to_owned(),
            "reordered",
            None,
        ),
        (
            "INSERT INTO audit_events (practice_id, id, at, recorded_at, actor_user_id, actor_role, session_id, \
             request_id, action, resource_type, resource_ids, patient_ids, patient_periods) \
             SELECT practice_id, gen_random_uuid(), at, recorded_at - interval '1 day', actor_user_id, actor_role, \
             session_id, request_id, action, resource_type, resource_ids, patient_ids, patient_periods \
             FROM audit_events LIMIT 1"
                .to_owned(),
            "inserted",
            None,
        ),
        (
            "DELETE FROM audit_leaves WHERE position > 3; \
             DELETE FROM audit_checkpoints; DELETE FROM audit_events e WHERE NOT EXISTS \
             (SELECT FROM audit_leaves l WHERE l.event_id = e.id)"
                .to_owned(),
            "cut",
            Some(4),
        ),
        (
            "UPDATE audit_checkpoints SET note = replace(note, 'tautband/', 'tautbond/')".to_owned(),
            "unsigned",
            None,
        ),
    ] {
        let (found, fault) = after(&tampering).await;
        assert_eq!(found, kind, "{tampering}: {fault}");
        if let Some(position) = position {
            assert_eq!(fault["position"], position, "{tampering}: {fault}");
        }
    }
}

#[tokio::test]
async fn the_checkpoint_of_another_practice_is_foreign() {
    let clinic = Clinic::open().await;
    let auditor = clinic.auditor().await;
    let (_, note) = sealed(&clinic, &auditor).await;
    let other = note.replace(RIVERSIDE, HILLSIDE);
    let found = verify(&auditor, json!({ "checkpoint": other })).await;
    assert_eq!(found["fault"]["kind"], "foreign");
}

#[tokio::test]
async fn sign_ins_and_refusals_stand_in_the_trail() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let wrong = json!({ "email": "ada@riverside.example", "password": "wrong" });
    clinic.anonymous().post("/auth/login", wrong).await;
    ada.get("/audit-events").await.expect(403);
    clinic.housekeeping().await;
    let rows = clinic
        .ask(
            "SELECT string_agg(action || ' ' || outcome || ' ' || actor_role, ', ' ORDER BY action, outcome) \
             FROM audit_events",
        )
        .await;
    assert_eq!(
        rows,
        "audit_events.read refused provider, auth.sign_in done provider, auth.sign_in refused service"
    );
    let stated = "SELECT bool_and(abs(extract(epoch FROM clock_timestamp() - recorded_at)) < 60)::text FROM audit_events";
    assert_eq!(clinic.ask(stated).await, "true", "the database says when");
}

/// The actor is what the transaction was begun as, and the time that of the database.
#[tokio::test]
async fn the_service_cannot_say_who_acted_or_when() {
    let clinic = Clinic::open().await;
    for column in [
        "actor_user_id",
        "actor_role",
        "session_id",
        "on_behalf_of",
        "recorded_at",
    ] {
        let held = format!(
            "SELECT has_column_privilege(control.role_name('app'), 'audit_events', '{column}', 'INSERT')::text"
        );
        assert_eq!(clinic.ask(&held).await, "false", "{column}");
    }
    for privilege in ["UPDATE", "DELETE", "TRUNCATE"] {
        let held = format!(
            "SELECT (has_table_privilege(control.role_name('app'), 'audit_leaves', '{privilege}') \
             OR has_table_privilege(control.role_name('app'), 'audit_events', '{privilege}'))::text"
        );
        assert_eq!(clinic.ask(&held).await, "false", "{privilege}");
    }
}

/// A program that shares no line with the service comes to the same root.
#[tokio::test]
async fn a_second_verifier_agrees() {
    let clinic = Clinic::open().await;
    let auditor = clinic.auditor().await;
    let (_, note) = sealed(&clinic, &auditor).await;
    let rows = clinic
        .ask(&format!(
            "SELECT json_agg(json_build_object('practice_id', e.practice_id, 'id', e.id, \
             'at', (extract(epoch FROM e.at) * 1000000)::bigint, \
             'recorded_at', (extract(epoch FROM e.recorded_at) * 1000000)::bigint, \
             'actor_user_id', e.actor_user_id, 'actor_role', e.actor_role, 'session_id', e.session_id, 'on_behalf_of', e.on_behalf_of, \
             'request_id', e.request_id, 'action', e.action, 'outcome', e.outcome, \
             'resource_type', e.resource_type, 'resource_ids', e.resource_ids, 'patient_ids', e.patient_ids) \
             ORDER BY l.position)::text FROM audit_leaves l JOIN audit_events e ON e.id = l.event_id \
             WHERE l.practice_id = '{RIVERSIDE}'"
        ))
        .await;
    let verdict = |rows: &str| {
        use std::io::Write;
        let mut oracle = std::process::Command::new("python3")
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/oracle/verify_trail.py"
            ))
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let given =
            json!({ "checkpoint": note, "entries": serde_json::from_str::<Value>(rows).unwrap() });
        let mut input = oracle.stdin.take().unwrap();
        input.write_all(given.to_string().as_bytes()).unwrap();
        drop(input);
        String::from_utf8(oracle.wait_with_output().unwrap().stdout).unwrap()
    };
    assert_eq!(verdict(&rows).trim(), "intact");
    let changed = rows.replacen("patients.read", "patients.edit", 1);
    assert_eq!(verdict(&changed).trim(), "the root is another one");
}

#[tokio::test]
async fn an_auditor_reads_what_one_user_did_and_was_refused() {
    let clinic = Clinic::open().await;
    let (ada, auditor) = (clinic.provider().await, clinic.auditor().await);
    ada.get(&format!("/patients/{ANA}")).await.ok();
    ada.get("/audit-events").await.expect(403);
    clinic
        .other_provider()
        .await
        .get(&format!("/patients/{ANA}"))
        .await
        .ok();
    let user_id = ada.user["id"].as_str().unwrap();
    let found = auditor
        .get(&format!("/audit-events?user_id={user_id}"))
        .await
        .ok();
    let acts: Vec<(&str, &str)> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (
                item["action"].as_str().unwrap(),
                item["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(acts.len(), 3);
    for act in [
        ("auth.sign_in", "done"),
        ("patients.read", "done"),
        ("audit_events.read", "refused"),
    ] {
        assert!(acts.contains(&act), "{acts:?}");
    }
    let both = format!("/audit-events?user_id={user_id}&patient_id={ANA}");
    assert_eq!(auditor.get(&both).await.pointers(), ["#/query/user_id"]);
}
