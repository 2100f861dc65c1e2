//! The record as a whole: one person behind several records, the timeline, the export.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::assert_problem;
use crate::harness::*;
use crate::visits::{sign, walk_in};

/// Tables that say whose rows they are and are listed by patient, with where.
const LISTED: [(&str, &str); 15] = [
    ("allergies", "/patients/{}/allergies"),
    ("medications", "/patients/{}/medications"),
    ("conditions", "/patients/{}/conditions"),
    ("patient_contacts", "/patients/{}/contacts"),
    ("patient_alerts", "/patients/{}/alerts"),
    ("patient_consents", "/patients/{}/consents"),
    ("appointments", "/appointments?patient_id={}"),
    ("visits", "/visits?patient_id={}"),
    ("trigger_points", "/patients/{}/trigger-points"),
    ("follow_ups", "/follow-ups?patient_id={}"),
    ("diary_entries", "/patients/{}/diary"),
    ("assessments", "/patients/{}/assessments"),
    ("treatment_plans", "/patients/{}/treatment-plans"),
    ("procedures", "/patients/{}/timeline?kind=procedure"),
    ("outside_doses", "/patients/{}/outside-doses"),
];

/// Tables read through the row they hang from, which is read by its own id, whoever it is of.
const UNDER_ANOTHER: [&str; 18] = [
    "late_discharges",
    "late_observations",
    "follow_up_attempts",
    "appointment_changes",
    "visit_addenda",
    "visit_hand_overs",
    "palpations",
    "solutions",
    "solution_components",
    "injections",
    "safety_overrides",
    "treatment_plan_versions",
    "adverse_event_entries",
    "injection_drafts",
    "procedure_observations",
    "solution_wastes",
    "vials",
    "waitlist_offers",
];

/// Also listed by patient, for all records of the person; laid down by tests of their own.
const LISTED_TOO: [&str; 4] = [
    "adverse_events",
    "affected_appointments",
    "appointment_series",
    "waitlist_entries",
];

/// What is about the records themselves: the merges. So is the access log, which names patients in
/// lists.
const ABOUT_RECORDS: [&str; 1] = ["patient_merges"];

/// Reads that say which record something was written to, or an account was linked to, because that is
/// what they are about.
const SAYS_THE_RECORD: [&str; 5] = [
    "/api/v1/audit-events",
    "/api/v1/me",
    "/api/v1/patients/{patient_id}/access-log",
    "/api/v1/patients/{patient_id}/accounts",
    "/api/v1/patients/{patient_id}/export",
];

/// Reads that ask for more than their path: two visits to compare, and a secret address. Neither a
/// picture nor a calendar says an id of a patient.
const ASKS_FOR_MORE: [&str; 3] = [
    "/api/v1/patients/{patient_id}/body-chart.svg",
    "/api/v1/visits/{visit_id}/point-proposals",
    "/calendar/{token}.ics",
];

/// What a path may name that is no patient's.
const NOBODYS: [&str; 22] = [
    "service_account_id",
    "key_id",
    "appointment_type_id",
    "calendar_feed_id",
    "closure_id",
    "drug_code",
    "extra_hours_id",
    "follow_up_protocol_id",
    "hold_id",
    "invitation_id",
    "location_id",
    "lot_id",
    "note_template_id",
    "provider_id",
    "room_id",
    "rule_version",
    "session_id",
    "time_off_id",
    "token",
    "user_id",
    "vial_id",
    "webhook_id",
];

async fn posted(by: &Client, path: &str, body: Value) -> Value {
    by.post(path, body).await.created()
}

