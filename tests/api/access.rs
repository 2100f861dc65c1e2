//! Who gets what answer: every operation of the document, asked by everybody. The table stands in
//! `snapshots/`, so that a new route, or another answer, is seen and judged before it lands.

use std::collections::BTreeMap;
use std::fmt::Write;

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::harness::*;

/// Who asks, from the least to the most, so that a refusal is tried before the deed.
const COLUMNS: [&str; 9] = [
    "nobody",
    "other practice",
    "other patient",
    "auditor",
    "patient",
    "assistant",
    "provider",
    "front desk",
    "admin",
];

const STRANGERS: [&str; 4] = ["patient", "desk", "provider", "admin"];

/// The only doors that open without a token.
const PUBLIC: [&str; 13] = [
    "GET /.well-known/jwks.json",
    "GET /calendar/{token}.ics",
    "GET /health/live",
    "GET /health/ready",
    "POST /api/v1/auth/activate",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/login/mfa",
    "POST /api/v1/auth/password/forgot",
    "POST /api/v1/auth/password/reset",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/sso/finish",
    "POST /api/v1/auth/sso/start",
    "POST /api/v1/invitations/accept",
];

/// One record of every kind, and every operation on them.
pub(super) struct Story<'a> {
    clinic: &'a Clinic,
    document: Value,
    /// What stands for each path parameter: records of Riverside, Ana's where they are somebody's.
    ids: BTreeMap<String, String>,
}

/// An operation of the document.
pub(super) struct Operation {
    pub(super) method: Method,
    path: String,
    /// What the query must say.
    query: Vec<String>,
    body: Option<Value>,
}

impl Operation {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

fn parameters(path: &str) -> Vec<String> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(ToOwned::to_owned)
        .collect()
}

impl<'a> Story<'a> {
    /// Makes the records.
    pub(super) async fn begin(clinic: &'a Clinic) -> Self {
        let document = clinic.anonymous().get("/openapi.json").await.ok();
        let mut story = Self {
            clinic,
            document,
            ids: BTreeMap::new(),
        };
        story.fill().await;
        story
    }

