//! What a provider decides against the rules: for just that figure, and having read what they warn of.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

const DOSE: &str = "local_anaesthetic_dose";
const LATEX: &str = "allergy_latex";

/// A procedure with sixteen fifteenths of the most that may be given, and its syringe.
async fn overdosed(by: &Client) -> (String, String) {
    let path = under_way(by, ANA).await;
    let solution_id = drawn(by, &path, ("2", "20"), LIDOCAINE).await;
    for _ in 0..4 {
        inject(by, &path, site(&solution_id, "4")).await;
    }
    (path, solution_id)
}

async fn decide(by: &Client, path: &str, check_code: &str) -> Reply {
    let decision = json!({ "check_code": check_code, "reason": "Weighed up, monitored" });
    by.act_now(&format!("{path}/override"), decision).await
}

async fn safety(by: &Client, path: &str) -> Value {
    by.get(&format!("{path}/safety")).await.ok()
}

#[actix_web::test]
async fn an_override_holds_for_the_exact_dose_and_not_for_a_microlitre_more() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let (path, solution_id) = overdosed(&ada).await;
    decide(&ada, &path, DOSE).await.ok();
    read_warnings(&ada, &path).await;
    for _ in 0..2 {
        let unchanged = safety(&ada, &path).await;
        let dose = check(&unchanged, DOSE);
        assert_eq!(
            (&dose["actual"], &dose["overridden"]),
            (&json!("1.0667"), &json!(true))
        );
        assert_eq!(unchanged["may_complete"], true);
    }
    inject(&ada, &path, site(&solution_id, "0.001")).await;
    let raised = safety(&ada, &path).await;
    let dose = check(&raised, DOSE);
    assert_eq!(
        (&dose["actual"], &dose["overridden"]),
        (&json!("1.0667"), &json!(false))
    );
    assert_eq!(raised["may_complete"], false);
    let refused = assert_problem!(complete(&ada, &path).await, 409, "/problems/unsafe");
    assert_eq!(refused.body["checks"][0]["code"], DOSE);
    decide(&ada, &path, DOSE).await.ok();
    waste(&assistant, &ada, (&path, &solution_id), "3.999").await;
    complete(&ada, &path).await.ok();
    let kept = "SELECT string_agg(exact_actual, ' ' ORDER BY id) FROM safety_overrides \
        WHERE check_code = 'local_anaesthetic_dose'";
    assert_eq!(clinic.ask(kept).await, "16/15 16001/15000");
}

#[actix_web::test]
async fn a_decision_of_before_fractions_were_kept_has_the_text_it_was_sealed_with() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let (path, _) = overdosed(&ada).await;
    decide(&ada, &path, DOSE).await.ok();
    let content = "SELECT visit_content(practice_id, visit_id, NULL, NULL) FROM safety_overrides";
    assert!(
        clinic
            .ask(content)
            .await
            .contains("\"exact_actual\": \"16/15\"")
    );
    clinic
        .sql("UPDATE safety_overrides SET exact_actual = NULL")
        .await;
    let before = clinic.ask(content).await;
    assert!(before.contains("\"actual\": 1.0667"), "{before}");
    assert!(!before.contains("exact_actual"), "{before}");
    // It covers what was kept of the figure then, which was rounded up.
    let judged = safety(&ada, &path).await;
    assert_eq!(check(&judged, DOSE)["overridden"], true);
}

/// A procedure of an assistant in a patient who does not tolerate latex, ready to be completed.
async fn warned(ada: &Client, assistant: &Client) -> String {
    let allergy = json!({ "substance": "Latex", "allergen_class": "latex", "severity": "mild" });
    ada.post(&format!("/patients/{ANA}/allergies"), allergy)
        .await
        .created();
    let path = under_way(assistant, ANA).await;
    let solution_id = drawn(assistant, &path, ("1", "1"), LIDOCAINE).await;
    inject(assistant, &path, site(&solution_id, "1")).await;
    path
}

/// Codes of the checks that must be read.
fn to_read(safety: &Value) -> Vec<String> {
    let checks = safety["checks"].as_array().unwrap().iter();
    let warned = checks.filter(|check| check["needs_acknowledgement"] == true);
    let code = |check: &Value| check["code"].as_str().unwrap().to_owned();
    warned.map(code).collect()
}

#[actix_web::test]
async fn an_assistant_completes_what_a_provider_has_read() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let path = warned(&ada, &assistant).await;
    let unread = safety(&assistant, &path).await;
    assert_eq!(unread["status"], "warn");
    assert_eq!(unread["may_complete"], false);
    assert_eq!(safety(&ada, &path).await["may_complete"], false);
    let codes = to_read(&unread);
    assert!(codes.iter().any(|code| code == LATEX), "{codes:?}");
    let refused = complete(&assistant, &path).await;
    let refused = assert_problem!(refused, 409, "/problems/unread-checks");
    let listed = refused.body["checks"].as_array().unwrap();
    assert_eq!(listed.len(), codes.len());
    assert!(listed.iter().all(|check| check["status"] == "warn"));
    let not_theirs = decide(&assistant, &path, LATEX).await;
    assert_problem!(not_theirs, 403, "/problems/not-allowed");
    // What is in order asks for no decision.
    let nothing = decide(&ada, &path, DOSE).await;
    assert_eq!(nothing.pointers(), ["/check_code"]);
    for code in &codes {
        let read = decide(&ada, &path, code).await.ok();
        let last = read["overrides"].as_array().unwrap().last().unwrap();
        assert_eq!(last["check_status"], "warn");
    }
    let read = safety(&assistant, &path).await;
    assert_eq!(read["may_complete"], true);
    let latex = check(&read, LATEX);
    assert_eq!(latex["acknowledged_by"], ada.user["id"]);
    let done = complete(&assistant, &path).await.ok();
    let latex = check(&done["safety"], LATEX);
    assert_eq!(latex["acknowledged_by"], ada.user["id"]);
    assert_eq!(latex["overridden"], true);
}