/// One of everything for a patient, an hour and a day of their own.
async fn lay_down(clinic: &Clinic, patient_id: &str, hour: u32, date: &str) {
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    let of = |what: &str| format!("/patients/{patient_id}/{what}");
    posted(&ada, &of("allergies"), json!({ "substance": "Lidocaine" })).await;
    posted(&ada, &of("medications"), json!({ "name": "Apixaban" })).await;
    posted(&ada, &of("conditions"), json!({ "code": "G43.709" })).await;
    let contact = json!({ "name": "Mira", "relation": "sibling", "phone": "+1 555 0177" });
    posted(&desk, &of("contacts"), contact).await;
    let alert = json!({ "banner": "Call by second name", "severity": "info" });
    posted(&ada, &of("alerts"), alert).await;
    let consent = json!({
        "subject": "email", "decision": "given", "decided_by": "patient", "method": "verbal",
        "text_version": "2026-01",
    });
    posted(&desk, &of("consents"), consent).await;
    let told = json!({
        "drug_code": "lidocaine", "amount": "10", "unit": "mg", "given_on": "2026-01-15",
        "given_on_precision": "month", "told_by": "patient",
    });
    posted(&ada, &of("outside-doses"), told).await;
    let booking = json!({
        "patient_id": patient_id, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": format!("2026-03-03T{hour:02}:00:00-05:00"),
    });
    posted(&desk, "/appointments", booking).await;
    let visit_id = walk_in(&ada, patient_id).await;
    let point = json!({
        "muscle_code": "trapezius_upper", "side": "left", "view": "HN_POST", "x": "0.27",
        "y": "0.70", "taut_band": "yes", "hypersensitive_spot": "yes", "referred_pain": "yes",
        "pain_recognised": "yes", "local_twitch": "no", "jump_sign": "no",
        "palpable_nodule": "no", "tenderness_grade": 2,
    });
    posted(&ada, &format!("/visits/{visit_id}/trigger-points"), point).await;
    let procedure = json!({ "kind": "dry_needling", "indication_codes": ["M79.18"] });
    let procedure = posted(&ada, &format!("/visits/{visit_id}/procedures"), procedure).await;
    let stop = format!("/procedures/{}/stop", procedure["id"].as_str().unwrap());
    ada.act_now(&stop, json!({ "reason": "Not today." }))
        .await
        .ok();
    sign(&ada, &visit_id).await;
    let addendum = json!({ "text": "Called back." });
    posted(&ada, &format!("/visits/{visit_id}/addenda"), addendum).await;
    let follow_up = json!({
        "kind": "call", "due_from": "2026-03-03T00:00:00-05:00",
        "due_by": "2026-03-10T00:00:00-04:00", "reason": "To ask how it went",
    });
    posted(&ada, &of("follow-ups"), follow_up).await;
    let day = json!({ "entry_date": date, "headache": true, "peak_pain_nrs": 6 });
    posted(&ada, &of("diary"), day).await;
    let score = json!({ "instrument": "hit_6", "score": 60, "taken_on": date });
    posted(&ada, &of("assessments"), score).await;
    let plan = json!({
        "status": "draft", "title": "Neck", "goals": [],
        "activities": [{ "therapy_code": "stretching", "frequency": "twice a day",
            "done_by": "patient", "status": "in_progress" }],
    });
    posted(&ada, &of("treatment-plans"), plan).await;
}

/// The id of a row of a list, whatever it is called there.
fn name(item: &Value) -> String {
    let id = item.get("id").or_else(|| item.get("point_id")).unwrap();
    id.as_str().unwrap().to_owned()
}

type Lists = BTreeMap<&'static str, BTreeMap<String, Value>>;

/// Everything that is listed by a patient, by table and id.
async fn lists(by: &Client, desk: &Client, patient_id: &str) -> Lists {
    let mut lists = Lists::new();
    for (table, path) in LISTED {
        let client = if table == "appointments" { desk } else { by };
        let listed = client.get(&path.replace("{}", patient_id)).await.ok();
        let items = listed["items"].as_array().unwrap().iter();
        lists.insert(
            table,
            items.map(|item| (name(item), item.clone())).collect(),
        );
    }
    lists
}

fn ids(lists: &Lists, table: &str) -> BTreeSet<String> {
    lists[table].keys().cloned().collect()
}

