//! Mistakes that are put right: what is void or retracted stays, marked, and counts nowhere.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::visits::{finding, sign};

const DOSE: &str = "local_anaesthetic_dose";

fn mistake() -> Value {
    json!({ "reason": "3 mL typed for 0.3 mL" })
}

async fn left_ml(by: &Client) -> Value {
    by.get(&format!("/lots/{LIDOCAINE}")).await.ok()["quantity_ml"].clone()
}

async fn palpate(by: &Client, visit_id: &str, finding: Value) -> Value {
    let path = format!("/visits/{visit_id}/trigger-points");
    by.post(&path, finding).await.created()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[actix_web::test]
async fn a_voided_injection_counts_nowhere_and_its_volume_is_back_in_the_syringe() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let (_, path, site_id) = completed(&ada, ANA).await;
    let before = ada.get(&path).await.ok();
    assert_eq!(before["status"], "completed");
    let void = format!("{path}/injections/{site_id}/void");
    let voided = assistant.post(&void, mistake()).await.ok();
    assert_eq!(voided["voided"]["reason"], mistake()["reason"]);
    assert_eq!(voided["voided"]["by"], assistant.user["id"]);
    assert_problem!(
        ada.post(&void, mistake()).await,
        409,
        "/problems/already-voided"
    );
    // It is under way again, and adds up no more: what is back in the syringe is injected or wasted.
    let read = ada.get(&path).await.ok();
    assert_eq!(read["status"], "in_progress");
    assert_eq!(read["safety"], Value::Null);
    assert_eq!(read["injections"][0]["voided"], voided["voided"]);
    assert_eq!(read["solutions"][0]["left_ml"], "1");
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, DOSE)["fraction"], "0");
    let coding = ada.get(&format!("{path}/coding")).await.ok();
    assert_eq!(coding["muscle_count"], 0);
    let exposures = ada.get(&format!("/lots/{LIDOCAINE}/exposures")).await.ok();
    assert_eq!(exposures["items"][0]["sites"], json!([]));
    let outcomes = ada.get(&format!("/patients/{ANA}/outcomes")).await.ok();
    assert_eq!(outcomes["procedures"], json!([]));
    // Injected with the right volume and completed again, it is followed up once.
    let solution_id = id(&read["solutions"][0]);
    inject(&ada, &path, site(&solution_id, "0.3")).await;
    waste(&assistant, &ada, (&path, &solution_id), "0.7").await;
    let done = complete(&ada, &path).await.ok();
    assert_eq!(done["status"], "completed");
    let calls = done["follow_ups"].as_array().unwrap().len();
    let all = ada.get(&format!("/follow-ups?patient_id={ANA}")).await.ok();
    assert_eq!(all["items"].as_array().unwrap().len(), calls);
    assert_eq!(left_ml(&ada).await, "49");
}

#[actix_web::test]
async fn a_voided_solution_is_back_in_its_lot_and_is_not_voided_while_it_is_in_the_patient() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("1", "2"), LIDOCAINE).await;
    assert_eq!(left_ml(&ada).await, "48");
    let needle = inject(&ada, &path, site(&solution_id, "1")).await;
    let void = format!("{path}/solutions/{solution_id}/void");
    let refused = ada.post(&void, mistake()).await;
    let refused = assert_problem!(refused, 409, "/problems/still-in-use");
    assert_eq!(refused.body["injections"], json!([needle["id"]]));
    ada.post(
        &format!("{path}/injections/{}/void", id(&needle)),
        mistake(),
    )
    .await
    .ok();
    let voided = ada.post(&void, mistake()).await.ok();
    assert_eq!(
        (&voided["left_ml"], &voided["voided"]["by"]),
        (&json!("0"), &ada.user["id"])
    );
    assert_eq!(left_ml(&ada).await, "50");
    let sums = "SELECT sum(change_ml)::text FROM stock_movements WHERE procedure_id IS NOT NULL";
    assert_eq!(clinic.ask(sums).await, "0.000");
    let again = ada
        .post(&format!("{path}/injections"), site(&solution_id, "1"))
        .await;
    assert_eq!(again.pointers(), ["/solution_id"]);
    let elsewhere = ada
        .post(&format!("{path}/solutions/{ANA}/void"), mistake())
        .await;
    assert_eq!(elsewhere.status, 404);
}

