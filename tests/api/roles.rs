//! The roles that the service logs in as, and what each of them cannot reach.

use secrecy::SecretString;
use serde_json::Value;
use tautband::migrations;
use tautband::platform::database::DatabaseAccess;
use tautband::set_up::{self, NewUser};

use crate::harness::*;
use crate::visits::{finding, sign, walk_in};

/// Does the statement as a role of the database; refuses only what Postgres has not forbidden.
fn is_forbidden_to(kind: &str, statement: &str) -> String {
    format!(
        "BEGIN; SELECT set_config('role', control.role_name('{kind}'), true); \
         SET LOCAL app.practice_id = '{RIVERSIDE}'; SET LOCAL app.patient_ids = '*'; \
         DO $$ BEGIN EXECUTE $statement${statement}$statement$; \
         RAISE EXCEPTION 'not forbidden to {kind}'; \
         EXCEPTION WHEN insufficient_privilege THEN NULL; END $$; ROLLBACK"
    )
}

#[tokio::test]
async fn the_service_reads_no_hash_and_no_key() {
    let clinic = Clinic::open().await;
    for secret in [
        "SELECT password_hash FROM control.users",
        "SELECT token_hash FROM control.refresh_tokens",
        "SELECT token_hash FROM control.invitations",
        "SELECT body FROM control.mail_outbox",
        "SELECT token_hash FROM control.known_devices",
        "SELECT client_secret FROM control.identity_providers",
        "SELECT nonce FROM control.provider_sign_ins",
        "SELECT token_hash FROM control.calendar_feeds",
        "SELECT code_hash FROM control.activations",
        "SELECT secret_hash FROM control.service_account_keys",
        "SELECT proof_hash FROM control.activations",
        "SELECT private_key FROM control.signing_keys",
        "SELECT subject_hash FROM control.sign_in_throttles",
        "UPDATE control.users SET disabled_at = NULL",
    ] {
        clinic.sql(&is_forbidden_to("app", secret)).await;
    }
}

#[tokio::test]
async fn sign_in_reaches_no_table_of_a_practice() {
    let clinic = Clinic::open().await;
    for table in [
        "patients",
        "appointments",
        "visits",
        "audit_events",
        "injections",
    ] {
        let read = format!("SELECT 1 FROM {table}");
        clinic.sql(&is_forbidden_to("control", &read)).await;
    }
    let search = "SELECT 1 FROM search_patients('ana', false, 10)";
    let function = "SELECT oid::regprocedure::text FROM pg_proc WHERE proname = 'search_patients' \
                    AND has_function_privilege(control.role_name('control'), oid, 'EXECUTE')";
    let open = format!(
        "SELECT coalesce((SELECT string_agg(f.name, ', ') FROM ({function}) AS f (name)), 'none')"
    );
    assert_eq!(clinic.ask(&open).await, "none", "{search}");
}

#[tokio::test]
async fn no_role_of_the_service_takes_another_one() {
    let clinic = Clinic::open().await;
    let members = "SELECT count(*)::text FROM pg_auth_members WHERE member IN \
                   (control.role_name('app')::regrole, control.role_name('control')::regrole)";
    assert_eq!(clinic.ask(members).await, "0");
}

/// The hole that a check of the new row alone would leave: one statement closes a row and moves it.
#[actix_web::test]
async fn no_row_moves_under_a_sealed_visit() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let sealed = walk_in(&ada, ANA).await;
    sign(&ada, &sealed).await;
    let open = walk_in(&ada, ANA).await;
    let path = format!("/visits/{open}");
    ada.post(&format!("{path}/trigger-points"), finding())
        .await
        .created();
    let procedure =
        serde_json::json!({ "kind": "trigger_point_injection", "indication_codes": ["G44.229"] });
    ada.post(&format!("{path}/procedures"), procedure)
        .await
        .created();
    for table in ["palpations", "procedures", "injection_drafts"] {
        let moved = format!("UPDATE {table} SET visit_id = '{sealed}', is_open = NULL");
        clinic.sql(&is_forbidden_to("app", &moved)).await;
    }
    let other = format!("UPDATE visits SET patient_id = '{BEN}'");
    clinic.sql(&is_forbidden_to("app", &other)).await;
    let intact: Value = ada.get(&format!("/visits/{sealed}/seal")).await.ok();
    assert_eq!(intact["intact"], true);
}