#[actix_web::test]
async fn no_table_with_a_patient_is_forgotten() {
    let clinic = Clinic::open().await;
    let tables = clinic
        .ask(
            "SELECT string_agg(DISTINCT table_name::text, ',') FROM information_schema.columns \
             WHERE table_schema = 'public' AND column_name = 'patient_id'",
        )
        .await;
    let known: BTreeSet<&str> = LISTED
        .iter()
        .map(|(table, _)| *table)
        .chain(UNDER_ANOTHER)
        .chain(ABOUT_RECORDS)
        .chain(LISTED_TOO)
        .collect();
    let found: BTreeSet<&str> = tables.split(',').collect();
    assert_eq!(
        found, known,
        "say how a table that names a patient is read once two records are one person"
    );
}

#[actix_web::test]
async fn after_a_merge_every_read_shows_one_person_and_taking_it_back_undoes_it_exactly() {
    let clinic = Clinic::open().await;
    lay_down(&clinic, ANA, 9, "2026-03-01").await;
    lay_down(&clinic, BEN, 10, "2026-02-28").await;
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    let of_ana = lists(&ada, &desk, ANA).await;
    let of_ben = lists(&ada, &desk, BEN).await;
    for (table, _) in LISTED {
        assert!(
            !of_ana[table].is_empty() && !of_ben[table].is_empty(),
            "{table}"
        );
    }
    let snapshot = "SELECT md5(string_agg(t::text, '|' ORDER BY t.id)) FROM visits t";
    let sealed = clinic.ask(snapshot).await;

    let merge = format!("/patients/{ANA}/merge");
    let duplicate = json!({ "duplicate_id": BEN });
    let merged = desk.act(&merge, "\"v1\"", duplicate.clone()).await;
    assert_eq!(merged.etag(), "\"v2\"");
    assert_eq!(merged.ok()["family_name"], "Vrabec");

    for patient_id in [ANA, BEN] {
        let of_both = lists(&ada, &desk, patient_id).await;
        for (table, _) in LISTED {
            let expected = &ids(&of_ana, table) | &ids(&of_ben, table);
            assert_eq!(ids(&of_both, table), expected, "{table} of {patient_id}");
        }
        for table in ["appointments", "visits", "follow_ups"] {
            for item in of_both[table].values() {
                assert_eq!(item["patient"]["id"], ANA, "{table}");
                assert_eq!(item["patient"]["name"], "Ana Vrabec", "{table}");
            }
        }
        for table in [
            "allergies",
            "patient_contacts",
            "patient_alerts",
            "patient_consents",
        ] {
            for item in of_both[table].values() {
                assert_eq!(item["patient_id"], ANA, "{table}");
            }
        }
        let read = desk.get(&format!("/patients/{patient_id}")).await.ok();
        assert_eq!(
            (&read["id"], &read["given_name"]),
            (&json!(ANA), &json!("Ana"))
        );
        let exported = ada
            .get(&format!("/patients/{patient_id}/export"))
            .await
            .ok();
        assert_eq!(exported["tables"]["patients"].as_array().unwrap().len(), 2);
    }
    assert_eq!(
        clinic.ask(snapshot).await,
        sealed,
        "no sealed row is rewritten"
    );
    for visit_id in ids(&of_ben, "visits") {
        let seal = ada.get(&format!("/visits/{visit_id}/seal")).await.ok();
        assert_eq!(seal["intact"], true);
    }

    let current = desk.get(&format!("/patients/{ANA}")).await.etag();
    let parted = desk
        .act(&format!("/patients/{ANA}/unmerge"), &current, duplicate)
        .await;
    assert_eq!(parted.ok()["id"], ANA);
    assert_eq!(lists(&ada, &desk, ANA).await, of_ana);
    assert_eq!(lists(&ada, &desk, BEN).await, of_ben);
    let ben = desk.get(&format!("/patients/{BEN}")).await.ok();
    assert_eq!(
        (&ben["id"], &ben["given_name"]),
        (&json!(BEN), &json!("Ben"))
    );
    let acts = clinic
        .ask(
            "SELECT string_agg(action || ' ' || patient_id, ', ' ORDER BY action, patient_id) \
             FROM audit_events, unnest(patient_ids) AS patient_id WHERE action IN ('patients.merge', 'patients.unmerge')",
        )
        .await;
    assert_eq!(
        acts,
        format!(
            "patients.merge {ANA}, patients.merge {BEN}, \
             patients.unmerge {ANA}, patients.unmerge {BEN}"
        )
    );
}