    pub(super) fn operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in self.document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let Ok(method) = method.to_uppercase().parse::<Method>() else {
                    continue;
                };
                let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
                operations.push(Operation {
                    query: self.query(operation),
                    body: (!schema.is_null()).then(|| self.body(&method, path, schema)),
                    method,
                    path: path.clone(),
                });
            }
        }
        // What is to be read is read before it is changed, and taken away or stopped last.
        operations.sort_by_key(|one| match one.method {
            Method::GET => 0,
            Method::DELETE => 2,
            _ if one.path.ends_with("/stop") => 2,
            _ => 1,
        });
        operations
    }

    fn query(&self, operation: &Value) -> Vec<String> {
        let parameters = operation["parameters"].as_array();
        let referred = |one: &Value| {
            let reference = one["$ref"].as_str().unwrap_or_default();
            let named = self.document.pointer(reference.trim_start_matches('#'));
            named
                .filter(|_| !reference.is_empty())
                .unwrap_or(one)
                .clone()
        };
        let required = |one: &Value| one["in"] == "query" && one["required"] == true;
        parameters
            .into_iter()
            .flatten()
            .map(referred)
            .filter(required)
            .map(|one| {
                let name = one["name"].as_str().unwrap();
                let value = match &one["example"] {
                    Value::Null => self.example(&one["schema"], name),
                    example => example.clone(),
                };
                format!("{name}={}", value.as_str().unwrap())
            })
            .collect()
    }

    /// Content that the operation takes from whoever may send it.
    fn body(&self, method: &Method, path: &str, schema: &Value) -> Value {
        let mut body = self.example(schema, "");
        let needle = json!({
            "muscle_code": "temporalis", "side": "left", "view": "HN_LAT_L", "x": "0.45",
            "y": "0.25", "needle_gauge": 30, "needle_length_mm": 13,
        });
        let own = match (method.as_str(), path.trim_start_matches("/api/v1")) {
            ("POST", "/appointments") => {
                json!({ "appointment_type_id": TPI, "starts_at": "2026-03-03T14:00:00-05:00" })
            }
            ("POST", "/appointments/{appointment_id}/reschedule") => {
                json!({ "starts_at": "2026-03-04T14:00:00-05:00" })
            }
            // On a Saturday, out of the way of bookings.
            (
                "POST",
                "/closures"
                | "/providers/{provider_id}/time-off"
                | "/providers/{provider_id}/extra-hours",
            ) => json!({
                "starts_at": "2026-04-11T10:00:00-04:00", "ends_at": "2026-04-11T12:00:00-04:00",
            }),
            ("POST", "/calendar-feeds") => json!({ "provider_id": ADA }),
            ("POST", "/appointment-series") => {
                json!({ "first_starts_at": "2026-03-05T10:00:00-05:00" })
            }
            ("POST", "/visits") => {
                json!({ "patient_id": ANA, "provider_id": ADA, "location_id": MAIN_STREET })
            }
            ("POST", "/patients/{patient_id}/diary") => json!({ "entry_date": "2026-03-02" }),
            ("POST", "/patients/{patient_id}/conditions") => json!({ "code": "G43.709" }),
            ("POST", "/patients/{patient_id}/contacts") => json!({ "phone": "+1 555 0177" }),
            ("POST", "/muscles") => {
                json!({ "chart_point": { "view": "HN_POST", "x": "0.4", "y": "0.2" } })
            }
            ("POST", "/patients/{patient_id}/assessments") => {
                json!({ "instrument": "nrs", "score": 4 })
            }
            ("POST", "/visits/{visit_id}/trigger-points") => json!({
                "muscle_code": "temporalis", "side": "left", "view": "HN_LAT_L", "x": "0.45",
                "y": "0.25",
            }),
            ("PUT", "/procedures/{procedure_id}/time-out") => json!({ "anticoagulants_ok": true }),
            ("POST", "/procedures/{procedure_id}/begin") => json!({ "time_out": {
                "patient_ok": true, "procedure_ok": true, "site_ok": true, "allergies_ok": true,
                "anticoagulants_ok": true,
            } }),
            ("POST", "/lots/{lot_id}/correct") => json!({ "value": "2027-02-28" }),
            ("POST", "/procedures/{procedure_id}/injections") => needle,
            ("POST", "/procedures/{procedure_id}/injections/batch") => {
                let least = &mut body["injections"][0];
                least
                    .as_object_mut()
                    .unwrap()
                    .extend(needle.as_object().unwrap().clone());
                json!({})
            }
            // A change would lock everybody out of the rest.
            ("DELETE", "/auth/mfa") | ("POST", "/auth/password") => {
                json!({ "current_password": "not the current one" })
            }
            ("POST", "/auth/login") => {
                json!({ "email": "nobody@riverside.example", "password": "nobody has this" })
            }
            _ => json!({}),
        };
        if let (Some(body), Value::Object(own)) = (body.as_object_mut(), own) {
            body.extend(own);
        }
        body
    }

    /// The least that a schema takes, with the story's own records where a field names one.
    fn example(&self, schema: &Value, name: &str) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let referred = self
                .document
                .pointer(reference.trim_start_matches('#'))
                .unwrap();
            return self.example(referred, name);
        }
        for key in ["const", "default", "example"] {
            if !schema[key].is_null() {
                return schema[key].clone();
            }
        }
        if let Some(first) = schema["examples"].get(0).or(schema["enum"].get(0)) {
            return first.clone();
        }
        for key in ["oneOf", "anyOf", "allOf"] {
            if let Some(choices) = schema[key].as_array() {
                let first = choices.iter().find(|choice| choice["type"] != "null");
                return self.example(first.unwrap(), name);
            }
        }
        let kind = schema["type"].as_str().or_else(|| {
            let kinds = schema["type"].as_array()?;
            kinds
                .iter()
                .filter_map(Value::as_str)
                .find(|kind| *kind != "null")
        });
        match kind {
            Some("object") | None => {
                let mut object = Map::new();
                for required in schema["required"].as_array().into_iter().flatten() {
                    let required = required.as_str().unwrap();
                    let value = self.example(&schema["properties"][required], required);
                    object.insert(required.to_owned(), value);
                }
                // One of two is asked for, which a schema does not say by itself.
                for one_of_two in ["quantity_ml", "change_ml"] {
                    if schema["properties"].get(one_of_two).is_some() {
                        object.insert(one_of_two.to_owned(), json!("1"));
                    }
                }
                Value::Object(object)
            }
            Some("array") => {
                let least = schema["minItems"].as_u64().unwrap_or(0);
                let item = || self.example(&schema["items"], name);
                Value::Array((0..least).map(|_| item()).collect())
            }
            Some("string") => self.text(schema, name),
            Some("boolean") => json!(true),
            _ => schema.get("minimum").cloned().unwrap_or(json!(1)),
        }
    }

    fn text(&self, schema: &Value, name: &str) -> Value {
        let name = match name {
            "from_visit" | "to_visit" => "visit_id",
            name => name,
        };
        if let Some(id) = self.ids.get(name) {
            return json!(id);
        }
        let by_name = match name {
            "starts_at" | "first_starts_at" | "due_from" | "earliest" => {
                "2026-03-03T10:00:00-05:00"
            }
            "ends_at" | "due_by" | "latest" => "2026-03-03T12:00:00-05:00",
            // Months, where a report asks for them.
            "from" | "to" if schema["maxLength"] == 7 => "2026-02",
            "indication_codes" => "M79.18",
            "time_zone" => "America/New_York",
            "volume_ml" => "1",
            "lot_id" => LIDOCAINE,
            "drug_code" => "lidocaine",
            "therapy_code" => "massage_deep_tissue",
            "password" | "new_password" => "nine slow cedar boats",
            "expires_on" | "valid_until" => "2027-01-31",
            _ => match schema["format"].as_str() {
                Some("uuid") => ANA,
                Some("date") => "2026-03-02",
                Some("date-time") => "2026-03-02T10:00:00-05:00",
                Some("email") => "someone@riverside.example",
                _ if schema["pattern"]
                    .as_str()
                    .is_some_and(|it| it.contains("[0-9]")) =>
                {
                    "1"
                }
                _ => "Something in words",
            },
        };
        json!(by_name)
    }

    fn path(&self, path: &str) -> String {
        parameters(path).iter().fold(path.to_owned(), |path, name| {
            let id = self.ids.get(name);
            let id = id.unwrap_or_else(|| panic!("nothing stands for {name} of {path}"));
            path.replace(&format!("{{{name}}}"), id)
        })
    }

    /// Where the operation is, with the story's records in it.
    pub(super) fn address(&self, operation: &Operation) -> String {
        let query = operation.query.join("&");
        format!("/{}?{query}", self.path(&operation.path))
    }

    pub(super) async fn ask(&self, who: &Client, operation: &Operation) -> Reply {
        let path = self.address(operation);
        let any = versions("*");
        let mut headers = vec![("if-match", any.as_str())];
        if operation.body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = operation
            .body
            .as_ref()
            .map(|body| body.to_string().into_bytes());
        let body = if operation.method == Method::GET {
            None
        } else {
            body
        };
        who.send(operation.method.clone(), &path, &headers, body)
            .await
    }

    /// Makes one record of a collection, by whoever may, and lets it stand for the parameter.
    async fn make(&mut self, name: &str, collection: &str) {
        let operations = self.operations();
        let creates = operations
            .iter()
            .find(|one| one.method == Method::POST && one.path == collection)
            .unwrap_or_else(|| panic!("nothing makes what {name} names"));
        let makers = [
            self.clinic.provider().await,
            self.clinic.admin().await,
            self.clinic.front_desk().await,
        ];
        let mut answers = Vec::new();
        for maker in &makers {
            let reply = self.ask(maker, creates).await;
            if reply.status == 201 {
                let id = reply.body["id"].as_str().unwrap().to_owned();
                self.ids.insert(name.to_owned(), id);
                return;
            }
            answers.push(reply.body);
        }
        panic!("nobody could make what {name} names: {answers:?}");
    }

    /// Everything a path names: what tests' clinics have, and one new record of every other kind.
    async fn fill(&mut self) {
        for (name, id) in [
            ("patient_id", ANA),
            ("provider_id", ADA),
            ("location_id", MAIN_STREET),
            ("room_id", ROOM_ONE),
            ("appointment_type_id", FOLLOW_UP),
            ("drug_code", "lidocaine"),
            ("entry_date", "2026-03-02"),
            // Dr Bo, who asks nothing here.
            ("user_id", "01900000-0000-7000-8000-000000000104"),
        ] {
            self.ids.insert(name.to_owned(), id.to_owned());
        }
        let ada = self.clinic.provider().await;
        let sets = ada.get("/rule-sets").await.ok();
        let version = sets["items"][0]["version"].as_str().unwrap().to_owned();
        self.ids.insert("rule_version".to_owned(), version);
        let sessions = self.clinic.patient().await.get("/auth/sessions").await.ok();
        let session = sessions["items"][0]["id"].as_str().unwrap().to_owned();
        self.ids.insert("session_id".to_owned(), session);

        // These stand below a procedure under way, which the table itself does not begin.
        let path = under_way(&ada, ANA).await;
        let solution_id = drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
        let needle = inject(&ada, &path, site(&solution_id, "0.5")).await;
        self.ids.insert("solution_id".to_owned(), solution_id);
        self.ids.insert("injection_id".to_owned(), id(&needle));
        let vial = ada
            .post(&format!("/lots/{LIDOCAINE}/vials"), json!({}))
            .await;
        let vial = vial.created();
        let harm = json!({
            "event_code": "vasovagal", "grade": 2, "onset_at": "2026-03-02T14:00:00Z",
        });
        let harm = ada.post(&format!("{path}/adverse-events"), harm).await;
        let from = json!({ "from": "template", "template_code": "headache_muscles" });
        let drafts = ada.post(&format!("{path}/drafts"), from).await.created();
        for (name, record) in [
            ("vial_id", vial),
            ("adverse_event_id", harm.created()),
            ("draft_id", drafts["items"][0].clone()),
        ] {
            self.ids.insert(name.to_owned(), id(&record));
        }

        let paths: Vec<String> = self.operations().into_iter().map(|one| one.path).collect();
        // A record stands under its collection: `/visits/{visit_id}` under `/visits`. Parents first.
        let mut wanted: Vec<(String, String)> = Vec::new();
        for path in &paths {
            for name in parameters(path) {
                let end = path.find(&format!("/{{{name}}}")).unwrap();
                let collection = path.get(..end).unwrap().to_owned();
                let depth = |path: &str| path.matches('/').count();
                match wanted.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, other)) if depth(other) < depth(&collection) => *other = collection,
                    Some(_) => {}
                    None => wanted.push((name, collection)),
                }
            }
        }
        for (name, collection) in self.in_order(wanted, &paths) {
            self.make(&name, &collection).await;
        }
    }

    fn in_order(&self, wanted: Vec<(String, String)>, paths: &[String]) -> Vec<(String, String)> {
        let mut wanted: Vec<_> = wanted
            .into_iter()
            .filter(|(name, _)| !self.ids.contains_key(name))
            .map(|(name, collection)| (collection_of(&name, &collection, paths), name))
            .collect();
        wanted.sort_by_key(|(collection, name)| (parameters(collection).len(), name.clone()));
        wanted.sort_by_key(|(collection, _)| {
            let needs = parameters(collection);
            needs
                .iter()
                .filter(|one| !self.ids.contains_key(*one))
                .count()
        });
        wanted
            .into_iter()
            .map(|(collection, name)| (name, collection))
            .collect()
    }
}

