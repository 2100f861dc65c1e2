//! How a practice fares, without anybody to be found in it.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

/// Ten patients each with a visit and a finished procedure by Ada in February, and a follow-up; two
/// of them came to Bo as well. The first three were injected with lidocaine.
async fn a_february(clinic: &Clinic) {
    clinic.sql(&format!(
        "INSERT INTO patients (practice_id, id, record_number, given_name, family_name, search_name, birth_date, version, created_at, updated_at) \
         SELECT '{RIVERSIDE}', ('0190aaaa-0000-7000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid, 'P-' || lpad(n::text, 8, '0'), 'G' || n, 'F', 'g f', '1980-01-01', 1, now(), now() \
         FROM generate_series(1, 10) n; \
         INSERT INTO appointments (practice_id, id, patient_id, provider_id, location_id, appointment_type_id, starts_at, ends_at, status, version, created_at, updated_at) \
         SELECT '{RIVERSIDE}', gen_random_uuid(), ('0190aaaa-0000-7000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid, \
                CASE WHEN n <= 7 THEN '{ADA}' ELSE '{BO}' END::uuid, '{MAIN_STREET}', '{FOLLOW_UP}', \
                timestamptz '2026-02-02 09:00-05' + n * interval '1 day', timestamptz '2026-02-02 09:30-05' + n * interval '1 day', \
                CASE WHEN n % 5 = 0 THEN 'no_show' ELSE 'completed' END, 1, now(), now() \
         FROM generate_series(1, 10) n; \
         INSERT INTO follow_ups (practice_id, id, patient_id, kind, reason, due_from, due_by, urgent, status, adverse_symptoms, closed_at, version, created_at, updated_at) \
         SELECT '{RIVERSIDE}', gen_random_uuid(), ('0190aaaa-0000-7000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid, \
                CASE WHEN n <= 8 THEN 'call' ELSE 'visit' END, 'x', '2026-02-10Z', '2026-02-12Z', false, \
                CASE WHEN n <= 6 THEN 'done' ELSE 'open' END, '{{}}', CASE WHEN n <= 6 THEN timestamptz '2026-02-11Z' END, 1, now(), now() \
         FROM generate_series(1, 10) n"
    ))
    .await;
}

fn row<'a>(report: &'a Value, measure: &str, division: &str, label: &str) -> &'a Value {
    report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| {
            row["measure"] == measure && row["divided_by"] == division && row["label"] == label
        })
        .unwrap_or_else(|| panic!("{measure} {division} {label}: {report:#}"))
}

#[tokio::test]
async fn a_report_counts_what_happened_and_hides_the_few() {
    let clinic = Clinic::open().await;
    a_february(&clinic).await;
    let admin = clinic.admin().await;
    let report = admin
        .get("/reports/care?from=2026-01&to=2026-02&every=month")
        .await
        .ok();
    assert_eq!(report["time_zone"], "America/New_York");
    let all = row(&report, "no_show_rate", "all", "all");
    assert_eq!(
        (&all["first_day"], &all["last_day"]),
        (&json!("2026-02-01"), &json!("2026-02-28"))
    );
    assert_eq!(
        (
            &all["patients"],
            &all["cases"],
            &all["reached"],
            &all["percent"]
        ),
        (&json!(10), &json!(10), &json!(2), &json!("20"))
    );
    // Bo saw three: hidden, and Ada with him, for the rest would be Bo's.
    for provider in ["Dr Bo Lindqvist", "Dr Ada Keller"] {
        let hidden = row(&report, "no_show_rate", "provider", provider);
        assert_eq!(
            (&hidden["suppressed"], &hidden["cases"]),
            (&json!(true), &Value::Null)
        );
    }
    let owed = row(&report, "follow_up_retention", "all", "all");
    assert_eq!((&owed["cases"], &owed["reached"]), (&json!(10), &json!(6)));
    assert_eq!(
        row(&report, "follow_up_retention", "kind", "visit")["suppressed"],
        true
    );
    let january = admin
        .get("/reports/care?from=2026-01&to=2026-01")
        .await
        .ok();
    assert_eq!(january["rows"], json!([]));
}