/// What there is under a record beside what [`lay_down`] leaves, and what paths call all of it.
async fn names(clinic: &Clinic, patient_id: &str) -> BTreeMap<String, String> {
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    let done = crate::care::completed_for(&ada, patient_id).await;
    let harm = json!({
        "event_code": "vasovagal", "grade": 2, "onset_at": "2026-03-02T14:00:00Z",
    });
    let harms = format!("/procedures/{}/adverse-events", name(&done));
    let harm = posted(&ada, &harms, harm).await;
    let series = json!({
        "patient_id": patient_id, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "first_starts_at": "2026-03-17T10:00:00-04:00", "count": 2,
        "every_weeks": 1,
    });
    let series = posted(&desk, "/appointment-series", series).await;
    let wish = json!({
        "patient_id": patient_id, "appointment_type_id": FOLLOW_UP, "priority": 3,
        "earliest": "2026-03-09T08:00:00-04:00", "latest": "2026-03-13T17:00:00-04:00",
    });
    let wish = posted(&desk, "/waitlist", wish).await;
    let listed = lists(&ada, &desk, patient_id).await;
    let first = |table: &str| listed[table].keys().next().unwrap().clone();
    let visit_id = done["visit_id"].as_str().unwrap().to_owned();
    let palpated = listed["visits"].keys().find(|id| **id != visit_id).unwrap();
    let palpations = ada
        .get(&format!("/visits/{palpated}/trigger-points"))
        .await
        .ok();
    let named = [
        ("visit_id", palpated.clone()),
        ("palpation_id", name(&palpations["items"][0])),
        ("procedure_id", name(&done)),
        ("adverse_event_id", name(&harm)),
        ("series_id", name(&series)),
        ("waitlist_entry_id", name(&wish)),
        ("appointment_id", first("appointments")),
        ("follow_up_id", first("follow_ups")),
        ("treatment_plan_id", first("treatment_plans")),
        ("assessment_id", first("assessments")),
        ("allergy_id", first("allergies")),
        ("medication_id", first("medications")),
        ("condition_id", first("conditions")),
        ("contact_id", first("patient_contacts")),
        ("alert_id", first("patient_alerts")),
        ("consent_id", first("patient_consents")),
        ("entry_date", "2026-02-28".to_owned()),
    ];
    named
        .into_iter()
        .map(|(parameter, id)| (parameter.to_owned(), id))
        .collect()
}

fn filled(path: &str, names: &BTreeMap<String, String>) -> Option<String> {
    let part = |part: &str| match part.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
        Some(parameter) if NOBODYS.contains(&parameter) => None,
        Some(parameter) => {
            let id = names.get(parameter);
            Some(
                id.unwrap_or_else(|| panic!("nothing stands for {parameter} of {path}"))
                    .clone(),
            )
        }
        None => Some(part.to_owned()),
    };
    let parts: Option<Vec<String>> = path.split('/').map(part).collect();
    Some(parts?.join("/"))
}