/// Where a record is made: in its own collection, or, where that takes no POST, in the one of the
/// same name below another record.
fn collection_of(name: &str, collection: &str, paths: &[String]) -> String {
    let own = match name {
        "procedure_id" => "/api/v1/visits/{visit_id}/procedures",
        "palpation_id" => "/api/v1/visits/{visit_id}/trigger-points",
        "follow_up_id" => "/api/v1/patients/{patient_id}/follow-ups",
        "assessment_id" => "/api/v1/patients/{patient_id}/assessments",
        "treatment_plan_id" => "/api/v1/patients/{patient_id}/treatment-plans",
        _ => collection,
    };
    assert!(paths.iter().any(|path| path == own), "{own}");
    own.to_owned()
}

async fn sign_in(clinic: &Clinic, column: &str) -> Client {
    match column {
        "nobody" => clinic.anonymous(),
        "other patient" => clinic.other_patient().await,
        "auditor" => clinic.auditor().await,
        "patient" => clinic.patient().await,
        "assistant" => clinic.assistant().await,
        "provider" => clinic.provider().await,
        "front desk" => clinic.front_desk().await,
        _ => clinic.admin().await,
    }
}

/// Everybody who asks, signed in: each column, and the roles of Hillside.
async fn everybody(clinic: &Clinic) -> BTreeMap<String, Client> {
    let mut clients = BTreeMap::new();
    for column in COLUMNS.into_iter().filter(|one| *one != "other practice") {
        clients.insert(column.to_owned(), sign_in(clinic, column).await);
    }
    for role in STRANGERS {
        let client = clinic.stranger(role).await;
        clients.insert(format!("{role} of Hillside"), client);
    }
    clients
}