#[actix_web::test]
async fn sixty_four_draw_at_once_from_a_lot_that_holds_ten() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    clinic
        .sql(&format!(
            "UPDATE lots SET remaining_ml = 10 WHERE id = '{LIDOCAINE}'"
        ))
        .await;
    let draws = (0..64).map(|_| {
        let solutions = format!("{path}/solutions");
        let ada = &ada;
        async move {
            ada.post(&solutions, recipe("1", "1", LIDOCAINE))
                .await
                .status
        }
    });
    let answers = join_all(draws).await;
    let won = answers.iter().filter(|status| **status == 201).count();
    assert_eq!(won, 10, "{answers:?}");
    assert!(
        answers.iter().all(|status| [201, 409].contains(status)),
        "{answers:?}"
    );
    assert_eq!(left_ml(&ada).await, "0");
}

#[actix_web::test]
async fn a_procedure_is_voided_when_nothing_of_it_is_in_the_patient() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let (visit_id, path, site_id) = completed(&ada, ANA).await;
    let void = format!("{path}/void");
    let refused = ada.act_now(&void, mistake()).await;
    let refused = assert_problem!(refused, 409, "/problems/still-in-use");
    assert_eq!(refused.body["injections"], json!([site_id]));
    ada.post(&format!("{path}/injections/{site_id}/void"), mistake())
        .await
        .ok();
    let solution_id = id(&ada.get(&path).await.ok()["solutions"][0]);
    let refused = ada.act_now(&void, mistake()).await;
    assert_problem!(refused, 409, "/problems/still-in-use");
    ada.post(&format!("{path}/solutions/{solution_id}/void"), mistake())
        .await
        .ok();
    let voided = ada.act_now(&void, mistake()).await.ok();
    assert_eq!(voided["status"], "voided");
    assert_eq!(voided["voided"]["reason"], mistake()["reason"]);
    assert_problem!(
        ada.act_now(&void, mistake()).await,
        409,
        "/problems/already-voided"
    );
    let started = ada.act_now(&format!("{path}/start"), Value::Null).await;
    assert_problem!(started, 409, "/problems/wrong-status");
    let calls = ada
        .get(&format!("/follow-ups?patient_id={ANA}&status=upcoming"))
        .await
        .ok();
    assert_eq!(calls["items"], json!([]));
    // Nothing open is left, so the visit can be signed, and the seal holds.
    sign(&ada, &visit_id).await;
    let seal = ada.get(&format!("/visits/{visit_id}/seal")).await.ok();
    assert_eq!(seal["intact"], true);
    assert_problem!(ada.act_now(&void, mistake()).await, 423, "/problems/sealed");
    let patient = clinic.patient().await;
    let seen = patient.get(&path).await;
    assert_eq!(seen.status, 404);
}