#[actix_web::test]
async fn after_a_merge_no_read_there_is_names_the_duplicate() {
    let clinic = Clinic::open().await;
    lay_down(&clinic, BEN, 10, "2026-02-28").await;
    let mut names = names(&clinic, BEN).await;
    let desk = clinic.front_desk().await;
    let merge = format!("/patients/{ANA}/merge");
    desk.act_now(&merge, json!({ "duplicate_id": BEN }))
        .await
        .ok();
    let readers = [
        clinic.provider().await,
        desk,
        clinic.admin().await,
        clinic.other_patient().await,
    ];
    let document = readers[0].get("/openapi.json").await.ok();
    let (mut answered, mut naming, mut silent) = (0, BTreeSet::new(), BTreeSet::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        if item.get("get").is_none() || SAYS_THE_RECORD.contains(&path.as_str()) {
            continue;
        }
        let mut has_answered = false;
        for patient_id in [ANA, BEN] {
            names.insert("patient_id".to_owned(), patient_id.to_owned());
            let Some(asked) = filled(path, &names) else {
                has_answered = true;
                continue;
            };
            for reader in &readers {
                let asked = asked.trim_start_matches("/api/v1");
                let reply = reader.get(asked).await;
                if reply.status == 200 {
                    (answered, has_answered) = (answered + 1, true);
                    if reply.body.to_string().contains(BEN) {
                        naming.insert(path.clone());
                    }
                }
            }
        }
        if !has_answered && path.contains('{') && !ASKS_FOR_MORE.contains(&path.as_str()) {
            silent.insert(path.clone());
        }
    }
    assert_eq!(
        naming,
        BTreeSet::new(),
        "they show the record, not the person"
    );
    assert_eq!(silent, BTreeSet::new(), "nobody got an answer");
    assert!(answered > 100, "{answered}");
}

#[actix_web::test]
async fn a_merge_is_refused_while_the_person_would_be_in_two_places() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let booking = |patient_id: &str, provider_id: &str, at: &str| {
        json!({
            "patient_id": patient_id, "appointment_type_id": FOLLOW_UP,
            "provider_id": provider_id, "location_id": MAIN_STREET, "starts_at": at,
        })
    };
    let ten = "2026-03-03T10:00:00-05:00";
    let one = posted(&desk, "/appointments", booking(ANA, ADA, ten)).await;
    let other = posted(&desk, "/appointments", booking(BEN, BO, ten)).await;
    let merge = format!("/patients/{ANA}/merge");
    let duplicate = json!({ "duplicate_id": BEN });
    let refused = assert_problem!(
        desk.act_now(&merge, duplicate.clone()).await,
        409,
        "/problems/merge-conflict"
    );
    let both: BTreeSet<String> = [name(&one), name(&other)].into();
    let named = refused.body["appointment_ids"].as_array().unwrap();
    let named: BTreeSet<String> = named
        .iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(named, both);
    let moved = json!({ "starts_at": "2026-03-03T11:00:00-05:00" });
    desk.act_now(&format!("/appointments/{}/reschedule", name(&other)), moved)
        .await
        .ok();
    desk.act_now(&merge, duplicate.clone()).await.ok();

    // One person is in one place, whichever of their records is named or has the appointment.
    for patient_id in [ANA, BEN] {
        for at in [ten, "2026-03-03T11:00:00-05:00"] {
            let provider_id = if at == ten { BO } else { ADA };
            let twice = desk.post("/appointments", booking(patient_id, provider_id, at));
            let twice = assert_problem!(twice.await, 409, "/problems/slot-taken");
            assert_eq!(twice.body["taken"], json!(["patient"]));
        }
    }
    let onto = format!("/appointments/{}/reschedule", name(&other));
    let onto = desk.act_now(&onto, json!({ "starts_at": ten }));
    assert_problem!(onto.await, 409, "/problems/slot-taken");
    let new = posted(
        &desk,
        "/appointments",
        booking(BEN, ADA, "2026-03-03T14:00:00-05:00"),
    );
    assert_eq!(new.await["patient"]["id"], ANA);

    desk.act_now(&format!("/patients/{ANA}/unmerge"), duplicate)
        .await
        .ok();
    let apart = booking(ANA, ADA, "2026-03-03T11:00:00-05:00");
    posted(&desk, "/appointments", apart).await;
}