#[tokio::test]
async fn every_operation_answers_everybody_as_the_table_says() {
    let clinic = Clinic::open().await;
    let story = Story::begin(&clinic).await;
    let mut clients = everybody(&clinic).await;
    let (mut table, mut wrong) = (String::new(), Vec::new());
    writeln!(table, "{:<66} {}", "operation", COLUMNS.join(" | ")).unwrap();
    for operation in story.operations() {
        let name = operation.name();
        let names_a_record = !parameters(&operation.path).is_empty();
        let (mut statuses, mut is_closed) = (Vec::new(), false);
        // Of Hillside, somebody who would get through at home.
        let mut stranger = String::new();
        for role in STRANGERS {
            let role = format!("{role} of Hillside");
            let status = story.ask(&clients[&role], &operation).await.status;
            if stranger.is_empty() || status != 403 {
                stranger = role;
            }
        }
        for column in COLUMNS {
            let name = if column == "other practice" {
                &stranger
            } else {
                column
            };
            let reply = story.ask(&clients[name], &operation).await;
            if column == "nobody" {
                is_closed = reply.body["type"] == "/problems/not-signed-in";
            }
            statuses.push((column, reply.status));
        }
        if operation.path.contains("/auth/") {
            // Some of these end the session of whoever asks.
            clients = everybody(&clinic).await;
        }
        let of = |column: &str| statuses.iter().find(|one| one.0 == column).unwrap().1;
        let mut expect = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{name} {what}: {statuses:?}"));
            }
        };
        expect(
            statuses.iter().all(|(_, status)| *status < 500),
            "fails within",
        );
        let is_public = PUBLIC.contains(&name.as_str());
        expect(is_closed != is_public, "is open to nobody, or should be");
        if names_a_record && !is_catalogue(&operation.path) {
            expect(
                [403, 404].contains(&of("other practice")),
                "is seen from another practice",
            );
        }
        if of("patient") < 300 && operation.path.contains("{patient_id}") {
            expect(of("other patient") == 404, "is seen by another patient");
        }
        let row: Vec<String> = statuses
            .iter()
            .map(|(column, status)| format!("{status:>width$}", width = column.len()))
            .collect();
        writeln!(table, "{name:<66} {}", row.join(" | ")).unwrap();
    }
    assert_eq!(wrong, Vec::<String>::new());
    insta::assert_snapshot!(table);
}

/// Reference data is everybody's.
fn is_catalogue(path: &str) -> bool {
    path.contains("{drug_code}") || path.contains("{rule_version}")
}
