//! Rules that every table keeps, read from the database itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::*;

/// Every table with the kind it has when the database is spread over machines, from the
/// list in `docs/scale.md`.
fn listed() -> BTreeMap<String, String> {
    include_str!("../../docs/scale.md")
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|');
            let table = cells.next()?.trim().trim_end_matches('`').to_owned();
            let kind = cells.next()?.trim().to_owned();
            Some((table, kind))
        })
        .collect()
}

/// The lines of a query that finds what breaks a rule.
async fn found(clinic: &Clinic, query: &str) -> BTreeSet<String> {
    let all = format!("SELECT coalesce(string_agg(line, E'\\n'), '') FROM ({query}) AS f (line)");
    let text = clinic.ask(&all).await;
    text.lines().map(ToOwned::to_owned).collect()
}

/// Tables of the service, in whichever schema.
const TABLES: &str = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    AND n.nspname IN ('public', 'control') AND c.relkind IN ('r', 'p') \
    AND c.relname <> '__diesel_schema_migrations'";

const NAME: &str =
    "CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END";

#[tokio::test]
async fn every_table_is_listed_with_its_kind() {
    let clinic = Clinic::open().await;
    let there = found(&clinic, &format!("SELECT {NAME} FROM {TABLES}")).await;
    let listed = listed();
    let names: BTreeSet<String> = listed.keys().cloned().collect();
    assert_eq!(names, there);
    let with_practice = format!(
        "SELECT {NAME} FROM {TABLES} JOIN pg_attribute a ON a.attrelid = c.oid \
         AND a.attname = 'practice_id' WHERE n.nspname = 'public'"
    );
    let distributed: BTreeSet<String> = listed
        .iter()
        .filter(|(_, kind)| *kind == "distributed")
        .map(|(table, _)| table.clone())
        .collect();
    assert_eq!(distributed, found(&clinic, &with_practice).await);
    for (table, kind) in &listed {
        assert_eq!(kind == "control", table.starts_with("control."), "{table}");
        assert!(
            ["distributed", "reference", "control"].contains(&kind.as_str()),
            "{table}"
        );
    }
}

#[tokio::test]
async fn every_table_of_a_practice_is_protected_by_its_rows() {
    let clinic = Clinic::open().await;
    let bare = format!(
        "SELECT {NAME} FROM {TABLES} JOIN pg_attribute a ON a.attrelid = c.oid \
         AND a.attname = 'practice_id' WHERE n.nspname = 'public' AND NOT (c.relrowsecurity \
         AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid \
         AND p.polpermissive AND pg_get_expr(p.polqual, p.polrelid) LIKE '%app.practice_id%'))"
    );
    assert_eq!(found(&clinic, &bare).await, BTreeSet::new());
    // A policy that asks for less than the practice would be a second, wider door.
    let wide = format!(
        "SELECT {NAME} || ' by ' || p.polname FROM {TABLES} JOIN pg_policy p ON p.polrelid = c.oid \
         WHERE n.nspname = 'public' AND p.polpermissive \
         AND p.polroles = '{{0}}' \
         AND coalesce(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) \
         NOT LIKE '%app.practice_id%'"
    );
    assert_eq!(found(&clinic, &wide).await, BTreeSet::new());
    let of_patients = format!(
        "SELECT {NAME} FROM {TABLES} JOIN pg_attribute a ON a.attrelid = c.oid \
         AND a.attname = 'patient_id' WHERE n.nspname = 'public' AND NOT EXISTS (SELECT \
         FROM pg_policy p WHERE p.polrelid = c.oid \
         AND pg_get_expr(p.polqual, p.polrelid) LIKE '%app.patient_ids%')"
    );
    assert_eq!(found(&clinic, &of_patients).await, BTreeSet::new());
}

/// What a distributed Postgres changes without a word or refuses: it makes restrictive policies
/// permissive on the shards, and knows no subquery in a policy, no trigger of ours, no deferred
/// check and no function in SQL over a table.
#[tokio::test]
async fn the_schema_means_the_same_on_one_machine_and_on_many() {
    let clinic = Clinic::open().await;
    let forms = [
        "SELECT tablename || ' has the restrictive policy ' || policyname FROM pg_policies WHERE permissive <> 'PERMISSIVE'",
        "SELECT tablename || ' has a subquery in ' || policyname FROM pg_policies WHERE coalesce(qual, '') || coalesce(with_check, '') ~ 'SELECT'",
        "SELECT tablename || ' has several policies of ' || roles::text || ' for ' || cmd FROM pg_policies \
         GROUP BY tablename, roles, cmd HAVING count(*) > 1",
        "SELECT tablename || ' has a policy for all commands' FROM pg_policies WHERE cmd = 'ALL'",
        "SELECT tgrelid::regclass::text || ' has the trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT conrelid::regclass::text || ' defers ' || conname FROM pg_constraint WHERE condeferrable",
        "SELECT conrelid::regclass::text || ' deletes in a chain by ' || conname FROM pg_constraint \
         WHERE contype = 'f' AND (confdeltype <> 'a' OR confupdtype <> 'a') \
         AND conname NOT IN ('availability_windows_template_exists', 'resource_bookings_hold_exists')",
        "SELECT p.oid::regprocedure::text || ' reads rows in SQL' FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang \
         WHERE p.pronamespace = 'public'::regnamespace AND l.lanname = 'sql' AND p.provolatile <> 'i' \
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')",
        "SELECT c.relname || ' counts its own ids' FROM pg_class c WHERE c.relkind = 'S' \
         AND c.relnamespace IN ('public'::regnamespace, 'control'::regnamespace)",
    ];
    for form in forms {
        let form = format!("SELECT line FROM ({form}) AS found (line)");
        assert_eq!(found(&clinic, &form).await, BTreeSet::new());
    }
}