#[actix_web::test]
async fn what_cannot_be_merged_or_parted_is_refused() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let merge = format!("/patients/{ANA}/merge");
    let with = |id: &str| json!({ "duplicate_id": id });
    for unknown in [ANA, ZED, MAIN_STREET] {
        let refused = desk.act_now(&merge, with(unknown)).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec!["/duplicate_id".to_owned()])
        );
    }
    let foreign = desk
        .act_now(&format!("/patients/{ZED}/merge"), with(ANA))
        .await;
    assert_problem!(foreign, 404, "/problems/not-found");
    let stale = desk.act(&merge, "\"v9\"", with(BEN)).await;
    assert_problem!(stale, 412, "/problems/stale-version");
    let bare = desk.post(&merge, with(BEN)).await;
    assert_problem!(bare, 428, "/problems/version-required");
    let apart = desk
        .act_now(&format!("/patients/{ANA}/unmerge"), with(BEN))
        .await;
    assert_problem!(apart, 409, "/problems/not-merged");
    for closed in [
        clinic.provider().await,
        clinic.assistant().await,
        clinic.patient().await,
        clinic.auditor().await,
    ] {
        for verb in ["merge", "unmerge"] {
            let path = format!("/patients/{ANA}/{verb}");
            assert_problem!(
                closed.act_now(&path, with(BEN)).await,
                403,
                "/problems/not-allowed"
            );
        }
    }
    desk.act_now(&merge, with(BEN)).await.ok();
    let again = desk.act_now(&merge, with(BEN)).await;
    let again = assert_problem!(again, 409, "/problems/already-merged");
    assert_eq!(again.body["merged_into"], ANA);
    let other_way = desk
        .act_now(&format!("/patients/{BEN}/merge"), with(CLEO))
        .await;
    assert_problem!(other_way, 409, "/problems/already-merged");
}

#[actix_web::test]
async fn merges_of_merged_records_are_taken_back_one_by_one() {
    let clinic = Clinic::open().await;
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    for patient_id in [ANA, BEN, CLEO] {
        let allergy = json!({ "substance": patient_id });
        posted(&ada, &format!("/patients/{patient_id}/allergies"), allergy).await;
    }
    let count = async |patient_id: &str| {
        let listed = ada.get(&format!("/patients/{patient_id}/allergies")).await;
        listed.ok()["items"].as_array().unwrap().len()
    };
    let act = async |patient_id: &str, verb: &str, duplicate_id: &str| {
        let body = json!({ "duplicate_id": duplicate_id });
        desk.act_now(&format!("/patients/{patient_id}/{verb}"), body)
            .await
            .ok()
    };
    act(BEN, "merge", CLEO).await;
    act(ANA, "merge", BEN).await;
    assert_eq!((count(ANA).await, count(CLEO).await), (3, 3));
    act(ANA, "unmerge", BEN).await;
    assert_eq!(
        (count(ANA).await, count(BEN).await, count(CLEO).await),
        (1, 2, 2)
    );
    act(BEN, "unmerge", CLEO).await;
    assert_eq!(
        (count(ANA).await, count(BEN).await, count(CLEO).await),
        (1, 1, 1)
    );
    act(BEN, "merge", CLEO).await;
    assert_eq!(count(BEN).await, 2);
}