fn admin_of(practice: &str) -> NewUser {
    NewUser {
        practice: practice.to_owned(),
        practice_name: None,
        time_zone: chrono_tz::Tz::UTC,
        email: format!("admin@{practice}.example"),
        name: "Ida Admin".to_owned(),
        role: "admin".to_owned(),
        password_file: None,
    }
}

/// A managed Postgres gives its customers a role that may make roles and is no superuser.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_without_superuser_sets_up_two_databases_on_one_server() {
    let clinic = Clinic::open().await;
    let number = clinic.ask("SELECT current_database()::text").await;
    for name in ["east", "west"] {
        let (owner, database) = (format!("{number}_{name}_owner"), format!("{number}_{name}"));
        clinic
            .sql(&format!("CREATE ROLE {owner} LOGIN CREATEROLE NOSUPERUSER"))
            .await;
        clinic
            .sql(&format!("CREATE DATABASE {database} OWNER {owner}"))
            .await;
        let url = clinic.service.database_url.replace(&number, &database);
        let url = format!("{url}?user={owner}");
        let password = SecretString::from("four calm rivers at dawn");
        migrations::apply(&url).await.unwrap();
        assert_eq!(migrations::apply(&url).await.unwrap(), 0);
        let access = DatabaseAccess::Owner(SecretString::from(url.as_str()));
        migrations::require_current(&access).await.unwrap();
        let created = set_up::create_user(&url, &admin_of(name), password)
            .await
            .unwrap();
        assert_eq!(created, format!("admin@{name}.example"));
    }
    // Each database keeps the other's roles out.
    let stranger = format!(
        "SELECT has_database_privilege('{number}_west_app', '{number}_east', 'CONNECT')::text"
    );
    assert_eq!(clinic.ask(&stranger).await, "false");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_migrate_at_once_wait_for_one_another() {
    let clinic = Clinic::open().await;
    let database = format!(
        "{}_together",
        clinic.ask("SELECT current_database()::text").await
    );
    clinic.sql(&format!("CREATE DATABASE {database}")).await;
    let url = clinic.service.database_url.replace(
        &clinic.ask("SELECT current_database()::text").await,
        &database,
    );
    let runs = (0..3).map(|_| migrations::apply(&url));
    let applied: Vec<usize> = futures_util::future::join_all(runs)
        .await
        .into_iter()
        .map(|run| run.unwrap())
        .collect();
    assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1);
}

/// What the clean-up deletes is said in `docs/tables.md`.
#[actix_web::test]
async fn what_nobody_needs_is_deleted_and_nothing_else() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let body = serde_json::json!({ "given_name": "Nora", "family_name": "Novak", "birth_date": "1990-04-01" });
    desk.post_once("/patients", "registered-once", body)
        .await
        .created();
    clinic
        .sql(
            "INSERT INTO control.sign_in_throttles (subject_hash, tries, last_tried_at) \
             VALUES (sha256('somebody'), 3, '2020-01-01Z')",
        )
        .await;
    let left = "SELECT (SELECT count(*) FROM control.sessions) || ' ' || \
                (SELECT count(*) FROM control.refresh_tokens) || ' ' || \
                (SELECT count(*) FROM control.sign_in_throttles) || ' ' || \
                (SELECT count(*) FROM idempotency_records) || ' ' || \
                (SELECT count(*) FROM patients WHERE family_name = 'Novak')";
    clinic.clean_up().await;
    assert_eq!(clinic.ask(left).await, "1 1 0 1 1");
    clinic.service.clock.advance(chrono::TimeDelta::hours(25));
    clinic.clean_up().await;
    assert_eq!(clinic.ask(left).await, "1 1 0 0 1");
    clinic.service.clock.advance(chrono::TimeDelta::days(32));
    clinic.clean_up().await;
    assert_eq!(clinic.ask(left).await, "0 0 0 0 1");
}
