//! At the bedside: few acts, each by name, and no warning that nobody has read.

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;

fn beginning() -> Value {
    json!({
        "consent": { "given_by": "patient", "method": "written", "text_version": "2026-01" },
        "time_out": time_out(true),
    })
}

/// What a provider must read before the needle: the patient does not tolerate latex.
async fn allergic_to_latex(by: &Client) {
    let allergy = json!({ "substance": "Latex", "allergen_class": "latex", "severity": "mild" });
    by.post(&format!("/patients/{ANA}/allergies"), allergy)
        .await
        .created();
}

#[actix_web::test]
async fn a_procedure_begins_in_one_act_or_not_at_all() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let path = planned(&ada, &visit_id, "trigger_point_injection").await;
    let mut unclear = beginning();
    unclear["time_out"]["site_ok"] = json!(false);
    let refused = ada.act_now(&format!("{path}/begin"), unclear).await;
    let refused = assert_problem!(refused, 409, "/problems/not-ready");
    assert_eq!(refused.body["missing"], json!(["time_out"]));
    assert_eq!(ada.get(&path).await.ok()["consent"], Value::Null);
    let begun = ada
        .act_now(&format!("{path}/begin"), beginning())
        .await
        .ok();
    assert_eq!(begun["status"], "in_progress");
    assert_eq!(begun["consent"]["given_by"], "patient");
    assert_eq!(begun["time_out"]["by"], ada.user["id"]);
}

#[actix_web::test]
async fn twelve_sites_are_recorded_in_one_act_and_a_faulty_line_keeps_all_back() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("1", "1.2"), LIDOCAINE).await;
    let batch = format!("{path}/injections/batch");
    let mut sites: Vec<Value> = (0..12).map(|_| site(&solution_id, "0.1")).collect();
    sites[3]["volume_ml"] = json!("7");
    sites[7]["muscle_code"] = json!("no_such_muscle");
    let refused = ada
        .post(&batch, json!({ "injections": sites.clone() }))
        .await;
    assert_eq!(refused.pointers(), ["/injections/3/volume_ml"]);
    sites[3]["volume_ml"] = json!("0.1");
    let refused = ada
        .post(&batch, json!({ "injections": sites.clone() }))
        .await;
    assert_eq!(refused.pointers(), ["/injections/7/muscle_code"]);
    sites[7]["muscle_code"] = json!("trapezius_upper");
    sites[11]["volume_ml"] = json!("0.2");
    let refused = ada
        .post(&batch, json!({ "injections": sites.clone() }))
        .await;
    let refused = assert_problem!(refused, 409, "/problems/solution-exhausted");
    assert_eq!(refused.body["errors"][0]["pointer"], "/injections/11");
    assert_eq!(ada.get(&path).await.ok()["injections"], json!([]));
    sites[11]["volume_ml"] = json!("0.1");
    let recorded = ada
        .post(&batch, json!({ "injections": sites }))
        .await
        .created();
    assert_eq!(recorded["injections"].as_array().unwrap().len(), 12);
    assert_eq!(
        ada.get(&path).await.ok()["version"],
        recorded["procedure_version"]
    );
}