#[actix_web::test]
async fn an_account_of_one_record_reaches_the_person_while_they_are_merged() {
    let clinic = Clinic::open().await;
    let (ada, desk) = (clinic.provider().await, clinic.front_desk().await);
    let allergy = json!({ "substance": "Lidocaine" });
    posted(&ada, &format!("/patients/{ANA}/allergies"), allergy.clone()).await;
    posted(&ada, &format!("/patients/{BEN}/allergies"), allergy).await;
    let ben = clinic.other_patient().await;
    let of_ana = format!("/patients/{ANA}/allergies");
    assert_eq!(ben.get(&of_ana).await.status, 404);
    let duplicate = json!({ "duplicate_id": BEN });
    desk.act_now(&format!("/patients/{ANA}/merge"), duplicate.clone())
        .await
        .ok();
    let before = ben.get(&of_ana).await;
    assert_problem!(before, 404, "/problems/not-found");
    // What was theirs before is theirs still, though the record that stands for the person is out of reach.
    let own = format!("/patients/{BEN}");
    for part in [
        "timeline",
        "trigger-points",
        "outcomes",
        "assessments",
        "treatment-plans",
    ] {
        ben.get(&format!("{own}/{part}")).await.ok();
    }
    let wish = json!({
        "patient_id": BEN, "appointment_type_id": FOLLOW_UP, "earliest": "2026-03-02T00:00:00-05:00",
        "latest": "2026-03-08T00:00:00-05:00",
    });
    let refused = ben.post("/waitlist", wish.clone()).await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (422, vec!["/patient_id".to_owned()])
    );
    for account in [clinic.other_patient().await, clinic.patient().await] {
        for patient_id in [ANA, BEN] {
            let listed = account
                .get(&format!("/patients/{patient_id}/allergies"))
                .await
                .ok();
            assert_eq!(listed["items"].as_array().unwrap().len(), 2);
        }
        assert_eq!(account.get(&format!("/patients/{CLEO}")).await.status, 404);
    }
    let ben = clinic.other_patient().await;
    let waits = ben.post("/waitlist", wish).await.created();
    assert_eq!(waits["patient"]["id"], ANA);
    desk.act_now(&format!("/patients/{ANA}/unmerge"), duplicate)
        .await
        .ok();
    let ben = clinic.other_patient().await;
    assert_eq!(ben.get(&of_ana).await.status, 404);
    let own = ben.get(&format!("/patients/{BEN}/allergies")).await.ok();
    assert_eq!(own["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_person_is_found_by_the_name_and_number_of_every_record() {
    let clinic = Clinic::open().await;
    let desk = clinic.front_desk().await;
    let found = async |wanted: Value| {
        let found = desk.post("/patients/search", wanted).await.ok();
        let items = found["items"].as_array().unwrap();
        items.iter().map(name).collect::<Vec<_>>()
    };
    desk.act_now(
        &format!("/patients/{ANA}/merge"),
        json!({ "duplicate_id": BEN }),
    )
    .await
    .ok();
    for wanted in [
        json!({ "name": "Okafor" }),
        json!({ "name": "Vrabec" }),
        json!({ "mrn": "P-BEN00001" }),
        json!({ "phone": "+1 555 0102" }),
        json!({ "mrn": "P-ANA00001" }),
    ] {
        assert_eq!(found(wanted.clone()).await, [ANA], "{wanted}");
    }
    let everybody: BTreeSet<String> = found(json!({})).await.into_iter().collect();
    assert_eq!(everybody, [ANA.to_owned(), CLEO.to_owned()].into());
    desk.act_now(&format!("/patients/{CLEO}/archive"), Value::Null)
        .await
        .ok();
    assert_eq!(found(json!({ "name": "Müller" })).await, [""; 0]);
    let booking = json!({
        "patient_id": CLEO, "appointment_type_id": FOLLOW_UP, "provider_id": ADA,
        "location_id": MAIN_STREET, "starts_at": "2026-03-03T10:00:00-05:00",
    });
    let refused = desk.post("/appointments", booking).await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (422, vec!["/patient_id".to_owned()])
    );
}