/// A distributed Postgres takes one change of a table at a time.
#[test]
fn each_alteration_of_a_table_is_a_statement_of_its_own() {
    let migrations = std::fs::read_dir("migrations").unwrap();
    let mut several = Vec::new();
    for folder in migrations {
        let path = folder.unwrap().path().join("up.sql");
        let text = std::fs::read_to_string(&path).unwrap();
        for statement in text.split(';') {
            let Some((_, change)) = statement.split_once("ALTER TABLE ") else {
                continue;
            };
            // A procedure fills in the table.
            if change.starts_with('%') {
                continue;
            }
            let mut depth = 0_i32;
            let at_top = change.chars().filter(|character| {
                depth += match character {
                    '(' => 1,
                    ')' => -1,
                    _ => 0,
                };
                depth == 0 && *character == ','
            });
            if at_top.count() > 0 {
                several.push(format!("{}: ALTER TABLE {change}", path.display()));
            }
        }
    }
    assert_eq!(several, Vec::<String>::new());
}

#[tokio::test]
async fn the_role_of_the_service_owns_nothing_and_passes_no_policy() {
    let clinic = Clinic::open().await;
    let owned = format!(
        "SELECT {NAME} FROM {TABLES} WHERE c.relowner = control.role_name('app')::regrole \
         UNION ALL SELECT rolname FROM pg_roles WHERE rolname IN (control.role_name('app'), control.role_name('control')) \
         AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)"
    );
    assert_eq!(found(&clinic, &owned).await, BTreeSet::new());
}

#[tokio::test]
async fn keys_begin_with_the_practice() {
    let clinic = Clinic::open().await;
    // The first column of each key, and of each of its references.
    let elsewhere = format!(
        "SELECT {NAME} || ' by ' || k.conname FROM {TABLES} JOIN pg_constraint k \
         ON k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x', 'f') \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] \
         WHERE n.nspname = 'public' AND a.attname <> 'practice_id' \
         AND EXISTS (SELECT FROM pg_attribute p WHERE p.attrelid = c.oid AND p.attname = 'practice_id') \
         AND NOT (k.contype = 'f' AND NOT EXISTS (SELECT FROM pg_attribute p \
           WHERE p.attrelid = k.confrelid AND p.attname = 'practice_id'))"
    );
    assert_eq!(found(&clinic, &elsewhere).await, BTreeSet::new());
    let unique = format!(
        "SELECT {NAME} || ' by ' || i.relname FROM {TABLES} JOIN pg_index x ON x.indrelid = c.oid \
         AND x.indisunique JOIN pg_class i ON i.oid = x.indexrelid \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0] \
         WHERE n.nspname = 'public' AND a.attname <> 'practice_id' \
         AND EXISTS (SELECT FROM pg_attribute p WHERE p.attrelid = c.oid AND p.attname = 'practice_id')"
    );
    assert_eq!(found(&clinic, &unique).await, BTreeSet::new());
}

#[tokio::test]
async fn no_key_crosses_the_line_to_who_signs_in() {
    let clinic = Clinic::open().await;
    let crossing = "SELECT conname FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid \
        JOIN pg_class b ON b.oid = k.confrelid WHERE k.contype = 'f' \
        AND a.relnamespace <> b.relnamespace";
    assert_eq!(found(&clinic, crossing).await, BTreeSet::new());
}

#[tokio::test]
async fn every_table_and_column_says_what_it_is() {
    let clinic = Clinic::open().await;
    let silent = format!(
        "SELECT {NAME} FROM {TABLES} WHERE obj_description(c.oid, 'pg_class') IS NULL UNION ALL \
         SELECT {NAME} || '.' || a.attname FROM {TABLES} JOIN pg_attribute a ON a.attrelid = c.oid \
         AND a.attnum > 0 AND NOT a.attisdropped WHERE col_description(c.oid, a.attnum) IS NULL"
    );
    assert_eq!(found(&clinic, &silent).await, BTreeSet::new());
}

#[tokio::test]
async fn names_are_short_enough_for_a_suffix_and_nothing_is_deferred_or_triggered() {
    let clinic = Clinic::open().await;
    let long = format!(
        "SELECT k.conname::text FROM {TABLES} JOIN pg_constraint k ON k.conrelid = c.oid \
         WHERE length(k.conname) > 50 OR k.condeferrable UNION ALL \
         SELECT i.relname FROM {TABLES} JOIN pg_index x ON x.indrelid = c.oid \
         JOIN pg_class i ON i.oid = x.indexrelid WHERE length(i.relname) > 50 UNION ALL \
         SELECT t.tgname FROM {TABLES} JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal"
    );
    assert_eq!(found(&clinic, &long).await, BTreeSet::new());
}