#[tokio::test]
async fn response_is_told_by_muscle_recipe_and_provider() {
    let clinic = Clinic::open().await;
    a_february(&clinic).await;
    clinic.sql(&format!(
        "INSERT INTO visits (practice_id, id, patient_id, provider_id, location_id, started_at, diagnoses, version, created_at, updated_at) \
         SELECT '{RIVERSIDE}', ('0190bbbb-0000-7000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid, ('0190aaaa-0000-7000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid, '{ADA}', '{MAIN_STREET}', '2026-02-05Z', '[]', 1, now(), now() FROM generate_series(1, 10) n; \
         INSERT INTO procedures (practice_id, id, visit_id, patient_id, provider_id, kind, status, indication_codes, started_at, completed_at, version, created_at, updated_at) \
         SELECT practice_id, id, id, patient_id, provider_id, 'dry_needling', 'completed', '{{M79.18}}', '2026-02-05Z', '2026-02-05 01:00Z', 1, now(), now() FROM visits WHERE id::text LIKE '0190bbbb%'; \
         INSERT INTO injections (practice_id, id, procedure_id, visit_id, patient_id, muscle_code, side, view, x, y, chart_version, volume_ml, needle_gauge, needle_length_mm, approach, aspirated, twitch_elicited, pain_nrs_before, pain_nrs_after, injected_at, created_at) \
         SELECT practice_id, gen_random_uuid(), id, id, patient_id, m.code, 'left', 'HN_LAT_L', 0.45, 0.25, 1, 0, 30, 13, 'perpendicular', false, true, 8, m.after, '2026-02-05 00:30Z', now() \
         FROM procedures CROSS JOIN (VALUES ('temporalis', 2), ('masseter', 6)) AS m (code, after)"
    ))
    .await;
    let ada = clinic.provider().await;
    let report = ada.get("/reports/care?from=2026-02&to=2026-02").await.ok();
    let temporalis = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["key"] == "temporalis")
        .unwrap();
    assert_eq!(
        (
            &temporalis["cases"],
            &temporalis["percent"],
            &temporalis["mean_relief_percent"]
        ),
        (&json!(10), &json!("100"), &json!("75"))
    );
    let recipe = row(&report, "response", "recipe", "dry_needle");
    assert_eq!(
        (
            &recipe["patients"],
            &recipe["cases"],
            &recipe["percent"],
            &recipe["mean_relief_percent"]
        ),
        (&json!(10), &json!(20), &json!("50"), &json!("50"))
    );
    assert_eq!(
        row(&report, "response", "provider", "Dr Ada Keller")["reached"],
        10
    );
    // What was injected before a procedure was stopped counts like the rest.
    clinic
        .sql(
            "UPDATE procedures SET status = 'abandoned', stopped_at = completed_at, stopped_by = provider_id, \
             stop_reason = 'Felt faint', completed_at = NULL",
        )
        .await;
    let stopped = ada.get("/reports/care?from=2026-02&to=2026-02").await.ok();
    assert_eq!(stopped["rows"], report["rows"]);
}

#[tokio::test]
async fn a_report_is_a_file_without_formulas() {
    let clinic = Clinic::open().await;
    a_february(&clinic).await;
    clinic
        .sql(&format!(
            "UPDATE providers SET name = '=HYPERLINK(\"x\")' WHERE id = '{ADA}'; \
             UPDATE appointments SET provider_id = '{ADA}' WHERE status IN ('completed', 'no_show')"
        ))
        .await;
    let admin = clinic.admin().await;
    let file = admin.get("/reports/care.csv?from=2026-02&to=2026-02").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment"));
    let line = format!(
        "2026-02-01,2026-02-28,no_show_rate,provider,{ADA},\"'=HYPERLINK(\"\"x\"\")\",10,10,2,20.0,,false\r\n"
    );
    assert!(file.text.contains(&line), "{}", file.text);
    for line in file.text.lines() {
        assert!(
            line.split(',')
                .all(|cell| !cell.starts_with(['=', '+', '@'])),
            "{line}"
        );
    }
}

#[tokio::test]
async fn reports_are_for_admins_and_providers_of_the_practice() {
    let clinic = Clinic::open().await;
    a_february(&clinic).await;
    let path = "/reports/care?from=2026-02&to=2026-02";
    for outsider in [
        clinic.front_desk().await,
        clinic.assistant().await,
        clinic.patient().await,
        clinic.auditor().await,
    ] {
        assert_problem!(outsider.get(path).await, 403, "/problems/not-allowed");
    }
    let hillside = clinic.stranger("admin").await.get(path).await.ok();
    assert_eq!(hillside["rows"], json!([]));
    let admin = clinic.admin().await;
    for (query, pointer) in [
        ("from=2026-02&to=2026-01", "#/query/to"),
        ("from=2020-01&to=2026-01", "#/query/to"),
        ("from=2026-13&to=2026-01", "#/query/from"),
    ] {
        let refused = admin.get(&format!("/reports/care?{query}")).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec![pointer.to_owned()])
        );
    }
}