#[actix_web::test]
async fn a_palpation_by_mistake_is_voided_and_the_point_can_be_found_again() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let found = palpate(&ada, &visit_id, finding()).await;
    let path = format!("/visits/{visit_id}/trigger-points/{}", id(&found));
    let voided = ada.act_now(&format!("{path}/void"), mistake()).await.ok();
    assert_eq!(voided["voided"]["by"], ada.user["id"]);
    let again = ada.act_now(&format!("{path}/void"), mistake()).await;
    assert_problem!(again, 409, "/problems/already-voided");
    let changed = ada.patch(&path, "*", json!({ "taut_band": "no" })).await;
    assert_problem!(changed, 409, "/problems/already-voided");
    let listed = ada
        .get(&format!("/visits/{visit_id}/trigger-points"))
        .await
        .ok();
    assert_eq!(listed["items"][0]["voided"]["reason"], mistake()["reason"]);
    let points = ada
        .get(&format!("/patients/{ANA}/trigger-points"))
        .await
        .ok();
    assert_eq!(points["items"], json!([]));
    let chart = ada.get(&format!("/visits/{visit_id}/body-chart.svg")).await;
    assert!(!chart.body.to_string().contains(text(&found["point_id"])));
    let second = palpate(&ada, &visit_id, finding()).await;
    assert_eq!(second["course"], "new");
    assert_eq!(second["proposed_same_as"], json!([]));
    sign(&ada, &visit_id).await;
    let patient = clinic.patient().await;
    let seen = patient
        .get(&format!("/visits/{visit_id}/trigger-points"))
        .await
        .ok();
    assert_eq!(seen["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn muscle_side_and_place_are_put_right_and_the_point_moves_along() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let found = palpate(&ada, &visit_id, finding()).await;
    let path = format!("/visits/{visit_id}/trigger-points/{}", id(&found));
    let right = json!({ "side": "right", "x": "0.73" });
    let half = ada.patch(&path, "*", json!({ "side": "right" })).await;
    assert_eq!(half.status, 422);
    let moved = ada.patch(&path, "*", right).await.ok();
    assert_eq!(
        (&moved["side"], &moved["point_id"]),
        (&json!("right"), &found["point_id"])
    );
    let points = ada
        .get(&format!("/patients/{ANA}/trigger-points"))
        .await
        .ok();
    assert_eq!(points["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&points["items"][0]["side"], &points["items"][0]["x"]),
        (&json!("right"), &json!("0.73"))
    );
    // A needle went into the point: the site is put right first.
    let procedure = planned(&ada, &visit_id, "dry_needling").await;
    prepare(&ada, &procedure).await;
    start(&ada, &procedure).await;
    let dry = json!({
        "point_id": found["point_id"], "needle_gauge": 30, "needle_length_mm": 38,
        "approach": "perpendicular", "aspirated": false, "twitch_elicited": true, "volume_ml": "0",
    });
    let needle = inject(&ada, &procedure, dry).await;
    let back = json!({ "side": "left", "x": "0.27" });
    let refused = ada.patch(&path, "*", back.clone()).await;
    let refused = assert_problem!(refused, 409, "/problems/point-injected");
    assert_eq!(refused.body["injection_ids"], json!([needle["id"]]));
    ada.post(
        &format!("{procedure}/injections/{}/void", id(&needle)),
        mistake(),
    )
    .await
    .ok();
    ada.patch(&path, "*", back).await.ok();
}

#[actix_web::test]
async fn the_next_palpation_can_be_recognised_before_or_after_it_is_recorded() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let first_visit = walk_in(&ada, ANA).await;
    let first = palpate(&ada, &first_visit, finding()).await;
    sign(&ada, &first_visit).await;
    clinic.advance(TimeDelta::days(28));
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let asked = "muscle_code=trapezius_upper&side=left&view=HN_POST&x=0.28&y=0.70";
    let proposals = format!("/visits/{visit_id}/point-proposals?{asked}");
    let proposed = ada.get(&proposals).await.ok();
    assert_eq!(proposed["items"][0]["point_id"], first["point_id"]);
    assert_eq!(proposed["items"].as_array().unwrap().len(), 1);
    let second = palpate(&ada, &visit_id, finding()).await;
    assert_eq!(second["course"], "new");
    let path = format!("/visits/{visit_id}/trigger-points/{}", id(&second));
    let same = json!({ "same_as": first["point_id"] });
    let recognised = ada.patch(&path, "*", same).await.ok();
    assert_eq!(
        (&recognised["point_id"], &recognised["course"]),
        (&first["point_id"], &json!("persistent"))
    );
    let points = ada
        .get(&format!("/patients/{ANA}/trigger-points"))
        .await
        .ok();
    assert_eq!(points["items"].as_array().unwrap().len(), 1);
    let own = ada.patch(&path, "*", json!({ "same_as": null })).await.ok();
    assert_eq!(own["course"], "new");
    assert_ne!(own["point_id"], first["point_id"]);
    let unknown = ada.patch(&path, "*", json!({ "same_as": ANA })).await;
    assert_eq!(unknown.pointers(), ["/same_as"]);
}

#[actix_web::test]
async fn an_empty_visit_is_discarded_and_its_appointment_is_arrived_again() {
    let clinic = Clinic::open().await;
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    let booking = json!({
        "patient_id": ANA, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": "2026-03-02T10:00:00-05:00",
    });
    let appointment = desk.post("/appointments", booking).await.created();
    let body = json!({ "appointment_id": appointment["id"] });
    let visit = ada.post("/visits", body.clone()).await.created();
    let visit_path = format!("/visits/{}", id(&visit));
    let discard = format!("{visit_path}/discard");
    let found = palpate(&ada, &id(&visit), finding()).await;
    let refused = ada.act_now(&discard, mistake()).await;
    assert_problem!(refused, 409, "/problems/visit-has-content");
    ada.act_now(
        &format!("{visit_path}/trigger-points/{}/void", id(&found)),
        mistake(),
    )
    .await
    .ok();
    let stale = ada.act(&discard, "\"v1\"", mistake()).await;
    assert_eq!(stale.status, 412);
    let discarded = ada.act_now(&discard, mistake()).await.ok();
    assert_eq!(discarded["status"], "discarded");
    assert_eq!(discarded["discarded"]["reason"], mistake()["reason"]);
    let path = format!("/appointments/{}", id(&appointment));
    assert_eq!(desk.get(&path).await.ok()["status"], "arrived");
    let note = ada.patch(&visit_path, "*", json!({ "plan": "Rest" })).await;
    assert_problem!(note, 423, "/problems/sealed");
    let listed = ada.get(&format!("/visits?patient_id={ANA}")).await.ok();
    assert_eq!(listed["items"], json!([]));
    // The right visit can be opened for it.
    let second = ada.post("/visits", body).await.created();
    assert_eq!(second["status"], "open");
}

#[actix_web::test]
async fn a_colleague_goes_on_with_an_open_visit_and_signs_it() {
    let clinic = Clinic::open().await;
    let (ada, bo) = (clinic.provider().await, clinic.other_provider().await);
    let visit_id = walk_in(&ada, ANA).await;
    let hand_over = format!("/visits/{visit_id}/hand-over");
    let to =
        |provider_id: &str| json!({ "provider_id": provider_id, "reason": "Dr Keller fell ill" });
    for nobody in [ADA, ANA] {
        let refused = bo.act_now(&hand_over, to(nobody)).await;
        assert_eq!(refused.pointers(), ["/provider_id"]);
    }
    let handed = bo.act_now(&hand_over, to(BO)).await.ok();
    assert_eq!(handed["provider_id"], BO);
    assert_eq!(handed["hand_overs"][0]["from_provider_id"], ADA);
    let refused = ada
        .act_now(&format!("/visits/{visit_id}/sign"), Value::Null)
        .await;
    assert_eq!(refused.status, 403);
    let signed = bo
        .act_now(&format!("/visits/{visit_id}/sign"), Value::Null)
        .await
        .ok();
    assert_eq!(signed["signed_by"], bo.user["id"]);
    let seal = ada.get(&format!("/visits/{visit_id}/seal")).await.ok();
    assert_eq!(seal["intact"], true);
}

#[actix_web::test]
async fn a_retracted_visit_stays_sealed_and_marked_and_counts_nowhere() {
    let clinic = Clinic::open().await;
    let (ada, bo) = (clinic.provider().await, clinic.other_provider().await);
    let (visit_id, path, _) = completed(&ada, ANA).await;
    palpate(&ada, &visit_id, finding()).await;
    let retract = format!("/visits/{visit_id}/retract");
    let wrong_patient = json!({ "reason": "Ben's visit", "belongs_to_patient_id": BEN });
    let early = ada.act_now(&retract, wrong_patient.clone()).await;
    assert_problem!(early, 409, "/problems/not-signed");
    sign(&ada, &visit_id).await;
    assert_eq!(
        bo.act_now(&retract, wrong_patient.clone()).await.status,
        403
    );
    let own = json!({ "reason": "Wrong", "belongs_to_patient_id": ANA });
    assert_eq!(
        ada.act_now(&retract, own).await.pointers(),
        ["/belongs_to_patient_id"]
    );
    let retracted = ada.act_now(&retract, wrong_patient.clone()).await.ok();
    assert_eq!(retracted["status"], "retracted");
    assert_eq!(retracted["retracted"]["belongs_to_patient_id"], BEN);
    assert_problem!(
        ada.act_now(&retract, wrong_patient).await,
        409,
        "/problems/already-retracted"
    );
    let seal = ada.get(&format!("/visits/{visit_id}/seal")).await.ok();
    assert_eq!(
        seal["intact"], true,
        "the retraction is not part of what was signed"
    );
    // Staff read it, marked; the patient does not.
    assert_eq!(ada.get(&path).await.ok()["status"], "voided");
    let patient = clinic.patient().await;
    for hidden in [
        format!("/visits/{visit_id}"),
        path.clone(),
        format!("/visits/{visit_id}/seal"),
    ] {
        assert_eq!(patient.get(&hidden).await.status, 404, "{hidden}");
    }
    let listed = patient.get("/visits").await.ok();
    assert_eq!(listed["items"], json!([]));
    let outcomes = ada.get(&format!("/patients/{ANA}/outcomes")).await.ok();
    assert_eq!(outcomes["procedures"], json!([]));
    let points = ada
        .get(&format!("/patients/{ANA}/trigger-points"))
        .await
        .ok();
    assert_eq!(points["items"], json!([]));
    let due = ada
        .get(&format!("/follow-ups?patient_id={ANA}&status=upcoming"))
        .await
        .ok();
    assert_eq!(due["items"], json!([]));
    // The dose is in nobody's window any more, and the lot still knows where its fluid went.
    let next = under_way(&ada, ANA).await;
    let safety = ada.get(&format!("{next}/safety")).await.ok();
    assert_eq!(
        check(&safety, DOSE)["status"],
        check(&safety, "nothing")["status"]
    );
    let exposures = ada.get(&format!("/lots/{LIDOCAINE}/exposures")).await.ok();
    assert_eq!(exposures["items"][0]["retracted"], true);
    assert_eq!(exposures["items"][0]["sites"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn the_mark_under_a_seal_is_all_that_a_retraction_can_write() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let (visit_id, ..) = completed(&ada, ANA).await;
    sign(&ada, &visit_id).await;
    for statement in [
        "UPDATE visits SET plan = ''changed''",
        "UPDATE injections SET volume_ml = 0.1",
        "UPDATE procedures SET status = ''abandoned''",
        "DELETE FROM injections",
    ] {
        let attempt = format!(
            "BEGIN; SELECT set_config('role', control.role_name('retract'), true); \
             SET LOCAL app.practice_id = '{RIVERSIDE}'; SET LOCAL app.patient_ids = '*'; \
             DO $$ BEGIN EXECUTE '{statement}'; RAISE EXCEPTION 'not forbidden'; \
             EXCEPTION WHEN insufficient_privilege THEN NULL; END $$; ROLLBACK"
        );
        clinic.sql(&attempt).await;
    }
    // The service itself sets no mark under a seal.
    let marked = format!(
        "BEGIN; SELECT set_config('role', control.role_name('app'), true); \
         SET LOCAL app.practice_id = '{RIVERSIDE}'; SET LOCAL app.patient_ids = '*'; \
         UPDATE injections SET voided_at = now(), voided_by = id, void_reason = 'x'; COMMIT"
    );
    clinic.sql(&marked).await;
    let count = "SELECT count(*)::text FROM injections WHERE voided_at IS NOT NULL";
    assert_eq!(clinic.ask(count).await, "0");
}

#[actix_web::test]
async fn a_signature_is_for_what_the_provider_has_read() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let visit_id = walk_in(&ada, ANA).await;
    let path = format!("/visits/{visit_id}");
    let read = ada.get(&path).await.etag();
    palpate(&assistant, &visit_id, finding()).await;
    let stale = ada.act(&format!("{path}/sign"), &read, Value::Null).await;
    assert_eq!(stale.status, 412);
    // The note is still as it was read, and can be written.
    let note = ada.patch(&path, &read, json!({ "plan": "Heat" })).await;
    let written = note.etag();
    note.ok();
    let lost = ada.patch(&path, &read, json!({ "plan": "Cold" })).await;
    assert_eq!(lost.status, 412);
    ada.act(&format!("{path}/sign"), &written, Value::Null)
        .await
        .ok();
}

#[actix_web::test]
async fn what_happened_yesterday_is_entered_today_with_the_reason() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let yesterday = opening() - TimeDelta::days(1);
    let at = |minutes: i64| (yesterday + TimeDelta::minutes(minutes)).to_rfc3339();
    let visit = |started_at: String, reason: Option<&str>| {
        let mut body = json!({
            "patient_id": ANA, "provider_id": ADA, "location_id": MAIN_STREET, "started_at": started_at,
        });
        if let Some(reason) = reason {
            body["late_entry_reason"] = json!(reason);
        }
        body
    };
    let refused = ada.post("/visits", visit(at(0), None)).await;
    assert_eq!(refused.pointers(), ["/late_entry_reason"]);
    let week = (opening() - TimeDelta::days(8)).to_rfc3339();
    let refused = ada.post("/visits", visit(week, Some("Paper"))).await;
    assert_eq!(refused.pointers(), ["/started_at"]);
    let opened = ada
        .post("/visits", visit(at(0), Some("The network was down")))
        .await
        .created();
    assert_eq!(opened["late_entry_reason"], "The network was down");
    assert!(text(&opened["recorded_at"]) > text(&opened["started_at"]));
    let visit_id = id(&opened);
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    prepare(&ada, &path).await;
    let early = json!({ "started_at": at(-10) });
    let refused = ada.act_now(&format!("{path}/start"), early).await;
    assert_eq!(refused.pointers(), ["/started_at"]);
    let started = json!({ "started_at": at(5) });
    ada.act_now(&format!("{path}/start"), started).await.ok();
    let mut recipe = recipe("1", "1", LIDOCAINE);
    recipe["prepared_at"] = json!(at(6));
    let drawn = ada
        .post(&format!("{path}/solutions"), recipe)
        .await
        .created();
    let mut needle = site(&id(&drawn), "1");
    needle["injected_at"] = json!(at(4));
    let refused = ada
        .post(&format!("{path}/injections"), needle.clone())
        .await;
    assert_eq!(refused.pointers(), ["/injected_at"]);
    needle["injected_at"] = json!(at(10));
    inject(&ada, &path, needle).await;
    read_warnings(&ada, &path).await;
    let done = json!({ "completed_at": at(15) });
    let done = ada.act_now(&format!("{path}/complete"), done).await.ok();
    assert!(text(&done["completed_at"]) < text(&done["recorded_at"]));
    // The call of the next day is due by the day of the needle.
    let due_from: chrono::DateTime<chrono::Utc> =
        text(&done["follow_ups"][0]["due_from"]).parse().unwrap();
    assert!(due_from < opening() + TimeDelta::hours(20), "{due_from}");
}

#[actix_web::test]
async fn fluid_of_a_recalled_lot_is_not_injected_and_what_went_in_before_is_completed() {
    let clinic = Clinic::open().await;
    let (ada, admin) = (clinic.provider().await, clinic.admin().await);
    let assistant = clinic.assistant().await;
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("1", "2"), LIDOCAINE).await;
    inject(&ada, &path, site(&solution_id, "1")).await;
    let recall = json!({ "reason": "Particles" });
    admin
        .act_now(&format!("/lots/{LIDOCAINE}/recall"), recall)
        .await
        .ok();
    let refused = ada
        .post(&format!("{path}/injections"), site(&solution_id, "1"))
        .await;
    let refused = assert_problem!(refused, 409, "/problems/lot-unusable");
    assert_eq!(refused.body["unusable"][0]["reason"], "recalled");
    waste(&assistant, &ada, (&path, &solution_id), "1").await;
    let safety = ada.get(&format!("{path}/safety")).await.ok();
    assert_eq!(check(&safety, "lot_set_aside_since")["status"], "warn");
    let done = complete(&ada, &path).await.ok();
    assert_eq!(done["status"], "completed");
}