#[actix_web::test]
async fn all_drafts_of_a_template_are_confirmed_in_one_act() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("0.5", "50"), LIDOCAINE).await;
    let templates = ada.get("/procedure-templates").await.ok();
    let code = templates["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["kind"] == "trigger_point_injection")
        .unwrap()["code"]
        .clone();
    let from = json!({ "from": "template", "template_code": code });
    let drafts = ada.post(&format!("{path}/drafts"), from).await.created();
    let line = |draft: &Value| {
        json!({
            "id": draft["id"], "solution_id": solution_id, "volume_ml": "0.1", "needle_gauge": 27,
            "needle_length_mm": 25, "approach": "perpendicular", "aspirated": true,
            "twitch_elicited": true,
        })
    };
    let mut lines: Vec<Value> = drafts["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(line)
        .collect();
    let count = lines.len();
    lines[1]["id"] = json!(ANA);
    let confirm = format!("{path}/drafts/confirm");
    let refused = ada.post(&confirm, json!({ "drafts": lines.clone() })).await;
    assert_eq!(refused.pointers(), ["/drafts/1/id"]);
    lines[1]["id"] = drafts["items"][1]["id"].clone();
    let confirmed = ada
        .post(&confirm, json!({ "drafts": lines }))
        .await
        .created();
    assert_eq!(confirmed["injections"].as_array().unwrap().len(), count);
    let listed = ada.get(&format!("{path}/drafts?limit=200")).await.ok();
    let statuses = listed["items"].as_array().unwrap().iter();
    assert!(statuses.clone().all(|draft| draft["status"] == "confirmed"));
}

#[actix_web::test]
async fn nobody_has_read_a_warning_because_they_completed() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    allergic_to_latex(&ada).await;
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
    inject(&ada, &path, site(&solution_id, "1")).await;
    let finish = format!("{path}/complete");
    let refused = ada.act_now(&finish, Value::Null).await;
    let refused = assert_problem!(refused, 409, "/problems/unread-checks");
    let codes: Vec<Value> = refused.body["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["code"].clone())
        .collect();
    assert!(!codes.is_empty());
    let read = json!({ "check_codes": codes });
    let acknowledge = format!("{path}/acknowledge");
    assert_eq!(
        assistant.act_now(&acknowledge, read.clone()).await.status,
        403
    );
    let unknown = json!({ "check_codes": ["no_such_check"] });
    let refused = ada.act_now(&acknowledge, unknown).await;
    assert_eq!(refused.pointers(), ["/check_codes/0"]);
    let done = ada.act_now(&acknowledge, read).await.ok();
    assert_eq!(
        done["acknowledgements"][0]["acknowledged_by"],
        ada.user["id"]
    );
    assert_eq!(done["overrides"], json!([]));
    let done = assistant.act_now(&finish, Value::Null).await.ok();
    let check = check(&done["safety"], codes[0].as_str().unwrap());
    assert_eq!(check["acknowledged_by"], ada.user["id"]);
}

#[actix_web::test]
async fn a_patient_who_says_no_is_not_needled_at_any_step() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let visit_id = walk_in(&ada, ANA).await;
    let waiting = planned(&ada, &visit_id, "trigger_point_injection").await;
    prepare(&ada, &waiting).await;
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("1", "2"), LIDOCAINE).await;
    inject(&ada, &path, site(&solution_id, "1")).await;
    clinic.advance(chrono::TimeDelta::minutes(1));
    let no = json!({
        "subject": "trigger_point_injection", "decision": "withdrawn", "decided_by": "patient",
        "method": "verbal", "text_version": "2026-01",
    });
    ada.post(&format!("/patients/{ANA}/consents"), no)
        .await
        .created();
    let refused = ada.act_now(&format!("{waiting}/start"), Value::Null).await;
    let refused = assert_problem!(refused, 409, "/problems/not-ready");
    assert_eq!(refused.body["missing"], json!(["consent"]));
    let refused = ada
        .post(&format!("{path}/injections"), site(&solution_id, "1"))
        .await;
    assert_problem!(refused, 409, "/problems/not-ready");
    let refused = ada.act_now(&format!("{path}/complete"), Value::Null).await;
    let refused = assert_problem!(refused, 409, "/problems/unsafe");
    assert_eq!(refused.body["checks"][0]["override_policy"], "never");
    // Agreed to again, it goes on.
    clinic.advance(chrono::TimeDelta::minutes(1));
    prepare(&ada, &waiting).await;
    ada.act_now(&format!("{waiting}/start"), Value::Null)
        .await
        .ok();
}