#[actix_web::test]
async fn a_timeline_is_one_list_newest_first_of_what_the_role_may_see() {
    let clinic = Clinic::open().await;
    lay_down(&clinic, ANA, 9, "2026-03-01").await;
    let ada = clinic.provider().await;
    let path = format!("/patients/{ANA}/timeline");
    let all = ada.get(&path).await.ok();
    let all = all["items"].as_array().unwrap();
    let kinds: Vec<&str> = all.iter().map(|of| of["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "appointment",
            "follow_up",
            "procedure",
            "visit",
            "assessment",
            "outside_dose"
        ]
    );
    assert_eq!(all[0]["at"], "2026-03-03T09:00:00-05:00");
    assert_eq!(
        (&all[0]["title"], &all[0]["status"]),
        (&json!("Follow-up"), &json!("booked"))
    );
    assert_eq!(all[3]["status"], "signed");
    assert_eq!(all[4]["at"], "2026-03-01T00:00:00-05:00");
    let mut paged = Vec::new();
    let mut next = format!("{path}?limit=1");
    loop {
        let page = ada.get(&next).await.ok();
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        next = format!("{path}?limit=1&cursor={cursor}");
    }
    assert_eq!(&paged, all);
    let seen = async |by: Client| {
        let seen = by.get(&path).await.ok();
        let kinds = seen["items"].as_array().unwrap().iter();
        kinds
            .map(|of| of["kind"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(seen(clinic.admin().await).await, ["appointment"]);
    assert_eq!(
        seen(clinic.front_desk().await).await,
        ["appointment", "follow_up"]
    );
    assert_eq!(seen(clinic.assistant().await).await, kinds);
    assert_eq!(seen(clinic.patient().await).await, kinds);
    let hidden = clinic
        .front_desk()
        .await
        .get(&format!("{path}?kind=visit"))
        .await;
    assert_eq!(hidden.ok()["items"], json!([]));
    let open = walk_in(&ada, ANA).await;
    let own = clinic
        .patient()
        .await
        .get(&format!("{path}?kind=visit"))
        .await
        .ok();
    assert_eq!(
        own["items"].as_array().unwrap().len(),
        1,
        "{open} is not signed"
    );
    assert_problem!(
        clinic.auditor().await.get(&path).await,
        403,
        "/problems/not-allowed"
    );
    for foreign in [
        clinic.other_patient().await,
        clinic.stranger("provider").await,
    ] {
        assert_problem!(foreign.get(&path).await, 404, "/problems/not-found");
    }
}

#[actix_web::test]
async fn an_export_holds_every_row_there_is_of_a_patient() {
    let clinic = Clinic::open().await;
    lay_down(&clinic, ANA, 9, "2026-03-01").await;
    let (ada, ana) = (clinic.provider().await, clinic.patient().await);
    let path = format!("/patients/{ANA}/export");
    let exported = ada.get(&path).await.ok();
    assert_eq!(exported["patient"]["id"], ANA);
    let tables = exported["tables"].as_object().unwrap();
    let counted = clinic
        .ask(&format!(
            "SELECT json_object_agg(t.table_name, (xpath('/row/n/text()', query_to_xml(format( \
             'SELECT count(*) AS n FROM %I WHERE patient_id = %L', t.table_name, '{ANA}'), \
             false, true, '')))[1]::text)::text FROM information_schema.columns t \
             WHERE t.table_schema = 'public' AND t.column_name = 'patient_id' \
             AND t.table_name <> 'audit_events'"
        ))
        .await;
    let counted: BTreeMap<String, String> = serde_json::from_str(&counted).unwrap();
    for (table, count) in &counted {
        let rows = tables[table].as_array().unwrap();
        assert_eq!(&rows.len().to_string(), count, "{table}");
    }
    for (table, _) in LISTED {
        assert_ne!(counted[table], "0", "{table}");
    }
    assert_eq!(
        tables["patients"][0]["weight_kg"], "70.00",
        "decimals are text"
    );
    assert!(tables["patients"][0].get("search_name").is_none());
    walk_in(&ada, ANA).await;
    let visits = |of: &Value| of["tables"]["visits"].as_array().unwrap().len();
    assert_eq!(visits(&ada.get(&path).await.ok()), 2);
    assert_eq!(
        visits(&ana.get(&path).await.ok()),
        1,
        "patients take out what is signed"
    );
    clinic.assistant().await.get(&path).await.ok();
    for closed in [
        clinic.admin().await,
        clinic.front_desk().await,
        clinic.auditor().await,
    ] {
        assert_problem!(closed.get(&path).await, 403, "/problems/not-allowed");
    }
    for foreign in [
        clinic.other_patient().await,
        clinic.stranger("provider").await,
    ] {
        assert_problem!(foreign.get(&path).await, 404, "/problems/not-found");
    }
}