#[actix_web::test]
async fn vitals_that_are_left_out_stay_and_an_older_visit_changes_no_dose() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let older = walk_in(&ada, ANA).await;
    let weigh = |visit_id: String, weight: &'static str| {
        let ada = &ada;
        async move {
            let path = format!("/visits/{visit_id}/vitals");
            ada.put(&path, "*", json!({ "weight_kg": weight }))
                .await
                .ok()
        }
    };
    weigh(older.clone(), "50").await;
    let pulse = json!({ "heart_rate_bpm": 70 });
    let kept = ada
        .put(&format!("/visits/{older}/vitals"), "*", pulse)
        .await
        .ok();
    assert_eq!(
        (
            &kept["vitals"]["weight_kg"],
            &kept["vitals"]["heart_rate_bpm"]
        ),
        (&json!("50"), &json!(70))
    );
    clinic.advance(TimeDelta::days(3));
    let ada = clinic.provider().await;
    let today = walk_in(&ada, ANA).await;
    let path = format!("/visits/{today}/vitals");
    ada.put(&path, "*", json!({ "weight_kg": "70" })).await.ok();
    let path = format!("/visits/{older}/vitals");
    ada.put(&path, "*", json!({ "weight_kg": "40" })).await.ok();
    let patient = ada.get(&format!("/patients/{ANA}")).await.ok();
    assert_eq!(patient["weight_kg"], "70");
}