#[actix_web::test]
async fn nothing_begins_while_a_grave_event_of_before_is_not_reviewed() {
    let clinic = Clinic::open().await;
    let ada = clinic.provider().await;
    let (_, path, _) = completed(&ada, ANA).await;
    let event = json!({
        "event_code": "anaphylaxis", "grade": 4, "onset_at": opening().to_rfc3339(),
        "serious_reason": "Epinephrine was given",
    });
    let reported = ada
        .post(&format!("{path}/adverse-events"), event)
        .await
        .created();
    let visit_id = walk_in(&ada, ANA).await;
    let next = planned(&ada, &visit_id, "trigger_point_injection").await;
    prepare(&ada, &next).await;
    let start = format!("{next}/start");
    let refused = ada.act_now(&start, Value::Null).await;
    let refused = assert_problem!(refused, 409, "/problems/not-ready");
    assert!(
        refused.body["missing"]
            .as_array()
            .unwrap()
            .contains(&json!("adverse_event_review"))
    );
    let review = format!("/adverse-events/{}/review", id(&reported));
    ada.act_now(&review, json!({ "note": "Seen by an allergist" }))
        .await
        .ok();
    let after = ada.act_now(&start, Value::Null).await;
    let missing = after.body["missing"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert!(
        !missing.contains(&json!("adverse_event_review")),
        "{}",
        after.body
    );
}

#[actix_web::test]
async fn a_dose_that_was_given_elsewhere_counts_and_is_marked_as_told() {
    let clinic = Clinic::open().await;
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    let doses = format!("/patients/{ANA}/outside-doses");
    let today = opening().date_naive();
    let told = json!({
        "drug_code": "lidocaine", "amount": "200", "unit": "mg", "given_on": today.to_string(),
        "given_on_precision": "day", "muscle_code": "trapezius_upper", "told_by": "patient",
    });
    assert_eq!(desk.post(&doses, told.clone()).await.status, 403);
    let mut wrong = told.clone();
    wrong["drug_code"] = json!("no_such_drug");
    wrong["amount"] = json!("0");
    wrong["given_on"] = json!("2126-01-01");
    wrong["muscle_code"] = json!("no_such_muscle");
    let refused = ada.post(&doses, wrong).await;
    assert_eq!(
        refused.pointers(),
        ["/drug_code", "/amount", "/given_on", "/muscle_code"]
    );
    let path = under_way(&ada, ANA).await;
    drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
    let dose = async || {
        let safety = ada.get(&format!("{path}/safety")).await.ok();
        check(&safety, "local_anaesthetic_dose").clone()
    };
    let before = dose().await;
    let recorded = ada.post(&doses, told).await.created();
    assert_eq!(recorded["reported"], true);
    let after = dose().await;
    assert_ne!(before["fraction"], after["fraction"], "{after}");
    let void = format!("{doses}/{}/void", id(&recorded));
    ada.post(&void, json!({ "reason": "It was another drug" }))
        .await
        .ok();
    assert_eq!(dose().await["fraction"], before["fraction"]);
    assert_problem!(
        ada.post(&void, json!({ "reason": "Twice" })).await,
        409,
        "/problems/already-voided"
    );
    let listed = ada.get(&doses).await.ok();
    assert_eq!(
        listed["items"][0]["voided"]["reason"],
        "It was another drug"
    );
}

#[actix_web::test]
async fn a_paper_diary_is_taken_over_and_every_faulty_line_is_named() {
    let clinic = Clinic::open().await;
    let (ada, patient) = (clinic.provider().await, clinic.patient().await);
    let import = format!("/patients/{ANA}/diary/import");
    let today = opening().date_naive();
    let day = |back: u64| {
        let date = today - chrono::Days::new(back);
        json!({ "entry_date": date.to_string(), "headache": true, "peak_pain_nrs": 6 })
    };
    let mut impossible = day(40);
    impossible["peak_pain_nrs"] = json!(11);
    let entries = json!([day(30), day(90), impossible, day(900), { "headache": true }, day(30)]);
    let body = json!({ "source": "Paper diary", "entries": entries });
    assert_eq!(patient.post(&import, body.clone()).await.status, 403);
    let tried = ada
        .post(&format!("{import}?dry_run=true"), body.clone())
        .await
        .ok();
    assert_eq!(
        (&tried["taken"], &tried["dry_run"]),
        (&json!(2), &json!(true))
    );
    let diary = ada.get(&format!("/patients/{ANA}/diary")).await.ok();
    assert_eq!(diary["items"], json!([]));
    let done = ada.post(&import, body.clone()).await.ok();
    let statuses: Vec<&Value> = done["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["status"])
        .collect();
    assert_eq!(
        statuses,
        [
            "taken",
            "taken",
            "refused",
            "refused",
            "refused",
            "already_recorded"
        ]
    );
    let pointer = |line: usize| done["lines"][line]["errors"][0]["pointer"].clone();
    assert_eq!(pointer(2), "/entries/2/peak_pain_nrs");
    assert_eq!(pointer(3), "/entries/3/entry_date");
    assert_eq!(pointer(4), "/entries/4/entry_date");
    let diary = ada.get(&format!("/patients/{ANA}/diary")).await.ok();
    assert_eq!(diary["items"].as_array().unwrap().len(), 2);
    assert_eq!(diary["items"][0]["source"], "Paper diary");
    assert_eq!(diary["items"][0]["retrospective"], true);
    let again = ada.post(&import, body).await.ok();
    assert_eq!(again["taken"], 0);
}

fn delivery(lot_number: &str, location_id: &str) -> Value {
    json!({
        "drug_code": "lidocaine", "lot_number": lot_number, "expires_on": "2027-02",
        "vial_type": "multi_dose", "quantity_ml": "20", "location_id": location_id,
        "strength": "2", "strength_unit": "percent", "ndc": "0409-4277-01",
        "manufacturer": "Hospira", "barcode": "01003040942770112172702281012345",
    })
}

#[actix_web::test]
async fn a_lot_knows_what_is_printed_on_it_and_a_contradiction_is_refused() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let lot = assistant
        .post("/lots", delivery("AB 12", MAIN_STREET))
        .await
        .created();
    assert_eq!(
        (&lot["expires_on"], &lot["strength"], &lot["strength_unit"]),
        (&json!("2027-02-28"), &json!("2"), &json!("percent"))
    );
    let mut half = delivery("ZZ", MAIN_STREET);
    half["strength_unit"] = Value::Null;
    half["expires_on"] = json!("2027-13");
    let refused = assistant.post("/lots", half).await;
    assert_eq!(refused.pointers(), ["/expires_on", "/strength_unit"]);
    let path = under_way(&ada, ANA).await;
    let solutions = format!("{path}/solutions");
    let refused = ada.post(&solutions, recipe("1", "1", &id(&lot))).await;
    assert_eq!(refused.pointers(), ["/components/0/concentration"]);
    ada.post(&solutions, recipe("2", "1", &id(&lot)))
        .await
        .created();
    let mut in_milligrams = recipe("20", "1", &id(&lot));
    in_milligrams["components"][0]["concentration_unit"] = json!("mg_per_ml");
    ada.post(&solutions, in_milligrams).await.created();
}

#[actix_web::test]
async fn a_recall_reaches_the_makers_lot_everywhere_and_a_mistyped_expiry_is_put_right() {
    let clinic = Clinic::open().await;
    let (admin, assistant) = (clinic.admin().await, clinic.assistant().await);
    let here = assistant
        .post("/lots", delivery("AB 12", MAIN_STREET))
        .await
        .created();
    assistant
        .post("/lots", delivery("ab12", THAMES_HOUSE))
        .await
        .created();
    let mut second = delivery(" ab 12", MAIN_STREET);
    second["expires_on"] = json!("2027-03-31");
    let refused = assistant.post("/lots", second).await;
    let refused = assert_problem!(refused, 409, "/problems/lot-exists");
    assert_eq!(refused.body["expires_on"], "2027-02-28");
    let path = format!("/lots/{}", id(&here));
    let right =
        json!({ "field": "expires_on", "value": "2027-03", "reason": "The month was mistyped" });
    let corrected = assistant
        .act_now(&format!("{path}/correct"), right)
        .await
        .ok();
    assert_eq!(corrected["expires_on"], "2027-03-31");
    let kept = "SELECT field || ' ' || old_value || ' ' || new_value FROM lot_corrections";
    assert_eq!(clinic.ask(kept).await, "expires_on 2027-02-28 2027-03-31");
    let wrong = json!({ "field": "strength", "value": "much", "reason": "Typo" });
    let refused = assistant.act_now(&format!("{path}/correct"), wrong).await;
    assert_eq!(refused.pointers(), ["/value"]);
    let why = json!({ "reason": "Particles" });
    let recalled = admin.act_now(&format!("{path}/recall"), why).await.ok();
    assert_eq!(recalled["status"], "recalled");
    let lots = recalled["lots"].as_array().unwrap();
    assert_eq!(lots.len(), 2);
    assert!(lots.iter().all(|lot| lot["status"] == "recalled"));
}

#[actix_web::test]
async fn a_diary_in_csv_is_taken_over_once_and_every_bad_line_is_named() {
    let clinic = Clinic::open().await;
    let (ada, patient) = (clinic.provider().await, clinic.patient().await);
    let import = format!("/patients/{ANA}/diary/import");
    let day = |back: u64| opening().date_naive() - chrono::Days::new(back);
    let table = format!(
        "entry_date,headache,peak_pain_nrs,features,medications,sleep_hours\r\n\
         {},yes,7,pulsating;photophobia,sumatriptan:triptan:1,6.5\r\n\
         {},no,,,,\r\n{},yes,11,,,\r\n{},yes,3,shimmering,,\r\n{},perhaps,3,,,\r\n\
         02/28/2026,yes,3,,,\r\n{},yes,3,,,\r\n{},yes\r\n",
        day(30),
        day(31),
        day(32),
        day(33),
        day(34),
        day(900),
        day(35)
    );
    let post = async |by: &Client, path: &str, table: &str| {
        let csv = [("content-type", "text/csv; charset=utf-8")];
        by.send(
            reqwest::Method::POST,
            path,
            &csv,
            Some(table.to_owned().into_bytes()),
        )
        .await
    };
    assert_eq!(post(&patient, &import, &table).await.status, 403);
    let named = format!("{import}?dry_run=true&source=Migraine%20app");
    let tried = post(&ada, &named, &table).await.ok();
    assert_eq!(
        (&tried["taken"], &tried["dry_run"]),
        (&json!(2), &json!(true))
    );
    let diary = format!("/patients/{ANA}/diary");
    assert_eq!(ada.get(&diary).await.ok()["items"], json!([]));
    let named = format!("{import}?source=Migraine%20app");
    let done = post(&ada, &named, &table).await.ok();
    let lines = done["lines"].as_array().unwrap();
    let told: Vec<(u64, &str, &str)> = lines
        .iter()
        .map(|line| {
            let pointer = line["errors"][0]["pointer"].as_str();
            let status = line["status"].as_str().unwrap();
            (
                line["line"].as_u64().unwrap(),
                status,
                pointer.unwrap_or("-"),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, "taken", "-"),
            (3, "taken", "-"),
            (4, "refused", "/entries/2/peak_pain_nrs"),
            (5, "refused", "/entries/3/features/0"),
            (6, "refused", "/entries/4/headache"),
            (7, "refused", "/entries/5/entry_date"),
            (8, "refused", "/entries/6/entry_date"),
            (9, "refused", "/entries/7"),
        ]
    );
    let kept = ada.get(&diary).await.ok();
    let first = &kept["items"][0];
    assert_eq!(
        (
            &first["source"],
            &first["retrospective"],
            &first["migraine"]
        ),
        (&json!("Migraine app"), &json!(true), &json!(true))
    );
    assert_eq!(first["medications"][0]["class"], "triptan");
    assert_eq!(first["sleep_hours"], "6.5");
    let again = post(&ada, &import, &table).await.ok();
    assert_eq!(again["taken"], 0);
    assert_eq!(again["lines"][0]["status"], "already_recorded");
    assert_eq!(
        ada.get(&diary).await.ok()["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let strange = post(&ada, &import, "date,pain\n2026-02-01,5\n").await;
    assert_eq!(strange.status, 422);
    assert!(
        strange.pointers().contains(&"/columns/0".to_owned()),
        "{}",
        strange.body
    );
    let xml = [("content-type", "application/xml")];
    let xml = ada
        .send(
            reqwest::Method::POST,
            &import,
            &xml,
            Some(b"<day/>".to_vec()),
        )
        .await;
    assert_eq!(xml.status, 415);
    let outcomes = ada.get(&format!("/patients/{ANA}/outcomes")).await.ok();
    assert_eq!(outcomes["flags"]["rests_on"]["retrospective_days"], 2);
}
